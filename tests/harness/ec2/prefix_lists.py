"""Asking EC2 for the security groups with an inbound rule for a prefix list, for which moto has no filter.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html
"""

from typing import Any

from moto.ec2.models.security_groups import SecurityGroup


def as_on_aws() -> None:
    """Let moto know groups by the prefix lists of their inbound rules."""
    group: Any = SecurityGroup
    group.filter_ip_permission__prefix_list_id = _has_rule_for


def _has_rule_for(group: Any, lists: list[str]) -> bool:  # noqa: ANN401 - moto's
    return any(rule.prefix_list_id in lists for rule in group.ingress_rules)
