"""Words for IAM users and their access keys."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from snapback import clock
from snapback.clients import aws, code_of
from snapback.errors import OnlyPeople

_USER_ID = re.compile(r"AIDA[A-Z0-9]{12,124}")
_DAY = 24 * 3600
_REPORT_PATIENCE = (0.5, 1, 2, 4, 8)
"""Seconds to wait for AWS to make the credential report."""


def access_keys(user: str) -> Iterator[Mapping[str, str]]:
    """Yield the user's access keys: `AccessKeyId`, `Status` and `CreateDate` (ISO 8601).

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html
    """
    for page in aws("iam").get_paginator("list_access_keys").paginate(UserName=user):
        for key in page["AccessKeyMetadata"]:
            yield {"AccessKeyId": key["AccessKeyId"], "Status": key["Status"], "CreateDate": key["CreateDate"].isoformat()}


def age_in_days(key: Mapping[str, str]) -> float:
    """Return how many days ago the key was made."""
    return (clock.now() - datetime.fromisoformat(key["CreateDate"]).timestamp()) / _DAY


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
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
    """
    for wait in _REPORT_PATIENCE:
        if aws("iam").generate_credential_report()["State"] == "COMPLETE":
            break
        clock.pause(wait)
    report = io.StringIO(aws("iam").get_credential_report()["Content"].decode())
    oldest = datetime.fromtimestamp(clock.now() - days * _DAY, UTC)
    return [row["user"] for row in csv.DictReader(report) if row["user"] != "<root_account>" and any(_is_old(row, number, oldest) for number in "12")]


def _is_old(row: Mapping[str, str], number: str, oldest: datetime) -> bool:
    if row[f"access_key_{number}_active"] != "true":
        return False
    try:
        return datetime.fromisoformat(row[f"access_key_{number}_last_rotated"]) < oldest
    except ValueError:  # N/A or no_information: worth a look
        return True


def active_key(key_id: str) -> list[dict[str, str]]:
    """Return the key as UpdateAccessKey names it, if it is active. Its user is found by the key: some events hold nothing else.

    Raises `OnlyPeople` for keys that nobody but their holder can deactivate: temporary ones, and the root user's.
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html
    """
    if not key_id.startswith("AKIA"):
        raise OnlyPeople("it is a temporary key of a role session and cannot be deactivated: revoke the sessions of its role")
    try:
        user = aws("iam").get_access_key_last_used(AccessKeyId=key_id)["UserName"]
        keys = list(access_keys(user))
    except ClientError as error:
        if code_of(error) == "NoSuchEntity" and aws("iam").get_account_summary()["SummaryMap"].get("AccountAccessKeysPresent"):
            raise OnlyPeople(
                "no user has this key, but the root user has one: if this is it, sign in as root, delete the key and change the password"
            ) from error
        raise
    return [{"UserName": user, "AccessKeyId": key_id} for key in keys if key["AccessKeyId"] == key_id and key["Status"] == "Active"]
