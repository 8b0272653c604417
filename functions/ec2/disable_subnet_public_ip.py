"""Keep subnets from giving every new instance a public address.

Problem: A subnet gives new instances public addresses. Severity: medium.

Why it matters: an instance with a public address can be reached from the whole internet as soon as one rule of its security group is too wide.

Wrong when: the subnet assigns public IPv4 addresses at launch (MapPublicIpOnLaunch), as default subnets do from the beginning.
Fix: switches that off. Undo switches it on again.
Leaves alone: addresses that instances have now, launches that ask for one themselves, Elastic IP addresses, load balancers and IPv6.
Class: disruptive, because what Auto Scaling, EKS, Batch or Elastic Beanstalk launch in a public subnet has no way out without an address.
"""

from snapback import Setting
from snapback.ec2.network import gives_public_ips, set_gives_public_ips, subnets_of_new

remediation = Setting(
    declared_in=__name__,
    resource="AWS::EC2::Subnet",
    named_by={
        **dict.fromkeys(("CreateSubnet", "CreateDefaultSubnet"), "responseElements.subnet.subnetId"),
        "CreateDefaultVpc": subnets_of_new,
        "ModifySubnetAttribute": "requestParameters.subnetId",
    },
    settles=("CreateSubnet", "CreateDefaultSubnet", "CreateDefaultVpc"),
    reader=gives_public_ips,
    wanted={"MapPublicIpOnLaunch": False},
    writer=set_gives_public_ips,
    disruptive=True,
)
handler = remediation.handler
