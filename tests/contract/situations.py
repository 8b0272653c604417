"""Everything that may happen to a remediation, one situation after the other, and every call that it makes in them."""

import contextlib
import importlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from snapback.engine.errors import CommandError
from tests.contract.conftest import Broken, broken_by
from tests.harness.account import Account, ApiCall
from tests.harness.discovery import Handler
from tests.harness.scheduler import schedules
from tests.harness.securityhub import hub_findings

hub_findings.as_on_aws()
schedules.as_on_aws()

Situation = Callable[[Handler, Account, pytest.MonkeyPatch], object]


class _Recorded(list[ApiCall]):
    """The account's list of calls, which tests empty at will; `ever` keeps them all."""

    def __init__(self) -> None:
        super().__init__()
        self.ever: list[ApiCall] = []

    def append(self, call: ApiCall) -> None:
        self.ever.append(call)
        super().append(call)


def all_calls(handler: Handler, account: Account, monkeypatch: pytest.MonkeyPatch) -> Sequence[ApiCall]:
    """Return the calls that the handler makes in all situations.

    What these do not reach, a function `all_calls(account)` in the handler's test does: a setting that takes another call to bring back, say.
    """
    return _calls([*(_REPORTS if handler.is_report else _FIXES), _all_calls_of_its_test], handler, account, monkeypatch)


def calls_there_and_back(handler: Handler, account: Account, monkeypatch: pytest.MonkeyPatch) -> Sequence[ApiCall]:
    """Return the calls of one fix and its undo, or of one report: what shows the difference that a setting makes."""
    return _calls([_reported if handler.is_report else _undone], handler, account, monkeypatch)


def _calls(situations: Sequence[Situation], handler: Handler, account: Account, monkeypatch: pytest.MonkeyPatch) -> Sequence[ApiCall]:
    """Go through the situations, each in an account of its own."""
    account.calls = recorded = _Recorded()
    for situation in situations:
        with monkeypatch.context() as patch:
            situation(handler, account, patch)
        account.tear_down()
        account.set_up()
    return recorded.ever


def _fixed(handler: Handler, account: Account, patch: pytest.MonkeyPatch) -> None:
    for sample in handler.samples_to_fix:
        broken = broken_by(handler, account, patch)
        assert broken.deliver(broken.event(sample)) == ["FIXED"]
        assert broken.deliver(broken.event(sample, event_id="another event")) == ["ALREADY_OK"]
        account.tear_down()
        account.set_up()


def _previewed(handler: Handler, account: Account, patch: pytest.MonkeyPatch) -> None:
    for mode in ("MODE", "DISRUPTIVE_MODE"):
        patch.setenv(mode, "preview")
    broken = broken_by(handler, account, patch)
    assert broken.deliver() == ["WOULD_FIX"]
    assert account.invoke(broken.remediation, {"preview": broken.resource})["calls"]
    _surveyed(broken)


def _surveyed(broken: Broken) -> None:
    """Have it look at everything of its type, where that can be listed."""
    broken.account.make_storm_queue()
    with contextlib.suppress(CommandError):
        broken.account.invoke(broken.remediation, {"survey": True})


