"""report_tampering: changes to Snapback's own parts are told, whoever makes them; its own deployment is told once."""

import pytest

from functions.cloudformation.report_tampering import DEPLOYMENT, remediation
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.rules import rules

HANDLER = Handler("cloudformation", "report_tampering")
[RULE] = [rule for rule in rules() if rule.function == HANDLER.logical_id]


def test_the_alert_says_what_was_changed_and_by_whom(account: Account) -> None:
    assert account.deliver(remediation, HANDLER.samples["report_tampering"]) == ["REPORTED"]
    [alert] = account.heard()
    assert alert["severity"] == "high"
    assert alert["resource"]["name"] == "snapback-RevokeOpenIngress-1A2B3C4D5E6F"
    assert "PutFunctionConcurrency20171031 of lambda.amazonaws.com" in alert["text"]
    assert "role Admin (session mallory) from 198.51.100.7" in alert["text"]


@pytest.mark.parametrize("sample", HANDLER.samples)
def test_what_an_update_of_the_stack_does_is_not_told_part_by_part(sample: str, account: Account) -> None:
    event = HANDLER.samples[sample]
    event["detail"]["userIdentity"]["invokedBy"] = DEPLOYMENT
    assert not RULE.matches(event)
    assert account.deliver(remediation, event) == ["ALREADY_OK"]


@pytest.mark.parametrize(
    ("sample", "part", "value"),
    [
        ("report_tampering", "functionName", "billing-RevokeOpenIngress"),
        ("report_tampering-rule", "name", "nightly"),
        ("report_tampering-journal", "tableName", "Orders"),
        ("report_tampering-stack", "stackName", "snapback-of-somebody-else"),
        ("report_tampering-role", "roleName", "Admin"),
    ],
)
def test_changes_to_what_is_not_snapbacks_wake_nobody(sample: str, part: str, value: str) -> None:
    event = HANDLER.samples[sample]
    event["detail"]["requestParameters"][part] = value
    assert not RULE.matches(event)
