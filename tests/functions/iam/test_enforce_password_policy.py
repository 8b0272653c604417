"""enforce_password_policy: the weak parts are raised, the strict ones kept."""

from typing import Any

import boto3
import pytest

from functions.iam.enforce_password_policy import remediation
from snapback.iam.passwords import password_policy
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.scenario import ACCOUNT, Scenario

WEAK: dict[str, Any] = {"MinimumPasswordLength": 6, "RequireSymbols": True, "MaxPasswordAge": 30, "PasswordReusePrevention": 5, "HardExpiry": True}

STRICT: dict[str, Any] = {
    "MinimumPasswordLength": 14,
    "PasswordReusePrevention": 24,
    **dict.fromkeys(("RequireSymbols", "RequireNumbers", "RequireUppercaseCharacters", "RequireLowercaseCharacters"), True),
}
"""All of the baseline but for the end of passwords."""


def broken() -> str:
    boto3.client("iam").update_account_password_policy(**WEAK)
    boto3.client("iam").create_account_alias(AccountAlias="an-account-of-a-test")
    return ACCOUNT


def state(_: str) -> dict[str, Any]:
    return {"policy": password_policy(), "aliases": boto3.client("iam").list_account_aliases()["AccountAliases"]}


scenario = Scenario(sample=ACCOUNT, broken=broken, state=state, touched=frozenset({"policy"}), environment={})


def fix_and_hear(account: Account, expected: str = "FIXED") -> str:
    [outcome] = account.invoke(remediation, Handler("iam", "enforce_password_policy").samples["enforce_password_policy"])["outcomes"]
    assert outcome["outcome"] == expected
    return str(outcome["id"])


def test_what_is_already_stricter_stays(account: Account) -> None:
    boto3.client("iam").update_account_password_policy(MinimumPasswordLength=20, MaxPasswordAge=30, PasswordReusePrevention=24)
    fix_and_hear(account)
    now = password_policy() or {}
    assert (now["MinimumPasswordLength"], now["MaxPasswordAge"], now["RequireNumbers"]) == (20, 30, True)


def test_a_missing_policy_is_made_but_for_the_end_of_passwords_and_undo_removes_it(account: Account) -> None:
    fix = fix_and_hear(account, "PARTIAL")
    assert "MaxPasswordAge" not in (password_policy() or {"MaxPasswordAge": "there is no policy"})
    assert account.invoke(remediation, {"undo": fix})["outcome"] == "UNDONE"
    assert password_policy() is None


@pytest.mark.parametrize(
    ("more", "what_happens"),
    [
        ({"AllowUsersToChangePassword": True}, "have to change it at their next sign-in"),
        ({"AllowUsersToChangePassword": True, "HardExpiry": True}, "cannot sign in to the console until an administrator"),
        ({"MaxPasswordAge": 365}, "cannot sign in to the console until an administrator"),
    ],
)
def test_an_end_of_passwords_which_aws_would_enforce_at_once_is_left_to_people(account: Account, more: dict[str, Any], what_happens: str) -> None:
    boto3.client("iam").update_account_password_policy(**STRICT, **more)
    before = password_policy()
    fix_and_hear(account, "REPORTED")
    assert (account.writes, password_policy()) == ([], before)
    assert what_happens in account.alerts()[0]["reason"]


def test_the_rest_is_raised_where_the_end_of_passwords_is_left_to_people_and_comes_back(account: Account) -> None:
    weak = {"MinimumPasswordLength": 6, "MaxPasswordAge": 365}
    boto3.client("iam").update_account_password_policy(**weak)  # type: ignore[arg-type]  # two numbers
    before = password_policy()
    fix = fix_and_hear(account, "PARTIAL")
    now = password_policy() or {}
    assert (now["MinimumPasswordLength"], now["MaxPasswordAge"]) == (14, 365)
    assert "AWS enforces it at once" in account.alerts()[0]["reason"]
    assert account.invoke(remediation, {"undo": fix})["outcome"] == "UNDONE"
    assert password_policy() == before


def all_calls(account: Account) -> None:
    """Lead to the calls of an undo where there was no policy."""
    account.invoke(remediation, {"undo": fix_and_hear(account, "PARTIAL")})
