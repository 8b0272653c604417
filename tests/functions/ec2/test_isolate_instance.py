"""isolate_instance: who is accused loses its network and keeps its evidence, step by step; victims are left alone."""

import copy
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import Any

import boto3
import pytest

from functions.ec2.isolate_instance import remediation
from snapback.ec2.instances import ISOLATED, ISOLATION_GROUP
from tests.harness.account import FAULTS, Account, ApiCall, error, fault_at, operations, paged
from tests.harness.discovery import Handler
from tests.harness.ec2 import interfaces
from tests.harness.permissions import grants
from tests.harness.rules import rules
from tests.harness.scenario import Scenario

interfaces.as_on_aws()

SAMPLE = "i-0123456789abcdef0"


def group(name: str, vpc: str) -> str:
    return boto3.client("ec2").create_security_group(GroupName=name, Description="made by a test", VpcId=vpc)["GroupId"]


def default_vpc() -> str:
    return boto3.client("ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]


def instance(groups: Sequence[str], *, volumes: int = 1) -> str:
    ec2 = boto3.client("ec2")
    image = ec2.register_image(Name=f"image-{groups}-{volumes}", RootDeviceName="/dev/sda1")["ImageId"]
    devices: Any = [{"DeviceName": f"/dev/sd{'abc'[number]}1", "Ebs": {"VolumeSize": 8 + number}} for number in range(volumes)]
    made = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, SecurityGroupIds=list(groups), BlockDeviceMappings=devices)
    return made["Instances"][0]["InstanceId"]


def compromised(vpc: str) -> str:
    """Return an instance with two interfaces, one of them in two groups, and two volumes."""
    ec2 = boto3.client("ec2")
    web, database = group("web", vpc), group("database", vpc)
    found = instance([web], volumes=2)
    subnet = ec2.describe_instances(InstanceIds=[found])["Reservations"][0]["Instances"][0]["SubnetId"]
    second = ec2.create_network_interface(SubnetId=subnet, Groups=[web, database])["NetworkInterface"]["NetworkInterfaceId"]
    ec2.attach_network_interface(NetworkInterfaceId=second, InstanceId=found, DeviceIndex=1)
    ec2.create_tags(Resources=[found], Tags=[{"Key": "team", "Value": "blue"}])
    instance([web])  # a neighbour in the same group
    return found


def isolation_group(vpc: str) -> str:
    """Make what an earlier isolation in the same VPC has left."""
    made = group(ISOLATION_GROUP, vpc)
    [found] = boto3.client("ec2").describe_security_groups(GroupIds=[made])["SecurityGroups"]
    boto3.client("ec2").revoke_security_group_egress(GroupId=made, IpPermissions=found["IpPermissionsEgress"])
    return made


def broken() -> str:
    vpc = default_vpc()
    isolation_group(vpc)
    return compromised(vpc)


def described(found: str) -> Any:  # noqa: ANN401 - an instance
    return boto3.client("ec2").describe_instances(InstanceIds=[found])["Reservations"][0]["Instances"][0]


def groups_of(one: Any) -> dict[str, list[str]]:  # noqa: ANN401
    return {interface["NetworkInterfaceId"]: sorted(found["GroupName"] for found in interface["Groups"]) for interface in one["NetworkInterfaces"]}


def state(found: str) -> dict[str, Any]:
    """Return all but what stays as evidence: the snapshots, and the group that isolates."""
    ec2 = boto3.client("ec2")
    one = described(found)
    tags = {tag["Key"]: tag["Value"] for tag in one["Tags"]}
    everybody = [other for page in ec2.describe_instances()["Reservations"] for other in page["Instances"] if other["InstanceId"] != found]
    return {
        "groups": groups_of(one),
        "own groups": sorted(listed["GroupName"] for listed in one["SecurityGroups"]),
        "mark": tags.pop(ISOLATED, None),
        "tags": tags,
        "runs": one["State"]["Name"],
        "volumes": one["BlockDeviceMappings"],
        "neighbours": [(other["InstanceId"], groups_of(other), other.get("Tags")) for other in everybody],
        "security groups": [listed for listed in ec2.describe_security_groups()["SecurityGroups"] if listed["GroupName"] != ISOLATION_GROUP],
    }


scenario = Scenario(sample=SAMPLE, broken=broken, state=state, touched=frozenset({"groups", "own groups", "mark"}), environment={})


def sample(name: str = "isolate_instance", found: str = SAMPLE, *, event_id: str = "") -> dict[str, Any]:
    return scenario.event(Handler("ec2", "isolate_instance").samples[name], found, event_id=event_id)


