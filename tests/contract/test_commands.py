"""What holds for every command, whatever the remediation: who may invoke a function gets no more than the command says."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from snapback import journal
from snapback.errors import CommandError
from tests.contract.conftest import Broken, broken_by
from tests.harness.account import FAULTS, Account
from tests.harness.discovery import FIXERS


@pytest.fixture
def open_group(account: Account, monkeypatch: pytest.MonkeyPatch) -> Broken:
    return broken_by(next(handler for handler in FIXERS if handler.stem == "revoke_open_ingress"), account, monkeypatch)


def give(broken: Broken, **command: object) -> Mapping[str, Any]:
    """Give the remediation's function a command, as an operator does."""
    return broken.account.invoke(broken.remediation, command)


def wish(broken: Broken, resource: str, *, days: int = 30) -> dict[str, str]:
    """Return an exemption as an operator writes it."""
    until = datetime.fromtimestamp(broken.account.clock.time + days * 24 * 3600, UTC).date().isoformat()
    return {"resource": resource, "owner": "Jo", "reason": "migration", "until": until}


def break_again(broken: Broken) -> None:
    """Let somebody break again what was fixed last, without an event that tells of it."""
    undo = broken.remediation.undo
    assert undo
    undo(broken.resource, broken.evidence(broken.account.heard()[-1]["id"]))
    broken.account.clock.pause(60)
    broken.account.forget()


def test_what_no_event_has_told_of_cannot_be_released(broken: Broken) -> None:
    rows = broken.account.journal()
    with pytest.raises(CommandError, match="there is nothing to release"):
        give(broken, release=broken.resource)
    assert broken.account.writes == []
    assert broken.state() == broken.before
    assert broken.account.told() == []
    assert broken.account.journal() == rows


def test_what_was_fixed_and_is_broken_again_is_not_held(open_group: Broken) -> None:
    open_group.deliver()
    break_again(open_group)
    with pytest.raises(CommandError, match="Nothing is held"):
        give(open_group, release=open_group.resource)
    assert open_group.account.writes == []


def test_a_refused_release_names_what_is_held(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")
    open_group.deliver()
    break_again(open_group)
    assert open_group.deliver(open_group.event(event_id="another")) == ["HELD"]
    with pytest.raises(CommandError, match=f"Held are {open_group.resource}"):
        give(open_group, release="sg-0123456789abcdef0")
    assert open_group.account.writes == []


def test_what_is_contested_can_be_released_once(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_RESOURCE", "1")
    open_group.deliver()
    break_again(open_group)
    assert open_group.deliver(open_group.event(event_id="another")) == ["CONTESTED"]
    assert [one["outcome"] for one in give(open_group, release=open_group.resource)["outcomes"]] == ["FIXED"]
    break_again(open_group)
    with pytest.raises(CommandError, match="nothing to release"):
        give(open_group, release=open_group.resource)
    assert open_group.account.writes == []


def test_what_is_contested_again_within_the_hour_of_its_alert_can_be_released(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_RESOURCE", "1")
    open_group.deliver()
    break_again(open_group)
    open_group.account.clock.pause(1800)
    assert open_group.deliver(open_group.event(event_id="another")) == ["CONTESTED"]
    open_group.account.clock.pause(1800)
    assert open_group.deliver(open_group.event(event_id="there is room again")) == ["FIXED"]
    break_again(open_group)
    assert open_group.deliver(open_group.event(event_id="and again")) == ["CONTESTED"]
    assert [one["outcome"] for one in give(open_group, release=open_group.resource)["outcomes"]] == ["FIXED"]


def test_a_release_of_what_is_contested_can_be_given_again_after_a_failure(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_RESOURCE", "1")
    open_group.deliver()
    break_again(open_group)
    assert open_group.deliver(open_group.event(event_id="another")) == ["CONTESTED"]
    throttled = FAULTS["throttled"]
    with open_group.account.interfered(lambda call, _, really: throttled(call, really) if call.is_write else really()), pytest.raises(Exception, match="again"):
        give(open_group, release=open_group.resource)
    open_group.account.clock.pause(60)
    assert [one["outcome"] for one in give(open_group, release=open_group.resource)["outcomes"]][-1] == "FIXED"


def test_more_can_be_held_and_released_than_one_row_of_the_journal_holds(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")
    monkeypatch.setattr(journal, "_MOST_HELD", 1)
    open_group.deliver()
    break_again(open_group)
    journal.hold(open_group.remediation.name, "sg-0123456789abcdef0")
    assert journal.first_notice(f"{open_group.remediation.name}#HELD", "before", "sg-0123456789abcdef0")
    journal.notice_sent(f"{open_group.remediation.name}#HELD")
    assert open_group.deliver(open_group.event(event_id="another")) == ["HELD"]
    assert journal.held(open_group.remediation.name) == ["sg-0123456789abcdef0"]
    assert give(open_group, release=open_group.resource)["outcomes"][0]["outcome"] == "FIXED"
    with pytest.raises(CommandError, match="Nothing is held"):
        give(open_group, release=open_group.resource)


def test_what_a_wrong_exemption_let_through_can_be_handled_once_it_has_ended(open_group: Broken) -> None:
    give(open_group, exempt=wish(open_group, open_group.resource))
    assert open_group.deliver() == ["EXEMPT"]
    assert [one["outcome"] for one in give(open_group, release=open_group.resource)["outcomes"]] == ["EXEMPT"]
    give(open_group, unexempt=open_group.resource)
    assert [one["outcome"] for one in give(open_group, release=open_group.resource)["outcomes"]] == ["FIXED"]
    break_again(open_group)
    with pytest.raises(CommandError, match="nothing to release"):
        give(open_group, release=open_group.resource)
    assert open_group.account.writes == []
