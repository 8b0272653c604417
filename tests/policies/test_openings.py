"""openings: policies with and without those who may not be there, and without those who are there no more."""

import json
from typing import Any

import pytest

from snapback.policies.openings import deleted, openings, puttable
from snapback.policies.verdicts import everybody

GONE, USER = "AROACKCEVSQ6C2EXAMPLE", "AIDACKCEVSQ6C2EXAMPLE"
OURS = "arn:aws:iam::111122223333:root"


@pytest.fixture(autouse=True)
def us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLE_ARN", "arn:aws:iam::111122223333:role/snapback-function")


def statement(effect: str = "Allow", **principals: object) -> dict[str, Any]:
    return {"Effect": effect, "Action": "sqs:*", "Resource": "*", **principals}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (statement(Principal={"AWS": [GONE, OURS]}), statement(Principal={"AWS": [OURS]})),
        (statement(Principal={"AWS": GONE, "Service": "sns.amazonaws.com"}), statement(Principal={"Service": "sns.amazonaws.com"})),
        (statement(Principal={"AWS": GONE}), None),
        (statement("Deny", Principal={"AWS": [GONE, USER]}), None),
        (statement("Deny", NotPrincipal={"AWS": [GONE, OURS]}), statement("Deny", NotPrincipal={"AWS": [OURS]})),
        (statement("Deny", NotPrincipal={"AWS": GONE}), statement("Deny", Principal="*")),
    ],
)
def test_principals_that_were_deleted_are_left_out_and_whom_it_is_about_stays_the_same(before: dict[str, Any], after: dict[str, Any] | None) -> None:
    other = statement("Deny", Principal="*")
    found = puttable(document(before, other))
    assert found
    assert json.loads(found)["Statement"] == [*([after] if after else []), other]
    assert deleted(found) == []


def test_without_such_every_byte_stays() -> None:
    text = document(statement(Principal={"AWS": ["*", OURS]}))
    assert puttable(text) == text
    assert openings(text, everybody) == [{"LetsIn": ["*"], "Policy": text}]


def test_who_was_deleted_is_named_beside_who_is_let_in() -> None:
    text = document(statement(Principal={"AWS": ["*", GONE]}))
    assert openings(text, everybody) == [{"LetsIn": ["*"], "Policy": text, "Deleted": [GONE]}]
    assert openings(document(statement(Principal={"AWS": GONE})), everybody) == []
