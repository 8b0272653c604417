"""The one algorithm: parse, skip, look, claim, fix, look again, tell, record.

A handler says what is special about its problem in a `Remediation`; everything else is here. The story stands first, in the order in which it goes:
`Algorithm.handle` for an event with all its resources, `put_right` for one of them, down to `_verify`. What else may happen comes after it, under headings.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from snapback.engine import alerts, clients, clock, events, fixes, hub_findings, journal, later, memory, modes, names, notices, refusals, settings
from snapback.engine.actors import Actor
from snapback.engine.case import TOO_LATE, Case
from snapback.engine.definition import Definition
from snapback.engine.disclosure import disclosed
from snapback.engine.errors import (
    BelongsElsewhere,
    ComesLater,
    CommandError,
    EvidenceTooLarge,
    FindingsBusy,
    OnlyPeople,
    ResourceBusy,
    SeveralFailed,
    StillChanging,
)
from snapback.engine.events import Signal
from snapback.engine.fixes import Evidence, Fix
from snapback.engine.invocation import Invocation
from snapback.engine.journal import Claim, Standing
from snapback.engine.later import Look
from snapback.engine.outcomes import Outcome

logger = Logger(service="snapback")

PATIENCE = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0, 6.0)
"""Seconds to wait before each look while another invocation is at work on the resource. Then this one gives up and is tried again by Lambda."""

SETTLING = (0.0, 0.3, 0.7, 2.0, 4.0)
"""Seconds to wait before each look after a fix. IAM and S3 may show a change late."""

LEAST = 12.0
"""Seconds of the function's time that work on a resource needs at least: with less, the event is left to Lambda's next attempt, or what is not seen is told."""

FOR_ANOTHER = 20.0
"""Seconds of the function's time that must be left to begin with another resource, where one command is about many."""

YOUNG = 10.0
"""Seconds. A change younger than this may not be seen by the first read, where the service says that reads may lag."""

_UNSCHEDULED = {
    later.SETTLING: "It was just made, and whoever makes it may go on, so nothing was changed; this is what it shows now",
    later.BUSY: "AWS is still at work on it; the event is tried twice more within minutes, and is a dead letter then",
}
"""What becomes of it where the clock refuses a later look, for people."""

_ONLY_SHOWN = "to put the rest right may stop what works, so it is only shown: by the next event about it, or by retry"

_CHANGED = "it was changed, and Snapback goes on holding what it remembers until a person accepts the change, or takes it back"


class Begun(NamedTuple):
    """One resource after the claim."""

    case: Case
    claim: Claim | None = None
    """None if it has ended already."""
    live: Evidence = ()


