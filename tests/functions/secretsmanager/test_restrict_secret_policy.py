"""restrict_secret_policy: everybody goes out of a secret's policy, whichever name an event gives the secret."""

import json
from typing import Any

import boto3
import pytest

from functions.secretsmanager.restrict_secret_policy import remediation
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.scenario import ACCOUNT, Scenario, saying

SAMPLE = "arn:aws:secretsmanager:us-east-1:111122223333:secret:snapback/sample-a1B2c3"
READER = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999999999999:role/Reader"}, "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
OPEN = {"Sid": "Anybody", "Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
ALL_BUT_ONE = {"Sid": "Others", "Effect": "Allow", "NotPrincipal": {"AWS": "999999999999"}, "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
READERS = json.dumps(READER, separators=(" ,", " : "))
POLICY = f'{{"Version": "2012-10-17",\n  "Statement": [ {json.dumps(OPEN)},\n {READERS} ] }}'


def secret(name: str, policy: str | None) -> str:
    client = boto3.client("secretsmanager")
    arn = client.create_secret(Name=name, SecretString="hush")["ARN"]
    if policy:
        client.put_resource_policy(SecretId=name, ResourcePolicy=policy)
    return arn


def policy_of(arn: str) -> str | None:
    return boto3.client("secretsmanager").get_resource_policy(SecretId=arn).get("ResourcePolicy")


def broken() -> str:
    secret("prod/orders", json.dumps({"Version": "2012-10-17", "Statement": [READER]}))
    return secret("prod/db", POLICY)


def state(arn: str) -> dict[str, Any]:
    client = boto3.client("secretsmanager")
    return {
        "policy": policy_of(arn),
        "value": client.get_secret_value(SecretId=arn)["SecretString"],
        "about": {key: value for key, value in client.describe_secret(SecretId=arn).items() if key not in ("ResponseMetadata", "LastAccessedDate")},
        "neighbour": policy_of("prod/orders"),
    }


scenario = Scenario(sample=SAMPLE, broken=broken, state=state, touched=frozenset({"policy"}), environment={"TRUSTED_ACCOUNTS": "", "ORGANIZATION_ID": ""})


def event(secret_id: str) -> dict[str, Any]:
    return scenario.event(Handler("secretsmanager", "restrict_secret_policy").samples["restrict_secret_policy"], secret_id)


def test_only_the_open_statement_is_left_to_the_account_and_every_other_byte_stays(account: Account) -> None:
    arn = broken()
    assert account.deliver(remediation, event(arn)) == ["FIXED"]
    for_ours = {**OPEN, "Condition": {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}}
    assert policy_of(arn) == f'{{"Version": "2012-10-17",\n  "Statement": [ {json.dumps(for_ours)},\n {READERS} ] }}'


def test_a_secret_that_an_event_calls_by_its_name_goes_by_its_arn(account: Account) -> None:
    arn = broken()
    assert account.deliver(remediation, event("prod/db")) == ["FIXED"]
    assert account.alerts()[0]["resource"]["name"] == arn


def test_a_policy_that_was_nothing_but_open_is_removed_and_comes_back(account: Account) -> None:
    only = f'{{ "Version":"2012-10-17","Statement":{json.dumps(ALL_BUT_ONE)} }}'
    arn = secret("prod/db", only)
    assert account.deliver(remediation, event(arn)) == ["FIXED"]
    assert policy_of(arn) is None
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDONE"
    assert policy_of(arn) == only


@pytest.mark.parametrize(
    "statement",
    [
        READER,
        {**OPEN, "Condition": {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}},
        {**OPEN, "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}}},
    ],
)
def test_what_is_for_somebody_is_left_alone(account: Account, statement: dict[str, Any]) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert account.deliver(remediation, saying(event(secret("prod/db", policy)), resourcePolicy=policy)) == ["ALREADY_OK"]
    assert account.writes == []


def test_a_secret_without_a_policy_is_right_and_one_that_is_gone_is_gone(account: Account) -> None:
    for_ours = json.dumps({"Version": "2012-10-17", "Statement": []})
    assert account.deliver(remediation, saying(event(secret("prod/db", None)), resourcePolicy=for_ours)) == ["ALREADY_OK"]
    assert account.deliver(remediation, saying(event("prod/other"), resourcePolicy=for_ours)) == ["GONE"]


def test_what_is_in_the_secret_is_never_read(account: Account) -> None:
    arn = broken()
    account.deliver(remediation, event(arn))
    account.invoke(remediation, {"undo": account.alerts()[0]["id"]})
    assert {call.operation for call in account.calls if not call.own} == {"GetResourcePolicy", "PutResourcePolicy"}


def all_calls(account: Account) -> None:
    """Lead to the removal of a policy of which nothing is left."""
    account.deliver(remediation, event(secret("prod/db", json.dumps({"Version": "2012-10-17", "Statement": [ALL_BUT_ONE]}))))
