"""Everything of CloudWatch Logs' type, by name."""

from collections.abc import Mapping
from typing import Final

from snapback.engine.clients import aws
from snapback.engine.listing import Lister, each

ALL: Final[Mapping[str, Lister]] = {"AWS::Logs::LogGroup": lambda: each(aws("logs"), "describe_log_groups", "logGroups", "logGroupName")}
