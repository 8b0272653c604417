"""The engine in the past: what it would have made of an event, by itself, with the clock of then, an empty journal in memory, and no way to AWS.

The reading of events, the skips, the claims with the breaker, the storms and the notices are the engine's own. Two things nobody knows of the past, and they
are supposed: that each change has made something wrong, and that it was put right. So what comes out is the most that can have been. Reports tell by the
event alone: of them it is what would have been.
"""

import copy
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from botocore.exceptions import ClientError

from local.intrinsics import Place, Resolver
from local.journal_table import JournalTable
from local.survey.template import template, variables
from snapback.engine import alerts, clients, clock, names
from snapback.engine.actors import Actor
from snapback.engine.case import Case
from snapback.engine.errors import SnapbackError
from snapback.engine.events import Signal
from snapback.engine.invocation import Invocation
from snapback.engine.journal import Standing
from snapback.engine.modes import ENFORCE
from snapback.engine.outcomes import Outcome
from snapback.engine.remediation import Remediation

_TABLE: Final = "past"

_TIDIED_EVERY: Final = 20_000
"""Rows after which those are taken out of the journal that DynamoDB would have expired by then."""

_MOST_TOLD: Final = 20_000
"""Rows about what was told that are kept, the latest: reports tell some things once a month only."""


class OnlyLive(SnapbackError):  # noqa: N818 - reads as what it is
    """AWS was asked. What it would have said then, nobody knows."""


class Notice(NamedTuple):
    """A message that would have been sent."""

    outcome: Outcome
    is_together: bool
    """It would have waited for others, to be told with them as one."""


@dataclass
class Heard:
    """What a function would have made of an event."""

    actor: Actor | None = None
    left: Outcome | None = None
    """Why nothing was looked at, in `why`'s words."""
    why: str = ""
    dead: str = ""
    """Why the event would have become a dead letter."""
    looked_at: list[str] = field(default_factory=list)
    """The resources, by the names that the event gives them, checked."""
    is_unnamed: bool = False
    """Which resources that is, AWS alone could say."""
    ends: list[Outcome] = field(default_factory=list)
    """How it ended: of a report each way; else FIXED for a claim that was granted, HELD or CONTESTED for one that was not."""
    notices: list[Notice] = field(default_factory=list)


class _Client:
    """The journal's client, of which the engine asks a dozen operations."""

    def __init__(self, table: JournalTable) -> None:
        self._table = table

    def __getattr__(self, name: str) -> Callable[..., Mapping[str, Any]]:
        operation = "".join(word.capitalize() for word in name.split("_"))
        return lambda **parameters: self._table.answer(operation, parameters)


def _no_session() -> Any:  # noqa: ANN401 - in the place of a session
    raise OnlyLive("only AWS could say, and of then it says nothing")


class _Refusing:
    """Stands in the place of any client, and says that it is not allowed: reports tell without what AWS would have said besides."""

    def __getattr__(self, name: str) -> Callable[..., Mapping[str, Any]]:
        return lambda **_: self._refuse("".join(word.capitalize() for word in name.split("_")))

    @staticmethod
    def _refuse(operation: str) -> Mapping[str, Any]:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "nobody knows any more"}}, operation)


class _AllRefuse(dict[Any, Any]):
    """Clients of which only the journal's answers."""

    def __contains__(self, _: object) -> bool:
        return True

    def __missing__(self, _: object) -> _Refusing:
        return _Refusing()


def _wait_for_nobody(seconds: float) -> None:
    """Wait for nothing: nobody else is there."""


