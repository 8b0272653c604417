"""Snapback's own stack: what is a part of it, and what CloudFormation changed there in the stack's own name.

A CloudTrail record of a call that CloudFormation made says so (`userIdentity.invokedBy`), but not for which stack: somebody's own stack may just as well put a
policy on one of our roles. The stack's own events say it, resource by resource.
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from snapback.engine import clock, controls, refusals, settings
from snapback.engine.alerts import seconds
from snapback.engine.clients import aws

CLOUDFORMATION = "cloudformation.amazonaws.com"

_NEVER_CUT = 24
"""Characters of a stack's name that CloudFormation keeps at least in the names it makes: half of what 64 characters leave, less what it puts behind them."""
_OF_A_STACK_SET = re.compile(r"(StackSet-.+-)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

GIVEN_NAMES = ("untold", "forged", "deaf", "dead-letters", "dead-letters-expire", "errors", "held", "late", "undelivered", "attackers-v4", "attackers-v6")
"""What stands behind the stack's name in the names that the template gives: of alarms and IP sets."""

_SLACK = 15.0
"""Seconds by which a record's time, which has whole seconds, may lie outside the time in which the stack says that it changed the resource."""
_LONGEST = 2 * 3600.0
"""Seconds for which the change of one resource may take: so far back the stack's events are read."""

_OTHERWISE_NAMED: Mapping[str, str] = {"SetQueueAttributes": "AWS::SQS::QueuePolicy", "Subscribe": "AWS::SNS::Subscription"}
"""Calls with which CloudFormation makes resources whose own name stands neither in the request nor in the answer."""


_TYPES: Mapping[tuple[str, str], str] = {
    ("cloudformation", "stackName"): "AWS::CloudFormation::Stack",
    ("dynamodb", "tableName"): "AWS::DynamoDB::Table",
    ("events", "name"): "AWS::Events::Rule",
    ("events", "rule"): "AWS::Events::Rule",
    ("iam", "policyArn"): "AWS::IAM::ManagedPolicy",
    ("iam", "roleName"): "AWS::IAM::Role",
    ("lambda", "functionName"): "AWS::Lambda::Function",
    ("monitoring", "alarmName"): "AWS::CloudWatch::Alarm",
    ("monitoring", "alarmNames"): "AWS::CloudWatch::Alarm",
    ("sns", "subscriptionArn"): "AWS::SNS::Topic",
    ("sns", "topicArn"): "AWS::SNS::Topic",
    ("sqs", "queueUrl"): "AWS::SQS::Queue",
    ("wafv2", "name"): "AWS::WAFv2::IPSet",
}
"""Service, and the member of a request that names a part by its own name -> the part's type."""


class _Change(NamedTuple):
    """One event of the stack."""

    logical: str
    kind: str
    physical: str
    status: str
    at: float


_known: dict[str, _Change] = {}
"""The stack's events by their id, read by earlier invocations: what happened stays so. An update of the stack brings hundreds of records at once, and
CloudFormation answers each account only a few times a second."""


def name() -> str:
    """Return the stack's name."""
    return settings.text("STACK_ID").split("/")[1]


def wrongly_switched_off() -> Sequence[str]:
    """Return the names in the parameter SwitchedOff that no remediation has which can be off: nothing is switched off by those."""
    return sorted(settings.words("SWITCHED_OFF") - controls.switchable() - {"none"})


def part_named_in(record: Mapping[str, Any]) -> str:
    """Return the part of this stack that the request of a CloudTrail record names; empty if it names none."""
    return _part_in(record)[0]


def type_of_part(record: Mapping[str, Any]) -> str:
    """Return that part's type, by the member of the request that names it; empty where that does not tell."""
    return _TYPES.get((str(record.get("eventSource")).partition(".")[0], _part_in(record)[1]), "")


def _part_in(record: Mapping[str, Any]) -> tuple[str, str]:
    """Return the part and the member of the request that names it."""
    own = _own_names(name())
    for member, given in _members(record.get("requestParameters")):
        words = re.split(r"[:/]", re.sub(r"^(.*:log-group:)?/snapback/", "", given))
        if found := next((word for word in words if own.fullmatch(word)), ""):
            return found, member
        if given and (given == settings.optional("STORMS_MAPPING") or f"{given}:".startswith(f"{settings.text('TOPIC_ARN')}:") or _is_key(given)):
            return given, member
    return "", ""


def is_part(given: str) -> bool:
    """Tell whether this is the name of a part of this stack."""
    return bool(_own_names(name()).fullmatch(given))


def _is_key(given: str) -> bool:
    """Tell whether this is the ARN or id of the key with which the topic is encrypted."""
    own = settings.optional("ALERTS_KEY").rpartition("/")[2]
    return bool(own) and given.rpartition("/")[2] == own


@cache
def _own_names(stack: str) -> re.Pattern[str]:
    """Return the form of the names of the stack's parts: made by CloudFormation, or given by the template.

    Of `snapback`, `snapback-dev-Alerts-1A2B3C4D5E6F` is no part: a logical id has no hyphen. All stacks of a stack set are taken for one: IAM tells of the
    roles of every region's in one region.
    """
    if found := _OF_A_STACK_SET.fullmatch(stack):
        beginning = rf"{re.escape(found[1])}([0-9a-f-]*-)?"
    else:
        beginning = f"({'|'.join(re.escape(stack[:length]) for length in range(len(stack), min(len(stack), _NEVER_CUT) - 1, -1))})-"
    return re.compile(rf"{beginning}[A-Za-z0-9]+-[A-Za-z0-9]{{12,13}}|{re.escape(stack)}(-({'|'.join(GIVEN_NAMES)}))?")


def did(record: Mapping[str, Any]) -> bool:
    """Tell whether this stack itself, by CloudFormation, made the call: it says that it was changing just this resource at that time.

    What cannot be found out is no.
    """
    if record["userIdentity"].get("invokedBy") != CLOUDFORMATION:
        return False
    at = seconds(record["eventTime"])
    named = {*_texts(record.get("requestParameters")), *_texts(record.get("responseElements"))}
    kind = _OTHERWISE_NAMED.get(record["eventName"])
    if _was_changing(named, kind, at):
        return True
    try:
        _read_until(at - _LONGEST)
    except ClientError as error:
        if not refusals.is_refused(error):
            raise
    return _was_changing(named, kind, at)


def _was_changing(named: set[str], kind: str | None, at: float) -> bool:
    """Tell whether the stack was changing one of the named resources, or one of that type, at that time."""
    names = named | {re.sub(r"^.*:function:|:.*$", "", name) for name in named}  # a function may be named by its ARN, or that of an alias
    parts = [change for change in _known.values() if change.physical != settings.text("STACK_ID")]
    for logical in {change.logical for change in parts if change.physical in names or change.kind == kind}:
        began: float | None = None
        for change in sorted((one for one in parts if one.logical == logical), key=lambda one: one.at):
            if change.status.endswith("_IN_PROGRESS"):
                began = change.at if began is None else began
            elif began is not None:
                if began - _SLACK <= at <= change.at + _SLACK:
                    return True
                began = None
        if began is not None and began - _SLACK <= at:
            return True
    return False


def _read_until(oldest: float) -> None:
    """Read the stack's events, the latest first, down to those that are known or older."""
    for identifier in [identifier for identifier, change in _known.items() if change.at < clock.now() - 2 * _LONGEST]:
        del _known[identifier]
    new: dict[str, _Change] = {}
    for page in aws("cloudformation").get_paginator("describe_stack_events").paginate(StackName=settings.text("STACK_ID")):
        for event in page["StackEvents"]:
            at = event["Timestamp"].timestamp()
            if event["EventId"] in _known or at < oldest:
                _known.update(new)
                return
            new[event["EventId"]] = _Change(
                logical=event.get("LogicalResourceId", ""),
                kind=event.get("ResourceType", ""),
                physical=event.get("PhysicalResourceId", ""),
                status=event.get("ResourceStatus", ""),
                at=at,
            )
    _known.update(new)  # not before all are read: where one is known, those before it are


def _texts(value: object) -> Iterator[str]:
    return (text for _, text in _members(value))


def _members(value: object, member: str = "") -> Iterator[tuple[str, str]]:
    """Return every text with the name of the member that it is in."""
    if isinstance(value, str):
        yield member, value
    elif isinstance(value, Mapping):
        for name_of, inner in value.items():
            yield from _members(inner, str(name_of))
    elif isinstance(value, list):
        for inner in value:
            yield from _members(inner, member)
