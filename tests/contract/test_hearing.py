"""Nobody is silenced: every threat is told once for itself, whatever mode, exemption, undo or earlier finding there is; silence has an owner and an end."""

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from snapback.engine.errors import CommandError
from tests.contract.conftest import Broken, broken_by
from tests.harness.account import Account
from tests.harness.discovery import HANDLERS, Handler

ANSWERERS = [
    Handler(service, stem)
    for service, stem in (
        ("awslambda", "contain_function"),
        ("ec2", "isolate_instance"),
        ("ecs", "stop_task"),
        ("iam", "deactivate_exposed_key"),
        ("iam", "quarantine_user"),
        ("iam", "revoke_role_sessions"),
    )
]
"""The remediations that answer GuardDuty's findings, so that report_finding is silent about those."""

FINDING = Handler("guardduty", "report_finding")


def finding_of(broken: Broken) -> dict[str, Any]:
    """Return a sample of a GuardDuty finding that the remediation answers."""
    for sample in broken.handler.samples:
        event = broken.event(sample)
        if event["detail-type"] == "GuardDuty Finding":
            return event
    raise AssertionError(broken.handler)


def of_another_finding(event: dict[str, Any], number: int, **more: object) -> dict[str, Any]:
    changed: dict[str, Any] = json.loads(json.dumps(event))
    changed["id"] = f"event-{number}"
    changed["detail"] |= {"id": f"finding-{number}", **more}
    return changed


def exemption(account: Account, **what: str) -> dict[str, str]:
    until = datetime.fromtimestamp(account.clock.time + 3600, UTC).isoformat()
    return {"owner": "Jo", "reason": "migration", "until": until, **what}


@pytest.fixture(params=ANSWERERS, ids=str)
def answerer(request: pytest.FixtureRequest, account: Account, monkeypatch: pytest.MonkeyPatch) -> Broken:
    return broken_by(request.param, account, monkeypatch)


