"""Take administrator access away from whoever was given it outside the break-glass principals.

Why it matters: a policy that allows every action on every resource makes every other rule optional for whoever holds it.

Wrong when: a user, group or role has such a policy, attached or inline, or a customer managed policy became one.
Fix: detaches the policy; takes the statement out of an inline policy; makes the latest harmless version of a managed policy its default, or where
there is none detaches it from its holders. Undo gives exactly that back.
Leaves alone: the principals of the parameter BreakGlass, statements with a condition, and every other statement and policy.
"""

from collections.abc import Sequence

from snapback import Remediation
from snapback.grants import Wrong, admin_grants, give_back, holder_calls, managed_policy_calls, take_away


def violation(name: str) -> Sequence[Wrong]:
    """Return every grant of everything, in a holder (`user/alice`) or a managed policy (its ARN)."""
    return admin_grants(name)


def fix(_: str, grants: Sequence[Wrong]) -> None:
    """Take them away."""
    take_away(grants)


def undo(_: str, grants: Sequence[Wrong]) -> None:
    """Give them back."""
    give_back(grants)


remediation = Remediation(
    resource="AWS::IAM::Policy",
    named_by={**holder_calls(), **managed_policy_calls()},
    violation=violation,
    fix=fix,
    undo=undo,
    lags=True,
    disruptive=True,
)
handler = remediation.handler
