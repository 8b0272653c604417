"""Words for which events a trail records.

A trail has basic selectors or advanced ones. Both are read here as the advanced kind: a selector takes an event if all of its conditions hold, and a trail
takes what any of its selectors takes. So of two sets it can be told whether one takes at least what the other takes.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Selectors = Mapping[str, Any]
"""As PutEventSelectors takes them: `EventSelectors` or `AdvancedEventSelectors`."""

_Conditions = Mapping[tuple[str, str], frozenset[str]]
"""Field and operator -> its values: `("readOnly", "Equals") -> {"true"}`."""

_READ_ONLY = ("readOnly", "Equals")
_KINDS = {"ReadOnly": ("true",), "WriteOnly": ("false",)}


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
