"""Words for CloudWatch Logs' log groups, and for how long they keep their events.

A retention takes effect on what is there already: events that are older than it are deleted within days.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
"""

from collections.abc import Mapping
from typing import Any, Final

from snapback.engine import clock
from snapback.engine.clients import aws

_DAY: Final = 24 * 3600
_OLDEST_ON_ARRIVAL: Final = 14
"""Days that an event may be old when it is put into a group (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html)."""


def log_group(name: str) -> Mapping[str, Any] | None:
    """Return the group of exactly this name.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html
    """
    pages = aws("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
    return next((group for page in pages for group in page["logGroups"] if group["logGroupName"] == name), None)


def name_of_group(name_or_arn: str) -> str | None:
    """Return the group's name, so that it has one whoever names it; None if there is no such group."""
    name = name_or_arn.partition(":log-group:")[2] or name_or_arn
    found = log_group(name.removesuffix(":*"))
    return found["logGroupName"] if found else None


def retention(name: str) -> int | None:
    """Return for how many days the group keeps its events; None if for ever.

    A group of the class DELIVERY only hands on what it is given, and keeps that for a day, whatever else is said of it.
    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html
    """
    found = log_group(name) or {}
    return found.get("retentionInDays") or (1 if found.get("logGroupClass") == "DELIVERY" else None)


def may_hold_older_than(name: str, days: int) -> bool:
    """Tell whether an event in the group can be older than so many days: by the group's own age and that of what it was given."""
    created: float = (log_group(name) or {}).get("creationTime", 0) / 1000
    return clock.now() - created > (days - _OLDEST_ON_ARRIVAL) * _DAY
