"""Taking fixes back: what a person asks for, and what ends by itself.

An undo brings back exactly what the fix put right, if the resource is as the fix left it, and is seen to have done so before it is told and written down. One
that is cut off is gone on with.
"""

import json

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from snapback.engine import alerts, clients, clock, exemption_ends, fixes, journal, names, refusals, settings, storms
from snapback.engine.algorithm import Algorithm
from snapback.engine.case import Case, commanded
from snapback.engine.definition import Definition
from snapback.engine.disclosure import disclosed
from snapback.engine.errors import OnlyPeople, ResourceBusy, SeveralFailed, SnapbackError
from snapback.engine.exemptions import Exemption
from snapback.engine.fixes import Fix
from snapback.engine.invocation import Invocation
from snapback.engine.outcomes import Outcome

logger = Logger(service="snapback")

_UNDOABLE = frozenset({Outcome.FIXED.value, Outcome.PARTIAL.value, Outcome.UNVERIFIED.value, fixes.CLAIMED, fixes.UNDOING})
"""Statuses under which something may have been changed."""
_ENDED = frozenset({Outcome.FIXED.value, Outcome.PARTIAL.value, Outcome.UNVERIFIED.value})

_HALF_DONE = 900.0
"""Seconds for which a half-made undo may be gone on with, though the resource is neither as the fix left it nor as it was: longer than a function lives.
After that, others may have changed it."""

_AFTER_UNDO = (0.0, 0.3, 0.7, 2.0, 4.0)
"""Seconds to wait before each look after an undo."""


def undo_expired(remediation: Algorithm, invocation: Invocation) -> list[Case]:
    """Take back the fixes whose time is over. Nothing is exempted: if the problem comes back, so does the fix.

    One failure does not stop the next; failures are raised together at the end, and the next tick tries those again.
    """
    cases: list[Case] = []
    failures: list[Exception] = []
    expired = journal.expired(remediation.name)
    for fix_id in expired:
        try:
            fix = journal.read(fix_id)
            if fix is None:
                continue
            if _is_renewed(fix):
                journal.forget_expiry(remediation.name, fix)
                continue
            with settings.as_they_were(fix.settings):
                case = take_back(Case(remediation, fix.resource, commanded(invocation, "its end date"), invocation), fix, "its time was over", None)
            cases.append(case)
            if case.outcome is not Outcome.UNVERIFIED:
                journal.forget_expiry(remediation.name, fix)
        except Exception as failure:  # not hidden: raised below, once every fix had its turn
            logger.exception("end date failed", fix=fix_id)
            failures.append(failure)
    if len(failures) > 1:
        raise SeveralFailed.of(failures, len(expired)) from failures[0]
    if failures:
        raise failures[0]
    return cases


def _is_renewed(fix: Fix) -> bool:
    """Tell whether what stands there now is a later fix, which has an end date of its own."""
    holder = journal.last_holder(fix.remediation, fix.resource)
    later = journal.read(holder) if holder not in ("", fix.id) else None
    return later is not None and later.status in _ENDED and later.expires_at > clock.now()


def take_back(  # noqa: C901, PLR0911 - every way in which it can end
    case: Case, fix: Fix, reason: str, exemption: Exemption | None
) -> Case:
    """Undo the fix if the resource is as the fix left it; tell and record it. The exemption is in force once it is undone, not before."""
    remediation = case.remediation
    case.fix = fix
    fix.problem = remediation.problem
    if fix.status == Outcome.UNDONE.value:
        return case.end(Outcome.HANDLED, "this fix was taken back before")
    if remediation.undo is None:
        return case.end(Outcome.UNDO_REFUSED, "what this remediation does cannot be taken back")
    if fix.status in (fixes.CLAIMED, Outcome.UNVERIFIED) and fix.writes and not fix.undoing:  # what it changed was not seen: it is what is not wrong any more
        live = list(remediation.violation(fix.resource))
        fix.left = [item for item in fix.evidence if item in live]
        fix.after = fixes.comparable(remediation.setting(fix.resource)) if remediation.setting else None
    if fix.status not in _UNDOABLE or not fix.writes or not fix.changed:
        return case.end(Outcome.UNDO_REFUSED, f"there is nothing to take back: it ended as {fix.status}")
    is_back = bool(fix.undoing) and _is_back(remediation, fix)
    is_half_done = bool(fix.undoing) and clock.now() - fix.undoing < _HALF_DONE
    if not is_back and not is_half_done and (difference := _difference(remediation, fix)):
        return case.end(Outcome.UNDO_REFUSED, f"the resource has changed since the fix: {difference}")
    former = fix.status
    journal.begin_undo(fix, request=case.invocation.request, lease=case.lease)
    fix.undoing = clock.now()
    with clients.watched(preview=False) as calls:
        try:
            if not is_back:
                remediation.undo(fix.resource, fix.changed)
            is_back = _shows_back(case, fix)
        except Exception as error:  # not hidden: raised again, or told with its reason, once the resource is let go
            _stop(case, former)
            if exemption is None or not _is_refusal(error):  # an end date is tried again at the next tick, until it takes
                raise
            why = refusals.said_by(error) if isinstance(error, ClientError) else str(error)
            return _notify_failure(
                case, Outcome.UNDO_REFUSED, f"{why}. What could not be taken back stays as the fix left it: give this command again when that is settled"
            )
    fix.calls = [call.as_json() for call in calls.made]
    if not is_back:
        _stop(case, former)
        return _notify_failure(
            case, Outcome.UNVERIFIED, "the undo was sent and accepted, but the resource does not show the former state yet; it is not exempt"
        )
    fix.reason = reason = f"{reason} {exemption_ends.arrange_look(case, exemption)}".strip()
    if exemption:
        fix.notes = {**fix.notes, "ended_by": {"unexempt": exemption.resource}}
    # First: an undo that is written down is not done again, so it would never be told.
    alerts.notify(case, Outcome.UNDONE, together=storms.puts_off_undo(remediation.name, is_asked_for=exemption is not None))
    journal.end_undo(fix, reason, exemption)
    return case.end(Outcome.UNDONE, reason)


