"""One resource of one event, from the claim to the end: what may be done with it, what is told of it, and how often."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from snapback.engine import alerts, clock, decisions, fixes, journal, later, names, notices, refusals, settings, storms, tags
from snapback.engine.definition import Definition
from snapback.engine.disclosure import disclosed, known_by
from snapback.engine.errors import SnapbackError
from snapback.engine.events import Signal, by_stack
from snapback.engine.exemptions import FINDING, LONGEST, Exemption, UnreadableExemptions, ended
from snapback.engine.fixes import Evidence, Fix, fix_id
from snapback.engine.invocation import Invocation
from snapback.engine.journal import Claim, Standing
from snapback.engine.later import Look
from snapback.engine.modes import ENFORCE, OFF, Choice, chosen_in
from snapback.engine.outcomes import TOLD, Outcome

logger = Logger(service="snapback")

_CHANGED_IT = frozenset({Outcome.FIXED, Outcome.PARTIAL, Outcome.UNVERIFIED})

TOO_LATE = "what was seen there is more than a day old, and may have been dealt with: a person has to decide"

_QUIET = (Outcome.EXEMPT, Outcome.OFF, Outcome.DEFERRED)
"""Refusals of which nobody is told."""

_OF_TOO_MUCH = 20
"""Of what no journal entry holds, so many pieces are told."""

_THREAT = "threat#"

_OPENED = "opened#"


@dataclass(eq=False, repr=False)
class Case:
    """One resource of one event, and how it ended."""

    remediation: Definition
    resource: str
    signal: Signal
    invocation: Invocation
    several: bool = False
    """The event names more resources than this one."""
    applies: Fix | None = None
    """The preview that a person has applied."""
    again: str = ""
    """The attempt to apply it that is tried again."""
    chosen: Choice = field(default_factory=Choice)
    """The mode that a person has chosen for the remediation, as far as it was read."""
    decided: Mapping[str, Any] | None = None
    """The row in which it was read."""
    tags: Mapping[str, str] | None = None
    """The live resource's tags, once they were read for this look."""
    not_opted_in: str = ""
    """Why it is only shown, though its mode is enforce: where tags opt in, it has none that does."""
    named: str = ""
    """How the event names it, as a later look does."""
    asked: str = ""
    """How the event names it, where that is resolved: an attempt that cannot resolve it still finds what an earlier one began."""
    outcome: Outcome = Outcome.ALREADY_OK
    reason: str = ""
    live: Evidence = ()
    """What the last look showed, of which the fix is to be."""
    fix: Fix = field(default_factory=lambda: Fix("", "", "", "", ""))
    is_fixed: bool = False
    """This invocation, or an earlier attempt of it, put the resource right, and no problem was seen since."""

    unscheduled: str = ""
    """Why there is no later look, though there was to be one."""
    can_be_retried: bool = False
    """Nothing was claimed or all of it is left, and once what stands in the way is settled, a person can have it tried again."""

    @property
    def is_right(self) -> bool:
        """Tell whether the last look showed no problem."""
        return self.is_fixed or self.outcome is Outcome.ALREADY_OK

    @property
    def is_disruptive(self) -> bool:
        """Tell whether the fix may stop what works, in the form in which the problem was claimed."""
        return self.remediation.is_disruptive(self.fix.evidence or self.live, self.signal)

    @property
    def previews(self) -> bool:
        """Tell whether the fix is only shown: not if a person has applied what was shown."""
        return not (self.applies or self.fix.applies) and self._only_shows(self.fix.evidence or self.live)

    def _only_shows(self, live: Evidence) -> bool:
        return bool(self.not_opted_in) or self.remediation.previews(live, self.signal, self.chosen.mode)

    @property
    def switched_off(self) -> str:
        """Say that the deployment has switched the remediation off."""
        return f"{self.remediation.name} is off by the deployment (the parameter SwitchedOff)"

    @property
    def age(self) -> float:
        """Return how many seconds ago the event happened."""
        return clock.now() - alerts.seconds(self.signal.time)

    @property
    def seconds_late(self) -> int:
        """Return how many seconds ago it was to be handled: when the event happened, or when the later look was due."""
        return round(clock.now() - self.signal.look.due if self.signal.look else self.age)

    @property
    def known_as(self) -> Sequence[tuple[str, str]]:
        """Return under which names of a remediation and of the resource it may have been put right: by its own, or by others that shut the same doors."""
        where = self.invocation
        others = names.other_names(self.remediation.resource, self.resource, account=where.account, region=where.region)
        return [
            (self.remediation.name, self.resource),
            *((remediation, name) for remediation in self.remediation.also_shut_by for name in (self.resource, *others)),
        ]

    def was_open(self, how: str) -> str:
        """Return the sentence about a door that was open from the event until, at the latest, now."""
        return (
            f"it was open for {max(round(self.age), 1)} seconds at the most, from {alerts.utc(alerts.seconds(self.signal.time))} until Snapback looked: {how}, "
            "and not by this remediation. Whoever was let in may have used or copied what is in it"
        )

    @property
    def is_late(self) -> bool:
        """Tell whether a threat is so old that only a person can say whether it is one still."""
        if self.applies:
            return self.applies.is_of_threat and clock.now() - alerts.seconds(self.applies.event_time) > clock.DAY
        if self.chosen.mode == OFF:
            return False
        return self.signal.is_threat and self.remediation.writes and not self.previews and self.age > clock.DAY

    def claim(self, live: Evidence, looked_at: float) -> Claim:
        """Ask the journal for the right to go on, and tell of silences that it has found to be over."""
        claim = self._claim(live, looked_at)
        for silence in self.fix.ended:
            self._notify_end(silence)
        return claim

    def _notify_end(self, silence: Exemption) -> None:
        """Tell that a silence has ended, then forget it."""
        case = Case(self.remediation, silence.resource, commanded(self.invocation, "its end date"), self.invocation)
        case.fix.reason, case.fix.notes = f"the silence has ended: {silence}", {"headline": "The silence has ended"}
        notice = f"silence#{self.remediation.name}#{fix_id(silence.resource, silence.until)}"
        if not notices.first_notice(notice, self.invocation.request, silence.resource, hours=LONGEST.total_seconds() / clock.HOUR, lease=self.lease):
            return  # who tells it forgets it
        try:
            alerts.notify(case, Outcome.EXEMPTED)
        except (ClientError, BotoCoreError):
            notices.notice_failed(notice)
            raise
        notices.notice_sent(notice)
        case.end(Outcome.EXEMPTED, case.fix.reason)
        try:
            decisions.exempt(self.remediation.name, ended(silence.resource))
        except ClientError as error:
            if refusals.code_of(error) != "ConditionalCheckFailedException":
                raise
            logger.info("a silence that has ended is kept: others have written down what they decided at the same time", resource=silence.resource)

    def _fix(self, fix_id: str, **further: Any) -> Fix:  # noqa: ANN401 - fields of Fix
        """Return a fix of this resource for this event, under that id."""
        return Fix(
            id=fix_id,
            remediation=self.remediation.name,
            resource=self.resource,
            event_id=self.signal.id,
            event_time=self.signal.time,
            request=self.invocation.request,
            source=self.signal.source,
            applies=self.applies.id if self.applies else "",
            is_of_threat=self.signal.is_threat,
            **further,
        )

    def _claim(self, live: Evidence, looked_at: float) -> Claim:
        preview = not self.applies and self._only_shows(live)
        warning, period = ("", "") if preview else self._warn(live)
        preview = preview or bool(warning)
        enforced = fix_id(self.remediation.name, self.asked or self.resource, self.remediation.occasion(self.signal))
        if self.applies:  # however often it is given, it is done once
            enforced = fix_id("apply", self.applies.id, self.again)
        # An unfixed problem is seen again by every event: in preview it is told once a day, whatever event shows it.
        # A threat is told for itself, and in each mode.
        shown = [self.signal.threat, "preview"] if self.signal.threat else [repr(live), period or str(int(clock.now() // clock.DAY))]
        self.fix = self._fix(
            fix_id(self.remediation.name, self.resource, *shown) if preview else enforced,
            actor=self.signal.actor._asdict() if self.signal.actor else {},
            preview=preview,
            writes=self.remediation.writes and not preview,
            evidence=live,
            settings=settings.read_since() if live else {},
            chosen=self.chosen.mode,
            waits=bool(self.remediation.settles) and self.signal.waits and later.is_there(),
            in_storm=self.signal.is_together,
            **self.named_for_exemptions,
        )
        if live and not (refused := self._refused_by_tags()):
            said = {"mode": self.chosen.trouble, "opt-in": self.not_opted_in, "warning": warning}
            self.fix.notes = {**self.fix.notes, **{note: text for note, text in said.items() if text}}
            asking: dict[str, Any] = {"looked_at": looked_at, "lease": self.lease, "enforced": enforced if preview else "", "decided": self.decided}
            claim = journal.claim(self.fix, **asking)
            while preview and claim.standing is Standing.HANDLED and claim.fix.applied:  # what it showed was put right, and is there again
                self.fix.id = fix_id(self.fix.id, claim.fix.applied)
                claim = journal.claim(self.fix, **asking)
            if claim.standing is not Standing.HANDLED or not self.fix.writes or self.applies or claim.fix.event_id == self.signal.id:
                return claim
            self.fix.id = fix_id(self.remediation.name, self.resource, self.signal.id)  # further news of a finding, and the problem is there again
            return journal.claim(self.fix, **asking)
        found = journal.read(enforced) if self.remediation.writes else None
        if found and found.is_final and found.event_id != self.signal.id:
            found = journal.read(fix_id(self.remediation.name, self.resource, self.signal.id)) or found
        if found and (not live or found.status == fixes.CLAIMED):
            return journal.take_over(found, request=self.invocation.request, lease=self.lease)
        return refused if live and refused else Claim(Standing.FREE, self.fix)

    def _warn(self, live: Evidence) -> tuple[str, str]:
        """Arrange that it is put right after a warning, if the class asks for one; return the warning, and the period in which it is told once."""
        if not live or self.applies or not self.remediation.writes or not self.signal.may_be_warned_of or not later.is_there():
            return "", ""
        disruptive = self.remediation.is_disruptive(live, self.signal)
        minutes = settings.whole("DISRUPTIVE_WARN_MINUTES" if disruptive else "WARN_MINUTES")
        if not minutes:
            return "", ""
        due = clock.now() + minutes * later.MINUTE
        name = fix_id("look", self.remediation.name, self.resource, self.remediation.occasion(self.signal), later.WARNED)
        look = Look(self.named, 1, later.WARNED, due, is_warned=True)
        refusal = later.arranged(self.signal.event, look, self.invocation, name=name)
        warning = f"It is put right at {alerts.utc(due)} unless it is exempt by then, right, or the mode another."
        if refusal:
            warning = f"It was to be put right at {alerts.utc(due)}, and that could not be arranged: {refusal}. Nothing is done until it is applied."
        return warning, f"warned {int(due // (minutes * later.MINUTE))}"

    @property
    def lease(self) -> float:
        """Return for how many seconds this invocation may be at work."""
        return self.invocation.seconds_left() + 2

    def refusal_now(self) -> str:
        """Return why nothing more may be written for a fix that was begun, or nothing."""
        if settings.is_switched_off(self.remediation.name) and not self.fix.applies:
            return self.switched_off
        asked = replace(self.fix, **self.named_for_exemptions)
        decided = journal.decided(asked)
        self.chosen = chosen_in(decided, self.remediation.name)
        self.ask_tags(self.fix.evidence)
        if self.previews:
            return self.not_opted_in or "the mode is preview now"
        if self.is_late:
            return TOO_LATE
        refusal = self._refused_by_tags() or journal.exemption_in(asked, decided)
        return refusal.reason if refusal else notices.left_to_people(self.fix)

    def ask_tags(self, found: Evidence) -> None:
        """See whether the resource has opted in, where that is asked for and the fix would be made; what contains a threat, or is applied, waits for no tag."""
        self.tags, self.not_opted_in = None, ""
        if not found or settings.reads_tags() != "opt-in" or not self.remediation.writes or self.applies or self.fix.applies:
            return
        if self.signal.is_threat or self.signal.source in self.remediation.taken_off_by:
            return
        if all(self.remediation.previews([item], self.signal, self.chosen.mode) for item in found):
            return
        if not tags.can_be_read(self.remediation.resource, self.resource):
            if self.chosen.mode != ENFORCE:
                self.not_opted_in = f"It has no tags that could opt in: enforce {self.remediation.name} by the command 'mode', or apply this."
            return
        try:
            self.not_opted_in = tags.not_opted_in(self._read_tags(), self.remediation.name)
        except ClientError as error:
            if not refusals.is_refused(error):
                raise
            self.tags, self.not_opted_in = {}, f"It is not opted in by its tags: AWS refuses to show them ({refusals.said_by(error)})."

    def _read_tags(self) -> Mapping[str, str]:
        if self.tags is None:
            where = self.invocation
            self.tags = tags.tags_of(self.remediation.resource, self.resource, account=where.account, region=where.region)
        return self.tags

    def _refused_by_tags(self) -> Claim | None:
        """Read the resource's tags; return the refusal if one of them exempts it, and tell it once. One that cannot be read exempts nothing, and is told."""
        if settings.reads_tags() == "off":
            return None
        try:
            found = self._read_tags()
        except ClientError as error:
            if not refusals.is_refused(error):
                raise
            return self._blind_to_tags(refusals.said_by(error))
        self.fix.notes = {"stack": found[tags.STACK]} if tags.STACK in found else {}
        exemption = self._exempt_by(found)
        if exemption is None:
            return None
        self.fix.reason = f"by its tag {tags.EXEMPT}: {exemption}"
        notice = f"tag#{self.remediation.name}#{fix_id(self.resource, str(exemption))}"
        if notices.first_notice(notice, self.invocation.request, self.resource, hours=LONGEST.total_seconds() / clock.HOUR, lease=self.lease):
            try:
                alerts.notify(self, Outcome.EXEMPTED, together=self.signal.is_together, is_kept=False)
            except (ClientError, BotoCoreError):
                notices.notice_failed(notice)
                raise
            notices.notice_sent(notice)
        return Claim(Standing.REFUSED, self.fix, Outcome.EXEMPT, str(exemption))

    def _exempt_by(self, found: Mapping[str, str]) -> Exemption | None:
        """Return the exemption that the tags grant: from the fix, never from hearing, so from no report."""
        if not self.remediation.writes:
            return None
        try:
            return tags.exemption_in(found, remediation=self.remediation.name, resource=self.resource, now=clock.now())
        except UnreadableExemptions as error:
            self.fix.notes = {**self.fix.notes, "tag": f"It is not exempt: {error}."}
            return None

    def _blind_to_tags(self, why: str) -> Claim | None:
        """Change nothing where AWS refuses to show the tags that may exempt, as where the exemptions in the journal cannot be read; say so."""
        if self.fix.writes:
            told = f"whether its tags exempt it is not known, as AWS refuses to show them ({why}), so nothing is changed"
            return Claim(Standing.REFUSED, self.fix, Outcome.HELD, told)
        self.fix.notes = {**self.fix.notes, "tag": f"AWS refuses to show its tags ({why})."}
        return None

    def finish(self, outcome: Outcome, reason: str) -> "Case":
        """Tell the outcome of claimed work, then record it: what is written down as ended was told."""
        if outcome in _CHANGED_IT and self.remediation.expires_after:
            self.fix.expires_at = clock.now() + self.remediation.expires_after()
            self._arrange_end()
        self.fix.request, self.fix.reason = self.invocation.request, reason
        if outcome in _CHANGED_IT and self.remediation.taken_off_by:
            self.fix.contained = self.remediation.contained_as(self.resource)
        if outcome is Outcome.WOULD_FIX and self.signal.is_by_stack and self.remediation.disruptive is by_stack:
            notices.taken_by_stack(self.remediation.name, self.resource)
        if outcome in TOLD:
            alerts.notify(self, outcome, together=storms.puts_off_outcome(self))
        journal.record(self.fix, outcome)
        self.is_fixed = outcome is Outcome.FIXED
        return self.end(outcome, reason)

    def _arrange_end(self) -> None:
        """Have the fix taken back when its time is over, and not only at the next sweep, which is the net beneath: no failure here keeps the alert back."""
        if not later.is_there():
            return
        due = self.fix.expires_at
        tick = {"detail-type": "Scheduled Event", "source": "aws.scheduler", "detail": {}}
        try:
            refusal = later.arranged(
                tick, Look(self.resource, 1, later.EXPIRY, due), self.invocation, name=fix_id("look", self.fix.id, later.EXPIRY, f"{due:.0f}")
            )
        except (ClientError, BotoCoreError):
            logger.exception("end not arranged", fix=self.fix.id)
        else:
            self.fix.notes = (
                {**self.fix.notes, "end": f"Its end could not be arranged ({refusal}), so the next sweep after it takes it back."}
                if refusal
                else self.fix.notes
            )

    def finish_half(self, left: Evidence, stop: str) -> "Case":
        """End what an earlier attempt has half made and this one may not go on with."""
        self.fix.left = left
        self.fix.after = self.remediation.setting(self.resource) if self.remediation.setting else None
        outcome = Outcome.PARTIAL if self.fix.changed else Outcome.UNVERIFIED
        return self.finish(outcome, f"an earlier attempt was cut off half way, and the rest is left as it is: {stop}")

    def put_right_before(self, claim: Claim, stop: str) -> tuple[Outcome, str]:
        """Return how it ended that an earlier attempt was cut off and nothing is wrong now."""
        other = journal.read(claim.overtaken_by) if claim.overtaken_by else None
        has_told = other is not None and other.status in (Outcome.FIXED, Outcome.PARTIAL)
        if other and has_told and all(item in other.evidence for item in self.fix.evidence):
            return Outcome.ALREADY_OK, f"{other.id} put it right"
        return Outcome.FIXED, f"it was made before this was so: {stop}" if stop else ""

    def let_go(self) -> None:
        """Let go of claimed work after a failure. If that fails, too, the lease runs out by itself."""
        try:
            journal.let_go(self.fix)
        except (ClientError, BotoCoreError, SnapbackError):
            logger.exception("not let go", fix=self.fix.id)

    def leave_to_people(self, reason: str) -> "Case":
        """Let go of claimed work that only people can do, and tell it."""
        self.fix.left, self.can_be_retried = self.fix.evidence, True
        self.end_noticed(Outcome.REPORTED, reason)
        self.fix.request = self.invocation.request
        journal.record(self.fix, Outcome.REPORTED)
        return self

    @property
    def named_for_exemptions(self) -> dict[str, Any]:
        """Return by which names an exemption may know the problem and the resource; a report is silenced by finding, never by resource."""
        if not self.remediation.writes:
            return {"problem": "", "also_named": [f"{FINDING}{kind}" for kind in self.signal.kinds]}
        where = self.invocation
        others = names.other_names(self.remediation.resource, self.resource, account=where.account, region=where.region)
        return {"problem": self.remediation.problem, "also_named": others}

    def end_without(self, claim: Claim) -> "Case":
        """End without a fix: there is nothing to do, it was done before, or it may not be done."""
        problem_is_there = bool(self.fix.evidence)
        is_own = claim.standing is Standing.HANDLED and claim.fix.request == self.invocation.request
        self.is_fixed = is_own and claim.fix.status == Outcome.FIXED and not problem_is_there
        if claim.standing is Standing.REFUSED:
            outcome = claim.outcome or Outcome.HELD
            if outcome is Outcome.EXEMPT and problem_is_there and self.remediation.writes:
                notices.let_through(self.remediation.name, self.resource)
            return self.end_quietly(outcome, claim.reason) if outcome in _QUIET else self.end_noticed(outcome, claim.reason)
        if claim.standing is Standing.HANDLED:
            outcome = Outcome.HANDLED if problem_is_there else Outcome.ALREADY_OK
            return self.end_quietly(outcome, "what was begun was taken back before it had ended") if claim.fix.untold else self.end(outcome)
        return self.end_quietly(Outcome.ALREADY_OK)

    def hold(self, live: Evidence, reason: str) -> "Case":
        """End, and leave it to a person's `release`; told for this resource."""
        self.fix.evidence = live
        notices.hold(self.remediation.name, self.resource)
        return self.end_noticed(Outcome.HELD, reason, what=f"{self.remediation.name}#LATE#{self.resource}")

    def end_noticed_unless_exempt(self, outcome: Outcome, reason: str, *, about: str = "", what: str = "") -> "Case":
        """End without a claim, which would have asked for exemptions, and tell it if the resource has none."""
        asked = Fix("", self.remediation.name, self.resource, "", "", writes=self.remediation.writes, **self.named_for_exemptions)
        refusal = journal.exempted(asked)
        return self.end_without(refusal) if refusal else self.end_noticed(outcome, reason, about=about, what=what)

    def end_unscheduled(self, live: Evidence) -> "Case":
        """End for what was to be put right later, for which the clock gives no time: people hear of it, and can have it tried again."""
        self.live, self.can_be_retried = live, True
        self.fix = self._fix(fix_id("look", self.remediation.name, self.resource, self.signal.id), evidence=live)
        return self.end_noticed_unless_exempt(Outcome.REPORTED, self.unscheduled)

    def shown(self, live: Evidence, calls: Sequence[Mapping[str, Any]], reason: str = "") -> Fix:
        """Return what a survey shows of the resource, as a preview is written down: under the id that it has when it is shown for the first time."""
        self.live = live
        return self._fix(
            self.shown_id(known_by(disclosed(list(live)), calls)),
            preview=True,
            writes=False,
            evidence=live,
            calls=calls,
            reason=reason,
            settings=settings.read_since(),
            **self.named_for_exemptions,
        )

    def shown_id(self, seen: str) -> str:
        """Return the id of what a survey shows of the resource for the first time. `seen`: the sum of it (`disclosure.known_by`)."""
        return fix_id("survey", self.remediation.name, self.resource, seen)

    def end_shown(self, shown: Fix) -> "Case":
        """End for what a survey has found, unless the resource is exempt: told together with the rest, then written down; once a day.

        Raises `EvidenceTooLarge`, and tells nothing, if no journal entry holds it.
        """
        self.fix = shown
        decided = journal.decided(shown)
        self.chosen = chosen_in(decided, self.remediation.name)
        self.ask_tags(shown.evidence)
        if refusal := journal.exemption_in(shown, decided) or self._refused_by_tags():
            return self.end_without(refusal)
        shown.id, known = journal.shown_as(shown.id, shown.remediation, shown.resource, each_day=True)
        if known:
            return self.end(Outcome.HANDLED, f"a survey has shown it as {known.id}")
        fixes.refuse_too_large(shown)  # before people are told of an id that leads to nothing
        said = {"opt-in": self.not_opted_in}
        shown.notes = {**shown.notes, **{note: text for note, text in said.items() if text}}
        alerts.notify(self, Outcome.WOULD_FIX, together=True)
        journal.show(shown)
        return self.end(Outcome.WOULD_FIX, shown.reason)

    def end_too_large(self, live: Evidence, why: str) -> "Case":
        """End for so much that is wrong that no journal entry holds it: what could not be taken back is not done, and people hear of it with a part of it."""
        self.fix = self._fix(fix_id("too large", self.remediation.name, self.resource, self.signal.id), evidence=live[:_OF_TOO_MUCH])
        todo = "Put a part of it right by hand: Snapback hears of that, and puts the rest right once it is less"
        much = f"it is wrong in {len(live)} places, too much to be taken back in one piece"
        return self.end_noticed_unless_exempt(Outcome.REPORTED, f"{much}. {todo} ({why})")

    def end_opened(self, opened: Evidence, how: str) -> "Case":
        """End for a door that is not open any more, and tell once for each event that it was, unless the resource is exempt."""
        what = fix_id(_OPENED, self.remediation.name, self.resource, self.signal.id)
        self.fix = self._fix(what, evidence=opened)
        return self.end_noticed_unless_exempt(Outcome.REPORTED, self.was_open(how), what=f"{_OPENED}{what}")

    def end_quietly(self, outcome: Outcome, reason: str = "") -> "Case":
        """End without a word about the resource. Of a threat that was seen there people hear all the same, once: an exemption is from the fix only."""
        if self.remediation.must_notify(self.signal, outcome) and not self._is_silenced():
            why = reason or "the resource shows no problem, or not any more"
            self._notice(Outcome.REPORTED, f"Nothing was changed: {why}. What was seen there is left to you: {self.signal.source}", _threat(self.signal))
        return self.end(outcome, reason)

    def end_noticed(self, outcome: Outcome, reason: str, *, about: str = "", what: str = "") -> "Case":
        """End without a fix, and tell it at most once an hour; once a day if only people can put it right, which takes them a while; a threat for itself.

        `about`: what is told of the resource, where it may be more than one thing. `what`: what else is told only so often.
        """
        of_all = f"{self.remediation.name}#{outcome}"
        if what := what or (f"{of_all}#{self.resource}" if outcome is not Outcome.HELD else ""):
            is_told = self._notice(outcome, reason, f"{what}#{fix_id(about)}" if about else what)
        else:
            is_told = self._notice_held(reason, of_all)
        if self.remediation.must_notify(self.signal, outcome) and not self._is_silenced():
            self._notice(outcome, reason, _threat(self.signal), is_told=is_told)
        return self.end(outcome, reason)

    def _notice_held(self, reason: str, of_all: str) -> bool:
        """Tell that the resource is held: of the first of an hour at once, and of each further one once, together with others a few minutes later.

        The breaker holds all resources at once, so one alert for each would be too many; but one that is never named is silenced by the first.
        """
        own = f"{of_all}#{self.resource}"
        if not notices.first_notice(own, self.invocation.request, self.resource, lease=self.lease):
            return False
        try:
            if not self._notice(Outcome.HELD, reason, of_all):
                alerts.notify(self, Outcome.HELD, together=storms.puts_off_held(self), is_kept=False)
        except (ClientError, BotoCoreError):
            notices.notice_failed(own)
            raise
        notices.notice_sent(own)
        return True

    def _notice(self, outcome: Outcome, reason: str, what: str, *, is_told: bool = False) -> bool:
        """Tell it, unless people know of `what` or are being told; return whether they were told now."""
        hours = 24 if outcome is Outcome.REPORTED else 1
        hours = settings.number("JOURNAL_DAYS") * 24 if what.startswith((_THREAT, _OPENED)) else hours
        if not self.fix.id:
            self.fix = self._fix(fix_id(what, self.resource), notes=self.fix.notes)
        self.fix.reason = reason
        if not notices.first_notice(what, self.invocation.request, self.resource, hours=hours, lease=self.lease):
            return False
        if self.can_be_retried and not self.fix.status:  # what was claimed is recorded at its end
            journal.note(self.fix, outcome)
        if not is_told:
            try:
                alerts.notify(self, outcome, together=storms.puts_off_notice(self, outcome), is_kept=self.can_be_retried)
            except (ClientError, BotoCoreError):
                notices.notice_failed(what)
                raise
        notices.notice_sent(what)
        return True

    def _is_silenced(self) -> bool:
        kinds = [f"{FINDING}{kind}" for kind in self.signal.kinds]
        refusal = journal.exempted(Fix("", self.remediation.name, kinds[0], "", "", also_named=kinds[1:])) if kinds else None
        return refusal is not None and refusal.outcome is not Outcome.OFF  # what is off is off for the resource; of a threat people hear

    def end(self, outcome: Outcome, reason: str = "") -> "Case":
        """End, with a line in the log, of which the template makes the metrics (OutcomesMetric, SecondsToFixMetric and others)."""
        self.outcome, self.reason = outcome, reason
        is_timed = outcome is Outcome.FIXED and not self.signal.look  # how fast a fix is, where nothing was waited for
        timed: dict[str, Any] = {"seconds_to_fix": round(max(self.age, 0), 3)} if is_timed else {}
        logger.info(outcome.value, **self.as_json(), trigger=self.signal.trigger, source=self.signal.source, seconds_late=self.seconds_late, **timed)
        return self

    def as_json(self) -> dict[str, Any]:
        """Return what the function answers: also what `sam local invoke` prints."""
        answer: Mapping[str, Any] = {
            "remediation": self.remediation.name,
            "resource": self.resource,
            "outcome": self.outcome.value,
            "reason": self.reason,
            "id": self.fix.id,
            "calls": list(self.fix.calls),
        }
        return {key: value for key, value in answer.items() if value}


def _threat(signal: Signal) -> str:
    """Return the name of the notice that people have heard of the threat, from whichever remediation."""
    return f"{_THREAT}{hashlib.sha256(signal.threat.encode()).hexdigest()[:32]}"


def commanded(invocation: Invocation, source: str) -> Signal:
    """Return what stands in the place of an event where a person's command, or an end date, is the reason."""
    told = f"{source} by {invocation.by}" if invocation.by else source
    return Signal(f"{source} {invocation.request}", datetime.fromtimestamp(clock.now(), UTC).isoformat(), told)
