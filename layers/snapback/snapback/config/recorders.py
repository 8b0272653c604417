"""Words for AWS Config's recorder.

Recording takes two parts, of each of which an account has at most one in a region: the customer managed recorder, and the channel by which it delivers.
Recorders that belong to an AWS service always record; they are neither listed nor touched here.
https://docs.aws.amazon.com/config/latest/developerguide/stop-start-recorder.html
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from snapback.engine.clients import aws
from snapback.engine.errors import OnlyPeople
from snapback.engine.refusals import try_each

RECORDER: Final = "ConfigurationRecorder"
CHANNEL: Final = "DeliveryChannel"
PARTS: Final = (RECORDER, CHANNEL)
"""In the order in which they have to be made; they go in the opposite order."""

Parts = Mapping[str, Any]
"""What there is of the two parts, each as it is given to the call that makes it."""

Loss = Mapping[str, Any]
"""{"Missing": part} or {"Recording": False}."""

_ADDED_BY_AWS = ("arn", "recordingScope", "servicePrincipal")
"""What AWS says of a recorder besides what it was given; the last is one of a service's."""


def parts() -> Parts:
    """Return what there is of the two parts.

    https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeConfigurationRecorders.html
    """
    found: dict[str, Any] = {}
    for recorder in aws("config").describe_configuration_recorders()["ConfigurationRecorders"]:
        found[RECORDER] = {**{key: value for key, value in recorder.items() if key not in _ADDED_BY_AWS}, "name": recorder["name"]}
    for channel in aws("config").describe_delivery_channels()["DeliveryChannels"]:
        found[CHANNEL] = {**channel, "name": channel["name"]}
    return found


def as_it_is() -> dict[str, Any]:
    """Return the two parts and whether anything is recorded: an undo must not delete what somebody has set up otherwise since."""
    return {**parts(), "Recording": _is_recording()}


def losses(good: Parts | None) -> list[Loss]:
    """Return which of the two parts there is not, and whether nothing is recorded, in the order in which it has to be put right.

    Raises `OnlyPeople` if one is missing that nobody remembers.
    """
    found = parts()
    missing: list[Loss] = [{"Missing": part} for part in PARTS if part not in found]
    if {**(good or {}), **found}.keys() != set(PARTS):
        raise OnlyPeople("AWS Config has not been seen at work in this region yet: set up its recorder and its delivery channel by hand")
    return missing if _is_recording() else [*missing, {"Recording": False}]


def put_back(lost: Sequence[Loss], good: Parts | None) -> None:
    """Make what is missing as it is remembered, and start the recorder. Each step needs the one before: without a recorder AWS takes no channel."""
    known = {**(good or {}), **parts()}
    for loss in lost:
        if "Missing" in loss:
            _make(loss["Missing"], known[loss["Missing"]])
        else:
            _start(known[RECORDER])


def take_back(lost: Sequence[Loss]) -> None:
    """Undo `put_back`: stop the recorder and delete what had been missing, the last first."""
    try_each(reversed(lost), lambda loss: _delete(loss["Missing"]) if "Missing" in loss else _stop())


def _is_recording() -> bool:
    """Tell whether the recorder records.

    https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeConfigurationRecorderStatus.html
    """
    return any(status["recording"] for status in aws("config").describe_configuration_recorder_status()["ConfigurationRecordersStatus"])


def _make(part: str, given: Any) -> None:  # noqa: ANN401 - a recorder or a channel
    """Make one of the two parts.

    https://docs.aws.amazon.com/config/latest/APIReference/API_PutConfigurationRecorder.html
    """
    if part == RECORDER:
        aws("config").put_configuration_recorder(ConfigurationRecorder=given)
    else:
        aws("config").put_delivery_channel(DeliveryChannel=given)


def _start(recorder: Parts) -> None:
    """Start the recorder, which needs a channel for that.

    https://docs.aws.amazon.com/config/latest/APIReference/API_StartConfigurationRecorder.html
    """
    aws("config").start_configuration_recorder(ConfigurationRecorderName=recorder["name"])


def _stop() -> None:
    """Stop the recorder, if there is one.

    https://docs.aws.amazon.com/config/latest/APIReference/API_StopConfigurationRecorder.html
    """
    if recorder := parts().get(RECORDER):
        aws("config").stop_configuration_recorder(ConfigurationRecorderName=recorder["name"])


def _delete(part: str) -> None:
    """Delete one of the two parts, if it is there. The channel can go only while nothing is recorded.

    https://docs.aws.amazon.com/config/latest/APIReference/API_DeleteDeliveryChannel.html
    """
    live = parts().get(part)
    if live and part == RECORDER:
        aws("config").delete_configuration_recorder(ConfigurationRecorderName=live["name"])
    elif live:
        aws("config").delete_delivery_channel(DeliveryChannelName=live["name"])
