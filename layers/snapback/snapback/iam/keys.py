"""Words for IAM users, their access keys and passwords."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from snapback.engine import clock
from snapback.engine.clients import aws
from snapback.engine.errors import NothingLeft, OnlyPeople
from snapback.engine.names import shown
from snapback.engine.refusals import code_of, try_each

_USER_ID = re.compile(r"AIDA[A-Z0-9]{12,124}")
_ROOT = "AWS ROOT USER"
"""How CloudTrail names the root user in requests about its MFA devices."""
_KEY_ID = re.compile(r"A[KS]IA[A-Z0-9]{12,124}")
_DAY = 24 * 3600
_LONGEST_SESSION = 36 * 3600
_REPORT_PATIENCE = (0.5, 1, 2, 4, 8)
"""Seconds to wait for AWS to make the credential report."""


def access_keys(user: str) -> Iterator[Mapping[str, str]]:
    """Yield the user's access keys: `AccessKeyId`, `Status` and `CreateDate` (ISO 8601).

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html
    """
    for page in aws("iam").get_paginator("list_access_keys").paginate(UserName=user):
        for key in page["AccessKeyMetadata"]:
            yield {"AccessKeyId": key["AccessKeyId"], "Status": key["Status"], "CreateDate": key["CreateDate"].isoformat()}


def keys_at_risk(health: Mapping[str, Any]) -> list[str]:
    """Return the access keys that an event of AWS Health names and does not call resolved.

    Raises `OnlyPeople` if there are none: some events tell of a user, the console or the account.
    Which entities events of the service RISK name AWS documents nowhere; real ones were seen with the ids of access keys.
    https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html
    """
    entities = [str(entity["entityValue"]) for entity in health.get("affectedEntities") or [] if entity.get("status") != "RESOLVED"]
    if keys := [entity for entity in entities if _KEY_ID.fullmatch(entity)]:
        return keys
    about = f" It speaks of {', '.join(shown(entity) for entity in entities[:5])}." if entities else ""
    raise OnlyPeople(f"AWS says {shown(health.get('eventTypeCode'))}, and names no access key.{about} Open the event in the AWS Health console, and AWS's case")


def user_named_in(record: Mapping[str, Any]) -> str:
    """Return the user that a call to IAM is about: the caller, if it names none. Raises `NothingLeft` if it is the root user.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeactivateMFADevice.html
    """
    request = record["requestParameters"]
    caller = record["userIdentity"]
    is_by_root = caller.get("type") == "Root" and not request.get("userName")
    named: str = _ROOT if is_by_root else request["userName"] if request.get("userName") or request.get("omitted") else caller["userName"]
    if named == _ROOT:
        raise NothingLeft("it is about the root user, for whom no policy holds; report_root_activity tells of what root does")
    return named


def deactivate(user: str, keys: Iterable[Mapping[str, str]]) -> None:
    """Take those keys of the user out of use; each is named by its `AccessKeyId`. Raises as `try_each` does.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html
    """
    try_each(keys, lambda key: aws("iam").update_access_key(UserName=user, AccessKeyId=key["AccessKeyId"], Status="Inactive"))


def sessions_of_key(_: str) -> str:
    """Say until when whoever has had a key that was deactivated just now may act by a session that was begun with it, and what shuts that out.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_disable-perms.html
    """
    until = datetime.fromtimestamp(clock.now() + _LONGEST_SESSION, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return (
        f"Sessions that were begun with the key before (GetSessionToken, GetFederationToken) go on until {until} at the latest. To shut them out now, deny "
        "the user everything where aws:TokenIssueTime is before now (an inline policy with DateLessThan, which holds for temporary credentials alone), "
        "or everything at all."
    )


def activate(user: str, keys: Iterable[Mapping[str, str]]) -> None:
    """Take them into use again. Raises as `try_each` does."""
    try_each(keys, lambda key: aws("iam").update_access_key(UserName=user, AccessKeyId=key["AccessKeyId"], Status="Active"))


def age_in_days(key: Mapping[str, str]) -> float:
    """Return how many days ago the key was made."""
    return _days_since(key["CreateDate"])


def name_of_user(name_or_id: str) -> str | None:
    """Return the user's name; Config names users by their id (`AIDA…`), for which IAM has no look-up. None if nobody has the id any more."""
    if not _USER_ID.fullmatch(name_or_id):
        return name_or_id
    for page in aws("iam").get_paginator("list_users").paginate(PaginationConfig={"PageSize": 1000}):
        for user in page["Users"]:
            if user["UserId"] == name_or_id:
                return user["UserName"]
    return None


def users_with_old_keys(days: int) -> list[str]:
    """Return the users who, by the account's credential report, have an active key older than so many days.

    One report instead of a call for each of thousands of users. It may be four hours old: the live keys decide.
    """
    oldest = datetime.fromtimestamp(clock.now() - days * _DAY, UTC)
    return [row["user"] for row in _credential_report() if any(_is_old(row, number, oldest) for number in "12")]


def users_with_unused_credentials(days: int) -> list[str]:
    """Return the users who, by the account's credential report, have an active key or a password that nobody has used for so many days."""
    since = datetime.fromtimestamp(clock.now() - days * _DAY, UTC)
    return [row["user"] for row in _credential_report() if _has_unused(row, since)]


