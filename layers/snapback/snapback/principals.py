"""Words for whom a statement of a policy lets in: everybody, accounts, services, providers of identities.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html

A condition narrows "everybody" down if it asks for an account, organisation, resource or network by its fixed name. So AWS itself tells what is public:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
A condition that also holds when the request lacks the key (`…IfExists`, `ForAllValues:`, every negation) narrows nothing down.
"""

import re
from collections.abc import Collection, Iterator
from ipaddress import ip_network
from typing import Final

from snapback import settings
from snapback.documents import Statement, listed

EVERYBODY: Final = "*"

_ACCOUNT_KEYS = frozenset({"aws:principalaccount", "aws:sourceaccount", "aws:sourceowner", "kms:calleraccount"})
_ARN_KEYS = frozenset({"aws:principalarn", "aws:sourcearn"})
_FIXED: Final = {
    "aws:principalorgid": re.compile(r"o-[a-z0-9]{10,32}"),
    "aws:principalorgpaths": re.compile(r"o-[a-z0-9]{10,32}/.*"),
    "aws:sourceorgid": re.compile(r"o-[a-z0-9]{10,32}"),
    "aws:sourceorgpaths": re.compile(r"o-[a-z0-9]{10,32}/.*"),
    "aws:sourcevpc": re.compile(r"vpc-[0-9a-f]{8,17}"),
    "aws:sourcevpce": re.compile(r"vpce-[0-9a-f]{8,17}"),
    "aws:userid": re.compile(r"[A-Z0-9]{12,128}(:.*)?"),
}
"""Condition keys that name somebody or some place -> the form of a value that names one (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html)."""

_ASKS_FOR = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress"})
"""Operators that hold only for a request that has the key, with that value."""

_ACCOUNT = re.compile(r"(?:arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9*-]*:)?(\d{12})(?::.+)?")
_OBJECT_STORE = re.compile(r"arn:aws[a-z-]*:s3:[^:]*:[^:]*:[^*?$]+")
"""ARN of one bucket, of which there is one in the world: it need not name the account."""

_WIDEST = {4: 8, 6: 32}
"""IP version -> prefix length of the widest network that is not the world: AWS's own measure, on the page above."""


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
    """Return all whom the statement lets in, by kind (`AWS`, `Service`, `Federated`, `CanonicalUser`) and name; nobody if it denies."""
    if statement.get("Effect") != "Allow":
        return []
    principal = EVERYBODY if "NotPrincipal" in statement else statement.get("Principal", {})  # all but somebody is everybody
    if isinstance(principal, str):
        return [("AWS", principal)]
    return [(kind, name) for kind, names in principal.items() for name in listed(names)]


def everybody(statement: Statement) -> list[str]:
    """Return `*` if the statement lets in everybody and no condition narrows that down."""
    return [EVERYBODY] if any(name == EVERYBODY for _, name in let_in(statement)) and not is_narrowed(statement) else []


def outsiders(statement: Statement, trusted: Collection[str]) -> list[str]:
    """Return whom the statement lets in of those who are not of the trusted accounts: everybody, and other accounts and theirs."""
    if is_narrowed(statement, trusted):
        return []
    return [name for kind, name in let_in(statement) if name == EVERYBODY or (kind == "AWS" and account_of(name) and account_of(name) not in trusted)]


def is_narrowed(statement: Statement, accounts: Collection[str] | None = None) -> bool:
    """Tell whether a condition asks for one account (of `accounts`, if they are given), organisation, resource or network."""
    return any(all(_names_one(key, value, accounts) for value in values) for key, values in asked_for(statement))


def asked_for(statement: Statement, *, is_always_there: bool = False) -> Iterator[tuple[str, list[str]]]:
    """Yield each condition key that a request must have, in lower case, with the values of which it must have one.

    `is_always_there`: these are keys that no request lacks, so operators that would let one pass without them count, too.
    """
    for operator, keys in (statement.get("Condition") or {}).items():
        plain = operator.lower().removeprefix("foranyvalue:")
        if is_always_there:
            plain = plain.removeprefix("forallvalues:").removesuffix("ifexists")
        if plain in _ASKS_FOR:
            for key, values in keys.items():
                if values != []:
                    yield key.lower(), [str(value) for value in listed(values)]


def without(statement: Statement, names: Collection[str]) -> Statement | None:
    """Return the statement without these principals; None if it lets in nobody else."""
    if not names or "Principal" not in statement or isinstance(statement["Principal"], str):
        return None if names else statement
    kept = {kind: _kept(given, names) for kind, given in statement["Principal"].items()}
    kept = {kind: given for kind, given in kept.items() if given}
    return {**statement, "Principal": kept} if kept else None


def _kept(given: object, names: Collection[str]) -> object:
    if isinstance(given, list):
        return [name for name in given if name not in names]
    return None if given in names else given


def _names_one(key: str, value: str, accounts: Collection[str] | None) -> bool:
    if key == "aws:sourceip":
        return _is_a_network(value)
    if key in _FIXED:
        return bool(_FIXED[key].fullmatch(value))
    if key not in _ACCOUNT_KEYS | _ARN_KEYS:
        return False
    account = account_of(value)
    if account:
        return accounts is None or account in accounts
    return key in _ARN_KEYS and bool(_OBJECT_STORE.fullmatch(value))


def _is_a_network(value: str) -> bool:
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= _WIDEST[network.version]
