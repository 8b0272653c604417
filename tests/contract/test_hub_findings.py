"""With ResolveFindings on, Security Hub hears what was put right: after people do, only of what is right, and never at the expense of the fix or its alert."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from snapback.engine.hub_findings import ANSWERED
from tests.contract.conftest import Broken, broken_by
from tests.harness.account import FAULTS, Account, ApiCall, Killed, error
from tests.harness.discovery import FIXERS, Handler
from tests.harness.rules import rules
from tests.harness.securityhub import hub_findings
from tests.harness.template import of_type

hub_findings.as_on_aws()

FOUND = [pytest.param(handler, sample, id=sample) for handler in FIXERS for sample in handler.samples if "-securityhub" in sample]
SAMPLE = "restrict_snapshot-securityhub"


def controls(event: dict[str, Any]) -> set[str]:
    found = [finding.get("Compliance", {}).get("SecurityControlId") or finding["compliance"]["control"] for finding in event["detail"]["findings"]]
    return set(found)


@pytest.fixture
def found(account: Account, monkeypatch: pytest.MonkeyPatch) -> Broken:
    """A public snapshot of which Security Hub has a finding."""
    monkeypatch.setenv("RESOLVE_FINDINGS", "on")
    broken = broken_by(Handler("ec2", "restrict_snapshot"), account, monkeypatch)
    hub_findings.import_from(broken.event(SAMPLE))
    account.forget()
    return broken


def updates(broken: Broken) -> list[ApiCall]:
    return [call for call in broken.account.calls if call.operation.startswith("BatchUpdateFindings")]


@pytest.mark.parametrize(("handler", "sample"), FOUND)
def test_a_finding_that_led_to_a_fix_is_resolved_if_the_fix_is_the_whole_answer(
    handler: Handler, sample: str, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESOLVE_FINDINGS", "on")
    broken = broken_by(handler, account, monkeypatch)
    event = broken.event(sample)
    hub_findings.import_from(event)
    assert broken.deliver(event) == ["FIXED"]
    assert hub_findings.are_resolved() == [controls(event) <= ANSWERED]
    assert account.outcomes() == ["FIXED"]


def test_the_note_says_which_fix_it_was(found: Broken) -> None:
    found.deliver(found.event(SAMPLE))
    [alert] = found.account.alerts()
    [finding] = hub_findings.current()
    assert finding["Note"] == {"Text": f"Put right by restrict-snapshot, and seen to be right: {alert['id']}", "UpdatedBy": "Snapback"}


def test_it_is_the_last_call_after_the_second_look_the_record_and_the_alert(found: Broken) -> None:
    found.deliver(found.event(SAMPLE))
    operations = [call.operation for call in found.account.calls]
    looks = ["DescribeSnapshotAttribute", "DescribeSnapshotAttribute"]  # the second look, and with whom else it is shared still
    expected = ["ModifySnapshotAttribute", *looks, "Publish", "TransactWriteItems", "BatchUpdateFindings"]
    assert operations[-len(expected) :] == expected, "what is recorded is told, so no retry tells it again"


def test_unless_it_is_switched_on_nothing_is_resolved(found: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESOLVE_FINDINGS", "off")
    assert found.deliver(found.event(SAMPLE)) == ["FIXED"]
    assert updates(found) == []
    assert hub_findings.are_resolved() == [False]


@pytest.mark.parametrize(
    "changed",
    [
        {"RecordState": "ARCHIVED"},
        {"Workflow": {"Status": "SUPPRESSED"}},
        {"Workflow": {"Status": "RESOLVED"}},
        {"Compliance": {"Status": "PASSED", "SecurityControlId": "EC2.1"}},
    ],
    ids=["archived", "suppressed", "resolved", "passed"],
)
def test_a_finding_that_people_or_security_hub_have_closed_leads_to_nothing(found: Broken, changed: dict[str, Any]) -> None:
    event = found.event(SAMPLE)
    event["detail"]["findings"][0] |= changed
    assert found.deliver(event) == ["NO_CHANGE"]
    assert found.account.calls == []
    assert found.state() == found.before


@pytest.mark.parametrize("status", [(3, "Suppressed"), (4, "Resolved"), (5, "Archived")])
def test_a_closed_finding_in_ocsf_leads_to_nothing(found: Broken, status: tuple[int, str]) -> None:
    event = found.event(f"{SAMPLE}-v2")
    event["detail"]["findings"][0] |= {"status_id": status[0], "status": status[1]}
    assert found.deliver(event) == ["NO_CHANGE"]
    assert found.account.calls == []


@pytest.mark.parametrize("kind", FAULTS)
def test_whatever_becomes_of_the_call_the_fix_is_made_once_and_told_once(found: Broken, kind: str) -> None:
    once = iter([kind])

    def interfere(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        goes_wrong = call.operation == "BatchUpdateFindings" and next(once, None)
        return FAULTS[kind](call, really) if goes_wrong else really()

    with found.account.interfered(interfere):
        found.deliver(found.event(SAMPLE))
        assert len(found.account.writes) == 1
    assert found.account.outcomes() == ["FIXED"]
    assert found.account.dead_letters == []
    assert hub_findings.are_resolved() == [kind != "denied"], "what is refused is not tried again"


def test_a_hub_that_never_answers_leaves_the_event_to_people_and_the_fix_as_it_was_told(found: Broken) -> None:
    def interfere(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        return FAULTS["server error"](call, really) if call.operation == "BatchUpdateFindings" else really()

    with found.account.interfered(interfere):
        assert found.deliver(found.event(SAMPLE)) == []
    assert found.account.outcomes() == ["FIXED"]
    assert not found.is_wrong
    [(_, reason)] = found.account.dead_letters
    assert "BatchUpdateFindings" in reason


def test_a_refused_call_is_counted(found: Broken, caplog: pytest.LogCaptureFixture) -> None:
    def interfere(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        if call.operation == "BatchUpdateFindings":
            raise error("InvalidAccessException", 401, call.operation)
        return really()

    with found.account.interfered(interfere):
        assert found.deliver(found.event(SAMPLE)) == ["FIXED"]
    [line] = [vars(record) for record in caplog.records if record.getMessage() == "findings not resolved"]
    assert line["number"] == 1
    [metric] = [one["Properties"] for one in of_type("AWS::Logs::MetricFilter").values() if "findings not resolved" in one["Properties"]["FilterPattern"]]
    assert metric["FilterPattern"] == '{ ($.message = "findings not resolved") && ($.number > 0) }'
    assert metric["MetricTransformations"][0]["MetricValue"] == "$.number"


@pytest.mark.parametrize(("code", "attempts"), [("ConcurrentUpdateError", 2), ("FindingNotFound", 1)])
def test_a_finding_that_is_not_processed_is_tried_again_if_that_can_help(found: Broken, code: str, attempts: int) -> None:
    once = iter([{"ProcessedFindings": [], "UnprocessedFindings": [{"FindingIdentifier": {"Id": "x", "ProductArn": "y"}, "ErrorCode": code}]}])

    def interfere(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        answer = next(once, None) if call.operation == "BatchUpdateFindings" else None
        return answer or really()

    with found.account.interfered(interfere):
        found.deliver(found.event(SAMPLE))
        assert len(updates(found)) == attempts
    assert found.account.outcomes() == ["FIXED"]


def test_a_finding_stays_open_while_its_problem_is_still_to_be_seen(found: Broken) -> None:
    def swallow(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        return {} if call.is_write else really()

    with found.account.interfered(swallow):
        assert found.deliver(found.event(SAMPLE)) == ["UNVERIFIED"]
    assert updates(found) == []


@pytest.mark.parametrize("setting", [("MODE", "preview"), ("MAX_FIXES_PER_HOUR", "1")], ids=["only shown", "held"])
def test_a_finding_of_which_nothing_was_put_right_stays_open(found: Broken, setting: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    if setting[0] != "MODE":
        found.deliver()
        assert found.remediation.undo
        found.remediation.undo(found.resource, found.evidence(found.account.alerts()[0]["id"]))
        found.account.clock.pause(60)
    monkeypatch.setenv(*setting)
    assert found.deliver(found.event(SAMPLE)) in (["WOULD_FIX"], ["HELD"])
    assert updates(found) == []


def test_a_finding_that_comes_after_the_fix_is_left_to_security_hub(found: Broken) -> None:
    found.deliver()
    assert found.deliver(found.event(SAMPLE, event_id="later")) == ["ALREADY_OK"]
    assert updates(found) == []


def test_a_finding_stays_open_if_the_problem_is_back_before_the_retry(found: Broken) -> None:
    def break_again(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        if call.operation != "BatchUpdateFindings":
            return really()
        found.break_again()
        raise Killed

    with found.account.interfered(break_again):
        assert found.deliver(found.event(SAMPLE)) == ["HANDLED"]
        assert len(updates(found)) == 1
    assert found.account.outcomes() == ["FIXED"]


def test_a_finding_about_several_resources_is_resolved_only_if_all_are_right(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESOLVE_FINDINGS", "on")
    found = broken_by(Handler("rds", "restrict_db_snapshot"), account, monkeypatch)
    event = found.event("restrict_db_snapshot-securityhub")
    hub_findings.import_from(event)
    [finding] = event["detail"]["findings"]
    both = copy.deepcopy(finding)
    both["Id"] += "-both"
    both["Resources"].append({**both["Resources"][0], "Id": "arn:aws:rds:us-east-1:111122223333:snapshot:another"})
    event["detail"]["findings"].append(both)
    hub_findings.import_from({"detail": {"findings": [both]}})
    assert sorted(found.deliver(event)) == ["FIXED", "GONE"]
    assert hub_findings.are_resolved() == [True, False]


@pytest.mark.parametrize("part", ["Id", "ProductArn"])
@pytest.mark.parametrize("value", ["", " ", None, 7, ["x"]])
def test_a_finding_without_a_usable_name_leads_to_the_fix_all_the_same(found: Broken, part: str, value: object) -> None:
    event = found.event(SAMPLE)
    event["detail"]["findings"][0][part] = value
    assert found.deliver(event) == ["FIXED"]
    assert updates(found) == []


def test_each_control_that_is_answered_is_heard_by_one_remediation() -> None:
    heard: dict[str, set[str]] = {}
    for rule in rules():
        for part in rule.alternatives:
            for control in part.get("detail", {}).get("findings", {}).get("Compliance", {}).get("SecurityControlId", []):
                heard.setdefault(control, set()).add(rule.function)
    assert {control: len(heard.get(control, ())) for control in ANSWERED} == dict.fromkeys(ANSWERED, 1)
