"""The one algorithm: parse, skip, look, claim, fix, look again, tell, record.

A handler says what is special about its problem in a `Remediation`; everything else is here. Read `Remediation.handle` for an event with all its resources and
`Remediation._put_right` for one of them.
"""

import hashlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from inspect import getdoc
from typing import Any, ClassVar, NamedTuple, Protocol

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from snapback.engine import alerts, clients, clock, commands, events, findings, hub_findings, journal, memory, names, settings, tags
from snapback.engine.actors import Actor
from snapback.engine.errors import BelongsElsewhere, ComesLater, FindingsBusy, OnlyPeople, ResourceBusy, SeveralFailed, SnapbackError, UnreadableEvent
from snapback.engine.events import NamedBy, Signal
from snapback.engine.exemptions import FINDING, LONGEST, UnreadableExemptions
from snapback.engine.journal import Claim, Evidence, Fix, Standing, fix_id
from snapback.engine.outcomes import TOLD, Outcome

logger = Logger(service="snapback")

PATIENCE = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0, 6.0)
"""Seconds to wait before each look while another invocation is at work on the resource. Then this one gives up and is tried again by Lambda."""

SETTLING = (0.0, 0.3, 0.7, 2.0, 4.0)
"""Seconds to wait before each look after a fix. IAM and S3 may show a change late."""

LEAST = 12.0
"""Seconds of the function's time that work on a resource needs at least: with less, the event is left to Lambda's next attempt, or what is not seen is told."""

YOUNG = 10.0
"""Seconds. A change younger than this may not be seen by the first read, where the service says that reads may lag."""


