"""Words for the account's password policy (https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html)."""

from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from snapback.engine.clients import aws
from snapback.engine.errors import OnlyPeople
from snapback.engine.refusals import code_of

_CLASSES: Final = ("RequireSymbols", "RequireNumbers", "RequireUppercaseCharacters", "RequireLowercaseCharacters")
_ABSENT_OR_ZERO: Final = ("MaxPasswordAge", "PasswordReusePrevention")
"""Parts that AWS answers as 0 where they are not set, and does not take as 0."""

_LENGTH, _REMEMBERED, _DAYS = 14, 24, 90


def password_policy() -> dict[str, Any] | None:
    """Return the policy as UpdateAccountPasswordPolicy takes it, or None if the account has none."""
    try:
        policy = aws("iam").get_account_password_policy()["PasswordPolicy"]
    except ClientError as error:
        if code_of(error) == "NoSuchEntity":
            return None
        raise
    always = {part: policy[part] for part in ("MinimumPasswordLength", *_CLASSES)}
    off = {part for part in _ABSENT_OR_ZERO if not policy.get(part)} | {"ExpirePasswords"}  # which only says whether MaxPasswordAge is set
    return always | {part: value for part, value in policy.items() if part not in off}


def set_password_policy(policy: Mapping[str, Any] | None) -> None:
    """Put the policy as a whole, or remove it where there is to be none."""
    if policy:
        aws("iam").update_account_password_policy(**policy)
    else:
        aws("iam").delete_account_password_policy()


def with_better_passwords(policy: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the policy with every part raised to the baseline that is weaker and is asked of the next password only: nobody has to change one for it."""
    current = dict(policy) if policy else {"AllowUsersToChangePassword": True}  # or nobody could follow the new rules
    return current | {
        "MinimumPasswordLength": max(current.get("MinimumPasswordLength", 0), _LENGTH),
        "PasswordReusePrevention": max(current.get("PasswordReusePrevention", 0), _REMEMBERED),
        **dict.fromkeys(_CLASSES, True),
    }


def check_age(policy: Mapping[str, Any]) -> None:
    """Raise `OnlyPeople` if passwords do not end after the baseline's days: AWS enforces that at once, on those that are older already.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
    """
    if 0 < (policy.get("MaxPasswordAge") or 0) <= _DAYS:
        return
    may_change = policy.get("AllowUsersToChangePassword") and not policy.get("HardExpiry")
    then = "have to change it at their next sign-in" if may_change else "cannot sign in to the console until an administrator gives them a new one"
    raise OnlyPeople(
        f"passwords do not end after {_DAYS} days. To set that (MaxPasswordAge) is left to you, as AWS enforces it at once: users whose password is older "
        f"{then}. Tell them first; the credential report says who they are"
    )
