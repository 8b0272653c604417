"""associate_web_acl: the baseline for whoever has nothing, and nobody's web ACL is replaced or taken away."""

from typing import Any

import boto3
import pytest

from functions.wafv2.associate_web_acl import remediation
from tests.harness.account import Account, ApiCall, error
from tests.harness.discovery import Handler
from tests.harness.elbv2.load_balancers import attributes, load_balancer, tags
from tests.harness.rules import rules
from tests.harness.scenario import ACCOUNT, REGION, Scenario

SAMPLE = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/web/0123456789abcdef"
BASELINE = f"arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/webacl/baseline/11111111-1111-1111-1111-111111111111"
SETTINGS = {"BASELINE_WEB_ACL_ARN": BASELINE}


def web_acl(name: str) -> str:
    visibility: Any = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": False, "MetricName": name}
    made = boto3.client("wafv2").create_web_acl(Name=name, Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=visibility)
    return made["Summary"]["ARN"]


def baseline() -> str:
    """Make the web ACL of the parameter; moto chooses ids of its own, so it is told this one."""
    from moto.wafv2.models import wafv2_backends  # noqa: PLC0415 - where moto keeps them

    acls = wafv2_backends[ACCOUNT][REGION].wacls
    acl = acls.pop(web_acl("baseline"))
    acl.arn = BASELINE
    acls[BASELINE] = acl
    return BASELINE


def web_acl_of(arn: str) -> str | None:
    found = boto3.client("wafv2").get_web_acl_for_resource(ResourceArn=arn).get("WebACL")
    return found["ARN"] if found else None


def broken() -> str:
    baseline()
    neighbour = load_balancer("neighbour")
    boto3.client("wafv2").associate_web_acl(WebACLArn=web_acl("theirs"), ResourceArn=neighbour)
    return load_balancer("web")


def state(arn: str) -> dict[str, Any]:
    others = [one["LoadBalancerArn"] for one in boto3.client("elbv2").describe_load_balancers()["LoadBalancers"] if one["LoadBalancerArn"] != arn]
    return {"web acl": web_acl_of(arn), "attributes": attributes(arn), "tags": tags(arn), "others": [web_acl_of(one) for one in others]}


scenario = Scenario(sample=SAMPLE, broken=broken, state=state, touched=frozenset({"web acl"}), environment=SETTINGS)


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


def sample(arn: str = SAMPLE, name: str = "associate_web_acl", *, event_id: str = "") -> dict[str, Any]:
    return scenario.event(Handler("wafv2", "associate_web_acl").samples[name], arn, event_id=event_id)


def wakes(event: dict[str, Any]) -> bool:
    return any(rule.function == "AssociateWebAcl" and rule.matches(event) for rule in rules())


@pytest.mark.parametrize(("kind", "scheme"), [("application", "internal"), ("network", "internet-facing"), ("gateway", "internet-facing")])
def test_what_is_not_public_or_cannot_have_a_web_acl_is_left_alone(account: Account, kind: str, scheme: str) -> None:
    baseline()
    assert account.deliver(remediation, sample(load_balancer("web", kind, scheme))) == ["ALREADY_OK"]


def test_another_web_acl_is_as_right_and_stays(account: Account) -> None:
    broken()
    [neighbour] = [one["LoadBalancerArn"] for one in boto3.client("elbv2").describe_load_balancers()["LoadBalancers"] if "neighbour" in one["LoadBalancerArn"]]
    assert account.deliver(remediation, sample(neighbour)) == ["ALREADY_OK"]
    assert account.writes == []


def test_without_a_baseline_it_is_told_and_nothing_is_changed(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASELINE_WEB_ACL_ARN", "")
    arn = broken()
    assert account.deliver(remediation, sample(arn)) == ["REPORTED"]
    assert "BaselineWebAclArn" in account.alerts()[0]["reason"]
    assert account.writes == []


def test_an_undo_leaves_a_web_acl_that_somebody_else_has_put_there_since(account: Account) -> None:
    arn = broken()
    account.deliver(remediation, sample(arn))
    theirs = web_acl("chosen")
    boto3.client("wafv2").disassociate_web_acl(ResourceArn=arn)
    boto3.client("wafv2").associate_web_acl(WebACLArn=theirs, ResourceArn=arn)
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDO_REFUSED"
    remediation.undo and remediation.undo(arn, [{"WebACLArn": BASELINE}])
    assert web_acl_of(arn) == theirs


def test_a_load_balancer_that_waf_does_not_know_yet_is_tried_again(account: Account) -> None:
    arn, tries = broken(), 0

    def unknown_at_first(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401
        nonlocal tries
        if call.operation == "AssociateWebACL" and (tries := tries + 1) == 1:
            raise error("WAFUnavailableEntityException", 400, call.operation)
        return really()

    with account.interfered(unknown_at_first):
        assert account.deliver(remediation, sample(arn)) == ["FIXED"]
    assert web_acl_of(arn) == BASELINE


@pytest.mark.parametrize(
    "other", ["arn:aws:apigateway:us-east-1::/restapis/a1b2c3/stages/live", "arn:aws:cognito-idp:us-east-1:111122223333:userpool/us-east-1_a"]
)
def test_a_web_acl_taken_from_something_else_wakes_nobody(other: str) -> None:
    assert wakes(sample())
    assert not wakes(sample(other))


def test_a_new_classic_load_balancer_wakes_nobody() -> None:
    event = sample(name="associate_web_acl-create")
    assert wakes(event)
    event["detail"] |= {"apiVersion": "2012-06-01", "responseElements": {"dNSName": "web-1.us-east-1.elb.amazonaws.com"}}
    assert not wakes(event)


def test_a_load_balancer_that_is_gone_is_an_outcome(account: Account) -> None:
    assert account.deliver(remediation, sample()) == ["GONE"]
