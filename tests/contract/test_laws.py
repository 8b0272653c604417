"""What holds for every fix, whatever it fixes."""

import importlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from jsonschema import Draft202012Validator

from snapback.engine import findings
from tests.contract.conftest import Broken, broken_by
from tests.harness.account import FAULTS, Account, ApiCall
from tests.harness.discovery import FIXERS, HANDLERS, REPORTS, ROOT, Handler
from tests.harness.scenario import ACCOUNT


@pytest.mark.parametrize("handler", HANDLERS, ids=str)
def test_every_remediation_has_its_four_pieces(handler: Handler) -> None:
    assert handler.stem in handler.samples, "a sample event of the same name"
    assert handler.is_report or handler.scenario, "a scenario in a test of the same name"
    assert handler.remediation.summary.endswith("."), "a manual that begins with one sentence"
    assert "Fill me in" not in str(handler.module.__doc__)
    if len(handler.together) == 1:
        assert handler.module.handler == handler.remediation.handler
    else:
        shared = importlib.import_module(f"functions.{handler.service}.{handler.function.stem}")
        assert handler.remediation in shared.together.remediations
        assert shared.handler == shared.together.handler


@pytest.mark.parametrize("handler", FIXERS, ids=str)
def test_every_manual_gives_the_class_its_reason(handler: Handler) -> None:
    given = handler.remediation.disruptive
    words = {True: ["Class: disruptive, because "], False: ["Class: safe, because "]}
    both = ["Class: safe", "isruptive "]
    manual = " ".join((handler.module.__doc__ or "").split())
    assert all(word in manual for word in (both if callable(given) else words[given])), "what it cannot stop, or may stop"


SCHEMA = Draft202012Validator(json.loads((ROOT / "docs" / "alert.schema.json").read_text()))
"""What programs that are subscribed to the topic may rely on."""

SAMPLES = [pytest.param(handler, sample, id=sample) for handler in FIXERS for sample in handler.samples_to_fix]
ONLY_TOLD = [pytest.param(handler, sample, id=sample) for handler in FIXERS for sample in sorted(handler.scenario.only_told)]


