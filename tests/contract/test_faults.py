"""Any single call may go wrong at any time: no event is lost, nothing is told twice, and FIXED is never false."""

import contextlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from snapback.engine.errors import SnapbackError
from tests.contract.conftest import SITUATIONS, Broken, broken_by
from tests.harness.account import FAULTS, Account, ApiCall, Killed, fault_at
from tests.harness.discovery import Handler

TOLD_ANYWAY = {"timed out after it took effect", "killed just after"}
"""The alert is out, and nobody can know it: SNS has no way to ask. It is told again rather than perhaps never (docs/adr/0002-claim-and-journal.md)."""


def may_be_told_twice(broken: "Broken", call: ApiCall, kind: str) -> bool:
    """Tell whether the process ended between SNS taking the alert and the note that it was taken."""
    if call.operation == "Publish":
        return kind in TOLD_ANYWAY
    before = broken.account.calls[: broken.account.calls.index(call)]
    return kind == "killed just before" and bool(before) and before[-1].operation == "Publish"


@pytest.fixture(params=SITUATIONS, ids=str)
def handler(request: pytest.FixtureRequest) -> Handler:
    found = request.param
    assert isinstance(found, Handler)
    return found


def deliver_with(broken: Broken, number: int, kind: str) -> ApiCall | None:
    """Deliver the event while one call goes wrong; return that call, or None if there are not so many."""
    with broken.account.interfered(fault_at(number, kind)):
        broken.deliver()
    return broken.account.calls[number] if number < len(broken.account.calls) else None


