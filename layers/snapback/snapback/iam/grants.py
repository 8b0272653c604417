"""Words for who holds which IAM policy: users, groups and roles ("holders"), what is attached to them and what is written into them.

A holder is named `user/alice`, `group/admins` or `role/deploy`. IAM's calls for the three are alike but for the name: `list_attached_user_policies`,
`list_attached_role_policies`. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from snapback.engine import settings
from snapback.engine.clients import aws
from snapback.engine.events import calls, request_of
from snapback.engine.refusals import code_of, try_each
from snapback.policies.administrators import OF_AWS, admin_statements
from snapback.policies.documents import listed

Wrong = dict[str, Any]
"""One grant that makes an administrator, in one of four forms:

{"Attached": arn, "To": holder}, {"Inline": name, "In": holder, "At": index, "Statement": {…}, "Rest": the document without its statements},
{"Policy": arn, "Default": version, "Former": version}, {"Member": user, "Of": group}.
"""


def holder_calls() -> dict[str, str]:
    """Return the entries of `named_by` for the calls that give a holder a policy, make a user one of a group, or lift the bound of what a holder may."""
    return {
        "AddUserToGroup": "join('/', ['user', requestParameters.userName])",
        **{
            f"{verb}{kind.capitalize()}PermissionsBoundary": f"join('/', ['{kind}', requestParameters.{kind}Name])"
            for verb in ("Delete", "Put")
            for kind in ("user", "role")
        },
        **_policy_calls(),
    }


def _policy_calls() -> dict[str, str]:
    return {
        f"{verb}{kind.capitalize()}Policy": f"join('/', ['{kind}', requestParameters.{kind}Name])"
        for verb in ("Attach", "Put")
        for kind in ("user", "group", "role")
    }


def managed_policy_calls() -> dict[str, str]:
    """Return the entries of `named_by` for the calls that change what a managed policy says."""
    return {"CreatePolicy": "responseElements.policy.arn", **calls("requestParameters.policyArn", "CreatePolicyVersion", "SetDefaultPolicyVersion")}


def is_break_glass(holder: str) -> bool:
    """Tell whether the holder is one of those that may have everything (parameter BreakGlass; a `*` at the end stands for the rest)."""
    return settings.is_among("BREAK_GLASS", holder)


def admin_grants(name: str) -> list[Wrong]:
    """Return what makes a holder an administrator, or a customer managed policy one that does; nothing for break-glass holders.

    A holder whose permissions boundary does not let them be one is none.
    """
    if name.startswith("arn:"):
        return _in_policy(name)
    if is_break_glass(name):
        return []
    found = [*_own_grants(name), *_memberships(name)]
    return [] if found and _is_bounded(name) else found


def _own_grants(holder: str) -> list[Wrong]:
    attached = [{"Attached": arn, "To": holder} for arn in _attached(holder) if _is_admin(arn)]
    inline = [
        {"Inline": policy, "In": holder, "At": at, "Statement": statement, "Rest": {part: document[part] for part in document if part != "Statement"}}
        for policy in _inline(holder)
        for document in [_inline_document(holder, policy)]
        for unwanted in [admin_statements(document)]
        for at, statement in enumerate(listed(document.get("Statement", [])))
        if statement in unwanted
    ]
    return [*attached, *inline]


def _memberships(holder: str) -> list[Wrong]:
    """Return the groups of a user that make administrators of their members."""
    kind, name = holder.split("/")
    if kind != "user":
        return []
    groups = [group["GroupName"] for page in _pages("list_groups_for_user", UserName=name) for group in page["Groups"]]
    return [{"Member": holder, "Of": f"group/{group}"} for group in groups if not is_break_glass(f"group/{group}") and _own_grants(f"group/{group}")]


def _is_bounded(holder: str) -> bool:
    """Tell whether a permissions boundary keeps the holder from being an administrator; a group has none.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    kind, name = holder.split("/")
    if kind == "group":
        return False
    found: Any = aws("iam").get_user(UserName=name)["User"] if kind == "user" else aws("iam").get_role(RoleName=name)["Role"]
    boundary = found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return bool(boundary) and not _is_admin(boundary)


