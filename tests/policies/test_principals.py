"""principals: whom a statement names, and what is left of it without some of them. Whom it lets in is in test_verdicts."""

from typing import Any

import pytest

from snapback.policies.principals import account_of, let_in, named, spared, without

OWN = "111122223333"
OPEN: dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
ALL_BUT_OURS: dict[str, Any] = {"Effect": "Allow", "NotPrincipal": {"AWS": OWN}, "Action": "sqs:*", "Resource": "*"}


def test_all_but_somebody_is_everybody() -> None:
    assert let_in(ALL_BUT_OURS) == [("AWS", "*")]
    assert spared(ALL_BUT_OURS) == [("AWS", OWN)]
    assert without(ALL_BUT_OURS, ["*"]) is None
    assert without(ALL_BUT_OURS, [OWN]) == ALL_BUT_OURS


def test_who_is_denied_is_named_and_not_let_in() -> None:
    assert let_in({**OPEN, "Effect": "Deny"}) == []
    assert named({**OPEN, "Effect": "Deny"}) == [("AWS", "*")]


def test_a_statement_loses_only_those_who_have_to_go() -> None:
    statement = {**OPEN, "Principal": {"AWS": ["*", OWN], "Service": "sns.amazonaws.com", "Federated": "*"}}
    assert without(statement, ["*"]) == {**OPEN, "Principal": {"AWS": [OWN], "Service": "sns.amazonaws.com"}}
    assert without(statement, ["*", OWN, "sns.amazonaws.com"]) is None
    assert without(statement, []) == statement
    assert without(OPEN, []) == OPEN
    assert without(OPEN, ["*"]) is None
    assert without(OPEN, [OWN]) == OPEN


@pytest.mark.parametrize(
    ("name", "account"),
    [
        (OWN, OWN),
        (f"arn:aws:iam::{OWN}:root", OWN),
        (f"arn:aws-cn:sns:cn-north-1:{OWN}:topic", OWN),
        (f"arn:aws:sts::{OWN}:assumed-role/x/y", OWN),
        ("arn:aws:s3:::bucket", ""),
        ("AIDACKCEVSQ6C2EXAMPLE", ""),
        ("*", ""),
    ],
)
def test_the_account_stands_in_an_arn_or_for_itself(name: str, account: str) -> None:
    assert account_of(name) == account
