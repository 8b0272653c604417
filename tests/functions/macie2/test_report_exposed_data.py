"""report_exposed_data: what Macie finds at High severity is told once."""

import pytest

from functions.macie2.report_exposed_data import remediation
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.rules import rules

SAMPLES = Handler("macie2", "report_exposed_data").samples


def test_the_alert_says_which_object_holds_which_kinds_of_data_and_who_can_read_the_bucket(account: Account) -> None:
    assert account.deliver(remediation, SAMPLES["report_exposed_data"]) == ["REPORTED"]
    [alert] = account.alerts()
    assert alert["resource"]["name"] == "ledger"
    assert {"Bucket": "ledger", "Public": "NOT_PUBLIC", "Object": "2026/cards.csv"} in alert["before"]
    assert {"SensitiveData": "FINANCIAL_INFORMATION (120)"} in alert["before"]


def test_a_bucket_shared_with_strangers_is_told_once_however_often_macie_sees_it(account: Account) -> None:
    """Though block_public_bucket hears of it as well: its fix does not end the sharing."""
    sample = SAMPLES["report_exposed_data"]
    shared = {**sample["detail"], "type": "Policy:IAMUser/S3BucketSharedExternally", "classificationDetails": None}
    shared["resourcesAffected"] = {**shared["resourcesAffected"], "s3Object": None}
    outcomes = [account.deliver(remediation, {**sample, "id": f"seen {count}", "detail": {**shared, "count": count}}) for count in (1, 2)]
    assert outcomes == [["REPORTED"], ["HANDLED"]]
    assert account.outcomes() == ["REPORTED"]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("Policy:IAMUser/S3BucketPublic", False),
        ("Policy:IAMUser/S3BlockPublicAccessDisabled", False),
        ("Policy:IAMUser/S3BucketReplicatedExternally", True),
        ("Policy:IAMUser/S3BucketSharedExternally", True),
        ("SensitiveData:S3Object/Credentials", True),
        ("NewCategory:S3Object/Something", True),
    ],
)
def test_every_type_is_heard_but_what_block_public_bucket_puts_right(kind: str, told: bool) -> None:  # noqa: FBT001 - a parameter of the test
    [rule] = [rule for rule in rules() if rule.function == "ReportExposedData"]
    sample = SAMPLES["report_exposed_data"]
    assert rule.matches({**sample, "detail": {**sample["detail"], "type": kind}}) is told


def test_a_finding_that_somebody_had_macie_make_up_is_told_as_such_and_changes_nothing(account: Account) -> None:
    sample = SAMPLES["report_exposed_data"]
    assert account.deliver(remediation, {**sample, "detail": {**sample["detail"], "sample": True}}) == ["REPORTED"]
    assert account.alerts()[0]["before"][0]["Sample"].startswith("yes")
    found = Handler("s3", "block_public_bucket").samples["block_public_bucket-macie"]
    closing = Handler("s3", "block_public_bucket").remediation
    assert account.deliver(closing, {**found, "detail": {**found["detail"], "sample": True}}) == ["NO_CHANGE"]
