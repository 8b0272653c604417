"""Everything of Elastic Load Balancing's types, by ARN."""

from collections.abc import Iterator, Mapping
from typing import Final

from snapback.elbv2.load_balancers import listeners
from snapback.engine.clients import aws
from snapback.engine.listing import Lister, each


def load_balancers() -> Iterator[str]:
    """Yield all application, network and gateway load balancers.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancers.html
    """
    return each(aws("elbv2"), "describe_load_balancers", "LoadBalancers", "LoadBalancerArn")


def all_listeners() -> Iterator[str]:
    """Yield all their listeners, which ELB lists by load balancer only."""
    return (listener["ListenerArn"] for load_balancer in load_balancers() for listener in listeners(load_balancer))


ALL: Final[Mapping[str, Lister]] = {
    "AWS::ElasticLoadBalancingV2::Listener": all_listeners,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": load_balancers,
}
