"""Keep subnets from giving every new instance a public address.

Why it matters: an instance with a public address can be reached from the whole internet as soon as one rule of its security group is too wide.

Wrong when: the subnet assigns public IPv4 addresses at launch (MapPublicIpOnLaunch), as default subnets do from the beginning.
Fix: switches that off. Undo switches it on again.
Leaves alone: addresses that instances have now, launches that ask for one themselves, Elastic IP addresses, load balancers and IPv6.
Class: disruptive, because what Auto Scaling, EKS, Batch or Elastic Beanstalk launch in a public subnet has no way out without an address.
"""

from collections.abc import Sequence

from snapback import Remediation, aws
from snapback.ec2.network import subnets_of_new
from snapback.engine.answers import the_one


def violation(subnet: str) -> Sequence[dict[str, bool]]:
    """Return the setting, if it is on."""
    found = the_one(aws("ec2").describe_subnets(SubnetIds=[subnet])["Subnets"])
    return [{"MapPublicIpOnLaunch": True}] if found["MapPublicIpOnLaunch"] else []


def fix(subnet: str, _: object) -> None:
    """Switch it off."""
    aws("ec2").modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": False})


def undo(subnet: str, _: object) -> None:
    """Switch it on again."""
    aws("ec2").modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})


remediation = Remediation(
    resource="AWS::EC2::Subnet",
    named_by={
        **dict.fromkeys(("CreateSubnet", "CreateDefaultSubnet"), "responseElements.subnet.subnetId"),
        "CreateDefaultVpc": subnets_of_new,
        "ModifySubnetAttribute": "requestParameters.subnetId",
    },
    settles=("CreateSubnet", "CreateDefaultSubnet", "CreateDefaultVpc"),
    violation=violation,
    fix=fix,
    undo=undo,
    disruptive=True,
)
handler = remediation.handler
