"""Deny everything in the console to users who have a password and no MFA device.

Problem: A user has a password and no MFA device. Severity: medium.

Why it matters: a password that was guessed, phished or leaked opens the console to whoever has it, unless a second factor is asked for.

Wrong when: a user has a console password and no MFA device.
Fix: puts the inline policy SnapbackRequireMfa into the user, which denies all but registering a device until they sign in with one. It stays when they have
one. Undo deletes it, or puts back what had that name before.
Leaves alone: requests signed with the user's access keys, which carry no MFA (only sessions without it are denied: those of the console, and those that
GetSessionToken gives), and the user's other policies. Users may register a device only if another policy allows it: this one allows nothing. Reported only: a
user whose inline policies have no room left (IAM allows 2,048 characters in all).
Class: disruptive, because people are locked out of the console until they have a device.
At once, because the password opens the console from the moment that it is there.
"""

from collections.abc import Sequence

from snapback import Remediation
from snapback.iam.denials import CONSOLE_WITHOUT_MFA, MFA_REQUIRED, Former, put_denial, without_denial
from snapback.iam.grants import inline_policy, set_inline_policy
from snapback.iam.keys import has_only_a_password, user_named_in


def violation(user: str) -> Sequence[Former]:
    """Return the policy as it is, if it does not deny, and the password is all that the console asks for."""
    return without_denial(f"user/{user}", MFA_REQUIRED, CONSOLE_WITHOUT_MFA) if has_only_a_password(user) else []


def fix(user: str, _: object) -> None:
    """Deny the console without MFA."""
    otherwise = "see to it that they register an MFA device or lose their password, or make one of their inline policies a managed one"
    put_denial(f"user/{user}", MFA_REQUIRED, CONSOLE_WITHOUT_MFA, otherwise)


def undo(user: str, before: Sequence[Former]) -> None:
    """Put back what was there, or nothing."""
    set_inline_policy(f"user/{user}", MFA_REQUIRED, before[0]["Former"])


remediation = Remediation(
    resource="AWS::IAM::User",
    named_by=dict.fromkeys(["CreateLoginProfile", "DeactivateMFADevice"], user_named_in),
    violation=violation,
    shows_steps=True,
    fix=fix,
    undo=undo,
    setting=lambda user: inline_policy(f"user/{user}", MFA_REQUIRED),
    disruptive=True,
    lags=True,
)
handler = remediation.handler
