"""restore_alarm: a guarded alarm that is gone or silent is heard again as it was, and no other is touched."""

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import pytest

from functions.cloudwatch.restore_alarm import remediation
from snapback.cloudwatch.alarms import state_of
from snapback.engine import memory, wording
from tests.harness.account import Account, ApiCall, operations, paged
from tests.harness.cloudwatch import alarms
from tests.harness.discovery import Handler
from tests.harness.scenario import ACCOUNT, REGION, Scenario

alarms.as_on_aws()

NAME = "critical-payment-errors"
COMPOSITE = "critical-shop"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:on-call"
SETTINGS: Any = {
    "AlarmDescription": "Payments fail: see the runbook",
    "ActionsEnabled": True,
    "AlarmActions": [TOPIC],
    "OKActions": [TOPIC],
    "Namespace": "Shop",
    "MetricName": "Errors",
    "Statistic": "Sum",
    "Dimensions": [{"Name": "Service", "Value": "payments"}],
    "Period": 60,
    "EvaluationPeriods": 5,
    "DatapointsToAlarm": 3,
    "Threshold": 0.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "breaching",
}
SUPPRESSED: Any = {"ActionsSuppressor": "critical-latency", "ActionsSuppressorWaitPeriod": 60, "ActionsSuppressorExtensionPeriod": 120}
METRICS: Any = [
    {"Id": "rate", "Expression": "errors / calls", "Label": "Error rate", "ReturnData": True},
    *(
        {"Id": name.lower(), "MetricStat": {"Metric": {"Namespace": "Shop", "MetricName": name}, "Period": 60, "Stat": "Sum"}, "ReturnData": False}
        for name in ("Errors", "Calls")
    ),
]
GUARDED = {"GUARDED_ALARMS": "critical-payment, security-"}
"""For the laws, of whose alarms only one is guarded; the tests below guard more of them."""


@pytest.fixture(autouse=True)
def guarded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUARDED_ALARMS", "critical-, security-")


def set_up() -> None:
    """Have a guarded alarm, and neighbours."""
    cloudwatch = boto3.client("cloudwatch")
    for name in (NAME, "critical-latency", "build-queue-depth"):
        cloudwatch.put_metric_alarm(AlarmName=name, **SETTINGS)
    rule = f'ALARM("{NAME}") AND ALARM("critical-latency")'
    cloudwatch.put_composite_alarm(AlarmName=COMPOSITE, AlarmRule=rule, AlarmActions=[TOPIC], ActionsEnabled=True, **SUPPRESSED)


def remember(*names: str) -> None:
    for name in names:
        memory.learn(remediation.name, {name: state_of(name)})


def broken() -> str:
    set_up()
    remember(NAME)
    boto3.client("cloudwatch").disable_alarm_actions(AlarmNames=[NAME])
    return NAME


def deleted() -> str:
    set_up()
    remember(NAME)
    boto3.client("cloudwatch").delete_alarms(AlarmNames=[NAME])
    return NAME


def state(_: str) -> dict[str, Any]:
    answer: Any = boto3.client("cloudwatch").describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    found: dict[str, Any] = {NAME: None}
    for alarm in (*answer["MetricAlarms"], *answer["CompositeAlarms"]):
        dates = {part for part in alarm if part.endswith("Timestamp")}
        found[alarm["AlarmName"]] = {part: value for part, value in alarm.items() if part not in dates}
    return found


scenario = Scenario(sample=NAME, broken=broken, state=state, touched=frozenset({NAME}), environment=GUARDED)


variants = {"deleted": replace(scenario, broken=deleted)}


def event(sample: str = "restore_alarm", *names: str, event_id: str = "one") -> dict[str, Any]:
    found = {**Handler("cloudwatch", "restore_alarm").samples[sample], "id": event_id}
    return {**found, "detail": {**found["detail"], "requestParameters": {"alarmNames": [*names]}}} if names else found


def sweep(event_id: str = "a sweep") -> dict[str, Any]:
    return event("restore_alarm-sweep", event_id=event_id)


