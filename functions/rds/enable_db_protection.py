"""Switch a database's deletion protection on.

Problem: A database can be deleted by one call. Severity: medium.

Why it matters: without it one wrong call, or one wrong line in a template, deletes the database.

Wrong when: the deletion protection of an instance or of a cluster is off.
Fix: switches it on, which RDS does at once and without a restart. Undo switches it off.
Leaves alone: members of a cluster (the cluster's protection covers the data). An instance that is being created is put right when RDS says that it is there;
a cluster that is, and whatever is stopped, is reported first.
Class: disruptive, because a stack that is deleted, rolled back or replaces the database cannot delete it.
"""

from snapback import Setting
from snapback.rds.databases import DATABASE, NEWS, NEWS_OF_CLUSTERS, arn_of_database, calls_about, deletion_protection, modify

remediation = Setting(
    declared_in=__name__,
    resource=DATABASE,
    named_by={
        **calls_about("db", "CreateDBInstance", "ModifyDBInstance"),
        **calls_about("cluster", "CreateDBCluster", "ModifyDBCluster"),
        **calls_about("cluster", "RestoreDBClusterFromS3", "RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime"),
        NEWS: "SourceArn",
        NEWS_OF_CLUSTERS: "SourceArn",
    },
    settles=("CreateDBInstance", "CreateDBCluster", "RestoreDBClusterFromS3", "RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime"),
    reader=deletion_protection,
    wanted={"DeletionProtection": True},
    writer=lambda arn, wanted: modify(arn, **wanted),
    resolve=arn_of_database,
    disruptive=True,
    controls=("DocumentDB.5", "Neptune.4", "RDS.7", "RDS.8"),
)