def _undone(handler: Handler, account: Account, patch: pytest.MonkeyPatch) -> None:
    broken = broken_by(handler, account, patch)
    heard_of = [sample for sample in handler.samples if sample.endswith("-securityhub")]  # there are settings only for findings
    broken.deliver(broken.event(*heard_of[:1]))
    expected = "UNDONE" if broken.remediation.undo else "UNDO_REFUSED"
    assert account.invoke(broken.remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == expected


def _exempted(handler: Handler, account: Account, patch: pytest.MonkeyPatch) -> None:
    broken = broken_by(handler, account, patch)
    account.invoke(broken.remediation, {"exempt": _an_exemption(account, broken.resource)})
    assert broken.deliver() == ["EXEMPT"]
    account.invoke(broken.remediation, {"unexempt": broken.resource})
    assert broken.deliver() == ["FIXED"]


def _held(handler: Handler, account: Account, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("MAX_FIXES_PER_HOUR", "1")
    broken = broken_by(handler, account, patch)
    if _broken_again(broken):
        assert broken.deliver(broken.event(event_id="another event")) == ["HELD"]


def _contested_and_released(handler: Handler, account: Account, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("MAX_FIXES_PER_RESOURCE", "1")
    broken = broken_by(handler, account, patch)
    if _broken_again(broken):
        assert broken.deliver(broken.event(event_id="another event")) == ["CONTESTED"]
        [released] = account.invoke(broken.remediation, {"release": broken.resource})["outcomes"]
        assert released["outcome"] == "FIXED"


def _stormed(handler: Handler, account: Account, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("STORM_AFTER", "1")
    broken = broken_by(handler, account, patch)
    if _broken_again(broken):
        account.make_storm_queue()
        assert broken.deliver(broken.event(event_id="another event")) == ["FIXED"]
        assert [alert["outcome"] for alert in account.put_off()] == ["FIXED"]


def _expired(handler: Handler, account: Account, patch: pytest.MonkeyPatch) -> None:
    if handler.remediation.expires_after is None:
        return
    broken = broken_by(handler, account, patch)
    broken.deliver()
    account.clock.pause(handler.remediation.expires_after() + 60)
    assert broken.deliver(schedules.tick(broken.remediation, account.clock.time)) == ["UNDONE"]


def _deferred(handler: Handler, account: Account, patch: pytest.MonkeyPatch) -> None:
    """Let it hear, where there is a clock, that something was made, and look once that has settled."""
    if not handler.remediation.settles:
        return
    schedules.switch_on(patch)
    broken = broken_by(handler, account, patch)
    assert broken.deliver(broken.event(schedules.making_sample(handler))) == ["DEFERRED"]
    assert schedules.run_next(account, broken.remediation) == ["FIXED"]


def _gone(handler: Handler, account: Account, patch: pytest.MonkeyPatch) -> None:
    """Give it the samples as they are: in the empty account there is no such resource."""
    for name, value in handler.scenario.environment.items():
        patch.setenv(name, value)
    for sample in handler.samples.values():
        account.deliver(handler.remediation, sample)


def _all_calls_of_its_test(handler: Handler, account: Account, patch: pytest.MonkeyPatch) -> None:
    test = importlib.import_module(f"tests.functions.{handler.service}.test_{handler.stem}")
    handler.set_up(patch)
    getattr(test, "all_calls", lambda _: None)(account)


def _reported(handler: Handler, account: Account, patch: pytest.MonkeyPatch) -> None:
    handler.set_up(patch)
    patch.setenv("MAX_FIXES_PER_HOUR", "1")
    for sample in handler.samples.values():
        assert account.deliver(handler.remediation, sample) == ["REPORTED"]
        assert account.deliver(handler.remediation, sample) == ["HANDLED"]
    told = account.alerts()[0]
    assert account.invoke(handler.remediation, {"undo": told["id"]})["outcome"] == "UNDO_REFUSED"


def _commanded(handler: Handler, account: Account, patch: pytest.MonkeyPatch) -> None:
    handler.set_up(patch)
    [sample, *_others] = handler.samples.values()
    account.deliver(handler.remediation, sample)
    finding = {key: value for key, value in _an_exemption(account, "").items() if key != "resource"} | {"finding": "Policy:S3/BucketPublicAccessGranted"}
    account.invoke(handler.remediation, {"silence": finding})
    assert account.deliver(handler.remediation, _another(sample, handler)) == ["REPORTED"]
    account.invoke(handler.remediation, {"unsilence": finding["finding"]})


def _another(sample: dict[str, Any], handler: Handler) -> dict[str, Any]:
    """Return an event like the sample that is to be told as well: with another id of its own, and of the finding or record that it brings, if any."""
    another: dict[str, Any] = json.loads(json.dumps(sample))
    another["id"] = "another event"
    own = ("eventID", "findingArn", "id") if getattr(handler.remediation, "once_per", None) else ()
    another["detail"].update({key: f"{value}2" for key, value in another["detail"].items() if key in own})
    return another


_FIXES: Sequence[Situation] = [_fixed, _previewed, _undone, _exempted, _held, _contested_and_released, _stormed, _expired, _deferred, _gone]
_REPORTS: Sequence[Situation] = [_reported, _commanded]


def _broken_again(broken: Broken) -> bool:
    """Let it be fixed, and broken again by somebody a minute later, if there is a way to do that."""
    broken.deliver()
    if broken.remediation.undo is None:
        return False
    broken.remediation.undo(broken.resource, broken.evidence(broken.account.alerts()[0]["id"]))
    broken.account.clock.pause(60)
    return True


def _an_exemption(account: Account, resource: str) -> dict[str, str]:
    until = datetime.fromtimestamp(account.clock.time + 3600, UTC).isoformat()
    return {"resource": resource, "owner": "Jo", "reason": "migration", "until": until}
