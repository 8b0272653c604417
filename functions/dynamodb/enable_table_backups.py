"""Switch a table's point-in-time recovery on.

Why it matters: with it a table can be had as it was at any second of the last weeks, whoever or whatever wrote to it since.

Wrong when: point-in-time recovery of the table is off.
Fix: switches it on, for DynamoDB's own 35 days. Undo switches it off; DynamoDB then deletes what could be recovered.
Leaves alone: tables that have it for fewer days, backups made on demand, replicas in other regions (each region looks after its own), and Snapback's own
journal, which its stack looks after. Reported only: a table of which an index or replica is being made or deleted, if DynamoDB takes no other change meanwhile.
"""

from collections.abc import Sequence

from snapback import Remediation
from snapback.dynamodb.tables import MADE, TABLE, is_recoverable, live, recoverable


def violation(table: str) -> Sequence[dict[str, bool]]:
    """Return that it is off, if it is."""
    return [] if live(table) is None or is_recoverable(table) else [{"PointInTimeRecoveryEnabled": False}]


def fix(table: str, _: object) -> None:
    """Switch it on."""
    recoverable(table, is_on=True)


def undo(table: str, _: object) -> None:
    """Switch it off."""
    recoverable(table, is_on=False)


remediation = Remediation(
    resource=TABLE,
    named_by={**MADE, "UpdateContinuousBackups": "requestParameters.tableName"},
    violation=violation,
    fix=fix,
    undo=undo,
    lags=True,
)
handler = remediation.handler
