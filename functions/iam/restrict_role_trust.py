"""Let no strangers assume a role.

Why it matters: whoever may assume a role is the role, with all that it may do, from wherever they are.

Wrong when: the trust policy lets in everybody; an account that is not this one, of TrustedAccounts or, if it is asked for an ExternalId, of
ThirdPartyAccounts; an OIDC provider that is not asked for a subject (GitHub: of a certain organisation); or a SAML provider without an audience.
Fix: takes just those out of their statement, which goes if it lets in nobody else. A role must have a statement: where none would be left, Allow becomes
Deny. Undo puts the trust policy back as it was, unless it was changed since. Sessions that were begun already last until they end.
Leaves alone: AWS services, statements on condition of an organisation or network, BreakGlass roles, service-linked roles and those of IAM Identity Center.
"""

from collections.abc import Sequence

from snapback import Remediation
from snapback.policies import Opening, openings
from snapback.trust import judged_trust, put_trust_policy, strangers, trust_policy, without_strangers


def violation(role: str) -> Sequence[Opening]:
    """Return the trust policy, if it lets in strangers."""
    return openings(judged_trust(role), strangers)


def fix(role: str, seen: Sequence[Opening]) -> None:
    """Take them out of it."""
    put_trust_policy(role, without_strangers(role, seen))


def undo(role: str, seen: Sequence[Opening]) -> None:
    """Put it back."""
    put_trust_policy(role, seen[0]["Policy"])


remediation = Remediation(
    resource="AWS::IAM::Role",
    named_by={**dict.fromkeys(("CreateRole", "UpdateAssumeRolePolicy"), "requestParameters.roleName"), "Access Analyzer Finding": "resource"},
    violation=violation,
    fix=fix,
    undo=undo,
    setting=trust_policy,
    lags=True,
    disruptive=True,
)
handler = remediation.handler
