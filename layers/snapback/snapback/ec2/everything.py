"""Everything of EC2's types, by name: what is of this account, not what others share with it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from snapback.engine import settings
from snapback.engine.clients import aws
from snapback.engine.listing import Lister, each


def instances() -> Iterator[str]:
    """Yield the ids of all instances that are not about to be gone.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
    """
    states = ["pending", "running", "stopping", "stopped"]
    pages = aws("ec2").get_paginator("describe_instances").paginate(Filters=[{"Name": "instance-state-name", "Values": states}])
    return (instance["InstanceId"] for page in pages for reservation in page["Reservations"] for instance in reservation["Instances"])


def _ids(operation: str, members: str, name: str, **asked: Any) -> Lister:  # noqa: ANN401 - any parameters
    return lambda: each(aws("ec2"), operation, members, name, **asked)


def _own(operation: str, members: str, name: str) -> Lister:
    """Return what lists those that are this account's own: others may share theirs, which are not for us to change."""
    return lambda: each(aws("ec2"), operation, members, name, Filters=[{"Name": "owner-id", "Values": [settings.own_account()]}])


ALL: Final[Mapping[str, Lister]] = {
    "AWS::EC2::Image": _ids("describe_images", "Images", "ImageId", Owners=["self"], IncludeDisabled=True),
    "AWS::EC2::Instance": instances,
    "AWS::EC2::NetworkAcl": _own("describe_network_acls", "NetworkAcls", "NetworkAclId"),
    "AWS::EC2::SecurityGroup": _own("describe_security_groups", "SecurityGroups", "GroupId"),
    "AWS::EC2::Snapshot": _ids("describe_snapshots", "Snapshots", "SnapshotId", OwnerIds=["self"]),
    "AWS::EC2::SnapshotBlockPublicAccess": lambda: [settings.own_account()],
    "AWS::EC2::Subnet": _own("describe_subnets", "Subnets", "SubnetId"),
    "AWS::EC2::TransitGateway": _own("describe_transit_gateways", "TransitGateways", "TransitGatewayId"),
    "AWS::EC2::VPC": _own("describe_vpcs", "Vpcs", "VpcId"),
    "AWS::EC2::VPCEndpoint": _ids("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    "AWS::EC2::VPCEndpointService": _ids("describe_vpc_endpoint_service_configurations", "ServiceConfigurations", "ServiceId"),
}
