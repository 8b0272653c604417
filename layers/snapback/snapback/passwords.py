"""Words for the account's password policy (https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html)."""

from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from snapback.clients import aws, code_of

_CLASSES: Final = ("RequireSymbols", "RequireNumbers", "RequireUppercaseCharacters", "RequireLowercaseCharacters")
_LENGTH, _REMEMBERED, _DAYS = 14, 24, 90


def password_policy() -> dict[str, Any] | None:
    """Return the policy as UpdateAccountPasswordPolicy takes it, or None if the account has none."""
    try:
        policy = aws("iam").get_account_password_policy()["PasswordPolicy"]
    except ClientError as error:
        if code_of(error) == "NoSuchEntity":
            return None
        raise
    return {part: value for part, value in policy.items() if part != "ExpirePasswords"}  # which only says whether MaxPasswordAge is set


def set_password_policy(policy: Mapping[str, Any] | None) -> None:
    """Put the policy as a whole, or remove it where there is to be none."""
    if policy:
        aws("iam").update_account_password_policy(**policy)
    else:
        aws("iam").delete_account_password_policy()


def at_least_baseline(policy: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the policy with every part that is weaker than the baseline raised to it."""
    current = dict(policy) if policy else {"AllowUsersToChangePassword": True}  # or nobody could follow the new rules
    return current | {
        "MinimumPasswordLength": max(current.get("MinimumPasswordLength", 0), _LENGTH),
        "PasswordReusePrevention": max(current.get("PasswordReusePrevention", 0), _REMEMBERED),
        "MaxPasswordAge": min(current.get("MaxPasswordAge") or _DAYS, _DAYS),
        **dict.fromkeys(_CLASSES, True),
    }