def given_to_administrators(record: Mapping[str, Any]) -> list[Wrong]:
    """Return what a record of AttachUserPolicy, PutRolePolicy and their like says that it gave to make an administrator, as a part of what `admin_grants` has.

    Of an attached policy that is not AWS's own the record does not say what is in it.
    """
    request = request_of(record)
    holder = next((f"{kind}/{request[f'{kind}Name']}" for kind in ("user", "group", "role") if request.get(f"{kind}Name")), "")
    if not holder or is_break_glass(holder):
        return []
    arn, document = str(request.get("policyArn", "")), request.get("policyDocument")
    if ":iam::aws:policy/" in arn and arn.rpartition("/")[2] in OF_AWS:
        return [{"Attached": arn, "To": holder}]
    if isinstance(document, str) and admin_statements(json.loads(document)):
        return [{"Inline": request.get("policyName"), "In": holder}]
    return []


def unless_bounded(holder: str, given: Sequence[Wrong]) -> Sequence[Wrong]:
    """Return what was given, if no permissions boundary kept the holder from being an administrator by it."""
    return [] if _is_bounded(holder) else given


def take_away(grants: Sequence[Wrong]) -> None:
    """Detach what is attached, take statements out of what is inline, and make the former version of a policy its default. Raises as `try_each` does."""
    try_each(_by_document(grants), _take_some_away)


def give_back(grants: Sequence[Wrong]) -> None:
    """Undo `take_away`. Raises as `try_each` does."""
    try_each(_by_document(grants), _give_some_back)


def inline_policy(holder: str, policy: str) -> dict[str, Any] | None:
    """Return the holder's inline policy of that name, or None if it has none. Raises NoSuchEntity if there is no such holder.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserPolicies.html
    """
    return (_inline_document(holder, policy) or None) if policy in _inline(holder) else None


def set_inline_policy(holder: str, policy: str, document: Mapping[str, Any] | None) -> None:
    """Write the holder's inline policy of that name; with None, delete it if it is there.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html
    """
    try:
        _write_inline(holder, policy, document or {"Statement": []})
    except ClientError as error:
        if document or code_of(error) != "NoSuchEntity":
            raise


def has_attached(holder: str, arn: str) -> bool:
    """Tell whether the managed policy is attached to the holder itself."""
    return arn in _attached(holder)


def attach(holder: str, arn: str) -> None:
    """Attach the managed policy to the holder.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html
    """
    _call("attach", holder, "policy", PolicyArn=arn)


def detach(holder: str, arn: str) -> None:
    """Detach the managed policy from the holder, if it is attached.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachUserPolicy.html
    """
    try:
        _call("detach", holder, "policy", PolicyArn=arn)
    except ClientError as error:
        if code_of(error) != "NoSuchEntity":
            raise


def _by_document(grants: Sequence[Wrong]) -> list[list[Wrong]]:
    """Return the statements of each inline policy together, and every other grant alone.

    What IAM answers may lag behind a write: a policy that were read and written for each of its statements would lose, or keep, those of the write before.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
    """
    inline: dict[tuple[str, str], list[Wrong]] = {}
    for grant in grants:
        if "Inline" in grant:
            inline.setdefault((grant["In"], grant["Inline"]), []).append(grant)
    return [*([grant] for grant in grants if "Inline" not in grant), *inline.values()]


def _take_some_away(grants: Sequence[Wrong]) -> None:
    match grants[0]:
        case {"Attached": arn, "To": holder}:
            _call("detach", holder, "policy", PolicyArn=arn)
        case {"Inline": policy, "In": holder}:
            document = _inline_document(holder, policy)
            _write_inline(holder, policy, {**document, "Statement": _others(document, grants)})
        case {"Member": user, "Of": group}:
            aws("iam").remove_user_from_group(UserName=user.split("/")[1], GroupName=group.split("/")[1])
        case {"Policy": arn, "Former": version}:
            aws("iam").set_default_policy_version(PolicyArn=arn, VersionId=version)


def _give_some_back(grants: Sequence[Wrong]) -> None:
    match grants[0]:
        case {"Attached": arn, "To": holder}:
            _call("attach", holder, "policy", PolicyArn=arn)
        case {"Inline": policy, "In": holder, "Rest": rest}:
            document = _inline_document(holder, policy)
            found = _others(document, grants)
            for grant in sorted(grants, key=lambda one: int(one["At"])):  # the first first: the place of each counts those before it
                found.insert(grant["At"], grant["Statement"])
            _write_inline(holder, policy, {**rest, **document, "Statement": found})
        case {"Member": user, "Of": group}:
            aws("iam").add_user_to_group(UserName=user.split("/")[1], GroupName=group.split("/")[1])
        case {"Policy": arn, "Default": version}:
            aws("iam").set_default_policy_version(PolicyArn=arn, VersionId=version)


