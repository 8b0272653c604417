"""alerts: understood at three in the morning, within SNS's limits, whatever is in them."""

import json
from typing import Any

import boto3
import pytest
from moto.sns.models import sns_backends

from tests.contract.conftest import Broken, broken_by
from tests.harness.account import Account
from tests.harness.discovery import ROOT, Handler
from tests.harness.scenario import ACCOUNT, REGION

LIMIT = 262_144


@pytest.fixture
def broken(account: Account, monkeypatch: pytest.MonkeyPatch) -> Broken:
    return broken_by(Handler("ec2", "revoke_open_ingress"), account, monkeypatch)


def test_the_mail_says_in_this_order_what_who_how_and_what_to_do(broken: Broken) -> None:
    broken.deliver(broken.event("revoke_open_ingress-flat"))
    [alert] = broken.account.heard()
    parts = [
        "The problem was put right.",
        broken.resource,
        "WHAT WAS WRONG",
        "FromPort=22 ToPort=22 CidrIpv4=0.0.0.0/0",
        "WHO DID IT, AND HOW",
        "role Deploy (session jenkins-42) from 198.51.100.7 with Terraform",
        "will make the change again with its next deployment",
        "WHAT SNAPBACK CALLED",
        "ec2.RevokeSecurityGroupIngress",
        "WHAT IT IS NOW",
        "TAKE IT BACK",
        f'"undo": "{alert["id"]}"',
        "LEAVE THIS RESOURCE ALONE",
        "LOOK IT UP",
    ]
    places = [alert["text"].find(part) for part in parts]
    assert -1 not in places, parts[places.index(-1)]
    assert places == sorted(places)


def test_the_undo_command_works_as_it_stands_in_the_alert(broken: Broken) -> None:
    broken.deliver()
    [alert] = broken.account.heard()
    import shlex  # noqa: PLC0415 - as a shell would read it

    words = shlex.split(alert["commands"]["undo"])
    payload = json.loads(words[words.index("--payload") + 1])
    assert broken.account.invoke(broken.remediation, payload)["outcome"] == "UNDONE"
    assert words[words.index("--function-name") + 1] == "snapback-revoke-open-ingress"


def test_the_subject_is_short_ascii_and_says_outcome_remediation_resource_and_place(broken: Broken) -> None:
    broken.deliver()
    [alert] = broken.account.heard()
    assert alert["subject"] == f"[Snapback] FIXED revoke-open-ingress {broken.resource} in {ACCOUNT} {REGION}"[:100]


def test_an_alert_about_a_thousand_wrong_things_is_cut_and_says_so(account: Account, broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [{"SecurityGroupRuleId": f"sgr-{n:017}", "IpProtocol": "tcp", "CidrIpv4": "0.0.0.0/0", "Description": "x" * 200} for n in range(700)]
    looks: list[Any] = [many, many, []]
    monkeypatch.setitem(broken.remediation.__dict__, "violation", lambda _: looks.pop(0) if len(looks) > 1 else looks[0])
    monkeypatch.setitem(broken.remediation.__dict__, "fix", lambda *_: None)
    monkeypatch.setitem(broken.remediation.__dict__, "name", "revoke-open-ingress")
    monkeypatch.setitem(broken.remediation.__dict__, "summary", "A summary.")
    looks.pop(0)
    broken.deliver()
    [alert] = account.heard()
    assert alert["before_count"] == 700
    assert len(alert["before"]) == 20
    assert "and 680 more" in alert["text"]
    [topic] = sns_backends[ACCOUNT][REGION].topics.values()
    assert all(len(message.encode()) < LIMIT for _, message, *_ in topic.sent_notifications)


def test_subscribers_can_filter_by_outcome_and_severity(broken: Broken) -> None:
    boto3.client("sqs").create_queue(QueueName="pager")
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"
    policy = json.dumps({"severity": ["high"]})
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:pager"
    boto3.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"FilterPolicy": policy})
    broken.deliver()
    url = boto3.client("sqs").get_queue_url(QueueName="pager")["QueueUrl"]
    assert "Messages" not in boto3.client("sqs").receive_message(QueueUrl=url), "FIXED is not high"


def test_over_https_the_alert_is_also_a_custom_notification_for_chat_channels(broken: Broken) -> None:
    broken.deliver()
    [(_, message, *_)] = sns_backends[ACCOUNT][REGION].topics[f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"].sent_notifications
    web, program = json.loads(json.loads(message)["https"]), json.loads(json.loads(message)["default"])
    assert (web["version"], web["source"], web["content"]["textType"]) == ("1.0", "custom", "client-markdown")
    assert web["content"]["title"].startswith("[Snapback] FIXED revoke-open-ingress")
    assert any("undo" in step for step in web["content"]["nextSteps"])
    assert web["metadata"]["threadId"] == f"revoke-open-ingress {broken.resource}"
    assert program.items() <= web.items(), "all that the others get"


@pytest.mark.parametrize(
    ("policy", "hears"),
    [
        ({"severity": ["high"]}, False),
        ({"severity": ["medium"], "service": ["ec2", "s3"]}, True),
        ({"outcome": [{"anything-but": ["WOULD_FIX"]}], "account": [ACCOUNT]}, True),
    ],
    ids=str,
)
def test_the_readmes_filter_policies_let_through_what_they_say(broken: Broken, policy: dict[str, Any], hears: bool) -> None:  # noqa: FBT001 - it does or not
    assert json.dumps(policy) in (ROOT / "README.md").read_text()
    sqs, sns = boto3.client("sqs"), boto3.client("sns")
    queue = sqs.create_queue(QueueName="subscriber")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:subscriber"
    sns.subscribe(TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts", Protocol="sqs", Endpoint=arn, Attributes={"FilterPolicy": json.dumps(policy)})
    broken.deliver()
    assert ("Messages" in sqs.receive_message(QueueUrl=queue)) is hears
