"""report_failed_logins: one alert for many failures, however they are delivered."""

from typing import Any

import pytest

from functions.iam.report_failed_logins import remediation
from tests.harness.account import Account
from tests.harness.discovery import Handler

environment = {"FAILED_LOGINS": "1", "FAILED_LOGIN_MINUTES": "10"}
"""For the laws, which deliver one event: it is to be told."""


@pytest.fixture(autouse=True)
def three_in_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAILED_LOGINS", "3")
    monkeypatch.setenv("FAILED_LOGIN_MINUTES", "10")


def failure(number: int, **changes: object) -> dict[str, Any]:
    event = Handler("iam", "report_failed_logins").samples["report_failed_logins"]
    return {**event, "id": f"event-{number}", "detail": {**event["detail"], "eventID": f"record-{number}", **changes}}


def deliver(account: Account, *numbers: int, every: float = 60) -> list[str]:
    outcomes = []
    for number in numbers:
        outcomes += account.deliver(remediation, failure(number))
        account.clock.pause(every)
    return outcomes


def test_the_third_within_ten_minutes_is_told_and_the_burst_only_once(account: Account) -> None:
    assert deliver(account, 1, 2) == ["ALREADY_OK", "ALREADY_OK"]
    assert deliver(account, 3) == ["REPORTED"]
    assert deliver(account, *range(4, 30)) == ["ALREADY_OK"] * 26
    [alert] = account.alerts()
    assert alert["before"][0]["What"].startswith("3 sign-ins to the console failed within 10 minutes")
    assert "alice" in alert["actor"]["text"]


def test_after_a_quiet_time_the_next_burst_is_told(account: Account) -> None:
    deliver(account, 1, 2, 3)
    account.clock.pause(660)
    assert deliver(account, 4, 5, 6) == ["ALREADY_OK", "ALREADY_OK", "REPORTED"]


def test_failures_that_are_far_apart_are_not_told(account: Account) -> None:
    assert set(deliver(account, *range(10), every=301)) == {"ALREADY_OK"}


def test_an_event_that_is_delivered_twice_counts_once_and_is_told_once(account: Account) -> None:
    assert deliver(account, 1, 1, 1, 2, 2, every=1) == ["ALREADY_OK"] * 5
    assert deliver(account, 3, 3, 4, 3, every=1) == ["REPORTED", "HANDLED", "ALREADY_OK", "HANDLED"]
    assert account.outcomes() == ["REPORTED"]


def test_nothing_grows(account: Account) -> None:
    deliver(account, *range(3), every=1)
    before = [row for row in account.journal() if row["pk"]["S"].startswith("COUNT#")]
    deliver(account, *range(3, 60), every=1)
    after = [row for row in account.journal() if row["pk"]["S"].startswith("COUNT#")]
    assert [len(row["count"]["S"]) for row in before] == pytest.approx([len(row["count"]["S"]) for row in after], abs=40)


@pytest.mark.parametrize(
    "changes",
    [{"responseElements": {"ConsoleLogin": "Success"}}, {"userIdentity": {"type": "Root"}}, {"eventName": "SwitchRole"}, {"responseElements": None}],
    ids=["a success", "root", "another event", "no answer"],
)
def test_what_is_no_failed_sign_in_of_a_user_is_not_counted(account: Account, changes: dict[str, Any]) -> None:
    for number in range(5):
        assert account.deliver(remediation, failure(number, **changes)) == ["ALREADY_OK"]
    assert account.journal() == []
