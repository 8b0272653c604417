"""Take a database instance off the internet.

Problem: A database can be reached from the internet. Severity: critical.

Why it matters: a public instance answers to anybody's passwords, as often as they like to try, and to every flaw of its engine.

Wrong when: the instance is publicly accessible.
Fix: it no longer is: its name leads to its private address only. That takes RDS some minutes, but no restart. Undo makes it public again.
RDS applies this at once by itself, so nothing that waits for the maintenance window is applied along with it.
Leaves alone: security groups, and whoever reaches the instance from within its network. An instance that is being created is put right when RDS says that
it is there, one that is stopped is reported, and put right when it is started. Reported only: members of a Multi-AZ DB cluster, which RDS changes for nobody.
Class: disruptive, because whoever reaches it by its public address cannot any more.
At once, because anybody may try passwords from the moment that it answers.
"""

from snapback import Setting
from snapback.rds.databases import DATABASE, NEWS, accused, arn_of_database, calls_about, modify, public_access

remediation = Setting(
    declared_in=__name__,
    resource=DATABASE,
    named_by={**calls_about("db", "CreateDBInstance", "ModifyDBInstance"), NEWS: "SourceArn", "GuardDuty Finding": accused},
    reader=public_access,
    wanted={"PubliclyAccessible": False},
    writer=lambda arn, wanted: modify(arn, **wanted),
    contained="Taken off the internet",
    resolve=arn_of_database,
    disruptive=True,
    controls=("RDS.2",),
)
