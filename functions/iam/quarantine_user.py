"""Deny everything to a user whose credentials GuardDuty sees misused.

Why it matters: whoever has stolen a user's credentials acts as that user, and makes new ones first of all. A denial stops them whatever they made.

Wrong when: a GuardDuty finding of High severity about an IAM user's own credentials names a user who is not denied everything.
Fix: puts the inline policy SnapbackQuarantine into the user, which denies every action. Undo deletes it, or puts back what had that name before.
Leaves alone: the user's keys, password, groups and other policies, and roles that the user has assumed already (their sessions live on until they end,
or are revoked: see revoke_role_sessions). The root user cannot be denied anything.
"""

from collections.abc import Sequence

from snapback import Remediation
from snapback.denials import EVERYTHING, QUARANTINE, Former, users_in, without_denial
from snapback.grants import set_inline_policy


def violation(user: str) -> Sequence[Former]:
    """Return the policy as it is, if it does not deny everything."""
    return without_denial(f"user/{user}", QUARANTINE, EVERYTHING)


def fix(user: str, _: object) -> None:
    """Deny everything."""
    set_inline_policy(f"user/{user}", QUARANTINE, EVERYTHING)


def undo(user: str, before: Sequence[Former]) -> None:
    """Put back what was there, or nothing."""
    set_inline_policy(f"user/{user}", QUARANTINE, before[0]["Former"])


remediation = Remediation(
    resource="AWS::IAM::User",
    named_by={"GuardDuty Finding": users_in},
    violation=violation,
    fix=fix,
    undo=undo,
    disruptive=True,
    lags=True,
)
handler = remediation.handler
