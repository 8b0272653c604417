"""CloudTrail's event selectors as AWS keeps them: moto's own lies about them, put right at this one place.

moto gives a new trail no selectors, and keeps the advanced ones beside the basic ones that replace them. On AWS a trail has one kind or the other, and a new
one records all management events. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html
"""

from typing import Any

from moto.cloudtrail.models import Trail

OF_A_NEW_TRAIL = [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [], "ExcludeManagementEventSources": []}]

_put = Trail.put_event_selectors


def as_on_aws() -> None:
    """Let every trail have selectors, of one kind."""
    Trail.put_event_selectors = _replace  # type: ignore[method-assign,assignment]  # in the place of moto's own
    Trail.get_event_selectors = _answer  # type: ignore[method-assign,assignment]


def _replace(trail: Any, basic: Any, advanced: Any) -> None:  # noqa: ANN401 - moto's
    if basic:
        trail.advanced_event_selectors = []
    _put(trail, basic, advanced)


def _answer(trail: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:  # noqa: ANN401
    return ([] if trail.advanced_event_selectors else trail.event_selectors or OF_A_NEW_TRAIL), trail.advanced_event_selectors