class LambdaContext(Protocol):
    """The part of Lambda's context object that is used (https://docs.aws.amazon.com/lambda/latest/dg/python-context.html)."""

    @property
    def function_name(self) -> str:
        """Return the function's name."""

    @property
    def invoked_function_arn(self) -> str:
        """Return the function's ARN, with account and region."""

    @property
    def aws_request_id(self) -> str:
        """Return the id of this invocation, which its retries share."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left before Lambda ends the function."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Remediation:
    """One problem and how it is put right.

    `violation(resource)` returns what is wrong with the live resource: a list of JSON objects, empty when all is well. The same list, or after a crash the part
    of it that is still wrong, is what `fix(resource, evidence)` puts right; what it put right is what `undo(resource, evidence)` brings back.
    """

    resource: str
    """CloudFormation's name of the resource type: `AWS::EC2::SecurityGroup`."""
    named_by: NamedBy
    """Which part of an event names the resource; see `events.NamedBy`."""
    violation: Callable[[str], Evidence]
    fix: Callable[[str, Any], object]
    undo: Callable[[str, Any], object] | None = None
    """None where what was done cannot be taken back exactly."""
    setting: Callable[[str], Any] | None = None
    """The setting that the fix replaces, as it is now. Needed where more than one state is right: it tells an undo whether the resource has changed since."""
    remember: Callable[[str], Any] | None = None
    """The state of the resource, None if there is none: kept while it is good, for fixes that put back what was deleted (`memory.recall`)."""
    changed: Callable[[Any, Any], Sequence[memory.Change]] = memory.changes
    """Which parts of a state, compared with the one that is remembered, are neither as they were nor more."""
    told_if_gone: bool = False
    """That the resource is gone is news: what the event tells of was a blow against what watches over the account."""
    expires_after: Callable[[], float] | None = None
    """Seconds after which the fix is taken back by itself, at the next sweep."""
    disruptive: bool = False
    """The fix may stop a workload: it follows `DisruptiveMode` instead of `Mode`."""
    lags: bool = False
    """Reads of this service may show an old state for a while (IAM, S3): a young change is looked for more than once."""
    problem: str = ""
    """The name under which exemptions are kept, where several remediations put the same thing right; else their own."""
    resolve: Callable[[str], str | None] | None = None
    """Turns an id that some sources use (`AIDA…`) into the name; None if there is no such resource any more."""
    opened: Callable[[Mapping[str, Any]], Evidence] | None = None
    """Whom the record of a call itself says that it let in, of all the world and of strangers; each item is one of `violation`'s or a part of one.

    People hear of a door that was open for a moment, and shut again before Snapback looked: a snapshot is shared, copied and shared no more within seconds.
    """
    shut: Callable[[str, Any], Evidence] = lambda _, opened: opened
    """Which of that is open no more, where `violation` leaves alone a part of what `opened` tells."""
    also_shut_by: Sequence[str] = ()
    """Other remediations that may have shut such a door, and told it."""
    wider: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    """How the names of sources begin that find fault with more than this remediation puts right -> what says which of that is live: people hear of it."""

    writes: ClassVar[bool] = True
    hears_failures: ClassVar[bool] = False

    @property
    def module(self) -> str:
        """Return the name of the handler's module."""
        return self.violation.__module__

    @property
    def previews(self) -> bool:
        """Tell whether the fix is only shown."""
        return settings.previews(disruptive=self.disruptive)

    @cached_property
    def name(self) -> str:
        """Return the remediation's one name, as in the journal and the alerts: `revoke-open-ingress`."""
        return self.module.rpartition(".")[2].replace("_", "-")

    @cached_property
    def summary(self) -> str:
        """Return the first line of the handler's manual."""
        return (getdoc(sys.modules[self.module]) or "").partition("\n")[0]

    def handler(self, event: object, context: LambdaContext) -> dict[str, Any]:
        """Handle what Lambda was given: an event from EventBridge, or an operator's command."""
        invocation = Invocation.of(context)
        clock.begin(invocation.seconds_left)
        if commands.is_command(event):
            return commands.obey(self, event, invocation)
        return {"outcomes": [case.as_json() for case in self.handle(event, invocation)]}

    def occasion(self, signal: Signal) -> str:
        """Return what is handled once: the event, or a finding that comes again and again under new event ids."""
        return signal.threat or signal.id

    def must_tell(self, signal: Signal, outcome: Outcome) -> bool:
        """Tell whether this remediation answers for it that people hear of the threat, whatever becomes of the resource.

        GuardDuty's findings that none of them answers report_finding tells. What Access Analyzer has found is told as long as it is there.
        """
        if signal.is_threat:
            try:
                return self.name in events.understood(findings.answered_by, signal.detail)
            except UnreadableEvent:  # then report_finding cannot read it either
                return True
        return bool(signal.threat) and self.writes and not (outcome is Outcome.ALREADY_OK and signal.source.startswith("Access Analyzer"))

    def handle(self, event: object, invocation: "Invocation") -> "list[Case]":
        """Put right every resource that the event names. One failure does not stop the next; failures are raised together at the end."""
        if self.expires_after and events.is_tick(event):
            return commands.undo_expired(self, invocation)
        signal = self.read(event, invocation)
        if signal.leave:
            case = Case(self, "-", signal, invocation)
            if signal.leave is Outcome.REPORTED:  # it names nothing that could be put right, and people have to hear of it all the same
                case.resource = invocation.account or case.resource
                return [case.end_noticed_unless_exempt(signal.leave, signal.why)]
            return [case.end(signal.leave, signal.why)]
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
            reasons = "; ".join(f"{type(failure).__name__}: {failure}" for failure in failures[:5])
            raise SeveralFailed(f"{len(failures)} of {len(signal.named)} resources failed: {reasons}") from failures[0]
        return list(cases.values())

    def read(self, event: object, invocation: "Invocation") -> Signal:
        """Parse and skip: return what the event says, with the reason if it is to be left."""
        own_role = os.environ.get("ROLE_ARN", "")
        reading = events.Reading(self.resource, self.named_by, own_role, invocation.account, invocation.region, self.hears_failures)
        return events.read(event, reading)

    def put_right(  # noqa: PLR0911 - every way in which it can end
        self, named: object, signal: Signal, invocation: "Invocation", *, several: bool = False
    ) -> "Case":
        """Look, claim, fix, look again, record and tell for one named resource; return how it ended."""
        case = Case(self, names.shown(named), signal, invocation, several=several)
        try:
            case.asked = names.checked(self.resource, named) if self.resolve else ""
            name = self.resolve(case.asked) if self.resolve else named
        except ClientError as error:
            return self._blind(case, error)
        if name is None:
            return self._blind_to(case, "there is no such resource any more", is_gone=True)
        case.resource = names.checked(self.resource, name)
        for wait in clock.waits(PATIENCE, invocation.seconds_left, keep=LEAST):
            clock.pause(wait)
            looked_at = clock.now()
            settings.begin()
            try:
                live = self.look(case)
            except OnlyPeople as error:
                return self._left_to_people(case, error, looked_at)
            except (ClientError, BelongsElsewhere) as error:
                return self._blind(case, error)
            is_late = bool(live) and case.is_late
            claim = case.claim([] if is_late else live, looked_at)
            if claim.standing is Standing.CLAIMED:
                return self._work(case, claim, live)
            if is_late and claim.standing is Standing.FREE:
                return case.hold(live, _TOO_LATE)
            if claim.standing is not Standing.BUSY:
                return self._end_unfixed(case, claim, live)
        raise ResourceBusy(f"another invocation is still at work on {case.resource}, or there is too little time left to begin")

    def finish_cut_off(self, resource: str, signal: Signal, invocation: "Invocation") -> "Case | None":
        """Finish, and tell, what an attempt for any event has left half made of this resource; None if there is nothing like that."""
        found = journal.read(journal.last_holder(self.name, resource))
        if found is None or found.status != journal.CLAIMED or not found.writes:
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

    def _work(self, case: "Case", claim: Claim, live: Evidence) -> "Case":
        """Do what was claimed; if it cannot be finished now, let go of it, so that the next attempt can go on at once."""
        case.fix = claim.fix
        try:
            return self.act(case, live, claim)
        except Exception:  # not hidden: raised again, once the resource is let go
            case.let_go()
            raise

    def _end_unfixed(self, case: "Case", claim: Claim, live: Evidence) -> "Case":
        """End for a resource with which nothing is wrong, or of which somebody else takes care."""
        if claim.standing is Standing.FREE and not live:
            if is_different := self._compare_with_memory(case):
                return case.end_noticed_unless_exempt(Outcome.REPORTED, _CHANGED, about=is_different)
            if others := self._others(case):
                return case.end_noticed_unless_exempt(Outcome.REPORTED, others)
            if opened := self._was_opened(case):
                return case.end_opened(opened, "it is shut again")
        return case.end_without(claim)

    def _was_opened(self, case: "Case", *, is_gone: bool = False) -> Evidence:
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
            if not clients.is_gone(error):
                raise
            return opened

    def _compare_with_memory(self, case: "Case") -> str:
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

    def _others(self, case: "Case") -> str:
        """Return what the event's source finds fault with and this remediation does not, where nothing else is wrong."""
        return next((look(case.resource) for begin, look in self.wider.items() if case.signal.source.startswith(begin)), "")

    def _left_to_people(self, case: "Case", error: OnlyPeople, looked_at: float) -> "Case":
        """End for what only people can put right, or nobody yet; first finish, and tell, what an earlier attempt put right besides before it was cut off."""
        claim = case.claim([], looked_at)
        if claim.standing is Standing.CLAIMED:
            return self._work(case, claim, [])
        case.fix = Fix("", "", "", "", "")
        if isinstance(error, ComesLater):
            if case.signal.source == error.news:
                raise ResourceBusy(str(error)) from error  # AWS has said so before it was so
            return case.end_quietly(Outcome.NO_CHANGE, str(error))
        return self._blind(case, error)

    def _blind(self, case: "Case", error: ClientError | BelongsElsewhere | OnlyPeople) -> "Case":
        """End for a resource that cannot be looked at, or is not ours to change; raise the error again if it passes by itself."""
        if isinstance(error, BelongsElsewhere):
            return case.end(Outcome.ELSEWHERE, str(error))
        if isinstance(error, OnlyPeople):
            case.can_be_retried = self.writes
            return case.end_noticed_unless_exempt(Outcome.REPORTED, str(error))
        why = clients.said_by(error)
        if not clients.is_gone(error) and not clients.is_refused(error):
            raise error
        return self._blind_to(case, why, is_gone=clients.is_gone(error))

    def _blind_to(self, case: "Case", why: str, *, is_gone: bool) -> "Case":
        """End for a resource that is not there, or is not shown."""
        claim = case.claim([], clock.now()) if case.resource != "-" and self.writes else Claim(Standing.FREE, case.fix)
        if claim.standing is Standing.CLAIMED:  # an earlier attempt may have changed it, so people hear of it
            case.fix = claim.fix
            if is_gone:
                return case.finish(Outcome.GONE, f"it was deleted meanwhile: {why}")
            return case.finish(Outcome.UNVERIFIED, f"an earlier attempt was cut off and may have changed it, and now AWS refuses to let Snapback look: {why}")
        if is_gone:
            return self._gone(case, why)
        case.fix = Fix("", "", "", "", "", notes=case.fix.notes)
        case.can_be_retried = self.writes
        return case.end_noticed_unless_exempt(Outcome.FAILED, f"AWS refuses to let Snapback look at it: {why}")

    def _gone(self, case: "Case", why: str) -> "Case":
        """End for a resource that does not exist; a threat that was seen there is still news."""
        if case.signal.is_threat or self.told_if_gone:
            return case.end_noticed_unless_exempt(Outcome.REPORTED, f"{why}, so there is nothing to change; {case.signal.source} is left to you")
        if opened := self._was_opened(case, is_gone=True):
            return case.end_opened(opened, why)
        return case.end_quietly(Outcome.GONE, why)

    def look(self, case: "Case") -> Evidence:
        """Return what is wrong with the live resource; look again a little later if the change is so young that a read may not show it yet."""
        evidence = list(self.violation(case.resource))
        waits = iter(SETTLING[1:])
        while not evidence and self.lags and case.age < YOUNG and (wait := next(waits, None)):
            clock.pause(wait)
            evidence = list(self.violation(case.resource))
        return evidence

    def act(self, case: "Case", live: Evidence, claim: Claim) -> "Case":  # noqa: C901, PLR0912 - every way in which a fix can end
        """Fix what was claimed, look again, tell and record."""
        fix, refusal, only_people = case.fix, "", ""
        todo = [item for item in fix.evidence if item in live]  # all of it, unless an earlier attempt was cut off in the middle
        stop = case.refusal_now() if claim.is_continued and fix.writes else ""
        if stop and todo:
            return case.finish_half(todo, stop)
        before = list(fix.calls)
        with clients.watched(preview=fix.preview) as calls:
            try:
                if todo:
                    self.fix(case.resource, todo)
            except ClientError as error:
                if not clients.is_refused(error):
                    fix.calls = [*before, *(call.as_json() for call in calls.effective)]
                    raise
                refusal = f"AWS refuses it: {clients.said_by(error)}"
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
        elif outcome is Outcome.FIXED and refusal and not calls.effective:
            outcome, why = Outcome.ALREADY_OK, "somebody else put it right first"
            if self._was_opened(case):
                outcome, why = Outcome.REPORTED, case.was_open("somebody else shut it first")
        return case.finish(outcome, why)

    def _verify(  # noqa: C901, PLR0911 - every way in which it can look
        self, case: "Case", todo: Evidence, refusal: str
    ) -> tuple[Outcome, str]:
        """Look until the problem is gone or the patience is; return the outcome and its reason.

        After a refused write one look that shows no problem is not enough: it may show what was there before the problem.
        """
        fix, has_looked = case.fix, False
        try:
            for wait in clock.waits(SETTLING, case.invocation.seconds_left, keep=LEAST / 2):
                clock.pause(wait)
                fix.left, has_looked = list(self.violation(case.resource)), True
                if bool(fix.left) is bool(refusal):
                    break
            if not has_looked:
                return Outcome.UNVERIFIED, "the fix was sent, but there was no time left to look again"
            if not fix.left:
                fix.after = self.setting(case.resource) if self.setting else None
                return Outcome.FIXED, ""
        except ClientError as error:
            if clients.is_gone(error):
                return Outcome.GONE, "it was deleted meanwhile"
            if not clients.is_refused(error):
                raise
            return Outcome.UNVERIFIED, f"{refusal or 'the fix was sent'}, and AWS refuses to let Snapback look again: {clients.said_by(error)}"
        if not todo:
            return Outcome.PARTIAL, "what an earlier attempt found wrong is right, and something else is wrong by now"
        if not all(item in fix.left for item in todo):
            return Outcome.PARTIAL, refusal or "a part of the problem is still there, or has come back meanwhile"
        if refusal:
            return Outcome.FAILED, refusal
        return Outcome.UNVERIFIED, "the fix was sent and accepted, but the resource still shows the problem"


