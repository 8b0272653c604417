"""Strangers to put before a policy: which values a request of theirs may have for the keys that conditions ask for.

What a key's value names is ours, theirs, of an owner that nobody can tell from it, or anybody's, as with a wildcard in it. Which of these a stranger can have
depends on the question (`verdicts`). Keys that do not tell who asks, or from where, a stranger can have as it pleases: TLS, a user agent, the service through
which a key is used (kms:ViaService), tags of their own principals.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

from snapback.policies.conditions import ANYTHING, Requirement, Values
from snapback.policies.principals import Ours, account_of


class Whose(Enum):
    """Whom the value of a key is about."""

    OURS = "ours"
    THEIRS = "theirs"
    UNKNOWN = "unknown"
    """Fixed, but of an owner that the value does not tell: an organisation, a VPC endpoint, a source address, a bucket."""
    ANYBODYS = "anybody's"
    """Not fixed: a wildcard or a policy variable stands where the owner would."""


_ACCOUNTS: Final = frozenset(
    {"aws:principalaccount", "aws:sourceaccount", "aws:sourceowner", "aws:vpceaccount", "kms:calleraccount", "s3:dataaccesspointaccount"}
)
_ORGANIZATIONS: Final = frozenset({"aws:principalorgid", "aws:sourceorgid", "aws:vpceorgid"})
_PATHS: Final = frozenset({"aws:principalorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths"})
_ARNS: Final = frozenset(
    {"aws:principalarn", "aws:sourcearn", "aws:sourcevpcarn", "ec2:sourceinstancearn", "lambda:sourcefunctionarn", "s3:dataaccesspointarn"}
)
_NETWORKS: Final = frozenset({"aws:ec2instancesourcevpc", "aws:sourcevpc", "aws:sourcevpce"})
_USER_ID: Final = "aws:userid"
_ADDRESS: Final = "aws:sourceip"
_RESOURCES: Final = {
    "aws:resourceaccount": _ACCOUNTS,
    "aws:resourceorgid": _ORGANIZATIONS,
    "aws:resourceorgpaths": _PATHS,
    "s3:resourceaccount": _ACCOUNTS,
}
"""Keys about the resource: where the policy stands on one of ours, it is ours."""

_OF_THE_NETWORK: Final = _NETWORKS | {_ADDRESS, "aws:sourcevpcarn", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"}

_OF_SIGNED: Final = frozenset({"aws:principalaccount", "aws:principalarn", "aws:principalisawsservice", "kms:calleraccount", _USER_ID})
"""Keys that every signed request has, and no other: there are aws:PrincipalAccount and aws:userid always, but `anonymous` then."""

_OF_PRINCIPALS: Final = _OF_SIGNED | {"aws:principalorgid", "aws:principalorgpaths"}

_OF_SERVICES: Final = frozenset({"aws:principalservicename", "aws:principalservicenameslist"})

_WIDEST: Final = {4: 8, 6: 32}
"""IP version -> prefix length of the widest network that is not the world: AWS's own measure.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
"""

_SOMEWHERE: Final = ("198.51.100.7", "203.0.113.7", "192.0.2.7", "8.8.8.8", "2001:db8::7", "2600::7")
_SOMEBODY: Final = [digit * 12 for digit in "0987654321"]
_SOMETHING: Final = "x"
_ACCOUNT_DIGITS: Final = 12
_ARN_PARTS: Final = 6
_RESOURCE: Final = 5


@dataclass(frozen=True)
class Stranger:
    """Somebody who is not of our accounts, or all who are not."""

    can_have: frozenset[Whose]
    """What values a request of theirs can have, of those that policies ask for."""
    account: str = ""
    """The stranger's own account, if it is one whom a policy names."""
    name: str = ""
    """How the policy names the stranger."""
    signs: bool = True
    is_through_endpoint: bool = False
    """The request is for a resource of theirs, and comes from our network."""

    def values(self, key: str, asked: Sequence[Requirement], ours: Ours) -> list[Values]:
        """Return which values a request of theirs may have for the key: enough of them to pass and to fail each one that they can pass and fail."""
        is_free = self.is_through_endpoint and key in _OF_THE_NETWORK
        if not is_free and (fixed := self._given(key, asked, ours)) is not None:
            return fixed
        kind = _kind_of(key)
        if key == _ADDRESS or any(one.operator == "ipaddress" for one in asked):
            found = set(_addresses(asked, can_be_any=is_free or key != _ADDRESS or Whose.UNKNOWN in self.can_have))
        else:
            found = {
                value
                for one in asked
                for want in one.wanted
                for whose, value in [_read(kind, want, one, ours, self.account)]
                if is_free or kind is None or whose in self.can_have
            }
            found |= set(_unheard_of(kind, asked, ours, self.account if key in _OF_SIGNED else ""))
            if self.account and key == "aws:principalarn":
                found = {value for value in found if account_of(value) == self.account}
        absent: list[Values] = [] if key in _OF_SIGNED else [()]
        return [*((value,) for value in sorted(found)), *absent]

    def _given(self, key: str, asked: Sequence[Requirement], ours: Ours) -> list[Values] | None:
        """Return the values if they follow from who asks, or from what is asked for."""
        given: list[Values] | None = None
        if key in _RESOURCES and not self.is_through_endpoint:
            given = [(ours.account,)] if _RESOURCES[key] is _ACCOUNTS else _any_of(asked, ours.organization)
        elif key in ("aws:principalaccount", _USER_ID) and not self.signs:
            given = [("anonymous",)]
        elif key in _OF_SERVICES or (not self.signs and key in _OF_PRINCIPALS):
            given = [()]
        elif key == "aws:principalisawsservice":
            given = [("false",)]
        elif key == "aws:principaltype":
            given = [("Account",), ("AssumedRole",), ("FederatedUser",), ("User",)] if self.signs else [("Anonymous",)]
        elif self.account and key in ("aws:principalaccount", "kms:calleraccount"):
            given = [(self.account,)]
        elif key == "aws:principalarn" and re.fullmatch(r"arn:[^:]*:iam::\d{12}:(role|user)/.+", self.name):
            given = [(self.name,)]
        return given


