"""Words for whom a role trusts, by its trust policy.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html has what a provider of identities must be asked for: it vouches for all of
its users, and some providers have the whole world for users.
"""

import json
from collections.abc import Sequence

from snapback.engine import settings
from snapback.engine.clients import aws
from snapback.engine.errors import OnlyPeople
from snapback.iam.grants import is_break_glass
from snapback.policies.documents import Statement, listed, statements, with_each
from snapback.policies.globs import matches
from snapback.policies.openings import Opening, as_it_was, closed, openings
from snapback.policies.principals import EVERYBODY, let_in, ours
from snapback.policies.providers import asks_for_external_id, is_asked_for_whom
from snapback.policies.verdicts import Denials, denials_of, doubtful, outsiders

_ASSUMING = ("sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity")
"""Actions by which a role is assumed; tags and source identities are only passed along."""

_OF_AWS = ("/aws-service-role/", "/aws-reserved/")
"""Paths of roles that AWS keeps for itself: nobody else may change whom they trust."""


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


def open_trust(role: str) -> list[Opening]:
    """Return the role's trust policy, if it lets in strangers; raise `OnlyPeople` if nobody can tell whether it does."""
    document = judged_trust(role)
    found = openings(document, strangers)
    if not found and any(doubtful(statement, denials_of(document)) for statement in statements(document or "{}") if _is_about_assuming(statement)):
        raise OnlyPeople(
            "everybody may assume it who comes from an organisation or network of which Snapback cannot tell whether it is yours: "
            "set OrganizationId if it is your organisation, or name in the trust policy the accounts that you mean"
        )
    return found


def strangers(statement: Statement, denials: Denials) -> list[str]:
    """Return whom the statement lets assume the role and should not.

    Everybody; accounts that are neither trusted nor, if the statement asks for an ExternalId, third parties; and providers that are not asked for whom.
    """
    if not _is_about_assuming(statement):
        return []
    we = ours()
    if asks_for_external_id(statement):
        we = we._replace(accounts=we.accounts | settings.words("THIRD_PARTY_ACCOUNTS"))
    providers = [name for kind, name in let_in(statement) if kind == "Federated" and name != EVERYBODY]
    return [*outsiders(statement, denials, we=we), *(name for name in providers if not is_asked_for_whom(name, statement, denials))]


def without_strangers(role: str, seen: Sequence[Opening]) -> str:
    """Return the role's trust policy without strangers.

    A role must have a statement, so where none would be left they stay, turned from Allow to Deny: who is not allowed by another is not let in by these.
    """
    left = closed(trust_policy, role, seen, strangers)
    return left or with_each(as_it_was(seen), lambda statement: {**statement, "Effect": "Deny"}) or ""


def _is_about_assuming(statement: Statement) -> bool:
    actions = [str(action).lower() for action in listed(statement.get("Action", EVERYBODY))]
    return any(matches(action, one) for action in actions for one in _ASSUMING)
