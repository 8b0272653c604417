"""restrict_endpoint_service: the principal `*` goes, principals that were named stay."""

from typing import Any

import boto3
import pytest

from functions.ec2.restrict_endpoint_service import remediation
from tests.harness.account import Account, paged
from tests.harness.discovery import Handler
from tests.harness.ec2.records import without_wrappers
from tests.harness.scenario import Scenario

NAMED = [f"arn:aws:iam::22223333444{number}:root" for number in range(3)]


def broken() -> str:
    ec2, elb = boto3.client("ec2"), boto3.client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone="us-east-1a")["Subnet"]["SubnetId"]
    balancer = elb.create_load_balancer(Name="of-a-test", Subnets=[subnet], Scheme="internal", Type="network")["LoadBalancers"][0]["LoadBalancerArn"]
    made = ec2.create_vpc_endpoint_service_configuration(NetworkLoadBalancerArns=[balancer], AcceptanceRequired=False)
    service = made["ServiceConfiguration"]["ServiceId"]
    ec2.modify_vpc_endpoint_service_permissions(ServiceId=service, AddAllowedPrincipals=["*", *NAMED])
    return service


def state(service: str) -> dict[str, Any]:
    ec2 = boto3.client("ec2")
    principals = [one["Principal"] for one in ec2.describe_vpc_endpoint_service_permissions(ServiceId=service)["AllowedPrincipals"]]
    [made] = ec2.describe_vpc_endpoint_service_configurations(ServiceIds=[service])["ServiceConfigurations"]
    return {"everybody": "*" in principals, "others": sorted(set(principals) - {"*"}), "acceptance": made["AcceptanceRequired"]}


scenario = Scenario(sample="vpce-svc-0123456789abcdef0", broken=broken, state=state, touched=frozenset({"everybody"}), environment={})


def event(service: str) -> dict[str, Any]:
    return scenario.event(Handler("ec2", "restrict_endpoint_service").samples["restrict_endpoint_service"], service)


@pytest.mark.usefixtures("account")
def test_principals_that_are_named_are_right() -> None:
    service = broken()
    boto3.client("ec2").modify_vpc_endpoint_service_permissions(ServiceId=service, RemoveAllowedPrincipals=["*"])
    assert remediation.violation(service) == []


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_principal_is_found_on_whichever_page_it_stands(account: Account, size: int) -> None:
    service = broken()
    with account.interfered(paged("DescribeVpcEndpointServicePermissions", "AllowedPrincipals", size)):
        assert account.deliver(remediation, event(service)) == ["FIXED"]


def test_several_principals_added_at_once_are_read_too(account: Account) -> None:
    """CloudTrail writes one of them as an object and several as a list."""
    service = broken()
    several = event(service)
    request = several["detail"]["requestParameters"]["ModifyVpcEndpointServicePermissionsRequest"]
    request["AddAllowedPrincipals"] = [{"tag": 1, "content": "*"}, {"tag": 2, "content": NAMED[0]}]
    assert account.deliver(remediation, several) == ["FIXED"]


def test_a_service_that_is_gone_is_an_outcome(account: Account) -> None:
    assert account.deliver(remediation, event("vpce-svc-0123456789abcdef0")) == ["GONE"]


@pytest.mark.parametrize("sample", ["restrict_endpoint_service"])
def test_a_record_without_the_wrapper_is_read_too(account: Account, sample: str) -> None:
    record = without_wrappers(scenario.event(Handler("ec2", "restrict_endpoint_service").samples[sample], broken()))
    assert account.deliver(remediation, record) == ["FIXED"]
