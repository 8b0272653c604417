"""enable_table_backups: recovery goes on, for every table but Snapback's own journal."""

from typing import Any

import boto3

from functions.dynamodb.enable_table_backups import remediation
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.dynamodb.tables import make_table, recovery, refused_once, table
from tests.harness.scenario import Scenario


def broken() -> str:
    make_table("another")
    return make_table("orders")


def state(name: str) -> dict[str, Any]:
    return {"recovery": recovery(name), "table": table(name), "another": [recovery("another"), table("another")]}


scenario = Scenario(sample="orders", broken=broken, state=state, touched=frozenset({"recovery"}), environment={})


def sample(name: str = "enable_table_backups") -> dict[str, Any]:
    return Handler("dynamodb", "enable_table_backups").samples[name]


def test_a_table_with_recovery_is_left_alone_for_however_few_days_it_is(account: Account) -> None:
    make_table("orders")
    few_days: Any = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 3}
    boto3.client("dynamodb").update_continuous_backups(TableName="orders", PointInTimeRecoverySpecification=few_days)
    assert account.deliver(remediation, sample()) == ["ALREADY_OK"]


def test_a_table_for_which_dynamodb_has_no_backups_ready_yet_is_tried_again(account: Account) -> None:
    broken()
    with account.interfered(refused_once("UpdateContinuousBackups", "ContinuousBackupsUnavailableException")):
        assert account.deliver(remediation, sample("enable_table_backups-create")) == ["FIXED"]


def test_a_table_may_be_named_by_its_arn(account: Account) -> None:
    broken()
    event = sample()
    event["detail"]["requestParameters"]["tableName"] = "arn:aws:dynamodb:us-east-1:111122223333:table/orders"
    assert account.deliver(remediation, event) == ["FIXED"]
