"""Words for whom a statement of a policy names: everybody, accounts, services, providers of identities.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
Whether those get in is judged in `verdicts`.
"""

import re
from collections.abc import Collection
from typing import Final, NamedTuple

from snapback.engine import settings
from snapback.policies.documents import Statement, listed

EVERYBODY: Final = "*"

_ACCOUNT = re.compile(r"(?:arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9*-]*:)?(\d{12})(?::.+)?")


class Ours(NamedTuple):
    """Who we are, by what policies name."""

    account: str
    accounts: frozenset[str]
    """Our own and those that are trusted."""
    organization: str = ""
    """`o-…`, or nothing if the parameter OrganizationId is not set: then an organisation in a policy may be ours or not."""


def ours() -> Ours:
    """Return this account, those of the parameter TrustedAccounts, and the organisation of OrganizationId."""
    return Ours(own_account(), trusted_accounts(), settings.optional("ORGANIZATION_ID"))


def trusted_accounts() -> frozenset[str]:
    """Return this account and those of the parameter TrustedAccounts."""
    return settings.words("TRUSTED_ACCOUNTS") | {own_account()}


def own_account() -> str:
    """Return the account that the function's own role is in."""
    return settings.text("ROLE_ARN").split(":")[4]


def account_of(name: str) -> str:
    """Return the account in a principal (`arn:aws:iam::111122223333:role/x`, `111122223333`) or in another ARN; nothing if it names none."""
    found = _ACCOUNT.fullmatch(name)
    return found[1] if found else ""


def let_in(statement: Statement) -> list[tuple[str, str]]:
    """Return all whom the statement names, by kind (`AWS`, `Service`, `Federated`, `CanonicalUser`) and name; nobody if it denies."""
    return named(statement) if statement.get("Effect") == "Allow" else []


def named(statement: Statement) -> list[tuple[str, str]]:
    """Return all whom the statement allows or denies, by kind and name."""
    principal = EVERYBODY if "NotPrincipal" in statement else statement.get("Principal", {})  # all but somebody is everybody
    return _by_kind(principal)


def spared(statement: Statement) -> list[tuple[str, str]]:
    """Return those whom the statement is not about, by its NotPrincipal."""
    return _by_kind(statement.get("NotPrincipal", {}))


def without(statement: Statement, names: Collection[str]) -> Statement | None:
    """Return the statement without these principals; None if it is about nobody else. All but somebody is `*`."""
    if "NotPrincipal" in statement or isinstance(statement.get("Principal", ""), str):
        return None if statement.get("Principal", EVERYBODY) in names else statement
    if not any(name in names for _, name in named(statement)):
        return statement
    kept = {kind: _kept(given, names) for kind, given in statement["Principal"].items()}
    kept = {kind: given for kind, given in kept.items() if given}
    return {**statement, "Principal": kept} if kept else None


def _by_kind(principal: object) -> list[tuple[str, str]]:
    if isinstance(principal, dict):
        return [(kind, name) for kind, names in principal.items() for name in listed(names)]
    return [("AWS", str(principal))]


def _kept(given: object, names: Collection[str]) -> object:
    if isinstance(given, list):
        return [name for name in given if name not in names]
    return None if given in names else given
