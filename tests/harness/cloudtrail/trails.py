"""CloudTrail's trails and their event selectors as AWS keeps them: moto's own lies about them, put right at this one place.

moto gives a new trail no selectors, and keeps the advanced ones beside the basic ones that replace them. On AWS a trail has one kind or the other, and a new
one records all management events. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html

moto changes a trail's log group without the role, and the role without the log group. AWS takes the two only together, whatever the trail has already.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html
"""

from typing import Any

from moto.cloudtrail.models import Trail
from moto.core.exceptions import JsonRESTError

OF_A_NEW_TRAIL = [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [], "ExcludeManagementEventSources": []}]

_put, _update = Trail.put_event_selectors, Trail.update


def as_on_aws() -> None:
    """Let every trail have selectors, of one kind, and take a log group only with its role."""
    Trail.update = _change  # type: ignore[method-assign,assignment]
    Trail.put_event_selectors = _replace  # type: ignore[method-assign,assignment]  # in the place of moto's own
    Trail.get_event_selectors = _answer  # type: ignore[method-assign,assignment]


def _change(trail: Any, **given: Any) -> None:  # noqa: ANN401 - moto's
    if given["cw_role_arn"] is None and given["cw_log_group_arn"] is not None:
        raise JsonRESTError("InvalidCloudWatchLogsRoleArnException", "You must specify a role ARN as well as a log group.")
    if given["cw_role_arn"] is not None and given["cw_log_group_arn"] is None:
        raise JsonRESTError("InvalidCloudWatchLogsLogGroupArnException", "You must specify a log group as well as a role ARN.")
    _update(trail, **given)


def _replace(trail: Any, basic: Any, advanced: Any) -> None:  # noqa: ANN401 - moto's
    if basic:
        trail.advanced_event_selectors = []
    _put(trail, basic, advanced)


def _answer(trail: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:  # noqa: ANN401
    return ([] if trail.advanced_event_selectors else trail.event_selectors or OF_A_NEW_TRAIL), trail.advanced_event_selectors
