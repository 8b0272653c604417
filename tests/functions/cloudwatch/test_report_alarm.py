"""report_alarm: Snapback's own alarms reach the topic's subscribers."""

from functions.cloudwatch.report_alarm import remediation
from tests.harness.account import Account
from tests.harness.discovery import Handler


def test_the_alert_says_which_alarm_and_why(account: Account) -> None:
    [sample] = Handler("cloudwatch", "report_alarm").samples.values()
    assert account.deliver(remediation, sample) == ["REPORTED"]
    [alert] = account.alerts()
    assert "snapback-dead-letters" in alert["subject"]
    assert "Threshold Crossed" in alert["before"][0]["Why"]


def test_an_alarm_without_its_state_ends_as_a_dead_letter(account: Account) -> None:
    [sample] = Handler("cloudwatch", "report_alarm").samples.values()
    account.deliver(remediation, {**sample, "detail": {"alarmName": "snapback-dead-letters"}})
    assert "does not have the form" in account.dead_letters[0][1]
