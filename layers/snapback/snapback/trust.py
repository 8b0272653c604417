"""Words for whom a role trusts, by its trust policy.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html has what a provider of identities must be asked for: it vouches for all of
its users, and some providers have the whole world for users.
"""

import json
import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Final

from snapback import settings
from snapback.clients import aws
from snapback.documents import Statement, listed, with_each
from snapback.grants import is_break_glass
from snapback.policies import Opening, closed
from snapback.principals import EVERYBODY, asked_for, let_in, outsiders, trusted_accounts

_ASSUMING = ("sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity")
"""Actions by which a role is assumed; tags and source identities are only passed along."""

_OF_AWS = ("/aws-service-role/", "/aws-reserved/")
"""Paths of roles that AWS keeps for itself: nobody else may change whom they trust."""

_SUBJECTS: Final = frozenset({"sub", "job_workflow_ref", "repository", "repository_id", "repository_owner", "repository_owner_id"})
"""Claims that tell who it is, not only for which service the token was made."""

_FOR_EVERYBODY: Final = frozenset({"agent.buildkite.com", "app.terraform.io", "gitlab.com", "token.actions.githubusercontent.com"})
"""Providers where anybody can have an account: a subject has to name the organisation in full."""

_ORGANISATION: Final = re.compile(r"[^:]+:[^:/]+[:/].*|[^:/]+/.*")
"""How a subject begins that names one: `repo:my-organisation/…`, `organization:my-organisation:…`, and for a repository `my-organisation/…`."""


def trust_policy(role: str) -> str:
    """Return the role's trust policy as text. botocore reads the document, so that is not what was written to the space, but to the order of its parts.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
    """
    return json.dumps(aws("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"])


def put_trust_policy(role: str, document: str) -> None:
    """Put the role's trust policy.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html
    """
    aws("iam").update_assume_role_policy(RoleName=role, PolicyDocument=document)


def judged_trust(role: str) -> str | None:
    """Return the role's trust policy, or None if whom it trusts is not for us to judge: roles of AWS, and break-glass roles."""
    found = aws("iam").get_role(RoleName=role)["Role"]
    if found["Path"].startswith(_OF_AWS) or is_break_glass(f"role/{role}"):
        return None
    return json.dumps(found["AssumeRolePolicyDocument"])


def strangers(statement: Statement) -> list[str]:
    """Return whom the statement lets assume the role and should not.

    Everybody; accounts that are neither trusted nor, if the statement asks for an ExternalId, third parties; and providers that are not asked for whom.
    """
    actions = [str(action).lower() for action in listed(statement.get("Action", EVERYBODY))]
    if not any(fnmatchcase(one, action) for action in actions for one in _ASSUMING):
        return []
    accounts = trusted_accounts() | (settings.words("THIRD_PARTY_ACCOUNTS") if _asks_for_external_id(statement) else frozenset())
    providers = [name for kind, name in let_in(statement) if kind == "Federated" and name != EVERYBODY]
    return [*outsiders(statement, accounts), *(name for name in providers if not _is_asked_for_whom(name, statement))]


def without_strangers(role: str, seen: Sequence[Opening]) -> str:
    """Return the role's trust policy without strangers.

    A role must have a statement, so where none would be left they stay, turned from Allow to Deny: who is not allowed by another is not let in by these.
    """
    left = closed(trust_policy, role, seen, strangers)
    return left or with_each(seen[0]["Policy"], lambda statement: {**statement, "Effect": "Deny"}) or ""


def _asks_for_external_id(statement: Statement) -> bool:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html."""
    return any(key == "sts:externalid" and all(_begins_fixed(value) for value in values) for key, values in asked_for(statement))


def _is_asked_for_whom(provider: str, statement: Statement) -> bool:
    """Tell whether the provider must vouch for a certain subject or, where all that it vouches for is ours, a certain audience."""
    asked = dict(asked_for(statement, is_always_there=True))  # no token is without its subject and audience
    if ":saml-provider/" in provider:
        return all(_begins_fixed(value) for value in asked.get("saml:aud", [EVERYBODY]))
    host = provider.lower().rpartition(":oidc-provider/")[2]
    if ":oidc-provider/" not in provider:  # one that AWS knows by itself (Amazon Cognito, Google…): the audience is an identity pool or application of ours
        return any(all(_begins_fixed(value) for value in asked.get(f"{host}:{claim}", [EVERYBODY])) for claim in ("aud", "app_id", "sub"))
    return any(all(_is_subject(host, value) for value in asked.get(f"{host}:{claim}", [EVERYBODY])) for claim in _SUBJECTS)


def _is_subject(host: str, value: str) -> bool:
    fixed = re.split(r"[*?]", value)[0]
    return fixed == value or (bool(_ORGANISATION.fullmatch(fixed)) if host in _FOR_EVERYBODY else bool(fixed))


def _begins_fixed(value: str) -> bool:
    return value[:1] not in ("", "*", "?")
