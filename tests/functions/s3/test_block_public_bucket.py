"""block_public_bucket: the four settings go on, policy and ACL stay."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from functions.s3.block_public_bucket import remediation
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.s3 import buckets
from tests.harness.scenario import Scenario

buckets.as_on_aws()

BUCKET = "a-bucket-of-a-test"
POLICY = '{"Version":"2012-10-17","Statement":[{"Sid":"Everyone","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}'
HALF = {"BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": False, "RestrictPublicBuckets": True}


def bucket(block: dict[str, bool] | None) -> str:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.delete_public_access_block(Bucket=BUCKET)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=POLICY)
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [{"Key": "team", "Value": "blue"}]})
    if block:
        s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=block)  # type: ignore[arg-type]  # four booleans
    return BUCKET


def broken() -> str:
    return bucket(HALF)


def state(name: str) -> dict[str, Any]:
    s3 = boto3.client("s3")
    try:
        block: object = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    except ClientError:
        block = None
    return {
        "block": block,
        "policy": s3.get_bucket_policy(Bucket=name)["Policy"],
        "acl": s3.get_bucket_acl(Bucket=name)["Grants"],
        "tags": s3.get_bucket_tagging(Bucket=name)["TagSet"],
    }


scenario = Scenario(sample="snapback-sample-bucket", broken=broken, state=state, touched=frozenset({"block"}), environment={})


@pytest.mark.parametrize("block", [None, HALF], ids=["none at all", "half on"])
@pytest.mark.usefixtures("account")
def test_a_bucket_is_wrong_unless_all_four_settings_are_on(block: dict[str, bool] | None) -> None:
    bucket(block)
    assert remediation.violation(BUCKET)
    remediation.fix(BUCKET, remediation.violation(BUCKET))
    assert not remediation.violation(BUCKET)


def test_undo_removes_the_block_where_there_was_none(account: Account) -> None:
    bucket(None)
    before = state(BUCKET)
    event = {"id": "1", "detail-type": "AWS API Call via CloudTrail", "source": "aws.s3", "account": "111122223333", "region": "us-east-1"}
    event |= {"time": "2026-11-24T03:00:00Z", "detail": {"eventName": "CreateBucket", "requestParameters": {"bucketName": BUCKET}}}  # type: ignore[dict-item]
    [outcome] = account.invoke(remediation, event)["outcomes"]
    account.invoke(remediation, {"undo": outcome["id"]})
    assert state(BUCKET) == before


@pytest.mark.parametrize(("is_website", "outcome"), [(False, "PARTIAL"), (True, "WOULD_FIX")])
def test_a_website_is_asked_about(account: Account, outcome: str, monkeypatch: pytest.MonkeyPatch, *, is_website: bool) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    bucket(HALF)
    if is_website:
        boto3.client("s3").put_bucket_website(Bucket=BUCKET, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    event = scenario.event(Handler("s3", "block_public_bucket").samples["block_public_bucket-policy"], BUCKET)
    assert account.deliver(remediation, event) == [outcome]


def all_calls(account: Account) -> None:
    """Look at a bucket whose policy lets in nobody."""
    bucket(None)
    boto3.client("s3").delete_bucket_policy(Bucket=BUCKET)
    deliver(account, "-put")


def deliver(account: Account, sample: str) -> list[str]:
    return account.deliver(remediation, scenario.event(Handler("s3", "block_public_bucket").samples[f"block_public_bucket{sample}"], BUCKET))


def test_a_public_bucket_is_closed_at_once_and_its_stack_can_put_its_policy_again(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    bucket(None)
    assert deliver(account, "-policy") == ["PARTIAL"]
    closed = {"BlockPublicAcls": False, "IgnorePublicAcls": True, "BlockPublicPolicy": False, "RestrictPublicBuckets": True}
    assert state(BUCKET)["block"] == closed
    boto3.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=POLICY)
    assert deliver(account, "-put") == ["WOULD_FIX"], "the rest is shown"
    assert state(BUCKET)["block"] == closed
    account.invoke(remediation, {"undo": account.alerts()[0]["id"]})
    assert state(BUCKET)["block"] is None


@pytest.mark.parametrize(("sample", "outcome"), [("-put", "WOULD_FIX"), ("-create", "WOULD_FIX"), ("", "FIXED"), ("-securityhub", "FIXED")])
def test_the_block_is_not_put_back_under_the_hands_of_a_stack_that_goes_on_to_make_a_website(
    account: Account, sample: str, outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    bucket(None)
    boto3.client("s3").delete_bucket_policy(Bucket=BUCKET)
    assert deliver(account, sample) == [outcome]


def test_a_block_that_is_put_off_a_bucket_whose_acl_lets_everybody_in_is_put_back_at_once(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    bucket(None)
    s3 = boto3.client("s3")
    s3.delete_bucket_policy(Bucket=BUCKET)
    s3.put_bucket_ownership_controls(Bucket=BUCKET, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    s3.put_bucket_acl(Bucket=BUCKET, ACL="public-read")
    assert deliver(account, "-put") == ["PARTIAL"]
    assert s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]["IgnorePublicAcls"]


def test_what_a_threat_was_found_in_is_closed_wholly(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    bucket(None)
    assert deliver(account, "-guardduty") == ["FIXED"]


PARTNER = {"AWS": "arn:aws:iam::444455556666:root"}
LOAD_BALANCING = {"AWS": "arn:aws:iam::127311923021:root"}
ORIGIN_ACCESS_IDENTITY = {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1HDMB1FH2TC"}
FROM_A_NETWORK = {"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}}
OF_THIS_ACCOUNT = {"Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}}


def let_in_besides(principal: object, **more: object) -> None:
    """Let in somebody by a statement of their own, beside the one for everybody."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", **more}
    document = json.loads(POLICY)
    boto3.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({**document, "Statement": [*document["Statement"], statement]}))


