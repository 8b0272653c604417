"""Load balancers to break, in moto: it carries their attributes, listeners and rules state for state, but for what tells their kinds apart.

The ARN says the kind, and a gateway's listener has neither protocol nor port; moto says `app` of each, and gives the listener an empty protocol.
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
"""

from typing import Any

import boto3
from moto.elbv2.models import ELBv2Backend

_create, _create_listener = ELBv2Backend.create_load_balancer, ELBv2Backend.create_listener
_KINDS = {"network": "net", "gateway": "gwy"}


def as_on_aws() -> None:
    """Let a load balancer's ARN say its kind, and a gateway's listener have neither protocol nor port."""
    ELBv2Backend.create_load_balancer = _create_by_kind  # type: ignore[method-assign,assignment]  # in the place of moto's own
    ELBv2Backend.create_listener = _create_without_protocol  # type: ignore[method-assign,assignment]


def _create_by_kind(backend: Any, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - moto's
    made = _create(backend, *given, **named)
    if made.type in _KINDS:
        del backend.load_balancers[made.arn]
        made.arn = made.arn.replace(":loadbalancer/app/", f":loadbalancer/{_KINDS[made.type]}/")
        backend.load_balancers[made.arn] = made
    return made


def _create_without_protocol(backend: Any, load_balancer_arn: str, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - moto's
    made = _create_listener(backend, load_balancer_arn, *given, **named)
    if ":loadbalancer/gwy/" in load_balancer_arn:
        vars(made).update(protocol=None, port=None)
    return made


def load_balancer(name: str, kind: str = "application", scheme: str = "internet-facing") -> str:
    """Make a load balancer in the default network; return its ARN."""
    subnets = [subnet["SubnetId"] for subnet in boto3.client("ec2").describe_subnets()["Subnets"][:2]]
    made = boto3.client("elbv2").create_load_balancer(Name=name, Subnets=subnets, Type=kind, Scheme=scheme, Tags=[{"Key": "team", "Value": "blue"}])
    return str(made["LoadBalancers"][0]["LoadBalancerArn"])


def set_attributes(arn: str, **values: str) -> None:
    """Set attributes, whose names are spelled with `__` for a dot."""
    wanted: Any = [{"Key": key.replace("__", "."), "Value": value} for key, value in values.items()]
    boto3.client("elbv2").modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=wanted)


def attributes(arn: str) -> dict[str, str]:
    return {one["Key"]: one["Value"] for one in boto3.client("elbv2").describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]}


def tags(arn: str) -> Any:  # noqa: ANN401 - AWS's tags
    return boto3.client("elbv2").describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]


def target_group(name: str) -> str:
    """Make a target group in the default network; return its ARN."""
    vpc = boto3.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    made = boto3.client("elbv2").create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=vpc)
    return str(made["TargetGroups"][0]["TargetGroupArn"])


def gateway(name: str) -> tuple[str, str]:
    """Make a gateway load balancer with its one listener; return their ARNs."""
    client = boto3.client("elbv2")
    network = boto3.client("ec2").describe_subnets()["Subnets"][0]
    arn = client.create_load_balancer(Name=name, Type="gateway", Subnets=[network["SubnetId"]])["LoadBalancers"][0]["LoadBalancerArn"]
    group = client.create_target_group(Name=name, Protocol="GENEVE", Port=6081, VpcId=network["VpcId"])["TargetGroups"][0]["TargetGroupArn"]
    made = client.create_listener(LoadBalancerArn=arn, DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])
    return arn, made["Listeners"][0]["ListenerArn"]


def certificate() -> str:
    return str(boto3.client("acm").request_certificate(DomainName="www.example.com")["CertificateArn"])


def forward(group: str) -> Any:  # noqa: ANN401 - AWS's actions
    """Return the action that forwards to the group, as AWS describes it."""
    config = {"TargetGroups": [{"TargetGroupArn": group, "Weight": 1}], "TargetGroupStickinessConfig": {"Enabled": False}}
    return {"Type": "forward", "TargetGroupArn": group, "Order": 1, "ForwardConfig": config}


def listener(arn: str, protocol: str, port: int, *actions: Any, **more: Any) -> str:  # noqa: ANN401
    """Make a listener; return its ARN."""
    made = boto3.client("elbv2").create_listener(LoadBalancerArn=arn, Protocol=protocol, Port=port, DefaultActions=list(actions), **more)
    return str(made["Listeners"][0]["ListenerArn"])


def listeners(arn: str) -> list[Any]:
    return list(boto3.client("elbv2").describe_listeners(LoadBalancerArn=arn)["Listeners"])
