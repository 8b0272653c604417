"""What a handler is: a remediation, a setting, or a report. Lambda gives it events, and operators commands."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from snapback.engine import clock, commands, events, exemption_ends, journal
from snapback.engine.algorithm import Algorithm
from snapback.engine.case import Case
from snapback.engine.events import Signal
from snapback.engine.fixes import Evidence
from snapback.engine.invocation import Invocation, LambdaContext
from snapback.engine.journal import Claim
from snapback.engine.outcomes import Outcome

LONGEST_NAME = 1_500
"""Characters that fit into a key of the journal (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html)."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Remediation(Algorithm):
    """One problem and how it is put right: what a handler declares. `Definition` says what of it is needed, and what may be said besides."""

    def handler(self, event: object, context: LambdaContext) -> dict[str, Any]:
        """Handle what Lambda was given: an event from EventBridge, or an operator's command."""
        invocation = Invocation.of(context)
        clock.begin(invocation.seconds_left)
        return self.answer(event, invocation)

    def answer(self, event: object, invocation: Invocation) -> dict[str, Any]:
        """Return what became of it."""
        if commands.is_command(event):
            return commands.obey(self, event, invocation)
        if exemption_ends.is_end(event):
            return {"outcomes": [case.as_json() for case in exemption_ends.look_at_what_was_exempt(self, event, invocation)]}
        commands.refuse_misspelled(event)
        if self.expires_after and events.is_tick(event):
            from snapback.engine import undo  # noqa: PLC0415 - as in `commands`

            return {"outcomes": [case.as_json() for case in undo.undo_expired(self, invocation)]}
        return {"outcomes": [case.as_json() for case in self.handle(event, invocation)]}

    def meant(self, signal: Signal) -> Signal:
        """Return, of a call by which a containment can be taken off, what is contained by that name; leave what nothing contains, or not any more."""
        if signal.leave is not None or signal.source not in self.taken_off_by:
            return signal
        fixes = [journal.containing(self.name, str(name)) for name in signal.named if len(str(name)) <= LONGEST_NAME]
        named = [fix.resource for fix in fixes if fix]
        if not named:
            return signal._replace(leave=Outcome.ALREADY_OK, why="nothing there is contained, or not any more")
        return signal._replace(named=named)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False, init=False)  # to write an `__init__` takes a millisecond, and nobody makes one of these
class Shape(Remediation, ABC):
    """What many problems have in common: a handler declares what is its problem's own, and the rest follows from that."""

    declared_in: str
    """The handler's own module, `__name__`: the remediation has its name from it."""
    violation: Callable[[str], Evidence] = field(init=False)
    fix: Callable[[str, Any], object] = field(init=False)
    undo: Callable[[str, Any], object] | None = field(init=False)

    def __post_init__(self) -> None:
        """Say what every remediation says of its problem."""
        for part, follows in self.follows().items():
            object.__setattr__(self, part, follows)

    @abstractmethod
    def follows(self) -> Mapping[str, Callable[..., Any] | None]:
        """Return violation, fix, undo, and what else follows."""

    @property
    def module(self) -> str:
        """Return the name of the handler's module."""
        return self.declared_in


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Setting(Shape):
    """A setting that should be so: a handler says how it is read, how it should be, and how it is written.

    Violation: the setting as it is, if that is not as wanted. Fix: writes what is wanted. Undo: writes what was read. Where more than one state is right, an
    undo is refused once somebody has changed it since.
    """

    reader: Callable[[str], Mapping[str, Any]]
    """Returns the setting as it is, by AWS's own names for its parts; nothing where the resource has no such setting, or it is not for us to judge.

    It is the evidence, so a part keeps its name and form: an undo must find what was written down a year ago.
    """
    wanted: Mapping[str, Any] | Callable[[Mapping[str, Any]], Mapping[str, Any]]
    """The parts that matter, as they should be. Where more than one state is right: what makes that of the setting as it is, and leaves a right one alone."""
    writer: Callable[[str, Mapping[str, Any]], object]
    """Sets those parts, and nothing else of the resource."""
    wrong: Mapping[str, Any] | None = None
    """The one state that is wrong, where AWS may come to know others of which nobody can say yet whether they are. Unless given: whatever is not as wanted."""
    setting: Callable[[str], Any] | None = field(init=False)

    def follows(self) -> Mapping[str, Callable[..., Any] | None]:
        """Return violation, fix, undo, and what an undo compares."""
        compared = self.reader if callable(self.wanted) else None
        return {"violation": self._as_it_is_if_wrong, "fix": self._set_as_wanted, "undo": self._set_as_it_was, "setting": compared}

    def _as_it_is_if_wrong(self, resource: str) -> Evidence:
        now = self.reader(resource)
        return [now] if now and self._is_wrong(now) else []

    def _is_wrong(self, now: Mapping[str, Any]) -> bool:
        if self.wrong is not None:
            return self.wrong.items() <= now.items()
        return not self._as_wanted(now).items() <= now.items()

    def _set_as_wanted(self, resource: str, before: Evidence) -> None:
        self.writer(resource, self._as_wanted(before[0]))

    def _set_as_it_was(self, resource: str, before: Evidence) -> None:
        self.writer(resource, before[0])

    def _as_wanted(self, now: Mapping[str, Any]) -> Mapping[str, Any]:
        return self.wanted(now) if callable(self.wanted) else self.wanted


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

    def previews(self, evidence: Evidence, signal: Signal, chosen: str = "") -> bool:  # noqa: ARG002 - whatever it is
        """Tell that a report is never only shown."""
        return False

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