@pytest.mark.parametrize(
    ("principal", "more", "is_asked"),
    [
        (PARTNER, {}, True),
        (LOAD_BALANCING, {"Action": "s3:PutObject"}, True),
        (ORIGIN_ACCESS_IDENTITY, {}, True),
        ("*", FROM_A_NETWORK, True),
        ({"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}, {}, True),
        ("*", OF_THIS_ACCOUNT, False),
        ({"AWS": "arn:aws:iam::111122223333:role/app"}, {}, False),
        ({"AWS": "AROAEXAMPLEEXAMPLE123"}, {}, False),
        ({"Service": "cloudfront.amazonaws.com"}, {}, False),
        (PARTNER, {"Effect": "Deny"}, False),
    ],
)
def test_whom_a_public_policy_lets_in_besides_everybody_is_not_shut_out_unasked(
    principal: object, more: dict[str, Any], account: Account, monkeypatch: pytest.MonkeyPatch, *, is_asked: bool
) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    monkeypatch.setenv("TRUSTED_ACCOUNTS", "444455556666")
    bucket(None)
    let_in_besides(principal, **more)
    assert deliver(account, "-policy") == ["PARTIAL"]
    block = state(BUCKET)["block"]
    assert block["IgnorePublicAcls"], "what nobody else comes in by is closed"
    assert block["RestrictPublicBuckets"] is not is_asked


def test_whom_the_block_shuts_out_with_everybody_is_not_told_to_be_let_in_still(account: Account) -> None:
    bucket(None)
    let_in_besides(PARTNER)
    assert deliver(account, "") == ["FIXED"]
    [alert] = account.alerts()
    assert "arn:aws:iam::444455556666:root. RestrictPublicBuckets shuts them out, too" in alert["text"]
    assert "still lets in" not in alert["text"]


def test_whom_a_policy_names_that_does_not_let_in_everybody_is_told_to_be_let_in_still(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    bucket(None)
    boto3.client("s3").delete_bucket_policy(Bucket=BUCKET)
    boto3.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=POLICY.replace('"Principal":"*"', f'"Principal":{json.dumps(PARTNER)}'))
    assert deliver(account, "") == ["FIXED"]
    assert "It still lets in arn:aws:iam::444455556666:root by name" in account.alerts()[0]["text"]