def all_calls(account: Account) -> None:
    """Lead to the calls that the scenario does not need: the group is made, and emptied."""
    found = compromised(default_vpc())
    account.deliver(remediation, sample(found=found))
    [made] = isolation_groups()
    everyone: Any = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    boto3.client("ec2").authorize_security_group_ingress(GroupId=made["GroupId"], IpPermissions=everyone)
    account.deliver(remediation, sample(found=found, event_id="another"))
    account.deliver(remediation, taking_off("ModifyNetworkInterfaceAttribute", networkInterfaceId=interfaces_of(found)[0], groupSet={"items": []}))


def isolation_groups() -> list[Any]:
    return list(boto3.client("ec2").describe_security_groups(Filters=[{"Name": "group-name", "Values": [ISOLATION_GROUP]}])["SecurityGroups"])


def snapshots() -> list[Any]:
    """Return the evidence; moto makes a snapshot of its own for every image."""
    found = boto3.client("ec2").describe_snapshots(OwnerIds=["self"])["Snapshots"]
    return [one for one in found if one["Description"].startswith("Evidence")]


def test_the_network_goes_first_then_the_tag_then_the_snapshots(account: Account) -> None:
    found = broken()
    account.forget()
    assert account.deliver(remediation, sample(found=found)) == ["FIXED"]
    network, tag, snapshot = "ec2:ModifyNetworkInterfaceAttribute", "ec2:CreateTags", "ec2:CreateSnapshot"
    assert operations(account.writes) == [network, network, tag, snapshot, snapshot]
    assert set(map(tuple, groups_of(described(found)).values())) == {(ISOLATION_GROUP,)}
    assert [one["GroupName"] for one in described(found)["SecurityGroups"]] == [ISOLATION_GROUP]


def test_every_volume_has_a_snapshot_that_says_whose_evidence_it_is(account: Account) -> None:
    found = broken()
    account.deliver(remediation, sample(found=found))
    volumes = {mapping["Ebs"]["VolumeId"] for mapping in described(found)["BlockDeviceMappings"]}
    assert {one["VolumeId"] for one in snapshots()} == volumes
    assert all(found in one["Description"] and one["Tags"] == [{"Key": ISOLATED, "Value": found}] for one in snapshots())


def test_a_group_without_any_rule_is_made_where_there_is_none_and_used_again(account: Account) -> None:
    found = compromised(default_vpc())
    assert account.deliver(remediation, sample(found=found)) == ["FIXED"]
    other = instance([group("other", default_vpc())])
    assert account.deliver(remediation, sample(found=other)) == ["FIXED"]
    [made] = isolation_groups()
    assert (made["IpPermissions"], made["IpPermissionsEgress"]) == ([], [])
    assert operations(account.writes).count("ec2:CreateSecurityGroup") == 1


