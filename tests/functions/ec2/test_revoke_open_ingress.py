"""revoke_open_ingress: only the rules that open an administration port to the world go."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from functions.ec2.revoke_open_ingress import remediation
from tests.harness.account import Account, ApiCall, error, paged
from tests.harness.discovery import Handler
from tests.harness.ec2 import prefix_lists
from tests.harness.scenario import ACCOUNT, Scenario
from tests.harness.scheduler import schedules
from tests.harness.workloads import offer_by

prefix_lists.as_on_aws()

WORLD = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


def group(*permissions: Mapping[str, Any], name: str = "") -> str:
    named = name or f"group-{len(permissions)}"
    group_id = boto3.client("ec2").create_security_group(GroupName=named, Description="made by a test")["GroupId"]
    boto3.client("ec2").authorize_security_group_ingress(GroupId=group_id, IpPermissions=list(permissions))  # type: ignore[arg-type]
    return group_id


SAMPLE_LIST = "pl-0123456789abcdef0"
list_of: dict[str, str] = {}
"""Group -> the prefix list that may reach its port 443: what ModifyManagedPrefixList names."""
SAMPLE_RULE = "sgr-0aaaaaaaaaaaaaaa1"
rule_for_ssh: dict[str, str] = {}
"""Group -> the id that its rule for SSH has, or had before it was revoked: what ModifySecurityGroupRules names."""


def broken() -> str:
    partners = prefix_list("203.0.113.0/24", "0.0.0.0/0")  # which it had on it in its first version
    boto3.client("ec2").modify_managed_prefix_list(PrefixListId=partners, CurrentVersion=1, RemoveEntries=[{"Cidr": "0.0.0.0/0"}])
    made = group(
        {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "just for today"}]},
        {"IpProtocol": "tcp", "FromPort": 3000, "ToPort": 4000, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
        {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "office"}]},
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, **WORLD},
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{"PrefixListId": partners}]},
    )
    list_of[made] = partners
    rules = boto3.client("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [made]}])["SecurityGroupRules"]
    [rule_for_ssh[made]] = [rule["SecurityGroupRuleId"] for rule in rules if rule.get("Description") == "just for today"]
    return made


def state(group_id: str) -> dict[str, Any]:
    rules = boto3.client("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group_id]}])["SecurityGroupRules"]
    open_rules = [rule for rule in rules if (rule.get("CidrIpv4") == "0.0.0.0/0" or rule.get("CidrIpv6") == "::/0") and rule["FromPort"] in (22, 3000)]
    without_id = [{key: value for key, value in rule.items() if key not in ("SecurityGroupRuleId", "SecurityGroupRuleArn")} for rule in open_rules]
    return {"open": sorted(without_id, key=repr), "others": sorted((rule for rule in rules if rule not in open_rules), key=repr)}


scenario = Scenario(
    sample="sg-0123456789abcdef0",
    broken=broken,
    state=state,
    touched=frozenset({"open"}),
    environment={"ADMIN_PORTS": "22,3389"},
    also_named=lambda group_id: {SAMPLE_RULE: rule_for_ssh.get(group_id, SAMPLE_RULE), SAMPLE_LIST: list_of.get(group_id, SAMPLE_LIST)},
)


def event(name: str, parameters: object, **record: object) -> dict[str, Any]:
    detail = {"eventName": name, "eventSource": "ec2.amazonaws.com", "userIdentity": {"type": "Root"}, "requestParameters": parameters, **record}
    return {
        "id": "1",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.ec2",
        "account": ACCOUNT,
        "region": "us-east-1",
        "time": "2026-11-24T03:00:00Z",
        "resources": [],
        "detail": detail,
    }


@pytest.fixture(autouse=True)
def ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_PORTS", "22,3389")


@pytest.mark.parametrize(
    ("name", "description", "outcome"),
    [("packer_5efef9f0-cede-f34c-e460-e6dfb9c03184", "Temporary group for Packer", "WOULD_FIX"), ("packer_tools", "of the image builders", "FIXED")],
)
def test_the_group_of_an_image_that_is_being_built_is_asked_about(
    account: Account, monkeypatch: pytest.MonkeyPatch, name: str, description: str, outcome: str
) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    group_id = boto3.client("ec2").create_security_group(GroupName=name, Description=description)["GroupId"]
    boto3.client("ec2").authorize_security_group_ingress(GroupId=group_id, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, **WORLD}])  # type: ignore[list-item]
    assert account.deliver(remediation, event("AuthorizeSecurityGroupIngress", {"groupId": group_id})) == [outcome]


def test_a_group_that_a_machine_shares_with_an_application_load_balancer_is_closed(account: Account) -> None:
    group_id = broken()
    offer_by("interface", "ELB app/site/50dc6c495c0c9188")(group_id)
    assert account.deliver(remediation, event("AuthorizeSecurityGroupIngress", {"groupId": group_id}))[0] in ("FIXED", "PARTIAL")


OF_OTHER_PORTS = [("Security Hub", "EC2.19", ["REPORTED"]), ("Security Hub", "EC2.13", ["ALREADY_OK"]), ("Config", "restricted-common-ports", ["REPORTED"])]


@pytest.mark.parametrize(("source", "about", "outcome"), OF_OTHER_PORTS, ids=str)
def test_a_source_that_finds_fault_with_other_ports_as_well_is_told_which_of_them_are_open(
    account: Account, source: str, about: str, outcome: list[str]
) -> None:
    group_id = group({"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, **WORLD})
    samples = Handler("ec2", "revoke_open_ingress").samples
    found = scenario.event(samples["revoke_open_ingress-securityhub" if source == "Security Hub" else "revoke_open_ingress-config"], group_id)
    if source == "Security Hub":
        found["detail"]["findings"][0]["Compliance"]["SecurityControlId"] = about
    else:
        found["detail"]["configRuleName"] = about
    assert account.deliver(remediation, found) == outcome
    assert ["3306" in alert["reason"] for alert in account.alerts()] == [True] * outcome.count("REPORTED")
    assert account.deliver(remediation, {**found, "id": "the next day's, or another"}) == outcome
    assert len(account.alerts()) == outcome.count("REPORTED"), "once a day"


@pytest.mark.parametrize(
    ("permission", "is_wrong"),
    [
        pytest.param({"IpProtocol": "-1", **WORLD}, True, id="all traffic from anywhere"),
        pytest.param({"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, **WORLD}, True, id="all ports from anywhere"),
        pytest.param({"IpProtocol": "udp", "FromPort": 3389, "ToPort": 3389, **WORLD}, True, id="RDP over UDP from anywhere"),
        pytest.param({"IpProtocol": "tcp", "FromPort": 3389, "ToPort": 3389, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}, True, id="RDP from any IPv6 address"),
        pytest.param({"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, **WORLD}, False, id="ping from anywhere"),
        pytest.param({"IpProtocol": "tcp", "FromPort": 23, "ToPort": 3388, **WORLD}, False, id="all ports between the two"),
        pytest.param(
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "128.0.0.0/1"}]},
            True,
            id="half of the world, as the other may be in another rule",
        ),
        pytest.param({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "Ipv6Ranges": [{"CidrIpv6": "2000::/3"}]}, True, id="all public IPv6 addresses"),
        pytest.param({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "64.0.0.0/2"}]}, False, id="a quarter of the world"),
        pytest.param(
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/10"}]}, False, id="a block whose length begins with 1"
        ),
    ],
)
@pytest.mark.usefixtures("account")
def test_a_rule_is_wrong_exactly_if_anyone_can_reach_an_administration_port(permission: Mapping[str, Any], *, is_wrong: bool) -> None:
    assert bool(remediation.violation(group(permission))) is is_wrong


def test_all_pages_of_a_groups_rules_are_read(account: Account) -> None:
    harmless = [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **WORLD} for port in range(5000, 5050)]
    group_id = group(*harmless, {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, **WORLD})
    with account.interfered(paged("DescribeSecurityGroupRules", "SecurityGroupRules", 7)):
        account.invoke(remediation, event("AuthorizeSecurityGroupIngress", {"groupId": group_id}))
    assert remediation.violation(group_id) == []
    assert len(state(group_id)["others"]) == len(harmless) + 1  # and the outbound rule


@pytest.mark.parametrize(
    ("name", "parameters", "answer"),
    [
        pytest.param("AuthorizeSecurityGroupIngress", {"groupId": "SG", "ipPermissions": {"items": []}}, None, id="by permissions"),
        pytest.param("AuthorizeSecurityGroupIngress", {"groupId": "SG", "cidrIp": "0.0.0.0/0", "fromPort": 22, "ipPermissions": {}}, None, id="flat"),
        pytest.param("AuthorizeSecurityGroupIngress", {"GroupId": "SG"}, None, id="in another casing"),
        pytest.param(
            "AuthorizeSecurityGroupIngress", {"groupName": "group-5"}, {"securityGroupRuleSet": {"items": [{"groupId": "SG"}]}}, id="by name, id in the answer"
        ),
        pytest.param("AuthorizeSecurityGroupIngress", {"groupName": "group-5"}, None, id="by name alone"),
        pytest.param("AuthorizeSecurityGroupIngress", {"groupName": "group-5", "groupId": "null"}, "null", id="with the text null"),
        pytest.param("ModifySecurityGroupRules", {"ModifySecurityGroupRulesRequest": {"GroupId": "SG", "SecurityGroupRule": {}}}, None, id="one rule modified"),
        pytest.param("ModifySecurityGroupRules", {"ModifySecurityGroupRulesRequest": {"GroupId": "SG", "SecurityGroupRule": [{}, {}]}}, None, id="several"),
    ],
)
def test_every_form_of_the_call_is_understood(account: Account, name: str, parameters: object, answer: object) -> None:
    group_id = broken()
    live = json.loads(json.dumps(event(name, parameters, responseElements=answer)).replace('"SG"', f'"{group_id}"'))
    assert account.deliver(remediation, live) == ["FIXED"]


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        pytest.param(None, "does not name a resource", id="no parameters"),
        pytest.param({"omitted": True, "originalSize": 200_000, "reason": "requestParameters too large"}, "requestParameters too large", id="left out"),
        pytest.param({"groupId": "sg-1; rm -rf /"}, "is not a name", id="a name that is none"),
        pytest.param({"groupId": ["sg-1"]}, "is not a name", id="a list"),
    ],
)
def test_an_event_that_names_no_group_ends_as_a_dead_letter_with_the_reason(account: Account, parameters: object, reason: str) -> None:
    assert account.deliver(remediation, event("AuthorizeSecurityGroupIngress", parameters)) == []
    [(_, why)] = account.dead_letters
    assert reason in why
    assert not account.writes


def test_a_group_that_is_gone_is_an_outcome(account: Account) -> None:
    assert account.deliver(remediation, event("AuthorizeSecurityGroupIngress", {"groupId": "sg-0123456789abcdef0"})) == ["GONE"]


def test_undo_brings_descriptions_and_tags_back(account: Account) -> None:
    group_id = broken()
    rule = remediation.violation(group_id)[0]["SecurityGroupRuleId"]
    boto3.client("ec2").create_tags(Resources=[rule], Tags=[{"Key": "ticket", "Value": "42"}])
    before = state(group_id)
    [outcome] = account.invoke(remediation, event("AuthorizeSecurityGroupIngress", {"groupId": group_id}))["outcomes"]
    account.invoke(remediation, {"undo": outcome["id"]})
    assert state(group_id) == before


def all_calls(account: Account) -> None:
    """Lead to the tagging of a rule that is granted again, and to a look into a prefix list."""
    test_undo_brings_descriptions_and_tags_back(account)
    account.deliver(remediation, {**event("AuthorizeSecurityGroupIngress", {"groupId": listed_group("203.0.113.0/24")}), "id": "another"})


def test_tags_that_only_aws_can_give_are_left_out_when_a_rule_is_granted_again(account: Account) -> None:
    group_id = broken()
    [rule] = [rule["SecurityGroupRuleId"] for rule in remediation.violation(group_id) if rule["FromPort"] == 22]
    tags: Any = [{"Key": "aws:cloudformation:stack-name", "Value": "web"}, {"Key": "team", "Value": "blue"}]
    boto3.client("ec2").create_tags(Resources=[rule], Tags=tags)
    [fixed] = account.invoke(remediation, event("AuthorizeSecurityGroupIngress", {"groupId": group_id}))["outcomes"]
    assert account.invoke(remediation, {"undo": fixed["id"]})["outcome"] == "UNDONE"
    assert [rule["Tags"] for rule in remediation.violation(group_id) if rule["FromPort"] == 22] == [[{"Key": "team", "Value": "blue"}]]


@pytest.mark.parametrize("code", ["InvalidSecurityGroupRuleId.NotFound", "InvalidPermission.NotFound"])
def test_a_rule_that_goes_between_the_look_and_the_fix_keeps_no_other_open(account: Account, code: str) -> None:
    group_id = broken()
    others = state(group_id)["others"]

    def one_goes_just_before(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        first = call.operation == "RevokeSecurityGroupIngress" and len(call.parameters["SecurityGroupRuleIds"]) > 1
        if first:
            boto3.client("ec2").revoke_security_group_ingress(GroupId=group_id, SecurityGroupRuleIds=call.parameters["SecurityGroupRuleIds"][:1])
        try:
            return really()
        except ClientError as refusal:
            raise error(code, 400, call.operation) from refusal

    with account.interfered(one_goes_just_before):
        assert account.deliver(remediation, event("AuthorizeSecurityGroupIngress", {"groupId": group_id})) == ["FIXED"]
    assert state(group_id) == {"open": [], "others": others}


@pytest.mark.parametrize(
    ("permission", "outcome"),
    [
        pytest.param({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, **WORLD}, "FIXED", id="SSH"),
        pytest.param({"IpProtocol": "udp", "FromPort": 3389, "ToPort": 3389, **WORLD}, "FIXED", id="RDP over UDP"),
        pytest.param({"IpProtocol": "-1", **WORLD}, "WOULD_FIX", id="all traffic: a load balancer's, perhaps"),
        pytest.param({"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, **WORLD}, "WOULD_FIX", id="all ports"),
        pytest.param({"IpProtocol": "udp", "FromPort": 1024, "ToPort": 65535, **WORLD}, "WOULD_FIX", id="a media server's"),
        pytest.param({"IpProtocol": "tcp", "FromPort": 20, "ToPort": 22, **WORLD}, "WOULD_FIX", id="FTP and SSH"),
    ],
)
def test_a_rule_for_more_than_administration_ports_is_asked_about(
    account: Account, permission: Mapping[str, Any], outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    assert account.deliver(remediation, event("AuthorizeSecurityGroupIngress", {"groupId": group(permission)})) == [outcome]


def prefix_list(*blocks: str) -> str:
    """Make a prefix list that has those blocks."""
    family = "IPv6" if ":" in blocks[0] else "IPv4"
    entries: Any = [{"Cidr": block} for block in blocks]
    made = boto3.client("ec2").create_managed_prefix_list(PrefixListName="office", MaxEntries=5, AddressFamily=family, Entries=entries)
    return made["PrefixList"]["PrefixListId"]


def listed_group(*blocks: str, port: int = 22, name: str = "") -> str:
    """Make a group with a rule for a prefix list that has those blocks."""
    by_list = {"PrefixListIds": [{"PrefixListId": prefix_list(*blocks), "Description": "office"}]}
    return group({"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **by_list}, name=name)


@pytest.mark.parametrize("blocks", [("203.0.113.0/24", "0.0.0.0/0"), ("128.0.0.0/1",), ("::/0",)])
def test_a_prefix_list_that_has_all_the_world_on_it_opens_as_much_and_is_given_back_on_undo(blocks: tuple[str, ...], account: Account) -> None:
    def by_list(group_id: str) -> list[tuple[object, ...]]:
        rules = boto3.client("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group_id]}])["SecurityGroupRules"]
        return [(rule["PrefixListId"], rule["FromPort"], rule.get("Description")) for rule in rules if rule.get("PrefixListId")]

    group_id = listed_group(*blocks)
    before = by_list(group_id)
    assert account.deliver(remediation, event("AuthorizeSecurityGroupIngress", {"groupId": group_id})) == ["FIXED"]
    assert by_list(group_id) == []
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDONE"
    assert by_list(group_id) == before


def test_a_prefix_list_of_some_addresses_or_for_other_ports_is_left_alone(account: Account) -> None:
    assert account.deliver(remediation, event("AuthorizeSecurityGroupIngress", {"groupId": listed_group("203.0.113.0/24", "2.0.0.0/8")})) == ["ALREADY_OK"]


def test_a_prefix_list_for_other_ports_is_not_even_looked_into(account: Account) -> None:
    assert account.deliver(remediation, event("AuthorizeSecurityGroupIngress", {"groupId": listed_group("0.0.0.0/0", port=443)})) == ["ALREADY_OK"]
    assert "ec2:GetManagedPrefixListEntries" not in [f"{call.service}:{call.operation}" for call in account.calls]


@pytest.mark.parametrize("code", ["InvalidPrefixListID.NotFound", "UnauthorizedOperation"])
def test_a_prefix_list_that_is_not_shown_keeps_no_other_rule_open(code: str, account: Account) -> None:
    group_id = listed_group("0.0.0.0/0")
    open_to_all: Any = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, **WORLD}]
    boto3.client("ec2").authorize_security_group_ingress(GroupId=group_id, IpPermissions=open_to_all)

    def hidden(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        if call.operation == "GetManagedPrefixListEntries":
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, call.operation)
        return really()

    with account.interfered(hidden):
        assert account.deliver(remediation, event("AuthorizeSecurityGroupIngress", {"groupId": group_id})) == ["FIXED"]
    assert [call.operation for call in account.writes] == ["RevokeSecurityGroupIngress"]


def widened(office: str, said: Mapping[str, object], *, by: str = "0.0.0.0/0") -> dict[str, Any]:
    """Put a block on the prefix list; return the event about that, with what else that says."""
    boto3.client("ec2").modify_managed_prefix_list(PrefixListId=office, CurrentVersion=1, AddEntries=[{"Cidr": by}])
    return event("ModifyManagedPrefixList", {"ModifyManagedPrefixListRequest": {"PrefixListId": office, "CurrentVersion": 1, **said}})


def only_list_of(group_id: str) -> str:
    """Return the prefix list that the group's one rule for a list names."""
    rules = boto3.client("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group_id]}])["SecurityGroupRules"]
    [found] = [rule["PrefixListId"] for rule in rules if rule.get("PrefixListId")]
    return found


ALL_OF_IT = {"Cidr": "0.0.0.0/0", "tag": 1}


@pytest.mark.parametrize("said", [{}, {"AddEntry": ALL_OF_IT}, {"AddEntry": [{"Cidr": "192.0.2.0/24", "tag": 1}, ALL_OF_IT]}], ids=str)
def test_a_prefix_list_that_gets_all_the_world_opens_every_group_that_names_it(account: Account, said: dict[str, object]) -> None:
    first, other = listed_group("203.0.113.0/24"), listed_group("198.51.100.0/24", name="other")
    office = only_list_of(first)
    second = group(
        {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": [{"PrefixListId": office}]},
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{"PrefixListId": office}]},
    )
    served = group({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{"PrefixListId": office}]}, name="served")
    untouched = [state(other), state(served)]
    assert sorted(account.deliver(remediation, widened(office, said))) == ["ALREADY_OK", "FIXED", "FIXED"]
    assert remediation.violation(first) == remediation.violation(second) == []
    assert [state(other), state(served)] == untouched
    assert sorted(alert["resource"]["name"] for alert in account.alerts()) == sorted([first, second])


