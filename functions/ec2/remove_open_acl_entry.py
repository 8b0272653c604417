"""Keep network ACLs from letting the whole internet reach SSH or RDP.

Problem: A network ACL lets the internet reach admin ports. Severity: medium.

Why it matters: where a security group is opened by mistake, the network ACL of the subnet is what still stands before the administration ports.

Wrong when: an inbound entry lets the whole internet (0.0.0.0/0, ::/0), or half of it or more (0.0.0.0/1, 2000::/4), reach a port of AdminPorts by TCP or UDP,
and no earlier entry denies that.
Fix: deletes an entry that is for such ports alone; before one that lets in more, creates entries that deny just these ports, so that all else still comes.
Undo creates and deletes exactly those again.
Leaves alone: a VPC's default network ACL, which AWS makes open and its subnets depend on; entries for fewer addresses, outbound entries, and security groups.
The ports are then closed to private addresses too, unless an earlier entry lets those in, and to answers that come back to such a port: ACLs keep no state.
Reported only: where there is no room before the entry, or an entry for fewer addresses would be cut off.
Class: disruptive, because the denials also hold for private addresses and for answers to ports in the range, and their numbers may be those of a template's
next entry.
At once, because the ports are open from the moment that the entry is there.
"""

from collections.abc import Sequence

from snapback import Remediation, settings
from snapback.ec2.network_acls import Step, inbound_entries, steps_to_close, take, take_back


def violation(acl_id: str) -> Sequence[Step]:
    """Return the steps that close the ports."""
    return steps_to_close(inbound_entries(acl_id), settings.numbers("ADMIN_PORTS"))


def fix(acl_id: str, steps: Sequence[Step]) -> None:
    """Take them."""
    take(acl_id, steps)


def undo(acl_id: str, steps: Sequence[Step]) -> None:
    """Take them back."""
    take_back(acl_id, steps)


remediation = Remediation(
    resource="AWS::EC2::NetworkAcl",
    # A denial that goes opens as much as a permission that comes.
    named_by=dict.fromkeys(("CreateNetworkAclEntry", "DeleteNetworkAclEntry", "ReplaceNetworkAclEntry"), "requestParameters.networkAclId"),
    violation=violation,
    shows_steps=True,
    fix=fix,
    undo=undo,
    disruptive=True,
)
handler = remediation.handler
