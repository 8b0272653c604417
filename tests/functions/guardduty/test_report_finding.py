"""report_finding: every finding that nobody else answers is told once, with what to do first."""

import copy
from typing import Any

import pytest

from functions.guardduty.report_finding import remediation
from snapback.engine import findings
from tests.harness.account import Account
from tests.harness.discovery import Handler

SAMPLES = Handler("guardduty", "report_finding").samples
ISOLATED = Handler("ec2", "isolate_instance").samples["isolate_instance"]

environment = {"SWITCHED_OFF": "none"}

MALWARE = SAMPLES["report_finding"]


def changed(event: dict[str, Any], event_id: str, **detail: object) -> dict[str, Any]:
    return copy.deepcopy({**event, "id": event_id, "detail": {**event["detail"], **detail}})


def facts(account: Account) -> dict[str, str]:
    """Return what the last alert says, in one."""
    return {key: value for item in account.alerts()[-1]["before"] for key, value in item.items()}


def test_the_alert_says_what_it_is_what_it_concerns_and_what_to_do_first(account: Account) -> None:
    assert account.deliver(remediation, MALWARE) == ["REPORTED"]
    told = facts(account)
    assert (told["Finding"], told["Severity"]) == ("Object:S3/MaliciousFile", "High (8)")
    assert (told["Concerns"], told["Name"], told["Account"], told["Region"]) == ("S3Object", "uploads", "111122223333", "us-east-1")
    assert (told["Times"], told["First"], told["Last"]) == ("1", "2026-11-24T03:00:00.000Z", "2026-11-24T03:05:00.000Z")
    assert told["DoFirst"].startswith("Do not open the object.")
    [alert] = account.alerts()
    assert alert["subject"] == "HIGH 111122223333: Investigate: Object:S3/MaliciousFile (uploads)"
    assert all(told[part] in alert["text"] for part in ("Title", "Description", "DoFirst"))


def test_a_finding_is_told_once_however_often_it_is_updated(account: Account) -> None:
    outcomes = [account.deliver(remediation, changed(MALWARE, f"update {number}", updatedAt=f"2026-11-24T0{number}:00:00.000Z")) for number in range(4, 8)]
    assert outcomes == [["REPORTED"], ["HANDLED"], ["HANDLED"], ["HANDLED"]]
    assert account.outcomes() == ["REPORTED"]


def test_it_is_told_again_if_it_has_become_more_severe(account: Account) -> None:
    for number, severity in enumerate((5, 5.5, 8, 9)):
        account.deliver(remediation, changed(MALWARE, f"update {number}", severity=severity))
    assert [alert["before"][0]["Severity"] for alert in account.alerts()] == ["Medium (5)", "High (8)", "Critical (9)"]


def test_two_findings_about_the_same_resource_are_two(account: Account) -> None:
    account.deliver(remediation, MALWARE)
    assert account.deliver(remediation, changed(MALWARE, "another", id="another")) == ["REPORTED"]


