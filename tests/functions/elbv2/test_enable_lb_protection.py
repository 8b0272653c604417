"""enable_lb_protection: one attribute of every kind of load balancer, and nothing of Classic ones."""

import copy
from typing import Any

import boto3
import pytest

from functions.elbv2.enable_lb_protection import remediation
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.elbv2.load_balancers import attributes, load_balancer, set_attributes, tags
from tests.harness.rules import rules
from tests.harness.scenario import Scenario

SAMPLE = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/web/0123456789abcdef"


def broken() -> str:
    load_balancer("neighbour")
    arn = load_balancer("web")
    set_attributes(arn, idle_timeout__timeout_seconds="120")
    return arn


def state(arn: str) -> dict[str, Any]:
    own = attributes(arn)
    others = [one for one in boto3.client("elbv2").describe_load_balancers()["LoadBalancers"] if one["LoadBalancerArn"] != arn]
    protection = own.pop("deletion_protection.enabled")
    return {"protection": protection, "attributes": own, "tags": tags(arn), "others": [attributes(one["LoadBalancerArn"]) for one in others]}


scenario = Scenario(sample=SAMPLE, broken=broken, state=state, touched=frozenset({"protection"}), environment={})


def sample(name: str = "enable_lb_protection", arn: str = SAMPLE) -> dict[str, Any]:
    return scenario.event(Handler("elbv2", "enable_lb_protection").samples[name], arn)


@pytest.mark.parametrize("kind", ["application", "network", "gateway"])
def test_every_kind_is_protected(account: Account, kind: str) -> None:
    arn = load_balancer("web", kind)
    assert account.deliver(remediation, sample(arn=arn)) == ["FIXED"]
    assert attributes(arn)["deletion_protection.enabled"] == "true"


@pytest.mark.parametrize("name", ["enable_lb_protection", "enable_lb_protection-modify"])
def test_a_call_of_the_same_name_for_a_classic_load_balancer_wakes_nobody(name: str) -> None:
    """What tells them apart is the version of the API (https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/ELB-API-Logs.html)."""
    event = copy.deepcopy(sample(name))
    event["detail"] |= {
        "apiVersion": "2012-06-01",
        "requestParameters": {"loadBalancerName": "web", "listeners": [{"protocol": "HTTP", "loadBalancerPort": 80, "instancePort": 80}]},
        "responseElements": {"dNSName": "web-1836718677.us-east-1.elb.amazonaws.com"},
    }
    assert any(rule.matches(sample(name)) for rule in rules())
    assert not any(rule.matches(event) for rule in rules())


def test_a_load_balancer_that_is_gone_is_an_outcome(account: Account) -> None:
    assert account.deliver(remediation, sample()) == ["GONE"]