def default_version(arn: str) -> str:
    """Return which version of a managed policy counts (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html)."""
    return aws("iam").get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]


def _others(document: Mapping[str, Any], grants: Sequence[Wrong]) -> list[Any]:
    unwanted = [grant["Statement"] for grant in grants]
    return [one for one in listed(document.get("Statement", [])) if one not in unwanted]


def _in_policy(arn: str) -> list[Wrong]:
    """Return what is wrong with a customer managed policy: its default version, or that holders have it."""
    if not _is_admin(arn):
        return []
    policy = aws("iam").get_policy(PolicyArn=arn)["Policy"]
    holders = list(_holders_of(arn))
    if not holders and any(_holders_of(arn, usage="PermissionsBoundary")):
        return []  # it bounds, and gives nobody anything
    unbound = [holder for holder in holders if not is_break_glass(holder) and not _is_bounded(holder)]
    if holders and not unbound:
        return []
    versions = [
        version["VersionId"] for page in _pages("list_policy_versions", PolicyArn=arn) for version in page["Versions"] if not version["IsDefaultVersion"]
    ]
    former = next((version for version in sorted(versions, key=_number, reverse=True) if not _version_is_admin(arn, version)), None)
    if former and not any(is_break_glass(holder) for holder in holders):
        return [{"Policy": arn, "Default": policy["DefaultVersionId"], "Former": former}]
    return [{"Attached": arn, "To": holder} for holder in unbound]


def _is_admin(arn: str) -> bool:
    if ":iam::aws:policy/" in arn:
        return arn.rpartition("/")[2] in OF_AWS
    return _version_is_admin(arn, default_version(arn))


def _version_is_admin(arn: str, version: str) -> bool:
    document: Any = aws("iam").get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]  # botocore reads the JSON
    return bool(admin_statements(document))


def _holders_of(arn: str, *, usage: str = "PermissionsPolicy") -> Iterator[str]:
    """Yield who has the policy as a permission, not who is bounded by it; for whom it is a `PermissionsBoundary`, if that is asked.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html
    """
    for page in _pages("list_entities_for_policy", PolicyArn=arn, PolicyUsageFilter=usage):
        for kind in ("User", "Group", "Role"):
            yield from (f"{kind.lower()}/{holder[f'{kind}Name']}" for holder in page[f"Policy{kind}s"])


def _attached(holder: str) -> Iterator[str]:
    kind, name = holder.split("/")
    for page in _pages(f"list_attached_{kind}_policies", **{f"{kind.capitalize()}Name": name}):
        yield from (policy["PolicyArn"] for policy in page["AttachedPolicies"])


def _inline(holder: str) -> Iterator[str]:
    kind, name = holder.split("/")
    for page in _pages(f"list_{kind}_policies", **{f"{kind.capitalize()}Name": name}):
        yield from page["PolicyNames"]


def _inline_document(holder: str, policy: str) -> dict[str, Any]:
    """Return the inline policy, or nothing if there is none."""
    try:
        return dict(_call("get", holder, "policy", PolicyName=policy)["PolicyDocument"])
    except ClientError as error:
        if code_of(error) == "NoSuchEntity":
            return {}
        raise


def _write_inline(holder: str, policy: str, document: Mapping[str, Any]) -> None:
    if document["Statement"]:
        _call("put", holder, "policy", PolicyName=policy, PolicyDocument=json.dumps(document))
    else:
        _call("delete", holder, "policy", PolicyName=policy)


def _call(verb: str, holder: str, thing: str, **parameters: str) -> Any:  # noqa: ANN401 - the answer of whichever call it is
    kind, name = holder.split("/")
    return getattr(aws("iam"), f"{verb}_{kind}_{thing}")(**{f"{kind.capitalize()}Name": name}, **parameters)


def _pages(operation: Any, **parameters: str) -> Any:  # noqa: ANN401 - one of several lists
    return aws("iam").get_paginator(operation).paginate(**parameters)


def _number(version: str) -> int:
    return int(version.removeprefix("v"))
