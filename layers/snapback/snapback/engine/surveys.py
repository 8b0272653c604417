"""A survey by the deployed function: everything of its type is looked at, and what is wrong is shown as in preview. Nothing is changed, whatever the mode.

What is found is written down as WOULD_FIX, so that it can be applied, and told together with the rest, in a digest (`digests`). What was shown before is not
shown again for a day, unless it was put right and is there once more. The names are listed first and taken in their order, so that whoever goes on needs only
the last: what is made meanwhile is told of by its own event.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from snapback.engine import alerts, clock, journal, later, memory, modes, names, refusals, settings
from snapback.engine.algorithm import FOR_ANOTHER, Algorithm
from snapback.engine.case import Case, commanded
from snapback.engine.errors import CommandError, SeveralFailed
from snapback.engine.events import ACCOUNT, Signal
from snapback.engine.fixes import Fix, fix_id
from snapback.engine.invocation import Invocation
from snapback.engine.later import Look
from snapback.engine.listing import Lister, lister_of
from snapback.engine.outcomes import Outcome

logger = Logger(service="snapback")

_SWEEP = "Scheduled Event"

_TOLD = 20
"""Resources that could not be looked at, for each of which there is an alert, where the survey goes on: of more, nothing may work, and the retry looks."""

_ANSWERED = 200
"""Findings that one answer spells out: Lambda's has room for 6 MB, and a person for less. The journal has them all."""


def survey(remediation: Algorithm, event: Mapping[str, Any], invocation: Invocation) -> dict[str, Any]:
    """Look at everything of the remediation's type, or at what comes after a name; return the figures. Raises `CommandError` if that cannot be done.

    When the function's time is nearly over, the clock gives it the rest; where there is no clock, the answer says with which command to go on.
    """
    after = _after(event["survey"])
    if settings.is_switched_off(remediation.name):
        raise CommandError(f"{remediation.name} is off by the deployment (the parameter SwitchedOff): nothing was looked at")
    choice = modes.chosen_in(journal.decided(Fix("", remediation.name, "", "", "", problem=remediation.problem)), remediation.name)
    if choice.mode == modes.OFF:
        raise CommandError(f"{remediation.name} is {choice}: nothing was looked at")
    waiting = [one for one in sorted(set(_listed(remediation))) if one > after]
    signal = commanded(invocation, "a survey")._replace(is_together=True)
    outcomes: list[dict[str, Any]] = []
    counts: Counter[str] = Counter()
    failures: dict[str, Exception] = {}
    looked_at = 0
    for one in waiting:
        if invocation.seconds_left() < FOR_ANOTHER:
            break
        looked_at += 1
        try:
            case = remediation.show(one, signal, invocation)
        except Exception as failure:  # not hidden: raised or told below, once every resource had its turn
            logger.exception("not surveyed", resource=names.shown(one))
            failures[one] = failure
            continue
        if case:
            counts[case.outcome.value] += 1
            outcomes += [case.as_json()] if len(outcomes) < _ANSWERED and case.outcome is not Outcome.HANDLED else []
    left = waiting[looked_at:]
    if failures and (not left or len(failures) > _TOLD):  # nothing is arranged: the retry looks at these again, and goes on
        why = "; ".join(f"{names.shown(one)}: {type(error).__name__}: {error}" for one, error in list(failures.items())[:5])
        raise SeveralFailed(f"{len(failures)} of {looked_at} resources could not be looked at; what was found is told. {why}")
    for one, error in failures.items():  # told and not raised: each retry would arrange the rest once more, and so would those of the rest
        case = _not_looked_at(remediation, one, error, signal, invocation)
        counts[case.outcome.value] += 1
        outcomes.append(case.as_json())
    answer = {
        "remediation": remediation.name,
        "looked_at": looked_at,
        "found": dict(counts),
        "outcomes": outcomes,
        **_rest(waiting[:looked_at], left, event, invocation, remediation.name),
    }
    logger.info("survey", **{part: said for part, said in answer.items() if part != "outcomes"})
    return answer


def _not_looked_at(remediation: Algorithm, resource: str, failure: Exception, signal: Signal, invocation: Invocation) -> Case:
    """Tell, with the rest, that a resource could not be looked at; what the failure says may hold anything, and is in the log."""
    why = refusals.said_by(failure) if isinstance(failure, ClientError) else type(failure).__name__
    reason = f"a survey could not look at it, and goes on with the others ({why}; the log has all of it): survey again"
    return Case(remediation, names.shown(resource), signal, invocation, several=True).end_noticed_unless_exempt(Outcome.REPORTED, reason, about="not surveyed")


def _after(given: object) -> str:
    """Return the name after which it goes on; nothing for the beginning."""
    if given is True:
        return ""
    if isinstance(given, Mapping) and given.keys() == {"after"} and isinstance(given["after"], str) and given["after"]:
        return given["after"]
    raise CommandError(f'a survey is asked for by true, and gone on with by {{"after": "…"}}, not by {names.shown(str(given))}')


def lister_for(remediation: Algorithm) -> Lister:
    """Return what lists everything that the remediation could find wrong. Raises `CommandError` if nobody can say what that is."""
    if not remediation.writes:
        raise CommandError(f"{remediation.name} tells what events say: there is nothing to look through")
    if remediation.answers_threats:
        raise CommandError(f"{remediation.name} answers a threat, which only its event tells of: there is nothing to look through")
    if remediation.remember:
        return lambda: memory.names(remediation.name)
    if remediation.resource == ACCOUNT:
        return lambda: [settings.own_account()]
    sweep: Any = remediation.named_by.get(_SWEEP)
    lister = (lambda: sweep({})) if callable(sweep) else lister_of(remediation.resource)
    if lister is None:
        raise CommandError(f"what {remediation.name} answers is told by its event alone, and cannot be listed")
    return lister


def _listed(remediation: Algorithm) -> Iterable[str]:
    lister = lister_for(remediation)
    try:
        return list(lister())
    except ClientError as error:
        if not refusals.is_refused(error):
            raise
        raise CommandError(f"what there is cannot be listed: {refusals.said_by(error)}") from error


def _rest(done: Sequence[str], left: Sequence[str], event: Mapping[str, Any], invocation: Invocation, name: str) -> dict[str, Any]:
    """Have the rest looked at in a minute, or say how to go on; nothing if there is none.

    Raises `CommandError` if not even one could be looked at, and `SeveralFailed` if the clock, which has asked for this, takes no more.
    """
    if not left:
        return {}
    if not done:
        raise CommandError(f"to list all {len(left)} takes all the time that the function has: 'snapback survey' looks at them without it")
    further = {"survey": {"after": done[-1]}}
    said = {"left": len(left), "reason": f"there was no time for {len(left)} more"}
    if not later.is_there():
        return {**said, "go_on_with": further}
    due = clock.now() + later.MINUTE
    by = {"by": event["by"]} if "by" in event else {}
    try:
        refusal = later.arranged({**further, **by}, Look(done[-1], 1, "survey", due), invocation, name=fix_id("survey", name, done[-1]))
    except ClientError as error:
        refusal = str(error)
    if refusal and "look" in event:  # by the clock: nobody reads the answer, but a dead letter is seen, and can be redriven
        raise SeveralFailed(f"{said['reason']}, and that it goes on by itself could not be arranged: {refusal}")
    if refusal:
        return {**said, "reason": f"{said['reason']}, and that it goes on by itself could not be arranged: {refusal}", "go_on_with": further}
    return {**said, "reason": f"{said['reason']}: it goes on by itself at {alerts.utc(due)}"}
