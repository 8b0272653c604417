"""report_root_activity: the right words for what root did."""

from typing import Any

import pytest

from functions.iam.report_root_activity import remediation
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.rules import Rule, rules

SAMPLES = Handler("iam", "report_root_activity").samples


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("report_root_activity", "The root user signed in to the console WITHOUT MFA"),
        ("report_root_activity-failed", "Somebody tried to sign in as the root user and failed"),
        ("report_root_activity-call", "The root user called CreateAccessKey of iam.amazonaws.com"),
        ("report_root_activity-read", "The root user called ListBuckets of s3.amazonaws.com; what it reads besides within this hour is not told again"),
        ("report_root_activity-refused", "The root user called DeleteBucket of s3.amazonaws.com and was refused"),
    ],
)
def test_the_alert_says_what_root_did(account: Account, name: str, words: str) -> None:
    assert account.deliver(remediation, SAMPLES[name]) == ["REPORTED"]
    [alert] = account.alerts()
    assert alert["before"][0]["What"] == words
    assert "the root user of account 111122223333" in alert["actor"]["text"]


@pytest.mark.parametrize("identity", [{"type": "IAMUser", "userName": "alice"}, {"type": "Root", "invokedBy": "support.amazonaws.com"}])
def test_nobody_hears_of_others_or_of_services_on_roots_behalf(account: Account, identity: dict[str, Any]) -> None:
    event = SAMPLES["report_root_activity-call"]
    assert account.deliver(remediation, {**event, "detail": {**event["detail"], "userIdentity": identity}}) == ["ALREADY_OK"]
    assert account.outcomes() == []


def called(name: str, **changes: object) -> dict[str, Any]:
    event = SAMPLES[name]
    return {**event, "id": f"{event['id']}-{changes}", "detail": {**event["detail"], **changes}}


def test_of_the_many_calls_with_which_root_reads_the_first_within_an_hour_is_told(account: Account) -> None:
    for number in range(5):
        account.deliver(remediation, called("report_root_activity-read", eventID=f"{number}", eventName=f"Get{number}"))
    assert account.outcomes() == ["REPORTED"]
    later = called("report_root_activity-read", eventID="later", eventTime="2026-11-24T04:00:00Z")
    other = called("report_root_activity-read", eventID="other", userIdentity={**later["detail"]["userIdentity"], "accessKeyId": "AKIAROOT111111111111"})
    for event in (later, other):
        assert account.deliver(remediation, event) == ["REPORTED"]


def test_every_call_with_which_root_writes_is_told(account: Account) -> None:
    for number in range(3):
        assert account.deliver(remediation, called("report_root_activity-call", eventID=f"{number}")) == ["REPORTED"]


@pytest.mark.parametrize("invoked_by", ["signin.amazonaws.com", "AWS Internal"])
def test_what_root_does_in_the_console_is_told(account: Account, invoked_by: str) -> None:
    identity = {**SAMPLES["report_root_activity-call"]["detail"]["userIdentity"], "invokedBy": invoked_by}
    assert account.deliver(remediation, called("report_root_activity-call", userIdentity=identity)) == ["REPORTED"]


def test_that_roots_own_mfa_device_is_taken_off_is_said_so(account: Account) -> None:
    request = {"userName": "AWS ROOT USER", "serialNumber": "arn:aws:iam::111122223333:mfa/root"}
    account.deliver(remediation, called("report_root_activity-call", eventName="DeactivateMFADevice", requestParameters=request))
    assert "own MFA device was taken off" in account.alerts()[0]["text"]


def test_root_who_reads_wakes_the_function_and_nobody_else_can() -> None:
    [rule] = [rule for rule in rules() if rule.function == "ReportRootActivity"]
    assert rule.matches(SAMPLES["report_root_activity-read"])
    assert not rule.matches({**SAMPLES["report_root_activity"], "source": "mallory.signin"})


@pytest.mark.parametrize("rule", rules(), ids=str)
def test_no_rule_hears_what_somebody_else_than_aws_puts_on_the_bus(rule: Rule) -> None:
    """PutEvents takes no source that begins with `aws.` (https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html)."""
    for part in rule.alternatives:
        sources = [source["prefix"] if isinstance(source, dict) else source for source in part["source"]]
        assert sources
        assert all(source.startswith("aws.") for source in sources)
