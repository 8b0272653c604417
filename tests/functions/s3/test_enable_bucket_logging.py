"""enable_bucket_logging: an access log where there was none, and never one of the log bucket itself."""

import json
from typing import Any

import boto3
import pytest

from functions.s3.enable_bucket_logging import remediation
from snapback.s3.buckets import access_log
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.s3 import buckets
from tests.harness.scenario import Scenario

buckets.as_on_aws()

BUCKET, LOGS, ELSEWHERE = "a-bucket-of-a-test", "logs-of-a-test", "other-logs-of-a-test"


def bucket() -> str:
    s3 = boto3.client("s3")
    for name in (BUCKET, LOGS, ELSEWHERE):
        s3.create_bucket(Bucket=name)
    for name in (LOGS, ELSEWHERE):
        statement = {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{name}/*"}
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [{"Key": "team", "Value": "blue"}]})
    return BUCKET


def state(name: str) -> dict[str, Any]:
    return {
        "log": access_log(name),
        "tags": boto3.client("s3").get_bucket_tagging(Bucket=name)["TagSet"],
        "log buckets": [(access_log(logs), boto3.client("s3").get_bucket_policy(Bucket=logs)["Policy"]) for logs in (LOGS, ELSEWHERE)],
    }


scenario = Scenario(
    sample="snapback-sample-bucket",
    broken=bucket,
    state=state,
    touched=frozenset({"log"}),
    environment={"LOG_BUCKET": LOGS, "LB_LOG_BUCKET": "", "FLOW_LOG_BUCKET": ""},
)


def event(name: str = BUCKET) -> dict[str, Any]:
    return scenario.event(Handler("s3", "enable_bucket_logging").samples["enable_bucket_logging"], name)


@pytest.fixture
def account_with_log_bucket(account: Account, monkeypatch: pytest.MonkeyPatch) -> Account:
    monkeypatch.setenv("LOG_BUCKET", LOGS)
    bucket()
    return account


def log_to(target: str) -> None:
    status: Any = {"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": "mine/"}}
    boto3.client("s3").put_bucket_logging(Bucket=BUCKET, BucketLoggingStatus=status)


def test_the_log_goes_under_the_buckets_name(account_with_log_bucket: Account) -> None:
    assert account_with_log_bucket.deliver(remediation, event()) == ["FIXED"]
    log = access_log(BUCKET)
    assert (log["TargetBucket"], log["TargetPrefix"]) == (LOGS, f"{BUCKET}/")


def test_without_a_log_bucket_nothing_is_wrong_and_nothing_is_asked(account_with_log_bucket: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_BUCKET", "")
    assert account_with_log_bucket.deliver(remediation, event()) == ["ALREADY_OK"]
    assert [call for call in account_with_log_bucket.calls if not call.own] == []


@pytest.mark.parametrize(("parameter", "value"), [("LB_LOG_BUCKET", BUCKET), ("FLOW_LOG_BUCKET", f"arn:aws:s3:::{BUCKET}/of/vpcs/")])
def test_the_other_buckets_into_which_snapback_has_logs_written_are_left_alone(
    account_with_log_bucket: Account, parameter: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(parameter, value)
    assert account_with_log_bucket.deliver(remediation, event()) == ["ALREADY_OK"]
    assert account_with_log_bucket.writes == []


def test_the_log_bucket_itself_has_no_log(account_with_log_bucket: Account) -> None:
    assert account_with_log_bucket.deliver(remediation, event(LOGS)) == ["ALREADY_OK"]
    assert access_log(LOGS) is None


def test_a_log_that_goes_elsewhere_is_left_alone(account_with_log_bucket: Account) -> None:
    log_to(ELSEWHERE)
    assert account_with_log_bucket.deliver(remediation, event()) == ["ALREADY_OK"]
    assert access_log(BUCKET)["TargetBucket"] == ELSEWHERE


def test_an_undo_is_refused_if_somebody_chose_another_log_bucket_since(account_with_log_bucket: Account) -> None:
    [outcome] = account_with_log_bucket.invoke(remediation, event())["outcomes"]
    log_to(ELSEWHERE)
    assert account_with_log_bucket.invoke(remediation, {"undo": outcome["id"]})["outcome"] == "UNDO_REFUSED"
    assert access_log(BUCKET)["TargetBucket"] == ELSEWHERE


def test_a_log_bucket_that_aws_refuses_is_told(account_with_log_bucket: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_BUCKET", "no-such-bucket-of-a-test")
    assert account_with_log_bucket.deliver(remediation, event()) == ["FAILED"]
    assert "InvalidTargetBucketForLogging" in account_with_log_bucket.alerts()[0]["reason"]


def test_a_log_bucket_that_does_not_let_the_service_write_is_told_in_awss_own_words(account_with_log_bucket: Account) -> None:
    boto3.client("s3").delete_bucket_policy(Bucket=LOGS)
    assert account_with_log_bucket.deliver(remediation, event()) == ["FAILED"]
    assert "PutBucketLogging says InvalidTargetBucketForLogging: You must either provide" in account_with_log_bucket.alerts()[0]["reason"]


def test_a_log_bucket_in_another_region_is_told_in_awss_own_words(account_with_log_bucket: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    boto3.client("s3").create_bucket(Bucket="logs-in-europe", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    policy = boto3.client("s3").get_bucket_policy(Bucket=LOGS)["Policy"].replace(LOGS, "logs-in-europe")
    boto3.client("s3").put_bucket_policy(Bucket="logs-in-europe", Policy=policy)
    monkeypatch.setenv("LOG_BUCKET", "logs-in-europe")
    assert account_with_log_bucket.deliver(remediation, event()) == ["FAILED"]
    assert "CrossLocationLoggingProhibitted: Cross S3 location logging not allowed" in account_with_log_bucket.alerts()[0]["reason"]
