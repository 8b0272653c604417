"""Keep automated backups of a database instance.

Problem: A database keeps too few backups. Severity: medium.

Why it matters: without them there is no way back from a mistake, a fault or a blackmailer.

Wrong when: the instance keeps its automated backups for fewer days than MinBackupDays, or makes none. Days that wait for its maintenance window count.
Fix: raises the days to MinBackupDays. Undo lowers them again; RDS then deletes the backups that are older, and with 0 days all of them.
Leaves alone: read replicas until they are promoted, members of a cluster (the cluster keeps the backups) and snapshots. What else waits for the maintenance
window is not applied along with it: where it would be, the instance is left to people, and so it is where AWS Backup sets the days. One that is being created
is put right when RDS says that it is there, one that is stopped is reported, and put right when it is started.
Class: disruptive, because to begin with backups, or in an undo to end them, RDS takes the instance offline, mostly for some seconds to minutes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Remediation, settings
from snapback.rds.databases import DATABASE, NEWS, arn_of_database, calls_about, days_of_backups, if_changeable, instance, is_copy, keep_backups


def violation(arn: str) -> Sequence[Mapping[str, Any]]:
    """Return for how many days backups are kept, if those are too few."""
    database = instance(arn)
    days = days_of_backups(database)
    return if_changeable(database, [] if is_copy(database) or days >= settings.number("MIN_BACKUP_DAYS") else [{"BackupRetentionPeriod": days}])


def fix(arn: str, _: object) -> None:
    """Keep them for long enough."""
    keep_backups(arn, settings.number("MIN_BACKUP_DAYS"))


def undo(arn: str, before: Sequence[Mapping[str, Any]]) -> None:
    """Keep them for as long as before."""
    keep_backups(arn, before[0]["BackupRetentionPeriod"])


remediation = Remediation(
    resource=DATABASE,
    named_by={**calls_about("db", "CreateDBInstance", "ModifyDBInstance"), NEWS: "SourceArn"},
    settles=("CreateDBInstance",),
    violation=violation,
    fix=fix,
    undo=undo,
    resolve=arn_of_database,
    setting=lambda arn: days_of_backups(instance(arn)),
    disruptive=True,
    controls=("RDS.11",),
)
