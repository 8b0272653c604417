"""Several remediations in one function: settings of one resource that one call changes.

Each is a remediation of its own, with its manual, name, class, mode, exemptions, alert and undo. An event is read by those that hear it; all of them look,
with one read, and claim; then one call changes what all of them change (`one_change`). A command says which remediation it is for:

    {"remediation": "enable-db-backups", "mode": "enforce"}

or has an id (`undo`, `apply`, `retry`), which is one remediation's. A button of a chat channel has no room for that, and writes `enable-db-backups/arn:…`.
"""

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from snapback.engine import clients, clock, commands, events, hub_findings, journal, names, one_change
from snapback.engine.algorithm import Begun
from snapback.engine.case import Case
from snapback.engine.errors import CommandError, FindingsBusy, SeveralFailed, SnapbackError
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
            return one.answer(event, invocation._replace(only=one.name))
        commands.refuse_misspelled(event)
        return {"outcomes": [case.as_json() for case in self._handle(event, invocation)]}

    def _meant(self, event: Mapping[str, Any]) -> tuple[Remediation, Mapping[str, Any]]:
        """Return the remediation that a command or a later look is for, and what it says to that."""
        by_name = {one.name: one for one in self.remediations}
        if "remediation" in event:
            if event["remediation"] not in by_name:
                raise CommandError(f"this function has no remediation {names.shown(event['remediation'])}: it has {', '.join(by_name)}")
            return by_name[event["remediation"]], {key: value for key, value in event.items() if key != "remediation"}
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
        hearing = [one for one in self.remediations if events.is_heard(event, one.named_by, one.controls)] or self.remediations[:1]
        signals = {one: one.read(event, invocation._replace(only=one.name)) for one in hearing}
        ended = [one.left(signal, invocation) for one, signal in signals.items() if signal.leave]
        signals = {one: signal for one, signal in signals.items() if not signal.leave}
        named = list(dict.fromkeys(name for signal in signals.values() for name in signal.named))
        cases: dict[Remediation, dict[object, Case]] = {one: {} for one in signals}
        failures: list[Exception] = []
        for name in named:
            begun: list[tuple[Remediation, Begun]] = []
            with clients.asked_once():
                for one, signal in signals.items():
                    if name in signal.named:
                        try:
                            begun.append((one, one.begin_with(name, signal, invocation._replace(only=one.name), several=len(named) > 1)))
                        except Exception as failure:  # not hidden: raised below, once every remediation had its turn
                            logger.exception("remediation failed", remediation=one.name, resource=names.shown(name))
                            failures.append(failure)
                plan = one_change.planned([each for _, each in begun])
            change = one_change.made(plan)
            for one, each in begun:
                try:
                    with one_change.counted(change, each):
                        cases[one][name] = one.complete(each)
                except Exception as failure:  # not hidden, as above
                    logger.exception("remediation failed", remediation=one.name, resource=names.shown(name))
                    failures.append(failure)
        for one, signal in signals.items():
            try:
                hub_findings.resolve(signal.findings, cases[one])
            except (BotoCoreError, ClientError, FindingsBusy, SnapbackError) as failure:
                logger.exception("findings not resolved", remediation=one.name)
                failures.append(failure)
        if failures:
            raise SeveralFailed.of(failures, len(named) * len(signals)) from failures[0]
        return [*ended, *(case for some in cases.values() for case in some.values())]
