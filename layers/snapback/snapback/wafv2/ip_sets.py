"""Words for AWS WAF's IP sets: who may be blocked, and one address in or out while others change the same set."""

import re
from collections.abc import Callable, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final

from botocore.exceptions import ClientError

from snapback.engine import clock, settings
from snapback.engine.clients import aws
from snapback.engine.errors import ConfigurationError, NothingLeft, UnreadableEvent
from snapback.engine.names import shown
from snapback.engine.refusals import code_of

_Edit = Callable[[Sequence[str]], list[str]]

_AGAIN = (0.0, 0.1, 0.3, 0.7, 1.5)
"""Seconds to wait before each try, while others change the set. After the last one the event is tried again by Lambda."""

_KNOWN_FOR_ATTACKS: Final = re.compile(r"Backdoor:\w+/C&CActivity|CryptoCurrency:|Trojan:|UnauthorizedAccess:\w+/(MaliciousIPCaller|Tor)")
"""Finding types whose remote address is known for attacks, even if it was our side that opened the connection.

In all others of those (brute force, denial of service, port sweeps, unusual traffic) the remote address is the victim, or just somebody.
https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-ec2.html
"""


def attackers(finding: Mapping[str, Any]) -> list[str]:
    """Return the addresses from which a GuardDuty finding tells of an attack, each spelled one way; raise `UnreadableEvent` if it tells of none.

    Every kind of action keeps them in remoteIpDetails, a port probe in a list of them. https://docs.aws.amazon.com/guardduty/latest/APIReference/API_Action.html
    A finding of the purpose Policy tells what somebody of ours has set, from our own address: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-format.html
    """
    if finding["type"].startswith("Policy:"):
        raise UnreadableEvent("a finding about a policy tells of no attacker: the remote address is that of who set it")
    actions = [action for action in finding["service"]["action"].values() if isinstance(action, Mapping)]
    if any(action.get("connectionDirection") == "OUTBOUND" for action in actions) and not _KNOWN_FOR_ATTACKS.match(finding["type"]):
        raise UnreadableEvent("our own side opened this connection, and perhaps to a victim, so the remote address is not blocked")
    remotes = [remote.get("remoteIpDetails") for action in actions for remote in (action, *(action.get("portProbeDetails") or []))]
    found = [remote.get(version) for remote in remotes if remote for version in ("ipAddressV4", "ipAddressV6")]
    return [str(_parsed(address)) for address in found if address]


def left_out(record: Mapping[str, Any], blocked: Sequence[str]) -> list[str]:
    """Return those of the blocked addresses that a call, which puts a whole set, has left out of it; raise `NothingLeft` if it is another set, or has them all.

    https://docs.aws.amazon.com/waf/latest/APIReference/API_UpdateIPSet.html
    """
    request = record["requestParameters"]
    ours = [address for address in blocked if _ip_set(address)["Id"] == request["id"]]
    there = [ip_network(block, strict=False) for block in request["addresses"]]
    if missing := [address for address in ours if not any(_parsed(address) in network for network in there)]:
        return missing
    raise NothingLeft("none of the addresses that are blocked was left out")


def may_be_blocked(address: str) -> bool:
    """Tell whether the address is somebody's on the internet, and not in NEVER_BLOCK: private, loopback, link-local, reserved and multicast ones are nobody's.

    https://docs.python.org/3/library/ipaddress.html#ipaddress.IPv4Address.is_global
    """
    parsed = _parsed(address)
    if not parsed.is_global or parsed.is_multicast or parsed.is_reserved:
        return False
    try:
        return not any(parsed in ip_network(block, strict=False) for block in settings.words("NEVER_BLOCK"))
    except ValueError as error:
        raise ConfigurationError(f"NEVER_BLOCK must be addresses and CIDR blocks separated by commas: {error}") from error


def cidr(address: str) -> str:
    """Return the address as a block of its own: `192.0.2.1/32`, or /128."""
    return f"{address}/{_parsed(address).max_prefixlen}"


def is_blocked(address: str) -> bool:
    """Tell whether the address, or a block around it, is in the IP set for its version."""
    return any(_parsed(address) in ip_network(block, strict=False) for block in _blocks(address))


def is_listed(address: str) -> bool:
    """Tell whether the address has an entry of its own in the set."""
    return _has(address, _blocks(address))


def block(address: str) -> None:
    """Put the address into the set; all others stay as they are, to the byte."""
    _edit(address, lambda blocks: [*blocks, cidr(address)] if not _has(address, blocks) else [*blocks])


def unblock(address: str) -> None:
    """Take the address out of the set; all others stay as they are, to the byte, and so do larger blocks around it."""
    _edit(address, lambda blocks: [one for one in blocks if not _has(address, [one])])


def _edit(address: str, change: _Edit) -> None:
    """Read the set, change it and write it back whole, unless somebody else has changed it in between: then begin again.

    https://docs.aws.amazon.com/waf/latest/APIReference/API_UpdateIPSet.html
    """
    for wait in _AGAIN:
        clock.pause(wait)
        answer = aws("wafv2").get_ip_set(**_ip_set(address))
        before = answer["IPSet"]["Addresses"]
        after = change(before)
        if after == before:
            return
        about: Any = {"Description": answer["IPSet"]["Description"]} if answer["IPSet"].get("Description") else {}
        try:
            aws("wafv2").update_ip_set(**_ip_set(address), **about, Addresses=after, LockToken=answer["LockToken"])
        except ClientError as error:
            if code_of(error) != "WAFOptimisticLockException" or wait == _AGAIN[-1]:
                raise
        else:
            return


def _ip_set(address: str) -> Any:  # noqa: ANN401 - the three parameters that name an IP set in every call
    """Read the setting for the address's version. It is what CloudFormation's Ref gives for an IP set: `name|id|scope`.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-wafv2-ipset.html
    """
    setting = f"IP_SET_V{_parsed(address).version}"
    parts = settings.text(setting).split("|")
    if len(parts) != 3:  # noqa: PLR2004 - name, id, scope
        raise ConfigurationError(f"{setting} must be name|id|scope, not {settings.text(setting)[:40]!r}")
    return dict(zip(("Name", "Id", "Scope"), parts, strict=True))


def _blocks(address: str) -> Sequence[str]:
    return aws("wafv2").get_ip_set(**_ip_set(address))["IPSet"]["Addresses"]


def _has(address: str, blocks: Sequence[str]) -> bool:
    """Compare addresses, not texts: WAF spells one of IPv6 with all its zeros."""
    return any(ip_network(block, strict=False) == ip_network(address) for block in blocks)


def _parsed(address: str) -> IPv4Address | IPv6Address:
    """Return the address; one of IPv4 that is written as one of IPv6 (`::ffff:192.0.2.1`) as what it is."""
    try:
        parsed = ip_address(str(address))  # a number would be taken for one, too
    except ValueError as error:
        raise UnreadableEvent(f"{shown(address)} is not an address of IPv4 or IPv6") from error
    return getattr(parsed, "ipv4_mapped", None) or parsed
