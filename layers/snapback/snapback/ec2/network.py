"""Words for network rules: security group rules, ports, prefix lists, the whole internet."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

from botocore.exceptions import ClientError

from snapback.engine.answers import the_one
from snapback.engine.clients import aws
from snapback.engine.errors import IncompleteAnswer, NothingLeft, StillChanging
from snapback.engine.events import NamedBy, items_of, request_of
from snapback.engine.refusals import all_or_each, code_of, try_each
from snapback.engine.tags import given_by_people
from snapback.policies.addresses import is_half_of_world

Rule = Mapping[str, Any]
"""A security group rule as EC2's DescribeSecurityGroupRules answers it: what it takes to revoke it and to grant it again."""

_PARTS = ("SecurityGroupRuleId", "IpProtocol", "FromPort", "ToPort", "CidrIpv4", "CidrIpv6", "PrefixListId", "Description")

_NO_SUCH_RULE = ("InvalidSecurityGroupRuleId.NotFound", "InvalidPermission.NotFound")

_NO_SUCH_LIST = ("InvalidPrefixListID.NotFound", "InvalidPrefixListId.NotFound", "UnauthorizedOperation")
"""How EC2 says that a prefix list is gone, or another account's that is not shared any more."""

_OTHER_SIDES = ("CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupInfo")
"""Whom a rule is about; each has one of these."""

_WITH_PORTS = frozenset({"tcp", "6", "udp", "17"})

_REFERENCE = ("GroupId", "UserId", "VpcPeeringConnectionId")
"""The parts of a reference to a group that it takes to make it again; its other parts (PeeringStatus) come and go by themselves."""


HIGH_RISK: Final = (*(20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601), *(8080, 8088, 8888, 9200, 9300))
"""The ports of Security Hub's EC2.19 (https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-19)."""


def all_rules(group_id: str) -> list[Rule]:
    """Return all rules of a security group, inbound and outbound, however many pages they take.

    Raises `ClientError` InvalidGroup.NotFound if there is no such group: its rules alone would just be none, so an empty answer is looked into.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroupRules.html
    """
    pages = aws("ec2").get_paginator("describe_security_group_rules").paginate(Filters=[{"Name": "group-id", "Values": [group_id]}])
    rules: list[Mapping[str, Any]] = [rule for page in pages for rule in page["SecurityGroupRules"]]
    if not rules:
        aws("ec2").describe_security_groups(GroupIds=[group_id])
    return [_as_evidence(rule) for rule in rules]


def ingress_rules(group_id: str) -> list[Rule]:
    """Return all inbound rules of a security group, as `all_rules` does."""
    return [rule for rule in all_rules(group_id) if "IsEgress" not in rule]


def is_default(group_id: str) -> bool:
    """Tell whether the group is the one that its VPC was made with: nobody can rename or delete that, or give its name to another.

    https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
    """
    group = the_one(aws("ec2").describe_security_groups(GroupIds=[group_id])["SecurityGroups"])
    return group["GroupName"] == "default"


