"""`snapback apply --from survey/survey.json`: what a survey has found is put right by the functions, one resource after the other.

A person sees first what will be called. Each is applied only if it is as it was shown; how each ended is printed at once, and people are told all of it in a
digest. What the breaker holds ends the work of that remediation: the same command goes on with what is left.
"""

import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from snapback.engine.outcomes import Outcome
from snapback.engine.wording import one_word

from .failures import CannotAsk, Refused, sentence
from .surveyed import CHOICES, Finding, Survey, chosen, read
from .text import plain, table

_RIGHT = frozenset({Outcome.FIXED.value, Outcome.ALREADY_OK.value, Outcome.HANDLED.value, Outcome.GONE.value})
"""Outcomes after which nothing is left to do."""

NOT_APPLIED, NOT_ASKED, NOT_KNOWN = "NOT_APPLIED", "NOT_ASKED", "NOT_KNOWN"
"""How it ends for a resource that is not as it was shown, or that the function refuses; for one that it was not given; and where no answer came."""

_STOPPED = "stopped: what was begun last is finished by its function; the same command goes on with what is left"

_MOST_ROWS = 200
"""Rows of the table that a person agrees to."""


class Deployed(Protocol):
    """The deployed stack, as far as is needed here."""

    @property
    def functions(self) -> Mapping[str, str]:
        """Return remediation -> function."""

    @property
    def place(self) -> tuple[str, str]:
        """Return account and region."""

    @property
    def parameters(self) -> Mapping[str, str]:
        """Return the stack's parameters."""

    def ask(self, remediation: str, payload: Mapping[str, Any], by: str | None) -> Mapping[str, Any]:
        """Give a function a command; return its answer, or raise `Refused`."""


class Done(NamedTuple):
    """How it ended."""

    results: Sequence[Mapping[str, str]]
    lines: Sequence[str]
    status: int


class _Result(NamedTuple):
    finding: Finding
    outcome: str
    id: str = ""
    reason: str = ""

    @property
    def line(self) -> str:
        parts = [self.outcome, plain(self.finding.remediation), plain(self.finding.resource), f"({plain(self.id)})" if self.id else ""]
        return " ".join(part for part in parts if part) + (f": {plain(self.reason)}" if self.reason else "")

    def as_json(self) -> dict[str, str]:
        return {"remediation": self.finding.remediation, "resource": self.finding.resource, "outcome": self.outcome, "id": self.id, "reason": self.reason}


