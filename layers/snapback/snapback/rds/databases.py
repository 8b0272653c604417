"""Words for RDS's databases and their snapshots, those of Aurora, DocumentDB and Neptune included: they share this API.

An instance and a cluster may have the same name, and so may their snapshots. So all of them are named by their ARN, which tells the kind.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Tagging.ARN.html
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError

from snapback.engine.answers import Answer, the_one
from snapback.engine.changes import Live, change
from snapback.engine.clients import aws
from snapback.engine.errors import BelongsElsewhere, ComesLater, OnlyPeople
from snapback.engine.events import request_of
from snapback.engine.names import partition_of
from snapback.policies.principals import trusted_accounts

DATABASE: Final = "AWS::RDS::DBInstance"
"""The type of instances, and of clusters where those are looked after as well."""
SNAPSHOT: Final = "AWS::RDS::DBSnapshot"
"""The type of snapshots of instances and of clusters."""

Database = Live
"""A live instance or cluster; `Waiting` names its settings that wait for the maintenance window."""

NEWS: Final = "RDS DB Instance Event"
NEWS_OF_CLUSTERS: Final = "RDS DB Cluster Event"
"""The detail-types with which RDS itself tells that a database was created, restored or started: only then can it be changed.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html
"""

_IDENTIFIERS: Final = {
    "db": "dBInstanceIdentifier",
    "cluster": "dBClusterIdentifier",
    "snapshot": "dBSnapshotIdentifier",
    "cluster-snapshot": "dBClusterSnapshotIdentifier",
}
"""Kind in the ARN -> CloudTrail's word for the identifier."""

_OTHER_ENGINES: Final = ("docdb", "neptune")

_ENGINES_WITH_OWN_MEMBERS: Final = ("aurora", *_OTHER_ENGINES)
"""How the engines begin whose clusters have members that can be changed one by one; those of a Multi-AZ DB cluster cannot.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/modify-multi-az-db-cluster.html
"""

EVERYBODY: Final = {"Restore": "all"}

_OUT_OF_ORDER: Final = frozenset(
    {
        "failed",
        "inaccessible-encryption-credentials",
        "inaccessible-encryption-credentials-recoverable",
        "incompatible-create",
        "incompatible-network",
        "incompatible-restore",
        "insufficient-capacity",
        "restore-error",
    }
)
"""States that end only if people do something (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html)."""


def calls_about(kind: str, *event_names: str) -> dict[str, Callable[[Mapping[str, Any]], object]]:
    """Return the entries of `named_by` for calls about one kind: `db`, `cluster`, `snapshot` or `cluster-snapshot`."""
    return dict.fromkeys(event_names, partial(_named, kind))


def accused(finding: Mapping[str, Any]) -> object:
    """Return the instance that a GuardDuty finding is about.

    https://docs.aws.amazon.com/guardduty/latest/ug/findings-rds-protection.html
    """
    return _arn("db", finding["region"], finding["accountId"], finding["resource"]["rdsDbInstanceDetails"]["dbInstanceIdentifier"])


def described(arn: str) -> Database:
    """Return the live instance or cluster. Raises `ClientError` also for one that is being deleted: nothing about it can be changed any more.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html
    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusters.html
    """
    kind, name = _located(arn)
    database: Database
    if kind == "cluster":
        database = the_one(aws("rds").describe_db_clusters(DBClusterIdentifier=name)["DBClusters"])
    else:
        database = the_one(aws("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"])
    status = database.get("DBInstanceStatus") or database["Status"]
    if status == "deleting":
        raise ClientError({"Error": {"Code": "DBInstanceNotFound", "Message": "it is being deleted"}}, "DescribeDBInstances")
    waiting = database.get("PendingModifiedValues") or {}
    where = "rds:DescribeDBClusters" if kind == "cluster" else "rds:DescribeDBInstances"
    return Answer(where, {**database, **waiting, "Status": status, "Waiting": sorted(waiting)})


def instance(arn: str) -> Database:
    """Return the live instance. Raises `OnlyPeople` for a cluster, which only an operator's command can name where instances are meant."""
    if _located(arn)[0] != "db":
        raise OnlyPeople("this remediation looks after instances: name one of the cluster's members instead")
    return described(arn)


