"""require_https: only where there is an HTTPS listener to go to, and the former actions come back to the byte."""

from dataclasses import replace
from typing import Any

import boto3
import pytest

from functions.elbv2.require_https import remediation
from tests.harness.account import Account, ApiCall
from tests.harness.discovery import Handler
from tests.harness.elbv2 import load_balancers
from tests.harness.elbv2.load_balancers import certificate, forward, gateway, listener, listeners, load_balancer, target_group
from tests.harness.scenario import Scenario

load_balancers.as_on_aws()

SAMPLE = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/web/0123456789abcdef"
SAMPLE_LISTENER = "arn:aws:elasticloadbalancing:us-east-1:111122223333:listener/app/web/0123456789abcdef"
TO_HTTP: Any = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTP", "StatusCode": "HTTP_302"}}
REFUSAL: Any = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "403", "ContentType": "text/plain", "MessageBody": "no"}}


def balanced(*https: tuple[int, Any]) -> str:
    """Make a load balancer that forwards HTTP, with a rule, and has HTTPS listeners on these ports with these actions."""
    arn, group = load_balancer("web"), target_group("web")
    plain = listener(arn, "HTTP", 80, forward(group))
    path: Any = [{"Field": "path-pattern", "Values": ["/health"]}]
    boto3.client("elbv2").create_rule(ListenerArn=plain, Conditions=path, Priority=1, Actions=[forward(group)])
    listener(arn, "HTTP", 8080, REFUSAL)
    for port, action in https:
        listener(arn, "HTTPS", port, action or forward(group), Certificates=[{"CertificateArn": certificate()}], SslPolicy="ELBSecurityPolicy-2016-08")
    return arn


def state(arn: str) -> dict[str, Any]:
    [plain] = [one for one in listeners(arn) if one["Port"] == 80]
    rules = boto3.client("elbv2").describe_rules(ListenerArn=plain["ListenerArn"])["Rules"]
    return {
        "actions": plain.pop("DefaultActions"),
        "listener": plain,
        "rules": [rule for rule in rules if not rule["IsDefault"]],
        "others": [one for one in listeners(arn) if one["Port"] != 80],
    }


scenario = Scenario(
    sample=SAMPLE,
    broken=lambda: balanced((443, None)),
    state=state,
    touched=frozenset({"actions"}),
    environment={},
    also_named=lambda arn: {SAMPLE_LISTENER: arn.replace(":loadbalancer/", ":listener/")},
)


def two_in_the_clear() -> str:
    """Let it forward on a second port, too."""
    arn = balanced((443, None))
    listener(arn, "HTTP", 8000, listeners(arn)[0]["DefaultActions"][0])
    return arn


def of_both(arn: str) -> dict[str, Any]:
    found = listeners(arn)
    plain = [one for one in found if one["Port"] in (80, 8000)]
    return {"actions": [one.pop("DefaultActions") for one in plain], "listeners": plain, "others": [one for one in found if one not in plain]}


variants = {"two listeners": replace(scenario, broken=two_in_the_clear, state=of_both)}


def sample(arn: str) -> dict[str, Any]:
    return scenario.event(Handler("elbv2", "require_https").samples["require_https-modify"], arn)


def redirect_of(arn: str) -> Any:  # noqa: ANN401
    return state(arn)["actions"][0]["RedirectConfig"]


@pytest.mark.parametrize(
    ("https", "port"),
    [
        pytest.param([(8443, None)], "8443", id="the only one"),
        pytest.param([(8443, None), (443, None)], "443", id="443 among several"),
        pytest.param([(8443, None), (9443, TO_HTTP)], "8443", id="the only one that does not lead back"),
    ],
)
def test_the_redirect_goes_to_the_same_place_at_the_https_listener(account: Account, https: Any, port: str) -> None:  # noqa: ANN401
    arn = balanced(*https)
    assert account.deliver(remediation, sample(arn)) == ["FIXED"]
    same = {"Host": "#{host}", "Path": "/#{path}", "Query": "#{query}"}
    assert redirect_of(arn) == {"Protocol": "HTTPS", "Port": port, **same, "StatusCode": "HTTP_301"}


