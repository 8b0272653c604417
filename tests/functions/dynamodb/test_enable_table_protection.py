"""enable_table_protection: the protection goes on, for every table but Snapback's own journal."""

from typing import Any

import boto3

from functions.dynamodb.enable_table_protection import remediation
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.dynamodb.tables import make_table, recovery, refused_once, table
from tests.harness.scenario import Scenario


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


def test_a_table_that_dynamodb_is_at_work_on_is_tried_again(account: Account) -> None:
    broken()
    with account.interfered(refused_once("UpdateTable", "ResourceInUseException")):
        assert account.deliver(remediation, sample()) == ["FIXED"]
