"""ElastiCache's replication groups as AWS keeps them, where moto says nothing about it: their nodes, and encryption in transit that is switched later.

Only a group that is available can be changed (InvalidReplicationGroupState). ModifyReplicationGroup says that encryption is switched on with the mode
`preferred` in the same request, and to `required` only from there.
https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyReplicationGroup.html
"""

from typing import Any

import boto3
from moto.elasticache.exceptions import ElastiCacheException, InvalidParameterCombinationException
from moto.elasticache.models import elasticache_backends
from moto.elasticache.responses import ElastiCacheResponse

from tests.harness.scenario import ACCOUNT, REGION

_modify = ElastiCacheResponse.modify_replication_group


def as_on_aws() -> None:
    """Let moto switch encryption in transit."""
    ElastiCacheResponse.modify_replication_group = _modify_encryption  # type: ignore[method-assign,assignment]  # in the place of moto's own


def make_group(name: str, *, engine: str = "valkey", version: str = "8.0.1", **settings: Any) -> str:  # noqa: ANN401 - settings of any type
    """Make a replication group with two nodes; return its name."""
    node: Any = {"CacheNodeType": "cache.t4g.micro", "EngineVersion": version}
    about = {"ReplicationGroupId": name, "ReplicationGroupDescription": "of a test", "Engine": engine, "NumCacheClusters": 2, **node}
    boto3.client("elasticache").create_replication_group(**{"TransitEncryptionEnabled": False, "AtRestEncryptionEnabled": True, **about, **settings})
    for number in (1, 2):
        member = f"{name}-{number:03}"
        boto3.client("elasticache").create_cache_cluster(CacheClusterId=member, Engine=engine, **node)
        backend().cache_clusters[member].replication_group_id = name
    return name


def backend() -> Any:  # noqa: ANN401 - moto's
    return elasticache_backends[ACCOUNT][REGION]


def group(name: str) -> Any:  # noqa: ANN401 - a replication group
    return boto3.client("elasticache").describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]


def _modify_encryption(response: Any) -> Any:  # noqa: ANN401 - moto's
    live = backend().replication_groups.get(response._get_param("ReplicationGroupId"))  # noqa: SLF001 - how moto reads a request
    enabled, mode = response._get_bool_param("TransitEncryptionEnabled"), response._get_param("TransitEncryptionMode")  # noqa: SLF001
    if live and live.status != "available":
        raise ElastiCacheException("InvalidReplicationGroupState", f"Replication group must be in available state to be modified; it is {live.status}.")
    if live and enabled and not live.transit_encryption_enabled and mode != "preferred":
        raise InvalidParameterCombinationException("Direct transition from transit-encryption-disabled to transit-encryption-enabled is not allowed.")
    if live and enabled is False and live.transit_encryption_enabled and live.transit_encryption_mode != "preferred":
        raise InvalidParameterCombinationException("Update the cluster to transit-encryption-mode preferred prior to disabling transit encryption.")
    if live and enabled is not None:
        live.transit_encryption_enabled = enabled
        live.transit_encryption_mode = mode if enabled else None
    return _modify(response)
