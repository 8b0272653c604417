"""Load balancers to break, in moto: it carries their attributes, listeners and rules state for state."""

from typing import Any

import boto3


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
