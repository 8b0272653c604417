"""encrypt_bucket: weaker default encryption is replaced as a whole, and comes back as a whole."""

from typing import Any

import boto3
import pytest

from functions.s3.encrypt_bucket import remediation
from snapback.s3.buckets import default_encryption
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.s3 import buckets
from tests.harness.scenario import Scenario

buckets.as_on_aws()

BUCKET = "a-bucket-of-a-test"
NO_KEYS_OF_CUSTOMERS = {"BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}}
"""What the rule says besides, and keeps."""


def bucket(algorithm: str | None, **more: object) -> str:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [{"Key": "team", "Value": "blue"}]})
    if algorithm:
        rules: Any = [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm, **more}, "BucketKeyEnabled": False, **NO_KEYS_OF_CUSTOMERS}]
        s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": rules})
    return BUCKET


def state(name: str) -> dict[str, Any]:
    return {"encryption": default_encryption(name), "tags": boto3.client("s3").get_bucket_tagging(Bucket=name)["TagSet"]}


scenario = Scenario(
    sample="snapback-sample-bucket",
    broken=lambda: bucket("AES256"),
    state=state,
    touched=frozenset({"encryption"}),
    environment={"BUCKET_KMS_KEY": "", "LOG_BUCKET": "", "LB_LOG_BUCKET": "", "FLOW_LOG_BUCKET": ""},
)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("LOG_BUCKET", BUCKET), ("LB_LOG_BUCKET", BUCKET), ("FLOW_LOG_BUCKET", f"arn:aws:s3:::{BUCKET}"), ("FLOW_LOG_BUCKET", f"arn:aws:s3:::{BUCKET}/of/vpcs/")],
)
def test_the_buckets_into_which_snapback_has_logs_written_are_left_alone(account: Account, parameter: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(parameter, value)
    event = scenario.event(Handler("s3", "encrypt_bucket").samples["encrypt_bucket"], bucket("AES256"))
    assert account.deliver(remediation, event) == ["ALREADY_OK"]


def test_what_kinds_of_encryption_the_bucket_refuses_stays(account: Account) -> None:
    event = scenario.event(Handler("s3", "encrypt_bucket").samples["encrypt_bucket"], bucket("AES256"))
    [outcome] = account.invoke(remediation, event)["outcomes"]
    kms = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True, **NO_KEYS_OF_CUSTOMERS}
    assert default_encryption(BUCKET) == {"Rules": [kms]}
    account.invoke(remediation, {"undo": outcome["id"]})
    assert default_encryption(BUCKET)["Rules"][0] == {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
        "BucketKeyEnabled": False,
        **NO_KEYS_OF_CUSTOMERS,
    }


KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.mark.parametrize("algorithm", ["aws:kms", "aws:kms:dsse"])
@pytest.mark.usefixtures("account")
def test_any_kms_key_is_right(algorithm: str) -> None:
    assert remediation.violation(bucket(algorithm, KMSMasterKeyID=KEY)) == []


def test_the_key_of_the_parameter_is_used_and_undo_removes_what_was_not_there(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUCKET_KMS_KEY", KEY)
    before = state(bucket(None))
    event = scenario.event(Handler("s3", "encrypt_bucket").samples["encrypt_bucket"], BUCKET)
    [outcome] = account.invoke(remediation, event)["outcomes"]
    assert default_encryption(BUCKET)["Rules"][0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}
    account.invoke(remediation, {"undo": outcome["id"]})
    assert state(BUCKET) == before


def test_an_undo_is_refused_with_the_difference_if_somebody_chose_another_key_since(account: Account) -> None:
    bucket("AES256")
    event = scenario.event(Handler("s3", "encrypt_bucket").samples["encrypt_bucket"], BUCKET)
    [outcome] = account.invoke(remediation, event)["outcomes"]
    rules: Any = [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}}]
    boto3.client("s3").put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": rules})
    refused = account.invoke(remediation, {"undo": outcome["id"]})
    assert refused["outcome"] == "UNDO_REFUSED"
    assert KEY in refused["reason"]
