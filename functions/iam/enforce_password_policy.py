"""Keep the account's password policy at least as strict as the baseline.

Problem: The account's password policy is too weak. Severity: medium.

Why it matters: the policy is what stands between a guessed password and the console.

Wrong when: the policy is missing, or any part of it is weaker than 14 characters of four classes, 24 passwords remembered and 90 days.
Fix: raises the weak parts to the baseline, except for the days. Undo puts the former policy back as a whole, or removes it where there was none.
Leaves alone: every part that is already as strict or stricter, and the passwords that people have now: what is raised is asked of the next one.
Reported only: passwords that live longer than 90 days. AWS enforces an end at once, on all passwords that are older already, and with HardExpiry, or where
users may not change their own, these users are locked out of the console: to set MaxPasswordAge is for people, who can tell them first.
Class: disruptive, because deployments and people that set a password which was good enough until now are refused.
"""

from collections.abc import Sequence
from typing import Any

from snapback import Remediation
from snapback.engine.events import account_calls
from snapback.iam.passwords import check_age, password_policy, set_password_policy, with_better_passwords


def violation(_: str) -> Sequence[dict[str, Any]]:
    """Return the policy as it is, if any part of it is too weak; raise `OnlyPeople` if that is only for how long passwords live."""
    current = password_policy()
    if current is None or current != with_better_passwords(current):
        return [{"PasswordPolicy": current}]
    check_age(current)
    return []


def fix(_: str, before: Sequence[dict[str, Any]]) -> None:
    """Raise the weak parts."""
    set_password_policy(with_better_passwords(before[0]["PasswordPolicy"]))


def undo(_: str, before: Sequence[dict[str, Any]]) -> None:
    """Put the former policy back, or none where there was none."""
    set_password_policy(before[0]["PasswordPolicy"])


remediation = Remediation(
    resource="AWS::::Account",
    named_by=account_calls("UpdateAccountPasswordPolicy", "DeleteAccountPasswordPolicy"),
    violation=violation,
    fix=fix,
    undo=undo,
    setting=lambda _: password_policy(),
    lags=True,
    disruptive=True,
)
handler = remediation.handler
