"""restrict_key_policy: everybody goes out of a key policy, every other byte stays, and nobody is locked out."""

import json
from typing import Any

import boto3
import pytest

from functions.kms.restrict_key_policy import remediation
from snapback.kms.kms_keys import still_managed
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.scenario import ACCOUNT, Scenario, saying

ROOT = {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
OPEN = {"Sid": "Anybody", "Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
POLICY = """{
  "Version" : "2012-10-17",
  "Statement" : [ {
    "Sid" : "Root", "Effect" : "Allow",
    "Principal" : { "AWS" : "arn:aws:iam::111122223333:root" }, "Action" : "kms:*", "Resource" : "*"
  }, {
    "Sid" : "Anybody", "Effect" : "Allow", "Principal" : "*", "Action" : [ "kms:Decrypt" ],   "Resource" : "*"
  }, {
    "Sid" : "ViaS3", "Effect" : "Allow", "Principal" : { "AWS" : "*" }, "Action" : "kms:Decrypt", "Resource" : "*",
    "Condition" : { "StringEquals" : { "kms:CallerAccount" : "111122223333", "kms:ViaService" : "s3.us-east-1.amazonaws.com" } }
  } ]
}"""
FOR_OURS = {"Condition": {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}}
RIGHT = POLICY.replace(
    """{
    "Sid" : "Anybody", "Effect" : "Allow", "Principal" : "*", "Action" : [ "kms:Decrypt" ],   "Resource" : "*"
  }""",
    json.dumps({**OPEN, "Action": ["kms:Decrypt"], **FOR_OURS}),
)


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def key(document: str) -> str:
    return boto3.client("kms").create_key(Policy=document)["KeyMetadata"]["KeyId"]


def policy_of(key_id: str) -> str:
    return boto3.client("kms").get_key_policy(KeyId=key_id, PolicyName="default")["Policy"]


def broken() -> str:
    key(policy(ROOT))
    return key(POLICY)


def state(key_id: str) -> dict[str, Any]:
    kms = boto3.client("kms")
    others = sorted(one["KeyId"] for one in kms.list_keys()["Keys"] if one["KeyId"] != key_id)
    return {"policy": policy_of(key_id), "key": kms.describe_key(KeyId=key_id)["KeyMetadata"], "others": {other: policy_of(other) for other in others}}


scenario = Scenario(
    sample="1234abcd-12ab-34cd-56ef-1234567890ab",
    broken=broken,
    state=state,
    touched=frozenset({"policy"}),
    environment={"TRUSTED_ACCOUNTS": "", "ORGANIZATION_ID": ""},
)


def deliver(account: Account, key_id: str) -> list[str]:
    event = scenario.event(Handler("kms", "restrict_key_policy").samples["restrict_key_policy"], key_id)
    return account.deliver(remediation, saying(event, policy=policy_of(key_id)))


def test_only_the_open_statement_is_left_to_the_account_and_every_other_byte_stays(account: Account) -> None:
    key_id = broken()
    assert deliver(account, key_id) == ["FIXED"]
    assert policy_of(key_id) == RIGHT


def test_what_is_asked_of_everybody_is_asked_of_the_account_as_well(account: Account) -> None:
    via = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}, "Bool": {"aws:SecureTransport": "true"}}
    key_id = key(policy(ROOT, {**OPEN, "Condition": via}))
    assert deliver(account, key_id) == ["FIXED"]
    asked = {**via, "StringEquals": {**via["StringEquals"], "aws:PrincipalAccount": ACCOUNT}}
    assert json.loads(policy_of(key_id))["Statement"] == [ROOT, {**OPEN, "Condition": asked}]


@pytest.mark.parametrize(
    ("owner", "left"), [(ACCOUNT, {"Principal": {"AWS": ["*", "READER"]}, **FOR_OURS}), ("999999999999", {"Principal": {"AWS": ["READER"]}})]
)
def test_who_stands_beside_everybody_in_one_statement_keeps_it(account: Account, owner: str, left: dict[str, Any]) -> None:
    reader = f"arn:aws:iam::{owner}:role/Reader"
    key_id = key(policy(ROOT, {**OPEN, "Principal": {"AWS": ["*", reader]}}))
    assert deliver(account, key_id) == ["FIXED"]
    assert json.loads(policy_of(key_id))["Statement"] == [ROOT, {**OPEN, **json.loads(json.dumps(left).replace("READER", reader))}]


