"""Deactivate access keys that nobody has used for MaxIdle days.

Problem: A credential has not been used for long. Severity: medium.

Why it matters: a credential that nobody uses is a credential whose theft nobody notices.

Wrong when: a user has an active access key or a password unused for more than MaxIdle days (30 unless changed); one never used counts from when it was made.
Fix: such keys become Inactive. Undo makes them Active again. An unused password is only reported: AWS can neither deactivate it nor tell what it is, so that
deleting it could not be undone; and a policy that denies the console would deny the sessions as well that the user gets with an access key.
Leaves alone: keys in use, inactive keys, and the root user's.
Class: disruptive, because what runs once a quarter or a year finds its key inactive.
"""

from collections.abc import Mapping, Sequence

from snapback import Remediation, settings
from snapback.engine.errors import OnlyPeople
from snapback.iam.keys import activate, deactivate, name_of_user, password_unused_since, statuses, unused_keys, users_with_unused_credentials


def violation(user: str) -> Sequence[Mapping[str, str]]:
    """Return the unused keys; if there is none but the password is unused, that is for people."""
    days = settings.number("MAX_IDLE_DAYS")
    keys = unused_keys(user, days)
    if not keys and (since := password_unused_since(user, days)):
        raise OnlyPeople(f"the user's password is unused since {since}: ask whether it is needed, and if not: aws iam delete-login-profile --user-name {user}")
    return keys


def fix(user: str, keys: Sequence[Mapping[str, str]]) -> None:
    """Make those keys inactive."""
    deactivate(user, keys)


def undo(user: str, keys: Sequence[Mapping[str, str]]) -> None:
    """Make them active again."""
    activate(user, keys)


def sweep(_: object) -> Sequence[str]:
    """Return the users whose credentials are worth a look."""
    return users_with_unused_credentials(settings.number("MAX_IDLE_DAYS"))


remediation = Remediation(
    resource="AWS::IAM::User",
    named_by={"Scheduled Event": sweep},
    violation=violation,
    fix=fix,
    undo=undo,
    setting=statuses,
    resolve=name_of_user,
    lags=True,
    disruptive=True,
)
handler = remediation.handler
