"""Take a database instance off the internet.

Why it matters: a public instance answers to anybody's passwords, as often as they like to try, and to every flaw of its engine.

Wrong when: the instance is publicly accessible.
Fix: it no longer is: its name leads to its private address only. That takes RDS some minutes, but no restart. Undo makes it public again.
RDS applies this at once by itself, so nothing that waits for the maintenance window is applied along with it.
Leaves alone: security groups, and whoever reaches the instance from within its network. An instance that is being created is put right when RDS says that
it is there, one that is stopped is reported, and put right when it is started. Reported only: members of a Multi-AZ DB cluster, which RDS changes for nobody.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Remediation
from snapback.rds.databases import DATABASE, NEWS, accused, arn_of_database, calls_about, if_changeable, instance, modify


def violation(arn: str) -> Sequence[Mapping[str, Any]]:
    """Return that the instance is public, if it is."""
    database = instance(arn)
    return if_changeable(database, [{"PubliclyAccessible": True}] if database["PubliclyAccessible"] else [])


def fix(arn: str, _: object) -> None:
    """Make it private."""
    modify(arn, PubliclyAccessible=False)


def undo(arn: str, _: object) -> None:
    """Make it public."""
    modify(arn, PubliclyAccessible=True)


remediation = Remediation(
    resource=DATABASE,
    named_by={**calls_about("db", "CreateDBInstance", "ModifyDBInstance"), NEWS: "SourceArn", "GuardDuty Finding": accused},
    violation=violation,
    fix=fix,
    undo=undo,
    resolve=arn_of_database,
    disruptive=True,
)
handler = remediation.handler
