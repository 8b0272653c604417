"""RDS databases, with what moto does not say about them by itself: that RDS is at work on one, and then refuses to change it.

Whether an instance is public RDS changes at once, but not in the answer: the old value is shown for a while, first in the state available, then in modifying,
and it is not among what is pending.
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html (InvalidDBInstanceState)
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_PendingModifiedValues.html

It refuses to change a member of a Multi-AZ DB cluster, and to let an instance keep its backups for longer or shorter where AWS Backup sets that; for neither
does AWS document the code.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/modify-multi-az-db-cluster.html
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.Enabling.html

Each database has an id besides its name, which RDS finds it by: moto gives all instances the same, and does not find clusters by theirs.
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusters.html
"""

from typing import Any

import boto3
from moto.rds.exceptions import InvalidDBClusterStateFault, InvalidDBInstanceStateError, InvalidParameterCombination
from moto.rds.models import DBCluster, RDSBackend, rds_backends
from moto.rds.utils import FilterDef

from snapback.engine import clock
from tests.harness.scenario import ACCOUNT, REGION

PREFIX = f"arn:aws:rds:{REGION}:{ACCOUNT}"

_modify_instance = RDSBackend.modify_db_instance
_modify_cluster = RDSBackend.modify_db_cluster
_describe = RDSBackend.describe_db_instances

BEGINS, ENDS = 5.0, 12.0
"""Seconds after which RDS is seen at work on a change of public access, and after which that is done."""


def as_on_aws() -> None:
    """Let moto refuse to change a database that is not available, and show public access late."""
    RDSBackend.modify_db_instance = _modify_available_instance  # type: ignore[method-assign,assignment]  # in the place of moto's own
    RDSBackend.modify_db_cluster = _modify_available_cluster  # type: ignore[method-assign,assignment]
    RDSBackend.describe_db_instances = _describe_as_of_now  # type: ignore[method-assign,assignment]
    DBCluster.SUPPORTED_FILTERS["db-cluster-resource-id"] = FilterDef(["db_cluster_resource_id"], "DB Cluster Resource Ids")


def make_instance(name: str, **settings: Any) -> str:  # noqa: ANN401 - settings of any type
    """Make an instance that stands alone; return its ARN."""
    rds = boto3.client("rds")
    made = {"DBInstanceClass": "db.t4g.medium", "Engine": "postgres", "AllocatedStorage": 20, "MasterUsername": "jo", "MasterUserPassword": "a password"}
    rds.create_db_instance(DBInstanceIdentifier=name, **{**made, **settings})
    return f"{PREFIX}:db:{name}"


def make_cluster(name: str, member: str, **settings: Any) -> str:  # noqa: ANN401
    """Make a cluster of Aurora with one member; return the cluster's ARN."""
    engine: Any = {"Engine": "aurora-postgresql"}
    boto3.client("rds").create_db_cluster(DBClusterIdentifier=name, MasterUsername="jo", MasterUserPassword="a password", **engine, **settings)
    boto3.client("rds").create_db_instance(DBInstanceIdentifier=member, DBInstanceClass="db.t4g.medium", DBClusterIdentifier=name, **engine)
    return f"{PREFIX}:cluster:{name}"


def put_into_multi_az_cluster(arn: str) -> None:
    """Let the instance be a member of a Multi-AZ DB cluster, with which RDS makes its members itself: moto does not."""
    rds_backends[ACCOUNT][REGION].databases[arn.rpartition(":")[2]].db_cluster_identifier = "shop"


def back_up_with_aws_backup(arn: str) -> None:
    """Let AWS Backup set for how long the instance keeps its backups: moto's plans back up nothing."""
    live: Any = rds_backends[ACCOUNT][REGION].databases[arn.rpartition(":")[2]]
    live.aws_backup_recovery_point_arn = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:continuous:db-0123"


def instance(arn: str) -> Any:  # noqa: ANN401 - an instance
    [live] = boto3.client("rds").describe_db_instances(DBInstanceIdentifier=arn.rpartition(":")[2])["DBInstances"]
    return _without_the_clock(live)


def cluster(arn: str) -> Any:  # noqa: ANN401 - a cluster
    [live] = boto3.client("rds").describe_db_clusters(DBClusterIdentifier=arn.rpartition(":")[2])["DBClusters"]
    return _without_the_clock(live)


def _without_the_clock(live: Any) -> Any:  # noqa: ANN401 - an instance or a cluster
    """Leave out what goes on by itself: the time up to which the database could be restored."""
    return {key: value for key, value in live.items() if key != "LatestRestorableTime"}


def give_id(arn: str, identity: str) -> None:
    """Let the database have that id (`db-ABC…`, `cluster-ABC…`) besides its name."""
    kind, name = arn.split(":")[-2:]
    backend = rds_backends[ACCOUNT][REGION]
    if kind == "cluster":
        backend.clusters[name].db_cluster_resource_id = identity
    else:
        backend.databases[name].dbi_resource_id = identity


def put_into_state(arn: str, status: str) -> None:
    """Let RDS be at work on the database, or let it be stopped: moto goes through no state but `available`."""
    kind, name = arn.split(":")[-2:]
    backend = rds_backends[ACCOUNT][REGION]
    (backend.clusters if kind == "cluster" else backend.databases)[name].status = status


def _modify_available_instance(backend: Any, db_instance_identifier: str, db_kwargs: dict[str, Any]) -> Any:  # noqa: ANN401 - moto's
    if db_instance_identifier in backend.databases:
        [live] = _describe_as_of_now(backend, db_instance_identifier)
        if live.status != "available":
            raise InvalidDBInstanceStateError(db_instance_identifier, "stop")
        if live.db_cluster_identifier and live.engine in ("mysql", "postgres"):
            raise InvalidParameterCombination("The DB instance is a member of a Multi-AZ DB cluster.")
        if vars(live).get("aws_backup_recovery_point_arn") and db_kwargs.get("backup_retention_period") not in (None, live.backup_retention_period):
            raise InvalidParameterCombination("The BackupRetentionPeriod can be blank, or you can use the current value.")
        if db_kwargs.get("publicly_accessible") not in (None, live.publicly_accessible):
            vars(live)["public_later"] = (db_kwargs.pop("publicly_accessible"), clock.now())
    return _modify_instance(backend, db_instance_identifier, db_kwargs)


def _describe_as_of_now(backend: Any, db_instance_identifier: str | None = None, filters: Any = None) -> Any:  # noqa: ANN401 - moto's
    found = _describe(backend, db_instance_identifier, filters)
    for live in found:
        value, since = vars(live).get("public_later", (None, 0))
        if value is None or clock.now() - since < BEGINS:
            continue
        live.status = "modifying"
        if clock.now() - since >= ENDS:
            live.publicly_accessible, live.status = value, "available"
            del vars(live)["public_later"]
    return found


def _modify_available_cluster(backend: Any, kwargs: dict[str, Any]) -> Any:  # noqa: ANN401 - moto's
    name = kwargs["db_cluster_identifier"]
    if name in backend.clusters and backend.clusters[name].status != "available":
        raise InvalidDBClusterStateFault(f"{name} is not in available state.")
    return _modify_cluster(backend, kwargs)
