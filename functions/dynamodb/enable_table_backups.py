"""Switch a table's point-in-time recovery on.

Problem: A table cannot be restored to a point in time. Severity: medium.

Why it matters: with it a table can be had as it was at any second of the last weeks, whoever or whatever wrote to it since.

Wrong when: point-in-time recovery of the table is off.
Fix: switches it on, for DynamoDB's own 35 days. Undo switches it off; DynamoDB then deletes what could be recovered.
Leaves alone: tables that have it for fewer days, backups made on demand, replicas in other regions (each region looks after its own), and Snapback's own
journal, which its stack looks after. Reported only: a table of which an index or replica is being made or deleted, if DynamoDB takes no other change meanwhile.
Class: safe, because backups take no capacity from reads and writes, and a table that has them can be changed and deleted as before.
"""

from snapback import Setting
from snapback.dynamodb.tables import MADE, TABLE, recovery, set_recovery

remediation = Setting(
    declared_in=__name__,
    resource=TABLE,
    named_by={**MADE, "UpdateContinuousBackups": "requestParameters.tableName"},
    settles=tuple(MADE),
    reader=recovery,
    wanted={"PointInTimeRecoveryEnabled": True},
    writer=set_recovery,
    lags=True,
    controls=("DynamoDB.2",),
)
