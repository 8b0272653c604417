"""memory: what counts as more, what as a change, and how little of it a sweep reads and writes."""

from typing import Any

import pytest

from snapback.engine import memory
from snapback.engine.memory import Change
from tests.harness.account import Account

SAME_OR_MORE = [
    ({"a": 1}, {"a": 1}),
    ({"a": 1, "b": 2}, {"a": 1}),
    ({"on": True}, {"on": False}),
    ({"status": "ENABLED"}, {"status": "DISABLED"}),
    ({"all": ["x", "y"]}, {"all": ["y"]}),
    ({"all": [{"Name": "x", "Status": "ENABLED"}]}, {"all": [{"Name": "x", "Status": "DISABLED"}]}),
    (["EC2", "ECR"], ["EC2"]),
]
CHANGED = [
    ({"a": 2}, {"a": 1}, [Change("a", 1, 2)]),
    ({}, {"a": 1}, [Change("a", 1, None)]),
    ({"on": False}, {"on": True}, [Change("on", was=True, now=False)]),
    ({"status": "DISABLED"}, {"status": "ENABLED"}, [Change("status", "ENABLED", "DISABLED")]),
    ({"in": {"all": ["x"]}}, {"in": {"all": ["x", "y"]}}, [Change("in.all", ["x", "y"], ["x"])]),
    (["EC2"], ["EC2", "ECR"], [Change("", ["EC2", "ECR"], ["EC2"])]),
]


@pytest.mark.parametrize(("now", "good"), SAME_OR_MORE)
def test_what_is_as_it_was_or_more_is_no_change(now: Any, good: Any) -> None:  # noqa: ANN401 - any JSON
    assert memory.changes(now, good) == []


@pytest.mark.parametrize(("now", "good", "expected"), CHANGED)
def test_what_is_less_or_other_is_a_change(now: Any, good: Any, expected: list[Change]) -> None:  # noqa: ANN401 - any JSON
    assert memory.changes(now, good) == expected


def test_a_document_is_not_spelled_out_and_a_long_value_is_cut() -> None:
    shown = Change("policy", '{"Statement": []}', "x" * 500).as_json()
    assert shown["Was"] == "(a document of 17 characters)"
    assert len(shown["Is"]) == 80


@pytest.mark.usefixtures("account")
def test_what_is_forgotten_is_remembered_no_more_and_the_rest_is() -> None:
    memory.learn("one", {"a": 1, "b": 2})
    memory.learn("another", {"a": 3})
    memory.forget("one", "a")
    assert (memory.recall_all("one"), memory.recall_all("another")) == ({"b": 2}, {"a": 3})
    assert memory.recall("one", "a") is None


def test_a_sweep_looks_at_what_differs_or_is_gone_and_learns_what_is_new(account: Account) -> None:
    memory.learn("one", {"same": 1, "other": 1, "gone": 1})
    account.forget()
    assert memory.worth_a_look("one", {"same": 1, "other": 2, "new": 3}) == ["gone", "other"]
    assert memory.recall_all("one") == {"same": 1, "other": 1, "gone": 1, "new": 3}
