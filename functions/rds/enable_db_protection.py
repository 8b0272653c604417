"""Switch a database's deletion protection on.

Why it matters: without it one wrong call, or one wrong line in a template, deletes the database.

Wrong when: the deletion protection of an instance or of a cluster is off.
Fix: switches it on, which RDS does at once and without a restart. Undo switches it off.
Leaves alone: members of a cluster (the cluster's protection covers the data). An instance that is being created is put right when RDS says that it is there;
a cluster that is, and whatever is stopped, is reported first.
Class: disruptive, because a stack that is deleted, rolled back or replaces the database cannot delete it.
"""

from snapback import Evidence, Remediation
from snapback.rds.databases import DATABASE, NEWS, NEWS_OF_CLUSTERS, arn_of_database, calls_about, described, if_changeable, modify


def violation(arn: str) -> Evidence:
    """Return that the protection is off, if it is."""
    database = described(arn)
    is_member = ":db:" in arn and database.get("DBClusterIdentifier")
    return if_changeable(database, [] if is_member or database["DeletionProtection"] else [{"DeletionProtection": False}])


def fix(arn: str, _: object) -> None:
    """Switch it on."""
    modify(arn, DeletionProtection=True)


def undo(arn: str, _: object) -> None:
    """Switch it off."""
    modify(arn, DeletionProtection=False)


remediation = Remediation(
    resource=DATABASE,
    named_by={
        **calls_about("db", "CreateDBInstance", "ModifyDBInstance"),
        **calls_about("cluster", "CreateDBCluster", "ModifyDBCluster"),
        **calls_about("cluster", "RestoreDBClusterFromS3", "RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime"),
        NEWS: "SourceArn",
        NEWS_OF_CLUSTERS: "SourceArn",
    },
    settles=("CreateDBInstance", "CreateDBCluster", "RestoreDBClusterFromS3", "RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime"),
    violation=violation,
    fix=fix,
    undo=undo,
    resolve=arn_of_database,
    disruptive=True,
)
handler = remediation.handler
