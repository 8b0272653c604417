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

from snapback import alerts, clients, clock, names, settings
from snapback.clients import aws, platform
from snapback.outcomes import Outcome

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import IpPermissionTypeDef

logger = Logger(service="snapback")

HEARD, UNHEARD = "canary heard", "canary unheard"
"""Lines of the log; template.yaml counts the first as a metric, whose absence rings an alarm."""

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
    while clock.now() < started + seconds - _AT_THE_END:
        clock.pause(_EACH)
        is_told = is_told or any(_is_about(group, alert, started) for alert in _alerts(queue))
        is_closed = is_closed or not _rules(group)
        if is_told and (is_closed or settings.previews(disruptive=False)):
            break
    missing = [
        *([] if is_closed or settings.previews(disruptive=False) else ["the opened port was not closed"]),
        *([] if is_told else ["no alert of it arrived at the topic"]),
    ]
    flight = Flight("UNHEARD" if missing else "HEARD", missing, round(clock.now() - started))
    _close(group)
    logger.info(UNHEARD if missing else HEARD, **flight._asdict())
    if missing:
        _tell(group, flight)
    return flight


def _alerts(queue: str) -> Iterator[Mapping[str, Any]]:
    """Take the alerts that have arrived out of the queue, which hears only those about the canary."""
    while messages := platform("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []) if queue else []:
        for message in messages:
            platform("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            yield json.loads(message["Body"])


def _is_about(group: str, alert: Mapping[str, Any], started: float) -> bool:
    """Tell whether the alert is of this flight: an earlier one may have been late."""
    about = alert["resource"]["name"] == group and alert["outcome"] in (Outcome.FIXED, Outcome.WOULD_FIX)
    return bool(about and alerts.seconds(alert["heard"]["at"]) >= started - 60)  # the event's time is CloudTrail's, whose clock is another


def _rules(group: str) -> list[str]:
    pages = aws("ec2").get_paginator("describe_security_group_rules").paginate(Filters=[{"Name": "group-id", "Values": [group]}])
    return [rule["SecurityGroupRuleId"] for page in pages for rule in page["SecurityGroupRules"] if not rule["IsEgress"]]


def _close(group: str) -> None:
    """Close the group, unless Snapback is quicker."""
    if rules := _rules(group):
        try:
            aws("ec2").revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=rules)
        except ClientError as error:
            if clients.code_of(error) != "InvalidSecurityGroupRuleId.NotFound":
                raise


def _tell(group: str, flight: Flight) -> None:
    """Tell people directly. If this fails, too, the function fails, and the alarm rings on its own way."""
    _, _, _, region, account, *_ = settings.text("TOPIC_ARN").split(":")
    where = f"{settings.own_account()} {region}"
    missing = "; ".join(flight.missing)
    text = (
        f"Snapback may be deaf: {missing}.\nIts canary, the security group {group}, was opened {flight.seconds} seconds ago and is closed now.\n\n"
        "WHAT TO LOOK AT, IN THIS ORDER\n"
        "  1. Does a trail log management events of this region? Without one no event comes.\n"
        "  2. Is the rule of RevokeOpenIngress enabled, and does it have its target?\n"
        "  3. Do the function's log and the dead-letter queue say that something is refused?\n"
        "  4. Does the topic exist, and may the functions publish to it?\n"
    )
    facts = alerts.facts_of(
        outcome=Outcome.REPORTED.value,
        severity="high",
        remediation="send-canary",
        summary="Try whether Snapback hears and is heard.",
        service="snapback",
        account=settings.own_account() or account,
        region=region,
        resource={"type": "AWS::EC2::SecurityGroup", "name": f"{group} (canary)"},
        heard={"from": "the canary", "event": "", "at": ""},
        reason=missing,
    )
    alerts.publish(f"[Snapback] DEAF? {missing} in {where}"[: alerts.LONGEST_SUBJECT], text, facts)