def _shows_back(case: Case, fix: Fix) -> bool:
    """Look until as much is wrong as the fix had put right, or the patience is gone. By number: what comes back may have another id, or another date.

    Where the undo is judged by a setting, that tells of what was wrong and is by now said otherwise, or is not wrong any more.
    """
    for wait in clock.waits(_AFTER_UNDO, case.invocation.seconds_left, keep=5):
        clock.pause(wait)
        try:
            back = [item for item in case.remediation.violation(fix.resource) if item not in fix.left]
            if len(back) >= len(fix.changed):
                return True
            if not back and case.remediation.setting and fixes.comparable(case.remediation.setting(fix.resource)) != fix.after:
                return True
        except OnlyPeople:  # something is wrong there again, which only people can put right
            return True
    return False


def _is_back(remediation: Definition, fix: Fix) -> bool:
    """Tell whether an undo that was cut off had brought everything back."""
    live = list(remediation.violation(fix.resource))
    return bool(live) and all(item in live for item in fix.changed)


def _stop(case: Case, former: str) -> None:
    """Let go of an undo that could not be finished, and write down how far it came. If that fails, too, the lease runs out by itself."""
    fix, remediation = case.fix, case.remediation
    try:
        back = [item for item in fix.evidence if item in list(remediation.violation(fix.resource))]
        after = fixes.comparable(remediation.setting(fix.resource)) if remediation.setting else None
    except (ClientError, BotoCoreError, SnapbackError):  # how far is not known: it stays UNDOING until the command is given again
        logger.exception("not looked at", fix=fix.id, resource=case.resource)
    else:
        if not all(item in back for item in fix.changed):
            fix.left, fix.after = back, after
        fix.status = Outcome.PARTIAL.value if fix.left or former not in _ENDED else former
    try:
        journal.stop_undo(fix)
    except (ClientError, BotoCoreError, SnapbackError):
        logger.exception("not let go", fix=fix.id, resource=case.resource)


def _notify_failure(case: Case, outcome: Outcome, reason: str) -> Case:
    case.fix.reason = reason
    alerts.notify(case, outcome)
    return case.end(outcome, reason)


def _is_refusal(error: Exception) -> bool:
    return isinstance(error, OnlyPeople) or (isinstance(error, ClientError) and refusals.is_refused(error))


def _difference(remediation: Definition, fix: Fix) -> str:
    """Return how the resource differs from what the fix left, or nothing; raise `ResourceBusy` if that is because the fix is being finished just now."""
    if remediation.setting:
        now = fixes.comparable(remediation.setting(fix.resource))
        found = "" if now == fix.after else f"it was {names.shown(json.dumps(disclosed(fix.after)), 500)} and is {names.shown(json.dumps(disclosed(now)), 500)}"
    else:
        live = list(remediation.violation(fix.resource))
        found = "" if live == fix.left else f"it now shows {names.shown(json.dumps(disclosed(live)), 1000)}"
    if found and fix.status == fixes.CLAIMED and journal.is_being_finished(fix):
        raise ResourceBusy(f"the work on {fix.resource} is being finished just now: give this command again in a minute")
    return found