@dataclass(frozen=True, kw_only=True, eq=False, repr=False, init=False)  # to write an `__init__` takes a millisecond, and nobody makes one of these
class Algorithm(Definition):
    """How every problem is put right: by these steps, in this order."""

    def handle(self, event: object, invocation: Invocation) -> list[Case]:
        """Put right every resource that the event names. One failure does not stop the next; failures are raised together at the end."""
        signal = self.read(event, invocation)
        if signal.leave:
            return [self.left(signal, invocation)]
        several = len(signal.named) > 1
        cases: dict[object, Case] = {}
        failures: list[Exception] = []
        for named in signal.named:
            try:
                cases[named] = self.put_right(named, signal, invocation, several=several)
            except Exception as failure:  # not hidden: raised below, once every resource had its turn
                if not several:
                    raise
                logger.exception("resource failed", resource=names.shown(named))
                failures.append(failure)
        try:
            hub_findings.resolve(signal.findings, cases)
        except (BotoCoreError, ClientError, FindingsBusy):
            if not failures:
                raise
            logger.exception("findings not resolved")  # the retry for the sake of the failures resolves them, too
        if failures:
            raise SeveralFailed.of(failures, len(signal.named)) from failures[0]
        return list(cases.values())

    def read(self, event: object, invocation: Invocation) -> Signal:
        """Parse and skip: return what the event says, with the reason if it is to be left."""
        own_role = os.environ.get("ROLE_ARN", "")
        reading = events.Reading(self.resource, self.named_by, own_role, invocation.account, invocation.region, self.hears_failures)
        return events.looked_at(self.meant(events.read(event, reading)))

    def meant(self, signal: Signal) -> Signal:
        """Return the signal with the resources in the place of what the event calls them, where that is another name."""
        return signal

    def left(self, signal: Signal, invocation: Invocation) -> Case:
        """End for an event that is to be left."""
        case = Case(self, "-", signal, invocation)
        if signal.leave is Outcome.REPORTED:  # it names nothing that could be put right, and people have to hear of it all the same
            case.resource = invocation.account or case.resource
            return case.end_noticed_unless_exempt(signal.leave, signal.why)
        return case.end(signal.leave or case.outcome, signal.why)

    def put_right(  # noqa: PLR0913 - all that it can begin with
        self, named: object, signal: Signal, invocation: Invocation, *, several: bool = False, applies: Fix | None = None, again: str = ""
    ) -> Case:
        """Look, claim, fix, look again, tell and record for one named resource; return how it ended.

        `applies` is the preview that a person has applied, `again` the attempt at that which is tried again: raises `CommandError` if the resource is not as
        it was shown.
        """
        return self.complete(self.begin_with(named, signal, invocation, several=several, applies=applies, again=again))

    def begin_with(  # noqa: PLR0913 - as above
        self, named: object, signal: Signal, invocation: Invocation, *, several: bool = False, applies: Fix | None = None, again: str = ""
    ) -> Begun:
        """Look and claim; return what was claimed, to be completed, or how it ended before."""
        case = Case(self, names.shown(named), signal, invocation, several=several, applies=applies, again=again)
        case.named = str(named)
        try:
            case.asked = names.checked(self.resource, named) if self.resolve else ""
            name = self.resolve(case.asked) if self.resolve else named
        except ClientError as error:
            return Begun(self._blind(case, error))
        if name is None:
            return Begun(self._blind_to(case, "there is no such resource any more", is_gone=True))
        case.resource = names.checked(self.resource, name)
        if self.writes and not applies and settings.is_switched_off(self.name):
            return Begun(self._end_switched_off(case))
        if (settled := self._settled(signal)) and self._is_put_off(case, Look(str(named), 1, later.SETTLING, settled)):
            return Begun(case.end(Outcome.DEFERRED, f"it was just made, and whoever makes it may go on: it is looked at again at {alerts.utc(settled)}"))
        return self._unless_at_work(case, partial(self._begin_now, case))

    def _begin_now(self, case: Case) -> Begun:  # noqa: PLR0911 - every way in which it can end
        """Look and claim until the resource is ours; return what was claimed, or how it ended."""
        applies, again = case.applies, case.again
        for wait in clock.waits(PATIENCE, case.invocation.seconds_left, keep=LEAST):
            clock.pause(wait)
            looked_at = clients.asked_since()
            settings.begin()
            try:
                found = self.look(case)
                different = self._compare_with_shown(applies, found, is_again=bool(again)) if applies else ""
            except OnlyPeople as error:
                return Begun(self._left_to_people(case, error, looked_at))
            except (ClientError, BelongsElsewhere) as error:
                return Begun(self._blind(case, error))
            if case.unscheduled and found:
                return Begun(case.end_unscheduled(found))
            try:
                claim, live, is_late = self._ask(case, found, different, looked_at)
            except EvidenceTooLarge as error:
                return Begun(case.end_too_large(case.live, str(error)))
            if claim.standing is Standing.CLAIMED:
                return Begun(case, claim, live)
            if applies and (ended := self._end_unapplied(case, claim, applies, different)):
                return Begun(ended)
            if is_late and claim.standing is Standing.FREE:
                return Begun(case.hold(live, TOO_LATE))
            if claim.standing is not Standing.BUSY:
                return Begun(self._end_unfixed(case, claim, live))
            clients.ask_anew()
        raise ResourceBusy(f"another invocation is still at work on {case.resource}, or there is too little time left to begin")

    def _ask(self, case: Case, found: Evidence, different: str, looked_at: float) -> tuple[Claim, Evidence, bool]:
        """Ask for the claim, and once more if a person has chosen another mode; return it, what it is for, and whether it is of a threat of long ago."""
        while True:
            case.ask_tags(found)
            live = case.live = found if case.applies or case.not_opted_in else self._now_of(case, found)
            is_late = bool(live) and case.is_late
            claim = case.claim([] if is_late or different else live, looked_at)
            if claim.standing is not Standing.OTHER_MODE:
                return claim, live, is_late
            case.chosen, case.decided = modes.chosen_in(claim.decided, self.name), claim.decided

    def complete(self, begun: Begun) -> Case:
        """Do what was claimed: fix, look again, tell and record."""
        claim = begun.claim
        if claim is None:
            return begun.case
        return self._unless_at_work(begun.case, lambda: Begun(self._work(begun.case, claim, begun.live))).case

    def _work(self, case: Case, claim: Claim, live: Evidence) -> Case:
        """Do what was claimed; if it cannot be finished now, let go of it, so that the next attempt can go on at once."""
        case.fix = claim.fix
        try:
            return self.act(case, live, claim)
        except Exception:  # not hidden: raised again, once the resource is let go
            case.let_go()
            raise

    def look(self, case: Case) -> Evidence:
        """Return what is wrong with the live resource; look again a little later if the change is so young that a read may not show it yet."""
        evidence = list(self.violation(case.resource))
        waits = iter(SETTLING[1:])
        while not evidence and self.lags and case.age < YOUNG and (wait := next(waits, None)):
            clock.pause(wait)
            clients.ask_anew()
            evidence = list(self.violation(case.resource))
        return evidence

    def act(self, case: Case, live: Evidence, claim: Claim) -> Case:  # noqa: C901, PLR0912 - every way in which a fix can end
        """Fix what was claimed, look again, tell and record."""
        fix, refusal, only_people = case.fix, "", ""
        todo = [item for item in fix.evidence if item in live]  # all of it, unless an earlier attempt was cut off in the middle
        stop = case.refusal_now() if claim.is_continued and fix.writes else ""
        if stop and todo:
            return case.finish_half(todo, stop)
        before = list(fix.calls)
        with clients.watched(preview=fix.preview) as calls, clock.as_shown(fix.claimed_at if fix.preview else 0):
            try:
                if todo:
                    self.fix(case.resource, todo)
            except ClientError as error:
                if not refusals.is_refused(error):
                    fix.calls = [*before, *(call.as_json() for call in calls.effective)]
                    raise
                refusal = f"AWS refuses it: {refusals.said_by(error)}"
            except BotoCoreError:
                fix.calls = [*before, *(call.as_json() for call in calls.effective)]
                raise
            except OnlyPeople as error:
                if fix.preview or not (before or calls.effective):
                    return case.leave_to_people(str(error))
                only_people = str(error)  # after a part was written, which is verified, told and can be taken back like any other
        fix.calls = [*before, *(call.as_json() for call in calls.made)]
        if fix.preview:
            return case.finish(Outcome.WOULD_FIX, refusal)
        try:
            outcome, why = self._verify(case, todo, refusal)
        except OnlyPeople as error:  # what was claimed is put right; what is left is of another kind
            outcome, why = Outcome.PARTIAL, str(error)
        if only_people and outcome is not Outcome.GONE:
            outcome, why = Outcome.PARTIAL if outcome is Outcome.FIXED else outcome, only_people
        if outcome is Outcome.PARTIAL and self.setting:  # or an undo of the part that was put right would be refused
            fix.after = self.setting(case.resource)
        if outcome is Outcome.FIXED and not todo:
            outcome, why = case.put_right_before(claim, stop)
        elif outcome is Outcome.FIXED and refusal and not calls.effective and (before or len(todo) < len(fix.evidence)):
            why = "a part of it was put right by somebody else, before this could be"
        elif outcome is Outcome.FIXED and refusal and not calls.effective:
            outcome, why = Outcome.ALREADY_OK, "somebody else put it right first"
            if self._was_opened(case):
                outcome, why = Outcome.REPORTED, case.was_open("somebody else shut it first")
        return case.finish(outcome, why)

    def _verify(  # noqa: C901, PLR0911 - every way in which it can look
        self, case: Case, todo: Evidence, refusal: str
    ) -> tuple[Outcome, str]:
        """Look until the problem is gone or the patience is; return the outcome and its reason.

        After a refused write one look that shows no problem is not enough: it may show what was there before the problem.
        """
        fix, has_looked = case.fix, False
        try:
            for wait in clock.waits(SETTLING, case.invocation.seconds_left, keep=LEAST / 2):
                clock.pause(wait)
                fix.left, has_looked = list(self.violation(case.resource)), True
                if bool(self._awaited(case, fix.left)) is bool(refusal):
                    break
            if not has_looked:
                return Outcome.UNVERIFIED, "the fix was sent, but there was no time left to look again"
            if not fix.left:
                fix.after = self.setting(case.resource) if self.setting else None
                fix.notes = {**fix.notes, **self.noted_of(case.resource)}
                return Outcome.FIXED, ""
        except ClientError as error:
            if refusals.is_gone(error):
                return Outcome.GONE, "it was deleted meanwhile"
            if not refusals.is_refused(error):
                raise
            return Outcome.UNVERIFIED, f"{refusal or 'the fix was sent'}, and AWS refuses to let Snapback look again: {refusals.said_by(error)}"
        if not refusal and not self._awaited(case, fix.left):
            return Outcome.PARTIAL, _ONLY_SHOWN
        if not todo:
            return Outcome.PARTIAL, "what an earlier attempt found wrong is right, and something else is wrong by now"
        if not all(item in fix.left for item in todo):
            return Outcome.PARTIAL, refusal or "a part of the problem is still there, or has come back meanwhile"
        if refusal:
            return Outcome.FAILED, refusal
        return Outcome.UNVERIFIED, "the fix was sent and accepted, but the resource still shows the problem"

    # What has ended before a claim, or with a claim that was refused.

    def _end_unfixed(self, case: Case, claim: Claim, live: Evidence) -> Case:
        """End for a resource with which nothing is wrong, or of which somebody else takes care."""
        if claim.standing is Standing.FREE and not live:
            if is_different := self._compare_with_memory(case):
                return case.end_noticed_unless_exempt(Outcome.REPORTED, _CHANGED, about=is_different)
            if others := self._others(case):
                return case.end_noticed_unless_exempt(Outcome.REPORTED, others)
            if opened := self._was_opened(case):
                return case.end_opened(opened, "it is shut again")
        return case.end_without(claim)

    def _end_switched_off(self, case: Case) -> Case:
        """End, without a look, for what the deployment has switched off: an event that was on its way, or of which people hear all the same."""
        finished = self.finish_cut_off(case.resource, case.signal, case.invocation)
        return finished or case.end_quietly(Outcome.OFF, case.switched_off)

    def _left_to_people(self, case: Case, error: OnlyPeople, looked_at: float) -> Case:
        """End for what only people can put right, or nobody yet; first finish, and tell, what an earlier attempt put right besides before it was cut off."""
        claim = case.claim([], looked_at)
        if claim.standing is Standing.CLAIMED:
            return self._work(case, claim, [])
        case.fix = Fix("", "", "", "", "")
        if isinstance(error, ComesLater):
            if case.signal.source == error.news or case.signal.look:
                raise StillChanging(str(error)) from error  # AWS has said so before it was so, or has said so already
            return case.end_quietly(Outcome.NO_CHANGE, str(error))
        return self._blind(case, error)

    def _blind(self, case: Case, error: ClientError | BelongsElsewhere | OnlyPeople) -> Case:
        """End for a resource that cannot be looked at, or is not ours to change; raise the error again if it passes by itself."""
        if isinstance(error, BelongsElsewhere):
            return case.end(Outcome.ELSEWHERE, str(error))
        if isinstance(error, OnlyPeople):
            case.can_be_retried = self.writes
            return case.end_noticed_unless_exempt(Outcome.REPORTED, str(error))
        why = refusals.said_by(error)
        if not refusals.is_gone(error) and not refusals.is_refused(error):
            raise error
        return self._blind_to(case, why, is_gone=refusals.is_gone(error))

    def _blind_to(self, case: Case, why: str, *, is_gone: bool, trouble: str = "AWS refuses to let Snapback look at it") -> Case:
        """End for a resource that is not there, or is not shown."""
        claim = case.claim([], clock.now()) if case.resource != "-" and self.writes else Claim(Standing.FREE, case.fix)
        if claim.standing is Standing.CLAIMED:  # an earlier attempt may have changed it, so people hear of it
            case.fix = claim.fix
            if is_gone:
                return case.finish(Outcome.GONE, f"it was deleted meanwhile: {why}")
            return case.finish(Outcome.UNVERIFIED, f"an earlier attempt was cut off and may have changed it, and now {trouble}: {why}")
        if is_gone:
            return self._gone(case, why)
        case.fix = Fix("", "", "", "", "", notes=case.fix.notes)
        case.can_be_retried = self.writes
        return case.end_noticed_unless_exempt(Outcome.FAILED, f"{trouble}: {why}")

    def _gone(self, case: Case, why: str) -> Case:
        """End for a resource that does not exist; a threat that was seen there is still news."""
        if case.signal.is_threat or self.told_if_gone:
            return case.end_noticed_unless_exempt(Outcome.REPORTED, f"{why}, so there is nothing to change; {case.signal.source} is left to you")
        if opened := self._was_opened(case, is_gone=True):
            return case.end_opened(opened, why)
        return case.end_quietly(Outcome.GONE, why)

    def _others(self, case: Case) -> str:
        """Return what the event's source finds fault with and this remediation does not, where nothing else is wrong."""
        return next((look(case.resource) for begin, look in self.wider.items() if case.signal.source.startswith(begin)), "")

    def _was_opened(self, case: Case, *, is_gone: bool = False) -> Evidence:
        """Return what the event opened and somebody has shut again: not Snapback, which has told what it shut."""
        if self.opened is None or case.signal.actor is None:  # only the record of a call says what it did
            return []
        opened = list(events.understood(self.opened, case.signal.detail))
        if not opened or journal.has_put_right(opened, case.known_as, since=alerts.seconds(case.signal.time), apart_from=case.fix.id):
            return []
        if is_gone:
            return opened
        try:
            return self.shut(case.resource, opened)
        except ClientError as error:
            if not refusals.is_gone(error):
                raise
            return opened

    def _compare_with_memory(self, case: Case) -> str:
        """Let a sweep learn what is new or has become more, and forget what is gone and not missed; return what has changed otherwise, or nothing."""
        if not self.remember:
            return ""
        now, good = self.remember(case.resource), memory.recall(self.name, case.resource)
        if now == good:
            return ""
        changes = self.changed(now, good) if now is not None and good is not None else []
        if (changes or now is None) and self.violation(case.resource):
            raise ResourceBusy(f"{case.resource} was changed while it was compared with what is remembered of it")
        if changes:
            case.fix.evidence = [change.as_json() for change in changes]
        elif case.signal.is_sweep and now is None:
            memory.forget(self.name, case.resource)
        elif case.signal.is_sweep:
            memory.learn(self.name, {case.resource: now})
        return repr(changes) if changes else ""

    # What is looked at again later (docs/adr/0016-later.md).

    def _settled(self, signal: Signal) -> float:
        """Return when what the event's call has made has settled, if that is to be waited for; 0 if not."""
        if signal.source not in self.settles or not signal.is_called or not signal.waits or not later.is_there():
            return 0
        wait, now = settings.whole("SETTLE_MINUTES") * later.MINUTE, clock.now()
        settled = min(alerts.seconds(signal.time), now) + wait
        return settled if settled > now else 0

    def _unless_at_work(self, case: Case, go_on: Callable[[], Begun]) -> Begun:
        """Go on with a resource; where AWS is at work on it, have it looked at again later."""
        try:
            return go_on()
        except (StillChanging, ClientError) as error:
            if not case.signal.event or not later.is_there() or (isinstance(error, ClientError) and not refusals.is_at_work(error)):
                raise
            return Begun(self._look_once_at_rest(case, case.named, error))

    def _look_once_at_rest(self, case: Case, named: str, error: StillChanging | ClientError) -> Case:
        """Have a resource looked at again at which AWS is at work; if it has been for long, tell it. Raises the error again if the clock refuses."""
        why = refusals.said_by(error) if isinstance(error, ClientError) else str(error)
        look = case.signal.look
        number = look.number + 1 if look and look.why == later.BUSY else 1
        if number > len(later.DISTANCES):
            return self._blind_to(case, why, is_gone=False, trouble=f"AWS has been at work on it for {sum(later.DISTANCES) // 60} hours, and is still")
        due = clock.now() + later.DISTANCES[number - 1] * later.MINUTE
        if not self._is_put_off(case, Look(named, number, later.BUSY, due, is_warned=bool(look and look.is_warned))):
            case.end_unscheduled(case.live)
            raise error
        return case.end(Outcome.DEFERRED, f"AWS is still at work on it ({why}): it is looked at again at {alerts.utc(due)}")

    def _is_put_off(self, case: Case, look: Look) -> bool:
        """Put the work off until the look is due; tell whether that could be done. If not, `case.unscheduled` says why."""
        name = fixes.fix_id("look", self.name, case.resource, self.occasion(case.signal), look.why, str(look.number))
        if refusal := later.arranged(case.signal.event, look, case.invocation, name=name):
            case.unscheduled = f"it was to be looked at again at {alerts.utc(look.due)}, and that could not be arranged: {refusal}. {_UNSCHEDULED[look.why]}"
            return False
        if look.why == later.SETTLING:  # last: once it stands there, others leave the resource to the look
            journal.settle(self.name, case.resource, look.due)
        return True

    # Of what is put right, what is only shown.

    def _now_of(self, case: Case, live: Evidence) -> Evidence:
        """Return what is put right now; what a sweep or a finding shows gone because a stack has taken it away is the stack's doing still."""
        if live and self.disruptive is events.by_stack and not case.signal.actor and notices.was_taken_by_stack(self.name, case.resource):
            case.signal = case.signal._replace(is_by_stack=True)
        return self.enforced(live, case.signal, case.chosen.mode)

    def _awaited(self, case: Case, left: Evidence) -> Evidence:
        """Return what of it the fix should have put right: the rest is only shown."""
        if case.fix.applies or not callable(self.disruptive):
            return left
        return [item for item in left if not self.previews([item], case.signal, case.chosen.mode)]

    # What a person has applied, as a preview or a survey showed it.

    def _compare_with_shown(self, shown: Fix, live: Evidence, *, is_again: bool) -> str:
        """Return how the resource, or what would be called, differs from what the preview showed; nothing if it does not.

        An attempt that failed may have put a part right. A call that has the present time in it has the later one.
        """
        if is_again and live and all(item in shown.evidence for item in live):
            return ""
        if list(live) != list(shown.evidence):
            now = f"shows {names.shown(json.dumps(disclosed(live)), 1000)}" if live else "shows no problem"
            return f"the resource {now} now, and was shown with {names.shown(json.dumps(disclosed(shown.evidence)), 1000)}"
        with clients.watched(preview=True) as calls, clock.as_shown(shown.claimed_at):
            try:
                self.fix(shown.resource, live)
            except ClientError as error:
                if not refusals.is_refused(error):
                    raise
                return f"AWS refuses it: {refusals.said_by(error)}"
            except OnlyPeople as error:
                return str(error)
        would = fixes.with_room([call.as_json() for call in calls.made])
        if would != list(shown.calls):
            return f"the calls would be others than those shown: {names.shown(json.dumps(would), 1000)}"
        return ""

    def _end_unapplied(self, case: Case, claim: Claim, shown: Fix, different: str) -> Case | None:
        """End for a preview that was applied before; raise `CommandError` if it cannot be applied as it was shown."""
        if claim.standing is Standing.HANDLED:
            case.fix = claim.fix
            return case.end(Outcome.HANDLED, f"{shown.id} was applied before, as {claim.fix.id}, which ended as {claim.fix.status}")
        if different and claim.standing is Standing.FREE:
            raise CommandError(f"{shown.id} is not applied, and nothing was changed: {different}")
        return None

    # What is shown by a survey.

    def show(self, listed: str, signal: Signal, invocation: Invocation) -> Case | None:
        """Look at one resource for a survey; tell and write down what would be done, whatever the mode is. None if nothing is wrong with it, or it is gone.

        Nothing is claimed, as nothing is changed. `listed`: its name, or what `resolve` makes one of.
        """
        case = Case(self, names.shown(listed), signal, invocation, several=True)
        try:
            shown = self.shown_of(case, listed)
            return case.end_shown(shown) if shown else None
        except EvidenceTooLarge as error:
            return case.end_too_large(case.live, str(error))
        except (BelongsElsewhere, ComesLater):  # another region's survey sees it, or AWS says itself when it can be put right
            return None
        except (ClientError, OnlyPeople) as error:
            if isinstance(error, ClientError) and refusals.is_gone(error):
                return None
            return self._blind(case, error)

    def shown_of(self, case: Case, listed: str) -> Fix | None:
        """Return what a survey shows of a resource now: what is wrong, and the calls that would put it right, none of which is sent. None if all is well.

        Raises what a look raises.
        """
        name = self.resolve(listed) if self.resolve else listed
        if name is None:
            return None
        case.resource = names.checked(self.resource, name)
        settings.begin()
        evidence = list(self.violation(case.resource))
        if not evidence:
            return None
        refusal = ""
        with clients.watched(preview=True) as calls:
            try:
                self.fix(case.resource, evidence)
            except ClientError as error:
                if not refusals.is_refused(error):
                    raise
                refusal = f"AWS refuses it: {refusals.said_by(error)}"
        return case.shown(evidence, fixes.with_room([call.as_json() for call in calls.made]), refusal)

    # What an earlier attempt has left half made.

    def finish_cut_off(self, resource: str, signal: Signal, invocation: Invocation) -> Case | None:
        """Finish, and tell, what an attempt for any event has left half made of this resource; None if there is nothing like that."""
        found = journal.read(journal.last_holder(self.name, resource))
        if found is None or found.status != fixes.CLAIMED or not found.writes:
            return None
        actor = Actor(**found.actor) if found.actor else None
        began = signal._replace(id=found.event_id, time=found.event_time, source=found.source, actor=actor)  # people hear of what it was that began it
        case = Case(self, resource, began, invocation, several=True)
        live = self.look(case)
        if journal.is_untouched(found, live):
            if not journal.withdraw(found, request=invocation.request):
                raise ResourceBusy(f"another invocation is at work on {resource}")
            return None
        claim = journal.take_over(found, request=invocation.request, lease=case.lease)
        if claim.standing is not Standing.CLAIMED:
            raise ResourceBusy(f"another invocation is still at work on {resource}")
        return self._work(case, claim, live)
