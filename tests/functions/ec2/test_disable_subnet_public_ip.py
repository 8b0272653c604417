"""disable_subnet_public_ip: the one switch of the subnet goes off, its others and its neighbours stay."""

import json
from typing import Any

import boto3
import pytest

from functions.ec2.disable_subnet_public_ip import remediation
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.scenario import Scenario

SAMPLE = "subnet-0123456789abcdef0"


def subnet(*, public: bool) -> str:
    ec2 = boto3.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    ec2.modify_subnet_attribute(SubnetId=made, MapPublicIpOnLaunch={"Value": public})
    return made


def broken() -> str:
    subnet(public=True)
    return subnet(public=True)


def state(subnet_id: str) -> dict[str, Any]:
    subnets = {found["SubnetId"]: found for found in boto3.client("ec2").describe_subnets()["Subnets"]}
    own = dict(subnets.pop(subnet_id))
    return {"public": own.pop("MapPublicIpOnLaunch"), "everything else of it": own, "other subnets": subnets}


def vpc_of(subnet_id: str) -> dict[str, str]:
    return {"vpc-0fedcba9876543210": boto3.client("ec2").describe_subnets(SubnetIds=[subnet_id])["Subnets"][0]["VpcId"]}


scenario = Scenario(sample=SAMPLE, broken=broken, state=state, touched=frozenset({"public"}), environment={}, also_named=vpc_of)


def test_a_default_subnet_gives_no_public_addresses_either(account: Account) -> None:
    [default, *_] = [found["SubnetId"] for found in boto3.client("ec2").describe_subnets()["Subnets"] if found["DefaultForAz"]]
    sample = Handler("ec2", "disable_subnet_public_ip").samples["disable_subnet_public_ip-default"]
    boto3.client("ec2").modify_subnet_attribute(SubnetId=default, MapPublicIpOnLaunch={"Value": True})
    assert account.deliver(remediation, scenario.event(sample, default)) == ["FIXED"]


def test_a_change_of_another_attribute_or_a_private_subnet_needs_no_fix(account: Account) -> None:
    sample = Handler("ec2", "disable_subnet_public_ip").samples["disable_subnet_public_ip"]
    text = json.dumps(sample).replace("mapPublicIpOnLaunch", "assignIpv6AddressOnCreation")
    assert account.deliver(remediation, scenario.event(json.loads(text), subnet(public=False))) == ["ALREADY_OK"]
    assert account.writes == []


@pytest.mark.parametrize("answer", ["subnet", "CreateDefaultSubnetResponse"])
def test_a_new_default_subnet_is_found_in_both_forms_of_the_answer(account: Account, answer: str) -> None:
    sample = Handler("ec2", "disable_subnet_public_ip").samples["disable_subnet_public_ip-default"]
    made = sample["detail"]["responseElements"]["CreateDefaultSubnetResponse"]["subnet"]
    sample["detail"]["responseElements"] = {"subnet": made} if answer == "subnet" else {answer: {"subnet": made}}
    assert account.deliver(remediation, scenario.event(sample, broken())) == ["FIXED"]


def test_a_subnet_that_is_gone_is_an_outcome(account: Account) -> None:
    assert account.deliver(remediation, Handler("ec2", "disable_subnet_public_ip").samples["disable_subnet_public_ip"]) == ["GONE"]
