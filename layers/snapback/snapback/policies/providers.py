"""Whether a provider of identities is asked for whom, where a role trusts it.

A provider vouches for all of its users. An issuer that belongs to one organisation (an EKS cluster, a CircleCI organisation, a Bitbucket workspace, an Entra
tenant, a server of one's own) has none but its own, so an audience is enough; a shared one has the whole world's, so a claim has to name who of them.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html has those that AWS itself counts as shared, and their claims.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from snapback.policies.conditions import ANYTHING, Requirement, requirements
from snapback.policies.documents import Statement
from snapback.policies.principals import EVERYBODY, account_of, named, trusted_accounts
from snapback.policies.verdicts import Denials

_BY_SUBJECT: Final = frozenset(
    {
        "agent.buildkite.com",
        "app.terraform.io",
        "gitlab.com",
        "oidc-configuration.audit-log.githubusercontent.com",
        "oidc.codefresh.io",
        "proidc.upbound.io",
        "scalr.io",
        "studio.datachain.ai/api",
        "token.actions.githubusercontent.com",
        "tokens.cloud.shisho.dev",
        "vstoken.actions.githubusercontent.com",
    }
)
"""Shared issuers whose subject tells the organisation; anybody may choose the audience."""

_BY_AUDIENCE: Final = frozenset(
    {
        "accounts.google.com",
        "api.pulumi.com/oidc",
        "cognito-identity.amazonaws.com",
        "graph.facebook.com",
        "oidc.vercel.com",
        "sandboxes.cloud",
        "www.amazon.com",
    }
)
"""Shared issuers whose audience (for some `app_id`) is a pool, an application or a team of ours; `id` and `user_id` are the subjects of Facebook and Amazon."""

_OF_ALL_TENANTS: Final = re.compile(
    r"oidc\.circleci\.com(/org)?|login\.microsoftonline\.com(/(common|organizations|consumers|9188040d-6c67-4c5b-b112-36a304b66dad)(/.*)?)?"
    r"|sts\.windows\.net(/33e01921-4d64-4f8c-a055-5bdaffd5e33d/?)?|oidc\.op1\.openshiftapps\.com/.*|rh-oidc\.s3\.us-east-1\.amazonaws\.com/.*"
)
"""Issuers in the form of one tenant's that are everybody's: without the tenant, or with one that stands for all."""

_SUBJECTS: Final = ("sub", "enterprise_id", "job_workflow_ref", "repository", "repository_id", "repository_owner", "repository_owner_id")
"""Claims that tell who it is, not only for which service the token was made."""

_ORGANISATION: Final = re.compile(r"[^:]+:[^:/]+[:/].*|[^:/]+/.*")
"""How a subject begins that names one: `repo:my-organisation/…`, `organization:my-organisation:…`, and for a repository `my-organisation/…`."""

_OIDC, _SAML = ":oidc-provider/", ":saml-provider/"
_POSITIVE: Final = frozenset({"stringequals", "stringequalsignorecase", "stringlike"})


def is_asked_for_whom(provider: str, statement: Statement, denials: Denials = ()) -> bool:
    """Tell whether the provider must vouch for somebody of ours: a certain subject or, where all that it vouches for is ours, a certain audience."""
    tests = [*_asked(statement), *_not_denied(provider, denials)]
    if _SAML in provider:
        return _asks(tests, "saml:aud")
    issuer = provider.rpartition(_OIDC)[2].lower()
    if _OIDC in provider and account_of(provider) not in trusted_accounts():
        return False
    if issuer in _BY_AUDIENCE:
        return any(_asks(tests, f"{issuer}:{claim}") for claim in ("aud", "app_id", "sub", "id", "user_id"))
    if issuer in _BY_SUBJECT or _OF_ALL_TENANTS.fullmatch(issuer):
        return any(_asks(tests, f"{issuer}:{claim}", of_everybody=True) for claim in _SUBJECTS)
    return any(_asks(tests, f"{issuer}:{claim}") for claim in (*_SUBJECTS, "aud"))


def asks_for_external_id(statement: Statement) -> bool:
    """Tell whether whoever assumes the role must know a certain word.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
    """
    return _asks([test for test in _asked(statement) if not test.if_exists and test.of_values != "forallvalues"], "sts:externalid")


def _asked(statement: Statement) -> list[Requirement]:
    return [test for test in requirements(statement) if test.operator in _POSITIVE and not test.negated]


def _not_denied(provider: str, denials: Denials) -> Iterator[Requirement]:
    """Yield what a denial to all who lack it asks for: `StringNotLike` of one key, and nothing besides."""
    for denial in denials:
        match requirements(denial):
            case [test] if test.operator in _POSITIVE and test.negated and {EVERYBODY, provider} & {name for _, name in named(denial)}:
                yield test


def _asks(tests: Sequence[Requirement], key: str, *, of_everybody: bool = False) -> bool:
    """Tell whether a test asks for a value that begins fixed; `of_everybody`: with the name of an organisation. No token is without its claims."""
    return any(all(_is_fixed(test, want, of_everybody=of_everybody) for want in test.wanted) for test in tests if test.key == key)


def _is_fixed(test: Requirement, want: str, *, of_everybody: bool) -> bool:
    fixed = re.split(f"[*?{ANYTHING}]" if test.knows_wildcards else ANYTHING, want)[0]
    if of_everybody and fixed != want:
        return bool(_ORGANISATION.fullmatch(fixed))
    return bool(fixed)
