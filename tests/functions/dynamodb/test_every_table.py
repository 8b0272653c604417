"""What is the same for every remediation of tables: which tables it leaves, which it tries again, and which are gone."""

from typing import Any

import pytest

from snapback.engine.errors import ResourceBusy
from tests.harness.account import Account
from tests.harness.discovery import HANDLERS, Handler
from tests.harness.dynamodb.tables import at_work, in_state

OF_TABLES = [handler for handler in HANDLERS if handler.service == "dynamodb"]


@pytest.fixture(params=OF_TABLES, ids=[handler.stem for handler in OF_TABLES])
def handler(request: pytest.FixtureRequest) -> Handler:
    found: Handler = request.param
    return found


def sample(handler: Handler, kind: str = "") -> dict[str, Any]:
    return handler.samples[f"{handler.stem}{kind}"]


def test_the_journal_itself_is_left_to_its_stack_so_that_this_can_be_deleted(handler: Handler, account: Account) -> None:
    event = sample(handler, "-create")
    event["detail"]["requestParameters"]["tableName"] = "journal"
    assert account.deliver(handler.remediation, event) == ["ALREADY_OK"]
    assert [call for call in account.calls if not call.own] == []


def test_a_table_that_is_still_being_made_is_tried_again(handler: Handler, account: Account) -> None:
    handler.scenario.broken()
    with account.interfered(in_state("CREATING")), pytest.raises(ResourceBusy, match="still being made"):
        account.invoke(handler.remediation, sample(handler, "-create"))
    account.clock.pause(60)
    assert account.deliver(handler.remediation, sample(handler, "-create")) == ["FIXED"]


def test_a_table_that_is_gone_is_an_outcome(handler: Handler, account: Account) -> None:
    assert account.deliver(handler.remediation, sample(handler)) == ["GONE"]


def test_a_table_that_is_being_deleted_is_as_good_as_gone(handler: Handler, account: Account) -> None:
    handler.scenario.broken()
    with account.interfered(in_state("DELETING")):
        assert account.deliver(handler.remediation, sample(handler)) == ["GONE"]
    assert account.writes == []


@pytest.mark.parametrize("status", ["ARCHIVED", "ARCHIVING", "INACCESSIBLE_ENCRYPTION_CREDENTIALS"])
def test_a_table_whose_key_cannot_be_used_is_left_to_people(handler: Handler, account: Account, status: str) -> None:
    """It may be so for good, so no retry helps; https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html."""
    handler.scenario.broken()
    with account.interfered(in_state(status)):
        assert account.deliver(handler.remediation, sample(handler)) == ["REPORTED"]
    assert account.writes == []
    assert "cannot use its KMS key" in account.alerts()[0]["reason"]


CHANGES = {"enable_table_backups": "UpdateContinuousBackups", "enable_table_protection": "UpdateTable"}
INDEX = {"GlobalSecondaryIndexes": [{"IndexName": "by-date", "IndexStatus": "CREATING"}]}
REPLICA = {"Replicas": [{"RegionName": "eu-central-1", "ReplicaStatus": "CREATING"}]}


def test_a_table_that_dynamodb_is_at_work_on_is_waited_for_in_the_same_attempt(handler: Handler, account: Account) -> None:
    handler.scenario.broken()
    with account.interfered(at_work(CHANGES[handler.stem], tries=5, **INDEX)):
        assert account.invoke(handler.remediation, sample(handler))["outcomes"][0]["outcome"] == "FIXED"


def test_what_keeps_dynamodb_at_work_for_longer_than_one_attempt_is_tried_again(handler: Handler, account: Account) -> None:
    handler.scenario.broken()
    with account.interfered(at_work(CHANGES[handler.stem], tries=12)):
        assert account.deliver(handler.remediation, sample(handler)) == ["FIXED"]
    assert account.outcomes() == ["FIXED"]


@pytest.mark.parametrize("work", [INDEX, REPLICA], ids=["an index", "a replica"])
def test_what_keeps_dynamodb_at_work_for_hours_is_no_dead_letter(handler: Handler, account: Account, work: dict[str, Any]) -> None:
    """While a table is UPDATING no other UpdateTable is taken: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html."""
    handler.scenario.broken()
    with account.interfered(at_work(CHANGES[handler.stem], tries=1000, **work)):
        assert account.deliver(handler.remediation, sample(handler)) == ["REPORTED"]
    assert account.dead_letters == []
    assert "making or deleting an index or a replica" in account.alerts()[0]["reason"]
    assert account.deliver(handler.remediation, {**sample(handler), "id": "6f9b1c1e-0000-4000-8000-000000000099"}) == ["FIXED"]
