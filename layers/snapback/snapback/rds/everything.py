"""Everything of RDS's types, by ARN: instances and clusters, and the snapshots of both."""

from collections.abc import Iterator, Mapping
from typing import Final

from snapback.engine.clients import aws
from snapback.engine.listing import Lister, each
from snapback.rds.databases import DATABASE, SNAPSHOT


def databases() -> Iterator[str]:
    """Yield all instances and clusters, those of DocumentDB and Neptune included.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html
    """
    yield from each(aws("rds"), "describe_db_instances", "DBInstances", "DBInstanceArn")
    yield from each(aws("rds"), "describe_db_clusters", "DBClusters", "DBClusterArn")


def snapshots() -> Iterator[str]:
    """Yield all snapshots of the account's own: those that others share are not listed unless they are asked for.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBSnapshots.html
    """
    yield from each(aws("rds"), "describe_db_snapshots", "DBSnapshots", "DBSnapshotArn")
    yield from each(aws("rds"), "describe_db_cluster_snapshots", "DBClusterSnapshots", "DBClusterSnapshotArn")


ALL: Final[Mapping[str, Lister]] = {DATABASE: databases, SNAPSHOT: snapshots}
