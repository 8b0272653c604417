"""Revoke security group rules that open SSH or RDP to the whole internet.

Problem: The internet can reach an administration port. Severity: high.

Why it matters: an administration port that anyone can reach is found by scanners within minutes.

Wrong when: an inbound rule lets 0.0.0.0/0, ::/0 or half of all public addresses (0.0.0.0/1, 2000::/4: two such rules are the world) reach a port of
AdminPorts, alone, in a range, or as "all traffic"; or lets a prefix list that has such a block, also if the list gets it later.
Fix: revokes exactly those rules. Undo grants them again with their descriptions and tags; AWS gives them new rule ids, and nobody can give the tags that
begin with aws:.
Leaves alone: every other rule of the group, rules for other groups, protocols without ports, outbound rules, and prefix lists themselves: what another
account puts on a list that it shares is not heard here, until the group is looked at again.
Reported only: other high-risk ports that are open, where Security Hub (EC2.19) or Config (restricted-common-ports) finds fault with the group.
At once, because a former version of a prefix list (RestoreManagedPrefixListVersion) is nothing that a pipeline goes on making.
Told once: such a rule was there, for a moment only, and somebody else has taken that back before Snapback looked.
Class: safe for a rule that is for AdminPorts alone, because through it strangers come to administer and no service is offered; disruptive for one that opens
more (a range, "all traffic"): load balancers, media servers and domain controllers may be served by it. Of a group that has both, the first kind goes at
once. Disruptive as well where something is known to need that port: a network or Classic load balancer, a VPC endpoint (AWS Transfer Family's SFTP) or a task
has the group, or it is Packer's own for the minutes of a build. An SFTP or Git server on an instance looks like any other: exempt its group first, also when a
stack makes one for a load balancer that is not there yet, or give Packer its temporary_security_group_source_cidrs.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Remediation, settings
from snapback.ec2.network import (
    Rule,
    all_rules,
    await_lists,
    grant,
    groups_of_a_list,
    high_risk,
    ingress_rules,
    is_open_by_a_list,
    is_open_to_world,
    named_group,
    opened_rules,
    revoke,
    who_needs_admin_ports,
)


def violation(group_id: str) -> Sequence[Rule]:
    """Return the rules through which anyone can reach an administration port; with those for such ports alone, what is known to need them."""
    ports = settings.numbers("ADMIN_PORTS")
    rules = ingress_rules(group_id)
    wrong = [rule for rule in rules if is_open_to_world(rule, ports) or is_open_by_a_list(rule, ports)]
    if not wrong:
        await_lists(rules, ports)
    if all(opens_more(rule) for rule in wrong):
        return wrong
    needed = who_needs_admin_ports(group_id)
    return [{**rule, "NeededBy": needed} if needed and not opens_more(rule) else rule for rule in wrong]


def opened(record: Mapping[str, Any]) -> Sequence[Rule]:
    """Return such rules that a call has made."""
    complete = [rule for rule in opened_rules(record) if rule["IpProtocol"] == "-1" or {"FromPort", "ToPort"} <= rule.keys()]
    return [rule for rule in complete if is_open_to_world(rule, settings.numbers("ADMIN_PORTS"))]


def shut(group_id: str, rules: Sequence[Rule]) -> Sequence[Rule]:
    """Leave out outbound rules: a call that modifies rules names them by their ids, and does not say which way each leads."""
    if not any("SecurityGroupRuleId" in rule for rule in rules):
        return rules
    outbound = {rule["SecurityGroupRuleId"] for rule in all_rules(group_id) if "IsEgress" in rule}
    return [rule for rule in rules if rule.get("SecurityGroupRuleId") not in outbound]


def is_needed(rule: Rule, _: object) -> bool:
    """Tell whether something that works may need the rule: it opens more than administration ports, or somebody is known to need those."""
    return "NeededBy" in rule or opens_more(rule)


def opens_more(rule: Rule) -> bool:
    """Tell whether the rule opens more than administration ports."""
    return rule["IpProtocol"] == "-1" or not settings.numbers("ADMIN_PORTS").issuperset(range(rule["FromPort"], rule["ToPort"] + 1))


def fix(group_id: str, rules: Sequence[Rule]) -> None:
    """Revoke exactly those rules."""
    revoke(group_id, rules)


def undo(group_id: str, rules: Sequence[Rule]) -> None:
    """Grant the rules again as they were."""
    grant(group_id, rules)


remediation = Remediation(
    resource="AWS::EC2::SecurityGroup",
    named_by={
        "AuthorizeSecurityGroupIngress": named_group,
        "ModifySecurityGroupRules": "requestParameters.groupId",
        **dict.fromkeys(("ModifyManagedPrefixList", "RestoreManagedPrefixListVersion"), groups_of_a_list),
    },
    violation=violation,
    fix=fix,
    undo=undo,
    opened=opened,
    shut=shut,
    disruptive=is_needed,
    also_shut_by=["empty-default-security-group"],
    wider=dict.fromkeys(("Security Hub EC2.19", "Config rule restricted-common-ports", "Config rule securityhub-vpc-sg-restricted-common-ports"), high_risk),
)
handler = remediation.handler
