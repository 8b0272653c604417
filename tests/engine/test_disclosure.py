"""disclosure: what may be a secret is hidden, the same way in calls and in evidence, and what people need to see is not."""

import json
from typing import Any

import pytest

from snapback.engine.disclosure import HIDDEN, disclosed

TRUST = {
    "Effect": "Allow",
    "Principal": {"AWS": "*"},
    "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"sts:ExternalId": "hunter2", "aws:PrincipalOrgID": "o-1234567890"}},
}
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})


@pytest.mark.parametrize(
    "value",
    [
        {"Policy": DOCUMENT},
        {"LetsIn": ["*"], "Policy": f"  {DOCUMENT}"},
        DOCUMENT,
        {"Statement": TRUST},
        {"PolicyDocument": {"Statement": [TRUST]}},
        {"Condition": "hunter2-like"} | TRUST,
        {
            "MasterUserPassword": "hunter2",
            "AuthToken": "hunter2",
            "ExternalId": "hunter2",
            "SecretString": "hunter2",
            "Tokens": ["x"],
            "private_key": "hunter2",
        },
    ],
    ids=str,
)
def test_documents_external_ids_and_texts_under_secret_names_are_hidden(value: Any) -> None:  # noqa: ANN401 - any JSON
    assert "hunter2" not in json.dumps(disclosed(value))


def test_what_was_wrong_is_still_to_be_seen() -> None:
    shown = disclosed({"LetsIn": ["*"], "Policy": DOCUMENT, "Statement": TRUST})
    assert shown["LetsIn"] == ["*"]
    assert shown["Policy"].startswith(f"(document of {len(DOCUMENT)} characters, sha256 ")
    assert shown["Statement"]["Principal"] == {"AWS": "*"}
    assert shown["Statement"]["Condition"] == {"StringEquals": {"sts:ExternalId": HIDDEN, "aws:PrincipalOrgID": "o-1234567890"}}


@pytest.mark.parametrize(
    "harmless",
    [
        {"HttpTokens": "optional", "PasswordPolicy": {"MinimumPasswordLength": 8}, "AllowUsersToChangePassword": True},
        {"SecretId": "prod/db", "ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-AbCdEf", "KeyId": "x"},
        {"IpProtocol": "tcp", "CidrIpv4": "0.0.0.0/0", "FromPort": 22, "Description": '{"not": "a policy"}'},
        None,
        [],
        "text",
    ],
    ids=str,
)
def test_everything_else_stays_as_it_is(harmless: Any) -> None:  # noqa: ANN401 - any JSON
    assert disclosed(harmless) == harmless