def arn_of_database(arn_or_id: str) -> str | None:
    """Return the ARN with the name, or None if there is no such database: AWS Config, and what is made of it, may name one by the id that it never loses.

    Such ids have capitals (`db-ABC…`, `cluster-ABC…`), bare or as the end of an ARN; names have none. No call but these lists takes them.
    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusters.html
    """
    identity = arn_or_id.rpartition(":")[2]
    if identity == identity.lower():
        return arn_or_id
    if arn_or_id != identity:
        _located(arn_or_id)
    if identity.startswith("cluster-"):
        clusters = aws("rds").describe_db_clusters(Filters=[{"Name": "db-cluster-resource-id", "Values": [identity]}])["DBClusters"]
        return next((one["DBClusterArn"] for one in clusters), None)
    instances = aws("rds").describe_db_instances(Filters=[{"Name": "dbi-resource-id", "Values": [identity]}])["DBInstances"]
    return next((one["DBInstanceArn"] for one in instances), None)


def if_changeable(database: Database, wrong: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Return what is wrong with the database. Raises `OnlyPeople` if something is, while nothing about the database can be changed for long.

    Of an instance that is being created nobody hears: RDS tells of it when it is there (`NEWS`), and whoever looks for what is wrong hears that. For clusters
    that are restored, and for DocumentDB and Neptune, AWS does not say that it tells.
    """
    if wrong and database["Status"] == "creating" and "DBInstanceIdentifier" in database and not database["Engine"].startswith(_OTHER_ENGINES):
        raise ComesLater("it is still being created, and RDS will say when it is there", NEWS)
    if wrong and database["Status"] == "creating":
        raise OnlyPeople("it is still being created, and RDS changes nothing about it until it is there: look again then, unless you hear of it before")
    if wrong and database["Status"] == "stopped":
        raise OnlyPeople("it is stopped, and RDS changes nothing about it until it is started. RDS will say so, and Snapback looks again then")
    if wrong and database["Status"] in _OUT_OF_ORDER:
        raise OnlyPeople(f"it is in the state {database['Status']}, in which RDS changes nothing about it: get it out of that first")
    if wrong and database.get("DBClusterIdentifier") and not database["Engine"].startswith(_ENGINES_WITH_OWN_MEMBERS):
        raise OnlyPeople("it is a member of a Multi-AZ DB cluster, and RDS takes no change of a single one: restore the cluster into one that is made right")
    return wrong


def modify(arn: str, **settings: Any) -> None:  # noqa: ANN401 - settings of any type
    """Change settings of the instance or cluster, as soon as RDS takes the change, and wait until it is to be seen. Raises as `change` does.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBCluster.html
    """
    kind, name = _located(arn)

    def send() -> bool:
        """Tell whether it was sent: in a preview it was not, and there is nothing to wait for."""
        if kind == "cluster":
            return "DBCluster" in aws("rds").modify_db_cluster(DBClusterIdentifier=name, **settings)
        return "DBInstance" in aws("rds").modify_db_instance(DBInstanceIdentifier=name, **settings)

    change(send, partial(described, arn), {setting: value for setting, value in settings.items() if setting != "ApplyImmediately"})


def public_access(arn: str) -> Mapping[str, bool]:
    """Return whether the instance can be reached from the internet (`PubliclyAccessible`). Raises `OnlyPeople` if it can, as `if_changeable` does."""
    database = instance(arn)
    now = {"PubliclyAccessible": database["PubliclyAccessible"]}
    if_changeable(database, [now] if now["PubliclyAccessible"] else [])
    return now


def deletion_protection(arn: str) -> Mapping[str, bool]:
    """Return whether the instance or cluster is protected from being deleted (`DeletionProtection`); nothing for a member, whose cluster's protection counts.

    Raises `OnlyPeople` if it is not, as `if_changeable` does.
    """
    database = described(arn)
    if _located(arn)[0] == "db" and database.get("DBClusterIdentifier"):
        return {}
    now = {"DeletionProtection": database["DeletionProtection"]}
    if_changeable(database, [] if now["DeletionProtection"] else [now])
    return now


def days_of_backups(database: Database) -> int:
    """Return for how many days the instance keeps its automated backups; 0 if it makes none."""
    days: int = database["BackupRetentionPeriod"]
    return days


def is_copy(database: Database) -> bool:
    """Tell whether others keep the backups of the instance's data: it is a member of a cluster or a read replica."""
    return any(database.get(of) for of in ("DBClusterIdentifier", "ReadReplicaSourceDBInstanceIdentifier", "ReadReplicaSourceDBClusterIdentifier"))


def keep_backups(arn: str, days: int) -> None:
    """Keep automated backups for so many days from now on.

    To begin with them, or to end, would otherwise wait for the maintenance window; to apply it at once applies everything else that waits. So where anything
    does, this raises `OnlyPeople`. A change from one number of days to another never waits. It raises the same where AWS Backup sets the days: RDS then takes
    no other number from anybody else.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.Enabling.html
    """
    database = instance(arn)
    if database.get("AwsBackupRecoveryPointArn"):
        raise OnlyPeople(f"AWS Backup sets how long its backups are kept, and RDS takes no other number: let the backup plan keep them for {days} days")
    begins_or_ends = bool(days) != bool(days_of_backups(database))
    others = [waiting for waiting in database["Waiting"] if waiting != "BackupRetentionPeriod"]
    if begins_or_ends and others:
        raise OnlyPeople(f"{', '.join(others)} would be changed along with it: let the maintenance window pass, then keep backups for {days} days")
    modify(arn, BackupRetentionPeriod=days, **({"ApplyImmediately": True} if begins_or_ends else {}))


def restorers(arn: str) -> list[str]:
    """Return who may restore the snapshot: accounts, and `all` if everybody may.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBSnapshotAttributes.html
    """
    kind, name = _located(arn)
    attributes: Iterable[Mapping[str, Any]]
    if kind == "cluster-snapshot":
        result = aws("rds").describe_db_cluster_snapshot_attributes(DBClusterSnapshotIdentifier=name)["DBClusterSnapshotAttributesResult"]
        attributes = result["DBClusterSnapshotAttributes"]
    else:
        attributes = aws("rds").describe_db_snapshot_attributes(DBSnapshotIdentifier=name)["DBSnapshotAttributesResult"]["DBSnapshotAttributes"]
    return [value for one in attributes if one["AttributeName"] == "restore" for value in one["AttributeValues"]]


def shares(arn: str) -> list[dict[str, str]]:
    """Return the same, an entry for each."""
    return [{"Restore": one} for one in restorers(arn)]


def strangers_added(record: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return whom a call has let restore a snapshot: everybody, and accounts that are not trusted."""
    request = request_of(record)
    added = request.get("valuesToAdd") or [] if request.get("attributeName") == "restore" else []
    return [{"Restore": one} for one in added if isinstance(one, str) and one not in trusted_accounts()]


def share(arn: str, _: object) -> None:
    """Let everybody restore the snapshot. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBSnapshotAttribute.html."""
    _modify_sharing(arn, ValuesToAdd=[EVERYBODY["Restore"]])


def unshare(arn: str) -> None:
    """Let nobody restore the snapshot but the accounts that it is shared with by their number."""
    _modify_sharing(arn, ValuesToRemove=[EVERYBODY["Restore"]])


def _modify_sharing(arn: str, **change: Any) -> None:  # noqa: ANN401 - values to add or to remove
    kind, name = _located(arn)
    if kind == "cluster-snapshot":
        aws("rds").modify_db_cluster_snapshot_attribute(DBClusterSnapshotIdentifier=name, AttributeName="restore", **change)
    else:
        aws("rds").modify_db_snapshot_attribute(DBSnapshotIdentifier=name, AttributeName="restore", **change)


def _located(arn: str) -> tuple[str, str]:
    """Return kind and name. Raises `BelongsElsewhere` if the ARN leads to another region, where another resource may have the same name."""
    _, _, _, region, _, kind, name = arn.split(":", 6)
    if region != (here := aws("rds").meta.region_name):
        raise BelongsElsewhere(f"it is in {region}, and this function works in {here}")
    return kind, name


def _named(kind: str, record: Mapping[str, Any]) -> object:
    """Return the ARN of what a CloudTrail record's request names; both ARNs where the call gives it another name, which RDS does when it comes to it."""
    request = record.get("requestParameters") or {}
    word = _IDENTIFIERS[kind]
    arns = [
        _arn(kind, record["awsRegion"], record["recipientAccountId"], request.get(key)) for key in (word, f"newD{word[1:]}") if key == word or request.get(key)
    ]
    return arns if len(arns) > 1 else arns[0]


def _arn(kind: str, region: str, account: str, identifier: object) -> object:
    """Return the ARN; what is no text is given back as it is, for others to complain of. RDS keeps all identifiers in lower case."""
    if not isinstance(identifier, str) or identifier.startswith("arn:"):
        return identifier
    return f"arn:{partition_of(region)}:rds:{region}:{account}:{kind}:{identifier.lower()}"