@pytest.mark.parametrize("mode", ["preview", "enforce"])
def test_each_finding_on_the_same_resource_is_told_once_for_itself_in_every_mode(answerer: Broken, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MODE", "DISRUPTIVE_MODE"):
        monkeypatch.setenv(name, mode)
    event = finding_of(answerer)
    for number in range(3):
        answerer.deliver(of_another_finding(event, number))
        assert len(answerer.account.outcomes()) == number + 1, "it is news"
        answerer.account.clock.pause(900)
        answerer.deliver({**of_another_finding(event, number), "id": f"further news of {number}"})
        assert len(answerer.account.outcomes()) == number + 1, "it is not"
    assert answerer.account.outcomes()[1:] == (["WOULD_FIX"] * 2 if mode == "preview" else ["REPORTED"] * 2)


def test_an_exemption_is_from_the_fix_and_never_from_hearing(answerer: Broken) -> None:
    if not answerer.remediation.resolve:
        answerer.account.invoke(answerer.remediation, {"exempt": exemption(answerer.account, resource=answerer.resource)})
        event = finding_of(answerer)
        for number in (1, 1, 2):
            assert answerer.deliver(of_another_finding(event, number)) == ["EXEMPT"]
        assert answerer.state() == answerer.before
        assert answerer.account.outcomes() == ["EXEMPTED", "REPORTED", "REPORTED"]
        assert "exempt until" in answerer.account.alerts()[-1]["reason"]


def test_what_is_held_or_contested_is_told_once_for_each_finding(answerer: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    undo = answerer.remediation.undo
    if undo is None:
        return
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")
    event = finding_of(answerer)
    answerer.deliver(of_another_finding(event, 0))
    undo(answerer.resource, answerer.evidence(answerer.account.alerts()[0]["id"]))
    answerer.account.clock.pause(60)
    for number in (1, 2, 2, 3):
        assert answerer.deliver({**of_another_finding(event, number), "id": f"{number} {answerer.account.clock.time}"}) == ["HELD"]
        answerer.account.clock.pause(60)
    assert answerer.account.outcomes() == ["FIXED", "HELD", "HELD", "HELD"]


def test_of_a_finding_that_goes_on_after_the_fix_was_broken_the_fix_is_made_again(answerer: Broken) -> None:
    undo = answerer.remediation.undo
    if undo is None:
        return
    event = finding_of(answerer)
    answerer.deliver(event)
    undo(answerer.resource, answerer.evidence(answerer.account.alerts()[0]["id"]))
    answerer.account.clock.pause(60)
    assert answerer.deliver({**event, "id": "further news"}) == ["FIXED"]


@pytest.fixture
def reports(account: Account, monkeypatch: pytest.MonkeyPatch) -> Account:
    FINDING.set_up(monkeypatch)
    account.make_storm_queue()
    return account


def finding(number: int, **more: object) -> dict[str, Any]:
    sample: dict[str, Any] = next(iter(FINDING.samples.values()))
    return of_another_finding(sample, number, **more)


def test_no_number_of_findings_holds_the_next_one_back_and_critical_ones_are_told_alone(reports: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "2")
    monkeypatch.setenv("STORM_AFTER", "3")
    outcomes = [reports.deliver(FINDING.remediation, finding(number, severity=5.0)) for number in range(8)]
    outcomes += [
        reports.deliver(FINDING.remediation, finding(number, severity=9.0, type="AttackSequence:IAM/CompromisedCredentials")) for number in range(8, 13)
    ]
    assert outcomes == [["REPORTED"]] * 13
    assert len(reports.outcomes()) == 3 + 5, "three before the storm, and the critical ones"
    assert len(reports.put_off()) == 5, "the rest goes into the digest"


def test_no_alert_offers_a_command_that_names_the_account(reports: Account) -> None:
    reports.deliver(
        FINDING.remediation, finding(1, type="AttackSequence:IAM/CompromisedCredentials", severity=9.0, resource={"resourceType": "AttackSequence"})
    )
    [alert] = reports.alerts()
    assert alert["resource"]["name"] == alert["account"]
    assert set(alert["commands"]) == {"silence"}
    assert alert["account"] not in alert["commands"]["silence"].partition("--payload")[2]


@pytest.mark.parametrize("handler", [handler for handler in HANDLERS if handler.is_report], ids=str)
def test_nothing_is_exempt_from_being_reported(handler: Handler, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    handler.set_up(monkeypatch)
    with pytest.raises(CommandError, match="silence"):
        account.invoke(handler.remediation, {"exempt": exemption(account, resource="111122223333")})


@pytest.mark.parametrize("by", ["type", "id"])
def test_a_silence_is_for_one_type_or_finding_and_told_when_it_begins_and_when_it_has_ended(reports: Account, by: str) -> None:
    first, other = finding(1), finding(2, type="Something:Else/Entirely")
    reports.invoke(FINDING.remediation, {"silence": exemption(reports, finding=first["detail"][by])})
    assert reports.deliver(FINDING.remediation, first) == ["EXEMPT"]
    assert reports.deliver(FINDING.remediation, other) == ["REPORTED"]
    assert reports.outcomes() == ["EXEMPTED", "REPORTED"]
    reports.clock.pause(3601)
    assert reports.deliver(FINDING.remediation, finding(3, type="Something:Else/Entirely")) == ["REPORTED"]
    assert reports.deliver(FINDING.remediation, first) == ["REPORTED"]
    assert sorted(reports.outcomes()) == ["EXEMPTED", "EXEMPTED", "REPORTED", "REPORTED", "REPORTED"]
    assert [alert["reason"] for alert in reports.alerts() if "has ended" in alert["reason"]]


@pytest.mark.parametrize("everything", ["*", "", "111122223333", " ** ", None, "arn:aws:iam::111122223333:root"])
def test_neither_everything_nor_an_account_can_be_silenced(reports: Account, everything: Any) -> None:  # noqa: ANN401 - any JSON
    with pytest.raises(CommandError, match="finding"):
        reports.invoke(FINDING.remediation, {"silence": exemption(reports) | {"finding": everything}})


def test_an_exemption_by_the_beginning_of_a_name_silences_no_finding(answerer: Broken) -> None:
    with contextlib.suppress(CommandError):  # refused where it can be the beginning of no name
        answerer.account.invoke(answerer.remediation, {"exempt": exemption(answerer.account, resource="f*")})
    answerer.account.invoke(answerer.remediation, {"exempt": exemption(answerer.account, resource=f"{answerer.resource[:-2]}*")})
    granted = len(answerer.account.outcomes())
    assert answerer.deliver(of_another_finding(finding_of(answerer), 1)) == ["EXEMPT"]
    assert answerer.account.outcomes()[granted:] == ["REPORTED"]


SIBLINGS = [
    pytest.param(Handler("ec2", "restrict_snapshot"), "arn:aws:ec2:us-east-1::snapshot/{}", "AWS::EC2::Snapshot", id="snapshot"),
    pytest.param(Handler("kms", "restrict_key_policy"), "arn:aws:kms:us-east-1:111122223333:key/{}", "AWS::KMS::Key", id="key"),
    pytest.param(Handler("awslambda", "restrict_function"), "arn:aws:lambda:us-east-1:111122223333:function:{}", "AWS::Lambda::Function", id="function"),
    pytest.param(Handler("rds", "restrict_db_snapshot"), "{}", "AWS::RDS::DBSnapshot", id="database snapshot"),
]


@pytest.mark.parametrize(("handler", "arn", "resource_type"), SIBLINGS)
def test_what_is_undone_or_exempt_in_one_remediation_is_not_fixed_by_its_sibling(
    handler: Handler, arn: str, resource_type: str, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyzer = Handler("accessanalyzer", "remove_external_access")
    analyzer.set_up(monkeypatch)
    broken = broken_by(handler, account, monkeypatch)
    broken.deliver()
    account.invoke(broken.remediation, {"undo": account.alerts()[0]["id"]})
    event = analyzer.samples["remove_external_access"]
    event["detail"] |= {"resource": arn.format(broken.resource), "resourceType": resource_type}
    assert account.deliver(analyzer.remediation, event) == ["EXEMPT"]
    assert broken.state() == broken.before
    assert account.outcomes() == ["FIXED", "UNDONE", "REPORTED"]


@pytest.mark.parametrize(("handler", "arn", "resource_type"), SIBLINGS)
def test_what_access_analyzers_remediation_has_undone_is_not_fixed_by_its_sibling(
    handler: Handler, arn: str, resource_type: str, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyzer = Handler("accessanalyzer", "remove_external_access")
    analyzer.set_up(monkeypatch)
    broken = broken_by(handler, account, monkeypatch)
    event = analyzer.samples["remove_external_access"]
    event["detail"] |= {"resource": arn.format(broken.resource), "resourceType": resource_type}
    assert account.deliver(analyzer.remediation, event) == ["FIXED"]
    account.invoke(analyzer.remediation, {"undo": account.alerts()[0]["id"]})
    assert broken.deliver() == ["EXEMPT"]
    assert broken.is_wrong


def open_groups(number: int) -> list[str]:
    groups = [boto3.client("ec2").create_security_group(GroupName=f"open-{one}", Description="-")["GroupId"] for one in range(number)]
    for group in groups:
        boto3.client("ec2").authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")
    return groups


def test_a_decoy_that_is_held_silences_no_other_and_each_is_named_once_an_hour_without_a_mail_for_each(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")
    account.make_storm_queue()
    handler = Handler("ec2", "revoke_open_ingress")
    broken = broken_by(handler, account, monkeypatch)
    assert broken.deliver() == ["FIXED"]
    decoy, *others = open_groups(6)

    def deliver(group: str) -> list[str]:
        account.clock.pause(1)
        event = handler.scenario.event(handler.samples["revoke_open_ingress"], group, event_id=f"{group} {account.clock.time}")
        return account.deliver(broken.remediation, event)

    for _ in range(2):
        assert [deliver(group) for group in (decoy, *others)] == [["HELD"]] * 6
    assert [(alert["outcome"], alert["resource"]["name"]) for alert in account.alerts()[1:]] == [("HELD", decoy)]
    assert [alert["resource"]["name"] for alert in account.put_off()] == others, "told together, a few minutes later"
    account.clock.pause(600)
    assert deliver(others[0]) == ["HELD"]
    assert sorted(alert["resource"]["name"] for alert in account.put_off()) == sorted(others), "the same messages, and none more"
    assert len(account.outcomes()) == 2


def test_of_what_is_held_nothing_is_lost_where_the_queue_of_what_is_told_together_is_gone(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")
    handler = Handler("ec2", "revoke_open_ingress")
    broken = broken_by(handler, account, monkeypatch)
    broken.deliver()
    first, second = open_groups(2)
    sample = handler.samples["revoke_open_ingress"]
    assert account.deliver(broken.remediation, handler.scenario.event(sample, first, event_id="1")) == ["HELD"]
    assert account.deliver(broken.remediation, handler.scenario.event(sample, second, event_id="2")) == []
    assert len(account.dead_letters) == 1
    account.make_storm_queue()
    [(letter, _)] = account.dead_letters
    assert account.deliver(broken.remediation, letter) == ["HELD"]
    assert [alert["resource"]["name"] for alert in account.put_off()] == [second]