def test_a_prefix_list_whose_former_version_comes_back_opens_as_much(account: Account) -> None:
    group_id = listed_group("0.0.0.0/0")
    asked = {"RestoreManagedPrefixListVersionRequest": {"PrefixListId": only_list_of(group_id), "CurrentVersion": 2, "PreviousVersion": 1}}
    assert account.deliver(remediation, event("RestoreManagedPrefixListVersion", asked)) == ["FIXED"]


def test_a_prefix_list_that_gets_some_addresses_wakes_no_group(account: Account) -> None:
    office = only_list_of(listed_group("203.0.113.0/24"))
    assert account.deliver(remediation, widened(office, {}, by="192.0.2.0/24")) == ["ALREADY_OK"]
    assert [call.operation for call in account.calls] == ["GetManagedPrefixListEntries"]


def test_a_prefix_list_that_no_group_names_is_left_alone(account: Account) -> None:
    assert account.deliver(remediation, widened(prefix_list("203.0.113.0/24"), {})) == ["ALREADY_OK"]
    assert not account.writes


@pytest.mark.parametrize("name", ["*", "pl-*", "pl-0123456789abcdef0,*"])
def test_a_wildcard_is_no_prefix_list(account: Account, name: str) -> None:
    assert account.deliver(remediation, event("ModifyManagedPrefixList", {"prefixListId": name})) == []
    assert "does not name a resource" in account.dead_letters[0][1]
    assert not account.calls


def test_a_prefix_list_at_which_ec2_is_at_work_is_looked_at_again(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until EC2 is done with it, it may answer the entries of before."""
    schedules.switch_on(monkeypatch)
    group_id = listed_group("203.0.113.0/24")
    office = only_list_of(group_id)
    asked = {"ModifyManagedPrefixListRequest": {"PrefixListId": office, "AddEntry": ALL_OF_IT}}

    def at_work(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        answer = really()
        if call.operation == "DescribeManagedPrefixLists":
            answer["PrefixLists"][0]["State"] = "modify-in-progress"
        return answer

    with account.interfered(at_work):
        assert account.deliver(remediation, event("ModifyManagedPrefixList", asked)) == ["DEFERRED"]
    boto3.client("ec2").modify_managed_prefix_list(PrefixListId=office, CurrentVersion=1, AddEntries=[{"Cidr": "0.0.0.0/0"}])
    assert schedules.run_next(account, remediation) == ["FIXED"]
    assert remediation.violation(group_id) == []
