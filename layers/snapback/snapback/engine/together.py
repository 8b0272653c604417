"""Several remediations in one function: settings of one resource that one call changes.

Each is a remediation of its own, with its manual, name, class, mode, exemptions, alert and undo. An event is read by those that hear it; all of them look,
with one read, and claim; then one call changes what all of them change (`one_change`). A command says which remediation it is for:

    {"remediation": "enable-db-backups", "mode": "enforce"}

or has an id (`undo`, `apply`, `retry`), which is one remediation's. A button of a chat channel has no room for that, and writes `enable-db-backups/arn:…`.
"""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from aws_lambda_powertools import Logger

from snapback.engine import clients, clock, commands, events, hub_findings, journal, names, one_change
from snapback.engine.algorithm import Begun
from snapback.engine.case import Case
from snapback.engine.errors import CommandError, SeveralFailed
from snapback.engine.events import Signal
from snapback.engine.invocation import Invocation, LambdaContext
from snapback.engine.remediation import Remediation

logger = Logger(service="snapback")


class Together:
    """The function of several remediations; `handler` is what Lambda calls."""

    def __init__(self, module: str, *stems: str) -> None:
        """Take the module's `__name__`, and the names of the modules beside it that declare the remediations."""
        folder, _, stem = module.rpartition(".")
        self.name = stem.replace("_", "-")
        self.remediations: Sequence[Remediation] = [importlib.import_module(f"{folder}.{one}" if folder else one).remediation for one in stems]

    def handler(self, event: object, context: LambdaContext) -> dict[str, Any]:
        """Handle what Lambda was given: an event from EventBridge, or an operator's command."""
        invocation = Invocation.of(context)
        clock.begin(invocation.seconds_left)
        if isinstance(event, Mapping) and (commands.is_command(event) or "remediation" in event):
            one, event = self._meant(event)
            return one.answer(event, _of(one, invocation))
        commands.refuse_misspelled(event)
        return {"outcomes": [case.as_json() for case in self._handle(event, invocation)]}

    def _meant(self, event: Mapping[str, Any]) -> tuple[Remediation, Mapping[str, Any]]:
        """Return the remediation that a command or a later look is for, and what it says to that."""
        by_name = {one.name: one for one in self.remediations}
        if "remediation" in event:
            if (meant := str(event["remediation"])) not in by_name:
                raise CommandError(f"this function has no remediation {names.shown(meant)}: it has {', '.join(by_name)}")
            return by_name[meant], {key: value for key, value in event.items() if key != "remediation"}
        for word in ("exempt", "release"):
            name, is_there, resource = str(event.get(word)).partition("/")
            if is_there and name in by_name:
                return by_name[name], {**event, word: resource}
        for word in commands.BY_ID & event.keys():
            found = journal.read(str(event[word]))
            if found and found.remediation in by_name:
                return by_name[found.remediation], event
        raise CommandError(f'nothing was changed: this function has several remediations, so say which by "remediation": {", ".join(by_name)}')

    def _handle(self, event: object, invocation: Invocation) -> list[Case]:
        """Put right, by each remediation that hears the event, every resource that it names, as `Algorithm.handle` does by one."""
        failures: list[Exception] = []
        hearing = [one for one in self.remediations if events.is_heard(event, one.named_by, one.controls)]
        signals = self._read(event, invocation, hearing, failures)
        ended: list[Case] = []
        for one in [one for one, signal in signals.items() if signal.leave]:
            with _kept(failures, one):
                ended.append(one.left(signals[one], _of(one, invocation)))
        named_by = {one: signal for one, signal in signals.items() if not signal.leave}
        cases: dict[Remediation, dict[object, Case]] = {one: {} for one in named_by}
        named = list(dict.fromkeys(name for signal in named_by.values() for name in signal.named))
        for name in named:
            begun: list[tuple[Remediation, Begun]] = []
            with clients.asked_once():
                for one in [one for one, signal in named_by.items() if name in signal.named]:
                    with _kept(failures, one, name):
                        begun.append((one, one.begin_with(name, named_by[one], _of(one, invocation), several=len(named) > 1)))
                plan = one_change.planned([each for _, each in begun])
            change = one_change.made(plan)
            for one, each in begun:
                with _kept(failures, one, name), one_change.counted(change, each):
                    cases[one][name] = one.complete(each)
        for one, signal in named_by.items():
            with _kept(failures, one):
                hub_findings.resolve(signal.findings, cases[one])
        turns = max(len(named), 1) * len(hearing or self.remediations)
        if failures and turns == 1:
            raise failures[0]
        if failures:
            raise SeveralFailed.of(failures, turns) from failures[0]
        return [*ended, *(case for some in cases.values() for case in some.values())]

    def _read(self, event: object, invocation: Invocation, hearing: Sequence[Remediation], failures: list[Exception]) -> dict[Remediation, Signal]:
        """Return what the event says to each that hears it; of what none of them is known to hear, each says what it makes of it."""
        signals = {}
        for one in hearing or self.remediations:
            with _kept(failures, one):
                signals[one] = one.read(events.with_findings_of(event, one.controls) if hearing else event, _of(one, invocation))
        return signals


def _of(one: Remediation, invocation: Invocation) -> Invocation:
    return invocation._replace(only=one.name)


@contextmanager
def _kept(failures: list[Exception], one: Remediation, name: object = "") -> Iterator[None]:
    """Keep a failure inside the block, which stops no other remediation and no other resource: all are raised together at the end."""
    try:
        yield
    except Exception as failure:  # not hidden: raised once every remediation had its turn
        logger.exception("remediation failed", remediation=one.name, resource=names.shown(str(name)))
        failures.append(failure)