def _addresses(asked: Sequence[Requirement], *, can_be_any: bool) -> Iterator[str]:
    """Yield addresses in and out of the networks that are asked for; unless it can be any, in none that is narrower than the world."""
    networks = [_network(want) for one in asked for want in one.wanted]
    fixed = [] if can_be_any else [network for network in networks if network.prefixlen >= _WIDEST[network.version]]
    wide = [network for network in networks if network not in fixed]
    inside = (str(network[part * (network.num_addresses - 1) // 97]) for network in wide for part in range(98))
    yield from (address for address in (*_SOMEWHERE, *inside) if not any(ip_address(address) in network for network in fixed))


def _kind_of(key: str) -> str | None:
    """Return what kind of name the key's values are; None if they do not tell who asks."""
    kinds = {"account": _ACCOUNTS, "organization": _ORGANIZATIONS, "path": _PATHS, "arn": _ARNS, "network": _NETWORKS, _USER_ID: {_USER_ID}}
    of_resources = _RESOURCES.get(key, frozenset())
    return next((kind for kind, keys in kinds.items() if key in keys or keys == of_resources), None)


def _any_of(asked: Sequence[Requirement], organization: str) -> list[Values]:
    """Return our organisation, or while it is not known each that is asked for."""
    wanted = {want for one in asked for want in one.wanted}
    return [(organization,)] if organization else [*((_filled(want),) for want in sorted(wanted)), ("o-0000000000",), ()]


def _network(want: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(want, strict=False)
    except ValueError:
        return ip_network("0.0.0.0/0")  # it cannot be told what this means, so it is taken for the world


def _read(kind: str | None, want: str, one: Requirement, ours: Ours, account: str) -> tuple[Whose, str]:
    """Return whom a wanted value is about, and a value that it stands for."""
    is_open = ANYTHING in want or (one.knows_wildcards and bool(re.search(r"[*?]", want)))
    value = _filled(want, wildcards=one.knows_wildcards)
    match kind:
        case "account":
            return _read_account(want, value, ours, is_open=is_open)
        case "organization" | "path":
            first = want.split("/", maxsplit=1)[0]
            if ANYTHING in first or (is_open and re.search(r"[*?]", first)):
                return Whose.ANYBODYS, _filled(want, "0000000000", wildcards=one.knows_wildcards)
            return (Whose.OURS if first == ours.organization else Whose.THEIRS if ours.organization else Whose.UNKNOWN), value
        case "arn":
            return _read_arn(want, value, ours, account, is_open=is_open)
        case "aws:userid":
            is_fixed = not re.search(r"[*?\x00]", want.split(":", maxsplit=1)[0]) or not is_open
            return (Whose.OURS if want in ours.accounts else Whose.UNKNOWN if is_fixed else Whose.ANYBODYS), value
        case _:
            return (Whose.ANYBODYS if is_open else Whose.UNKNOWN), value


def _read_account(want: str, value: str, ours: Ours, *, is_open: bool) -> tuple[Whose, str]:
    if not is_open:  # what is no account at all is not a stranger's
        return (Whose.THEIRS if re.fullmatch(r"\d{12}", want) and want not in ours.accounts else Whose.OURS), value
    missing = _ACCOUNT_DIGITS - len(re.sub(r"[*\x00]", "", want))
    for digit in "0987654321":  # the first star takes all the digits that are missing
        filled = re.sub(r"[*\x00]", "", re.sub(r"[*\x00]", digit * max(missing, 0), want, count=1)).replace("?", digit)
        if re.fullmatch(r"\d{12}", filled) and filled not in ours.accounts:
            return Whose.ANYBODYS, filled
    return Whose.OURS, value


def _read_arn(want: str, value: str, ours: Ours, account: str, *, is_open: bool) -> tuple[Whose, str]:
    """Read an ARN by its account; one without an account (a bucket's, an API's) by whether its name is fixed."""
    parts = want.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS:
        return (Whose.ANYBODYS if is_open else Whose.UNKNOWN), value
    owner = parts[4]
    if re.fullmatch(r"\d{12}", owner):
        return (Whose.OURS if owner in ours.accounts else Whose.THEIRS), value
    is_bucket = parts[2] == "s3" and not parts[_RESOURCE].startswith("accesspoint/")
    name = parts[_RESOURCE].split("/")[0] if is_bucket else parts[_RESOURCE]
    if not is_open or ((is_bucket or not owner) and not re.search(r"[*?\x00]", name)):
        return Whose.UNKNOWN, value
    parts[4] = _read_account(owner, owner, ours, is_open=True)[1] if owner else ""
    if account and re.search(r"[*?\x00]", owner):
        parts[4] = account
    return (Whose.OURS if parts[4] in ours.accounts else Whose.ANYBODYS), _filled(":".join(parts))


def _unheard_of(kind: str | None, asked: Sequence[Requirement], ours: Ours, account: str) -> Iterator[str]:
    """Yield values that no one asks for by name."""
    wanted = {want for one in asked for want in one.wanted} | ours.accounts
    accounts = [account] if account else [somebody for somebody in _SOMEBODY if not any(somebody in want for want in wanted)][:3]
    match kind:
        case "account":
            yield from accounts
        case "organization":
            yield from (name for char in "0z7" if (name := f"o-{char * 10}") not in wanted)
        case "path":
            yield from (f"o-{char * 10}/r-{char * 4}/" for char in "0z7" if not any(want.startswith(f"o-{char * 10}") for want in wanted))
        case "arn":
            yield from (f"arn:aws:iam::{somebody}:role/stranger" for somebody in accounts)
            yield from (f"arn:aws:sns:us-east-1:{somebody}:stranger" for somebody in accounts if not account)
        case "network":
            yield from (name for char in "0f7" for name in (f"vpc-{char * 17}", f"vpce-{char * 17}") if name not in wanted)
        case "aws:userid":
            yield from ("AIDAZZZZZZZZZZZZZZZZZ", "AROAZZZZZZZZZZZZZZZZZ:stranger")
        case _:
            yield from ("true", "false", "stranger")


def _filled(want: str, filling: str = _SOMETHING, *, wildcards: bool = True) -> str:
    """Return a value that the wanted one stands for."""
    return re.sub(r"[*?\x00]" if wildcards else r"\x00", filling, want).replace("\x01", "*").replace("\x02", "?")
