"""Words for which events a trail records.

A trail has basic selectors or advanced ones. Both are read here as the advanced kind: a selector takes an event if all of its conditions hold, and a trail
takes what any of its selectors takes. So of two sets it can be told whether one takes at least what the other takes.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

Selectors = Mapping[str, Any]
"""As PutEventSelectors takes them: `EventSelectors` or `AdvancedEventSelectors`."""

_Conditions = Mapping[tuple[str, str], frozenset[str]]
"""Field and operator -> its values: `("readOnly", "Equals") -> {"true"}`."""

_READ_ONLY = ("readOnly", "Equals")
_KINDS = {"ReadOnly": ("true",), "WriteOnly": ("false",)}

_MOST_RESOURCES: Final = 250
_MOST_VALUES: Final = 500
"""What a trail takes: data resources of all its basic selectors, values of all conditions of its advanced ones. It takes five basic selectors, too, of which
there are never more than three here: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html"""


def is_default(selectors: Selectors) -> bool:
    """Tell whether these are what a new trail has: all management events, and nothing else.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html
    """
    basic: Sequence[Mapping[str, Any]] = selectors.get("EventSelectors", [])
    return (
        len(basic) == 1
        and basic[0].get("IncludeManagementEvents", True)
        and basic[0].get("ReadWriteType", "All") == "All"
        and not (basic[0].get("DataResources") or basic[0].get("ExcludeManagementEventSources"))
    )


def takes_all_of(selectors: Selectors, others: Selectors) -> bool:
    """Tell whether every event that the others take is taken by these, too. In doubt it is not."""
    mine = list(_each(selectors))
    return all(any(_implied(wide, narrow) for wide in mine) for other in _each(others) for narrow in _by_kind(other))


def with_all_of(selectors: Selectors, others: Selectors) -> Selectors | None:
    """Return selectors that take what either takes: the others where these take nothing besides. None if no trail can have them.

    That is where one is basic and the other advanced, or where there are more of them than a trail takes.
    """
    if takes_all_of(others, selectors):
        return others
    if selectors.keys() != others.keys():
        return None
    if "EventSelectors" in others:
        basic = _joined([*selectors["EventSelectors"], *others["EventSelectors"]])
        resources = sum(len(data["Values"]) for selector in basic for data in selector["DataResources"])
        return {"EventSelectors": basic} if resources <= _MOST_RESOURCES else None
    missed = [one for one in others["AdvancedEventSelectors"] if not takes_all_of(selectors, {"AdvancedEventSelectors": [one]})]
    advanced = [*selectors["AdvancedEventSelectors"], *missed]
    values = sum(len(values) for conditions in _each({"AdvancedEventSelectors": advanced}) for values in conditions.values())
    return {"AdvancedEventSelectors": advanced} if values <= _MOST_VALUES else None


def _joined(basic: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one basic selector for reads, one for writes and one for both, as far as there are such, each of which takes what all of its kind do."""
    kinds = dict.fromkeys(selector.get("ReadWriteType", "All") for selector in basic)
    return [_in_one([selector for selector in basic if selector.get("ReadWriteType", "All") == kind]) for kind in kinds]


def _in_one(alike: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    of_management = [selector for selector in alike if selector.get("IncludeManagementEvents", True)]
    excluded = [set(selector.get("ExcludeManagementEventSources", [])) for selector in of_management]
    data = [one for selector in alike for one in selector.get("DataResources", [])]
    types = dict.fromkeys(one["Type"] for one in data)
    return {
        **alike[0],
        "IncludeManagementEvents": bool(of_management),
        "ExcludeManagementEventSources": sorted(set.intersection(*excluded)) if excluded else [],
        "DataResources": [{"Type": kind, "Values": _widest(value for one in data if one["Type"] == kind for value in one.get("Values", []))} for kind in types],
    }


def _widest(beginnings: Iterable[str]) -> list[str]:
    """Return what ARNs may begin with, without what begins with another one of these."""
    found = list(dict.fromkeys(beginnings))
    return [one for one in found if not any(one != other and one.startswith(other) for other in found)]


def _each(selectors: Selectors) -> Iterator[_Conditions]:
    """Yield every selector as its conditions."""
    for selector in selectors.get("AdvancedEventSelectors", []):
        yield {
            (field["Field"], operator): frozenset(values) for field in selector["FieldSelectors"] for operator, values in field.items() if operator != "Field"
        }
    for selector in selectors.get("EventSelectors", []):
        kind = _KINDS.get(selector.get("ReadWriteType", "All"))
        read_only = {_READ_ONLY: frozenset(kind)} if kind else {}
        if selector.get("IncludeManagementEvents", True):
            excluded = selector.get("ExcludeManagementEventSources")
            but = {("eventSource", "NotEquals"): frozenset(excluded)} if excluded else {}
            yield {("eventCategory", "Equals"): frozenset({"Management"}), **read_only, **but}
        for data in selector.get("DataResources", []):
            of_type = {("eventCategory", "Equals"): frozenset({"Data"}), ("resources.type", "Equals"): frozenset({data["Type"]}), **read_only}
            for value in data.get("Values", []):
                yield {**of_type, ("resources.ARN", "StartsWith"): frozenset({value})}


def _by_kind(conditions: _Conditions) -> list[_Conditions]:
    """Return the selector as one for reads and one for writes, which two selectors may share out between them."""
    if _READ_ONLY in conditions:
        return [conditions]
    return [{**conditions, _READ_ONLY: frozenset(kind)} for kind in _KINDS.values()]


def _implied(wide: _Conditions, narrow: _Conditions) -> bool:
    """Tell whether an event for which the narrow conditions hold meets the wide ones, too."""
    return all(key in narrow and _follows(key[1], values, narrow[key]) for key, values in wide.items())


def _follows(operator: str, wide: frozenset[str], narrow: frozenset[str]) -> bool:
    if operator.startswith("Not"):
        return wide <= narrow
    if operator == "StartsWith":
        return all(value.startswith(tuple(wide)) for value in narrow)
    return narrow <= wide
