"""enable_table_protection: the protection goes on, for every table but Snapback's own journal."""

from typing import Any

import boto3
import pytest

from functions.dynamodb.enable_table_protection import remediation
from snapback.errors import ResourceBusy
from tests.harness.account import Account, error
from tests.harness.discovery import Handler
from tests.harness.scenario import Scenario
from tests.harness.tables import in_state, make_table, recovery, table


def broken() -> str:
    make_table("another")
    return make_table("orders")


def state(name: str) -> dict[str, Any]:
    live = table(name)
    return {"protected": live.pop("DeletionProtectionEnabled"), "rest": live, "recovery": recovery(name), "another": table("another")}


scenario = Scenario(sample="orders", broken=broken, state=state, touched=frozenset({"protected"}), environment={})


def sample(name: str = "enable_table_protection") -> dict[str, Any]:
    return Handler("dynamodb", "enable_table_protection").samples[name]


def test_a_protected_table_is_left_alone(account: Account) -> None:
    make_table("orders")
    boto3.client("dynamodb").update_table(TableName="orders", DeletionProtectionEnabled=True)
    assert account.deliver(remediation, sample()) == ["ALREADY_OK"]


def test_it_asks_for_nothing_but_this(account: Account) -> None:
    broken()
    account.deliver(remediation, sample())
    [call] = account.writes
    assert call.parameters == {"TableName": "orders", "DeletionProtectionEnabled": True}


def test_the_journal_itself_stays_as_it_is_so_that_its_stack_can_be_deleted(account: Account) -> None:
    event = sample("enable_table_protection-create")
    event["detail"]["requestParameters"]["tableName"] = "journal"
    assert account.deliver(remediation, event) == ["ALREADY_OK"]
    assert [call for call in account.calls if not call.own] == []


def test_a_table_that_is_still_being_made_is_tried_again(account: Account) -> None:
    broken()
    with account.interfered(in_state("CREATING")), pytest.raises(ResourceBusy, match="still being made"):
        account.invoke(remediation, sample("enable_table_protection-create"))
    account.clock.pause(60)
    assert account.deliver(remediation, sample("enable_table_protection-create")) == ["FIXED"]


def test_a_table_that_dynamodb_is_at_work_on_is_tried_again(account: Account) -> None:
    broken()
    answers = iter([error("ResourceInUseException", 400, "UpdateTable")])

    def at_work(call: Any, _: int, really: Any) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "UpdateTable" and (problem := next(answers, None)):
            raise problem
        return really()

    with account.interfered(at_work):
        assert account.deliver(remediation, sample()) == ["FIXED"]


def test_a_table_that_is_gone_is_an_outcome(account: Account) -> None:
    assert account.deliver(remediation, sample()) == ["GONE"]


def test_a_table_that_is_being_deleted_is_as_good_as_gone(account: Account) -> None:
    broken()
    with account.interfered(in_state("DELETING")):
        assert account.deliver(remediation, sample()) == ["GONE"]
    assert account.writes == []
