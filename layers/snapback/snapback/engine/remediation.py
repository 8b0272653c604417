"""What a handler is: a remediation, or a report. Lambda gives it events, and operators commands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from snapback.engine import clock, commands, events
from snapback.engine.algorithm import Algorithm
from snapback.engine.case import Case
from snapback.engine.events import Signal
from snapback.engine.invocation import Invocation, LambdaContext
from snapback.engine.journal import Claim, Evidence
from snapback.engine.outcomes import Outcome


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Remediation(Algorithm):
    """One problem and how it is put right: what a handler declares. `Definition` says what of it is needed, and what may be said besides."""

    def handler(self, event: object, context: LambdaContext) -> dict[str, Any]:
        """Handle what Lambda was given: an event from EventBridge, or an operator's command."""
        invocation = Invocation.of(context)
        clock.begin(invocation.seconds_left)
        if commands.is_command(event):
            return commands.obey(self, event, invocation)
        if self.expires_after and events.is_tick(event):
            return {"outcomes": [case.as_json() for case in commands.undo_expired(self, invocation)]}
        return {"outcomes": [case.as_json() for case in self.handle(event, invocation)]}


def _nothing(*_: object) -> Evidence:
    return []


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Report(Remediation):
    """A problem that only people can put right: the same algorithm, with telling in the place of fixing.

    `facts(detail)` returns what people should know of the event, as evidence; empty if it is not worth telling.
    """

    facts: Callable[[Mapping[str, Any]], Evidence]
    once_per: Callable[[Mapping[str, Any]], str] | None = None
    """What of the event's detail is told once, where AWS sends news of the same thing again and again under new event ids: the finding's own id.

    Empty where it is the event itself.
    """
    violation: Callable[[str], Evidence] = _nothing
    fix: Callable[[str, Any], object] = _nothing
    writes: ClassVar[bool] = False
    hears_failures: ClassVar[bool] = True
    previews: ClassVar[bool] = False

    @property
    def module(self) -> str:
        """Return the name of the handler's module."""
        return self.facts.__module__

    def occasion(self, signal: Signal) -> str:
        """Return what is told once."""
        return (events.understood(self.once_per, signal.detail) if self.once_per else "") or super().occasion(signal)

    def look(self, case: Case) -> Evidence:
        """Return the event's facts: there is no live resource to ask."""
        return list(events.understood(self.facts, case.signal.detail))

    def act(self, case: Case, live: Evidence, claim: Claim) -> Case:  # noqa: ARG002 - nothing to fix
        """Tell and record."""
        return case.finish(Outcome.REPORTED, "")