@pytest.mark.parametrize("kind", FAULTS)
def test_whatever_single_call_goes_wrong_the_outcome_is_true_and_nothing_is_lost(
    handler: Handler, kind: str, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = broken_by(handler, account, monkeypatch)
    begin_again = account.keep()
    for number in itertools.count():
        begin_again()
        call = deliver_with(broken, number, kind)
        if call is None:
            break
        _assert_true_and_not_lost(broken, call, kind)
    assert number >= len(["look", "claim", "fix", "look", "record", "publish"]), "the fault reached every call of the way"


def _assert_true_and_not_lost(broken: Broken, call: ApiCall, kind: str) -> None:
    where = f"{kind} at {call.service}:{call.operation}"
    told, dead = broken.account.outcomes(), broken.account.dead_letters
    assert told or dead, f"{where}: somebody hears of it"
    if "FIXED" in told:
        assert not broken.is_wrong, f"{where}: FIXED is true"
    if not broken.is_wrong and not dead:
        most = 2 if may_be_told_twice(broken, call, kind) else 1
        assert 1 <= len(told) <= most, f"{where}: told once, not {told}"
        assert len({alert["id"] for alert in broken.account.alerts()}) == 1, where
    if broken.is_wrong:
        assert set(told) & {"FAILED", "PARTIAL", "UNVERIFIED"} or dead, f"{where}: a person hears that it is still wrong"
    rows = [row for row in broken.account.journal() if row["pk"]["S"].startswith("FIX#")]
    if "FIXED" in told:
        assert any(row["status"]["S"] == "FIXED" for row in rows), f"{where}: what is told is written down"


@pytest.mark.parametrize("kind", ["denied", "timed out after it took effect", "killed just before", "killed just after"])
def test_an_undo_that_goes_wrong_at_any_call_can_be_given_again(handler: Handler, kind: str, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    if handler.remediation.undo is None:
        return
    broken = broken_by(handler, account, monkeypatch)
    broken.deliver()
    [alert] = account.alerts()
    begin_again = account.keep()
    for number in itertools.count():
        begin_again()
        with account.interfered(fault_at(number, kind)), contextlib.suppress(Exception, Killed):
            account.invoke(broken.remediation, {"undo": alert["id"]})
        calls = len(account.calls)
        again = account.invoke(broken.remediation, {"undo": alert["id"]})
        assert again["outcome"] in ("UNDONE", "HANDLED"), f"{kind} at call {number}"
        assert broken.state() == broken.before, f"{kind} at call {number}"
        if number >= calls:
            break
    assert number >= len(["read", "look", "claim", "take back", "record", "publish"]), "the fault reached every call of the way"


def test_an_undo_that_aws_refuses_ends_in_its_own_words_and_can_be_given_again(broken: Broken) -> None:
    if broken.remediation.undo is None:
        return
    broken.deliver()
    [alert] = broken.account.alerts()

    def refuse(call: ApiCall, _: int, really: Callable[[], object]) -> object:
        return FAULTS["denied"](call, really) if call.is_write else really()

    with broken.account.interfered(refuse):
        refused = broken.account.invoke(broken.remediation, {"undo": alert["id"]})
    assert refused["outcome"] == "UNDO_REFUSED"
    assert "AccessDeniedException: made by a test" in refused["reason"]
    assert not broken.is_wrong
    assert broken.account.invoke(broken.remediation, {"undo": alert["id"]})["outcome"] == "UNDONE"
    assert broken.state() == broken.before


def test_if_the_journal_cannot_be_reached_nothing_is_changed_and_the_event_is_kept(broken: Broken) -> None:
    def unreachable(call: ApiCall, _: int, really: Callable[[], object]) -> object:
        return FAULTS["timed out before it took effect"](call, really) if call.own else really()

    with broken.account.interfered(unreachable):
        assert broken.deliver() == []
    assert broken.account.writes == []
    assert broken.state() == broken.before
    [(_, reason)] = broken.account.dead_letters
    assert "Timeout" in reason


def test_a_write_that_is_always_refused_is_told_as_failed(broken: Broken) -> None:
    def refuse(call: ApiCall, _: int, really: Callable[[], object]) -> object:
        return FAULTS["denied"](call, really) if call.is_write else really()

    with broken.account.interfered(refuse):
        assert broken.deliver() == ["FAILED"]
    [alert] = broken.account.alerts()
    assert "AccessDenied" in alert["reason"]
    assert "made by a test" in alert["reason"], "AWS's own sentence"
    assert broken.state() == broken.before


def test_a_write_that_is_accepted_and_does_nothing_is_told_as_unverified(broken: Broken) -> None:
    def swallow(call: ApiCall, _: int, really: Callable[[], object]) -> object:
        return {} if call.is_write else really()

    with broken.account.interfered(swallow):
        assert broken.deliver() == ["UNVERIFIED"]
    assert broken.is_wrong


@pytest.mark.parametrize("event_id", ["", "another-event"], ids=["the same event twice at once", "two events on one resource at once"])
def test_two_deliveries_at_once_end_in_one_fix_and_one_alert(handler: Handler, event_id: str, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the second delivery run at every point of the first."""
    broken = broken_by(handler, account, monkeypatch)
    begin_again = account.keep()
    for number in itertools.count():
        begin_again()
        meeting = Meeting(broken, broken.event(event_id=event_id), number)
        with account.interfered(meeting):
            broken.deliver()
        if not meeting.took_place:
            break
        if meeting.is_to_be_tried_again:
            account.clock.pause(60)
            broken.deliver(meeting.other)
        assert account.outcomes() == ["FIXED"], f"at call {number}"
        assert not broken.is_wrong
        assert not account.dead_letters
        assert broken.scenario.neighbours(broken.state()) == broken.scenario.neighbours(broken.before)
    assert number > len(["look", "claim"])


@dataclass
class Meeting:
    """An interference in which a second delivery runs, whole, just before a call of the first."""

    broken: Broken
    other: object
    number: int
    took_place: bool = False
    is_to_be_tried_again: bool = False

    def __call__(self, _: ApiCall, number: int, really: Callable[[], object]) -> object:
        if number == self.number and not self.took_place:
            self.took_place = True
            try:
                self.broken.account.invoke(self.broken.remediation, self.other)
            except SnapbackError:  # the first is at work: Lambda tries this one again later
                self.is_to_be_tried_again = True
        return really()


def test_a_storm_on_one_resource_ends_in_one_fix_and_one_alert_and_costs_each_further_event_a_look_and_a_few_questions(broken: Broken) -> None:
    first = broken.event(event_id="first")
    broken.deliver(first)
    is_finding = first["detail-type"].endswith((" Finding", "Health Event"))
    # An earlier attempt may have to be continued, for a finding's further news as well; and a door that the event opened may have been shut by others.
    questions = 1 + is_finding + (0 if is_finding or not broken.remediation.opened else 2 + 2 * len(broken.remediation.also_shut_by))
    costs = []
    for number in range(50):  # all of the first one's time: a later one would say that the door was opened again
        broken.account.forget()
        broken.deliver({**broken.event(event_id=str(number)), "time": first["time"]})
        costs.append(len(broken.account.calls))
        asked = [call.operation for call in broken.account.calls if call.own and not call.is_recall]
        assert 1 <= len(asked) <= questions
        assert set(asked) == {"GetItem"}
    assert max(costs) == costs[0], "the last event costs no more than the second"
    assert broken.account.outcomes() == ["FIXED"]