@pytest.mark.parametrize(("handler", "sample"), SAMPLES)
def test_from_every_source_the_problem_is_put_right_and_told_once(handler: Handler, sample: str, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = broken_by(handler, account, monkeypatch)
    assert broken.deliver(broken.event(sample)) == ["FIXED"]
    [alert] = account.alerts()
    assert alert["outcome"] == "FIXED"
    SCHEMA.validate({part: value for part, value in alert.items() if part not in ("subject", "text")})
    assert not broken.remediation.violation(alert["resource"]["name"])


@pytest.mark.parametrize(("handler", "sample"), ONLY_TOLD)
def test_what_only_people_can_put_right_is_told_once_and_left_as_it_is(
    handler: Handler, sample: str, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = broken_by(handler, account, monkeypatch)
    event = broken.event(sample)
    assert [broken.deliver(event), broken.deliver({**event, "id": "another event"})] == [["REPORTED"]] * 2
    assert broken.account.outcomes() == ["REPORTED"]
    assert broken.account.writes == []


def test_neighbours_stay_as_they_are_to_the_byte(broken: Broken) -> None:
    broken.deliver()
    after = broken.state()
    assert broken.scenario.neighbours(after) == broken.scenario.neighbours(broken.before)
    assert after != broken.before


@pytest.mark.parametrize("event_id", ["", "another-event"], ids=["the same event", "another event"])
def test_again_is_already_ok_without_a_write_or_an_alert(broken: Broken, event_id: str) -> None:
    broken.deliver()
    broken.account.forget()
    rows = broken.account.journal()
    assert broken.deliver(broken.event(event_id=event_id)) == ["ALREADY_OK"]
    assert broken.account.writes == []
    assert broken.account.outcomes() == ["FIXED"]
    assert broken.account.journal() == rows


def test_a_fix_costs_its_own_calls_and_a_claim_a_publish_and_a_record(broken: Broken) -> None:
    broken.deliver()
    own = [call.operation for call in broken.account.calls if call.own and not call.is_recall]
    assert own == ["TransactWriteItems", "Publish", "TransactWriteItems"]


def test_nothing_to_do_costs_reads_only(broken: Broken) -> None:
    broken.deliver()
    broken.account.forget()
    broken.deliver(broken.event(event_id="another-event"))
    assert all(call.operation.startswith(("Describe", "Get", "BatchGet", "List", "Generate", "Head")) for call in broken.account.calls)


def test_preview_writes_nothing_and_names_exactly_the_calls_that_enforce_makes(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    for mode in ("MODE", "DISRUPTIVE_MODE"):
        monkeypatch.setenv(mode, "preview")
    [shown] = broken.account.invoke(broken.remediation, broken.event())["outcomes"]
    assert shown["outcome"] == "WOULD_FIX"
    assert broken.state() == broken.before
    for mode in ("MODE", "DISRUPTIVE_MODE"):
        monkeypatch.setenv(mode, "enforce")
    broken.account.forget()
    [made] = broken.account.invoke(broken.remediation, broken.event())["outcomes"]
    assert made["outcome"] == "FIXED"
    assert [(call["service"], call["operation"]) for call in shown["calls"]] == [(call.service, call.operation) for call in broken.account.writes]
    assert shown["calls"] == made["calls"]
    previewed, fixed = broken.account.alerts()
    assert previewed["calls"] == fixed["calls"], "in alerts, large calls are cut"


def test_preview_tells_once_a_day_however_many_events_show_the_problem(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    for mode in ("MODE", "DISRUPTIVE_MODE"):
        monkeypatch.setenv(mode, "preview")
    outcomes = [broken.deliver(broken.event(event_id=str(number))) for number in range(3)]
    assert outcomes == [["WOULD_FIX"], ["HANDLED"], ["HANDLED"]]
    assert broken.account.outcomes() == ["WOULD_FIX"]


def test_undo_restores_the_state_to_the_byte_and_keeps_it(broken: Broken) -> None:
    if broken.remediation.undo is None:
        assert "cannot be" in (broken.handler.module.__doc__ or ""), "the manual says that it cannot be undone"
        return
    broken.deliver()
    [alert] = broken.account.alerts()
    undone = broken.account.invoke(broken.remediation, {"undo": alert["id"], "reason": "needed today"})
    assert undone["outcome"] == "UNDONE"
    assert broken.state() == broken.before
    assert broken.deliver(broken.event(event_id="the next event")) == ["EXEMPT"]
    broken.account.clock.pause(8 * 24 * 3600)
    assert broken.deliver(broken.event(event_id="after the exemption")) == ["FIXED"]


def test_undoing_twice_says_so(broken: Broken) -> None:
    if broken.remediation.undo is None:
        return
    broken.deliver()
    [alert] = broken.account.alerts()
    broken.account.invoke(broken.remediation, {"undo": alert["id"]})
    broken.account.forget()
    again = broken.account.invoke(broken.remediation, {"undo": alert["id"]})
    assert (again["outcome"], broken.account.writes) == ("HANDLED", [])


def test_an_undo_by_another_remediation_is_refused(broken: Broken) -> None:
    with pytest.raises(Exception, match="has made no fix"):
        broken.account.invoke(broken.remediation, {"undo": "sb-0000000000000000"})


def test_the_preview_command_shows_the_calls_and_writes_nothing(broken: Broken) -> None:
    shown = broken.account.invoke(broken.remediation, {"preview": broken.resource})
    assert broken.state() == broken.before
    broken.account.forget()
    broken.deliver()
    assert [call["operation"] for call in shown["calls"]] == [call.operation for call in broken.account.writes]


@pytest.mark.parametrize("error_code", ["AccessDenied", "Client.DryRunOperation", "Client.UnauthorizedOperation"])
def test_a_failed_call_leads_to_nothing(broken: Broken, error_code: str) -> None:
    event = _cloudtrail(broken)
    event["detail"]["errorCode"] = error_code
    assert broken.deliver(event) == ["NO_CHANGE"]
    assert broken.account.calls == []


def test_its_own_change_is_ignored_and_one_of_a_similar_role_is_not(broken: Broken) -> None:
    event = _cloudtrail(broken)
    event["detail"]["userIdentity"] = _session_of(f"arn:aws:iam::{ACCOUNT}:role/snapback-function")
    assert broken.deliver(event) == ["OWN_CHANGE"]
    assert broken.account.calls == []
    for other in (f"arn:aws:iam::{ACCOUNT}:role/snapback-function-2", "arn:aws:iam::999999999999:role/snapback-function"):
        event["detail"]["userIdentity"] = _session_of(other)
        assert broken.deliver(event) != ["OWN_CHANGE"]


@pytest.mark.parametrize(("part", "value"), [("account", "999999999999"), ("region", "mars-north-1")])
def test_an_event_of_another_account_or_region_is_left_to_the_snapback_there(broken: Broken, part: str, value: str) -> None:
    assert broken.deliver({**_cloudtrail(broken), part: value}) == ["ELSEWHERE"]
    assert broken.account.calls == []


def test_an_exempt_resource_is_left_alone_until_the_exemption_ends(broken: Broken) -> None:
    wish = {"resource": broken.resource[:4] + "*", "owner": "Jo", "reason": "migration", "until": "2099-01-01"}
    with pytest.raises(Exception, match="within 366 days"):
        broken.account.invoke(broken.remediation, {"exempt": wish})
    now = broken.account.clock.time
    until = datetime.fromtimestamp(now + 3600, UTC).isoformat()
    broken.account.invoke(broken.remediation, {"exempt": {**wish, "until": until}})
    assert broken.deliver() == ["EXEMPT"]
    assert broken.state() == broken.before
    broken.account.clock.pause(7200)
    assert broken.deliver(broken.event(event_id="later")) == ["FIXED"]


def test_an_exempt_resource_is_not_even_told_of_where_it_cannot_be_looked_at_but_a_threat_to_it_is(broken: Broken) -> None:
    if broken.remediation.resolve:  # then it has no name under which it could be exempt
        return

    def refuse(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        return really() if call.own else FAULTS["denied"](call, really)

    until = datetime.fromtimestamp(broken.account.clock.time + 3600, UTC).isoformat()
    broken.account.invoke(broken.remediation, {"exempt": {"resource": broken.resource, "owner": "Jo", "reason": "migration", "until": until}})
    with broken.account.interfered(refuse):
        assert broken.deliver() == ["EXEMPT"]
        broken.account.clock.pause(3601)
        assert broken.deliver() == ["FAILED"]
    assert broken.account.outcomes() == ["EXEMPTED", *(["REPORTED"] if is_of_a_threat(broken) else []), "FAILED"]


def test_exemptions_that_cannot_be_read_stop_the_fix_and_are_told_once(broken: Broken) -> None:
    key = f"EXEMPT#{broken.remediation.problem or broken.remediation.name}"
    row = {
        "pk": {"S": key},
        "exemptions": {"S": "[{"},
        "version": {"S": "1"},
        "latest_end": {"N": "99999999999"},
    }
    boto3.client("dynamodb").put_item(TableName="journal", Item=row)
    assert broken.deliver() == ["HELD"]
    assert broken.deliver(broken.event(event_id="another")) == ["HELD"]
    assert broken.state() == broken.before
    assert broken.account.outcomes() == ["HELD"]
    assert key in broken.account.alerts()[-1]["reason"]  # whoever mends the row needs its name


def test_a_resource_that_keeps_being_broken_is_contested_told_once_and_can_be_released(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_RESOURCE", "1")
    broken.deliver()
    undo = broken.remediation.undo
    if undo is None:
        return
    [alert] = broken.account.alerts()
    undo(broken.resource, broken.evidence(alert["id"]))  # somebody breaks it again
    broken.account.clock.pause(60)
    assert [broken.deliver(broken.event(event_id=str(number))) for number in range(3)] == [["CONTESTED"]] * 3
    assert broken.is_wrong
    assert broken.account.outcomes() == ["FIXED", "CONTESTED"]
    released = broken.account.invoke(broken.remediation, {"release": broken.resource})
    assert [outcome["outcome"] for outcome in released["outcomes"]] == ["FIXED"]
    assert not broken.is_wrong


def test_a_remediation_past_its_fixes_of_the_hour_is_held_told_once_and_goes_on_after_an_hour(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")
    broken.deliver()
    undo = broken.remediation.undo
    if undo is None:
        return
    [alert] = broken.account.alerts()
    undo(broken.resource, broken.evidence(alert["id"]))
    broken.account.clock.pause(60)
    assert [broken.deliver(broken.event(event_id=str(number))) for number in range(3)] == [["HELD"]] * 3
    assert broken.account.outcomes() == ["FIXED", "HELD"]
    broken.account.clock.pause(3600)
    assert broken.deliver(broken.event(event_id="after an hour")) == ["FIXED"]


def test_evidence_is_json_and_the_same_at_every_look(broken: Broken) -> None:
    first, second = broken.remediation.violation(broken.resource), broken.remediation.violation(broken.resource)
    assert list(first) == list(second) == json.loads(json.dumps(list(first)))


@pytest.mark.parametrize("handler", REPORTS, ids=str)
def test_a_report_tells_every_sample_once_and_writes_nothing(handler: Handler, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    handler.set_up(monkeypatch)
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")
    for sample in handler.samples.values():
        account.forget()
        before = len(account.outcomes())
        assert account.deliver(handler.remediation, sample) == ["REPORTED"]
        assert account.deliver(handler.remediation, sample) == ["HANDLED"]
        assert account.writes == []
        assert len(account.outcomes()) == before + 1


def is_of_a_threat(broken: Broken, sample: str = "") -> bool:
    """Tell whether the sample is of a threat of which this remediation tells; report_finding tells of GuardDuty's that none answers."""
    event = broken.event(sample)
    if event["detail-type"] == "GuardDuty Finding":
        return broken.remediation.name in findings.answered_by(event["detail"])
    return event["detail-type"] in ("Access Analyzer Finding", "AWS Health Event", "Macie Finding", "Trusted Advisor Check Item Refresh Notification")


def _cloudtrail(broken: Broken) -> dict[str, Any]:
    """Return a CloudTrail event about the resource: a sample's, or one around the first event name that the remediation knows."""
    for sample in broken.handler.samples:
        event = broken.event(sample)
        if event["detail-type"] == "AWS API Call via CloudTrail":
            return event
    envelope = broken.event()
    return {**envelope, "detail-type": "AWS API Call via CloudTrail", "detail": {"eventName": "SomethingElse", "requestParameters": {}}}


def _session_of(role: str) -> dict[str, Any]:
    return {"type": "AssumedRole", "arn": f"{role}/x", "sessionContext": {"sessionIssuer": {"type": "Role", "arn": role}}}
