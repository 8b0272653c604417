"""One broken resource for each remediation."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from snapback.engine import journal
from snapback.engine.fixes import Evidence
from snapback.engine.remediation import Remediation
from tests.harness.account import Account, Kept
from tests.harness.discovery import FIXERS, Handler
from tests.harness.scenario import Scenario

SITUATIONS = [situation for handler in FIXERS for situation in (handler, *handler.variants)]
"""The fixers in each of their scenarios: what the laws are tried with."""


@pytest.hookimpl(tryfirst=True)  # xdist asks for the groups in its own
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let all that begins with the same broken resource run in one process, which remembers what it has made and asked (tests/harness/remembered.py)."""
    for item in items:
        for value in item.callspec.params.values() if isinstance(item, pytest.Function) and hasattr(item, "callspec") else ():
            if isinstance(value, Handler):
                item.add_marker(pytest.mark.xdist_group(f"{value.service}/{value.stem}"))


@dataclass
class Broken:
    """A resource with a problem, ready to be handled."""

    handler: Handler
    remediation: Remediation
    scenario: Scenario
    account: Account
    resource: str
    before: dict[str, Any]

    def event(self, sample: str = "", *, event_id: str = "") -> dict[str, Any]:
        event = self.scenario.event(self.handler.sample(sample), self.resource, event_id=event_id)
        return {**event, "time": datetime.fromtimestamp(self.account.clock.time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}

    def deliver(self, event: object | None = None) -> list[str]:
        return self.account.deliver(self.remediation, self.event() if event is None else event)

    def state(self) -> dict[str, Any]:
        return dict(self.scenario.state(self.resource))

    def evidence(self, fix_id: str) -> Evidence:
        """Return what the journal has of the fix: in alerts, policies are hidden."""
        fix = journal.read(fix_id)
        assert fix
        return fix.evidence

    def break_again(self) -> None:
        """Break again what was fixed last, as somebody would of whom no event tells."""
        assert self.remediation.undo
        [*_, last] = [alert for alert in self.account.alerts() if alert["outcome"] == "FIXED"]
        self.remediation.undo(self.resource, self.evidence(last["id"]))

    @property
    def is_wrong(self) -> bool:
        return bool(self.remediation.violation(self.resource))


@dataclass(frozen=True)
class _Began:
    """What one test has made for all that begin with the same broken resource."""

    resource: str
    before: dict[str, Any]
    account: Kept


_began: dict[tuple[Handler, float], _Began] = {}


def broken_by(handler: Handler, account: Account, monkeypatch: pytest.MonkeyPatch) -> Broken:
    scenario = handler.scenario
    for name, value in scenario.environment.items():
        monkeypatch.setenv(name, value)
    began = _began.get((handler, account.clock.time)) if account.remembered.is_untouched else None
    if began:
        began.account.bring_back(account)
    else:
        began = _begin(handler, scenario, account)
    account.forget()
    return Broken(handler, handler.remediation, scenario, account, began.resource, copy.deepcopy(began.before))


def _begin(handler: Handler, scenario: Scenario, account: Account) -> _Began:
    is_alone, now = account.remembered.is_untouched, account.clock.time
    resource = scenario.broken()
    account.keep()
    began = _Began(resource, dict(scenario.state(resource)), account.kept())
    if is_alone:
        _began[handler, now] = began
    return began


@pytest.fixture(params=SITUATIONS, ids=str)
def broken(request: pytest.FixtureRequest, account: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[Broken]:
    yield broken_by(request.param, account, monkeypatch)  # noqa: PT022 - the account must outlive it


@pytest.fixture
def open_group(account: Account, monkeypatch: pytest.MonkeyPatch) -> Broken:
    return broken_by(next(handler for handler in FIXERS if handler.stem == "revoke_open_ingress"), account, monkeypatch)
