"""deactivate_unused_credentials: unused keys are deactivated, unused passwords are told."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto.iam.models import AccessKeyLastUsed, iam_backends

from functions.iam.deactivate_unused_credentials import remediation
from snapback.engine import clock
from tests.harness.account import FAULTS, Account, fault_at
from tests.harness.discovery import Handler
from tests.harness.scenario import ACCOUNT, Scenario


def ago(days: float) -> datetime:
    return datetime.fromtimestamp(clock.now(), UTC).replace(tzinfo=None) - timedelta(days=days)


def user(name: str, *keys: tuple[float, float | None], made: float = 400, password: bool = False, signed_in: float | None = None) -> list[str]:
    """Make a user with active keys, each made and last used so many days ago; return the keys' ids. moto dates a password like its user."""
    iam = boto3.client("iam")
    iam.create_user(UserName=name, Path="/engineering/")
    ids = [iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"] for _ in keys]
    if password:
        iam.create_login_profile(UserName=name, Password="correct horse battery staple")
    there: Any = iam_backends[ACCOUNT]["aws"].get_user(name)
    there.id, there.create_date = f"AIDA{name.upper():0<17}"[:21].replace("-", "0"), ago(made)  # moto's ids do not look like AWS's
    there.password_last_used = None if signed_in is None else ago(signed_in)
    for key, (age, used) in zip(there.access_keys, keys, strict=True):
        key.create_date = ago(age)
        key.last_used = None if used is None else AccessKeyLastUsed(ago(used), "s3", "us-east-1")
    return ids


def broken() -> str:
    user("alice", (200, 31), (200, 1), password=True, signed_in=2)
    user("bob", (200, 1))
    return "alice"


def statuses(name: str) -> list[str]:
    keys = boto3.client("iam").list_access_keys(UserName=name)["AccessKeyMetadata"]
    return [key["Status"] for key in keys]


def state(name: str) -> dict[str, Any]:
    unused, used = statuses(name)
    password = boto3.client("iam").get_login_profile(UserName=name)["LoginProfile"]["CreateDate"].isoformat()
    return {"unused": unused, "used": used, "password": password, "bob": statuses("bob")}


scenario = Scenario(
    sample="alice",
    broken=broken,
    state=state,
    touched=frozenset({"unused"}),
    environment={"MAX_IDLE_DAYS": "30"},
    also_named=lambda name: {"AIDAEXAMPLE1111111111": boto3.client("iam").get_user(UserName=name)["User"]["UserId"]},
)


@pytest.fixture(autouse=True)
def max_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_IDLE_DAYS", "30")


def sample(name: str = "deactivate_unused_credentials-securityhub") -> dict[str, Any]:
    return Handler("iam", "deactivate_unused_credentials").samples[name]


def sweep() -> dict[str, Any]:
    return sample("deactivate_unused_credentials-sweep")


@pytest.mark.parametrize(
    ("made", "used", "wrong"),
    [
        pytest.param(400, 29, False, id="used"),
        pytest.param(400, 31, True, id="used long ago"),
        pytest.param(31, None, True, id="never used, and made long ago"),
        pytest.param(29, None, False, id="never used, and new"),
    ],
)
@pytest.mark.usefixtures("account")
def test_a_key_is_wrong_if_nobody_used_it_since_or_ever(made: float, used: float | None, *, wrong: bool) -> None:
    [key] = user("alice", (made, used))
    assert [found["AccessKeyId"] for found in remediation.violation("alice")] == ([key] if wrong else [])


def test_the_sweep_looks_only_at_users_with_something_unused(account: Account) -> None:
    user("in-use", (400, 1), password=True, signed_in=1)
    user("new", (1, None), made=1, password=True)
    user("no-credentials")
    user("unused", (400, 40))
    user("never-used", (400, None), (40, None))
    assert account.deliver(remediation, sweep()) == ["FIXED", "FIXED"]
    assert {call.parameters["UserName"] for call in account.calls if call.operation == "ListAccessKeys"} == {"unused", "never-used"}
    assert statuses("never-used") == ["Inactive", "Inactive"]


@pytest.mark.parametrize("signed_in", [31, None])
def test_an_unused_password_is_told_with_what_to_do_once_a_day(account: Account, signed_in: float | None) -> None:
    user("alice", (400, 1), password=True, signed_in=signed_in)
    assert account.deliver(remediation, sweep()) == ["REPORTED"]
    account.clock.pause(2 * 3600)
    assert account.deliver(remediation, sample()) == ["REPORTED"]
    [alert] = account.alerts()
    assert "aws iam delete-login-profile --user-name alice" in alert["reason"]
    assert account.writes == []
    account.clock.pause(23 * 3600)
    assert account.deliver(remediation, sample()) == ["REPORTED"]
    assert account.outcomes() == ["REPORTED", "REPORTED"]


def test_if_both_are_unused_the_key_is_deactivated_and_the_password_is_told_and_undo_gives_the_key_back(account: Account) -> None:
    user("alice", (400, 40), password=True, signed_in=40)
    assert account.deliver(remediation, sample()) == ["PARTIAL"]
    [alert] = account.alerts()
    assert "the user's password is unused since" in alert["reason"]
    assert statuses("alice") == ["Inactive"]
    assert account.invoke(remediation, {"undo": alert["id"]})["outcome"] == "UNDONE"
    assert statuses("alice") == ["Active"]


@pytest.mark.parametrize("kind", FAULTS)
def test_a_key_is_never_deactivated_untold_whatever_call_goes_wrong_while_the_password_is_unused(account: Account, kind: str) -> None:
    user("alice", (400, 40), password=True, signed_in=40)
    begin_again = account.keep()
    for number in itertools.count():
        begin_again()
        with account.interfered(fault_at(number, kind)):
            account.deliver(remediation, sample())
        if statuses("alice") == ["Inactive"] and not account.dead_letters:
            assert {"PARTIAL", "UNVERIFIED"} & set(account.outcomes()), f"{kind} at call {number}"
        else:
            assert account.outcomes() or account.dead_letters
        if number >= len(account.calls):
            break


def test_a_user_with_nothing_unused_is_left_alone(account: Account) -> None:
    user("alice", (400, 1), password=True, signed_in=1)
    assert account.deliver(remediation, sample()) == ["ALREADY_OK"]


def test_a_user_who_is_gone_is_an_outcome(account: Account) -> None:
    assert account.deliver(remediation, sample()) == ["GONE"]
