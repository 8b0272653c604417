"""deactivate_stale_key: only active keys past the age, whoever names the user."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto.iam.models import iam_backends

from functions.iam.deactivate_stale_key import remediation
from snapback.engine import clock
from tests.harness.account import Account, paged
from tests.harness.scenario import ACCOUNT, Scenario
from tests.harness.scheduler import schedules


def user(name: str, *ages: int, path: str = "/") -> list[str]:
    """Make a user with one active access key of each age, in days; return the keys' ids."""
    iam = boto3.client("iam")
    iam.create_user(UserName=name, Path=path)
    keys = [iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"] for _ in ages]
    backend = iam_backends[ACCOUNT]["aws"]
    backend.get_user(name).id = f"AIDA{name.upper():0<17}"[:21].replace("-", "0")  # moto's ids do not look like AWS's
    for key, age in zip(keys, ages, strict=True):
        made = datetime.fromtimestamp(clock.now(), UTC).replace(tzinfo=None) - timedelta(days=age)
        next(one for one in backend.get_user(name).access_keys if one.access_key_id == key).create_date = made
    return keys


def broken() -> str:
    user("alice", 91, 10, path="/engineering/")
    [other] = user("bob", 10)
    boto3.client("iam").update_access_key(UserName="bob", AccessKeyId=other, Status="Inactive")
    return "alice"


def state(name: str) -> dict[str, Any]:
    iam = boto3.client("iam")
    keys = {key["AccessKeyId"]: key for user in (name, "bob") for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]}
    stale = [key for key in keys.values() if (datetime.fromtimestamp(clock.now(), UTC) - key["CreateDate"]).days > 90]
    return {
        "stale": [{**key, "CreateDate": key["CreateDate"].isoformat()} for key in stale],
        "others": sorted(({**key, "CreateDate": key["CreateDate"].isoformat()} for key in keys.values() if key not in stale), key=repr),
        "user": iam.get_user(UserName=name)["User"]["Arn"],
    }


scenario = Scenario(
    sample="alice",
    broken=broken,
    state=state,
    touched=frozenset({"stale"}),
    environment={"MAX_KEY_AGE_DAYS": "90"},
    also_named=lambda name: {"AIDAEXAMPLE1111111111": boto3.client("iam").get_user(UserName=name)["User"]["UserId"]},
)


def two_stale() -> str:
    user("alice", 91, 400)
    user("bob", 10)
    return "alice"


variants = {"two keys": replace(scenario, broken=two_stale)}


@pytest.fixture(autouse=True)
def max_key_age(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_KEY_AGE_DAYS", "90")


def sweep() -> dict[str, Any]:
    return schedules.tick(remediation, clock.now())


@pytest.mark.usefixtures("account")
def test_only_active_keys_past_the_age_are_wrong() -> None:
    old, _ = user("alice", 91, 90)
    assert [key["AccessKeyId"] for key in remediation.violation("alice")] == [old]
    boto3.client("iam").update_access_key(UserName="alice", AccessKeyId=old, Status="Inactive")
    assert remediation.violation("alice") == []


def test_the_sweep_looks_only_at_users_whose_keys_are_old(account: Account) -> None:
    for number in range(20):
        user(f"young-{number}", 1)
    user("old", 200)
    user("older", 300, 400)
    assert account.deliver(remediation, sweep()) == ["FIXED", "FIXED"]
    assert {call.parameters["UserName"] for call in account.writes} == {"old", "older"}
    looks = [call for call in account.calls if call.operation == "ListAccessKeys"]
    assert {call.parameters["UserName"] for call in looks} == {"old", "older"}


def test_a_sweep_that_finds_nothing_says_so(account: Account) -> None:
    user("young", 1)
    assert account.deliver(remediation, sweep()) == ["ALREADY_OK"]


def test_a_user_named_by_id_is_found_on_any_page(account: Account) -> None:
    for number in range(30):
        boto3.client("iam").create_user(UserName=f"user-{number:02}")
    user("zoe", 200)
    user_id = boto3.client("iam").get_user(UserName="zoe")["User"]["UserId"]
    assert remediation.resolve
    with account.interfered(paged("ListUsers", "Users", 7, token="Marker")):
        assert remediation.resolve(user_id) == "zoe"
        assert remediation.resolve("AIDA00000000000000000") is None