def all_calls(account: Account) -> None:
    """Make deleted alarms of both kinds again, and delete them."""
    deleted()
    both = "security-all"
    boto3.client("cloudwatch").put_composite_alarm(AlarmName=both, AlarmRule=f"ALARM({NAME})", ActionsEnabled=True)
    remember(both)
    boto3.client("cloudwatch").delete_alarms(AlarmNames=[both])
    for outcome in account.invoke(remediation, event("restore_alarm-delete", both, NAME))["outcomes"]:
        account.invoke(remediation, {"undo": outcome["id"]})


def test_a_deleted_alarm_is_made_again_as_it_was(account: Account) -> None:
    set_up()
    account.deliver(remediation, sweep())
    before = state(NAME)
    boto3.client("cloudwatch").delete_alarms(AlarmNames=[NAME])
    account.forget()
    assert account.deliver(remediation, event("restore_alarm-delete")) == ["FIXED"]
    assert operations(account.writes) == ["cloudwatch:PutMetricAlarm"]
    assert account.writes[0].parameters == {"AlarmName": NAME, **SETTINGS}
    assert state(NAME) == before


def test_an_alarm_of_several_metrics_is_made_again_as_it_was(account: Account) -> None:
    threshold: Any = {"EvaluationPeriods": 2, "Threshold": 0.05, "ComparisonOperator": "GreaterThanThreshold"}
    boto3.client("cloudwatch").put_metric_alarm(AlarmName=NAME, ActionsEnabled=True, Metrics=METRICS, **threshold)
    account.deliver(remediation, sweep())
    before = state(NAME)
    boto3.client("cloudwatch").delete_alarms(AlarmNames=[NAME])
    assert account.deliver(remediation, event("restore_alarm-delete")) == ["FIXED"]
    assert state(NAME) == before


def test_a_composite_alarm_is_made_after_those_that_it_is_made_of(account: Account) -> None:
    set_up()
    account.deliver(remediation, sweep())
    before = state(NAME)
    boto3.client("cloudwatch").delete_alarms(AlarmNames=[COMPOSITE, NAME])
    account.forget()
    assert account.deliver(remediation, event("restore_alarm-delete", COMPOSITE, NAME)) == ["FIXED", "FIXED"]
    assert operations(account.writes) == ["cloudwatch:PutMetricAlarm", "cloudwatch:PutCompositeAlarm"]
    assert state(NAME) == before