def unused_keys(user: str, days: int) -> list[dict[str, str]]:
    """Return the user's active keys that nobody has used for so many days, each with when it was last used or else made.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKeyLastUsed.html
    """
    found = []
    for key in access_keys(user):
        if key["Status"] == "Active":
            used = aws("iam").get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"].get("LastUsedDate")
            found.append({"AccessKeyId": key["AccessKeyId"], "UnusedSince": max(key["CreateDate"], used.isoformat() if used else "")})
    return [key for key in found if _days_since(key["UnusedSince"]) > days]


def password_unused_since(user: str, days: int) -> str | None:
    """Return when the user's password was last used or else made, if that is more than so many days ago; None if there is no such password.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_User.html
    """
    if not (profile := _login_profile(user)):
        return None
    made = profile["CreateDate"]
    used = aws("iam").get_user(UserName=user)["User"].get("PasswordLastUsed")
    since = max(made, used or made).isoformat()
    return since if _days_since(since) > days else None


def has_only_a_password(user: str) -> bool:
    """Tell whether the user has a password for the console and no MFA device. Raises NoSuchEntity if there is no such user.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListMFADevices.html
    """
    pages = aws("iam").get_paginator("list_mfa_devices").paginate(UserName=user)
    return not any(page["MFADevices"] for page in pages) and bool(_login_profile(user))


def statuses(user: str) -> dict[str, str]:
    """Return which of the user's keys are active."""
    return {key["AccessKeyId"]: key["Status"] for key in access_keys(user)}


def _login_profile(user: str) -> Mapping[str, Any]:
    """Return the user's password for the console, as far as it can be seen; nothing if they have none.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetLoginProfile.html
    """
    try:
        return aws("iam").get_login_profile(UserName=user)["LoginProfile"]
    except ClientError as error:
        if code_of(error) == "NoSuchEntity":
            return {}
        raise


def _days_since(when: str) -> float:
    return (clock.now() - datetime.fromisoformat(when).timestamp()) / _DAY


def _credential_report() -> list[dict[str, str]]:
    """Return the rows of the account's credential report, but for the root user's.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
    """
    for wait in _REPORT_PATIENCE:
        if aws("iam").generate_credential_report()["State"] == "COMPLETE":
            break
        clock.pause(wait)
    import csv  # noqa: PLC0415 - only sweeps read the report

    report = aws("iam").get_credential_report()["Content"].decode().splitlines()
    return [row for row in csv.DictReader(report) if row["user"] != "<root_account>"]


def _has_unused(row: Mapping[str, str], since: datetime) -> bool:
    """Tell whether one of the user's credentials looks unused. One that was never used counts from when it was made."""
    keys = [(row[f"access_key_{number}_active"], f"access_key_{number}_last_used_date", f"access_key_{number}_last_rotated") for number in "12"]
    password = (row["password_enabled"], "password_last_used", "password_last_changed")
    return any(active == "true" and not any(_is_after(row[when], since) for when in (used, made)) for active, used, made in [*keys, password])


def _is_after(when: str, since: datetime) -> bool:
    try:
        return datetime.fromisoformat(when) > since
    except ValueError:  # N/A, no_information, not_supported
        return False


def _is_old(row: Mapping[str, str], number: str, oldest: datetime) -> bool:
    if row[f"access_key_{number}_active"] != "true":
        return False
    try:
        return datetime.fromisoformat(row[f"access_key_{number}_last_rotated"]) < oldest
    except ValueError:  # N/A or no_information: worth a look
        return True


def active_key(key_id: str) -> list[dict[str, str]]:
    """Return the key and its user, if it is active. The user is found by the key: some events hold nothing else.

    Of a key that is no user's of this account (the root user's, a deleted one, another account's) IAM says either that there is none (NoSuchEntity) or that
    nobody may ask for it (AccessDenied); the page names neither, and does not say that an answer always has a user. Raises `OnlyPeople` where IAM cannot tell
    whose it is, and for keys that nobody but their holder can deactivate: temporary ones, and the root user's.
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html
    """
    if not key_id.startswith("AKIA"):
        raise OnlyPeople("it is a temporary key of a role session and cannot be deactivated: revoke the sessions of its role")
    try:
        user = aws("iam").get_access_key_last_used(AccessKeyId=key_id).get("UserName")
    except ClientError as error:
        if why := _why_only_people(code_of(error)):
            raise OnlyPeople(why) from error
        raise
    if not user:
        raise OnlyPeople(_why_only_people("AccessDenied"))
    return [{"UserName": user, "AccessKeyId": key_id} for key in access_keys(user) if key["AccessKeyId"] == key_id and key["Status"] == "Active"]


def _why_only_people(code: str) -> str:
    """Return what people can do about a key of which IAM names no user, answering with that code; nothing if there is no such key.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html
    """
    if code not in ("NoSuchEntity", "AccessDenied"):
        return ""
    if aws("iam").get_account_summary()["SummaryMap"].get("AccountAccessKeysPresent"):
        return "no user is known to have this key, but the root user has one: if this is it, sign in as root, delete the key and change the password"
    if code == "AccessDenied":
        return (
            "IAM does not say whose key this is: it may be deleted or another account's, or Snapback may not ask. Look for it among the access keys of your "
            "users, and deactivate it where you find it"
        )
    return ""
