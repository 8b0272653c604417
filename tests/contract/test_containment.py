"""What contains a threat holds: whoever takes it off, otherwise than by the undo command, is told as high, and it is put back, or asked about, by the mode."""

import pytest

from tests.contract.conftest import Broken, broken_by
from tests.harness.account import Account
from tests.harness.discovery import FIXERS, Handler

CONTAINING = [handler for handler in FIXERS if handler.remediation.taken_off_by]


def test_whatever_contains_a_threat_hears_when_it_is_taken_off() -> None:
    stems = {handler.stem for handler in CONTAINING}
    assert stems == {"block_attacker_ip", "contain_function", "deactivate_exposed_key", "isolate_instance", "quarantine_user", "revoke_role_sessions"}
    assert all(any(map(handler.takes_off, handler.samples.values())) for handler in CONTAINING)


@pytest.fixture(params=CONTAINING, ids=str)
def contained(request: pytest.FixtureRequest, account: Account, monkeypatch: pytest.MonkeyPatch) -> Broken:
    broken = broken_by(request.param, account, monkeypatch)
    assert broken.deliver() == ["FIXED"]
    account.clock.pause(60)
    return broken


def taking_off(broken: Broken, event_id: str = "taking it off") -> dict[str, object]:
    return broken.event(f"{broken.handler.stem}-lifted", event_id=event_id)


def test_what_is_taken_off_is_put_back_and_told_as_high(contained: Broken) -> None:
    contained.break_again()
    assert contained.is_wrong
    assert contained.deliver(taking_off(contained)) == ["FIXED"]
    assert not contained.is_wrong
    _, alert = contained.account.alerts()
    assert alert["severity"] in ("critical", "high")
    assert alert["needs_person"]
    assert alert["text"].startswith("Contained again: somebody had taken that off")
    assert alert["actor"]["name"] == "mallory"
    stays = "something stays" in alert["headline"]
    assert f"\n\nDO FIRST\n  {'Treat it as a break-in under way' if stays else 'What Snapback can cut off is cut off'}" in alert["text"]
    assert ("what stays is said above" in alert["text"]) is stays
    contained.break_again()
    assert contained.deliver(taking_off(contained, "once more")) == ["FIXED"], "the later fix contains it now"


def test_in_preview_people_are_asked(contained: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    for mode in ("MODE", "DISRUPTIVE_MODE"):
        monkeypatch.setenv(mode, "preview")
    contained.break_again()
    assert contained.deliver(taking_off(contained)) == ["WOULD_FIX"]
    _, alert = contained.account.alerts()
    assert (alert["severity"] in ("critical", "high"), alert["outcome"]) == (True, "WOULD_FIX")
    applied = contained.account.invoke(contained.remediation, {"apply": alert["id"], "by": "Jo"})
    assert [one["outcome"] for one in applied["outcomes"]] == ["FIXED"]
    assert not contained.is_wrong


def test_after_an_undo_nothing_is_contained_any_more_whoever_changes_it(contained: Broken) -> None:
    [alert] = contained.account.alerts()
    assert contained.account.invoke(contained.remediation, {"undo": alert["id"], "by": "Jo", "reason": "it was the owner"})["outcome"] == "UNDONE"
    told = contained.account.alerts()[-1]
    assert told["needs_person"] is not bool(contained.remediation.expires_after), "somebody has to look after what is in touch again, unless that was to end"
    assert told["headline"] == "NOT contained any more: that was taken back"
    assert "\n\nSTEPS TAKEN BACK\n" in told["text"]
    contained.account.forget()
    contained.account.clock.pause(60)
    assert contained.deliver(taking_off(contained)) == ["ALREADY_OK"]
    assert {call.operation for call in contained.account.calls} <= {"GetItem"}
    assert contained.account.outcomes() == ["FIXED", "UNDONE"]


def test_a_change_beside_what_contains_it_is_left(contained: Broken) -> None:
    contained.account.forget()
    assert contained.deliver(taking_off(contained)) == ["ALREADY_OK"]
    assert contained.account.writes == []
    assert contained.account.outcomes() == ["FIXED"]


@pytest.mark.parametrize("handler", CONTAINING, ids=str)
def test_what_nothing_has_contained_is_left_without_a_look(handler: Handler, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = broken_by(handler, account, monkeypatch)
    assert broken.deliver(taking_off(broken)) == ["ALREADY_OK"]
    assert {call.operation for call in account.calls} == {"GetItem"}


def test_an_address_whose_time_is_over_may_be_left_out(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = broken_by(Handler("wafv2", "block_attacker_ip"), account, monkeypatch)
    assert broken.deliver() == ["FIXED"]
    account.clock.pause(25 * 3600)
    broken.break_again()
    assert broken.deliver(taking_off(broken)) == ["ALREADY_OK"]
    assert account.outcomes() == ["FIXED"]
