"""Words for calls by which somebody is let in by IAM Identity Center: assignments, permission sets, groups, and who may sign people in.

Such a call is recorded in the account that makes it (the organisation's management account, or the delegated administrator of Identity Center), in the region
where Identity Center is set up. The console's own calls to the directory have another source than the API's for the same thing.
https://docs.aws.amazon.com/singlesignon/latest/userguide/sso-info-in-cloudtrail.html
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from snapback.engine.events import request_of
from snapback.engine.names import shown
from snapback.engine.steps import Record, Step
from snapback.policies.administrators import OF_AWS, admin_statements


def _assignment(record: Record) -> str:
    request: Any = request_of(record)
    whom = f"The {shown(str(request.get('principalType', 'user')).lower())} {shown(request.get('principalId'))}"
    what = f"the permission set {_last(request.get('permissionSetArn'))}"
    return f"{whom} of IAM Identity Center was given {what} in the account {shown(request.get('targetId'))}"


def _last(arn: object) -> str:
    return shown(str(arn).rpartition("/")[2] or arn)


def _managed(record: Record) -> str:
    """Judge the policy by its name: AWS's own that make an administrator."""
    request = request_of(record)
    policy = str(request.get("managedPolicyArn", "")).rpartition("/")[2]
    return f"{_of_set(request)} makes administrators from now on: {policy or 'by a policy that is not named'}" if policy in (*OF_AWS, "") else ""


def _inline(record: Record) -> str:
    """Judge the document; what cannot be read is told."""
    request = request_of(record)
    try:
        document = json.loads(str(request.get("inlinePolicy")))
        is_harmless = not admin_statements(document)
    except (ValueError, TypeError, AttributeError):
        is_harmless = False
    return "" if is_harmless else f"{_of_set(request)} makes administrators from now on, by a policy of its own"


def _customers(record: Record) -> str:
    request: Any = request_of(record)
    reference = request.get("customerManagedPolicyReference") or {}
    return f"{_of_set(request)} gives the policy {shown(reference.get('name', 'that is not named'))} of each account from now on"


def _boundary(record: Record) -> str:
    return f"{_of_set(request_of(record))} has no permissions boundary any more"


def _of_set(request: Mapping[str, Any]) -> str:
    return f"The permission set {_last(request.get('permissionSetArn'))} of IAM Identity Center"


def _member(record: Record) -> str:
    request: Any = request_of(record)
    member = request.get("member") or request.get("memberId") or {}
    who = member.get("memberId") or member.get("userId") if isinstance(member, Mapping) else member
    return f"The user {shown(who)} of IAM Identity Center was put into the group {shown(request.get('groupId'))}"


def _signs_in(what: str) -> Step:
    return Step(lambda _: f"{what}. Whoever it signs in has what that name is given in all accounts")


_ISSUER: Final = _signs_in("Tokens of somebody else's are taken by applications of IAM Identity Center (a trusted token issuer)")
_PROVIDER: Final = _signs_in("Who signs people in to IAM Identity Center was changed")

CALLS: Final[Mapping[tuple[str, str], Step]] = {
    ("sso", "CreateAccountAssignment"): Step(_assignment, is_daily=True),
    ("sso", "AttachManagedPolicyToPermissionSet"): Step(_managed),
    ("sso", "AttachCustomerManagedPolicyReferenceToPermissionSet"): Step(_customers, is_daily=True),
    ("sso", "PutInlinePolicyToPermissionSet"): Step(_inline),
    ("sso", "DeletePermissionsBoundaryFromPermissionSet"): Step(_boundary),
    ("sso", "CreateTrustedTokenIssuer"): _ISSUER,
    ("sso", "UpdateTrustedTokenIssuer"): _ISSUER,
    **{("sso", name): _PROVIDER for name in ("AssociateDirectory", "DisassociateDirectory")},
    **{("sso-directory", f"{verb}ExternalIdPConfigurationForDirectory"): _PROVIDER for verb in ("Create", "Disable", "Enable", "Update")},
    ("sso-directory", "ImportExternalIdPCertificate"): _PROVIDER,
    ("sso-directory", "AddMemberToGroup"): Step(_member, is_daily=True, kind="members of groups"),
    ("identitystore", "CreateGroupMembership"): Step(_member, is_daily=True, kind="members of groups"),
}
