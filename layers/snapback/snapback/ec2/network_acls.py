"""Words for network ACLs: what their numbered entries let in, and the smallest change that keeps it out.

Entries are tried in the order of their numbers, inbound and outbound by themselves; the first that fits decides.
https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from itertools import groupby
from typing import Any, Final

from botocore.exceptions import ClientError

from snapback.engine.answers import the_one
from snapback.engine.clients import aws
from snapback.engine.errors import IncompleteAnswer, OnlyPeople
from snapback.engine.refusals import code_of, try_each
from snapback.policies.addresses import is_half_of_world

Entry = Mapping[str, Any]
"""An entry as EC2's DescribeNetworkAcls answers it, which is also what it takes to create it."""

Step = Mapping[str, Entry]
"""What is wrong, by what puts it right: `Delete` this entry, create this `Deny` entry; `People` where no such step is exact."""

_TCP, _UDP, _ALL = "6", "17", "-1"

_FAMILIES: Final = ("CidrBlock", "Ipv6CidrBlock")
"""Where an entry has its source; each has one of the two."""

_Reached = frozenset[tuple[str, int]]
"""Protocols and ports."""

_Block = IPv4Network | IPv6Network


def inbound_entries(acl_id: str) -> list[Entry]:
    """Return the inbound entries in the order in which they are tried; none for the default ACL of a VPC, which is not to be touched.

    Every VPC comes with one that lets everything in and out, for every subnet that has no other; Security Hub does not report it either.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkAcls.html
    """
    acl = the_one(aws("ec2").describe_network_acls(NetworkAclIds=[acl_id])["NetworkAcls"])
    inbound = [] if acl["IsDefault"] else [entry for entry in acl["Entries"] if not entry["Egress"]]
    return [_whole(entry) for entry in sorted(inbound, key=lambda entry: entry["RuleNumber"])]


def _whole(entry: Mapping[str, Any]) -> Entry:
    """Return the entry, if all is there without which it cannot be judged. Only one for TCP or UDP has ports; each is about addresses of one kind."""
    needed = ("Protocol", "RuleAction", "RuleNumber", *(("PortRange",) if entry["Protocol"] in (_TCP, _UDP) else ()))
    if not any(family in entry for family in _FAMILIES):
        raise IncompleteAnswer(f"AWS's answer to ec2:DescribeNetworkAcls says of entry {entry['RuleNumber']} neither {' nor '.join(_FAMILIES)}")
    return {**entry, **{part: entry[part] for part in needed}}


def steps_to_close(entries: Sequence[Entry], ports: Collection[int]) -> list[Step]:
    """Return what it takes so that neither everybody nor half of the internet can reach one of the ports by TCP or UDP.

    An entry for such ports alone is deleted. One that lets in more stays, behind new entries that deny just these ports: everything else that it lets in still
    comes. Where there is no room for them, or where an entry for fewer addresses would be cut off by them, only people can tell what is meant.
    """
    steps: list[Step] = []
    taken = {entry["RuleNumber"] for entry in entries}
    for family in _FAMILIES:
        own = [entry for entry in entries if family in entry]
        denied: list[tuple[_Block, _Reached]] = []
        for entry in own:
            if not is_half_of_world(entry[family]):
                continue
            reached = _reached(entry, ports) - _denied_to(_block(entry), denied)
            if entry["RuleAction"] == "deny":
                denied.append((_block(entry), reached))
            elif reached:
                found = _steps_against(entry, reached, own, taken, ports)
                taken |= {step["Deny"]["RuleNumber"] for step in found if "Deny" in step}
                denied += [(_block(entry), reached)] if "Delete" not in found[0] else []
                steps += found
    # Entries go last: a number that became free in the middle would change where the rest of the new ones belong.
    return sorted(steps, key=lambda step: "Delete" in step)


def take(acl_id: str, steps: Sequence[Step]) -> None:
    """Take the steps: none of them if one is for people. One that AWS refuses does not stop the others; the first refusal is raised at the end."""
    for step in steps:
        if "People" in step:
            raise OnlyPeople(
                f"entry {step['People']['RuleNumber']} lets everybody reach an administration port and more; an entry that denies just that has no place "
                "before it, or would cut off an entry for fewer addresses: put the entries into another order by hand"
            )
    # Where the ACL is full, what closes a port by being deleted goes all the same.
    try_each(steps, lambda step: _delete(acl_id, step["Delete"]) if "Delete" in step else _create(acl_id, step["Deny"]))