@pytest.mark.parametrize(
    "statement",
    [
        {**OPEN, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}},
        {**OPEN, "Principal": {"AWS": "999999999999"}},
        {**OPEN, "Effect": "Deny"},
    ],
    ids=["an organisation", "a named account", "a denial"],
)
def test_what_does_not_let_in_everybody_is_left_alone(account: Account, statement: dict[str, Any]) -> None:
    assert deliver(account, key(policy(ROOT, statement))) == ["ALREADY_OK"]
    assert account.writes == []


def test_via_one_service_is_still_everybody(account: Account) -> None:
    key_id = key(policy(ROOT, {**OPEN, "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}}))
    assert deliver(account, key_id) == ["FIXED"]


MANAGING_ALL = {**OPEN, "Principal": {"AWS": ["*", "999999999999"]}, "Action": "kms:*"}
NAMED = {**ROOT, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/admin"}}


@pytest.mark.parametrize(
    "statements",
    [
        [MANAGING_ALL],
        [MANAGING_ALL, NAMED],
        [MANAGING_ALL, {**ROOT, "Action": ["kms:Describe*", "kms:Put*"]}],
        [MANAGING_ALL, {**ROOT, "Principal": {"AWS": "arn:aws:iam::999999999999:root"}}],
        [MANAGING_ALL, {**ROOT, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}],
    ],
    ids=["it alone", "one user, whom Snapback is not", "root may not read it", "root of another account", "root on a condition"],
)
def test_a_key_that_nobody_could_manage_any_more_is_left_to_people(account: Account, statements: list[dict[str, Any]]) -> None:
    key_id = key(policy(*statements))
    assert deliver(account, key_id) == ["REPORTED"]
    assert account.writes == []
    assert "nobody in the account could manage the key" in account.alerts()[0]["reason"]


def test_a_key_that_only_everybody_can_manage_is_left_to_its_account(account: Account) -> None:
    key_id = key(policy({**MANAGING_ALL, "Principal": "*"}))
    assert deliver(account, key_id) == ["FIXED"]
    assert json.loads(policy_of(key_id))["Statement"] == [{**MANAGING_ALL, "Principal": "*", **FOR_OURS}]


@pytest.mark.parametrize(
    "statement",
    [
        ROOT,
        {**ROOT, "Principal": {"AWS": [ACCOUNT]}, "Action": ["kms:Get*", "kms:Put*"]},
        {**ROOT, "Principal": "*", "Condition": {"StringEquals": {"kms:CallerAccount": ACCOUNT}}},
    ],
)
@pytest.mark.usefixtures("account")
def test_a_statement_that_leaves_the_key_to_its_account_is_enough(statement: dict[str, Any]) -> None:
    assert still_managed(policy(statement)) == policy(statement)


def test_an_undo_is_refused_if_somebody_has_edited_the_policy_since(account: Account) -> None:
    key_id = broken()
    deliver(account, key_id)
    boto3.client("kms").put_key_policy(KeyId=key_id, PolicyName="default", Policy=policy(ROOT, NAMED))
    undone = account.invoke(remediation, {"undo": account.alerts()[0]["id"]})
    assert undone["outcome"] == "UNDO_REFUSED"
    assert policy_of(key_id) == policy(ROOT, NAMED)


def test_a_policy_that_changes_under_its_hands_is_not_overwritten(account: Account) -> None:
    key_id = broken()
    later = policy(ROOT, NAMED)

    def edited_before_the_fix(call: Any, _: int, really: Any) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "TransactWriteItems":  # the claim, and what comes after it
            boto3.client("kms").put_key_policy(KeyId=key_id, PolicyName="default", Policy=later)
        return really()

    with account.interfered(edited_before_the_fix):
        assert deliver(account, key_id) == ["REPORTED"], "not FIXED: it was somebody else"
    assert account.writes == []
    assert policy_of(key_id) == later
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDO_REFUSED"


def test_a_read_that_lags_behind_does_not_pass_for_somebody_elses_change(account: Account) -> None:
    key_id = broken()
    looks: list[Any] = []

    def old_at_the_second_look(call: Any, _: int, really: Any) -> Any:  # noqa: ANN401 - any answer
        looks.extend([call] if call.operation == "GetKeyPolicy" else [])
        return {"Policy": policy(ROOT)} if call.operation == "GetKeyPolicy" and len(looks) == 2 else really()

    with account.interfered(old_at_the_second_look):
        assert deliver(account, key_id) == ["FIXED"]
    assert policy_of(key_id) == RIGHT
