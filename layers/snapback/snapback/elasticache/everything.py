"""Everything of ElastiCache's type, by name."""

from collections.abc import Mapping
from typing import Final

from snapback.elasticache.caches import GROUP
from snapback.engine.clients import aws
from snapback.engine.listing import Lister, each

ALL: Final[Mapping[str, Lister]] = {GROUP: lambda: each(aws("elasticache"), "describe_replication_groups", "ReplicationGroups", "ReplicationGroupId")}
