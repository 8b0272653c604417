"""Let no strangers assume a role.

Problem: A stranger may assume a role. Severity: high.

Why it matters: whoever may assume a role is the role, with all that it may do, from wherever they are.

Wrong when: the trust policy lets in everybody; an account that is not this one, of TrustedAccounts, of the organisation OrganizationId by a condition or,
if it is asked for an ExternalId, of ThirdPartyAccounts; a shared OIDC provider that is not asked for a subject (GitHub: of a certain organisation), another
that is asked for neither subject nor audience; or a SAML provider without an audience. Denials in the policy are weighed.
Fix: takes just those out of their statement, which goes if it lets in nobody else. A role must have a statement: where none would be left, Allow becomes
Deny. Undo puts the trust policy back as it was, unless it was changed since; principals that do not exist any more (`AROA…`), which AWS refuses, are left
out by both, and the alert names them. Sessions that were begun already last until they end.
Leaves alone: AWS services, BreakGlass roles, service-linked roles and those of IAM Identity Center. Reported only: everybody from an organisation or network
of which nobody can tell whether it is yours.
Told once: strangers were let in, for a moment only, and somebody else has taken that back before Snapback looked.
Class: disruptive, because an account or provider that nobody has named as trusted may be a partner's, whose work stops.
At once, because strangers may assume the role from the moment that it is there.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Remediation
from snapback.engine.events import request_of
from snapback.iam.grants import is_break_glass
from snapback.iam.trust import judged_trust, open_trust, put_trust_policy, strangers, trust_policy, without_strangers
from snapback.policies.openings import Opening, as_it_was, let_in_by


def violation(role: str) -> Sequence[Opening]:
    """Return the trust policy, if it lets in strangers."""
    return open_trust(role)


def opened(record: Mapping[str, Any]) -> Sequence[Opening]:
    """Return the strangers whom the trust policy that a call has put lets in."""
    request = request_of(record)
    if is_break_glass(f"role/{request.get('roleName')}"):
        return []
    return let_in_by(request.get("assumeRolePolicyDocument") or request.get("policyDocument"), strangers)


def shut(role: str, opened: Sequence[Opening]) -> Sequence[Opening]:
    """Leave out a role of AWS, of which it is not for us to judge whom it trusts."""
    return [] if judged_trust(role) is None else opened


def fix(role: str, seen: Sequence[Opening]) -> None:
    """Take them out of it."""
    put_trust_policy(role, without_strangers(role, seen))


def undo(role: str, seen: Sequence[Opening]) -> None:
    """Put it back."""
    put_trust_policy(role, as_it_was(seen))


remediation = Remediation(
    resource="AWS::IAM::Role",
    named_by={**dict.fromkeys(("CreateRole", "UpdateAssumeRolePolicy"), "requestParameters.roleName"), "Access Analyzer Finding": "resource"},
    violation=violation,
    fix=fix,
    undo=undo,
    opened=opened,
    shut=shut,
    setting=trust_policy,
    lags=True,
    disruptive=True,
)
handler = remediation.handler
