"""report_lifted_quarantine: AWS's own quarantine, and no other policy."""

import copy

import pytest

from functions.iam.report_lifted_quarantine import remediation
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.rules import rules

SAMPLE = Handler("iam", "report_lifted_quarantine").samples["report_lifted_quarantine"]


def test_the_alert_says_who_took_which_quarantine_off_whom(account: Account) -> None:
    assert account.deliver(remediation, SAMPLE) == ["REPORTED"]
    [alert] = account.alerts()
    assert (alert["severity"], alert["actor"]["name"]) == ("high", "mallory")
    assert {"Detached": "AWSCompromisedKeyQuarantineV3", "From": "alice"} in alert["before"]
    assert "AWS's quarantine was taken off the user alice" in alert["subject"]


@pytest.mark.parametrize("policy", ["AWSCompromisedKeyQuarantine", "AWSCompromisedKeyQuarantineV2", "AWSCompromisedKeyQuarantineV4"])
def test_each_version_of_it_counts(account: Account, policy: str) -> None:
    event = copy.deepcopy(SAMPLE)
    event["detail"]["requestParameters"]["policyArn"] = f"arn:aws:iam::aws:policy/{policy}"
    assert any(rule.function == "ReportLiftedQuarantine" and rule.matches(event) for rule in rules())
    assert account.deliver(remediation, event) == ["REPORTED"]


def test_another_policy_wakes_nobody_and_is_not_told(account: Account) -> None:
    event = copy.deepcopy(SAMPLE)
    event["detail"]["requestParameters"]["policyArn"] = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    assert not any(rule.function == "ReportLiftedQuarantine" and rule.matches(event) for rule in rules())
    assert account.deliver(remediation, event) == ["ALREADY_OK"]
    assert account.outcomes() == []
