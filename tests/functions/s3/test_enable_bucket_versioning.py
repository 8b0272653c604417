"""enable_bucket_versioning: versions are kept again, and MFA delete is nobody's but root's."""

from typing import Any

import boto3
import pytest
from moto.s3.models import s3_backends

from functions.s3.enable_bucket_versioning import remediation
from snapback.s3.buckets import versioning
from tests.harness.account import ACCOUNT, Account, ApiCall
from tests.harness.discovery import Handler
from tests.harness.s3 import buckets
from tests.harness.scenario import Scenario

buckets.as_on_aws()

BUCKET, OTHER = "a-bucket-of-a-test", "another-bucket-of-a-test"


def bucket(*statuses: Any) -> str:  # noqa: ANN401 - BucketVersioningStatus
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.create_bucket(Bucket=OTHER)
    for status in statuses:
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": status})
        s3.put_object(Bucket=BUCKET, Key="a", Body=b"1")
    return BUCKET


def state(name: str) -> dict[str, Any]:
    s3 = boto3.client("s3")
    return {
        "versioning": versioning(name),
        "versions": s3.list_object_versions(Bucket=name).get("Versions", []),
        "other": versioning(OTHER),
    }


scenario = Scenario(
    sample="snapback-sample-bucket",
    broken=lambda: bucket("Enabled", "Suspended"),
    state=state,
    touched=frozenset({"versioning"}),
    environment={},
)


def event() -> dict[str, Any]:
    return scenario.event(Handler("s3", "enable_bucket_versioning").samples["enable_bucket_versioning"], BUCKET)


def with_mfa_delete(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401 - any answer
    answer = really()
    return {**answer, "MFADelete": "Enabled"} if call.operation == "GetBucketVersioning" else answer


def test_a_bucket_that_never_had_versioning_is_suspended_by_an_undo_as_the_manual_says(account: Account) -> None:
    bucket()
    [outcome] = account.invoke(remediation, event())["outcomes"]
    assert account.alerts()[0]["before"] == [{"Status": "never enabled", "MFADelete": "Disabled"}]
    assert versioning(BUCKET) == {"Status": "Enabled"}
    assert account.invoke(remediation, {"undo": outcome["id"]})["outcome"] == "UNDONE"
    assert versioning(BUCKET) == {"Status": "Suspended"}


def test_a_suspended_bucket_with_mfa_delete_is_left_to_the_root_user(account: Account) -> None:
    bucket("Enabled", "Suspended")
    with account.interfered(with_mfa_delete):
        assert account.deliver(remediation, event()) == ["REPORTED"]
        assert account.writes == []
    assert "root user" in account.alerts()[0]["reason"]


def test_the_fix_says_nothing_of_mfa_delete(account: Account) -> None:
    bucket("Suspended")
    account.deliver(remediation, event())
    assert [call.parameters["VersioningConfiguration"] for call in account.writes] == [{"Status": "Enabled"}]


@pytest.mark.parametrize("statuses", [("Enabled",), ("Suspended", "Enabled")])
@pytest.mark.usefixtures("account")
def test_enabled_is_right_whatever_it_was(statuses: tuple[str, ...]) -> None:
    assert remediation.violation(bucket(*statuses)) == []


def test_an_undo_that_object_lock_forbids_is_refused_in_awss_own_words(account: Account) -> None:
    bucket("Suspended")
    [fixed] = account.invoke(remediation, event())["outcomes"]
    s3_backends[ACCOUNT]["aws"].buckets[BUCKET].object_lock_enabled = True  # moto knows it for new buckets only
    refused = account.invoke(remediation, {"undo": fixed["id"]})
    assert refused["outcome"] == "UNDO_REFUSED"
    assert "InvalidBucketState: An Object Lock configuration is present" in refused["reason"]
