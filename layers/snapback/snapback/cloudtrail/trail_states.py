"""Words for what a trail was set up to do, and what of that was lost.

Only what makes the record poorer counts. Where the record goes (bucket, prefix, topic, another key or log group) is its owners' affair.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError

from snapback.cloudtrail.event_selectors import Selectors, is_default, takes_all_of, with_all_of
from snapback.cloudtrail.trails import arn_of_trail, located
from snapback.engine import memory
from snapback.engine.clients import aws
from snapback.engine.errors import BelongsElsewhere, OnlyPeople
from snapback.engine.memory import Change
from snapback.engine.names import partition_of
from snapback.engine.refusals import all_or_each, is_gone, try_each

State = Mapping[str, Any]
"""`Trail` as CreateTrail takes it, its `Selectors` as PutEventSelectors takes them, and whether it is `Logging`."""

Loss = Mapping[str, Any]
"""`Missing`: the trail; `Setting`, `Was`, `Is`; `Selectors`, `Is` (None: those of a new trail); or `NeverStarted`."""

_SWITCHES: Final = ("IncludeGlobalServiceEvents", "IsMultiRegionTrail", "EnableLogFileValidation")
_LINKS: Final = ("CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn", "KmsKeyId")
_PLACE: Final = ("Name", "S3BucketName", "S3KeyPrefix", "IsOrganizationTrail", "RecursiveLogging")


def trail_named_in(record: Mapping[str, Any]) -> str:
    """Return the ARN of the trail that a call names by ARN or by bare name; a deleted one can be asked for nowhere any more.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteTrail.html
    """
    given, region = record["requestParameters"], record["awsRegion"]
    name = str(given.get("trailName") or given["name"])
    return name if name.startswith("arn:") else f"arn:{partition_of(region)}:cloudtrail:{region}:{record['recipientAccountId']}:trail/{name}"


def own_trails(*, into: str | None = None) -> list[str]:
    """Return the trails of this account that are at home in this region, all or those that write into a bucket.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
    """
    found = aws("cloudtrail").describe_trails(includeShadowTrails=False)["trailList"]
    return [trail["TrailARN"] for trail in found if into in (None, trail.get("S3BucketName")) and _is_ours(trail["TrailARN"])]


def state_of(arn: str) -> State | None:
    """Return how the trail is set up, or None if there is none. Raises `BelongsElsewhere` if it is another account's, or at home in another region.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrail.html
    """
    if located(arn)["HomeRegion"] != aws("cloudtrail").meta.region_name:
        raise BelongsElsewhere("the trail is at home in another region; it is put back from there")
    try:
        found: Mapping[str, Any] = aws("cloudtrail").get_trail(Name=arn)["Trail"]
        selectors: Mapping[str, Any] = aws("cloudtrail").get_event_selectors(TrailName=arn)
        status = aws("cloudtrail").get_trail_status(Name=arn)
    except ClientError as error:
        if is_gone(error):
            return None
        raise
    switches = (found["IncludeGlobalServiceEvents"], found["IsMultiRegionTrail"], found["LogFileValidationEnabled"])
    settings = {**found, **dict(zip(_SWITCHES, switches, strict=True)), "SnsTopicName": found.get("SnsTopicARN")}
    kind = "AdvancedEventSelectors" if selectors.get("AdvancedEventSelectors") else "EventSelectors"  # a trail has one kind or the other
    return {
        "Trail": {part: settings[part] for part in (*_PLACE, "SnsTopicName", *_SWITCHES, *_LINKS) if settings.get(part) not in (None, "")},
        "Selectors": {kind: selectors[kind]} if selectors[kind] else {},
        "Logging": status["IsLogging"],
        "Started": bool(status["IsLogging"] or status.get("StartLoggingTime")),
    }


def losses(arn: str, good: State | None) -> list[Loss]:
    """Return what the trail has lost of its good state; raise `OnlyPeople` if it is gone and nobody remembers it."""
    now = state_of(arn)
    if now is None and good is None:
        raise OnlyPeople("the trail is gone, and no sweep has seen it yet: make it again by hand")
    return list(_lost(now, good)) if good else []


def changes(now: State, good: State) -> list[Change]:
    """Return what is not as remembered, nor more; what the selectors take is compared by `losses`, however they are written."""
    return memory.changes({**now, "Selectors": None}, {**good, "Selectors": None})


def put_back(arn: str, lost: Sequence[Loss], good: State) -> None:
    """Make the trail again, which all else needs, or give it back what it lost, each as remembered. Raises as `try_each` does.

    Its selectors go on taking what somebody let them take besides.
    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html
    """
    if good["Trail"].get("IsOrganizationTrail"):
        raise OnlyPeople("an organisation's trail is set up with rights over the organisation, which Snapback does not have: put back by hand what it lost")
    cloudtrail, is_missing = aws("cloudtrail"), any("Missing" in loss for loss in lost)
    if is_missing:
        cloudtrail.create_trail(**good["Trail"])
    steps: list[Callable[[], object]] = []
    if settings := _settings(lost, "Was"):
        steps.append(lambda: all_or_each(settings, partial(_update, arn)))
    if is_missing and not is_default(good["Selectors"]):
        steps.append(lambda: cloudtrail.put_event_selectors(TrailName=arn, **good["Selectors"]))
    elif not is_missing:
        steps += [partial(_select_also, arn, loss["Is"] or _OF_A_NEW_TRAIL, good["Selectors"]) for loss in lost if "Selectors" in loss]
    if {"NeverStarted": True} in lost:
        steps.append(lambda: cloudtrail.start_logging(Name=arn))
    try_each(steps, lambda step: step())


def take_back(arn: str, lost: Sequence[Loss]) -> None:
    """Delete a trail that had been missing, or take from it again what it had lost, the last first. Raises as `try_each` does."""
    cloudtrail = aws("cloudtrail")
    if any("Missing" in loss for loss in lost):
        if arn_of_trail(arn.rpartition("/")[2]):
            cloudtrail.delete_trail(Name=arn.rpartition("/")[2])
        return
    steps: list[Callable[[], object]] = []
    if {"NeverStarted": True} in lost:
        steps.append(lambda: cloudtrail.stop_logging(Name=arn))
    former = (loss["Is"] or _OF_A_NEW_TRAIL for loss in lost if "Selectors" in loss)
    steps += [partial(cloudtrail.put_event_selectors, TrailName=arn, **selectors) for selectors in former]
    if settings := _settings(lost, "Is")[::-1]:
        steps.append(lambda: all_or_each(settings, partial(_update, arn)))
    try_each(steps, lambda step: step())


def _settings(lost: Sequence[Loss], which: str) -> list[Mapping[str, Any]]:
    """Return what UpdateTrail is given, in the order in which it takes the parts one by one, those together that it takes only together.

    A trail of all regions needs global events. Neither log group nor role is taken alone.
    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html
    """
    settings = {loss["Setting"]: loss[which] for loss in lost if "Setting" in loss}
    together = [(name,) for name in _SWITCHES] + [tuple(name for name in _LINKS if "CloudWatchLogs" in name), ("KmsKeyId",)]
    parts = [{name: settings[name] for name in names if name in settings} for names in together]
    return [part for part in parts if part]


def _select_also(arn: str, selectors: Selectors, good: Selectors) -> None:
    """Let the trail take what the good selectors take, besides what it takes by now."""
    both = with_all_of(selectors, good)
    if both is None:
        raise OnlyPeople(
            "its event selectors were replaced by others, which take events that the former ones do not, and no trail can have both (basic and advanced "
            "ones, or more of them than AWS allows): put selectors that take both, or accept the trail as it is"
        )
    aws("cloudtrail").put_event_selectors(TrailName=arn, **both)


def _update(arn: str, parts: Sequence[Mapping[str, Any]]) -> None:
    aws("cloudtrail").update_trail(Name=arn, **{name: value for part in parts for name, value in part.items()})


_OF_A_NEW_TRAIL: Final[Mapping[str, Any]] = {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}]}


def _lost(now: State | None, good: State) -> Iterator[Loss]:
    """Yield what was lost. After a trail was made again but not finished, the rest of its losses reads as before."""
    if now is None:
        yield {"Missing": good["Trail"]}
    else:
        yield from _weakened(now["Trail"], good["Trail"])
    selectors: Selectors = now["Selectors"] if now else _OF_A_NEW_TRAIL
    if not takes_all_of(selectors, good["Selectors"]):
        yield {"Selectors": good["Selectors"], "Is": None if is_default(selectors) else selectors}
    if good["Logging"] and not (now and now["Started"]):
        yield {"NeverStarted": True}


def _weakened(now: Mapping[str, Any], good: Mapping[str, Any]) -> Iterator[Loss]:
    for setting in _SWITCHES:
        if good.get(setting) and not now.get(setting):
            yield {"Setting": setting, "Was": True, "Is": False}
    for setting in _LINKS:
        if good.get(setting) and not now.get(setting):
            yield {"Setting": setting, "Was": good[setting], "Is": ""}


def _is_ours(arn: str) -> bool:
    try:
        return bool(located(arn))
    except BelongsElsewhere:
        return False