_CHANGED_IT = frozenset({Outcome.FIXED, Outcome.PARTIAL, Outcome.UNVERIFIED})
_CHANGED = "it was changed, and Snapback goes on holding what it remembers until a person accepts the change, or takes it back"
_TOO_LATE = "what was seen there is more than a day old, and may have been dealt with: a person has to decide"


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

    def look(self, case: "Case") -> Evidence:
        """Return the event's facts: there is no live resource to ask."""
        return list(events.understood(self.facts, case.signal.detail))

    def act(self, case: "Case", live: Evidence, claim: Claim) -> "Case":  # noqa: ARG002 - nothing to fix
        """Tell and record."""
        return case.finish(Outcome.REPORTED, "")


_THREAT = "threat#"
_OPENED = "opened#"


def _threat(signal: Signal) -> str:
    """Return the name of the notice that people have heard of the threat, from whichever remediation."""
    return f"{_THREAT}{hashlib.sha256(signal.threat.encode()).hexdigest()[:32]}"


class Invocation(NamedTuple):
    """Where and as what this runs, from Lambda's context."""

    function: str
    request: str
    account: str
    """Empty under `sam local`, which does not know the account."""
    region: str
    seconds_left: Callable[[], float]
    caller: str = ""
    """Who calls, where Lambda says so: an identity of Amazon Cognito. It says nothing of who invokes with IAM's keys."""
    by: str = ""
    """Who gives a command, as far as that is known."""

    @classmethod
    def of(cls, context: LambdaContext) -> "Invocation":
        """Read Lambda's context."""
        arn = context.invoked_function_arn.split(":")
        local = os.environ.get("AWS_SAM_LOCAL") == "true"
        caller = getattr(getattr(context, "identity", None), "cognito_identity_id", None)
        return cls(
            function=context.function_name,
            request=context.aws_request_id,
            account="" if local else arn[4],
            region="" if local else arn[3],
            seconds_left=lambda: context.get_remaining_time_in_millis() / 1000,
            caller=names.shown(caller) if caller else "",
        )


