"""deactivate_exposed_key: the user is found by the key, and what cannot be deactivated is told."""

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from functions.iam.deactivate_exposed_key import remediation
from tests.harness.account import Account, ApiCall, error
from tests.harness.discovery import Handler
from tests.harness.scenario import Scenario

SAMPLE = "AKIAEXPOSED123456789"


def broken() -> str:
    iam = boto3.client("iam")
    iam.create_user(UserName="alice")
    key = iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]
    iam.create_access_key(UserName="alice")
    return key


def state(key: str) -> dict[str, Any]:
    keys = {one["AccessKeyId"]: one["Status"] for one in boto3.client("iam").list_access_keys(UserName="alice")["AccessKeyMetadata"]}
    return {"status": keys.pop(key), "others": keys}


scenario = Scenario(sample=SAMPLE, broken=broken, state=state, touched=frozenset({"status"}), environment={})


def sample(name: str = "deactivate_exposed_key", key: str = SAMPLE) -> dict[str, Any]:
    return scenario.event(Handler("iam", "deactivate_exposed_key").samples[name], key)


def test_a_temporary_key_can_only_be_told(account: Account) -> None:
    event = sample("deactivate_exposed_key-guardduty", "ASIAEXPOSED123456789")
    assert account.deliver(remediation, event) == ["REPORTED"]
    [alert] = account.alerts()
    assert "revoke the sessions" in alert["reason"]
    assert account.writes == []


