"""principals: whom a statement lets in, and what narrows everybody down to somebody."""

from typing import Any

import pytest

from snapback.principals import account_of, everybody, outsiders, without

OWN, FRIEND, STRANGER = "111122223333", "222233334444", "999999999999"
TRUSTED = frozenset({OWN, FRIEND})
OPEN: dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}


def on(operator: str, key: str, *values: object) -> dict[str, Any]:
    return {**OPEN, "Condition": {operator: {key: list(values)}}}


@pytest.mark.parametrize(
    "principal",
    ["*", {"AWS": "*"}, {"AWS": [f"arn:aws:iam::{OWN}:root", "*"]}, {"Federated": "*"}, {"Service": "sns.amazonaws.com", "AWS": ["*"]}],
)
def test_a_star_is_everybody_however_it_is_written(principal: object) -> None:
    assert everybody({**OPEN, "Principal": principal}) == ["*"]


def test_all_but_somebody_is_everybody() -> None:
    statement = {"Effect": "Allow", "NotPrincipal": {"AWS": OWN}, "Action": "sqs:*", "Resource": "*"}
    assert everybody(statement) == ["*"]
    assert without(statement, ["*"]) is None


@pytest.mark.parametrize(
    "statement",
    [
        {**OPEN, "Effect": "Deny"},
        {**OPEN, "Principal": {"AWS": STRANGER}},
        {**OPEN, "Principal": {"Service": "sns.amazonaws.com"}},
        on("StringEquals", "aws:PrincipalOrgID", "o-abcdefghij"),
        on("StringEquals", "AWS:SourceAccount", OWN, FRIEND),
        on("ArnLike", "aws:SourceArn", f"arn:aws:sns:*:{OWN}:*"),
        on("ArnLike", "aws:SourceArn", "arn:aws:s3:*:*:one-bucket"),
        on("StringLike", "aws:PrincipalArn", f"arn:aws:iam::{OWN}:role/*"),
        on("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-abcdefghij/*"),
        on("StringEquals", "aws:sourceVpce", "vpce-0123456789abcdef0"),
        on("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
        {**OPEN, "Condition": {"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"kms:CallerAccount": OWN}}},
    ],
)
def test_what_is_for_somebody_is_not_for_everybody(statement: dict[str, Any]) -> None:
    assert everybody(statement) == []


@pytest.mark.parametrize(
    "statement",
    [
        on("Bool", "aws:SecureTransport", "true"),
        on("StringEquals", "kms:ViaService", "s3.us-east-1.amazonaws.com"),
        on("StringEqualsIfExists", "aws:PrincipalOrgID", "o-abcdefghij"),
        on("ForAllValues:StringLike", "aws:PrincipalOrgPaths", "o-abcdefghij/*"),
        on("StringNotEquals", "aws:PrincipalAccount", STRANGER),
        on("StringLike", "aws:PrincipalOrgID", "*"),
        on("StringEquals", "aws:PrincipalAccount", OWN, "*"),
        on("StringEquals", "aws:PrincipalAccount", "${aws:ResourceAccount}"),
        on("StringEquals", "aws:PrincipalAccount"),
        on("ArnLike", "aws:SourceArn", "arn:aws:s3:::*"),
        on("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/Deploy"),
        on("IpAddress", "aws:SourceIp", "0.0.0.0/0"),
        on("IpAddress", "aws:SourceIp", "10.0.0.0/7"),
        on("IpAddress", "aws:SourceIp", "::/0"),
        on("IpAddress", "aws:SourceIp", "not an address"),
    ],
)
def test_a_condition_that_does_not_tell_who_narrows_nothing_down(statement: dict[str, Any]) -> None:
    assert everybody(statement) == ["*"]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (OPEN, ["*"]),
        ({**OPEN, "Principal": {"AWS": [OWN, f"arn:aws:iam::{FRIEND}:role/x", STRANGER]}}, [STRANGER]),
        ({**OPEN, "Principal": {"AWS": f"arn:aws:iam::{STRANGER}:user/x", "Service": "sns.amazonaws.com"}}, [f"arn:aws:iam::{STRANGER}:user/x"]),
        ({**OPEN, "Principal": {"AWS": "AIDACKCEVSQ6C2EXAMPLE"}}, []),
        (on("StringEquals", "aws:SourceAccount", STRANGER), ["*"]),
        (on("StringEquals", "aws:SourceAccount", OWN, STRANGER), ["*"]),
        (on("StringEquals", "aws:SourceAccount", FRIEND), []),
        ({**on("StringEquals", "aws:PrincipalOrgID", "o-abcdefghij"), "Principal": {"AWS": STRANGER}}, []),
    ],
)
def test_outsiders_are_everybody_and_accounts_that_are_not_trusted(statement: dict[str, Any], expected: list[str]) -> None:
    assert outsiders(statement, TRUSTED) == expected


def test_a_statement_loses_only_those_who_have_to_go() -> None:
    statement = {**OPEN, "Principal": {"AWS": ["*", OWN], "Service": "sns.amazonaws.com", "Federated": "*"}}
    assert without(statement, ["*"]) == {**OPEN, "Principal": {"AWS": [OWN], "Service": "sns.amazonaws.com"}}
    assert without(statement, ["*", OWN, "sns.amazonaws.com"]) is None
    assert without(statement, []) == statement
    assert without(OPEN, []) == OPEN
    assert without(OPEN, ["*"]) is None


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
