"""The canary: whether Snapback hears and is heard, tried in earnest.

A security group of Snapback's own, which nothing uses, is opened as an intruder would open one. It must be closed again, and the alert of that must arrive at
the topic, within minutes. So a trail that is off, a rule that is disabled, a role that was cut or a topic that is gone is noticed the same day, though each of
them is silent by itself.
"""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from snapback.engine import alerts, clock, links, names, refusals, settings
from snapback.engine.clients import aws, platform
from snapback.engine.outcomes import Outcome

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import IpPermissionTypeDef

logger = Logger(service="snapback")

HEARD, UNHEARD = "canary heard", "canary unheard"
"""Lines of the log; template.yaml counts the first as a metric, whose absence rings an alarm."""

_INSTEAD = (Outcome.HELD, Outcome.CONTESTED, Outcome.PARTIAL, Outcome.FAILED, Outcome.UNVERIFIED)
"""Outcomes that say that the canary was heard, and why its port is open all the same: who tells that is not deaf."""

_EACH = 10.0
"""Seconds between two looks."""
_AT_THE_END = 30.0
"""Seconds that are kept for cleaning up and telling."""


class Flight(NamedTuple):
    """What became of one canary."""

    outcome: str
    """`HEARD`, or `UNHEARD`."""
    missing: list[str]
    """What did not come to pass, in words; empty if all did."""
    seconds: int
    """From the opening to the last of what was waited for."""
    answer: str
    """How it ended instead, if Snapback has heard it and told that it does not close it: `HELD`, `CONTESTED`, ...; empty if not."""


def fly(*, seconds: float) -> Flight:
    """Open the group, and wait for at most so many seconds until it is closed and told; close it in any case, and tell people if it was not heard."""
    group, queue = settings.text("CANARY_GROUP"), settings.optional("CANARY_QUEUE")
    opening: list[IpPermissionTypeDef] = [
        {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": names.CANARY}]}
        for port in sorted(settings.numbers("ADMIN_PORTS"))[:1]
    ]
    _close(group)
    started = clock.now()
    aws("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=opening)
    is_told, is_closed = not queue, False  # a topic of another account cannot be listened to from here
    instead: Mapping[str, Any] = {}
    only_shows = settings.previews(disruptive=False)
    while clock.now() < started + seconds - _AT_THE_END:
        clock.pause(_EACH)
        for alert in _alerts(queue):
            if _is_about(group, alert, started):
                is_told, instead = True, alert if alert["outcome"] in _INSTEAD else instead
                only_shows = only_shows or alert["outcome"] == Outcome.WOULD_FIX  # as a person has chosen, or warned of: it is put right later
        is_closed = is_closed or not _rules(group)
        if is_told and (is_closed or instead or only_shows):
            break
    why = f": it ended as {instead['outcome']}, for {names.shown(instead['reason'], 300)}" if instead else ""
    missing = [
        *([] if is_closed or only_shows else [f"the opened port was not closed{why}"]),
        *([] if is_told else ["no alert of it arrived at the topic"]),
    ]
    answer = str(instead["outcome"]) if missing and instead else ""
    flight = Flight("UNHEARD" if missing else "HEARD", missing, round(clock.now() - started), answer)
    _close(group)
    logger.info(UNHEARD if missing else HEARD, **flight._asdict())
    if missing:
        _notify(group, flight, instead)
    return flight


def _alerts(queue: str) -> Iterator[Mapping[str, Any]]:
    """Take the alerts that have arrived out of the queue, which hears only those about the canary."""
    while messages := platform("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []) if queue else []:
        for message in messages:
            platform("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            alert = json.loads(message["Body"])
            yield alert.get("unmapped", alert)  # in OCSF, what it has no attribute for


def _is_about(group: str, alert: Mapping[str, Any], started: float) -> bool:
    """Tell whether the alert is of this flight: an earlier one may have been late."""
    about = alert["resource"]["name"] == group and alert["outcome"] in (Outcome.FIXED, Outcome.WOULD_FIX, *_INSTEAD)
    at = (alert.get("trigger") or alert.get("heard") or {}).get("at") or ""
    return bool(about and alerts.seconds(at) >= started - 60)  # the event's time is CloudTrail's, whose clock is another


def _rules(group: str) -> list[str]:
    pages = aws("ec2").get_paginator("describe_security_group_rules").paginate(Filters=[{"Name": "group-id", "Values": [group]}])
    return [rule["SecurityGroupRuleId"] for page in pages for rule in page["SecurityGroupRules"] if not rule["IsEgress"]]


def _close(group: str) -> None:
    """Close the group, unless Snapback is quicker."""
    if rules := _rules(group):
        try:
            aws("ec2").revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=rules)
        except ClientError as error:
            if refusals.code_of(error) != "InvalidSecurityGroupRuleId.NotFound":
                raise


def _notify(group: str, flight: Flight, instead: Mapping[str, Any]) -> None:
    """Tell people directly. If this fails, too, the function fails, and the alarm rings on its own way."""
    _, _, _, region, account, *_ = settings.text("TOPIC_ARN").split(":")
    where = f"{settings.own_account()} {region}"
    missing = "; ".join(flight.missing)
    commands = {what: command for what, command in instead.get("commands", {}).items() if what in ("release", "retry")} if flight.answer else {}
    headline = "Snapback hears, and does not put right what it hears of" if flight.answer else "Snapback may be deaf"
    text = f"{headline}: {missing}.\nIts canary, the security group {group}, was opened {flight.seconds} seconds ago and is closed now.\n\n"
    if flight.answer:
        text += "WHAT TO LOOK AT\n  Why did it end so? The same may keep open what others open. The runbook says what to do about this outcome.\n"
        text += "".join(f"\nONCE THAT IS CLEAR: {what.upper()}\n  {command}\n" for what, command in commands.items())
    else:
        text += (
            "WHAT TO LOOK AT, IN THIS ORDER\n"
            "  1. Does a trail log management events of this region? Without one no event comes.\n"
            "  2. Is the rule of RevokeOpenIngress enabled, and does it have its target?\n"
            "  3. Do the function's log and the dead-letter queue say that something is refused?\n"
            "  4. Does the topic exist, and may the functions publish to it?\n"
        )
    runbook = links.of_runbook(flight.answer, remediation="" if flight.answer else "send-canary", runbook=alerts.Telling.read().runbook)
    text += f"\nLOOK\n  The runbook:\n  {runbook}\n"
    facts = alerts.facts_of(
        outcome=Outcome.REPORTED.value,
        headline="Snapback hears, and does not put right what it hears of" if flight.answer else "Snapback may be deaf",
        problem=missing[:1].upper() + missing[1:],
        severity="high",
        remediation="send-canary",
        summary="Try whether Snapback hears and is heard.",
        service="snapback",
        account=settings.own_account() or account,
        region=region,
        resource={"type": "AWS::EC2::SecurityGroup", "name": f"{group} (canary)", "arn": None},
        trigger={"from": "the canary", "event": "", "at": None, "cloudtrail_event_id": None, "finding_arn": None},
        reason=missing,
        links={"runbook": runbook},
        commands=commands,
    )
    what = f"{flight.answer}: the canary's port was not closed" if flight.answer else f"DEAF? {missing}"
    alerts.publish(facts, f"HIGH {facts['account_alias'] or settings.own_account()}: {what} in {where}", text)
