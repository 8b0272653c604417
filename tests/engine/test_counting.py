"""Counting in the journal: every event once, and one answer for each, whoever else counts at the same time."""

from collections.abc import Callable

import boto3
import pytest

from snapback.engine import counts
from snapback.engine.errors import ResourceBusy
from tests.harness.account import Account, ApiCall


def counted(event: str) -> bool:
    return counts.is_burst("knocks", event, number=2, seconds=60)


@pytest.mark.usefixtures("account")
def test_the_same_event_always_gets_the_same_answer() -> None:
    assert [counted(event) for event in ("a", "a", "b", "b", "a", "c", "b")] == [False, False, True, True, False, False, True]


def test_an_invocation_that_counts_at_the_same_time_is_not_lost(account: Account) -> None:
    meanwhile = iter(["b"])

    def interfere(call: ApiCall, _: int, really: Callable[[], object]) -> object:
        if call.operation == "PutItem" and (other := next(meanwhile, None)):
            counted(other)
        return really()

    with account.interfered(interfere):
        assert counted("a") is True, "it is the second"
    assert counted("b") is False


def test_nor_is_one_that_counts_where_there_is_a_count_already(account: Account) -> None:
    def count(event: str) -> bool:
        return counts.is_burst("calls", event, number=3, seconds=60)

    count("before")
    meanwhile = iter(["b"])

    def interfere(call: ApiCall, _: int, really: Callable[[], object]) -> object:
        if call.operation == "PutItem" and (other := next(meanwhile, None)):
            count(other)
        return really()

    with account.interfered(interfere):
        assert count("a") is True, "it is the third"


def test_who_never_gets_to_count_tries_again_later(account: Account) -> None:
    def always_changed(call: ApiCall, number: int, really: Callable[[], object]) -> object:
        if call.operation == "PutItem":
            latest = f'{{"latest": [["{number}", 1]], "told": "", "over": 0}}'
            boto3.client("dynamodb").put_item(TableName="journal", Item={"pk": {"S": "COUNT#knocks"}, "count": {"S": latest}})
        return really()

    with account.interfered(always_changed), pytest.raises(ResourceBusy, match="knocks"):
        counted("a")