@dataclass(eq=False, repr=False)
class Case:
    """One resource of one event, and how it ended."""

    remediation: Remediation
    resource: str
    signal: Signal
    invocation: Invocation
    several: bool = False
    """The event names more resources than this one."""
    asked: str = ""
    """How the event names it, where that is resolved: an attempt that cannot resolve it still finds what an earlier one began."""
    outcome: Outcome = Outcome.ALREADY_OK
    reason: str = ""
    fix: Fix = field(default_factory=lambda: Fix("", "", "", "", ""))
    is_fixed: bool = False
    """This invocation, or an earlier attempt of it, put the resource right, and no problem was seen since."""

    can_be_retried: bool = False
    """Nothing was claimed or all of it is left, and once what stands in the way is settled, a person can have it tried again."""

    @property
    def is_right(self) -> bool:
        """Tell whether the last look showed no problem."""
        return self.is_fixed or self.outcome is Outcome.ALREADY_OK

    @property
    def age(self) -> float:
        """Return how many seconds ago the event happened."""
        return clock.now() - alerts.seconds(self.signal.time)

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
        return self.signal.is_threat and self.remediation.writes and not self.remediation.previews and self.age > journal.DAY

    def claim(self, live: Evidence, looked_at: float) -> Claim:
        """Ask the journal for the right to go on, and tell of silences that it has found to be over."""
        claim = self._claim(live, looked_at)
        for silence in self.fix.ended:
            commands.tell_end(self.remediation, silence, self.invocation)
        return claim

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
            **further,
        )

    def _claim(self, live: Evidence, looked_at: float) -> Claim:
        preview = self.remediation.previews
        enforced = fix_id(self.remediation.name, self.asked or self.resource, self.remediation.occasion(self.signal))
        # An unfixed problem is seen again by every event: in preview it is told once a day, whatever event shows it.
        # A threat is told for itself, and in each mode.
        shown = [self.signal.threat, "preview"] if self.signal.threat else [repr(live), str(int(clock.now() // journal.DAY))]
        self.fix = self._fix(
            fix_id(self.remediation.name, self.resource, *shown) if preview else enforced,
            actor=self.signal.actor._asdict() if self.signal.actor else {},
            preview=preview,
            writes=self.remediation.writes and not preview,
            evidence=live,
            settings=settings.read_since() if live else {},
            **self.named_for_exemptions,
        )
        if live and not (refused := self._refused_by_tags()):
            claim = journal.claim(self.fix, looked_at=looked_at, lease=self.lease, enforced=enforced if preview else "")
            if claim.standing is not Standing.HANDLED or not self.fix.writes or claim.fix.event_id == self.signal.id:
                return claim
            self.fix.id = fix_id(self.remediation.name, self.resource, self.signal.id)  # further news of a finding, and the problem is there again
            return journal.claim(self.fix, looked_at=looked_at, lease=self.lease)
        found = journal.read(enforced) if self.remediation.writes else None
        if found and found.is_final and found.event_id != self.signal.id:
            found = journal.read(fix_id(self.remediation.name, self.resource, self.signal.id)) or found
        if found and (not live or found.status == journal.CLAIMED):
            return journal.take_over(found, request=self.invocation.request, lease=self.lease)
        return refused if live and refused else Claim(Standing.FREE, self.fix)

    @property
    def lease(self) -> float:
        """Return for how many seconds this invocation may be at work."""
        return self.invocation.seconds_left() + 2

    def refusal_now(self) -> str:
        """Return why nothing more may be written for a fix that was begun, or nothing."""
        if self.remediation.previews:
            return "the mode is preview now"
        if self.is_late:
            return _TOO_LATE
        refusal = self._refused_by_tags() or journal.exempted(replace(self.fix, **self.named_for_exemptions))
        return refusal.reason if refusal else journal.left_to_people(self.fix)

    def _refused_by_tags(self) -> Claim | None:
        """Read the resource's tags; return the refusal if one of them exempts it, and tell it once. One that cannot be read exempts nothing, and is told."""
        if not settings.is_on("READ_TAGS"):
            return None
        where = self.invocation
        found = tags.tags_of(self.remediation.resource, self.resource, account=where.account, region=where.region)
        self.fix.notes = {"stack": found[tags.STACK]} if tags.STACK in found else {}
        try:
            exemption = tags.exemption_in(found, remediation=self.remediation.name, resource=self.resource, now=clock.now())
        except UnreadableExemptions as error:
            self.fix.notes = {**self.fix.notes, "tag": f"It is not exempt: {error}."}
            return None
        if exemption is None:
            return None
        self.fix.reason = f"by its tag {tags.EXEMPT}: {exemption}"
        notice = f"tag#{self.remediation.name}#{fix_id(self.resource, str(exemption))}"
        if journal.first_notice(notice, self.invocation.request, self.resource, hours=LONGEST.total_seconds() / journal.HOUR, lease=self.lease):
            try:
                alerts.tell(self, Outcome.EXEMPTED)
            except (ClientError, BotoCoreError):
                journal.notice_failed(notice)
                raise
            journal.notice_sent(notice)
        return Claim(Standing.REFUSED, self.fix, Outcome.EXEMPT, str(exemption))

    @property
    def is_told_alone(self) -> bool:
        """Tell whether it is told alone even in a storm: what is critical, and how it ended for the canary, which waits for that alert."""
        return self.signal.is_urgent or any(item.get("Description") == names.CANARY for item in self.fix.evidence)

    def finish(self, outcome: Outcome, reason: str) -> "Case":
        """Tell the outcome of claimed work, then record it: what is written down as ended was told."""
        if outcome in _CHANGED_IT and self.remediation.expires_after:
            self.fix.expires_at = clock.now() + self.remediation.expires_after()
        self.fix.request, self.fix.reason = self.invocation.request, reason
        if outcome in TOLD:
            alerts.tell(self, outcome, together=self.fix.in_storm and not self.is_told_alone)
        journal.record(self.fix, outcome)
        self.is_fixed = outcome is Outcome.FIXED
        return self.end(outcome, reason)

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
                journal.let_through(self.remediation.name, self.resource)
            return self.end_quietly(outcome, claim.reason) if outcome is Outcome.EXEMPT else self.end_noticed(outcome, claim.reason)
        if claim.standing is Standing.HANDLED:  # and told
            return self.end(Outcome.HANDLED if problem_is_there else Outcome.ALREADY_OK)
        return self.end_quietly(Outcome.ALREADY_OK)

    def hold(self, live: Evidence, reason: str) -> "Case":
        """End, and leave it to a person's `release`; told for this resource."""
        self.fix.evidence = live
        journal.hold(self.remediation.name, self.resource)
        return self.end_noticed(Outcome.HELD, reason, what=f"{self.remediation.name}#LATE#{self.resource}")

    def end_noticed_unless_exempt(self, outcome: Outcome, reason: str, *, about: str = "", what: str = "") -> "Case":
        """End without a claim, which would have asked for exemptions, and tell it if the resource has none."""
        asked = Fix("", self.remediation.name, self.resource, "", "", writes=self.remediation.writes, **self.named_for_exemptions)
        refusal = journal.exempted(asked)
        return self.end_without(refusal) if refusal else self.end_noticed(outcome, reason, about=about, what=what)

    def end_opened(self, opened: Evidence, how: str) -> "Case":
        """End for a door that is not open any more, and tell once for each event that it was, unless the resource is exempt."""
        what = fix_id(_OPENED, self.remediation.name, self.resource, self.signal.id)
        self.fix = self._fix(what, evidence=opened)
        return self.end_noticed_unless_exempt(Outcome.REPORTED, self.was_open(how), what=f"{_OPENED}{what}")

    def end_quietly(self, outcome: Outcome, reason: str = "") -> "Case":
        """End without a word about the resource. Of a threat that was seen there people hear all the same, once: an exemption is from the fix only."""
        if self.remediation.must_tell(self.signal, outcome) and not self._is_silenced():
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
        if self.remediation.must_tell(self.signal, outcome) and not self._is_silenced():
            self._notice(outcome, reason, _threat(self.signal), is_told=is_told)
        return self.end(outcome, reason)

    def _notice_held(self, reason: str, of_all: str) -> bool:
        """Tell that the resource is held: of the first of an hour at once, and of each further one once, together with others a few minutes later.

        The breaker holds all resources at once, so one alert for each would be too many; but one that is never named is silenced by the first.
        """
        own = f"{of_all}#{self.resource}"
        if not journal.first_notice(own, self.invocation.request, self.resource, lease=self.lease):
            return False
        try:
            if not self._notice(Outcome.HELD, reason, of_all):
                alerts.tell(self, Outcome.HELD, together=not self.is_told_alone)
        except (ClientError, BotoCoreError):
            journal.notice_failed(own)
            raise
        journal.notice_sent(own)
        return True

    def _notice(self, outcome: Outcome, reason: str, what: str, *, is_told: bool = False) -> bool:
        """Tell it, unless people know of `what` or are being told; return whether they were told now."""
        hours = 24 if outcome is Outcome.REPORTED else 1
        hours = settings.number("JOURNAL_DAYS") * 24 if what.startswith((_THREAT, _OPENED)) else hours
        if not self.fix.id:
            self.fix = self._fix(fix_id(what, self.resource), notes=self.fix.notes)
        self.fix.reason = reason
        if not journal.first_notice(what, self.invocation.request, self.resource, hours=hours, lease=self.lease):
            return False
        if self.can_be_retried and not self.fix.status:  # what was claimed is recorded at its end
            journal.note(self.fix, outcome)
        if not is_told:
            # HELD is what ends a storm, so it never waits for the end of one.
            at_once = outcome is Outcome.HELD or self.signal.is_urgent
            try:
                alerts.tell(self, outcome, together=not at_once and journal.is_storm(self.remediation.name))
            except (ClientError, BotoCoreError):
                journal.notice_failed(what)
                raise
        journal.notice_sent(what)
        return True

    def _is_silenced(self) -> bool:
        kinds = [f"{FINDING}{kind}" for kind in self.signal.kinds]
        return bool(kinds) and journal.exempted(Fix("", self.remediation.name, kinds[0], "", "", also_named=kinds[1:])) is not None

    def end(self, outcome: Outcome, reason: str = "") -> "Case":
        """End, with a line in the log and a metric."""
        self.outcome, self.reason = outcome, reason
        logger.info(outcome.value, **self.as_json(), trigger=self.signal.trigger, source=self.signal.source, seconds_late=round(self.age))
        alerts.count(self)
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


__all__ = ["Case", "Invocation", "LambdaContext", "Remediation", "UnreadableEvent"]
