"""Words for the guardrails of an organisation: policies of AWS Organizations, and the roots, units and accounts that they have to be attached to.

Only the management account, or a delegated administrator, may look at them. The parameter Guardrails names the pairs: `p-abcd1234:ou-abcd-1234abcd`.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies.html
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from snapback.engine import clock, settings
from snapback.engine.answers import the_one
from snapback.engine.clients import aws, is_dry_run
from snapback.engine.errors import OnlyPeople, ResourceBusy
from snapback.engine.refusals import none_if, try_each
from snapback.policies.documents import grants_everything, listed

Wrong = Mapping[str, Any]
"""One thing that is wrong: {"Emptied": policy, "Content": text}, {"Disabled": policy type, "In": root}, {"Detached": policy, "From": target}."""

_ENABLING = (0.5, 1.0, 2.0, 4.0)
"""Seconds to wait for a policy type to be enabled."""


def weaknesses() -> list[Wrong]:
    """Return what is wrong with the guardrails, in the order in which it has to be put right.

    Raises `OnlyPeople` if nothing is but that a policy does not exist any more: one that is made anew has another id, which nobody here can attach.
    https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListTargetsForPolicy.html
    """
    policies = _policies()
    here = {policy: summary for policy, summary in policies.items() if summary}
    emptied: list[Wrong] = [{"Emptied": policy, "Content": one["Content"]} for policy, one in here.items() if _denies_nothing(one["Content"])]
    disabled: list[Wrong] = [
        {"Disabled": kind, "In": root} for kind in sorted({one["PolicySummary"]["Type"] for one in here.values()}) for root in _without(kind)
    ]
    detached: list[Wrong] = [
        {"Detached": policy, "From": target} for policy in here for attached in [_targets(policy)] for target in _wanted(policy) if target not in attached
    ]
    wrong = [*emptied, *disabled, *detached]
    if not wrong and here.keys() != policies.keys():
        gone = ", ".join(policies.keys() - here.keys())
        raise OnlyPeople(f"{gone} does not exist any more: make the policy anew, attach it, and put its new id into the parameter Guardrails")
    return wrong


def contents() -> dict[str, str]:
    """Return what each guardrail says, to be remembered; raise `ResourceBusy` if one was emptied while they were being looked at."""
    found = {policy: one["Content"] for policy, one in _policies().items() if one}
    if any(_denies_nothing(content) for content in found.values()):
        raise ResourceBusy("a guardrail was changed while its good state was being written down")
    return found


def as_they_are() -> dict[str, Any]:
    """Return what each guardrail says and where it is attached: an undo must not write over what somebody has put there since."""
    return {policy: {"Content": one["Content"], "Targets": sorted(_targets(policy))} for policy, one in _policies().items() if one}


def good_state() -> dict[str, Any]:
    """Return what each guardrail says, and which accounts are in each unit that has one: an account that is moved out of it is guarded no more.

    Of the root there is nothing to keep, as no account can leave it but by leaving the organisation.
    """
    units = sorted({target for _, target in _pairs() if target.startswith("ou-")})
    return {**contents(), **{f"accounts of {unit}": sorted(_accounts_in(unit)) for unit in units}}


def put_back(wrong: Sequence[Wrong], memory: Mapping[str, str] | None) -> None:
    """Put back what the guardrails said, then put them in force; raise `OnlyPeople`, and change nothing, if nobody remembers what an emptied one said."""
    known = memory or {}
    missing = [item["Emptied"] for item in wrong if "Emptied" in item and item["Emptied"] not in known]
    if missing:
        raise OnlyPeople(f"what {', '.join(missing)} said before is not known: no sweep has seen it yet. Put it back by hand")
    try_each(wrong, lambda item: _put_one_back(item, known))  # what has to be attached needs its type enabled: AWS says so, after the refusal of that


def take_back(wrong: Sequence[Wrong]) -> None:
    """Undo `put_back`, the last first. Raises as `try_each` does."""
    try_each(reversed(wrong), _take_one_back)


def _put_one_back(item: Wrong, known: Mapping[str, str]) -> None:
    match item:
        case {"Emptied": policy}:
            _write(policy, known[policy])
        case {"Disabled": kind, "In": root}:
            _enable(kind, root)
        case {"Detached": policy, "From": target}:
            _attach(policy, target)


def _take_one_back(item: Wrong) -> None:
    match item:
        case {"Emptied": policy, "Content": content}:
            _write(policy, content)
        case {"Disabled": kind, "In": root}:
            _disable(kind, root)
        case {"Detached": policy, "From": target}:
            _detach(policy, target)


def _write(policy: str, content: str) -> None:
    """Let the policy say this. https://docs.aws.amazon.com/organizations/latest/APIReference/API_UpdatePolicy.html."""
    aws("organizations").update_policy(PolicyId=policy, Content=content)


