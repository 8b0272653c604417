"""What is looked at again later: what was just made, once it has settled, and what AWS is at work on, once it is at rest."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from snapback.engine.alerts import utc
from tests.contract.conftest import Broken, broken_by
from tests.harness.account import FAULTS, Account, ApiCall, Interference, error, fault_at
from tests.harness.discovery import FIXERS, Handler
from tests.harness.scheduler import schedules

schedules.as_on_aws()

MAKES = re.compile(r"(Create|Run|Restore|Import|Copy)[A-Z]")
"""How the names of calls begin that make something."""


def making(handler: Handler, *, settling: bool) -> Mapping[str, dict[str, Any]]:
    """Return the handler's samples that are records of a call that makes something: those for which it waits, or the others."""
    made = {name: event for name, event in handler.samples.items() if MAKES.match(str(event["detail"].get("eventName")))}
    return {name: event for name, event in made.items() if (event["detail"]["eventName"] in handler.remediation.settles) is settling}


def _samples(*, settling: bool) -> list[Any]:
    return [pytest.param(handler, sample, id=sample) for handler in FIXERS for sample in making(handler, settling=settling)]


SETTLERS = [pytest.param(handler, schedules.making_sample(handler), id=str(handler)) for handler in FIXERS if handler.remediation.settles]
"""Each remediation that waits, with one sample."""

BUCKET_TLS = next(handler for handler in FIXERS if handler.stem == "require_bucket_tls")