def apply(deployed: Deployed, given: Namespace) -> Done:
    """Apply what is chosen of a survey's file. Raises `CannotAsk` if that is nothing, or if nobody agrees to it."""
    survey = read(given.survey)
    account, region = deployed.place
    if survey.account != account:
        raise CannotAsk(f"the survey is of account {plain(survey.account)}, and the stack is in {account}")
    by: dict[str, Sequence[str]] = {part: getattr(given, f"of_{part}") or [] for part in CHOICES if part != "region"}
    by["owner"] = ["" if one == "-" else one for one in by["owner"]]  # as the page calls what nobody owns
    if not any(by.values()) and not given.resource and not given.all:
        raise CannotAsk("of all that the survey has found, name what: --remediation, --resource, --severity, --service, --owner, --class; or --all")
    findings = chosen(survey, by, given.resource or [])
    here = [one for one in findings if one.parts["region"] == region]
    todo = [one for one in here if not one.only_people and one.remediation in deployed.functions]
    for line in _left_out(findings, here, deployed):
        _say(line)
    if not todo:
        raise CannotAsk("nothing of that can be applied here")
    for line in survey.different(deployed.parameters, sorted({one.remediation for one in todo})):
        _say(f"{line}: what looks otherwise by that is not applied")
    _agree(todo, survey, is_agreed=given.yes)
    results = list(_carried_out(deployed, todo, given.by, say=(lambda _: None) if given.json else lambda line: print(line, flush=True)))
    return Done(
        [one.as_json() for one in results],
        list(_summary(results, len(todo))),
        int(len(results) < len(todo) or any(one.outcome not in _RIGHT for one in results)),
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _left_out(findings: Sequence[Finding], here: Sequence[Finding], deployed: Deployed) -> Iterator[str]:
    """Yield what is not applied, and why."""
    elsewhere = Counter(one.parts["region"] for one in findings) - Counter(one.parts["region"] for one in here)
    for region, number in sorted(elsewhere.items()):
        yield f"{number} in {plain(region)} are left out: the stack there puts them right, with --region {plain(region)}"
    for remediation, number in sorted(Counter(one.remediation for one in here if one.remediation not in deployed.functions).items()):
        yield f"{number} of {plain(remediation)} are left out: the stack has no such function"
    for remediation, number in sorted(Counter(one.remediation for one in here if one.only_people and one.remediation in deployed.functions).items()):
        yield f"{number} of {plain(remediation)} are left out: only people can put them right, as the survey's page says"


def _agree(todo: Sequence[Finding], survey: Survey, *, is_agreed: bool) -> None:
    """Show what will be called, and have somebody agree to it. Raises `CannotAsk` if nobody does."""
    rows = [(one.parts["severity"], one.parts["class"], one.remediation, one.resource, one.operations) for one in todo[:_MOST_ROWS]]
    for line in table(("SEVERITY", "CLASS", "REMEDIATION", "RESOURCE", "WHAT WILL BE CALLED"), rows):
        _say(line)
    if len(todo) > _MOST_ROWS:
        _say(f"... and {len(todo) - _MOST_ROWS} more. All of them by what will be called:")
        for line in table(("REMEDIATION", "HOW MANY", "WHAT WILL BE CALLED"), _by_call(todo)):
            _say(line)
    _say(f"{len(todo)} to put right, each only if it is still as the survey of {plain(survey.written)} shows it, with that class and severity.")
    if is_agreed:
        return
    if not sys.stdin.isatty():
        raise CannotAsk("nothing was changed: nobody is there to agree to it. For programs there is --yes")
    print("Put them right? Type yes: ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("yes", "y"):
        raise CannotAsk("nothing was changed")


def _by_call(todo: Sequence[Finding]) -> list[tuple[str, str, str]]:
    """Return, for each remediation, how many there are and all that will be called: nobody agrees to a call that stands in no line."""
    every: dict[str, dict[str, None]] = {}
    for one in todo:
        every.setdefault(one.remediation, {}).update(dict.fromkeys(one.called))
    counts = Counter(one.remediation for one in todo)
    return [(remediation, str(counts[remediation]), ", ".join(called)) for remediation, called in sorted(every.items())]


def _carried_out(deployed: Deployed, todo: Sequence[Finding], by: str | None, *, say: Callable[[str], object]) -> Iterator[_Result]:
    """Give each to its function; yield how it ended. What the breaker holds ends the work of that remediation.

    Ctrl-C ends all of it between two resources, and so does what keeps one from asking, such as credentials that have expired: what was done is answered then.
    Raises that if it is so for the first one.
    """
    held: set[str] = set()
    together = {"together": True} if len(todo) > 1 else {}
    for number, finding in enumerate(todo, 1):
        if finding.remediation in held:
            result = _Result(finding, NOT_ASKED, reason="its remediation is held")
        else:
            try:
                [one] = deployed.ask(finding.remediation, {**finding.payload, **together}, by)["outcomes"]
                result = _Result(finding, str(one["outcome"]), str(one.get("id", "")), str(one.get("reason", "")))
            except Refused as refusal:
                result = _Result(finding, NOT_APPLIED, reason=str(refusal))
            except KeyboardInterrupt:
                _say(_STOPPED)
                return
            except (CannotAsk, BotoCoreError, ClientError) as error:
                if number == 1:
                    raise
                result = _Result(finding, NOT_KNOWN, reason=sentence(error))
                say(f"{number}/{len(todo)} {result.line}")
                yield result
                _say(_STOPPED)
                return
        if result.outcome == Outcome.HELD:
            held.add(finding.remediation)
        say(f"{number}/{len(todo)} {result.line}")
        yield result


def _summary(results: Sequence[_Result], asked: int) -> Iterator[str]:
    counts = Counter(one.outcome for one in results)
    yield f"{', '.join(f'{number} {outcome}' for outcome, number in counts.most_common())} of {asked}."
    if counts[Outcome.FIXED.value]:
        yield "To take one back: snapback undo ID --reason WHY."
    for one in results:
        if one.outcome == Outcome.HELD:
            left = sum(other.finding.remediation == one.finding.remediation and other.outcome in (Outcome.HELD, NOT_ASKED) for other in results)
            name = plain(one.finding.remediation)
            yield (
                f"{name} is held, and {left} of its are left: the same command goes on with them in an hour, or at once after "
                f"snapback release {one_word(one.finding.resource)} --remediation {name}"
            )
