"""Words for GuardDuty's detector, of which an account has at most one in a region.

It is on, suspended (`DISABLED`) or not there. Flow logs, CloudTrail and DNS are always read; everything else is a feature of its own.
https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DetectorFeatureConfigurationResult.html
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from botocore.exceptions import ClientError

from snapback.engine.clients import aws
from snapback.engine.errors import OnlyPeople
from snapback.engine.refusals import all_or_each, is_refused, try_each
from snapback.engine.switches import Recall

Detector = Mapping[str, Any]
"""`Status`, `FindingPublishingFrequency` and `Features` by name, each as UpdateDetector takes them."""

_ALWAYS: Final = frozenset({"FLOW_LOGS", "CLOUD_TRAIL", "DNS_LOGS"})
_FASTEST_FIRST: Final = ("FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS")
_RUNTIME: Final = ("EKS_RUNTIME_MONITORING", "RUNTIME_MONITORING")
"""The second contains the first; a call may name one of them only."""


def detector_id() -> str | None:
    """Return the id of the region's detector.

    https://docs.aws.amazon.com/guardduty/latest/APIReference/API_ListDetectors.html
    """
    return next(iter(aws("guardduty").list_detectors()["DetectorIds"]), None)


def detector() -> Detector | None:
    """Return the region's detector.

    https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetDetector.html
    """
    if not (identity := detector_id()):
        return None
    found: Mapping[str, Any] = aws("guardduty").get_detector(DetectorId=identity)
    features = {one["Name"]: _as_given(one) for one in found["Features"] if one["Name"] not in _ALWAYS}
    return {"Status": found["Status"], "FindingPublishingFrequency": found["FindingPublishingFrequency"], "Features": features}


def is_detecting() -> bool:
    """Tell whether there is a detector that is on."""
    return (detector() or {}).get("Status") == "ENABLED"


def what_is_off(recall: Recall) -> list[Mapping[str, Any]]:
    """Return what keeps the detector from doing what it did."""
    good = recall()
    return list(_off(detector(), good))


def switch_on(off: Sequence[Mapping[str, Any]], recall: Recall) -> None:
    """Make the detector as it was, or switch on what of it is off. A protection plan that AWS refuses keeps none of the rest off, and is raised at the end.

    https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html
    """
    good: Detector | None = recall()
    if {"Missing": True} in off:
        if good is None:
            raise OnlyPeople("the detector is gone, and no sweep has seen which of its protection plans were on: enable GuardDuty by hand")
        made = [feature for name, feature in good["Features"].items() if name not in _RUNTIME or name == _runtime_of(good)]
        _make(good["FindingPublishingFrequency"], made)
    else:
        _update(off, "Was", enable=True)


def switch_off(off: Sequence[Mapping[str, Any]]) -> None:
    """Delete a detector that had been missing, or switch off again what was off.

    https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DeleteDetector.html
    """
    if {"Missing": True} not in off:
        _update(off, "Is", enable=False)
    elif identity := detector_id():
        aws("guardduty").delete_detector(DetectorId=identity)


def _make(frequency: str, features: Sequence[Mapping[str, Any]]) -> None:
    guardduty: Any = aws("guardduty")
    try:
        guardduty.create_detector(Enable=True, FindingPublishingFrequency=frequency, Features=features)
    except ClientError as error:
        if not is_refused(error) or not features:
            raise
        # Features that are not named may be switched on by GuardDuty itself, the refused one among them.
        off = [{"Name": feature["Name"], "Status": "DISABLED"} for feature in features]
        made = guardduty.create_detector(Enable=True, FindingPublishingFrequency=frequency, Features=off)["DetectorId"]
        wanted = [feature for feature in features if _parts_on(feature)]
        try_each(wanted, lambda feature: guardduty.update_detector(DetectorId=made, Features=[feature]))


def _update(off: Sequence[Mapping[str, Any]], which: str, *, enable: bool) -> None:
    changes = [_change(item, which, enable=enable) for item in off]
    if changes and (identity := detector_id()):
        all_or_each(changes, lambda some: aws("guardduty").update_detector(DetectorId=identity, **_together(some)))


def _change(item: Mapping[str, Any], which: str, *, enable: bool) -> Mapping[str, Any]:
    """Return what UpdateDetector is given for one of the things that are off: to switch it on, or as it is again."""
    if "Setting" not in item:
        return {"Enable": enable}
    kind = item["Setting"]
    if kind == "FindingPublishingFrequency":
        return {kind: item[which]}
    return {"Features": [_with_all_on(item["Was"], item["Is"]) if enable else item["Is"]]}


def _together(changes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    features = [feature for change in changes for feature in change.get("Features", [])]
    merged = {part: value for change in changes for part, value in change.items()}
    return {**merged, **({"Features": features} if features else {})}


def _off(now: Detector | None, good: Detector | None) -> Iterator[Mapping[str, Any]]:
    if now is None:
        yield {"Missing": True}
        return
    if now["Status"] != "ENABLED":
        yield {"Status": "DISABLED"}
    if good is None:
        return
    is_, was = (_FASTEST_FIRST.index(one["FindingPublishingFrequency"]) for one in (now, good))
    if is_ > was:
        yield {"Setting": "FindingPublishingFrequency", "Was": _FASTEST_FIRST[was], "Is": _FASTEST_FIRST[is_]}
    for name, feature in good["Features"].items():
        live = now["Features"].get(name, {"Name": name, "Status": "DISABLED"})
        replaced = name == _RUNTIME[0] and now["Features"].get(_RUNTIME[1], {}).get("Status") == "ENABLED"
        if _parts_on(feature) - _parts_on(live) and not replaced:
            yield {"Setting": name, "Was": feature, "Is": live}


def _parts_on(feature: Mapping[str, Any]) -> set[str]:
    return {part["Name"] for part in (feature, *feature.get("AdditionalConfiguration", [])) if part["Status"] == "ENABLED"}


def _with_all_on(feature: Mapping[str, Any], live: Mapping[str, Any]) -> dict[str, Any]:
    """Return the feature with every part on that is on in either: an agent that was switched on since stays on, when another one comes back."""
    on = _parts_on(feature) | _parts_on(live)
    parts = dict.fromkeys(part["Name"] for one in (feature, live) for part in one.get("AdditionalConfiguration", []))
    more = [{"Name": name, "Status": "ENABLED" if name in on else "DISABLED"} for name in parts]
    return {"Name": feature["Name"], "Status": "ENABLED" if feature["Name"] in on else "DISABLED", **({"AdditionalConfiguration": more} if more else {})}


def _runtime_of(good: Detector) -> str:
    return _RUNTIME[0] if good["Features"].get(_RUNTIME[0], {}).get("Status") == "ENABLED" else _RUNTIME[1]


def _as_given(feature: Mapping[str, Any]) -> dict[str, Any]:
    """Return the feature as the calls take it, without dates and managers."""
    plain = {"Name": feature["Name"], "Status": feature["Status"]}
    more = [{"Name": one["Name"], "Status": one["Status"]} for one in feature.get("AdditionalConfiguration", [])]
    return {**plain, "AdditionalConfiguration": more} if more else plain
