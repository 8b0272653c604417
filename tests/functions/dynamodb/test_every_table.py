"""What is the same for every remediation of tables: which tables it leaves, which it tries again, and which are gone."""

from typing import Any

import pytest

from snapback.errors import ResourceBusy
from tests.harness.account import Account
from tests.harness.discovery import HANDLERS, Handler
from tests.harness.tables import in_state

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
    assert "cannot use its KMS key" in account.heard()[0]["reason"]
