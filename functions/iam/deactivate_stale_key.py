"""Deactivate access keys that are older than MaxKeyAge.

Problem: An access key is too old. Severity: medium.

Why it matters: a key that is never changed is a key that has leaked sooner or later.

Wrong when: a user has an active access key made more than MaxKeyAge days ago (90 unless changed).
Fix: the key becomes Inactive. Undo makes it Active again.
Leaves alone: younger keys of the same user, inactive keys, and the root user's keys (nothing but root itself can change those).
Class: disruptive, because a key that is old may be in use, and what uses it stops.
"""

from collections.abc import Mapping, Sequence

from snapback import Remediation, settings
from snapback.iam.keys import access_keys, activate, age_in_days, deactivate, name_of_user, users_with_old_keys


def violation(user: str) -> Sequence[Mapping[str, str]]:
    """Return the user's active keys that are past the age."""
    oldest = settings.number("MAX_KEY_AGE_DAYS")
    return [key for key in access_keys(user) if key["Status"] == "Active" and age_in_days(key) > oldest]


def fix(user: str, keys: Sequence[Mapping[str, str]]) -> None:
    """Make those keys inactive."""
    deactivate(user, keys)


def undo(user: str, keys: Sequence[Mapping[str, str]]) -> None:
    """Make them active again."""
    activate(user, keys)


remediation = Remediation(
    resource="AWS::IAM::User",
    named_by={"Scheduled Event": lambda _: users_with_old_keys(settings.number("MAX_KEY_AGE_DAYS"))},
    violation=violation,
    fix=fix,
    undo=undo,
    resolve=name_of_user,
    lags=True,
    disruptive=True,
)
handler = remediation.handler