@pytest.fixture
def clock_on(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - moto is there
    schedules.switch_on(monkeypatch)


@pytest.fixture
def new(account: Account, monkeypatch: pytest.MonkeyPatch, clock_on: None) -> Broken:  # noqa: ARG001 - it is on
    """Return a bucket whose making has just been heard of, by require_bucket_tls."""
    broken = broken_by(BUCKET_TLS, account, monkeypatch)
    assert broken.deliver(broken.event("require_bucket_tls-create")) == ["DEFERRED"]
    return broken


@pytest.mark.parametrize("handler", [one for one in FIXERS if any(map(MAKES.match, one.remediation.named_by))], ids=str)
def test_whoever_hears_that_something_was_made_waits_or_says_why_not(handler: Handler) -> None:
    remediation = handler.remediation
    makes = {name for name in remediation.named_by if MAKES.match(name)}
    assert set(remediation.settles) <= set(remediation.named_by)
    assert (makes <= set(remediation.settles)) is not ("At once, because " in (handler.module.__doc__ or ""))


@pytest.mark.parametrize(("handler", "sample"), _samples(settling=True))
@pytest.mark.usefixtures("clock_on")
def test_what_was_just_made_is_put_right_once_it_has_settled_if_it_is_still_wrong(
    handler: Handler, sample: str, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = broken_by(handler, account, monkeypatch)
    event = broken.event(sample)
    for _ in ("the event", "the same event again"):
        assert broken.deliver(event) == ["DEFERRED"]
        assert (broken.state(), account.writes, account.outcomes()) == (broken.before, [], [])
        assert len(schedules.schedules()) == 1
        account.clock.pause(30)
    assert schedules.run_next(account, broken.remediation) == ["FIXED"]
    assert account.clock.time >= datetime.fromisoformat(event["time"]).timestamp() + 600
    [alert] = account.alerts()
    assert (schedules.schedules(), alert["outcome"], account.dead_letters) == ([], "FIXED", [])
    assert not broken.remediation.violation(alert["resource"]["name"])
    account.forget()
    assert broken.deliver(event) == ["ALREADY_OK"], "the event comes once more, much later"
    assert (account.writes, schedules.schedules()) == ([], [])


@pytest.mark.parametrize(("handler", "sample"), _samples(settling=False))
@pytest.mark.usefixtures("clock_on")
def test_what_is_open_from_the_moment_that_it_is_there_is_shut_at_once(
    handler: Handler, sample: str, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = broken_by(handler, account, monkeypatch)
    [outcome] = broken.deliver(broken.event(sample))
    assert outcome in ("FIXED", "REPORTED")
    assert schedules.schedules() == []


@pytest.mark.parametrize(("handler", "sample"), SETTLERS)
@pytest.mark.usefixtures("clock_on")
def test_what_its_maker_has_put_right_meanwhile_costs_reads_and_tells_nothing(
    handler: Handler, sample: str, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = broken_by(handler, account, monkeypatch)
    broken.deliver(broken.event(sample))
    broken.remediation.fix(broken.resource, broken.remediation.violation(broken.resource))
    account.forget()
    assert schedules.run_next(account, broken.remediation) == ["ALREADY_OK"]
    assert account.outcomes() == []
    assert all(call.is_read for call in account.calls)


@pytest.mark.parametrize(("handler", "sample"), SETTLERS)
@pytest.mark.usefixtures("clock_on")
def test_the_later_look_is_taken_back_shown_and_exempt_like_any_other(handler: Handler, sample: str, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = broken_by(handler, account, monkeypatch)
    account.invoke(broken.remediation, {"mode": "preview"})
    broken.deliver(broken.event(sample))
    assert schedules.run_next(account, broken.remediation) == ["WOULD_FIX"]
    account.invoke(broken.remediation, {"mode": "enforce"})
    broken.deliver(broken.event(sample, event_id="another"))
    assert schedules.run_next(account, broken.remediation) == ["FIXED"]
    if broken.remediation.undo:
        assert account.invoke(broken.remediation, {"undo": account.alerts()[-1]["id"]})["outcome"] == "UNDONE"
        assert broken.state() == broken.before
        broken.deliver(broken.event(sample, event_id="a third"))
        assert schedules.run_next(account, broken.remediation) == ["EXEMPT"]
        assert broken.state() == broken.before


def test_an_event_meanwhile_is_left_to_the_look_that_is_due(new: Broken) -> None:
    account = new.account
    account.clock.pause(60)
    account.forget()
    assert new.deliver() == ["DEFERRED"]
    assert (account.writes, account.outcomes()) == ([], [])
    assert [call.operation for call in account.calls if call.own] == ["TransactWriteItems"], "no further call"
    assert len(schedules.schedules()) == 1
    assert schedules.run_next(account, new.remediation) == ["FIXED"]


def test_once_it_has_settled_events_are_handled_at_once(new: Broken) -> None:
    new.account.clock.pause(601)
    assert new.deliver(new.event(event_id="later")) == ["FIXED"]
    assert schedules.run_next(new.account, new.remediation) == ["ALREADY_OK"]


def test_once_it_has_settled_the_clock_is_not_asked_again(new: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETTLE_MINUTES", "60")  # whatever an operator has set meanwhile
    new.account.forget()
    assert schedules.run_next(new.account, new.remediation) == ["FIXED"]
    assert [call.operation for call in new.account.calls if call.own] == ["TransactWriteItems", "Publish", "TransactWriteItems"]


def test_a_person_need_not_wait(new: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    for mode in ("MODE", "DISRUPTIVE_MODE"):
        monkeypatch.setenv(mode, "preview")
    assert new.deliver() == ["WOULD_FIX"], "where nothing is written, nothing fights"
    [shown] = new.account.alerts()
    assert new.account.invoke(new.remediation, {"apply": shown["id"]})["outcomes"][0]["outcome"] == "FIXED"


def test_what_comes_when_it_has_settled_long_ago_is_handled_at_once(account: Account, monkeypatch: pytest.MonkeyPatch, clock_on: None) -> None:  # noqa: ARG001 - it is on
    broken = broken_by(BUCKET_TLS, account, monkeypatch)
    event = broken.event("require_bucket_tls-create")
    account.clock.pause(700)
    assert broken.deliver(event) == ["FIXED"]


@pytest.mark.parametrize(
    "variables", [{"SETTLE_MINUTES": "0"}, {"CLOCK": ""}, {"AWS_SAM_LOCAL": "true"}], ids=["nobody waits", "there is no clock", "sam local"]
)
@pytest.mark.usefixtures("clock_on")
def test_without_a_clock_everything_is_handled_at_once(variables: Mapping[str, str], account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = broken_by(BUCKET_TLS, account, monkeypatch)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert broken.deliver(broken.event("require_bucket_tls-create")) == ["FIXED"]


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.usefixtures("clock_on")
def test_whatever_single_call_goes_wrong_before_it_is_put_off_it_is_put_right_or_told(kind: str, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = broken_by(BUCKET_TLS, account, monkeypatch)
    begin_again = account.keep()
    for number in range(2):
        begin_again()
        with account.interfered(fault_at(number, kind)):
            outcomes = broken.deliver(broken.event("require_bucket_tls-create"))
        made = len(schedules.schedules())
        assert made <= 1
        assert made or outcomes == ["REPORTED"], f"{kind} at call {number}"
        if made:
            assert schedules.run_next(account, broken.remediation) == ["FIXED"]
    assert not account.dead_letters


def test_a_clock_that_refuses_is_told_with_its_own_sentence_and_nothing_is_changed(
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
    clock_on: None,  # noqa: ARG001 - it is on
) -> None:
    monkeypatch.setenv("CLOCK", schedules.CLOCK.replace(schedules.GROUP, "another"))
    broken = broken_by(BUCKET_TLS, account, monkeypatch)
    event = broken.event("require_bucket_tls-create")
    assert broken.deliver(event) == broken.deliver(event) == ["REPORTED"]
    assert (broken.state(), account.writes) == (broken.before, [])
    [alert] = account.alerts()
    assert "CreateSchedule says ResourceNotFoundException: Schedule group another does not exist." in alert["reason"]
    assert (alert["needs_person"], alert["before_count"]) == (True, 1)
    assert account.invoke(broken.remediation, {"retry": alert["id"]})["outcomes"][0]["outcome"] == "FIXED"


def test_where_there_is_no_look_to_come_nothing_is_left_to_it(account: Account, monkeypatch: pytest.MonkeyPatch, clock_on: None) -> None:  # noqa: ARG001 - it is on
    monkeypatch.setenv("CLOCK", schedules.CLOCK.replace(schedules.GROUP, "another"))
    broken = broken_by(BUCKET_TLS, account, monkeypatch)
    broken.deliver(broken.event("require_bucket_tls-create"))
    assert broken.deliver() == ["FIXED"]


def test_where_nothing_is_wrong_a_clock_that_refuses_is_no_news(account: Account, monkeypatch: pytest.MonkeyPatch, clock_on: None) -> None:  # noqa: ARG001 - it is on
    broken = broken_by(BUCKET_TLS, account, monkeypatch)
    broken.deliver()
    monkeypatch.setenv("CLOCK", schedules.CLOCK.replace(schedules.GROUP, "another"))
    assert broken.deliver(broken.event("require_bucket_tls-create")) == ["ALREADY_OK"]
    assert account.outcomes() == ["FIXED"]


def test_the_schedule_gives_the_event_to_this_very_function_in_the_stacks_group_and_is_gone_afterwards(new: Broken) -> None:
    [one] = schedules.schedules()
    made = boto3.client("scheduler").get_schedule(GroupName=schedules.GROUP, Name=one.name)
    assert made["Target"]["Arn"] == "arn:aws:lambda:us-east-1:111122223333:function:snapback-require-bucket-tls"
    assert made["Target"]["RoleArn"] == "arn:aws:iam::111122223333:role/snapback-ClockRole"
    assert made["Target"]["DeadLetterConfig"]["Arn"] == "arn:aws:sqs:us-east-1:111122223333:dead-letters"
    assert made["ActionAfterCompletion"] == "DELETE"
    assert made["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5}
    assert new.account.outcomes() == []


def test_no_word_of_an_event_is_replaced_by_the_scheduler(account: Account, monkeypatch: pytest.MonkeyPatch, clock_on: None) -> None:  # noqa: ARG001 - it is on
    broken = broken_by(BUCKET_TLS, account, monkeypatch)
    event = broken.event("require_bucket_tls-create")
    event["detail"]["userAgent"] = "<aws.scheduler.schedule-arn>"
    broken.deliver(event)
    [one] = schedules.schedules()
    assert "<" not in one.target["Input"]
    assert schedules.run_next(account, broken.remediation) == ["FIXED"]


@pytest.mark.usefixtures("clock_on")
def test_what_was_exempt_is_looked_at_when_the_exemption_ends(open_group: Broken) -> None:
    account, remediation = open_group.account, open_group.remediation
    exempt_until(open_group, open_group.resource, hours=1)
    assert account.alerts()[-1]["reason"].endswith(". It is looked at again then")
    assert open_group.deliver() == ["EXEMPT"]
    assert schedules.run_next(account, remediation) == ["FIXED"]
    assert account.outcomes() == ["EXEMPTED", "FIXED"]
    assert schedules.schedules() == []


@pytest.mark.usefixtures("clock_on")
def test_an_exemption_that_was_made_longer_holds_at_its_former_end(open_group: Broken) -> None:
    account, remediation = open_group.account, open_group.remediation
    exempt_until(open_group, open_group.resource, hours=1)
    exempt_until(open_group, open_group.resource, hours=2)
    assert schedules.run_next(account, remediation) == ["EXEMPT"]
    assert open_group.is_wrong
    assert schedules.run_next(account, remediation) == ["FIXED"]


@pytest.mark.usefixtures("clock_on")
def test_of_an_exemption_by_the_beginning_of_names_what_it_kept_from_being_fixed_is_looked_at(open_group: Broken) -> None:
    exempt_until(open_group, "sg-*", hours=1)
    assert open_group.deliver() == ["EXEMPT"]
    assert schedules.run_next(open_group.account, open_group.remediation) == ["FIXED"]
    assert not open_group.is_wrong


@pytest.mark.usefixtures("clock_on")
def test_what_was_taken_back_is_looked_at_when_its_exemption_ends_and_that_is_told(open_group: Broken) -> None:
    account, remediation = open_group.account, open_group.remediation
    open_group.deliver()
    undone = account.invoke(remediation, {"undo": account.alerts()[0]["id"]})
    assert undone["reason"].endswith("It is looked at again then")
    assert schedules.run_next(account, remediation) == ["FIXED"]
    assert account.outcomes() == ["FIXED", "UNDONE", "FIXED"]


@pytest.mark.usefixtures("clock_on")
def test_at_the_end_of_an_exemption_by_the_beginning_of_names_one_that_fails_keeps_no_other_from_its_turn(open_group: Broken) -> None:
    account, ec2 = open_group.account, boto3.client("ec2")
    exempt_until(open_group, "sg-*", hours=1)
    open_group.deliver()
    other = ec2.create_security_group(GroupName="another", Description="-")["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=other, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")
    event = open_group.scenario.event(open_group.handler.sample(""), other, event_id="another")
    assert account.deliver(open_group.remediation, {**event, "time": open_group.event()["time"]}) == ["EXEMPT"]
    fails, goes_on = sorted([open_group.resource, other])

    def fail(call: ApiCall, _: int, really: Callable[[], object]) -> object:
        return FAULTS["server error"](call, really) if not call.own and fails in repr(call.parameters) else really()

    with account.interfered(fail):
        assert schedules.run_next(account, open_group.remediation) == []
    assert not open_group.remediation.violation(goes_on)
    assert len(account.dead_letters) == 1


@pytest.mark.usefixtures("clock_on")
def test_what_is_warned_of_at_the_end_of_an_exemption_by_the_beginning_of_names_is_put_right_when_it_was_promised(
    open_group: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, remediation = open_group.account, open_group.remediation
    exempt_until(open_group, "sg-*", hours=1)
    assert open_group.deliver() == ["EXEMPT"]
    monkeypatch.setenv("WARN_MINUTES", "15")
    monkeypatch.setenv("DISRUPTIVE_WARN_MINUTES", "15")
    assert schedules.run_next(account, remediation) == ["WOULD_FIX"]
    assert schedules.run_next(account, remediation) == ["FIXED"]


ANSWERS = [handler for handler in FIXERS if handler.remediation.answers_threats]


@pytest.mark.parametrize("handler", [handler for handler in ANSWERS if handler.remediation.taken_off_by], ids=str)
@pytest.mark.usefixtures("clock_on")
def test_a_containment_that_was_taken_off_and_is_warned_of_is_put_back_when_it_was_promised(
    handler: Handler, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = broken_by(handler, account, monkeypatch)
    if f"{handler.stem}-lifted" not in handler.samples:
        return
    assert broken.deliver() == ["FIXED"]
    account.clock.pause(60)
    broken.break_again()
    monkeypatch.setenv("WARN_MINUTES", "15")
    monkeypatch.setenv("DISRUPTIVE_WARN_MINUTES", "15")
    assert broken.deliver(broken.event(f"{handler.stem}-lifted", event_id="off")) == ["WOULD_FIX"]
    assert schedules.run_next(account, broken.remediation) == ["FIXED"]
    assert not broken.is_wrong


def test_what_only_a_threats_event_calls_wrong_is_known() -> None:
    containing = {"block_attacker_ip", "contain_function", "deactivate_exposed_key", "isolate_instance", "quarantine_user", "revoke_role_sessions", "stop_task"}
    assert {handler.stem for handler in ANSWERS} == containing


@pytest.mark.parametrize("handler", ANSWERS, ids=str)
@pytest.mark.usefixtures("clock_on")
def test_the_end_of_an_exemption_contains_nothing_and_nobody_promises_a_look(handler: Handler, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = broken_by(handler, account, monkeypatch)
    exempt_until(broken, broken.resource, hours=1)
    assert "looked at again" not in account.alerts()[-1]["reason"]
    assert schedules.schedules() == []
    account.clock.pause(2 * 3600)
    account.forget()
    end = {"exemption_ended": {"resource": broken.resource, "until": "2026-11-24"}}  # as a version before has arranged it
    look = {"resource": broken.resource, "number": 1, "why": "exemption", "due": account.clock.time}
    assert account.deliver(broken.remediation, {**end, "look": look}) == []
    assert (broken.is_wrong, account.writes, account.outcomes()) == (True, [], ["EXEMPTED"])


@pytest.mark.usefixtures("clock_on")
def test_a_false_alarm_that_was_taken_back_stays_taken_back(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = broken_by(Handler("iam", "deactivate_exposed_key"), account, monkeypatch)
    broken.deliver()
    undone = account.invoke(broken.remediation, {"undo": account.alerts()[0]["id"]})
    assert (undone["outcome"], "looked at again" in undone["reason"]) == ("UNDONE", False)
    assert schedules.schedules() == []


@pytest.mark.usefixtures("clock_on")
def test_that_an_exemptions_end_could_not_be_arranged_is_told(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOCK", schedules.CLOCK.replace(schedules.GROUP, "another"))
    exempt_until(open_group, open_group.resource, hours=1)
    assert "could not be arranged: CreateSchedule says ResourceNotFoundException" in open_group.account.alerts()[-1]["reason"]
    assert open_group.deliver() == ["EXEMPT"]


@pytest.mark.parametrize("kind", [kind for kind in FAULTS if "killed" not in kind])
@pytest.mark.usefixtures("clock_on")
def test_whatever_becomes_of_the_schedule_of_its_end_people_hear_of_an_exemption(open_group: Broken, kind: str) -> None:
    def interfere(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        return FAULTS[kind](call, really) if call.operation == "CreateSchedule" else really()

    with open_group.account.interfered(interfere):
        exempt_until(open_group, open_group.resource, hours=1)
    [alert] = open_group.account.alerts()
    assert alert["outcome"] == "EXEMPTED"
    assert "could not be arranged: " in alert["reason"]
    assert open_group.deliver() == ["EXEMPT"]


def exempt_until(broken: Broken, resource: str, *, hours: float) -> None:
    until = datetime.fromtimestamp(broken.account.clock.time + hours * 3600, UTC).isoformat()
    broken.account.invoke(broken.remediation, {"exempt": {"resource": resource, "owner": "Jo", "reason": "migration", "until": until}})


@pytest.fixture
def blocked(account: Account, monkeypatch: pytest.MonkeyPatch, clock_on: None) -> Broken:  # noqa: ARG001 - it is on
    """Return what a block that ends by itself is for."""
    return broken_by(next(handler for handler in FIXERS if handler.remediation.expires_after), account, monkeypatch)


def test_a_fix_that_ends_by_itself_ends_on_time(blocked: Broken) -> None:
    account = blocked.account
    assert blocked.deliver() == ["FIXED"]
    began = account.clock.time
    assert schedules.run_next(account, blocked.remediation) == ["UNDONE"]
    assert blocked.remediation.expires_after
    assert 0 <= account.clock.time - began - blocked.remediation.expires_after() < 60, "and not at the next sweep"
    assert blocked.state() == blocked.before


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fix_whose_end_cannot_be_arranged_is_told_all_the_same_and_left_to_the_sweep(blocked: Broken, kind: str) -> None:
    account, fails = blocked.account, iter([True])

    def interfere(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        return FAULTS[kind](call, really) if call.operation == "CreateSchedule" and next(fails, False) else really()

    with account.interfered(interfere):
        assert blocked.deliver() == ["FIXED"]
    [alert] = account.alerts()
    assert ("Its end could not be arranged (CreateSchedule says AccessDeniedException" in alert["reason"]) is (kind == "denied")
    account.clock.pause(25 * 3600)
    assert blocked.deliver(schedules.tick(blocked.remediation, account.clock.time)) == ["UNDONE"]


@pytest.fixture
def warned(open_group: Broken, monkeypatch: pytest.MonkeyPatch, clock_on: None) -> Broken:  # noqa: ARG001 - it is on
    """Return an open security group of which people are warned before it is shut."""
    monkeypatch.setenv("DISRUPTIVE_WARN_MINUTES", "30")  # its rules are wide
    assert open_group.deliver() == ["WOULD_FIX"]
    return open_group


def test_each_class_has_minutes_of_its_own(open_group: Broken, monkeypatch: pytest.MonkeyPatch, clock_on: None) -> None:  # noqa: ARG001 - it is on
    monkeypatch.setenv("WARN_MINUTES", "30")
    assert open_group.deliver() == ["FIXED"]
    assert open_group.account.alerts()[0]["disruptive"] is True


def test_people_are_warned_before_it_is_put_right_where_they_want_that(warned: Broken) -> None:
    account, began = warned.account, warned.account.clock.time
    [warning] = account.alerts()
    assert warning["reason"] == f"It is put right at {utc(began + 1800)} unless it is exempt by then, right, or the mode another."
    assert warned.state() == warned.before
    assert schedules.run_next(account, warned.remediation) == ["FIXED"]
    assert account.clock.time - began < 1860
    assert (warned.is_wrong, account.outcomes()) == (False, ["WOULD_FIX", "FIXED"])
    assert warning["calls"] == account.alerts()[-1]["calls"]


def test_the_same_event_again_warns_no_second_time_and_is_put_right_once(warned: Broken) -> None:
    assert warned.deliver() == ["HANDLED"]
    [_] = schedules.schedules()
    assert schedules.run_next(warned.account, warned.remediation) == ["FIXED"]


@pytest.mark.parametrize(
    ("meanwhile", "outcome"),
    [
        pytest.param(lambda one: exempt_until(one, one.resource, hours=9), "EXEMPT", id="it is exempt"),
        pytest.param(lambda one: one.account.invoke(one.remediation, {"mode": "preview"}), "WOULD_FIX", id="the mode is preview"),
        pytest.param(lambda one: one.account.invoke(one.remediation, {"mode": "off"}), "OFF", id="it is off"),
        pytest.param(
            lambda one: one.remediation.fix(one.resource, one.remediation.violation(one.resource)),
            "REPORTED",
            id="somebody has put it right: it was open until then",
        ),
    ],
)
def test_what_a_person_has_done_since_the_warning_holds(warned: Broken, meanwhile: Callable[[Broken], object], outcome: str) -> None:
    meanwhile(warned)
    before = warned.state()
    assert schedules.run_next(warned.account, warned.remediation) == [outcome]
    assert warned.state() == before


def test_a_warning_that_cannot_be_carried_out_says_so_and_can_be_applied(open_group: Broken, monkeypatch: pytest.MonkeyPatch, clock_on: None) -> None:  # noqa: ARG001 - it is on
    monkeypatch.setenv("DISRUPTIVE_WARN_MINUTES", "30")
    monkeypatch.setenv("CLOCK", schedules.CLOCK.replace(schedules.GROUP, "another"))
    assert open_group.deliver() == ["WOULD_FIX"]
    [warning] = open_group.account.alerts()
    assert "could not be arranged: CreateSchedule says ResourceNotFoundException" in warning["reason"]
    assert open_group.account.invoke(open_group.remediation, {"apply": warning["id"]})["outcomes"][0]["outcome"] == "FIXED"


def test_a_look_that_was_put_off_finds_the_remediation_switched_off_by_then(warned: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODE", "off")
    assert schedules.run_next(warned.account, warned.remediation) == ["OFF"]
    assert warned.state() == warned.before
    assert warned.account.outcomes() == ["WOULD_FIX"]


def test_what_has_settled_is_warned_of_and_then_put_right(new: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISRUPTIVE_WARN_MINUTES", "30")
    monkeypatch.setenv("WARN_MINUTES", "30")
    assert schedules.run_next(new.account, new.remediation) == ["WOULD_FIX"]
    with new.account.interfered(refusing("PutBucketPolicy", "OperationAborted")):
        assert schedules.run_next(new.account, new.remediation) == ["DEFERRED"]
    assert schedules.run_next(new.account, new.remediation) == ["FIXED"], "without a second warning"


def test_a_warning_within_the_time_in_which_it_settles_is_carried_out_when_it_has_settled(new: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WARN_MINUTES", "DISRUPTIVE_WARN_MINUTES"):
        monkeypatch.setenv(name, "1")
    assert new.deliver() == ["WOULD_FIX"]
    assert schedules.run_next(new.account, new.remediation) == ["DEFERRED"]
    assert schedules.run_next(new.account, new.remediation) == ["WOULD_FIX"]
    assert schedules.run_next(new.account, new.remediation) == ["FIXED"]


def test_a_threat_is_not_waited_for(account: Account, monkeypatch: pytest.MonkeyPatch, clock_on: None) -> None:  # noqa: ARG001 - it is on
    for name in ("WARN_MINUTES", "DISRUPTIVE_WARN_MINUTES"):
        monkeypatch.setenv(name, "30")
    accused = broken_by(next(handler for handler in FIXERS if handler.stem == "quarantine_user"), account, monkeypatch)
    assert accused.deliver() == ["FIXED"]


BUSY_AT = (1, 5, 15, 30, 60, 120, 240, 480)
"""Minutes between the looks at a resource that AWS is at work on."""


@pytest.fixture
def database(account: Account, monkeypatch: pytest.MonkeyPatch, clock_on: None) -> Broken:  # noqa: ARG001 - it is on
    return broken_by(next(handler for handler in FIXERS if handler.stem == "restrict_db_instance"), account, monkeypatch)


def refusing(operation: str, code: str) -> Interference:
    """Return an interference in which AWS refuses each of these calls."""

    def interfere(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation == operation:
            raise error(code, 400, operation)
        return really()

    return interfere


AT_WORK = refusing("ModifyDBInstance", "InvalidDBInstanceState")


@pytest.mark.parametrize("looks", [1, 3, len(BUSY_AT)])
def test_what_aws_is_at_work_on_is_looked_at_at_growing_distances_until_it_is_at_rest(database: Broken, looks: int) -> None:
    account, distances = database.account, []
    with account.interfered(AT_WORK):
        assert database.deliver() == ["DEFERRED"]
        for number in range(looks):
            before = account.clock.time
            [one] = schedules.schedules()
            assert json.loads(one.target["Input"])["look"]["number"] == number + 1
            distances.append(round((schedules.due(one) - before) / 60))
            if number < looks - 1:
                assert schedules.run_next(account, database.remediation) == ["DEFERRED"]
    assert tuple(distances) == BUSY_AT[:looks]
    assert account.outcomes() == []
    assert schedules.run_next(account, database.remediation) == ["FIXED"]
    assert (database.is_wrong, account.outcomes(), account.dead_letters, schedules.schedules()) == (False, ["FIXED"], [], [])


def test_what_never_comes_to_rest_is_told_in_the_end_and_can_be_tried_again(database: Broken) -> None:
    account = database.account
    with account.interfered(AT_WORK):
        outcomes = database.deliver()
        while schedules.schedules():
            outcomes = schedules.run_next(account, database.remediation)
    assert outcomes == ["UNVERIFIED"], "a claim was made, and what is told of it stands in the journal"
    [alert] = account.alerts()
    assert "now AWS has been at work on it for 15 hours, and is still: ModifyDBInstance says InvalidDBInstanceState" in alert["reason"]
    assert {row["status"]["S"] for row in account.journal() if row["pk"]["S"].startswith("FIX#")} == {"UNVERIFIED"}
    assert account.dead_letters == []
    assert account.invoke(database.remediation, {"retry": alert["id"]})["outcomes"][0]["outcome"] == "FIXED"


def test_what_cannot_be_looked_at_for_so_long_is_told_as_well(database: Broken) -> None:
    account = database.account
    with account.interfered(refusing("DescribeDBInstances", "InvalidDBInstanceState")):
        outcomes = database.deliver()
        while schedules.schedules():
            outcomes = schedules.run_next(account, database.remediation)
    assert outcomes == ["FAILED"]
    [alert] = account.alerts()
    assert "AWS has been at work on it for 15 hours, and is still: DescribeDBInstances says InvalidDBInstanceState" in alert["reason"]
    assert account.invoke(database.remediation, {"retry": alert["id"]})["outcomes"][0]["outcome"] == "FIXED"


def test_what_is_still_being_made_when_it_should_have_settled_is_looked_at_until_it_is_there(
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
    clock_on: None,  # noqa: ARG001 - it is on
) -> None:
    """RDS says when it is there; but that may have been heard while it settled, and was left to this look."""

    def creating(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        answer = really()
        for instance in answer["DBInstances"] if call.operation == "DescribeDBInstances" else []:
            instance["DBInstanceStatus"] = "creating"
        return answer

    made = broken_by(next(handler for handler in FIXERS if handler.stem == "enable_db_backups"), account, monkeypatch)
    with account.interfered(creating):
        assert made.deliver(made.event("enable_db_backups-create")) == ["DEFERRED"]
        assert schedules.run_next(account, made.remediation) == ["DEFERRED"]
    assert schedules.run_next(account, made.remediation) == ["FIXED"]


@pytest.mark.parametrize("kind", FAULTS)
def test_whatever_goes_wrong_while_it_is_put_off_it_is_put_right_or_told(database: Broken, kind: str) -> None:
    account, at_work = database.account, AT_WORK
    fails = iter([True])

    def interfere(call: ApiCall, number: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "CreateSchedule" and next(fails, False):
            return FAULTS[kind](call, really)
        return at_work(call, number, really)

    with account.interfered(interfere):
        outcomes = database.deliver()
    assert outcomes == ["DEFERRED"]
    [_] = schedules.schedules()
    assert schedules.run_next(account, database.remediation) == ["FIXED"]
    assert account.outcomes() == [*(["REPORTED"] if kind == "denied" else []), "FIXED"]


def test_a_person_is_told_at_once_that_it_is_busy(database: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    for mode in ("MODE", "DISRUPTIVE_MODE"):
        monkeypatch.setenv(mode, "preview")
    assert database.deliver() == ["WOULD_FIX"]
    [shown] = database.account.alerts()
    with database.account.interfered(AT_WORK), pytest.raises(ClientError, match="InvalidDBInstanceState"):
        database.account.invoke(database.remediation, {"apply": shown["id"]})
    assert schedules.schedules() == []


def test_where_the_clock_refuses_what_is_busy_is_told_and_tried_again_by_lambda(database: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOCK", schedules.CLOCK.replace(schedules.GROUP, "another"))
    with database.account.interfered(AT_WORK):
        assert database.deliver() == []
    [alert] = database.account.alerts()
    assert alert["outcome"] == "REPORTED"
    assert "CreateSchedule says ResourceNotFoundException" in alert["reason"]
    [(_, reason)] = database.account.dead_letters
    assert "InvalidDBInstanceState" in reason


def test_another_invocation_at_work_is_left_to_lambda(new: Broken) -> None:
    """A claim lasts seconds, so there is no need for the clock."""
    new.account.clock.pause(601)
    row = {"pk": {"S": f"RESOURCE#{new.remediation.name}#{new.resource}"}, "lease": {"N": "99999999999"}, "request_id": {"S": "another"}, "taken": {"N": "1"}}
    boto3.client("dynamodb").put_item(TableName="journal", Item=row)
    before = len(schedules.schedules())
    assert new.deliver(new.event(event_id="later")) == []
    assert len(schedules.schedules()) == before
    assert new.account.dead_letters[0][1].startswith("ResourceBusy")


@pytest.mark.parametrize("look", ["soon", {}, {"resource": "a"}, {"resource": "a", "number": "x", "why": "", "due": 1}, 7, []])
def test_a_look_that_snapback_has_not_written_is_a_dead_letter(new: Broken, look: object) -> None:
    assert new.deliver({**new.event("require_bucket_tls-create"), "look": look}) == []
    [(_, reason)] = new.account.dead_letters
    assert "'look' is not one that Snapback has written" in reason


def test_a_look_at_what_the_event_does_not_name_is_none(new: Broken) -> None:
    look = {"resource": "another-bucket", "number": 1, "why": "settling", "due": 1.0}
    new.account.forget()
    assert new.deliver({**new.event("require_bucket_tls-create"), "look": look}) == ["ALREADY_OK"]
    assert new.account.calls == []


def test_a_later_look_is_late_by_what_it_was_due_before(new: Broken, caplog: pytest.LogCaptureFixture) -> None:
    new.account.clock.pause(600 + 300)
    schedules.run_next(new.account, new.remediation)
    assert caplog.records[-1].__dict__["seconds_late"] == 300