class Past:
    """One account and region after the other, each from its first event to its last."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        """Take the functions' variables, as `local.survey.template.environment` gives them."""
        self._settings = {**settings, "MODE": ENFORCE, "DISRUPTIVE_MODE": ENFORCE, "JOURNAL_TABLE": _TABLE, "READ_TAGS": "off", "CLOCK": ""}
        self._partition = settings["ROLE_ARN"].split(":")[1]
        self._supposed: dict[str, Remediation] = {}
        self._notices: list[Notice] = []
        self._now = 0.0
        self.begin("", "")

    def begin(self, account: str, region: str) -> None:
        """Begin there, with an empty journal."""
        self._account, self._region, self._since_tidied = account, region, 0
        self._table = JournalTable(_TABLE)
        place = Place(account=account, region=region, partition=self._partition)
        resolver = Resolver({}, place, template())
        known = {name: resolver.resolve(value) for name, value in variables().items() if name not in self._settings and not name.startswith("AWS_")}
        self._own = {name: value for name, value in known.items() if isinstance(value, str)}
        self._own["ROLE_ARN"] = f"arn:{self._partition}:iam::{account}:role/{place.stack}-none"

    @contextmanager
    def here(self) -> Iterator[None]:
        """Let the engine be in the past inside the block, where it asks nobody but this journal, and tells nobody."""
        former = (clients._clients, clients._session, clock.now, clock.pause, alerts.notify)  # noqa: SLF001 - the layer has no other door, and needs none in Lambda
        environment = dict(os.environ)
        log = logging.getLogger("snapback")
        level = log.level
        clients._clients, clients._session = {}, _no_session  # type: ignore[assignment]  # noqa: SLF001 - the same
        clock.now, clock.pause = lambda: self._now, _wait_for_nobody
        alerts.notify = self._notify
        log.setLevel(logging.CRITICAL + 1)
        os.environ.update(self._settings)
        try:
            yield
        finally:
            clients._clients, clients._session, clock.now, clock.pause, alerts.notify = former  # noqa: SLF001 - the same
            log.setLevel(level)
            os.environ.clear()
            os.environ.update(environment)

    def _notify(self, case: object, outcome: Outcome, *, together: bool = False, is_kept: bool = True) -> None:  # noqa: ARG002 - as the engine calls it
        self._notices.append(Notice(outcome, together))

    def hear(self, remediation: Remediation, event: Mapping[str, Any], at: float) -> Heard:
        """Return what the remediation's function would have made of the event, of that second. Only inside `here`."""
        self._now, self._notices = at, []
        those: dict[Any, Any] = {} if remediation.writes else _AllRefuse()
        those["dynamodb", None, False] = _Client(self._table)
        clients._clients = those  # noqa: SLF001 - the layer has no other door
        os.environ.update(self._own)
        heard = Heard()
        try:
            if remediation.writes:
                self._suppose(remediation, event, heard)
            else:
                self._report(remediation, event, heard)
        except OnlyLive:
            heard.is_unnamed = True
        except Exception as error:  # noqa: BLE001 - not hidden: Lambda would have made a dead letter of it, whatever it is
            heard.dead = str(error) if isinstance(error, SnapbackError) else f"{type(error).__name__}: {names.shown(str(error))}"
        heard.notices = self._notices
        self._tidy()
        return heard

    def _invocation(self, request: str, seconds: float) -> Invocation:
        return Invocation("past", request, self._account, self._region, lambda: seconds)

    def _report(self, remediation: Remediation, event: Mapping[str, Any], heard: Heard) -> None:
        invocation = self._invocation(str(event.get("id")), 55)
        signal = remediation.read(event, invocation)
        heard.actor, heard.left, heard.why = signal.actor, signal.leave, signal.why
        if signal.leave and signal.leave is not Outcome.REPORTED:
            return
        for case in remediation.handle(event, invocation):
            heard.looked_at.append(case.resource)
            heard.ends.append(case.outcome)
            if remediation.occasion(signal) == signal.id:
                self._forget(case.fix.id)

    def _suppose(self, remediation: Remediation, event: Mapping[str, Any], heard: Heard) -> None:
        invocation = self._invocation(f"{event.get('id')} {remediation.name}", -10)  # no lease lasts: the next event comes after it was put right
        supposed = self._supposed.setdefault(remediation.name, _never_disruptive(remediation))
        signal = supposed.read(event, invocation)
        heard.actor, heard.left, heard.why = signal.actor, signal.leave, signal.why
        if signal.leave:
            return
        refused = []
        for named in signal.named:
            try:
                name = names.checked(supposed.resource, named)
            except SnapbackError as error:
                refused.append(str(error))
            else:
                heard.looked_at.append(name)
                heard.ends.append(self._claim(supposed, name, signal, invocation, is_one_of_several=len(signal.named) > 1))
        if refused:
            raise SnapbackError("; ".join(refused[:5]))

    def _claim(self, supposed: Remediation, name: str, signal: Signal, invocation: Invocation, *, is_one_of_several: bool) -> Outcome:
        case = Case(supposed, name, signal, invocation, several=is_one_of_several)
        claim = case.claim([{"changed by": signal.id}], self._now)
        self._forget(case.fix.id)
        if claim.standing is not Standing.CLAIMED:
            return case.end_without(claim).outcome
        self._notify(case, Outcome.FIXED, together=case.fix.in_storm)
        return Outcome.FIXED

    def _forget(self, fix: str) -> None:
        """Forget what was just claimed or told: each event comes once."""
        self._table.rows.pop(f"FIX#{fix}", None)

    def _tidy(self) -> None:
        """Now and then, take out what does not count any more."""
        self._since_tidied += 1
        if self._since_tidied < _TIDIED_EVERY:
            return
        self._since_tidied = 0
        rows = self._table.rows
        told = [key for key in rows if key.startswith("FIX#")]
        over = [key for key, row in rows.items() if self._is_over(key, row)]
        for key in {*told[:-_MOST_TOLD], *over}:
            del rows[key]

    def _is_over(self, key: str, row: Mapping[str, Any]) -> bool:
        """Tell whether the row is expired, or says of a resource what counted for an hour."""
        last = max((float(row[name]["N"]) for name in ("fix1", "latest", "noticed", "taken") if name in row), default=self._now)
        is_short = key.startswith("RESOURCE#") or f"#{Outcome.HELD.value}#" in key or f"#{Outcome.CONTESTED.value}#" in key
        return (is_short and last < self._now - clock.HOUR) or float(row.get("expires", {}).get("N", "inf")) < self._now


def _never_disruptive(remediation: Remediation) -> Remediation:
    """Return it as one that is put right in each form: of what form it was, nobody knows."""
    supposed = copy.copy(remediation)
    object.__setattr__(supposed, "disruptive", False)
    return supposed
