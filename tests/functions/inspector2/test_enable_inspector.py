"""enable_inspector: what was scanned is scanned again, and nothing that never was."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from functions.inspector2.enable_inspector import remediation
from snapback.engine import memory
from tests.harness.account import Account, ApiCall
from tests.harness.discovery import Handler
from tests.harness.inspector2 import inspector
from tests.harness.scenario import ACCOUNT, Scenario

inspector.as_on_aws()

WAS: Any = ["EC2", "LAMBDA"]


def enable(types: Any = WAS, region: str | None = None) -> Any:  # noqa: ANN401 - a client
    client = boto3.client("inspector2", region_name=region)
    client.enable(accountIds=[ACCOUNT], resourceTypes=types)
    return client


def broken() -> str:
    enable(region="eu-west-1")
    client = enable()
    memory.learn(remediation.name, {ACCOUNT: WAS})
    client.disable(accountIds=[ACCOUNT], resourceTypes=WAS)
    return ACCOUNT


def state(_: str) -> dict[str, Any]:
    regions = {region: boto3.client("inspector2", region_name=region) for region in ("us-east-1", "eu-west-1")}
    return {region: client.batch_get_account_status(accountIds=[ACCOUNT])["accounts"] for region, client in regions.items()}


scenario = Scenario(sample=ACCOUNT, broken=broken, state=state, touched=frozenset({"us-east-1"}), environment={})


def event(sample: str = "enable_inspector") -> dict[str, Any]:
    return Handler("inspector2", "enable_inspector").samples[sample]


def test_only_the_type_that_was_switched_off_is_scanned_again(account: Account) -> None:
    client = enable()
    memory.learn(remediation.name, {ACCOUNT: WAS})
    client.disable(accountIds=[ACCOUNT], resourceTypes=["LAMBDA"])
    assert account.deliver(remediation, event()) == ["FIXED"]
    assert [call.parameters["resourceTypes"] for call in account.writes] == [["LAMBDA"]]


def test_where_nobody_remembers_the_standard_types_are_scanned(account: Account) -> None:
    assert account.deliver(remediation, event()) == ["FIXED"]
    assert [call.parameters["resourceTypes"] for call in account.writes] == [["EC2", "ECR", "LAMBDA"]]


def test_where_nobody_remembers_and_something_is_scanned_nothing_is_added(account: Account) -> None:
    enable(["ECR"])
    assert account.deliver(remediation, event()) == ["ALREADY_OK"]


def test_what_is_scanned_besides_is_left_alone_and_remembered(account: Account) -> None:
    enable([*WAS, "ECR"])
    memory.learn(remediation.name, {ACCOUNT: WAS})
    assert account.deliver(remediation, event("enable_inspector-sweep")) == ["ALREADY_OK"]
    assert memory.recall(remediation.name, ACCOUNT) == ["EC2", "ECR", "LAMBDA"]


def test_the_sweep_leaves_regions_alone_in_which_it_was_never_seen_on(account: Account) -> None:
    assert account.deliver(remediation, event("enable_inspector-sweep")) == ["ALREADY_OK"]
    assert account.writes == []


@pytest.mark.parametrize(("looks", "outcomes"), [(4, ["FIXED"]), (99, [])])
def test_while_it_is_still_on_its_way_off_the_event_is_tried_again_later(looks: int, outcomes: list[str], account: Account) -> None:
    broken()
    seen = []

    def going_off(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        answer = really()
        if call.operation == "BatchGetAccountStatus":
            seen.append(call)
            if len(seen) <= looks:
                answer["accounts"][0]["resourceState"]["ec2"]["status"] = "DISABLING"
        return answer

    with account.interfered(going_off):
        assert account.deliver(remediation, event()) == outcomes
    assert bool(account.dead_letters) is not bool(outcomes)


def failing(code: str, *types: str) -> Callable[[ApiCall, int, Callable[[], Any]], Any]:
    """Return an interference in which Inspector cannot enable those types, and says so in an answer that looks like a success."""

    def fail(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "Enable" and set(types) & set(call.parameters["resourceTypes"]):
            return {"accounts": [], "failedAccounts": [{"accountId": ACCOUNT, "errorCode": code, "errorMessage": "No permission for the service-linked role"}]}
        return really()

    return fail


def test_one_type_that_inspector_refuses_does_not_keep_the_others_off(account: Account) -> None:
    broken()
    with account.interfered(failing("ACCESS_DENIED", "EC2")):
        assert account.deliver(remediation, event()) == ["PARTIAL"]
    assert state(ACCOUNT)["us-east-1"][0]["resourceState"]["lambda"]["status"] == "ENABLED"
    assert "ACCESS_DENIED" in account.alerts()[0]["reason"]


def test_where_inspector_refuses_all_types_that_is_told_as_failed(account: Account) -> None:
    broken()
    with account.interfered(failing("ACCESS_DENIED", *WAS)):
        assert account.deliver(remediation, event()) == ["FAILED"]


def test_what_passes_by_itself_is_tried_again(account: Account) -> None:
    broken()
    with account.interfered(failing("SSM_THROTTLED", *WAS)):
        assert account.deliver(remediation, event()) == []
    assert "SSM_THROTTLED" in account.dead_letters[0][1]


@pytest.mark.parametrize(("code", "outcomes"), [("ACCESS_DENIED", ["FAILED"]), ("INTERNAL_ERROR", [])])
def test_an_account_that_inspector_cannot_tell_of_is_not_taken_for_one_that_is_not_scanned(code: str, outcomes: list[str], account: Account) -> None:
    broken()

    def blind(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation != "BatchGetAccountStatus":
            return really()
        return {"accounts": [], "failedAccounts": [{"accountId": ACCOUNT, "errorCode": code, "errorMessage": "not now"}]}

    with account.interfered(blind):
        assert account.deliver(remediation, event()) == outcomes
    assert account.writes == []


def test_an_undo_that_inspector_refuses_for_the_account_is_not_called_undone(account: Account) -> None:
    broken()
    account.deliver(remediation, event())

    def refuse(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation != "Disable":
            return really()
        return {"accounts": [], "failedAccounts": [{"accountId": ACCOUNT, "errorCode": "DISASSOCIATE_ALL_MEMBERS", "errorMessage": "It has members"}]}

    with account.interfered(refuse):
        undone = account.invoke(remediation, {"undo": account.alerts()[0]["id"]})
    assert undone["outcome"] == "UNDO_REFUSED"
    assert "DISASSOCIATE_ALL_MEMBERS: It has members" in undone["reason"]
    assert state(ACCOUNT)["us-east-1"][0]["resourceState"]["ec2"]["status"] == "ENABLED"
