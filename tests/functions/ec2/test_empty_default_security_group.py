"""empty_default_security_group: every rule of the default group goes, whatever it is for, and comes back exactly."""

from typing import Any

import boto3
import pytest

from functions.ec2.empty_default_security_group import remediation
from snapback.ec2.network import grant
from snapback.engine import clients
from tests.harness.account import Account, ApiCall, error
from tests.harness.discovery import Handler
from tests.harness.ec2.default_groups import default_group_as_on_aws
from tests.harness.scenario import Scenario

SAMPLE = "sg-0123456789abcdef0"
STEM = "empty_default_security_group"
RULE_IDS = ("SecurityGroupRuleId", "SecurityGroupRuleArn")


def vpc() -> str:
    return boto3.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]


def broken() -> str:
    ec2 = boto3.client("ec2")
    network = vpc()
    ec2.create_security_group(GroupName="web", Description="made by a test", VpcId=network)
    group = default_group_as_on_aws(network)
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "office"}]}],
        TagSpecifications=[{"ResourceType": "security-group-rule", "Tags": [{"Key": "ticket", "Value": "42"}]}],
    )
    return group


def state(group: str) -> dict[str, Any]:
    ec2 = boto3.client("ec2")
    rules = ec2.describe_security_group_rules()["SecurityGroupRules"]
    own = [{part: value for part, value in rule.items() if part not in RULE_IDS} for rule in rules if rule["GroupId"] == group]
    groups = ec2.describe_security_groups()["SecurityGroups"]
    return {
        "rules": sorted(own, key=repr),
        "rules of others": sorted((rule for rule in rules if rule["GroupId"] != group), key=repr),
        "groups": sorted((one["GroupId"], one["GroupName"], one["Description"], one.get("Tags")) for one in groups),
    }


scenario = Scenario(
    sample=SAMPLE,
    broken=broken,
    state=state,
    touched=frozenset({"rules"}),
    environment={},
    also_named=lambda group: {"vpc-0123456789abcdef0": boto3.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["VpcId"]},
)


def sample(name: str = STEM) -> dict[str, Any]:
    return Handler("ec2", STEM).samples[name]


@pytest.mark.parametrize(
    ("call", "parameters"),
    [
        pytest.param("AuthorizeSecurityGroupIngress", {"groupId": SAMPLE}, id="inbound"),
        pytest.param("AuthorizeSecurityGroupEgress", {"groupId": SAMPLE}, id="outbound"),
        pytest.param("RevokeSecurityGroupIngress", {"groupId": SAMPLE}, id="revoked inbound"),
        pytest.param("RevokeSecurityGroupEgress", {"groupId": SAMPLE}, id="revoked outbound"),
        pytest.param("ModifySecurityGroupRules", {"ModifySecurityGroupRulesRequest": {"GroupId": SAMPLE}}, id="modified"),
    ],
)
def test_every_call_that_changes_rules_is_understood(account: Account, call: str, parameters: object) -> None:
    event = sample()
    event["detail"] |= {"eventName": call, "requestParameters": parameters}
    assert account.deliver(remediation, scenario.event(event, broken())) == ["FIXED"]


def test_another_group_may_have_rules(account: Account) -> None:
    group = boto3.client("ec2").create_security_group(GroupName="web", Description="made by a test", VpcId=vpc())["GroupId"]
    assert account.deliver(remediation, scenario.event(sample(), group)) == ["ALREADY_OK"]
    assert account.writes == []


def test_a_new_vpc_that_is_gone_already_is_an_outcome(account: Account) -> None:
    assert account.deliver(remediation, sample(f"{STEM}-vpc")) == ["GONE"]


@pytest.mark.usefixtures("account")
def test_a_rule_for_a_group_of_another_account_comes_back_with_that_account() -> None:
    """In preview, which sends nothing: moto knows no groups of another account."""
    theirs = {"GroupId": "sg-0aaaaaaaaaaaaaaa1", "UserId": "444455556666", "VpcPeeringConnectionId": "pcx-0aaaaaaaaaaaaaaa1"}
    rule = {"SecurityGroupRuleId": "sgr-0aaaaaaaaaaaaaaa1", "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "ReferencedGroupInfo": theirs}
    with clients.watched(preview=True) as calls:
        grant(SAMPLE, [{**rule, "Description": "partner"}])
    [call] = calls.made
    assert call.parameters["IpPermissions"] == [
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [{**theirs, "Description": "partner"}]}
    ]


def test_rules_of_every_kind_come_back_in_both_directions(account: Account) -> None:
    ec2 = boto3.client("ec2")
    group = broken()
    prefixes = ec2.create_managed_prefix_list(PrefixListName="offices", MaxEntries=2, AddressFamily="IPv4")["PrefixList"]["PrefixListId"]
    every_kind: Any = [
        {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "Ipv6Ranges": [{"CidrIpv6": "::/0", "Description": "all of IPv6"}]},
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{"PrefixListId": prefixes}]},
        {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "UserIdGroupPairs": [{"GroupId": group}]},
    ]
    tags: Any = [{"ResourceType": "security-group-rule", "Tags": [{"Key": "ticket", "Value": "43"}]}]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=every_kind)
    ec2.authorize_security_group_egress(GroupId=group, IpPermissions=every_kind, TagSpecifications=tags)
    before = state(group)
    [outcome] = account.invoke(remediation, scenario.event(sample(), group))["outcomes"]
    assert not state(group)["rules"]
    account.invoke(remediation, {"undo": outcome["id"]})
    assert state(group) == before


def test_a_rule_that_cannot_be_granted_again_keeps_back_no_other(account: Account) -> None:
    group = broken()
    event = scenario.event(sample(), group)
    [fixed] = account.invoke(remediation, event)["outcomes"]

    def first_is_refused(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401 - any answer
        permission = call.parameters.get("IpPermissions", [{}])[0]
        if call.is_write and permission.get("UserIdGroupPairs"):
            raise error("InvalidGroup.NotFound", 400, call.operation)
        return really()

    with account.interfered(first_is_refused):
        refused = account.invoke(remediation, {"undo": fixed["id"]})
    assert (refused["outcome"], "AuthorizeSecurityGroupIngress says InvalidGroup.NotFound" in refused["reason"]) == ("UNDO_REFUSED", True)
    assert ["CidrIpv4" in rule for rule in remediation.violation(group)] == [True, True], "all others are back"