def _enable(kind: Any, root: str) -> None:  # noqa: ANN401 - one of the types that AWS knows
    """Enable the type of policies in the root, and wait until policies can be attached.

    https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnablePolicyType.html
    """
    aws("organizations").enable_policy_type(RootId=root, PolicyType=kind)
    for wait in _ENABLING:
        if is_dry_run() or root not in _without(kind):
            return
        clock.pause(wait)


def _disable(kind: Any, root: str) -> None:  # noqa: ANN401
    """Disable it, if it is enabled. AWS then detaches all policies of the type, as it had done before.

    https://docs.aws.amazon.com/organizations/latest/APIReference/API_DisablePolicyType.html
    """
    if root not in _without(kind):
        aws("organizations").disable_policy_type(RootId=root, PolicyType=kind)


def _attach(policy: str, target: str) -> None:
    """Attach it. https://docs.aws.amazon.com/organizations/latest/APIReference/API_AttachPolicy.html."""
    aws("organizations").attach_policy(PolicyId=policy, TargetId=target)


def _detach(policy: str, target: str) -> None:
    """Detach it, if it is attached. https://docs.aws.amazon.com/organizations/latest/APIReference/API_DetachPolicy.html."""
    if target in _targets(policy):
        aws("organizations").detach_policy(PolicyId=policy, TargetId=target)


def _pairs() -> Sequence[tuple[str, str]]:
    return [(policy, target) for pair in sorted(settings.words("GUARDRAILS")) for policy, _, target in [pair.partition(":")]]


def _wanted(policy: str) -> list[str]:
    return [target for one, target in _pairs() if one == policy]


def _policies() -> dict[str, Any]:
    """Return each policy of the guardrails, None if it does not exist any more."""
    return {policy: _policy(policy) for policy, _ in _pairs()}


def _policy(policy: str) -> Any:  # noqa: ANN401 - a policy or None
    return none_if("PolicyNotFoundException", lambda: aws("organizations").describe_policy(PolicyId=policy)["Policy"])


def _targets(policy: str) -> set[str]:
    pages = aws("organizations").get_paginator("list_targets_for_policy").paginate(PolicyId=policy)
    return {target["TargetId"] for page in pages for target in page["Targets"]}


def _accounts_in(unit: str) -> list[str]:
    """Return the accounts of the unit and of all units in it. https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListChildren.html."""
    inside = (account for inner in _children(unit, "ORGANIZATIONAL_UNIT") for account in _accounts_in(inner))
    return [*_children(unit, "ACCOUNT"), *inside]


def _children(unit: str, kind: Any) -> list[str]:  # noqa: ANN401 - one of the types that AWS knows
    pages = aws("organizations").get_paginator("list_children").paginate(ParentId=unit, ChildType=kind)
    return [child["Id"] for page in pages for child in page["Children"]]


def _without(kind: str) -> list[str]:
    """Return the roots in which policies of that type are not in force."""
    roots = [root for page in aws("organizations").get_paginator("list_roots").paginate() for root in page["Roots"]]
    root = the_one(roots, "organizations:ListRoots.Roots")
    return [] if any(one["Type"] == kind and one["Status"] == "ENABLED" for one in root["PolicyTypes"]) else [root["Id"]]


def _denies_nothing(content: str) -> bool:
    """Tell whether a policy restricts nobody: it allows everything, and denies nothing."""
    statements = listed(json.loads(content).get("Statement", []))
    return any(grants_everything(one) for one in statements) and not any(one.get("Effect") == "Deny" for one in statements)
