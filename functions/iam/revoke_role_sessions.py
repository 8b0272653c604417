"""Revoke the sessions of a role whose temporary credentials GuardDuty sees misused.

Problem: A role's credentials are misused. Severity: high.

Why it matters: temporary credentials cannot be deactivated. Whoever has stolen them from an instance or a function has the role until they end.

Wrong when: a GuardDuty finding of High severity is about a role's session, and sessions from before its last event may still act.
Fix: puts the inline policy SnapbackRevokedSessions into the role, which denies everything to sessions issued before now. Rightful users of the role go on
with their next credentials: those who assume it at once, instances and functions when theirs are renewed. Undo puts back what was there before.
Taken off: who deletes or replaces that policy otherwise than by undo, while sessions from before may live, is told as high, and all sessions are revoked again,
or asked about, by the mode.
Leaves alone: who may assume the role and what new sessions may do; roles whose sessions were revoked in the console since. Reported only: roles of AWS
services and of IAM Identity Center, into which nothing can be written, and a role whose inline policies have no room left (IAM allows 10,240 characters).
Class: disruptive, because sessions that are rightfully at work end in the middle of it.
"""

from collections.abc import Sequence

from snapback import Remediation
from snapback.engine.events import calls
from snapback.iam.denials import REVOKED_SESSIONS, Former, holder_of, open_sessions, put_denial, sessions_before_now, sessions_in
from snapback.iam.grants import inline_policy, set_inline_policy

TAKEN_OFF_BY = ("DeleteRolePolicy", "PutRolePolicy")


def violation(sessions: str) -> Sequence[Former]:
    """Return the policy as it is, if sessions from before that time (`deploy/2026-11-24T03:05:00Z`) may still act."""
    return open_sessions(sessions)


def fix(sessions: str, _: object) -> None:
    """Deny everything to all sessions from before now."""
    otherwise = "make one of its inline policies a managed one, then revoke its active sessions in the console; stop what runs with the role until then"
    put_denial(holder_of(sessions), REVOKED_SESSIONS, sessions_before_now(sessions), otherwise)


def undo(sessions: str, before: Sequence[Former]) -> None:
    """Put back what was there, or nothing."""
    set_inline_policy(holder_of(sessions), REVOKED_SESSIONS, before[0]["Former"])


remediation = Remediation(
    resource="AWS::IAM::RoleSessions",
    named_by={"GuardDuty Finding": sessions_in, **calls("requestParameters.roleName", *TAKEN_OFF_BY)},
    taken_off_by=TAKEN_OFF_BY,
    contained_as=lambda sessions: sessions.split("/")[0],
    exempt_as=lambda sessions: f"{sessions.split('/')[0]}/*",
    violation=violation,
    fix=fix,
    contained="Sessions revoked",
    undo=undo,
    setting=lambda sessions: inline_policy(holder_of(sessions), REVOKED_SESSIONS),
    disruptive=True,
    lags=True,
)
handler = remediation.handler
