"""CloudWatch's alarms as AWS keeps them, put right at this one place: moto stores composite alarms, but has no call that makes one, and shows them unasked.

Which kinds AWS shows: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
How it reads an alarm that is made: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

from typing import Any

from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

_SUPPRESSION = ("ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")

_describe = CloudWatchResponse.describe_alarms


def as_on_aws() -> None:
    """Let composite alarms be made, and be shown only where they are asked for."""
    CloudWatchResponse.put_composite_alarm = _put_composite  # type: ignore[attr-defined]  # moto has none
    CloudWatchResponse.describe_alarms = _describe_asked_for  # type: ignore[method-assign,assignment]  # in the place of moto's own


def _put_composite(response: Any) -> ActionResult:  # noqa: ANN401 - moto's
    answer: ActionResult = response.put_metric_alarm()
    alarm = response.cloudwatch_backend.alarms[response._get_param("AlarmName")]  # noqa: SLF001 - moto's way to read a parameter
    for part in _SUPPRESSION:
        setattr(alarm, part, response._get_param(part))  # noqa: SLF001
    return answer


def _describe_asked_for(response: Any) -> ActionResult:  # noqa: ANN401
    kinds = response._get_param("AlarmTypes", ["MetricAlarm"])  # noqa: SLF001
    found: Any = _describe(response).result
    return ActionResult({key: alarms if key.removesuffix("s") in kinds else [] for key, alarms in found.items()})
