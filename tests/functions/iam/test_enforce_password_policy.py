"""enforce_password_policy: the weak parts are raised, the strict ones kept."""

from typing import Any

import boto3
import pytest

from functions.iam.enforce_password_policy import remediation
from snapback.passwords import password_policy
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.scenario import ACCOUNT, Scenario

WEAK: dict[str, Any] = {"MinimumPasswordLength": 6, "RequireSymbols": True, "MaxPasswordAge": 30, "PasswordReusePrevention": 5, "HardExpiry": True}


def broken() -> str:
    boto3.client("iam").update_account_password_policy(**WEAK)
    boto3.client("iam").create_account_alias(AccountAlias="an-account-of-a-test")
    return ACCOUNT


def state(_: str) -> dict[str, Any]:
    return {"policy": password_policy(), "aliases": boto3.client("iam").list_account_aliases()["AccountAliases"]}


scenario = Scenario(sample=ACCOUNT, broken=broken, state=state, touched=frozenset({"policy"}), environment={})


def fixed(account: Account) -> str:
    [outcome] = account.invoke(remediation, Handler("iam", "enforce_password_policy").samples["enforce_password_policy"])["outcomes"]
    assert outcome["outcome"] == "FIXED"
    return str(outcome["id"])


def test_what_is_already_stricter_stays(account: Account) -> None:
    boto3.client("iam").update_account_password_policy(MinimumPasswordLength=20, MaxPasswordAge=30, PasswordReusePrevention=24)
    fixed(account)
    now = password_policy() or {}
    assert (now["MinimumPasswordLength"], now["MaxPasswordAge"], now["RequireNumbers"]) == (20, 30, True)


def test_a_missing_policy_is_made_and_undo_removes_it(account: Account) -> None:
    fix = fixed(account)
    assert password_policy()
    account.invoke(remediation, {"undo": fix})
    assert password_policy() is None


@pytest.mark.usefixtures("account")
def test_a_policy_without_an_end_of_passwords_is_wrong() -> None:
    remediation.fix("", [{"PasswordPolicy": None}])
    assert remediation.violation("") == []
    strict = password_policy() or {}
    del strict["MaxPasswordAge"]
    boto3.client("iam").update_account_password_policy(**strict)
    assert remediation.violation("")


def all_calls(account: Account) -> None:
    """Lead to the calls of an undo where there was no policy."""
    account.invoke(remediation, {"undo": fixed(account)})
