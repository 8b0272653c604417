"""require_tls12: what a policy allows, ELB itself says; the listener keeps everything else."""

from typing import Any

import boto3
import pytest

from functions.elbv2.require_tls12 import remediation
from tests.harness.account import Account, ApiCall
from tests.harness.discovery import Handler
from tests.harness.elbv2 import load_balancers
from tests.harness.elbv2.load_balancers import certificate, forward, gateway, listener, listeners, load_balancer, target_group
from tests.harness.scenario import Scenario

load_balancers.as_on_aws()

SAMPLE = "arn:aws:elasticloadbalancing:us-east-1:111122223333:listener/app/web/0123456789abcdef/fedcba9876543210"
SETTINGS = {"TLS_POLICY": "ELBSecurityPolicy-TLS13-1-2-2021-06"}


def secured(policy: str | None = "ELBSecurityPolicy-2016-08", protocol: str = "HTTPS") -> str:
    """Make a load balancer with such a listener and another one; return the listener's ARN."""
    arn, group = load_balancer("web"), target_group("web")
    more = {"Certificates": [{"CertificateArn": certificate()}], "SslPolicy": policy} if policy else {}
    listener(arn, "HTTP", 8080, forward(group))
    return listener(arn, protocol, 443, forward(group), **more)


def state(arn: str) -> dict[str, Any]:
    [balancer] = boto3.client("elbv2").describe_load_balancers()["LoadBalancers"]
    found = {one["ListenerArn"]: one for one in listeners(balancer["LoadBalancerArn"])}
    own = found.pop(arn)
    return {"policy": own.pop("SslPolicy"), "listener": own, "others": list(found.values())}


scenario = Scenario(sample=SAMPLE, broken=secured, state=state, touched=frozenset({"policy"}), environment=SETTINGS)


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


def sample(arn: str = SAMPLE) -> dict[str, Any]:
    return scenario.event(Handler("elbv2", "require_tls12").samples["require_tls12-modify"], arn)


@pytest.mark.parametrize(
    ("policy", "outcome"),
    [
        ("ELBSecurityPolicy-TLS13-1-0-2021-06", "FIXED"),
        ("ELBSecurityPolicy-TLS-1-1-2017-01", "FIXED"),
        ("ELBSecurityPolicy-FS-1-2-Res-2020-10", "ALREADY_OK"),
        ("ELBSecurityPolicy-TLS13-1-3-2021-06", "ALREADY_OK"),
    ],
)
def test_a_policy_is_judged_by_the_protocols_that_it_allows(account: Account, policy: str, outcome: str) -> None:
    assert account.deliver(remediation, sample(secured(policy))) == [outcome]


def test_a_policy_that_nobody_knows_yet_is_judged_by_what_elb_says_of_it(account: Account) -> None:
    arn = secured("ELBSecurityPolicy-TLS13-1-3-2021-06")

    def answer(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401
        return {"SslPolicies": [{"Name": "x", "SslProtocols": ["TLSv1.1", "TLSv1.4"]}]} if call.operation == "DescribeSSLPolicies" else really()

    with account.interfered(answer):
        assert [wrong["Allows"] for wrong in remediation.violation(arn)] == [["TLSv1.1"]]


def test_a_tls_listener_of_a_network_load_balancer_is_held_to_it_too(account: Account) -> None:
    group, arn = target_group("web"), load_balancer("web", "network")
    own = listener(arn, "TLS", 443, forward(group), Certificates=[{"CertificateArn": certificate()}], SslPolicy="ELBSecurityPolicy-2016-08")
    assert account.deliver(remediation, sample(own)) == ["FIXED"]
    assert listeners(arn)[0]["SslPolicy"] == SETTINGS["TLS_POLICY"]


def test_a_listener_without_tls_is_left_alone(account: Account) -> None:
    assert account.deliver(remediation, sample(secured(None, "HTTP"))) == ["ALREADY_OK"]


def test_a_fips_policy_is_left_to_people(account: Account) -> None:
    arn, name = secured(), "ELBSecurityPolicy-TLS13-1-0-FIPS-2023-04"  # moto does not know it

    def answer(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401
        if call.operation == "DescribeListeners":
            return {"Listeners": [{**really()["Listeners"][0], "SslPolicy": name}]}
        return {"SslPolicies": [{"Name": name, "SslProtocols": ["TLSv1", "TLSv1.3"]}]} if call.operation == "DescribeSSLPolicies" else really()

    with account.interfered(answer):
        assert account.deliver(remediation, sample(arn)) == ["REPORTED"]
    assert "FIPS" in account.alerts()[0]["reason"]
    assert account.writes == []


def test_a_stricter_policy_since_the_fix_is_not_undone(account: Account) -> None:
    arn = secured()
    account.deliver(remediation, sample(arn))
    boto3.client("elbv2").modify_listener(ListenerArn=arn, SslPolicy="ELBSecurityPolicy-TLS13-1-3-2021-06")
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDO_REFUSED"


def test_a_listener_that_is_gone_is_an_outcome(account: Account) -> None:
    assert account.deliver(remediation, sample()) == ["GONE"]


def test_it_is_disruptive() -> None:
    assert remediation.disruptive


def test_a_gateways_listener_has_neither_protocol_nor_port_and_is_left_alone(account: Account) -> None:
    arn, one = gateway("appliances")
    assert not listeners(arn)[0].keys() & {"Protocol", "Port"}
    assert account.deliver(remediation, sample(one)) == ["ALREADY_OK"]
