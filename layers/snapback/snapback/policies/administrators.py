"""Whether an identity's policy makes an administrator: of whoever may give any user, group and role any policy, whatever else the policy says.

`"Action": "*", "Resource": "*"` is only one spelling of that. Requests are put before the policy: to attach a policy to somebody, and to write one into them.
Who may make all of these is an administrator, and so is who may do nearly everything (`*`, `NotAction`) and some of these. An ordinary request is tried: a
condition that it passes (TLS, `aws:username: *`) is none; one that it does not pass (a second factor, a boundary, an address) is a guard that somebody put
there. Of AWS's own policies AdministratorAccess and IAMFullAccess do it; PowerUserAccess, which leaves out IAM, does not:
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_job-functions.html
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from snapback.engine import clock
from snapback.policies.conditions import Values, requirements
from snapback.policies.documents import Statement, listed
from snapback.policies.globs import matches
from snapback.policies.principals import own_account

_GRANTS: Final = {f"iam:{verb}{kind}policy": kind for verb in ("attach", "put") for kind in ("group", "role", "user")}
"""Calls by which one gives somebody permissions -> to whom. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html"""

_SOMEBODY: Final = "somebody-of-no-special-name"

OF_AWS: Final = frozenset({"AdministratorAccess", "IAMFullAccess"})
"""AWS's own managed policies that make an administrator; the documents of all of them were tried."""


def admin_statements(document: Mapping[str, Any]) -> list[Statement]:
    """Return the statements of an identity's policy that make an administrator: each that does so alone, or if none does, those that do so together."""
    found: list[Statement] = listed(document.get("Statement", []))
    denied = set().union(*(set(_grants(one)) for one in found if one.get("Effect") == "Deny"))
    given = [(one, set(_grants(one)) - denied) for one in found if one.get("Effect") == "Allow"]
    alone = [one for one, grants in given if grants and (len(grants) == len(_GRANTS) or _is_wide(one))]
    together = [one for one, grants in given if grants]
    return alone or (together if len(set().union(*(grants for _, grants in given))) == len(_GRANTS) else [])


def _is_wide(statement: Statement) -> bool:
    return "NotAction" in statement or any(set(str(action)) <= set("*:?") for action in listed(statement.get("Action")))


def _grants(statement: Statement) -> Iterator[str]:
    """Yield the calls that the statement allows or denies on an ordinary request, to whomever."""
    if not all(one.holds(_ordinary().get(one.key, ())) for one in requirements(statement, {"aws:resourceaccount": own_account()})):
        return
    for action, kind in _GRANTS.items():
        if _is_about(statement, "Action", action, lower=True) and _is_about(statement, "Resource", f"arn:aws:iam::{own_account()}:{kind}/{_SOMEBODY}"):
            yield action


def _is_about(statement: Statement, part: str, name: str, *, lower: bool = False) -> bool:
    def any_of(patterns: Sequence[object]) -> bool:
        return any(matches(str(one).lower() if lower else _partition_of(str(one)), name) for one in patterns)

    if f"Not{part}" in statement:
        return not any_of(listed(statement[f"Not{part}"]))
    return any_of(listed(statement.get(part, [])))


def _partition_of(arn: str) -> str:
    """Return the ARN as it were in the partition `aws`: the names are the same in all."""
    begin, _, rest = arn.partition(":iam:")
    return f"arn:aws:iam:{rest}" if rest and begin.startswith("arn:aws-") else arn


def _ordinary() -> dict[str, Values]:
    """Return the keys of an ordinary request of ours, with their values; all others it lacks.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    now = datetime.fromtimestamp(clock.now(), UTC).isoformat()
    return {
        "aws:currenttime": (now,),
        "aws:epochtime": (now,),
        "aws:multifactorauthpresent": ("false",),
        "aws:principalaccount": (own_account(),),
        "aws:principalarn": (f"arn:aws:iam::{own_account()}:user/{_SOMEBODY}",),
        "aws:principalisawsservice": ("false",),
        "aws:principaltype": ("User",),
        "aws:requestedregion": ("us-east-1",),
        "aws:resourceaccount": (own_account(),),
        "aws:securetransport": ("true",),
        "aws:sourceip": ("198.51.100.7",),
        "aws:useragent": (_SOMEBODY,),
        "aws:userid": ("AIDAZZZZZZZZZZZZZZZZZ",),
        "aws:username": (_SOMEBODY,),
        "aws:viaawsservice": ("false",),
    }
