"""Block the address from which an attack comes, for a day.

Problem: Somebody attacks from this address. Severity: medium.

Why it matters: who tries one door tries the others, and a web application firewall can shut them all at once.

Wrong when: a GuardDuty finding tells of an attack from a remote address (calls to AWS, Kubernetes and RDS: of Medium severity or more; port probes and
connections: of any), and the WAF IP set of its version (AttackersV4, AttackersV6) does not have it.
Fix: adds the address to the set. Undo takes just this address out again, and so does the end date after BlockHours (24 unless changed); if GuardDuty
still hears of it then, it is blocked again. A rule of your web ACLs has to refer to the sets (see the stack's outputs), or nothing is blocked.
Taken off: who leaves an address out of the set before its time, otherwise than by undo, is told as high, and it is blocked again.
Leaves alone: all other addresses in the sets; private, loopback, link-local, reserved and multicast addresses, and those in NeverBlock: list your own there;
findings about policies; whom our own instances connect to, unless it is known for attacks; and network ACLs: one has
20 rules in each direction by default, and a whole subnet shares it.
Class: safe, because nothing is blocked until a rule of your own refers to the sets: with that rule you have chosen so, and NeverBlock says whom not to.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Remediation, settings
from snapback.engine import journal
from snapback.wafv2.ip_sets import attackers, block, cidr, is_blocked, is_listed, left_out, may_be_blocked, unblock


def violation(address: str) -> Sequence[Mapping[str, str]]:
    """Return the address, if it may be blocked and is not."""
    return [{"Address": cidr(address)}] if may_be_blocked(address) and not is_blocked(address) else []


def fix(address: str, _: object) -> None:
    """Add it to the set."""
    block(address)


def undo(address: str, _: object) -> None:
    """Take it out again."""
    unblock(address)


def let_out(record: Mapping[str, Any]) -> Sequence[str]:
    """Return the addresses that are to be blocked still, and that a change of a set has left out."""
    return left_out(record, journal.unexpired(remediation.name))


remediation = Remediation(
    resource="AWS::WAFv2::IPSet",
    named_by={"GuardDuty Finding": attackers, "UpdateIPSet": let_out},
    taken_off_by=["UpdateIPSet"],
    violation=violation,
    fix=fix,
    contained="Address blocked",
    undo=undo,
    setting=is_listed,
    expires_after=lambda: settings.number("BLOCK_HOURS") * 3600,
)
handler = remediation.handler
