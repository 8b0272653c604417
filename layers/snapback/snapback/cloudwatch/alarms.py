"""Words for CloudWatch's alarms, of metrics and composite: which ones are guarded, what one is set up to do, and what of that was lost.

Only what keeps an alarm from being heard counts: that it is gone, or that its actions are off. What it watches and whom it tells is its owners' affair.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from snapback.engine import settings
from snapback.engine.clients import aws
from snapback.engine.errors import NothingLeft, OnlyPeople, UnreadableEvent
from snapback.engine.names import checked
from snapback.policies.documents import listed

ALARM: Final = "AWS::CloudWatch::Alarm"

State = Mapping[str, Any]
"""The `Kind` of alarm, and the `Alarm` as the call that makes one takes it."""

Loss = Mapping[str, Any]
"""{"Missing": kind of alarm} or {"ActionsEnabled": False}."""

_METRIC: Final = "MetricAlarm"
_COMPOSITE: Final = "CompositeAlarm"

_OF_ANY: Final = ("AlarmName", "AlarmDescription", "ActionsEnabled", "OKActions", "AlarmActions", "InsufficientDataActions")
_TAKEN: Final[Mapping[str, Sequence[str]]] = {
    _METRIC: (
        *_OF_ANY,
        *("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Dimensions", "Period", "Unit", "Metrics", "ThresholdMetricId"),
        *("EvaluationPeriods", "DatapointsToAlarm", "Threshold", "ComparisonOperator", "TreatMissingData", "EvaluateLowSampleCountPercentile"),
        *("EvaluationWindow", "WarmUpConfiguration", "EvaluationCriteria", "EvaluationInterval"),
    ),
    _COMPOSITE: (*_OF_ANY, "AlarmRule", "ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod"),
}
"""What the calls that make one take; AWS describes an alarm's ARN, state and dates besides."""


ENDANGER: Final = ("DeleteAlarms", "DisableAlarmActions", "PutCompositeAlarm", "PutMetricAlarm")
"""The calls by which an alarm may be lost, changed or silenced: to put it anew with ActionsEnabled false does that, too."""


def is_guarded(name: str) -> bool:
    """Tell whether the name begins with one of GuardedAlarms, and is one that a command can give."""
    return name.startswith(tuple(settings.words("GUARDED_ALARMS"))) and _can_be_named(name)


def guarded_in(record: Mapping[str, Any]) -> list[str]:
    """Return the guarded ones among the alarms that a call names; raise `NothingLeft` if it names none of them."""
    prefixes = tuple(settings.words("GUARDED_ALARMS"))
    request = record["requestParameters"]
    names = listed(request["alarmNames"]) if "alarmNames" in request else [request["alarmName"]]
    found = [name for name in names if name.startswith(prefixes)]
    if not found:
        raise NothingLeft("none of these alarms is guarded")
    return found


def in_order(names: Sequence[str], good: Callable[[str], State | None]) -> list[str]:
    """Return those remembered as composite last: AWS makes one only if those are there that it is made of.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
    """
    return sorted(names, key=lambda name: _is_composite(good(name)))


def guarded_states() -> dict[str, State]:
    """Return the live alarms that are guarded, by name, each as `state_of` does: a hundred by one call.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    """
    pages = aws("cloudwatch").get_paginator("describe_alarms")
    found: dict[str, State] = {}
    for prefix in sorted(settings.words("GUARDED_ALARMS")):
        for page in pages.paginate(AlarmNamePrefix=prefix, AlarmTypes=[_METRIC, _COMPOSITE], PaginationConfig={"PageSize": 100}):
            found |= _states_in(page)
    return {name: state for name, state in found.items() if _can_be_named(name)}


def state_of(name: str) -> State | None:
    """Return how the alarm is set up, or None if there is none."""
    return _states_in(aws("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=[_METRIC, _COMPOSITE])).get(name)


def _states_in(answer: Mapping[str, Any]) -> dict[str, State]:
    return {
        alarm["AlarmName"]: {
            "Kind": kind,
            "Alarm": {**{part: alarm[part] for part in taken if alarm.get(part) not in (None, "", [])}, "ActionsEnabled": alarm["ActionsEnabled"]},
        }
        for kind, taken in _TAKEN.items()
        for alarm in (answer["MetricAlarms"] if kind == _METRIC else answer.get("CompositeAlarms", []))  # where there are none, these are left out
    }


def losses(name: str, good: State | None) -> list[Loss]:
    """Return what the alarm has lost of its good state; raise `OnlyPeople` if there is none, and nobody remembers one."""
    now = state_of(name)
    if now is None and good is None:
        raise OnlyPeople("there is no metric or composite alarm of this name, and no sweep has seen one: if there was one, make it again by hand")
    return _lost(now, good) if good else []


def put_back(name: str, lost: Sequence[Loss], good: State) -> None:
    """Make the alarm as it was, or switch its actions on.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    if {"ActionsEnabled": False} in lost:
        aws("cloudwatch").enable_alarm_actions(AlarmNames=[name])
    elif _is_composite(good):
        aws("cloudwatch").put_composite_alarm(**good["Alarm"])
    else:
        aws("cloudwatch").put_metric_alarm(**good["Alarm"])


def take_back(name: str, lost: Sequence[Loss]) -> None:
    """Switch its actions off again, or delete it if it is there.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DisableAlarmActions.html
    """
    if {"ActionsEnabled": False} in lost:
        aws("cloudwatch").disable_alarm_actions(AlarmNames=[name])
    elif state_of(name):
        aws("cloudwatch").delete_alarms(AlarmNames=[name])


def _is_composite(good: State | None) -> bool:
    """Tell whether the alarm is made of others, which have to be there before it."""
    return good is not None and good["Kind"] == _COMPOSITE


def _lost(now: State | None, good: State) -> list[Loss]:
    if now is None:
        return [{"Missing": good["Kind"]}]
    return [{"ActionsEnabled": False}] if good["Alarm"]["ActionsEnabled"] and not now["Alarm"]["ActionsEnabled"] else []


def _can_be_named(name: str) -> bool:
    try:
        return bool(checked(ALARM, name))
    except UnreadableEvent:
        return False
