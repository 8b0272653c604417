"""Words for who holds which IAM policy: users, groups and roles ("holders"), what is attached to them and what is written into them.

A holder is named `user/alice`, `group/admins` or `role/deploy`. IAM's calls for the three are alike but for the name: `list_attached_user_policies`,
`list_attached_role_policies`. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from snapback import settings
from snapback.clients import aws, code_of
from snapback.events import calls
from snapback.policies.documents import grants_everything, listed

Wrong = dict[str, Any]
"""One grant of everything, in one of three forms:

{"Attached": arn, "To": holder}, {"Inline": name, "In": holder, "At": index, "Statement": {…}, "Rest": the document without its statements},
{"Policy": arn, "Default": version, "Former": version}.
"""


def holder_calls() -> dict[str, str]:
    """Return the entries of `named_by` for the calls that give a holder a policy."""
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
    return any(holder.startswith(one[:-1]) if one.endswith("*") else holder == one for one in settings.words("BREAK_GLASS"))


def admin_grants(name: str) -> list[Wrong]:
    """Return every grant of all actions on all resources in a holder or a customer managed policy; none for a break-glass holder."""
    if name.startswith("arn:"):
        return _in_policy(name)
    if is_break_glass(name):
        return []
    attached = [{"Attached": arn, "To": name} for arn in _attached(name) if _is_admin(arn)]
    inline = [
        {"Inline": policy, "In": name, "At": at, "Statement": statement, "Rest": {part: document[part] for part in document if part != "Statement"}}
        for policy in _inline(name)
        for document in [_inline_document(name, policy)]
        for at, statement in enumerate(listed(document["Statement"]))
        if grants_everything(statement)
    ]
    return [*attached, *inline]


def take_away(grants: Sequence[Wrong]) -> None:
    """Detach what is attached, take statements out of what is inline, and make the former version of a policy its default."""
    for grant in grants:
        match grant:
            case {"Attached": arn, "To": holder}:
                _call("detach", holder, "policy", PolicyArn=arn)
            case {"Inline": policy, "In": holder, "Statement": statement}:
                document = _inline_document(holder, policy)
                kept = [one for one in listed(document.get("Statement", [])) if one != statement]
                _write_inline(holder, policy, {**document, "Statement": kept})
            case {"Policy": arn, "Former": version}:
                aws("iam").set_default_policy_version(PolicyArn=arn, VersionId=version)


def give_back(grants: Sequence[Wrong]) -> None:
    """Undo `take_away`."""
    for grant in grants:
        match grant:
            case {"Attached": arn, "To": holder}:
                _call("attach", holder, "policy", PolicyArn=arn)
            case {"Inline": policy, "In": holder, "At": at, "Statement": statement, "Rest": rest}:
                document = _inline_document(holder, policy)
                others = [one for one in listed(document.get("Statement", [])) if one != statement]
                _write_inline(holder, policy, {**rest, **document, "Statement": [*others[:at], statement, *others[at:]]})
            case {"Policy": arn, "Default": version}:
                aws("iam").set_default_policy_version(PolicyArn=arn, VersionId=version)


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


def _in_policy(arn: str) -> list[Wrong]:
    """Return what is wrong with a customer managed policy: its default version, or that holders have it."""
    if not _is_admin(arn):
        return []
    policy = aws("iam").get_policy(PolicyArn=arn)["Policy"]
    holders = list(_holders_of(arn))
    versions = [
        version["VersionId"] for page in _pages("list_policy_versions", PolicyArn=arn) for version in page["Versions"] if not version["IsDefaultVersion"]
    ]
    former = next((version for version in sorted(versions, key=_number, reverse=True) if not _version_is_admin(arn, version)), None)
    if former and not any(is_break_glass(holder) for holder in holders):
        return [{"Policy": arn, "Default": policy["DefaultVersionId"], "Former": former}]
    return [{"Attached": arn, "To": holder} for holder in holders if not is_break_glass(holder)]


def _is_admin(arn: str) -> bool:
    if ":iam::aws:policy/" in arn:
        return arn.endswith(":iam::aws:policy/AdministratorAccess")  # the one policy of AWS's own that grants everything
    return _version_is_admin(arn, aws("iam").get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"])


def _version_is_admin(arn: str, version: str) -> bool:
    document: Any = aws("iam").get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]  # botocore reads the JSON
    return any(grants_everything(statement) for statement in listed(document["Statement"]))


def _holders_of(arn: str) -> Iterator[str]:
    for page in _pages("list_entities_for_policy", PolicyArn=arn):
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