@pytest.mark.parametrize(
    ("https", "why"),
    [
        pytest.param([], "certificate", id="without an HTTPS listener"),
        pytest.param([(443, TO_HTTP)], "certificate", id="with one that redirects to HTTP: the redirect would never end"),
        pytest.param([(8443, None), (9443, None)], "8443, 9443", id="with several, none of them on port 443"),
    ],
)
def test_without_a_place_to_redirect_to_people_are_told(account: Account, https: Any, why: str) -> None:  # noqa: ANN401
    arn = balanced(*https)
    assert account.deliver(remediation, sample(arn)) == ["REPORTED"]
    assert why in account.alerts()[0]["reason"]
    assert account.writes == []


@pytest.mark.parametrize("answers", ["another", "nobody"])
def test_what_another_application_or_nobody_would_answer_over_https_is_left_to_people(account: Account, answers: str) -> None:
    arn = balanced((443, forward(target_group("another")) if answers == "another" else REFUSAL))
    assert account.deliver(remediation, sample(arn)) == ["REPORTED"]
    assert "on port 80 forwards by default to a target group to which its HTTPS listener on port 443 does not by default" in account.alerts()[0]["reason"]
    assert account.writes == []


def test_a_second_listener_for_another_application_keeps_the_first_from_nothing(account: Account) -> None:
    arn = balanced((443, None))
    listener(arn, "HTTP", 8000, forward(target_group("more")))
    assert account.deliver(remediation, sample(arn)) == ["PARTIAL"]
    assert redirect_of(arn)["Port"] == "443"
    assert [one["DefaultActions"][0]["Type"] for one in listeners(arn) if one["Port"] == 8000] == ["forward"]
    assert "port 8000" in account.alerts()[0]["reason"]


@pytest.mark.parametrize(("weight", "outcome"), [(0, "FIXED"), (10, "REPORTED")])
def test_a_target_group_that_gets_no_requests_now_need_get_none_afterwards(account: Account, weight: int, outcome: str) -> None:
    arn = balanced((443, None))
    plain = state(arn)
    groups = [
        {"TargetGroupArn": plain["actions"][0]["TargetGroupArn"], "Weight": 90},
        {"TargetGroupArn": target_group("green"), "Weight": weight},
    ]
    actions: Any = [{"Type": "forward", "Order": 1, "ForwardConfig": {"TargetGroups": groups}}]
    boto3.client("elbv2").modify_listener(ListenerArn=plain["listener"]["ListenerArn"], DefaultActions=actions)
    assert account.deliver(remediation, sample(arn)) == [outcome]


def test_a_weighted_forward_comes_back_with_its_weights_and_stickiness(account: Account) -> None:
    arn = balanced((443, None))
    groups = [{"TargetGroupArn": target_group("blue"), "Weight": 90}, {"TargetGroupArn": target_group("green"), "Weight": 10}]
    config: Any = {"TargetGroups": groups, "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 60}}
    for one in listeners(arn):
        if one["Port"] in (80, 443):
            boto3.client("elbv2").modify_listener(ListenerArn=one["ListenerArn"], DefaultActions=[{"Type": "forward", "Order": 1, "ForwardConfig": config}])
    before = state(arn)
    account.deliver(remediation, sample(arn))
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDONE"
    assert state(arn) == before


def test_an_undo_is_refused_if_somebody_sends_clients_elsewhere_since(account: Account) -> None:
    arn = balanced((443, None))
    account.deliver(remediation, sample(arn))
    boto3.client("elbv2").modify_listener(ListenerArn=state(arn)["listener"]["ListenerArn"], DefaultActions=[REFUSAL])
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDO_REFUSED"
    assert state(arn)["actions"][0]["Type"] == "fixed-response"


def test_an_https_listener_on_the_next_page_is_seen(account: Account) -> None:
    arn = balanced((443, None))

    def in_pages(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401
        start = int(call.parameters.pop("Marker", 0))  # type: ignore[attr-defined]  # a dict of our own
        found = really()["Listeners"]
        more = {"NextMarker": str(start + 1)} if start + 1 < len(found) else {}
        return {"Listeners": found[start : start + 1], **more}

    with account.interfered(in_pages):
        assert [one["RedirectTo"] for one in remediation.violation(arn)] == ["443"]


def test_it_is_disruptive() -> None:
    assert remediation.disruptive


def test_a_gateways_listener_has_neither_protocol_nor_port_and_is_left_alone(account: Account) -> None:
    arn, _ = gateway("appliances")
    assert not listeners(arn)[0].keys() & {"Protocol", "Port"}
    assert account.deliver(remediation, sample(arn)) == ["ALREADY_OK"]
