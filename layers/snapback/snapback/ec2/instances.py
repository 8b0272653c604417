"""Words for EC2 instances: their interfaces, their volumes, and the steps that isolate one."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from snapback.engine import clock
from snapback.engine.answers import the_one
from snapback.engine.clients import aws
from snapback.engine.errors import NothingLeft, StillChanging
from snapback.engine.refusals import code_of, try_each

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import InstanceTypeDef as Instance
    from mypy_boto3_ec2.type_defs import SecurityGroupTypeDef as SecurityGroup
    from mypy_boto3_ec2.type_defs import SnapshotTypeDef as Snapshot

Step = Mapping[str, Any]
"""One step that is still to do, named by its first key: an interface with its groups, a tag, a volume without a snapshot."""

ISOLATED: Final = "snapback:isolated"
"""The tag of an isolated instance, of the snapshots that belong to its isolation, and of the group that isolates it."""

ISOLATION_GROUP: Final = "snapback-isolation"
"""The name of the security group without rules, one in each VPC."""

_GONE: Final = ("InvalidNetworkInterfaceID.NotFound", "InvalidVolume.NotFound")
"""What of an instance has gone away since it was looked at, and needs no step."""

_LATER = (0.0, 0.5, 1.0, 2.0)
"""Seconds to wait before each look for a security group that was made just now: EC2 may show it late."""

_STARTING = (0.0, 2.0, 4.0, 6.0, 8.0)
"""Seconds to wait before each look at an instance that is starting: most run within some ten seconds."""


def described(instance_id: str) -> "Instance":
    """Return the live instance. Raises `ClientError` InvalidInstanceID.NotFound also for one that is terminated: AWS forgets it within an hour.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
    """
    instance = the_one(the_one(aws("ec2").describe_instances(InstanceIds=[instance_id])["Reservations"])["Instances"])
    if instance["State"]["Name"] in ("shutting-down", "terminated"):
        raise ClientError({"Error": {"Code": "InvalidInstanceID.NotFound", "Message": f"it is {instance['State']['Name']}"}}, "DescribeInstances")
    return instance


def started(instance_id: str) -> "Instance":
    """Return the live instance once it is no longer pending: until then AWS refuses to change it (IncorrectInstanceState).

    Raises `StillChanging`, so that the event is tried again, if that takes too long.
    """
    for wait in _STARTING:
        clock.pause(wait)
        instance = described(instance_id)
        if instance["State"]["Name"] != "pending":
            return instance
    raise StillChanging(f"{instance_id} is still starting")


def metadata_tokens(instance_id: str) -> Mapping[str, str]:
    """Return whether who reads the instance's metadata needs a token: `HttpTokens`, `optional` or `required`. Nothing if nobody can read it."""
    options = started(instance_id)["MetadataOptions"]
    return {"HttpTokens": options["HttpTokens"]} if options["HttpEndpoint"] != "disabled" else {}


def set_metadata_tokens(instance_id: str, wanted: Any) -> None:  # noqa: ANN401 - what `metadata_tokens` returns
    """Set that; what is not given stays as it is.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceMetadataOptions.html
    """
    aws("ec2").modify_instance_metadata_options(InstanceId=instance_id, **wanted)


def interfaces_in_touch(instance: "Instance") -> list[Step]:
    """Return the interfaces, with their groups, that are not in their VPC's isolation group alone, or whose isolation group has got rules.

    An instance may have interfaces in several VPCs. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/scenarios-enis.html
    """
    interfaces = instance["NetworkInterfaces"]
    empty = {group["GroupId"] for group in _isolation_groups(sorted({interface["VpcId"] for interface in interfaces})) if not _has_rules(group)}
    found: list[Step] = []
    for interface in sorted(interfaces, key=lambda one: one["NetworkInterfaceId"]):
        groups = sorted(group["GroupId"] for group in interface["Groups"])
        if len(groups) != 1 or groups[0] not in empty:
            found.append({"NetworkInterfaceId": interface["NetworkInterfaceId"], "Groups": groups, "VpcId": interface["VpcId"]})
    return found


def given_groups(record: Mapping[str, Any]) -> str:
    """Return the instance to which a call gives other groups, or another interface; raise `NothingLeft` if it changes something else, or no instance.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyNetworkInterfaceAttribute.html
    """
    request = record["requestParameters"]
    if request.get("omitted") or "networkInterfaceId" not in request or "instanceId" in request:
        instance: str = request["instanceId"]
        if "networkInterfaceId" not in request and "groupSet" not in request:
            raise NothingLeft("it changes something else of the instance than its groups")
        return instance
    if "groupSet" not in request:
        raise NothingLeft("it changes something else of the interface than its groups")
    try:
        interface = the_one(aws("ec2").describe_network_interfaces(NetworkInterfaceIds=[request["networkInterfaceId"]])["NetworkInterfaces"])
    except ClientError as error:
        if code_of(error) not in ("InvalidNetworkInterfaceID.NotFound", "InvalidNetworkInterfaceId.Malformed"):
            raise
        raise NothingLeft("there is no such interface any more") from error
    attached = interface.get("Attachment", {}).get("InstanceId")
    if not attached:
        raise NothingLeft("it is the interface of no instance")
    return attached


def missing_tag(instance: "Instance") -> list[Step]:
    """Return the tag, if the instance does not have it."""
    return [] if any(tag["Key"] == ISOLATED for tag in instance.get("Tags", [])) else [{"Tag": ISOLATED}]


