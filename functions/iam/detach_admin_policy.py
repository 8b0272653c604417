"""Take administrator access away from whoever was given it outside the break-glass principals.

Problem: Somebody has administrator access who should not. Severity: high.

Why it matters: whoever may give anybody any policy makes every other rule optional for themselves.

Wrong when: a policy of a user, group or role, attached or inline, allows every action, or to attach and write policies of any user, group and role (`iam:*`,
`NotAction`, IAMFullAccess): a condition that every request passes, or a denial that leaves that, makes no difference. Also when a user is in a group that holds
such a policy, when a permissions boundary that kept it from counting is lifted, and when a customer managed policy became one.
Fix: detaches the policy; takes the statement out of an inline policy; takes the user out of the group; makes the latest harmless version of a managed policy
its default, or where there is none detaches it from its holders. Undo gives exactly that back, unless another version of the policy was made its default since.
Leaves alone: the principals of the parameter BreakGlass (a group whose members may be administrators belongs there), who is bounded by a permissions boundary,
policies that only are boundaries, statements on condition of a second factor, an address or the like, and every other statement and policy. Permission sets
of IAM Identity Center are not heard: they belong to the organisation's account, and every account has its roles from them.
Told once: a call gave AWS's own policy, or one written into a holder, for a moment only, and somebody else has taken that back before Snapback looked.
Class: disruptive, because whoever lived on that access is refused.
At once, because whoever gets a policy as wide as that may use it the next second, to make it last.
"""

from collections.abc import Sequence
from typing import Any

from snapback import Remediation
from snapback.iam.grants import (
    Wrong,
    admin_grants,
    default_version,
    give_back,
    given_to_administrators,
    holder_calls,
    managed_policy_calls,
    take_away,
    unless_bounded,
)


def violation(name: str) -> Sequence[Wrong]:
    """Return every grant of everything, in a holder (`user/alice`) or a managed policy (its ARN)."""
    return admin_grants(name)


def fix(_: str, grants: Sequence[Wrong]) -> None:
    """Take them away."""
    take_away(grants)


def undo(_: str, grants: Sequence[Wrong]) -> None:
    """Give them back."""
    give_back(grants)


def state(name: str) -> dict[str, Any]:
    """Return what an undo goes by: the grants that there are now, and of a managed policy which version counts: somebody may have made a better one since."""
    return {"Grants": admin_grants(name), **({"Default": default_version(name)} if name.startswith("arn:") else {})}


remediation = Remediation(
    resource="AWS::IAM::Policy",
    named_by={**holder_calls(), **managed_policy_calls()},
    violation=violation,
    fix=fix,
    undo=undo,
    setting=state,
    opened=given_to_administrators,
    shut=unless_bounded,
    lags=True,
    disruptive=True,
)
handler = remediation.handler
