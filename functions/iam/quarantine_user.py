"""Deny everything to a user whose credentials GuardDuty sees misused.

Problem: A user's credentials are misused. Severity: high.

Why it matters: whoever has stolen a user's credentials acts as that user, and makes new ones first of all. A denial stops them whatever they made.

Wrong when: a GuardDuty finding of High severity about what an IAM user's own credentials did, also to data in buckets, or a sequence of attacks names a user
who is not denied everything.
Fix: puts the inline policy SnapbackQuarantine into the user, which denies every action; where the user's inline policies leave no room for it (IAM allows 2,048
characters in all), attaches AWS's own AWSDenyAll. Undo deletes or detaches it, or puts back what had that name before; it is
refused once somebody else has given or taken one of the two.
Taken off: who deletes, replaces or detaches that denial otherwise than by undo is told as high, and the denial is put back, or asked about, by the mode.
Leaves alone: the user's keys, password, groups and other policies, and roles that the user has assumed already (their sessions live on until they end,
or are revoked: see revoke_role_sessions). The root user cannot be denied anything. Reported only: a user who has ten attached policies as well.
Class: disruptive, because all that the user does is refused.
"""

from collections.abc import Sequence

from snapback import Remediation
from snapback.engine.events import calls
from snapback.iam.denials import Former, end_quarantine, not_quarantined, quarantine, quarantine_of, users_in

TAKEN_OFF_BY = ("DeleteUserPolicy", "DetachUserPolicy", "PutUserPolicy")


def violation(user: str) -> Sequence[Former]:
    """Return the policy as it is, if it does not deny everything."""
    return not_quarantined(user)


def fix(user: str, _: object) -> None:
    """Deny everything."""
    quarantine(user)


def undo(user: str, before: Sequence[Former]) -> None:
    """Put back what was there, or nothing."""
    end_quarantine(user, before)


remediation = Remediation(
    resource="AWS::IAM::User",
    named_by={"GuardDuty Finding": users_in, **calls("requestParameters.userName", *TAKEN_OFF_BY)},
    taken_off_by=TAKEN_OFF_BY,
    violation=violation,
    fix=fix,
    contained="User shut out",
    undo=undo,
    setting=quarantine_of,
    disruptive=True,
    lags=True,
)
handler = remediation.handler
