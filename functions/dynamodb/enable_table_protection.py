"""Switch a table's deletion protection on.

Why it matters: without it one wrong call, or one wrong line in a template, deletes the table with all that is in it.

Wrong when: the table's deletion protection is off.
Fix: switches it on. Undo switches it off.
Leaves alone: replicas in other regions (each region looks after its own), and Snapback's own journal, which its stack looks after. Reported only: a table of
which an index or replica is being made or deleted, if DynamoDB takes no other change meanwhile.
Class: disruptive, because a stack that is deleted, rolled back or replaces the table cannot delete it.
"""

from collections.abc import Sequence

from snapback import Remediation
from snapback.dynamodb.tables import MADE, TABLE, live, protect


def violation(table: str) -> Sequence[dict[str, bool]]:
    """Return that it is off, if it is."""
    described = live(table)
    return [] if described is None or described.get("DeletionProtectionEnabled") else [{"DeletionProtectionEnabled": False}]


def fix(table: str, _: object) -> None:
    """Switch it on."""
    protect(table, is_on=True)


def undo(table: str, _: object) -> None:
    """Switch it off."""
    protect(table, is_on=False)


remediation = Remediation(
    resource=TABLE,
    named_by={**MADE, "UpdateTable": "requestParameters.tableName"},
    settles=tuple(MADE),
    violation=violation,
    fix=fix,
    undo=undo,
    lags=True,
    disruptive=True,
)
handler = remediation.handler
