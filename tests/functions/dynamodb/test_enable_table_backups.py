"""enable_table_backups: recovery goes on, for every table but Snapback's own journal."""

from typing import Any

import boto3
import pytest

from functions.dynamodb.enable_table_backups import remediation
from snapback.errors import ResourceBusy
from tests.harness.account import Account, error
from tests.harness.discovery import Handler
from tests.harness.scenario import Scenario
from tests.harness.tables import in_state, make_table, recovery, table


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


def test_the_journal_itself_is_left_to_its_stack(account: Account) -> None:
    event = sample("enable_table_backups-create")
    event["detail"]["requestParameters"]["tableName"] = "journal"
    assert account.deliver(remediation, event) == ["ALREADY_OK"]
    assert [call for call in account.calls if not call.own] == []


def test_a_table_that_is_still_being_made_is_tried_again(account: Account) -> None:
    broken()
    with account.interfered(in_state("CREATING")), pytest.raises(ResourceBusy, match="still being made"):
        account.invoke(remediation, sample("enable_table_backups-create"))
    account.clock.pause(60)
    assert account.deliver(remediation, sample("enable_table_backups-create")) == ["FIXED"]


def test_a_table_for_which_dynamodb_has_no_backups_ready_yet_is_tried_again(account: Account) -> None:
    broken()
    answers = iter([error("ContinuousBackupsUnavailableException", 400, "UpdateContinuousBackups")])

    def not_yet(call: Any, _: int, really: Any) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "UpdateContinuousBackups" and (problem := next(answers, None)):
            raise problem
        return really()

    with account.interfered(not_yet):
        assert account.deliver(remediation, sample("enable_table_backups-create")) == ["FIXED"]


def test_a_table_may_be_named_by_its_arn(account: Account) -> None:
    broken()
    event = sample()
    event["detail"]["requestParameters"]["tableName"] = "arn:aws:dynamodb:us-east-1:111122223333:table/orders"
    assert account.deliver(remediation, event) == ["FIXED"]


def test_a_table_that_is_gone_is_an_outcome(account: Account) -> None:
    assert account.deliver(remediation, sample()) == ["GONE"]


def test_a_table_that_is_being_deleted_is_as_good_as_gone(account: Account) -> None:
    broken()
    with account.interfered(in_state("DELETING")):
        assert account.deliver(remediation, sample()) == ["GONE"]
    assert account.writes == []
