"""Switch a table's deletion protection on.

Problem: A table can be deleted by one call. Severity: medium.

Why it matters: without it one wrong call, or one wrong line in a template, deletes the table with all that is in it.

Wrong when: the table's deletion protection is off.
Fix: switches it on. Undo switches it off.
Leaves alone: replicas in other regions (each region looks after its own), and Snapback's own journal, which its stack looks after. Reported only: a table of
which an index or replica is being made or deleted, if DynamoDB takes no other change meanwhile.
Class: disruptive, because a stack that is deleted, rolled back or replaces the table cannot delete it.
"""

from snapback import Setting
from snapback.dynamodb.tables import MADE, TABLE, protection, set_protection

remediation = Setting(
    declared_in=__name__,
    resource=TABLE,
    named_by={**MADE, "UpdateTable": "requestParameters.tableName"},
    settles=tuple(MADE),
    reader=protection,
    wanted={"DeletionProtectionEnabled": True},
    writer=set_protection,
    lags=True,
    disruptive=True,
    controls=("DynamoDB.6",),
)