def default_group(named: str) -> str | None:
    """Return the default group of a VPC, or None if there is no such VPC any more; a group that is named itself is returned as it is."""
    if not named.startswith("vpc-"):
        return named
    filters: Any = [{"Name": "vpc-id", "Values": [named]}, {"Name": "group-name", "Values": ["default"]}]
    groups = aws("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
    return groups[0]["GroupId"] if groups else None


def subnets_of_new(record: Mapping[str, Any]) -> list[str]:
    """Return the subnets of the VPC that a record of CreateDefaultVpc names: AWS makes one in each zone, and the record does not say which.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateDefaultVpc.html
    """
    vpc = record["responseElements"]["vpc"]["vpcId"]
    pages = aws("ec2").get_paginator("describe_subnets").paginate(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    if subnets := [subnet["SubnetId"] for page in pages for subnet in page["Subnets"]]:
        return subnets
    raise NothingLeft("the VPC has no subnets any more")


def gives_public_ips(subnet: str) -> Mapping[str, bool]:
    """Return whether instances that are launched into the subnet get a public address (`MapPublicIpOnLaunch`).

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html
    """
    found = the_one(aws("ec2").describe_subnets(SubnetIds=[subnet])["Subnets"])
    return {"MapPublicIpOnLaunch": found["MapPublicIpOnLaunch"]}


def set_gives_public_ips(subnet: str, wanted: Mapping[str, bool]) -> None:
    """Have instances given one or not. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySubnetAttribute.html."""
    aws("ec2").modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": wanted["MapPublicIpOnLaunch"]})


def is_open_to_world(rule: Rule, ports: Collection[int]) -> bool:
    """Tell whether the rule lets any address reach one of the TCP or UDP ports: any /0, half of the internet, wide port ranges and "all traffic" included."""
    return any(is_half_of_world(rule[cidr]) for cidr in ("CidrIpv4", "CidrIpv6") if cidr in rule) and _reaches(rule, ports)


def is_open_by_a_list(rule: Rule, ports: Collection[int]) -> bool:
    """Tell the same of a rule for a prefix list, which may have any address on it; of a list that is not shown nothing is known."""
    return "PrefixListId" in rule and _reaches(rule, ports) and _has_world(rule["PrefixListId"])


def await_lists(rules: Sequence[Rule], ports: Collection[int]) -> None:
    """Raise `StillChanging` while EC2 is at work on a prefix list through which a rule lets somebody reach one of the ports: it may show the former entries.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ManagedPrefixList.html
    """
    lists = sorted({rule["PrefixListId"] for rule in rules if "PrefixListId" in rule and _reaches(rule, ports)})
    if not lists:
        return
    filters: Any = [{"Name": "prefix-list-id", "Values": lists}]  # by ids, one that is gone would be refused
    pages = aws("ec2").get_paginator("describe_managed_prefix_lists").paginate(Filters=filters)
    for found in (one for page in pages for one in page["PrefixLists"]):
        if found.get("State", "").endswith("-in-progress"):  # AWS's own lists have no state that is documented
            raise StillChanging(f"EC2 is still at work on the prefix list {found['PrefixListId']}: {found['State']}")


def groups_of_a_list(record: Mapping[str, Any]) -> list[str]:
    """Return the security groups with an inbound rule for the prefix list that a record of ModifyManagedPrefixList or RestoreManagedPrefixListVersion names.

    What the call puts on the list counts as much as what is on it: EC2 may be at work on it still. Raises `NothingLeft` if that is not all the world, or if no
    group has such a rule.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html
    """
    request = request_of(record)
    answered: Any = (record.get("responseElements") or {}).get("prefixList") or {}
    prefix_list = request.get("prefixListId") or answered.get("prefixListId")
    if not isinstance(prefix_list, str) or not re.fullmatch(r"pl-[0-9a-f]+", prefix_list):  # a filter knows wildcards
        return []
    added = [entry.get("cidr") for spelled in ("addEntry", "addEntries", "addEntrySet") for entry in items_of(request.get(spelled))]
    if not any(isinstance(cidr, str) and is_half_of_world(cidr) for cidr in added) and not _has_world(prefix_list, request.get("previousVersion")):
        raise NothingLeft("the prefix list has no block on it that is all the world, or half of it")
    filters: Any = [{"Name": "ip-permission.prefix-list-id", "Values": [prefix_list]}]
    pages = aws("ec2").get_paginator("describe_security_groups").paginate(Filters=filters)
    if groups := [group["GroupId"] for page in pages for group in page["SecurityGroups"]]:
        return groups
    raise NothingLeft("no security group has an inbound rule for the prefix list")


def _has_world(prefix_list: str, version: object = None) -> bool:
    """Tell whether half of the internet or more is on a prefix list, now or in one of its versions.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetManagedPrefixListEntries.html
    """
    asked: Any = {"TargetVersion": version} if isinstance(version, int) else {}
    try:
        pages = list(aws("ec2").get_paginator("get_managed_prefix_list_entries").paginate(PrefixListId=prefix_list, **asked))
    except ClientError as error:
        if code_of(error) not in _NO_SUCH_LIST:
            raise
        return False
    return any(is_half_of_world(entry.get("Cidr", "")) for page in pages for entry in page["Entries"])


def _reaches(rule: Rule, ports: Collection[int]) -> bool:
    match rule["IpProtocol"]:
        case "-1":
            return True
        case protocol:
            return protocol in _WITH_PORTS and any(rule["FromPort"] <= port <= rule["ToPort"] for port in ports)


def high_risk(group_id: str) -> str:
    """Return a sentence about the high-risk ports that the group opens to any address; nothing if it opens none."""
    rules = ingress_rules(group_id)
    ports = [port for port in HIGH_RISK if any(is_open_to_world(rule, [port]) for rule in rules)]
    if not ports:
        return ""
    return f"AdminPorts is not open, but high-risk ports are, to any address: {', '.join(map(str, ports))}. Close them, or suppress the finding"


_SERVES: Final = frozenset({"network_load_balancer", "vpc_endpoint", "branch"})
"""Types of interfaces at which a service listens that AWS or a task of one's own offers, never a machine that somebody signs in to."""

_SERVES_BY_WORDS: Final = re.compile(r"ELB (?!app/)|VPC Endpoint Interface|arn:[\w-]+:ecs:")
"""How the descriptions of others begin: of Classic load balancers, older endpoints and tasks of ECS. An application load balancer speaks HTTP only."""


def who_needs_admin_ports(group_id: str) -> str:
    """Return, for people, what offers a service at an administration port through the group, or is only there for minutes; nothing if nobody is known to.

    An SFTP server of AWS Transfer Family is an endpoint in the VPC, or stands behind a load balancer
    (https://docs.aws.amazon.com/transfer/latest/userguide/create-server-in-vpc.html); AWS makes and marks the interfaces of both
    (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html). Packer builds an image over SSH through a group of its own, which it
    opens to the world unless it is told otherwise, and deletes at the end; it says so in the group's name and description, which nobody can change.
    """
    group = the_one(aws("ec2").describe_security_groups(GroupIds=[group_id])["SecurityGroups"])
    if group["GroupName"].startswith("packer_") and group["Description"] == "Temporary group for Packer":
        return "Packer builds an image through it, and deletes it at the end"
    pages = aws("ec2").get_paginator("describe_network_interfaces").paginate(Filters=[{"Name": "group-id", "Values": [group_id]}])
    for interface in (one for page in pages for one in page["NetworkInterfaces"]):
        if interface["RequesterManaged"] and (interface["InterfaceType"] in _SERVES or _SERVES_BY_WORDS.match(interface.get("Description", ""))):
            return f"a service may be offered through it: it is the group of {interface['NetworkInterfaceId']} ({interface['InterfaceType']})"
    return ""


def revoke(group_id: str, rules: Sequence[Rule]) -> None:
    """Revoke exactly those rules, inbound and outbound; those that are gone meanwhile or that AWS refuses keep none of the others.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html
    """
    inbound = [rule["SecurityGroupRuleId"] for rule in rules if "IsEgress" not in rule]
    outbound = [rule["SecurityGroupRuleId"] for rule in rules if "IsEgress" in rule]
    sides = [(aws("ec2").revoke_security_group_ingress, inbound), (aws("ec2").revoke_security_group_egress, outbound)]
    try_each([side for side in sides if side[1]], lambda side: _revoke(side[0], group_id, side[1]))


def grant(group_id: str, rules: Sequence[Rule]) -> None:
    """Grant rules as they were, with descriptions and tags; one that AWS refuses does not keep back the others.

    A rule that is there again already is left as it is. Refused is one for a group that is gone.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html
    """

    def grant_one(rule: Rule) -> None:  # one call tags all its rules alike, so each rule has its own
        tagged: Any = {"TagSpecifications": [{"ResourceType": "security-group-rule", "Tags": rule["Tags"]}]} if "Tags" in rule else {}
        authorize = aws("ec2").authorize_security_group_egress if "IsEgress" in rule else aws("ec2").authorize_security_group_ingress
        try:
            authorize(GroupId=group_id, IpPermissions=[_permission(rule)], **tagged)
        except ClientError as error:
            if code_of(error) != "InvalidPermission.Duplicate":
                raise

    try_each(rules, grant_one)


def named_group(record: Mapping[str, Any]) -> list[str]:
    """Return the security groups that a CloudTrail record of AuthorizeSecurityGroupIngress and its like (Egress, Revoke) names.

    The id stands in the request or the answer. A group of the default VPC may be named by its name alone; then all groups of that name are returned, and the
    live rules decide.
    """
    request = record.get("requestParameters") or {}
    if request.get("groupId"):
        return [request["groupId"]]
    granted = ((record.get("responseElements") or {}).get("securityGroupRuleSet") or {}).get("items") or []
    if ids := [rule["groupId"] for rule in granted if rule.get("groupId")]:
        return ids
    if not request.get("groupName"):
        return []
    groups = aws("ec2").describe_security_groups(Filters=[{"Name": "group-name", "Values": [request["groupName"]]}])
    return [group["GroupId"] for group in groups["SecurityGroups"]]


def opened_rules(record: Mapping[str, Any]) -> list[Rule]:
    """Return the inbound rules that a record of AuthorizeSecurityGroupIngress or ModifySecurityGroupRules says it made: protocol, ports and addresses of each.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
    """
    request = request_of(record)
    if "securityGroupRule" in request:  # ModifySecurityGroupRules
        changed = items_of(request["securityGroupRule"])
        return [
            {**_rule(new, new.get("cidrIpv4"), new.get("cidrIpv6")), "SecurityGroupRuleId": one.get("securityGroupRuleId")}
            for one in changed
            for new in items_of(one.get("securityGroupRule"))
        ]
    permissions = [*items_of(request.get("ipPermissions")), *([request] if request.get("ipProtocol") else [])]
    return [
        _rule(one, source.get("cidrIp"), source.get("cidrIpv6"))
        for one in permissions
        for source in [*items_of(one.get("ipRanges")), *items_of(one.get("ipv6Ranges")), *([one] if one.get("cidrIp") else [])]
    ]


_PROTOCOLS: Final = {"6": "tcp", "17": "udp"}
"""Numbers in requests -> what EC2 makes of them (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html)."""


def _rule(given: Mapping[str, Any], cidr: object, cidr_of_ipv6: object) -> Rule:
    protocol = str(given.get("ipProtocol", "-1"))
    ports = {part: given[key] for part, key in (("FromPort", "fromPort"), ("ToPort", "toPort")) if isinstance(given.get(key), int)}
    cidrs = {part: one for part, one in (("CidrIpv4", cidr), ("CidrIpv6", cidr_of_ipv6)) if isinstance(one, str) and one}
    return {"IpProtocol": _PROTOCOLS.get(protocol, protocol), **(ports if protocol != "-1" else {}), **cidrs}


RULES_CHANGED: Final[NamedBy] = {
    **dict.fromkeys(("AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress"), named_group),
    "ModifySecurityGroupRules": "requestParameters.groupId",
}
"""The entries of `named_by` for every call that changes a group's rules, in whichever direction."""


def _revoke(revoke: Callable[..., object], group_id: str, ids: Sequence[str]) -> None:
    """Revoke rules by their ids. AWS revokes none of them if it refuses one: then each is revoked by itself. Raises if all of them are gone."""
    gone: list[ClientError] = []

    def revoke_some(some: Sequence[str]) -> None:
        try:
            revoke(GroupId=group_id, SecurityGroupRuleIds=some)
        except ClientError as error:
            if code_of(error) not in _NO_SUCH_RULE or some == ids:
                raise
            gone.append(error)

    all_or_each(ids, revoke_some)
    if len(gone) == len(ids):
        raise gone[0]


def _as_evidence(rule: Mapping[str, Any]) -> Rule:
    """Return what it takes to revoke the rule and to grant it again. Only outbound rules have IsEgress; tags of AWS's own cannot be granted."""
    always = ("SecurityGroupRuleId", "IpProtocol", *(("FromPort", "ToPort") if rule["IpProtocol"] in _WITH_PORTS else ()))
    parts = {**{part: rule[part] for part in always}, **{part: rule[part] for part in _PARTS if rule.get(part) not in (None, "")}}
    if not any(side in rule for side in _OTHER_SIDES):
        raise IncompleteAnswer(f"AWS's answer to ec2:DescribeSecurityGroupRules says of {rule['SecurityGroupRuleId']} neither {' nor '.join(_OTHER_SIDES)}")
    if tags := given_by_people(rule.get("Tags", [])):
        parts["Tags"] = tags
    if reference := rule.get("ReferencedGroupInfo"):
        parts["ReferencedGroupInfo"] = {part: reference[part] for part in _REFERENCE if reference.get(part)}
    return {**parts, "IsEgress": True} if rule["IsEgress"] else parts


def _permission(rule: Rule) -> Any:  # noqa: ANN401 - an IpPermission
    ports = {port: rule[port] for port in ("FromPort", "ToPort") if port in rule and rule["IpProtocol"] != "-1"}
    described = {"Description": rule["Description"]} if "Description" in rule else {}
    match rule:
        case {"CidrIpv4": cidr}:
            other_side = {"IpRanges": [{"CidrIp": cidr, **described}]}
        case {"CidrIpv6": cidr}:
            other_side = {"Ipv6Ranges": [{"CidrIpv6": cidr, **described}]}
        case {"PrefixListId": prefix_list}:
            other_side = {"PrefixListIds": [{"PrefixListId": prefix_list, **described}]}
        case _:
            other_side = {"UserIdGroupPairs": [{**rule["ReferencedGroupInfo"], **described}]}
    return {"IpProtocol": rule["IpProtocol"], **ports, **other_side}