def unsaved_volumes(instance: "Instance") -> list[Step]:
    """Return the attached EBS volumes that have no snapshot of this isolation."""
    volumes = {mapping["Ebs"]["VolumeId"] for mapping in instance["BlockDeviceMappings"]}
    saved = {snapshot["VolumeId"] for snapshot in _snapshots(instance["InstanceId"])}
    return [{"Snapshot": volume} for volume in sorted(volumes - saved)]


def take(steps: Sequence[Step], kinds: Mapping[str, Callable[[Step], object]]) -> None:
    """Take every step, by its kind. One that AWS refuses does not stop the others; the first refusal is raised at the end.

    What has gone away since it was looked at needs no step.
    """

    def take_one(step: Step) -> None:
        try:
            kinds[next(kind for kind in kinds if kind in step)](step)
        except ClientError as error:
            if code_of(error) not in _GONE:
                raise

    try_each(steps, take_one)


def isolation_group(vpc: str) -> str:
    """Return the VPC's isolation group; make it if there is none, and take its rules away if it has any: a new group lets everything out.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
    """
    found = _isolation_groups([vpc])
    group = found[0] if found else _made_in(vpc)
    sides = [(aws("ec2").revoke_security_group_egress, group["IpPermissionsEgress"]), (aws("ec2").revoke_security_group_ingress, group["IpPermissions"])]
    try_each([side for side in sides if side[1]], lambda side: side[0](GroupId=group["GroupId"], IpPermissions=side[1]))
    return group["GroupId"]


class Cutting:
    """Interfaces that are being cut off, and whether all of them were."""

    def __init__(self, group_of: Callable[[str], str]) -> None:
        """Take what returns the isolation group of a VPC."""
        self._group_of = group_of
        self.is_whole = True

    def cut_off(self, step: Step) -> None:
        """Put the interface into its VPC's isolation group, and into no other."""
        try:
            _set_groups(step["NetworkInterfaceId"], [self._group_of(step["VpcId"])])
        except ClientError as error:
            self.is_whole = self.is_whole and code_of(error) in _GONE
            raise


def reconnect(step: Step) -> None:
    """Give the interface its former groups."""
    _set_groups(step["NetworkInterfaceId"], step["Groups"])


def mark(instance_id: str, cutting: Cutting, step: Step) -> None:
    """Tag the instance, unless AWS has refused to cut off an interface of it: whoever reads the tag believes it."""
    if cutting.is_whole:
        aws("ec2").create_tags(Resources=[instance_id], Tags=[{"Key": step["Tag"], "Value": "by Snapback"}])


def unmark(instance_id: str, step: Step) -> None:
    """Take the tag away."""
    aws("ec2").delete_tags(Resources=[instance_id], Tags=[{"Key": step["Tag"]}])


def save(instance_id: str, step: Step) -> None:
    """Make a snapshot of the volume that belongs to this isolation of the instance.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSnapshot.html
    """
    aws("ec2").create_snapshot(
        VolumeId=step["Snapshot"],
        Description=f"Evidence of {instance_id}, isolated by Snapback",
        TagSpecifications=[{"ResourceType": "snapshot", "Tags": [{"Key": ISOLATED, "Value": instance_id}]}],
    )


def keep(instance_id: str, step: Step) -> None:
    """Keep the volume's snapshot, but no longer as one of this isolation, so that the next one makes its own."""
    snapshots = [snapshot["SnapshotId"] for snapshot in _snapshots(instance_id) if snapshot["VolumeId"] == step["Snapshot"]]
    if snapshots:
        aws("ec2").delete_tags(Resources=snapshots, Tags=[{"Key": ISOLATED}])


def _snapshots(instance_id: str) -> "list[Snapshot]":
    """Return the account's snapshots that belong to the instance's isolation; one that failed saves nothing."""
    pages = aws("ec2").get_paginator("describe_snapshots").paginate(OwnerIds=["self"], Filters=[{"Name": f"tag:{ISOLATED}", "Values": [instance_id]}])
    return [snapshot for page in pages for snapshot in page["Snapshots"] if snapshot["State"] != "error"]


def _set_groups(interface: str, groups: Sequence[str]) -> None:
    """Replace the interface's groups. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyNetworkInterfaceAttribute.html."""
    aws("ec2").modify_network_interface_attribute(NetworkInterfaceId=interface, Groups=groups)


def _isolation_groups(vpcs: Sequence[str]) -> "list[SecurityGroup]":
    if not vpcs:
        return []
    filters: Any = [{"Name": "group-name", "Values": [ISOLATION_GROUP]}, {"Name": "vpc-id", "Values": vpcs}]
    return [group for page in aws("ec2").get_paginator("describe_security_groups").paginate(Filters=filters) for group in page["SecurityGroups"]]


def _made_in(vpc: str) -> "SecurityGroup":
    tags: Any = [{"ResourceType": "security-group", "Tags": [{"Key": ISOLATED, "Value": "by this group"}]}]
    group_id = ""
    try:
        description = "Cuts an instance off: no rules in or out. Made by Snapback."
        group_id = aws("ec2").create_security_group(GroupName=ISOLATION_GROUP, Description=description, VpcId=vpc, TagSpecifications=tags)["GroupId"]
    except ClientError as error:
        if code_of(error) != "InvalidGroup.Duplicate":  # another invocation has made it just now
            raise
    for wait in _LATER:
        clock.pause(wait)
        if found := _isolation_groups([vpc]):
            return found[0]
    # Not to be seen yet, or only a preview: what every new group has. If it has more, the look after the fix says so.
    return {"GroupId": group_id, "IpPermissions": [], "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}


def _has_rules(group: "SecurityGroup") -> bool:
    return bool(group["IpPermissions"] or group["IpPermissionsEgress"])
