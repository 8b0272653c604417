"""Close doors that are open to the world.

Several items, each put right by a call of its own; nothing but the list of open doors tells what it was before.
"""

from collections.abc import Iterable, Mapping

from snapback import Remediation
from snapback.engine.clients import aws


def violation(group: str) -> list[Mapping[str, str]]:
    found = aws("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    return [{"Door": rule["SecurityGroupRuleId"]} for rule in found]


def fix(group: str, doors: Iterable[Mapping[str, str]]) -> None:
    for door in doors:
        aws("ec2").revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=[door["Door"]])


def undo(group: str, doors: Iterable[Mapping[str, str]]) -> None:
    already = violation(group)
    for door in doors:
        if door not in already:
            aws("ec2").authorize_security_group_ingress(GroupId=group, SourceSecurityGroupName=door["Door"])


remediation = Remediation(resource="AWS::EC2::SecurityGroup", named_by={"Door Opened": "name"}, violation=violation, fix=fix, undo=undo)