def take_back(acl_id: str, steps: Sequence[Step]) -> None:
    """Take the steps back, the last first."""
    try_each(reversed(steps), lambda step: _create(acl_id, step["Delete"]) if "Delete" in step else _delete(acl_id, step["Deny"]))


def _steps_against(entry: Entry, reached: Iterable[tuple[str, int]], own: Sequence[Entry], taken: Collection[int], ports: Collection[int]) -> list[Step]:
    """Return the steps against one entry, which lets everybody reach these ports, or half of the internet."""
    if _is_for_nothing_else(entry, ports):
        return [{"Delete": entry}]
    narrow = [one["RuleNumber"] for one in own if one["RuleAction"] == "allow" and _is_for_few_of(one, entry) and _reached(one, ports)]
    number = entry["RuleNumber"]
    after = max((one for one in narrow if one < number), default=0)
    free = [one for one in range(after + 1, number) if one not in taken]
    runs = list(_runs(reached))
    if len(free) < len(runs) or any(one > number for one in narrow):
        return [{"People": entry}]
    sources = {family: entry[family] for family in _FAMILIES if family in entry}
    denials = zip(free[-len(runs) :], runs, strict=True)
    return [
        {
            "Deny": {
                **sources,
                "Egress": False,
                "PortRange": {"From": first, "To": last},
                "Protocol": protocol,
                "RuleAction": "deny",
                "RuleNumber": free_number,
            }
        }
        for free_number, (protocol, first, last) in denials
    ]


def _block(entry: Entry) -> _Block:
    """Return from where the entry is."""
    return ip_network(next(entry[family] for family in _FAMILIES if family in entry), strict=False)


def _is_for_few_of(one: Entry, entry: Entry) -> bool:
    """Tell whether the first is for fewer addresses than half of the internet, and for some that the other is for as well."""
    return not is_half_of_world(str(_block(one))) and _block(one).overlaps(_block(entry))


def _denied_to(block: _Block, denied: Sequence[tuple[_Block, _Reached]]) -> _Reached:
    """Return what all of the block is denied: by one entry, or by several that are the block together."""
    every = frozenset(one for _, reached in denied for one in reached)
    by_port: Mapping[tuple[str, int], Iterable[Any]] = {one: collapse_addresses([of for of, reached in denied if one in reached]) for one in every}
    return frozenset(one for one, blocks in by_port.items() if any(block.subnet_of(of) for of in blocks))


def _reached(entry: Entry, ports: Collection[int]) -> _Reached:
    """Return which of the ports the entry is about; other protocols than TCP and UDP have none."""
    protocols = {_TCP, _UDP} & ({_TCP, _UDP} if entry["Protocol"] == _ALL else {entry["Protocol"]})
    about = ports if entry["Protocol"] == _ALL else [port for port in ports if _covers(entry, port)]
    return frozenset((protocol, port) for protocol in protocols for port in about)


def _covers(entry: Entry, port: int) -> bool:
    span = entry.get("PortRange")
    return span is None or span["From"] <= port <= span["To"]


def _is_for_nothing_else(entry: Entry, ports: Collection[int]) -> bool:
    span = entry.get("PortRange")
    return entry["Protocol"] != _ALL and span is not None and span["To"] - span["From"] < len(ports) and set(range(span["From"], span["To"] + 1)) <= set(ports)


def _runs(reached: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int, int]]:
    """Yield the protocols with their ports, neighbouring ports in one: an ACL has room for only 20 entries."""
    for protocol, group in groupby(sorted(reached), key=lambda one: one[0]):
        ports = [port for _, port in group]
        first = 0
        for index, port in enumerate(ports):
            if index + 1 == len(ports) or ports[index + 1] != port + 1:
                yield protocol, ports[first], port
                first = index + 1


def _create(acl_id: str, entry: Entry) -> None:
    """Create the entry, unless it is there again already.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html
    """
    try:
        aws("ec2").create_network_acl_entry(NetworkAclId=acl_id, **entry)
    except ClientError as error:
        if code_of(error) != "NetworkAclEntryAlreadyExists" or entry not in inbound_entries(acl_id):
            raise


def _delete(acl_id: str, entry: Entry) -> None:
    """Delete the entry, if it is still there as it was: somebody may have put another under its number.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNetworkAclEntry.html
    """
    if entry in inbound_entries(acl_id):
        aws("ec2").delete_network_acl_entry(NetworkAclId=acl_id, RuleNumber=entry["RuleNumber"], Egress=False)
