"""send_canary: whatever makes Snapback deaf or dumb is noticed, and the port is closed in any case."""

import json
from typing import Any

import boto3
import pytest
from jsonschema import Draft202012Validator

from functions.ec2.revoke_open_ingress import remediation
from functions.snapback import send_canary
from snapback.engine import clock
from tests.functions.ec2.test_revoke_open_ingress import scenario
from tests.harness.account import Account, Context
from tests.harness.discovery import ROOT, Handler
from tests.harness.scheduler import schedules

SAMPLE = Handler("ec2", "revoke_open_ingress").samples["revoke_open_ingress"]
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs" / "alert.schema.json").read_text()))


class World:
    """AWS around the canary: CloudTrail tells of the opening half a minute later, and what is published about the group comes into its queue."""

    def __init__(self, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
        self.account = account
        self.group = boto3.client("ec2").create_security_group(GroupName="canary", Description="-")["GroupId"]
        self.queue = boto3.client("sqs").create_queue(QueueName="canary")["QueueUrl"]
        self.trail_is_on = self.topic_delivers = True
        self.told = 0
        self.is_going_on = False
        for name, value in {"CANARY_GROUP": self.group, "CANARY_QUEUE": self.queue, "ADMIN_PORTS": "22,3389"}.items():
            monkeypatch.setenv(name, value)
        wait = clock.pause

        def pause(seconds: float) -> None:
            wait(seconds)
            if not self.is_going_on:
                self.is_going_on = True
                self.go_on()
                self.is_going_on = False

        monkeypatch.setattr(clock, "pause", pause)

    def go_on(self) -> None:
        if self.trail_is_on and self.is_open():
            event = {**scenario.event(SAMPLE, self.group, event_id=f"{self.account.clock.time}"), "time": now(self.account)}
            self.account.deliver(remediation, event)
        heard = self.account.alerts()
        for alert in heard[self.told :] if self.topic_delivers else []:
            if alert["resource"]["name"] == self.group:
                boto3.client("sqs").send_message(QueueUrl=self.queue, MessageBody=json.dumps(alert))
        self.told = len(heard)

    def is_open(self) -> bool:
        rules = boto3.client("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [self.group]}])["SecurityGroupRules"]
        return any(not rule["IsEgress"] for rule in rules)

    def send(self) -> dict[str, Any]:
        context = Context("snapback-SendCanary", "")
        context.get_remaining_time_in_millis = lambda: 600_000  # type: ignore[method-assign]  # its timeout
        return send_canary.handler({}, context)


def now(account: Account) -> str:
    from snapback.engine.alerts import utc  # noqa: PLC0415 - named like what it gives

    return utc(account.clock.time).replace(" UTC", "Z").replace(" ", "T")


@pytest.fixture
def world(account: Account, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(account, monkeypatch)


def test_a_canary_that_is_closed_and_told_is_heard_and_nobody_is_bothered(world: World) -> None:
    flight = world.send()
    assert (flight["outcome"], flight["missing"]) == ("HEARD", [])
    assert world.account.outcomes() == ["FIXED"], "the alert that the email subscription leaves out"
    assert not world.is_open()


def test_a_trail_that_is_off_is_told_within_ten_minutes_and_the_port_is_closed(world: World) -> None:
    world.trail_is_on = False
    flight = world.send()
    missing = ["the opened port was not closed", "no alert of it arrived at the topic"]
    assert flight == {"outcome": "UNHEARD", "missing": missing, "seconds": flight["seconds"], "answer": ""}
    assert 500 < flight["seconds"] < 600
    [alert] = world.account.alerts()
    assert (alert["severity"], alert["resource"]["name"] != world.group) == ("high", True), "the email subscription must not leave this one out"
    assert alert["subject"].startswith("HIGH 111122223333: DEAF? the opened port was not closed")
    assert alert["links"]["runbook"] == "docs/runbook.md#snapback-may-be-deaf"
    assert alert["links"]["runbook"] in alert["text"]
    SCHEMA.validate({part: value for part, value in alert.items() if part not in ("subject", "text")})
    assert not world.is_open()


def test_a_topic_that_delivers_nothing_is_told(world: World) -> None:
    world.topic_delivers = False
    assert world.send()["missing"] == ["no alert of it arrived at the topic"]


def test_a_canary_that_the_breaker_holds_is_no_deafness_and_people_hear_what_keeps_its_port_open(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")
    world.account.make_storm_queue()
    for number in range(3):  # the first is fixed, the second held and told, and the third held and told together with others
        group = boto3.client("ec2").create_security_group(GroupName=f"open-{number}", Description="-")["GroupId"]
        boto3.client("ec2").authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")
        world.account.deliver(remediation, {**scenario.event(SAMPLE, group, event_id=str(number)), "time": now(world.account)})
    flight = world.send()
    assert (flight["outcome"], flight["answer"], flight["seconds"] < 60) == ("UNHEARD", "HELD", True)
    assert flight["missing"] == [
        "the opened port was not closed: it ended as HELD, for revoke-open-ingress has made 1 fixes within an hour, the most that it may"
    ]
    alert = world.account.alerts()[-1]
    assert alert["subject"].startswith("HIGH 111122223333: HELD: the canary's port was not closed")
    assert "deaf" not in alert["text"].lower()
    assert set(alert["commands"]) == {"release"}
    assert alert["commands"]["release"] in alert["text"]
    assert alert["links"]["runbook"] == "docs/runbook.md#held-too-many-fixes-in-an-hour", "what to do is said of how it ended"
    SCHEMA.validate({part: value for part, value in alert.items() if part not in ("subject", "text")})
    assert not world.is_open()


def test_in_preview_it_is_enough_that_it_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODE", "preview")
    assert world.send()["outcome"] == "HEARD"
    assert not world.is_open(), "it closes the port itself"


def test_where_fixes_are_warned_of_it_is_enough_that_the_warning_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    schedules.switch_on(monkeypatch)
    monkeypatch.setenv("WARN_MINUTES", "15")
    assert world.send()["outcome"] == "HEARD"
    assert [alert["outcome"] for alert in world.account.alerts()] == ["WOULD_FIX"]
    assert not world.is_open(), "it closes the port itself"


def test_an_alert_of_an_earlier_canary_does_not_count(world: World) -> None:
    world.send()
    world.told = 0  # its alert comes once more, late
    world.account.clock.pause(3600)
    world.trail_is_on = False
    assert "no alert of it arrived at the topic" in world.send()["missing"]


def test_without_a_queue_only_the_closing_counts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CANARY_QUEUE")
    assert world.send()["outcome"] == "HEARD"
    world.trail_is_on = False
    assert world.send()["missing"] == ["the opened port was not closed"]


def test_a_port_that_an_earlier_flight_left_open_is_closed_first(world: World) -> None:
    boto3.client("ec2").authorize_security_group_ingress(GroupId=world.group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")
    assert world.send()["outcome"] == "HEARD"