@pytest.mark.parametrize(
    ("code", "status", "root_has_keys", "outcome", "told"),
    [
        ("NoSuchEntity", 404, 1, "REPORTED", "the root user has one"),
        ("AccessDenied", 403, 1, "REPORTED", "the root user has one"),
        ("NoSuchEntity", 404, 0, "GONE", "NoSuchEntity"),
        ("AccessDenied", 403, 0, "REPORTED", "does not say whose key this is"),
        ("", 200, 1, "REPORTED", "the root user has one"),
        ("", 200, 0, "REPORTED", "does not say whose key this is"),
    ],
)
def test_a_key_that_no_user_is_known_to_have_is_told_if_it_may_be_roots_or_anybodys(  # noqa: PLR0913, PLR0917 - the row of a table
    code: str, status: int, root_has_keys: int, outcome: str, told: str, account: Account
) -> None:
    """IAM's page does not say which of the two it answers, nor that it names a user in any case, so all three are taken."""

    def answer(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401
        if call.operation == "GetAccessKeyLastUsed" and code:
            raise error(code, status, call.operation)
        if call.operation == "GetAccessKeyLastUsed":
            return {"AccessKeyLastUsed": {"ServiceName": "N/A", "Region": "N/A"}}
        return {"SummaryMap": {"AccountAccessKeysPresent": root_has_keys}} if call.operation == "GetAccountSummary" else really()

    with account.interfered(answer):
        assert account.deliver(remediation, sample()) == [outcome]
    assert [told in alert["reason"] for alert in account.alerts()] == [True], "a leaked key is a threat, of which people hear whatever became of it"


def test_where_the_users_own_keys_may_not_be_listed_that_is_a_refused_look(account: Account) -> None:
    key = broken()

    def refuse(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401
        if call.operation == "ListAccessKeys":
            raise error("AccessDenied", 403, call.operation)
        return really()

    with account.interfered(refuse):
        assert account.deliver(remediation, sample(key=key)) == ["FAILED"]


@pytest.mark.parametrize(
    ("code", "entities"),
    [
        ("AWS_RISK_ACCOUNT_CONSOLE_COMPROMISE", []),
        ("AWS_RISK_IAM_QUARANTINE", ["alice"]),
        ("AWS_RISK_IAM_QUARANTINE", ["arn:aws:iam::111122223333:user/alice"]),
    ],
)
def test_what_health_says_without_naming_a_key_is_told_with_what_it_names(account: Account, code: str, entities: list[str]) -> None:
    event = sample()
    event["detail"] |= {"eventTypeCode": code, "affectedEntities": [{"entityValue": entity} for entity in entities]}
    assert account.deliver(remediation, event) == ["REPORTED"]
    [alert] = account.alerts()
    assert code in alert["reason"]
    assert all(entity in alert["reason"] for entity in entities)
    assert account.writes == []


def test_an_event_of_health_about_another_account_of_the_organisation_is_left_to_the_snapback_there(account: Account) -> None:
    event = sample()
    event["detail"]["affectedAccount"] = "444455556666"
    assert account.deliver(remediation, event) == ["ELSEWHERE"]


def test_several_keys_in_one_event_are_handled_one_by_one(account: Account) -> None:
    first, second = broken(), "AKIA0000000000000000"
    event = sample(key=first)
    event["detail"]["affectedEntities"].append({"entityValue": second})
    assert account.deliver(remediation, event) == ["FIXED", "GONE"]


@pytest.mark.parametrize(("source", "outcome"), [("deactivate_exposed_key", "FIXED"), ("deactivate_exposed_key-guardduty", "WOULD_FIX")])
def test_a_key_that_lies_open_goes_at_once_and_one_that_is_used_as_never_before_is_asked_about(
    account: Account, source: str, outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    assert account.deliver(remediation, sample(source, broken())) == [outcome]


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("AWS_RISK_CREDENTIALS_EXPOSED", "FIXED"),
        ("AWS_RISK_CREDENTIALS_EXPOSURE_SUSPECTED", "WOULD_FIX"),
        ("AWS_RISK_CREDENTIALS_COMPROMISED", "WOULD_FIX"),
        ("AWS_RISK_CREDENTIALS_COMPROMISE_SUSPECTED", "WOULD_FIX"),
        ("AWS_RISK_IAM_QUARANTINE", "WOULD_FIX"),
    ],
)
def test_of_what_health_says_only_that_a_key_is_exposed_deactivates_it_unasked(
    code: str, outcome: str, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    event = sample(key=broken())
    event["detail"]["eventTypeCode"] = code
    assert account.deliver(remediation, event) == [outcome]


def test_an_event_of_health_that_is_closed_does_not_deactivate_a_key_again_that_a_person_has_taken_back(account: Account) -> None:
    event = sample(key=broken())
    [outcome] = account.invoke(remediation, event)["outcomes"]
    account.invoke(remediation, {"undo": outcome["id"], "reason": "it was rotated where it lay open"})
    account.clock.pause(8 * 86_400)
    assert account.deliver(remediation, {**event, "id": "its end", "detail": {**event["detail"], "statusCode": "closed"}}) == ["NO_CHANGE"]
    assert state(outcome["resource"])["status"] == "Active"


@pytest.mark.parametrize("status", ["open", "upcoming", None])
def test_an_event_of_health_that_is_not_closed_or_does_not_say_is_answered(account: Account, status: str | None) -> None:
    event = sample(key=broken())
    event["detail"] |= {"statusCode": status}
    if status is None:
        del event["detail"]["statusCode"]
    assert account.deliver(remediation, event) == ["FIXED"]


def test_a_key_that_health_calls_resolved_is_left_and_the_others_of_the_event_are_not(account: Account) -> None:
    key = broken()
    resolved = {"entityValue": SAMPLE, "status": "RESOLVED"}
    event = sample(key=key)
    event["detail"]["affectedEntities"] = [resolved]
    assert account.deliver(remediation, event) == ["NO_CHANGE"]
    event["detail"]["affectedEntities"] = [resolved, {"entityValue": key, "status": "IMPAIRED"}]
    assert account.deliver(remediation, {**event, "id": "another"}) == ["FIXED"]
    assert state(key)["status"] == "Inactive"


def advised(key: str, fraud: str) -> dict[str, Any]:
    event = sample("deactivate_exposed_key-trustedadvisor", key)
    event["detail"]["check-item-detail"]["Fraud Type"] = fraud
    return event


@pytest.mark.parametrize(
    ("fraud", "outcome"), [("Exposed", "FIXED"), ("Potentially compromised", "FIXED"), ("Suspected", "WOULD_FIX"), ("", "WOULD_FIX"), ("New word", "WOULD_FIX")]
)
def test_a_key_that_trusted_advisor_only_suspects_is_asked_about(account: Account, fraud: str, outcome: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    assert account.deliver(remediation, advised(broken(), fraud)) == [outcome]


def test_a_key_that_was_suspected_and_is_found_exposed_on_the_same_day_is_deactivated(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    key = broken()
    account.deliver(remediation, advised(key, "Suspected"))
    assert account.deliver(remediation, {**advised(key, "Exposed"), "id": "the next"}) == ["FIXED"]
    told = [alert["text"] for alert in account.alerts()]
    assert ["Trusted Advisor Exposed Access Keys: Suspected" in text for text in told] == [True, False]


def test_a_command_asks_about_a_key_as_what_guardduty_finds_does(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    key = broken()
    account.invoke(remediation, {"exempt": key, "for": "1d", "owner": "Jo", "reason": "a pipeline's"})
    assert account.deliver(remediation, sample("deactivate_exposed_key-guardduty", key)) == ["EXEMPT"]
    account.invoke(remediation, {"unexempt": key})
    assert [one["outcome"] for one in account.invoke(remediation, {"release": key})["outcomes"]] == ["WOULD_FIX"]
    assert state(key)["status"] == "Active"


def test_the_alert_says_until_when_sessions_of_the_key_go_on(account: Account) -> None:
    assert account.deliver(remediation, sample(key=broken())) == ["FIXED"]
    [alert] = account.alerts()
    latest = datetime.fromtimestamp(account.clock.time + 36 * 3600, UTC).strftime("%Y-%m-%d %H:%M UTC")
    assert f"go on until {latest} at the latest" in alert["reason"]
    assert "aws:TokenIssueTime" in alert["reason"]
    assert not alert["text"].startswith("Fixed:")