def test_a_preview_names_one_new_group_for_all_interfaces_of_a_vpc(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    found = compromised(default_vpc())
    assert account.deliver(remediation, sample(found=found)) == ["WOULD_FIX"]
    made, emptied, *others = [call["operation"] for call in account.alerts()[0]["calls"]]
    assert (made, emptied) == ("CreateSecurityGroup", "RevokeSecurityGroupEgress")
    assert others == ["ModifyNetworkInterfaceAttribute"] * 2 + ["CreateTags"] + ["CreateSnapshot"] * 2
    assert isolation_groups() == []


@pytest.mark.parametrize("kind", FAULTS)
def test_whatever_goes_wrong_while_the_group_is_made_the_outcome_is_true_and_no_second_group_is_made(kind: str, account: Account) -> None:
    """Hold to the fault matrix what the laws' scenario cannot show: the id of a group that is still to be made differs between preview and enforce."""
    found = compromised(default_vpc())
    begin_again = account.keep()
    account.deliver(remediation, sample(found=found))
    way = [call.operation for call in account.calls]
    for number in range(way.index("CreateSecurityGroup"), way.index("ModifyNetworkInterfaceAttribute")):
        begin_again()
        with account.interfered(fault_at(number, kind)):
            account.deliver(remediation, sample(found=found))
        told = account.outcomes()
        assert told or account.dead_letters
        if "FIXED" in told:
            assert not remediation.violation(found)
            assert [(one["IpPermissions"], one["IpPermissionsEgress"]) for one in isolation_groups()] == [([], [])]


def test_a_crash_in_the_middle_continues_with_the_steps_that_are_left(account: Account) -> None:
    found = broken()
    first_snapshot = 0

    def kill(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        nonlocal first_snapshot
        if call.operation == "CreateSnapshot" and not first_snapshot:
            first_snapshot = len(account.calls)
            return FAULTS["killed just after"](call, really)
        return really()

    with account.interfered(kill):
        assert account.deliver(remediation, sample(found=found)) == ["FIXED"]
        assert operations([call for call in account.calls[first_snapshot:] if call.is_write]) == ["ec2:CreateSnapshot"]
    assert len(snapshots()) == 2
    [alert] = account.alerts()
    assert [next(iter(step)) for step in alert["before"]] == ["Groups", "Groups", "Tag", "Snapshot", "Snapshot"]


@pytest.mark.parametrize(
    ("refused", "left"), [("ModifyNetworkInterfaceAttribute", ["Groups", "Tag"]), ("CreateTags", ["Tag"]), ("CreateSnapshot", ["Snapshot"])]
)
def test_a_refused_step_stops_only_the_tag_that_would_be_untrue_and_is_told(account: Account, refused: str, left: list[str]) -> None:
    found = broken()

    def refuse_first(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        if call.operation == refused and operations(account.calls).count(f"ec2:{refused}") == 1:
            raise error("OperationNotPermitted", 400, call.operation)
        return really()

    with account.interfered(refuse_first):
        assert account.deliver(remediation, sample(found=found)) == ["PARTIAL"]
    [alert] = account.alerts()
    assert "OperationNotPermitted" in alert["reason"]
    assert [next(word for word in ("Groups", "Tag", "Snapshot") if word in step) for step in alert["left"]] == left
    account.clock.pause(60)
    assert account.deliver(remediation, sample(found=found, event_id="another")) == ["FIXED"]


def test_an_interface_that_is_gone_by_then_needs_no_step(account: Account) -> None:
    found = broken()
    ec2 = boto3.client("ec2")
    second = next(one for one in described(found)["NetworkInterfaces"] if one["Attachment"]["DeviceIndex"] == 1)

    def vanish(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        if call.operation == "ModifyNetworkInterfaceAttribute" and call.parameters["NetworkInterfaceId"] == second["NetworkInterfaceId"]:
            ec2.detach_network_interface(AttachmentId=second["Attachment"]["AttachmentId"])
            ec2.delete_network_interface(NetworkInterfaceId=second["NetworkInterfaceId"])
        return really()

    with account.interfered(vanish):
        assert account.deliver(remediation, sample(found=found)) == ["FIXED"]


def test_an_isolation_group_that_got_a_rule_is_emptied_again(account: Account) -> None:
    found = broken()
    account.deliver(remediation, sample(found=found))
    [made] = isolation_groups()
    everyone: Any = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    boto3.client("ec2").authorize_security_group_ingress(GroupId=made["GroupId"], IpPermissions=everyone)
    account.clock.pause(60)
    assert account.deliver(remediation, sample(found=found, event_id="another")) == ["FIXED"]
    assert isolation_groups()[0]["IpPermissions"] == []


def test_a_group_that_another_invocation_makes_at_the_same_time_is_used(account: Account) -> None:
    found = compromised(default_vpc())

    def overtake(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        if call.operation == "CreateSecurityGroup":
            isolation_group(default_vpc())
        return really()

    with account.interfered(overtake):
        assert account.deliver(remediation, sample(found=found)) == ["FIXED"]
    assert len(isolation_groups()) == 1


def test_undo_keeps_the_snapshots_and_a_later_isolation_makes_its_own(account: Account) -> None:
    found = broken()
    account.deliver(remediation, sample(found=found))
    account.invoke(remediation, {"undo": account.alerts()[0]["id"]})
    assert [one.get("Tags", []) for one in snapshots()] == [[], []]
    account.clock.pause(8 * 24 * 3600)
    assert account.deliver(remediation, sample(found=found, event_id="a week later")) == ["FIXED"]
    assert len(snapshots()) == 4


def test_snapshots_are_found_on_every_page(account: Account) -> None:
    found = broken()
    account.deliver(remediation, sample(found=found))
    with account.interfered(paged("DescribeSnapshots", "Snapshots", 1)):
        assert account.deliver(remediation, sample(found=found, event_id="another")) == ["ALREADY_OK"]


def test_what_was_seen_on_an_instance_that_is_terminated_by_now_is_told(account: Account) -> None:
    found = broken()
    boto3.client("ec2").terminate_instances(InstanceIds=[found])
    account.forget()
    assert account.deliver(remediation, sample(found=found)) == ["REPORTED"]
    assert account.writes == []


def victim_of_a_probe(finding: Any) -> None:  # noqa: ANN401 - an event's detail
    probe = {"blocked": False, "portProbeDetails": [{"localPortDetails": {"port": 8088}, "remoteIpDetails": {"ipAddressV4": "198.51.100.7"}}]}
    finding["type"] = "Recon:EC2/PortProbeEMRUnprotectedPort"  # the one port probe of High severity
    finding["service"] |= {"resourceRole": "TARGET", "action": {"actionType": "PORT_PROBE", "portProbeAction": probe}}


def victim_of_brute_force(finding: Any) -> None:  # noqa: ANN401
    finding["type"] = "UnauthorizedAccess:EC2/SSHBruteForce"
    finding["service"]["resourceRole"] = "TARGET"
    finding["service"]["action"]["networkConnectionAction"]["connectionDirection"] = "INBOUND"


def node_of_a_cluster(finding: Any) -> None:  # noqa: ANN401
    finding["type"] = "Execution:Runtime/ReverseShell"
    finding["resource"]["resourceType"] = "EKSCluster"


@pytest.mark.parametrize("change", [victim_of_a_probe, victim_of_brute_force, node_of_a_cluster])
def test_who_is_not_accused_wakes_nobody_and_is_not_isolated_even_if_the_finding_gets_through(change: Callable[[Any], None], account: Account) -> None:
    found = broken()
    account.forget()
    event = sample(found=found)
    change(event["detail"])
    assert not [rule for rule in rules() if rule.function == "IsolateInstance" and rule.matches(event)]
    assert account.deliver(remediation, event) == []
    assert account.dead_letters[0][1].startswith("UnreadableEvent: ")
    assert account.calls == []


def a_tor_relay(finding: Any) -> None:  # noqa: ANN401
    finding["type"] = "UnauthorizedAccess:EC2/TorRelay"
    finding["service"]["resourceRole"] = "ACTOR"
    finding["service"]["action"]["networkConnectionAction"]["connectionDirection"] = "INBOUND"


def critical(finding: Any) -> None:  # noqa: ANN401
    finding["severity"] = 9.5


@pytest.mark.parametrize("change", [a_tor_relay, critical])
def test_who_acts_is_isolated_even_if_others_connect_to_it(change: Callable[[Any], None], account: Account) -> None:
    event = sample(found=broken())
    change(event["detail"])
    assert [rule for rule in rules() if rule.function == "IsolateInstance" and rule.matches(event)]
    assert account.deliver(remediation, event) == ["FIXED"]


@pytest.mark.parametrize("severity", [2, 5, 6.9])
def test_a_finding_below_high_wakes_nobody(severity: float) -> None:
    event = copy.deepcopy(sample())
    event["detail"]["severity"] = severity
    assert not [rule for rule in rules() if rule.function == "IsolateInstance" and rule.matches(event)]


def test_an_attack_sequence_of_many_instances_wakes_nobody() -> None:
    event = sample()
    event["detail"] |= {"type": "AttackSequence:EC2/CompromisedInstanceGroup", "severity": 9, "resource": {"resourceType": "AttackSequence"}}
    assert not [rule for rule in rules() if rule.function == "IsolateInstance" and rule.matches(event)]


def test_its_role_may_give_back_a_group_that_the_owner_of_a_shared_network_shares() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/security-group-sharing.html."""
    shared = "arn:aws:ec2:us-east-1:444455556666:security-group/sg-0123456789abcdef0"
    [swap] = [grant for grant in grants("IsolateInstance", {}) if grant.action == "ec2:ModifyNetworkInterfaceAttribute"]
    assert any(fnmatchcase(shared, resource) for resource in swap.resources)


def taking_off(name: str, **said: object) -> dict[str, Any]:
    event = sample("isolate_instance-lifted")
    event["detail"] |= {"eventName": name, "requestParameters": said}
    return event


def test_other_groups_for_one_of_its_interfaces_or_another_interface_take_it_off(account: Account) -> None:
    instance = broken()
    assert account.deliver(remediation, sample(found=instance)) == ["FIXED"]
    [interface, *_] = interfaces_of(instance)
    groups = {"items": [{"groupId": "sg-0123456789abcdef0"}]}
    account.clock.pause(60)
    ec2 = boto3.client("ec2")
    vpc = ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])["NetworkInterfaces"][0]["VpcId"]
    open_group = ec2.create_security_group(GroupName="open", Description="open", VpcId=vpc)["GroupId"]
    ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, Groups=[open_group])
    assert account.deliver(remediation, taking_off("ModifyNetworkInterfaceAttribute", networkInterfaceId=interface, groupSet=groups)) == ["FIXED"]
    for quiet in (
        taking_off("ModifyNetworkInterfaceAttribute", networkInterfaceId=interface, sourceDestCheck={"value": False}),
        taking_off("ModifyNetworkInterfaceAttribute", networkInterfaceId="eni-0123456789abcdef0", groupSet=groups),
        taking_off("ModifyInstanceAttribute", instanceId=instance, disableApiTermination={"value": False}),
        taking_off("AttachNetworkInterface", networkInterfaceId=interface, instanceId=instance, deviceIndex=1),
    ):
        assert account.deliver(remediation, quiet) == ["ALREADY_OK"]
    assert account.outcomes() == ["FIXED", "FIXED"]


def interfaces_of(instance: str) -> list[str]:
    found = boto3.client("ec2").describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["NetworkInterfaces"]
    return [one["NetworkInterfaceId"] for one in found]
