"""report_alarm: Snapback's own alarms reach the topic's subscribers."""

from functions.cloudwatch.report_alarm import remediation
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.template import of_type, resolved


def test_the_alert_says_which_alarm_and_why(account: Account) -> None:
    [sample] = Handler("cloudwatch", "report_alarm").samples.values()
    assert account.deliver(remediation, sample) == ["REPORTED"]
    [alert] = account.alerts()
    assert "The alarm snapback-dead-letters rings: An event could not be handled" in alert["subject"]
    assert "Threshold Crossed" in alert["before"][1]["Why"]
    assert alert["links"]["runbook"] == "docs/runbook.md#the-alarms"


def test_for_each_alarm_of_the_stack_it_is_said_what_to_do_first(account: Account) -> None:
    [sample] = Handler("cloudwatch", "report_alarm").samples.values()
    names = [resolved(one["Properties"]["AlarmName"]) for one in of_type("AWS::CloudWatch::Alarm").values()]
    for name in names:
        account.deliver(remediation, {**sample, "id": name, "detail": {**sample["detail"], "alarmName": name}})
    first = {alert["before"][-1]["DoFirst"] for alert in account.alerts()}
    assert len(first) == len(names)
    assert not any("The alarms" in one for one in first)


def test_an_alarm_without_its_state_ends_as_a_dead_letter(account: Account) -> None:
    [sample] = Handler("cloudwatch", "report_alarm").samples.values()
    account.deliver(remediation, {**sample, "detail": {"alarmName": "snapback-dead-letters"}})
    assert "does not have the form" in account.dead_letters[0][1]
