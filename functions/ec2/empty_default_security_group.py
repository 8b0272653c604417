"""Take all rules away from a VPC's default security group.

Problem: A default security group has rules. Severity: high.

Why it matters: whatever is launched without naming a group lands in this one, and with its first rules it may talk to all others there, and to the internet.

Wrong when: the security group named default has any rule, inbound or outbound.
Fix: revokes them all. Undo grants them again with their descriptions and tags; AWS gives them new rule ids, and nobody can give the tags that begin with aws:.
Leaves alone: every other group, and which instances are in this one.
Class: disruptive, because instances that have no other group lose every connection.
"""

from collections.abc import Sequence

from snapback import Remediation
from snapback.ec2.network import RULES_CHANGED, Rule, all_rules, default_group, grant, is_default, revoke


def violation(group_id: str) -> Sequence[Rule]:
    """Return all rules of the group, if it is a default one."""
    return all_rules(group_id) if is_default(group_id) else []


def fix(group_id: str, rules: Sequence[Rule]) -> None:
    """Revoke them."""
    revoke(group_id, rules)


def undo(group_id: str, rules: Sequence[Rule]) -> None:
    """Grant the rules again as they were."""
    grant(group_id, rules)


remediation = Remediation(
    resource="AWS::EC2::SecurityGroup",
    named_by={**RULES_CHANGED, **dict.fromkeys(("CreateDefaultVpc", "CreateVpc"), "responseElements.vpc.vpcId")},
    settles=("CreateDefaultVpc", "CreateVpc"),
    violation=violation,
    fix=fix,
    undo=undo,
    resolve=default_group,
    disruptive=True,
)
handler = remediation.handler
