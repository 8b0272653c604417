"""What a person chooses for one remediation holds from the next claim on, whatever its class's mode, and is told."""

import contextlib
import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from snapback.engine import exemptions
from snapback.engine.errors import CommandError
from tests.contract.conftest import Broken, broken_by
from tests.contract.test_apply import only_show, outcomes_of, payload_of, previewed
from tests.contract.test_commands import break_again, give, wish
from tests.contract.test_laws import SCHEMA, is_of_a_threat
from tests.harness.account import FAULTS, Account, ApiCall, Killed
from tests.harness.discovery import FIXERS, REPORTS, Handler


def row_of(broken: Broken) -> dict[str, Any]:
    """Return the journal's row with what people have decided."""
    return broken.account.table.rows[f"EXEMPT#{broken.remediation.problem or broken.remediation.name}"]


def test_what_is_chosen_holds_from_the_next_event_on_and_each_choice_is_told(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    give(broken, mode="preview")
    assert broken.deliver() == ["WOULD_FIX"]
    assert broken.state() == broken.before
    only_show(monkeypatch)
    give(broken, mode="enforce")
    broken.account.forget()
    assert broken.deliver() == ["FIXED"], "the same event, which was shown before"
    assert not broken.is_wrong
    assert broken.account.outcomes() == ["CHOSEN", "WOULD_FIX", "CHOSEN", "FIXED"]


def test_a_fix_by_a_chosen_mode_costs_one_question_more_and_one_by_the_class_none(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    only_show(monkeypatch)
    give(broken, mode="enforce")
    broken.account.forget()
    broken.deliver()
    own = [call.operation for call in broken.account.calls if call.own and not call.is_recall]
    assert own == ["TransactWriteItems", "TransactWriteItems", "Publish", "TransactWriteItems"]


def test_what_is_off_changes_nothing_and_tells_nothing_but_threats(broken: Broken) -> None:
    give(broken, mode="off")
    broken.account.forget()
    assert broken.deliver() == ["OFF"]
    assert broken.state() == broken.before
    assert broken.account.writes == []
    assert broken.account.outcomes() == ["CHOSEN", *(["REPORTED"] if is_of_a_threat(broken) else [])]
    own = [call.operation for call in broken.account.calls if call.own and not call.is_recall]
    assert own == ["TransactWriteItems"] * 2 or is_of_a_threat(broken)
    give(broken, mode="default")
    assert broken.deliver(broken.event(event_id="another")) == ["FIXED"]


SWITCHED_OFF = {"block-public-bucket", "deactivate-exposed-key", "isolate-instance", "restrict-role-trust", "revoke-open-ingress"}
"""Some with threats from each service that tells of any, and some without."""


@pytest.mark.parametrize("handler", [one for one in FIXERS if one.remediation.name in SWITCHED_OFF], ids=str)
def test_what_the_deployment_has_switched_off_is_not_looked_at_and_tells_nothing_but_threats(
    handler: Handler, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = broken_by(handler, account, monkeypatch)
    monkeypatch.setenv("MODE", "off")
    for sample in handler.samples_to_fix:
        account.forget()
        before = len(account.alerts())
        assert broken.deliver(broken.event(sample, event_id=sample)) == ["OFF"], sample
        assert account.writes == []
        assert sample != handler.stem or [call.operation for call in account.calls if not call.own] == [], "not even a look"
        told = account.alerts()[before:]
        assert [alert["outcome"] for alert in told] == ["REPORTED"] * is_of_a_threat(broken, sample), sample
        assert all("is off by the deployment (the parameter SwitchedOff). What was seen there is left to you" in alert["reason"] for alert in told)
    assert broken.state() == broken.before


def test_a_mode_is_not_chosen_for_what_the_deployment_has_switched_off(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODE", "off")
    with pytest.raises(CommandError, match="take it out of the stack's parameter SwitchedOff first"):
        give(open_group, mode="enforce")
    assert open_group.account.outcomes() == []


def test_a_choice_is_told_with_who_has_chosen_and_how_it_was_worded(open_group: Broken) -> None:
    ended = give(open_group, mode="preview", by="Jo")
    assert (ended["outcome"], ended["reason"]) == ("CHOSEN", "preview since 2026-06-15 12:00:00 UTC, by Jo, as they say")
    [alert] = open_group.account.alerts()
    SCHEMA.validate({part: value for part, value in alert.items() if part not in ("subject", "text")})
    assert alert["trigger"]["from"] == "an operator by Jo, as they say"
    assert "\n\nWHO\n  An operator: Jo, as they say\n" in alert["text"]
    assert alert["reason"] == ended["reason"]
    assert list(alert["commands"]) == ["mode"], "back to the class's"


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("enforced", "Do you mean enforce"),
        ("Off", "Do you mean off"),
        ("on", "one of off, preview, enforce, default, not on"),
        (None, "not None"),
        ({"a": 1}, "one of"),
    ],
)
def test_a_word_that_is_no_mode_is_refused_with_the_nearest_that_is(open_group: Broken, word: object, says: str) -> None:
    rows = open_group.account.journal()
    with pytest.raises(CommandError, match=says):
        give(open_group, mode=word)
    assert (open_group.account.journal(), open_group.account.outcomes()) == (rows, [])


def test_a_report_has_no_mode(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    REPORTS[0].set_up(monkeypatch)
    with pytest.raises(CommandError, match="changes nothing, so it has no mode"):
        account.invoke(REPORTS[0].remediation, {"mode": "off"})


@pytest.mark.parametrize("kept", ["{", "[]", '{"revoke-open-ingress": "enforce"}', '{"revoke-open-ingress": {"mode": "destroy"}}'])
def test_a_choice_that_cannot_be_read_only_shows_and_that_is_told(open_group: Broken, kept: str) -> None:
    give(open_group, mode="enforce")
    row_of(open_group)["modes"] = {"S": kept}
    assert open_group.deliver() == ["WOULD_FIX"]
    alert = open_group.account.alerts()[-1]
    assert "so fixes are only shown" in alert["reason"]
    assert open_group.state() == open_group.before
    assert outcomes_of(give(open_group, **payload_of(alert, "apply"))) == ["FIXED"]
    give(open_group, mode="enforce")
    break_again(open_group)
    assert open_group.deliver(open_group.event(event_id="another")) == ["FIXED"]


def test_a_choice_and_exemptions_stand_beside_each_other(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    only_show(monkeypatch)
    give(open_group, exempt=wish(open_group, open_group.resource))
    give(open_group, mode="enforce")
    assert open_group.deliver() == ["EXEMPT"]
    give(open_group, unexempt=open_group.resource)
    assert open_group.deliver(open_group.event(event_id="another")) == ["FIXED"]
    give(open_group, exempt=wish(open_group, "sg-01234*"))
    give(open_group, mode="default")
    break_again(open_group)
    assert open_group.deliver(open_group.event(event_id="a third")) == ["WOULD_FIX"]
    assert [one.resource for one in exemptions.parse(row_of(open_group)["exemptions"]["S"])] == ["sg-01234*"]


def test_an_exemption_ends_though_a_mode_is_chosen(open_group: Broken) -> None:
    give(open_group, mode="enforce")
    give(open_group, exempt=wish(open_group, open_group.resource, days=1))
    assert open_group.deliver() == ["EXEMPT"]
    open_group.account.clock.pause(3 * 24 * 3600)
    assert open_group.deliver(open_group.event(event_id="later")) == ["FIXED"]


def test_a_choice_for_one_remediation_is_none_for_another_of_the_same_problem(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    sharing = [handler for handler in FIXERS if handler.remediation.problem == exemptions.OUTSIDE_ACCESS]
    assert len(sharing) > 1
    give(broken_by(sharing[0], account, monkeypatch), mode="off")
    assert broken_by(sharing[1], account, monkeypatch).deliver() == ["FIXED"]


def choose_at(broken: Broken, operation: str, number: int, mode: str) -> Callable[[ApiCall, int, Callable[[], Any]], Any]:
    """Return an interference in which somebody chooses a mode just before the n-th such call of Snapback's own."""
    seen: list[ApiCall] = []

    def choose(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.own and call.operation == operation:
            seen.append(call)
            if len(seen) == number:
                broken.account.interference = None
                give(broken, mode=mode)
        return really()

    return choose


@pytest.mark.parametrize(
    ("before", "then", "ends"),
    [("enforce", "preview", "WOULD_FIX"), ("enforce", "off", "OFF"), ("enforce", "default", "WOULD_FIX"), ("preview", "enforce", "FIXED")],
)
def test_what_is_chosen_while_an_event_asks_holds_for_it(open_group: Broken, monkeypatch: pytest.MonkeyPatch, before: str, then: str, ends: str) -> None:
    only_show(monkeypatch)
    give(open_group, mode=before)
    give(open_group, exempt=wish(open_group, "sg-01234*", days=1))
    with open_group.account.interfered(choose_at(open_group, "TransactWriteItems", 2, then)):
        assert open_group.deliver() == [ends]
    assert open_group.is_wrong is (ends != "FIXED")


@pytest.mark.parametrize(("mode", "says"), [("preview", "the mode is preview now"), ("off", "is off since"), ("switched off", "is off by the deployment")])
@pytest.mark.parametrize("again", ["the event", "a retry"])
def test_what_is_half_made_stops_when_another_mode_is_chosen(open_group: Broken, monkeypatch: pytest.MonkeyPatch, again: str, mode: str, says: str) -> None:
    def one_by_one(group: str, rules: Sequence[Mapping[str, Any]]) -> None:
        for rule in rules:
            open_group.remediation.fix(group, [rule])

    def kill(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        return FAULTS["killed just after"](call, really) if call.is_write else really()

    patient, account, event = dataclasses.replace(open_group.remediation, fix=one_by_one), open_group.account, open_group.event()
    with account.interfered(kill), contextlib.suppress(Killed):
        account.invoke(patient, event, request="one")
    assert len(account.writes) == 1
    if mode == "switched off":
        monkeypatch.setenv("MODE", "off")
    else:
        give(open_group, mode=mode)
    account.clock.pause(60)
    account.forget()
    if again == "a retry":
        account.clock.pause(60)  # till the lease is over
        [begun] = [key for key in account.table.rows if key.startswith("FIX#")]
        ended = account.invoke(patient, {"retry": begun.removeprefix("FIX#")})["outcomes"][0]
    else:
        [ended] = account.invoke(patient, event, request="one")["outcomes"]
    assert ended["outcome"] == "PARTIAL"
    assert says in ended["reason"]
    assert account.writes == []


def deliver_after_two_days(mode: str, account: Account, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Choose the mode for what answers a threat, and deliver the threat two days later."""
    broken = broken_by(next(handler for handler in FIXERS if handler.stem == "isolate_instance"), account, monkeypatch)
    only_show(monkeypatch)
    give(broken, mode=mode)
    event = broken.event()
    account.clock.pause(2 * 24 * 3600)
    return broken.deliver(event)


def test_an_old_threat_is_held_where_enforce_was_chosen(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    assert deliver_after_two_days("enforce", account, monkeypatch) == ["HELD"]
    assert account.writes == []


def test_an_old_threat_is_not_held_where_the_remediation_is_off(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    assert deliver_after_two_days("off", account, monkeypatch) == ["OFF"]
    assert account.outcomes() == ["CHOSEN", "REPORTED"]


def test_a_choice_that_is_ended_while_an_event_asks_does_not_hold_for_it(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    only_show(monkeypatch)
    give(open_group, mode="enforce")
    with open_group.account.interfered(choose_at(open_group, "TransactWriteItems", 2, "default")):
        assert open_group.deliver() == ["WOULD_FIX"]
    assert open_group.state() == open_group.before


def test_what_was_shown_can_be_applied_though_the_remediation_is_off_by_now(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = previewed(open_group, monkeypatch)
    give(open_group, mode="off")
    assert outcomes_of(give(open_group, **apply)) == ["FIXED"]


def test_a_choice_whose_answer_is_lost_is_chosen_once(open_group: Broken) -> None:
    def lose(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        answer = really()
        return really() if call.operation == "PutItem" else answer  # the SDK sends it again

    with open_group.account.interfered(lose):
        assert give(open_group, mode="off")["outcome"] == "CHOSEN"
    assert json.loads(row_of(open_group)["modes"]["S"])["revoke-open-ingress"]["mode"] == "off"