def test_what_the_deployment_has_switched_off_answers_nothing(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCHED_OFF", "encrypt-bucket,isolate-instance")
    assert account.deliver(remediation, ISOLATED) == ["REPORTED"]
    assert facts(account)["Finding"] == ISOLATED["detail"]["type"]
    monkeypatch.setenv("SWITCHED_OFF", "encrypt-bucket")
    assert account.deliver(remediation, changed(ISOLATED, "another", id="another")) == ["ALREADY_OK"]


def test_nobody_hears_twice_of_what_another_remediation_answers(account: Account) -> None:
    assert account.deliver(remediation, ISOLATED) == ["ALREADY_OK"]
    assert account.outcomes() == []


def test_a_victim_is_told_of_because_it_is_not_isolated(account: Account) -> None:
    event = copy.deepcopy(ISOLATED)
    event["detail"]["service"]["resourceRole"] = "TARGET"
    event["detail"]["service"]["action"]["networkConnectionAction"]["connectionDirection"] = "INBOUND"
    assert account.deliver(remediation, event) == ["REPORTED"]
    assert facts(account)["Name"] == "i-0123456789abcdef0"


def test_samples_are_told_as_samples_even_of_types_that_others_answer_but_only_one_in_an_hour(account: Account) -> None:
    event = copy.deepcopy(ISOLATED)
    event["detail"]["service"]["additionalInfo"] = {"sample": True}
    assert account.deliver(remediation, event) == ["REPORTED"]
    assert "made it up" not in facts(account)["DoFirst"]
    assert "had GuardDuty make it up" in facts(account)["Sample"]
    assert account.alerts()[0]["subject"] == "INFORMATIONAL 111122223333: Sample, nothing happened: Backdoor:EC2/C&CActivity.B (SAMPLE)"
    assert not account.alerts()[0]["needs_person"], "nobody is woken for what somebody had made up"
    assert account.deliver(remediation, changed(event, "the next", id="the next", type="Trojan:EC2/DropPoint")) == ["HANDLED"]
    assert account.deliver(remediation, changed(event, "later", updatedAt="2026-11-24T04:00:00.000Z")) == ["REPORTED"]


def test_an_attack_sequence_is_told_under_the_accounts_name_with_all_that_is_involved(account: Account) -> None:
    assert account.deliver(remediation, SAMPLES["report_finding-sequence"]) == ["REPORTED"]
    told = facts(account)
    assert (told["Name"], told["Involved"]) == ("111122223333", "alice, ledger")
    assert told["DoFirst"].startswith("Treat it as a break-in")


@pytest.mark.parametrize("resource", [None, {}, {"resourceType": None}, {"resourceType": "QuantumTask", "quantumTaskDetails": {"name": "<b>\r\n"}}])
def test_a_finding_of_a_shape_that_nobody_knows_is_told_all_the_same(account: Account, resource: object) -> None:
    assert account.deliver(remediation, changed(SAMPLES["report_finding-unknown"], "odd", resource=resource)) == ["REPORTED"]
    assert facts(account)["Name"] == "111122223333"


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        ({"resourceType": "AccessKey", "accessKeyDetails": {"userName": "alice", "accessKeyId": "AKIA1"}, "instanceDetails": {"instanceId": "i-1"}}, "alice"),
        ({"resourceType": "AccessKey", "accessKeyDetails": {"userName": "alice"}, "s3BucketDetails": [{"name": "ledger"}]}, "ledger"),
        ({"resourceType": "Container", "containerDetails": {"id": "6a5f3e"}, "instanceDetails": {"instanceId": "i-1"}}, "i-1"),
        ({"resourceType": "EC2Image", "ec2ImageDetails": {"imageArn": "arn:aws:ec2:us-east-1:111122223333:image/ami-1"}}, "ami-1"),
        ({"resourceType": "ECSCluster", "ecsClusterDetails": {"name": "shop", "taskDetails": {"arn": "arn:aws:ecs:us-east-1:1:task/shop/0af1"}}}, "0af1"),
        ({"resourceType": "RDSDBInstance", "rdsDbInstanceDetails": {"dbInstanceIdentifier": "orders"}}, "orders"),
        ({"resourceType": "Lambda", "lambdaDetails": {"functionName": "resize"}}, "resize"),
    ],
)
def test_the_alert_names_what_the_finding_concerns(account: Account, resource: dict[str, Any], name: str) -> None:
    event = changed(SAMPLES["report_finding-unknown"], "named", resource=resource)
    assert account.deliver(remediation, event) == ["REPORTED"]
    assert account.alerts()[0]["resource"]["name"] == name


def test_advice_is_short_enough_to_stand_in_the_alert_whole() -> None:
    everything = [*findings._STEPS.values(), *findings._STEPS_BY_PURPOSE.values(), findings._STEPS_FOR_ANY]  # noqa: SLF001 - all of them
    assert max(len(steps) for steps in everything) < 400