@pytest.mark.parametrize("call", ["restore_alarm", "restore_alarm-delete"])
@pytest.mark.parametrize("prefixes", ["", "critical-payments", "ritical"])
def test_an_alarm_that_is_not_guarded_is_left_alone(call: str, prefixes: str, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    broken()
    monkeypatch.setenv("GUARDED_ALARMS", prefixes)
    account.forget()
    assert account.deliver(remediation, event(call)) == ["ALREADY_OK"]
    assert account.calls == []
    account.deliver(remediation, sweep())
    assert (account.writes, account.outcomes()) == ([], [])


def test_an_alarm_whose_actions_were_never_seen_enabled_stays_silent(account: Account) -> None:
    boto3.client("cloudwatch").put_metric_alarm(AlarmName=NAME, **{**SETTINGS, "ActionsEnabled": False})
    for number in range(2):
        assert account.deliver(remediation, sweep(str(number))) == ["ALREADY_OK"]
    boto3.client("cloudwatch").delete_alarms(AlarmNames=[NAME])
    assert account.deliver(remediation, event("restore_alarm-delete")) == ["FIXED"]
    assert state(NAME)[NAME]["ActionsEnabled"] is False


def test_a_change_of_what_an_alarm_watches_is_told_and_not_remembered(account: Account) -> None:
    set_up()
    account.deliver(remediation, sweep("one"))
    boto3.client("cloudwatch").put_metric_alarm(AlarmName=NAME, **{**SETTINGS, "Threshold": 1e9, "AlarmActions": []})
    assert [account.deliver(remediation, sweep(again)) for again in ("two", "three")] == [["REPORTED"]] * 2
    [alert] = account.alerts()
    assert alert["before"] == [
        {"Changed": "Alarm.AlarmActions", "Was": json.dumps([TOPIC]), "Is": "null"},
        {"Changed": "Alarm.Threshold", "Was": "0.0", "Is": "1000000000.0"},
    ]
    boto3.client("cloudwatch").delete_alarms(AlarmNames=[NAME])
    account.deliver(remediation, event("restore_alarm-delete"))
    assert state(NAME)[NAME]["Threshold"] == 0.0


def test_another_change_is_told_on_the_same_day_too(account: Account) -> None:
    set_up()
    account.deliver(remediation, sweep("one"))
    for number, threshold in enumerate((7.0, 8.0)):
        boto3.client("cloudwatch").put_metric_alarm(AlarmName=NAME, **{**SETTINGS, "Threshold": threshold})
        account.deliver(remediation, sweep(f"{number}"))
    assert account.outcomes() == ["REPORTED", "REPORTED"]


def test_an_alarm_that_is_remembered_and_gone_is_put_back_by_the_next_sweep(account: Account) -> None:
    set_up()
    account.deliver(remediation, sweep("one"))
    boto3.client("cloudwatch").delete_alarms(AlarmNames=[NAME])
    assert account.deliver(remediation, sweep("two")) == ["FIXED"]


def test_what_its_owners_change_is_remembered_once_it_is_accepted(account: Account) -> None:
    set_up()
    account.deliver(remediation, sweep("one"))
    boto3.client("cloudwatch").put_metric_alarm(AlarmName=NAME, **{**SETTINGS, "Threshold": 9.0})
    account.invoke(remediation, {"accept": NAME, "reason": "it rang too often"})
    assert account.deliver(remediation, sweep("two")) == ["ALREADY_OK"]
    boto3.client("cloudwatch").delete_alarms(AlarmNames=[NAME])
    account.deliver(remediation, event("restore_alarm-delete"))
    assert state(NAME)[NAME]["Threshold"] == 9.0


def test_an_alarm_that_went_before_a_sweep_has_seen_it_is_told_to_people(account: Account) -> None:
    assert account.deliver(remediation, event("restore_alarm-delete")) == ["REPORTED"]
    assert "make it again by hand" in account.alerts()[0]["reason"]
    assert account.writes == []


def test_an_undo_does_not_delete_what_somebody_has_changed_since(account: Account) -> None:
    deleted()
    account.deliver(remediation, event("restore_alarm-delete"))
    boto3.client("cloudwatch").put_metric_alarm(AlarmName=NAME, **{**SETTINGS, "Threshold": 9.0})
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDO_REFUSED"
    assert state(NAME)[NAME]["Threshold"] == 9.0


def test_an_alarm_that_goes_silent_while_the_sweep_looks_does_not_replace_the_good_memory(account: Account) -> None:
    set_up()
    account.deliver(remediation, sweep())
    boto3.client("cloudwatch").put_metric_alarm(AlarmName=NAME, **{**SETTINGS, "OKActions": [*SETTINGS["OKActions"], f"{TOPIC}-2"]})  # so that it is looked at
    known = memory.recall(remediation.name, NAME)
    account.forget()
    looks: list[ApiCall] = []

    def silenced_after_the_verdict(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "DescribeAlarms" and call.parameters.get("AlarmNames") == [NAME]:
            looks.append(call)
            if len(looks) == 2:
                boto3.client("cloudwatch").disable_alarm_actions(AlarmNames=[NAME])
        return really()

    with account.interfered(silenced_after_the_verdict):
        assert "FIXED" in account.deliver(remediation, sweep("the next")), "at Lambda's next try"
    assert memory.recall(remediation.name, NAME) == known


NAMES = (
    "critical-payment errors > 5%",
    "critical-CPU high!",
    "critical-fehler-gr\u00f6\u00dfe",
    "critical-<!channel> `rm -rf ~` <https://evil.test|click> [click](https://evil.test)",
    'critical-it\'s $(id) \\ "all" * \u202egnp.exe \x9b31m\U0001f600',
    "critical-'\"'\"'' /dev/stdout",
)


@pytest.mark.parametrize("name", NAMES)
def test_an_alarm_is_guarded_whatever_characters_aws_allows_in_its_name(name: str, account: Account) -> None:
    boto3.client("cloudwatch").put_metric_alarm(AlarmName=name, **SETTINGS)
    assert account.deliver(remediation, sweep("one")) == ["ALREADY_OK"]
    before = state(name)
    boto3.client("cloudwatch").delete_alarms(AlarmNames=[name])
    assert account.deliver(remediation, event("restore_alarm-delete", name)) == ["FIXED"]
    assert state(name) == before
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDONE"
    assert name not in state(name)
    assert account.deliver(remediation, sweep("two")) == ["EXEMPT"]
    assert account.invoke(remediation, {"unexempt": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"})["outcome"] == "EXEMPTED"
    assert account.deliver(remediation, sweep("three")) == ["FIXED"]
    assert account.dead_letters == []


def words_of(command: str) -> list[str]:
    """Return the words that a shell makes of a command."""
    bash = shutil.which("bash")
    assert bash
    return subprocess.run([bash, "-c", f"printf '%s\\0' {command}"], check=True, capture_output=True).stdout.decode().split("\0")[:-1]  # noqa: S603 - our own


@pytest.mark.parametrize("name", NAMES)
def test_no_name_forges_an_alert_and_every_command_of_it_can_be_pasted(name: str, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    boto3.client("cloudwatch").put_metric_alarm(AlarmName=name, **SETTINGS)
    account.deliver(remediation, sweep("one"))
    boto3.client("cloudwatch").put_metric_alarm(AlarmName=name, **{**SETTINGS, "Threshold": 9.0})
    assert account.deliver(remediation, sweep("two")) == ["REPORTED"]
    [alert] = account.alerts()
    assert alert["resource"]["name"] == name, "for programs, it is what it is"
    text: str = alert["text"]
    assert text.isascii()
    assert all(line.isprintable() for line in text.splitlines())
    assert not any(mark in text for mark in ("<", ">", "`"))
    chat = wording.chat(alert, alert["subject"])["content"]
    said = chat["description"].replace(f"<{alert['links']['resource']}|resource>", "")
    assert "://evil" not in said
    assert not any(mark in said for mark in ("<!", "`", "](", "\u202e"))
    assert all(step.isascii() and step.count("`") in (0, 2) and "<" not in step for step in chat["nextSteps"])
    [accept] = [line.strip() for line in text.splitlines() if line.strip().startswith("snapback accept")]
    assert words_of(accept)[2] == name
    [exempt] = [line.strip() for line in text.splitlines() if line.strip().startswith("snapback exempt")]
    assert words_of(exempt)[2] == name
    payload = words_of(alert["commands"]["accept"])
    assert json.loads(payload[payload.index("--payload") + 1])["accept"] == name
    assert wording.given_in(alert["commands"]["exempt"])["exempt"]["resource"] == name


def test_the_sweep_reads_every_page_and_leaves_names_alone_that_no_command_could_give(account: Account) -> None:
    for name in ("critical-a", "critical-b", "security-CPU (web/1): 80%", "security-*", "security-a "):
        boto3.client("cloudwatch").put_metric_alarm(AlarmName=name, **SETTINGS)
    with account.interfered(paged("DescribeAlarms", "MetricAlarms", 1)):
        assert account.deliver(remediation, sweep()) == ["ALREADY_OK"]
    assert memory.names(remediation.name) == ["critical-a", "critical-b", "security-CPU (web/1): 80%"]
    assert memory.recall(remediation.name, "security-CPU (web/1): 80%")


def test_metric_and_composite_alarms_are_asked_for(account: Account) -> None:
    broken()
    account.forget()
    account.deliver(remediation, sweep())
    asked = [call.parameters["AlarmTypes"] for call in account.calls if call.operation == "DescribeAlarms"]
    assert asked
    assert all(types == ["MetricAlarm", "CompositeAlarm"] for types in asked), "without, AWS answers with alarms of metrics alone"


def test_a_sweep_of_a_thousand_alarms_costs_some_forty_calls(account: Account) -> None:
    for number in range(1000):
        boto3.client("cloudwatch").put_metric_alarm(AlarmName=f"security-{number:04}", **SETTINGS)
    for again, most in (("one", 60), ("two", 40)):
        account.forget()
        assert account.deliver(remediation, sweep(again)) == ["ALREADY_OK"]
        assert len(account.calls) <= most
    assert len(memory.names(remediation.name)) == 1000
