"""disable_tgw_auto_accept: one option goes off, once the gateway is settled, and all others stay."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from functions.ec2.disable_tgw_auto_accept import remediation
from tests.harness.account import Account, ApiCall, Interference, error
from tests.harness.discovery import Handler
from tests.harness.ec2 import transit_gateways
from tests.harness.ec2.records import without_wrappers
from tests.harness.scenario import Scenario

transit_gateways.as_on_aws()


def gateway(auto_accept: Any = "enable") -> str:  # noqa: ANN401 - enable or disable
    ec2 = boto3.client("ec2")
    options: Any = {"AutoAcceptSharedAttachments": auto_accept, "AmazonSideAsn": 64513, "DnsSupport": "disable", "VpnEcmpSupport": "disable"}
    return ec2.create_transit_gateway(Description="of a test", Options=options)["TransitGateway"]["TransitGatewayId"]


def state(name: str) -> dict[str, Any]:
    [found] = boto3.client("ec2").describe_transit_gateways(TransitGatewayIds=[name])["TransitGateways"]
    options: dict[str, Any] = dict(found["Options"])
    return {"auto accept": options.pop("AutoAcceptSharedAttachments"), "options": options, "description": found["Description"]}


scenario = Scenario(sample="tgw-0123456789abcdef0", broken=gateway, state=state, touched=frozenset({"auto accept"}), environment={})


def event(name: str) -> dict[str, Any]:
    return scenario.event(Handler("ec2", "disable_tgw_auto_accept").samples["disable_tgw_auto_accept"], name)


def shown_as(state: str, looks: int) -> Interference:
    """Return an interference in which the gateway's first looks show that state, and the former options."""

    def interfere(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        nonlocal looks
        answer = really()
        if call.operation == "DescribeTransitGateways" and looks:
            looks -= 1
            answer["TransitGateways"][0] |= {"State": state, "Options": {"AutoAcceptSharedAttachments": "disable"}}
        return answer

    return interfere


@pytest.mark.usefixtures("account")
def test_a_gateway_that_asks_a_person_is_right() -> None:
    assert remediation.violation(gateway("disable")) == []


@pytest.mark.parametrize("unsettled", ["pending", "modifying"])
@pytest.mark.parametrize("looks", [1, 5, 12])
def test_the_verdict_waits_until_the_gateway_is_settled(account: Account, unsettled: str, looks: int) -> None:
    name = gateway()
    with account.interfered(shown_as(unsettled, looks)):
        assert account.deliver(remediation, event(name)) == ["FIXED"]
    assert state(name)["auto accept"] == "disable"


def test_an_event_about_a_gateway_that_never_settles_is_kept(account: Account) -> None:
    name = gateway()
    with account.interfered(shown_as("modifying", 1000)):
        assert account.deliver(remediation, event(name)) == []
    assert account.writes == []
    [(_, reason)] = account.dead_letters
    assert "is still modifying" in reason


def test_a_change_by_somebody_else_at_the_same_time_passes(account: Account) -> None:
    name = gateway()
    refused = 0

    def refuse_once(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        nonlocal refused
        if call.operation == "ModifyTransitGateway" and not refused:
            refused += 1
            raise error("IncorrectState", 400, call.operation)
        return really()

    with account.interfered(refuse_once):
        assert account.deliver(remediation, event(name)) == ["FIXED"]


@pytest.mark.parametrize("last", ["deleting", "deleted"])
def test_a_gateway_that_goes_is_left_alone(account: Account, last: str) -> None:
    name = gateway()
    with account.interfered(shown_as(last, 1000)):
        assert account.deliver(remediation, event(name)) == ["ALREADY_OK"]


def test_a_gateway_that_is_gone_is_an_outcome(account: Account) -> None:
    def gone(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "DescribeTransitGateways":  # moto answers an empty list
            raise error("InvalidTransitGatewayID.NotFound", 400, call.operation)
        return really()

    with account.interfered(gone):
        assert account.deliver(remediation, event("tgw-0123456789abcdef0")) == ["GONE"]


@pytest.mark.parametrize("sample", ["disable_tgw_auto_accept", "disable_tgw_auto_accept-create"])
def test_a_record_without_the_wrapper_is_read_too(account: Account, sample: str) -> None:
    record = without_wrappers(scenario.event(Handler("ec2", "disable_tgw_auto_accept").samples[sample], gateway()))
    assert account.deliver(remediation, record) == ["FIXED"]


def test_a_gateway_that_is_still_being_changed_by_the_fix_is_not_called_fixed_before_it_is(account: Account) -> None:
    name = gateway()
    hidden = 0

    def slow(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        nonlocal hidden
        answer = really()
        if call.operation == "ModifyTransitGateway":
            hidden = 8
        if call.operation == "DescribeTransitGateways" and hidden:
            hidden -= 1
            answer["TransitGateways"][0]["State"] = "modifying"
        return answer

    with account.interfered(slow):
        assert account.deliver(remediation, event(name)) == ["FIXED"]
    assert account.outcomes() == ["FIXED"]
    assert [call.operation for call in account.writes] == ["ModifyTransitGateway"]
