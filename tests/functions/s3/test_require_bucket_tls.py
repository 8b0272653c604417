"""require_bucket_tls: one statement in, one statement out, every other byte as it was."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from functions.s3.require_bucket_tls import remediation
from snapback.policies.documents import statements, with_statement
from snapback.s3.buckets import FULL_BLOCK, deny_without_tls, set_account_public_access_block, set_public_access_block
from tests.harness.account import ACCOUNT, Account, ApiCall, error
from tests.harness.discovery import Handler
from tests.harness.iam.deleted_principals import GONE, refused
from tests.harness.s3 import buckets
from tests.harness.scenario import Scenario

buckets.as_on_aws()

BUCKET = "a-bucket-of-a-test"
POLICY = """{
  "Version": "2012-10-17",
  "Statement": [
    { "Sid": "Readers", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/Reader"},
      "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a-bucket-of-a-test/*",
      "Condition": {"StringEquals": {"aws:Referer": "hush-a-secret"}} }
  ]
}"""


PUBLIC = with_statement(POLICY, {"Sid": "Everybody", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"})

EVERYBODY = {"AWS": "*"}
IDENTITY = "CloudFront Origin Access Identity EH1HDMB1FH2TC"
NETWORK = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}


def reading(principal: object, condition: object | None = None) -> str:
    """Return the policy with a statement more, that lets these read."""
    only = {"Condition": condition} if condition else {}
    added = {"Sid": "They", "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*", **only}
    return with_statement(POLICY, added)


def bucket(policy: str | None) -> str:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    if policy and buckets.is_public(policy):
        buckets.open_for_policies(BUCKET)
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


scenario = Scenario(
    sample="snapback-sample-bucket",
    broken=lambda: bucket(POLICY),
    state=state,
    touched=frozenset({"policy"}),
    environment={"TRUSTED_ACCOUNTS": "", "ORGANIZATION_ID": "", "LOG_BUCKET": "", "LB_LOG_BUCKET": "", "FLOW_LOG_BUCKET": ""},
)


def event() -> dict[str, Any]:
    return scenario.event(Handler("s3", "require_bucket_tls").samples["require_bucket_tls"], BUCKET)


def fixed(account: Account) -> str:
    [outcome] = account.invoke(remediation, event())["outcomes"]
    assert outcome["outcome"] == "FIXED"
    return str(outcome["id"])


def test_a_bucket_without_a_policy_gets_one_and_loses_it_again_on_undo(account: Account) -> None:
    bucket(None)
    fix = fixed(account)
    assert [statement["Sid"] for statement in statements(policy_of(BUCKET) or "")] == ["SnapbackRequireTLS1"]
    account.invoke(remediation, {"undo": fix})
    assert policy_of(BUCKET) is None


@pytest.mark.parametrize(("parameter", "value"), [("LOG_BUCKET", BUCKET), ("LB_LOG_BUCKET", BUCKET), ("FLOW_LOG_BUCKET", f"arn:aws:s3:::{BUCKET}/of/vpcs/")])
def test_the_buckets_into_which_snapback_has_logs_written_are_left_alone(account: Account, parameter: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(parameter, value)
    bucket(POLICY)
    assert account.deliver(remediation, event()) == ["ALREADY_OK"]
    assert account.writes == []


def test_undo_keeps_what_others_have_edited_since(account: Account) -> None:
    bucket(POLICY)
    fix = fixed(account)
    later = {"Sid": "Later", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    boto3.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=with_statement(policy_of(BUCKET), later))
    account.invoke(remediation, {"undo": fix})
    assert [statement["Sid"] for statement in statements(policy_of(BUCKET) or "")] == ["Readers", "Later"]


@pytest.mark.parametrize("others", [True, False])
def test_a_principal_that_was_deleted_is_left_out_by_fix_and_undo_and_told_of(account: Account, *, others: bool) -> None:
    gone = {"Sid": "Gone", "Effect": "Allow", "Principal": {"AWS": GONE}, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    name = bucket(with_statement(POLICY if others else None, gone))
    with account.interfered(refused):
        assert account.deliver(remediation, event()) == ["FIXED"]
        assert account.alerts()[0]["before"][0]["Deleted"] == [GONE]
        put_by_somebody = with_statement(policy_of(name), gone)
        boto3.client("s3").put_bucket_policy(Bucket=name, Policy=put_by_somebody)
        assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDONE"
    assert policy_of(name) == (POLICY if others else None)


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
        ({"Condition": {"Bool": {"AWS:securetransport": "false"}}}, False),
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
    assert "hush-a-secret" not in str((account.alerts(), account.journal(), capsys.readouterr()))


def block_public_access(account: Account, of: str) -> None:
    """Switch on the whole block of the bucket or the account, as its remediation does."""
    if of == "bucket":
        set_public_access_block(BUCKET, FULL_BLOCK)
    else:
        set_account_public_access_block(ACCOUNT, FULL_BLOCK)
    account.forget()


@pytest.mark.parametrize("of", ["bucket", "account"])
def test_a_public_policy_that_the_block_forbids_to_put_again_is_left_to_people_and_not_touched(account: Account, of: str) -> None:
    bucket(PUBLIC)
    block_public_access(account, of)
    assert account.deliver(remediation, event()) == ["REPORTED"]
    assert account.writes == []
    assert policy_of(BUCKET) == PUBLIC
    [alert] = account.alerts()
    assert "public access block forbids" in alert["reason"]
    assert "take out of it whom the block keeps out anyway" in alert["reason"]
    boto3.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=POLICY)
    assert account.deliver(remediation, {**event(), "id": "the policy that people put"}) == ["FIXED"]


def test_a_preview_does_not_promise_what_the_block_forbids(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    bucket(PUBLIC)
    block_public_access(account, "bucket")
    assert account.deliver(remediation, event()) == ["REPORTED"]


def test_a_block_that_comes_between_the_look_and_the_fix_is_told_as_well(account: Account) -> None:
    bucket(PUBLIC)

    def blocked_just_before(call: ApiCall, _: int, really: Callable[[], object]) -> object:
        if call.operation == "PutBucketPolicy":
            boto3.client("s3").put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=FULL_BLOCK)
        return really()

    with account.interfered(blocked_just_before):
        assert account.deliver(remediation, event()) == ["REPORTED"]
    assert policy_of(BUCKET) == PUBLIC


def test_an_undo_that_the_block_forbids_says_which_fix_to_take_back_first(account: Account) -> None:
    bucket(PUBLIC)
    fix = fixed(account)
    block_public_access(account, "bucket")
    refused = account.invoke(remediation, {"undo": fix})
    assert refused["outcome"] == "UNDO_REFUSED"
    assert "take back block_public_bucket or block_public_account first" in refused["reason"]
    assert account.writes == []
    buckets.open_for_policies(BUCKET)
    assert account.invoke(remediation, {"undo": fix})["outcome"] == "UNDONE"
    assert policy_of(BUCKET) == PUBLIC


def test_a_refusal_that_has_nothing_to_do_with_the_block_is_a_failure(account: Account) -> None:
    bucket(PUBLIC)

    def denied(call: ApiCall, _: int, really: Callable[[], object]) -> object:
        if call.operation == "PutBucketPolicy":
            raise error("AccessDenied", 403, call.operation)
        return really()

    with account.interfered(denied):
        assert account.deliver(remediation, event()) == ["FAILED"]


def all_calls(account: Account) -> None:
    """Lead to the calls of an undo where there was no policy, and to those that ask what forbids to put one."""
    bucket(None)
    account.invoke(remediation, {"undo": fixed(account)})
    account.tear_down()
    account.set_up()
    bucket(PUBLIC)
    account.deliver(remediation, event())


WEBSITE: Any = {"IndexDocument": {"Suffix": "index.html"}}


@pytest.mark.parametrize(
    ("policy", "is_website", "outcome"),
    [
        pytest.param(POLICY, False, "FIXED", id="beside what is there"),
        pytest.param(None, False, "WOULD_FIX", id="the first: a stack that brings its own would be refused"),
        pytest.param(PUBLIC, False, "WOULD_FIX", id="everybody may read, perhaps by plain HTTP"),
        pytest.param(POLICY, True, "WOULD_FIX", id="a website, which is served by plain HTTP"),
        pytest.param(reading(EVERYBODY, {"StringEquals": {"aws:SourceVpce": "vpce-1a2b"}}), False, "WOULD_FIX", id="from one network, signed or not"),
        pytest.param(reading(EVERYBODY, {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2"}, **NETWORK}), False, "WOULD_FIX", id="signed or not"),
        pytest.param(reading(EVERYBODY, {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}), False, "FIXED", id="everybody of an organisation, signed"),
        pytest.param(reading(EVERYBODY, {"Null": {"aws:PrincipalOrgID": "false"}, **NETWORK}), False, "FIXED", id="everybody of some organisation, signed"),
        pytest.param(reading(EVERYBODY, {"StringLike": {"aws:PrincipalAccount": "*"}, **NETWORK}), False, "WOULD_FIX", id="any account, or none"),
        pytest.param(reading(EVERYBODY, {"StringEquals": {"aws:PrincipalType": "Anonymous"}, **NETWORK}), False, "WOULD_FIX", id="unsigned in so many words"),
        pytest.param(reading(EVERYBODY, {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}), False, "FIXED", id="everybody of an account, signed"),
        pytest.param(reading({"Service": "cloudfront.amazonaws.com"}), False, "WOULD_FIX", id="CloudFront, by an origin access control"),
        pytest.param(reading({"AWS": f"arn:aws:iam::cloudfront:user/{IDENTITY}"}), False, "WOULD_FIX", id="CloudFront, by an origin access identity"),
        pytest.param(reading({"CanonicalUser": "79a59df900b949e55d96a1e698fbaced"}), False, "WOULD_FIX", id="perhaps CloudFront"),
        pytest.param(reading({"Service": "logging.s3.amazonaws.com"}), False, "FIXED", id="a service that uses TLS"),
    ],
)
def test_it_asks_where_the_statement_may_stop_what_works(
    account: Account, policy: str | None, outcome: str, monkeypatch: pytest.MonkeyPatch, *, is_website: bool
) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    bucket(policy)
    if is_website:
        boto3.client("s3").put_bucket_website(Bucket=BUCKET, WebsiteConfiguration=WEBSITE)
    assert account.deliver(remediation, event()) == [outcome]
    assert [alert["disruptive"] for alert in account.alerts()] == [outcome == "WOULD_FIX"]
