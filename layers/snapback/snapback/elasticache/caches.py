"""Words for ElastiCache's replication groups: caches of Valkey or Redis OSS.

Encryption in transit can be switched on in two steps: first a cache takes encrypted connections beside the others (`preferred`), then no others any more
(`required`). Encryption at rest can only be had from the beginning.
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption-enable.html
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/at-rest-encryption.html
"""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError

from snapback.engine.answers import Answer, the_one
from snapback.engine.changes import Live, change
from snapback.engine.clients import aws
from snapback.engine.errors import OnlyPeople

GROUP: Final = "AWS::ElastiCache::ReplicationGroup"

A_NEW_ONE: Final = "Make a new cache from a backup of this one, with both kinds of encryption, let its clients use that, and delete this one."
"""What a person can do where nothing can be switched on."""

IN_TRANSIT: Final = {"TransitEncryptionEnabled": False}
AT_REST: Final = {"AtRestEncryptionEnabled": False}
"""The two kinds of encryption, as evidence that a cache has not got them."""

_FIRST_TO_SWITCH: Final = (7, 0, 5)
"""The first version of Redis OSS whose encryption in transit can be switched on later. Every version of Valkey can do it."""


def named(record: Mapping[str, Any]) -> object:
    """Return the replication group that a CloudTrail record's request names. ElastiCache keeps all names in lower case."""
    name = (record.get("requestParameters") or {}).get("replicationGroupId")
    return name.lower() if isinstance(name, str) else name


def described(group: str) -> Live:
    """Return the live replication group. Raises `ClientError` also for one that is being deleted.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeReplicationGroups.html
    """
    live = the_one(aws("elasticache").describe_replication_groups(ReplicationGroupId=group)["ReplicationGroups"])
    if live["Status"] == "deleting":
        raise ClientError({"Error": {"Code": "ReplicationGroupNotFoundFault", "Message": "it is being deleted"}}, "DescribeReplicationGroups")
    return Answer("elasticache:DescribeReplicationGroups", {**live, **(live.get("PendingModifiedValues") or {})})


def missing_encryption(live: Live) -> list[Mapping[str, bool]]:
    """Return which kinds of encryption the cache has not: in transit, at rest.

    It has one in transit already while ElastiCache is still at work on that. And the older flag for the one at rest may say no where the storage is encrypted.
    """
    at_rest = live["AtRestEncryptionEnabled"] or live.get("StorageEncryptionType", "none") != "none"
    return [*([] if live["TransitEncryptionEnabled"] else [IN_TRANSIT]), *([] if at_rest else [AT_REST])]


def if_changeable(live: Live, wrong: Sequence[Mapping[str, bool]]) -> Sequence[Mapping[str, bool]]:
    """Return what is wrong with the cache. Raises `OnlyPeople` if something is, while nothing about the cache can be changed, or for good."""
    if wrong and live["Status"] == "creating":
        raise OnlyPeople("The cache is still being created without encryption, and takes no change until it is there: rather make another one with it at once.")
    if wrong and live["Status"] == "create-failed":
        raise OnlyPeople("ElastiCache could not create the cache, and takes no change of it: delete it, and make another one with encryption.")
    return wrong


def take_encrypted_connections(group: str) -> None:
    """Let the cache take encrypted connections beside the others. Raises `OnlyPeople` if it cannot, or if that would change anything else."""
    live = described(group)
    if live.get("GlobalReplicationGroupInfo", {}).get("GlobalReplicationGroupId"):
        raise OnlyPeople(f"The cache is part of a global datastore, where this cannot be switched on. {A_NEW_ONE}")
    if not _can_be_switched(group, live):
        raise OnlyPeople(f"The cache's engine is too old for encryption in transit to be switched on. {A_NEW_ONE}")
    _switch(group, live, TransitEncryptionEnabled=True, TransitEncryptionMode="preferred")


def take_plain_connections_only(group: str) -> None:
    """Let the cache take no encrypted connections any more. Raises `OnlyPeople` if they are the only ones that it takes by now."""
    live = described(group)
    if live.get("TransitEncryptionMode") == "required":
        raise OnlyPeople("Since the fix, the cache was set to take encrypted connections only. To take it back, first set the mode to preferred")
    if live.get("TransitEncryptionEnabled"):
        _switch(group, live, TransitEncryptionEnabled=False)


def _switch(group: str, live: Live, **settings: Any) -> None:  # noqa: ANN401 - flags and a mode
    """Change the group at once, which is the only way it can be changed, unless that would change what waits for the maintenance window as well.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyReplicationGroup.html
    """
    waiting = {setting for one in [live, *_members(group)] for setting, value in (one.get("PendingModifiedValues") or {}).items() if value}
    if others := sorted(waiting - settings.keys() - {"TransitEncryptionMode"}):
        raise OnlyPeople(f"{', '.join(others)} would be changed along with it: let the maintenance window pass, then change the encryption in transit")

    def send() -> bool:
        """Tell whether it was sent: in a preview it was not, and there is nothing to wait for."""
        return "ReplicationGroup" in aws("elasticache").modify_replication_group(ReplicationGroupId=group, ApplyImmediately=True, **settings)

    change(send, partial(described, group), {"TransitEncryptionEnabled": settings["TransitEncryptionEnabled"]})


def _can_be_switched(group: str, live: Live) -> bool:
    members = _members(group)
    if live.get("Engine", "") == "valkey" or any(member.get("Engine") == "valkey" for member in members):
        return True
    versions = [tuple(int(part) for part in re.findall(r"\d+", member["EngineVersion"])) for member in members]
    return bool(versions) and min(versions) >= _FIRST_TO_SWITCH


def _members(group: str) -> list[Mapping[str, Any]]:
    """Return the group's nodes. https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeCacheClusters.html."""
    pages = aws("elasticache").get_paginator("describe_cache_clusters").paginate()
    return [cluster for page in pages for cluster in page["CacheClusters"] if cluster.get("ReplicationGroupId") == group]
