"""report_root_activity: the right words for what root did."""

from typing import Any

import pytest

from functions.iam.report_root_activity import remediation
from tests.harness.account import Account
from tests.harness.discovery import Handler

SAMPLES = Handler("iam", "report_root_activity").samples


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("report_root_activity", "The root user signed in to the console"),
        ("report_root_activity-failed", "Somebody tried to sign in as the root user and failed"),
        ("report_root_activity-call", "The root user called CreateAccessKey of iam.amazonaws.com"),
        ("report_root_activity-refused", "The root user called DeleteBucket of s3.amazonaws.com and was refused"),
    ],
)
def test_the_alert_says_what_root_did(account: Account, name: str, words: str) -> None:
    assert account.deliver(remediation, SAMPLES[name]) == ["REPORTED"]
    [alert] = account.heard()
    assert alert["before"][0]["What"] == words
    assert "the root user of account 111122223333" in alert["actor"]["text"]


@pytest.mark.parametrize("identity", [{"type": "IAMUser", "userName": "alice"}, {"type": "Root", "invokedBy": "support.amazonaws.com"}])
def test_nobody_hears_of_others_or_of_services_on_roots_behalf(account: Account, identity: dict[str, Any]) -> None:
    event = SAMPLES["report_root_activity-call"]
    assert account.deliver(remediation, {**event, "detail": {**event["detail"], "userIdentity": identity}}) == ["ALREADY_OK"]
    assert account.told() == []
