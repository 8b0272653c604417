"""require_bucket_tls: one statement in, one statement out, every other byte as it was."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from functions.s3.require_bucket_tls import remediation
from snapback.buckets import deny_without_tls
from snapback.documents import statements, with_statement
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.scenario import Scenario

BUCKET = "a-bucket-of-a-test"
POLICY = """{
  "Version": "2012-10-17",
  "Statement": [
    { "Sid": "Readers", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/Reader"},
      "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a-bucket-of-a-test/*",
      "Condition": {"StringEquals": {"aws:Referer": "hush-a-secret"}} }
  ]
}"""


def bucket(policy: str | None) -> str:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    if policy:
        s3.put_bucket_policy(Bucket=BUCKET, Policy=policy)
    return BUCKET


def policy_of(name: str) -> str | None:
    try:
        return boto3.client("s3").get_bucket_policy(Bucket=name)["Policy"]
    except ClientError:
        return None


def state(name: str) -> dict[str, Any]:
    policy = policy_of(name)
    others = [statement for statement in statements(policy or "{}") if not statement["Sid"].startswith("SnapbackRequireTLS")]
    return {"policy": policy, "others": others, "acl": boto3.client("s3").get_bucket_acl(Bucket=name)["Grants"]}


scenario = Scenario(sample="snapback-sample-bucket", broken=lambda: bucket(POLICY), state=state, touched=frozenset({"policy"}), environment={})


def fixed(account: Account) -> str:
    event = scenario.event(Handler("s3", "require_bucket_tls").samples["require_bucket_tls"], BUCKET)
    [outcome] = account.invoke(remediation, event)["outcomes"]
    assert outcome["outcome"] == "FIXED"
    return str(outcome["id"])


def test_a_bucket_without_a_policy_gets_one_and_loses_it_again_on_undo(account: Account) -> None:
    bucket(None)
    fix = fixed(account)
    assert [statement["Sid"] for statement in statements(policy_of(BUCKET) or "")] == ["SnapbackRequireTLS1"]
    account.invoke(remediation, {"undo": fix})
    assert policy_of(BUCKET) is None


def test_undo_keeps_what_others_have_edited_since(account: Account) -> None:
    bucket(POLICY)
    fix = fixed(account)
    later = {"Sid": "Later", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    boto3.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=with_statement(policy_of(BUCKET), later))
    account.invoke(remediation, {"undo": fix})
    assert [statement["Sid"] for statement in statements(policy_of(BUCKET) or "")] == ["Readers", "Later"]


def test_a_sid_that_somebody_else_took_is_left_to_them(account: Account) -> None:
    bucket(with_statement(POLICY, {**deny_without_tls(BUCKET, "SnapbackRequireTLS1"), "Action": "s3:GetObject"}))
    fixed(account)
    assert [statement["Sid"] for statement in statements(policy_of(BUCKET) or "")] == ["Readers", "SnapbackRequireTLS1", "SnapbackRequireTLS2"]


@pytest.mark.parametrize(
    ("change", "is_wrong"),
    [
        ({}, False),
        ({"Principal": {"AWS": "*"}, "Action": ["s3:*"], "Condition": {"Bool": {"aws:SecureTransport": ["false"]}}}, False),
        ({"Resource": "*"}, False),
        ({"Effect": "Allow"}, True),
        ({"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}, True),
        ({"Action": "s3:GetObject"}, True),
        ({"Resource": f"arn:aws:s3:::{BUCKET}/*"}, True),
        ({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, True),
        ({"Condition": {"Bool": {"aws:SecureTransport": "false"}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}, True),
    ],
)
@pytest.mark.usefixtures("account")
def test_only_a_statement_that_denies_everybody_everything_without_tls_counts(change: dict[str, Any], *, is_wrong: bool) -> None:
    bucket(with_statement(None, {**deny_without_tls(BUCKET, "Mine"), **change}))
    assert bool(remediation.violation(BUCKET)) is is_wrong


def test_nothing_of_the_policy_reaches_the_journal_the_log_or_an_alert(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    bucket(POLICY)
    fixed(account)
    assert "hush-a-secret" not in str((account.heard(), account.journal(), capsys.readouterr()))


def all_calls(account: Account) -> None:
    """Lead to the calls of an undo where there was no policy."""
    bucket(None)
    account.invoke(remediation, {"undo": fixed(account)})
