"""Keep the account's password policy at least as strict as the baseline.

Why it matters: the policy is what stands between a guessed password and the console.

Wrong when: the policy is missing, or any part of it is weaker than 14 characters of four classes, 24 passwords remembered and 90 days.
Fix: raises the weak parts to the baseline. Undo puts the former policy back as a whole, or removes it where there was none.
Leaves alone: every part that is already as strict or stricter, and the passwords that people have now (AWS applies the policy to the next one).
"""

from collections.abc import Sequence
from typing import Any

from snapback import Remediation
from snapback.events import account_calls
from snapback.passwords import at_least_baseline, password_policy, set_password_policy


def violation(_: str) -> Sequence[dict[str, Any]]:
    """Return the policy as it is, if any part of it is too weak."""
    current = password_policy()
    return [] if current is not None and current == at_least_baseline(current) else [{"PasswordPolicy": current}]


def fix(_: str, before: Sequence[dict[str, Any]]) -> None:
    """Raise the weak parts."""
    set_password_policy(at_least_baseline(before[0]["PasswordPolicy"]))


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
)
handler = remediation.handler
