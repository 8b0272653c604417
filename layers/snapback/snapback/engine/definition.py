"""What a handler says of its problem: the fields of a `Remediation`, and what follows from them alone."""

import re
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from inspect import getdoc
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from snapback.engine import events, findings, memory, modes, refusals, settings
from snapback.engine.errors import OnlyPeople, UnreadableEvent
from snapback.engine.events import NamedBy, Signal
from snapback.engine.fixes import Evidence
from snapback.engine.outcomes import Outcome


@dataclass(frozen=True, kw_only=True, eq=False, repr=False, init=False)  # to write an `__init__` takes a millisecond, and nobody makes one of these
class Definition:
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
    disruptive: bool | Callable[[Any, Signal], bool] = False
    """The fix may stop a workload, a pipeline, a log delivery or a sign-in: it follows `DisruptiveMode` instead of `Mode`.

    Where that depends on the form of the problem, a function of one of `violation`'s items and of what was heard: what it needs to know stands in the item.
    """
    settles: Sequence[str] = ()
    """The calls of `named_by` that make the resource, whose maker goes on with what the fix would change: looked at SettleMinutes later, and put right if it is
    still wrong. What is open to the world is shut at once."""
    lags: bool = False
    """Reads of this service may show an old state for a while (IAM, S3): a young change is looked for more than once."""
    controls: Collection[str] = ()
    """The controls of Security Hub that ask for it, where its function has several remediations: whose finding is it?"""
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
    type_of: Callable[[Mapping[str, Any]], str] | None = None
    """Returns the type of what an event's detail is about, where that is not always `resource`; nothing where it does not tell."""
    worse: Callable[[Evidence], str] | None = None
    """Returns the word for how bad the problem is in the form in which it was found, where that is not what the manual says; else nothing."""
    shows_steps: bool = False
    """Whether `violation` returns the steps of the fix in the place of what is wrong, of a problem that no event has to tell: an alert heads them so."""
    contained: str = ""
    """What is true once a fix has answered a threat, in a word or two: `Isolated`. An alert of that begins with it, and asks people to investigate."""
    stays: Callable[[str], str] | None = None
    """Says what is wrong with the resource after the fix still, in what the same events tell of and this remediation leaves alone; nothing if nothing is."""
    taken_off_by: Collection[str] = ()
    """The calls by which somebody takes off what a fix contains: heard only while that fix stands, and told as high (docs/adr/0017-containment.md)."""
    contained_as: Callable[[str], str] = lambda resource: resource
    """Under which name such a call knows what is contained, where that is not the resource's own: a role, for some of its sessions."""
    exempt_as: Callable[[str], str] = lambda resource: resource
    """What an exemption has to name, where the resource is another with each event: a beginning of names, such as `deploy/*` for all sessions of a role."""
    wider: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    """How the names of sources begin that find fault with more than this remediation puts right -> what says which of that is live: people hear of it."""

    writes: ClassVar[bool] = True
    hears_failures: ClassVar[bool] = False

    @property
    def module(self) -> str:
        """Return the name of the handler's module."""
        return self.violation.__module__

    def noted_of(self, resource: str) -> Mapping[str, str]:
        """Return the note of what stays wrong with a resource that was put right: its alert does not say that the problem is gone."""
        if self.stays is None:
            return {}
        try:
            said = self.stays(resource)
        except ClientError as error:
            if not refusals.is_refused(error):
                raise
            said = f"whether others are let in still cannot be seen: {refusals.said_by(error)}"
        except OnlyPeople as error:
            said = str(error)
        return {"stays": said} if said else {}

    def is_disruptive(self, evidence: Evidence, signal: Signal) -> bool:
        """Tell whether to put that right may stop what works."""
        if callable(self.disruptive):
            return any(self.disruptive(item, signal) for item in evidence)
        return self.disruptive

    def previews(self, evidence: Evidence, signal: Signal, chosen: str = "") -> bool:
        """Tell whether the fix of that is only shown: by the mode that a person has chosen for this remediation, else by its class's."""
        if chosen:
            return chosen == modes.PREVIEW  # what is off is refused as what is exempt is, once what was begun before is told
        return settings.previews(disruptive=self.is_disruptive(evidence, signal))

    def enforced(self, live: Evidence, signal: Signal, chosen: str = "") -> Evidence:
        """Return what of it is put right now; all of it, if all of it is, or is only shown."""
        if chosen or not callable(self.disruptive):
            return live
        return [item for item in live if not self.previews([item], signal)] or live

    @property
    def answers_threats(self) -> bool:
        """Tell whether only an event can say that something is wrong: each healthy resource shows what `violation` returns, "not contained", as well."""
        return bool(self.taken_off_by) or self.named_by.keys() == {"GuardDuty Finding"}

    @cached_property
    def name(self) -> str:
        """Return the remediation's one name, as in the journal and the alerts: `revoke-open-ingress`."""
        return self.module.rpartition(".")[2].replace("_", "-")

    @cached_property
    def summary(self) -> str:
        """Return the first line of the handler's manual."""
        return (getdoc(sys.modules[self.module]) or "").partition("\n")[0]

    @cached_property
    def matter(self) -> str:
        """Return what is wrong in a sentence without its full stop, as the handler's manual says: `The internet can reach an administration port`."""
        return self._problem[0]

    @cached_property
    def severity(self) -> str:
        """Return how bad that is, in the word that the manual has for it: as Security Hub rates its control for it, or by the same measure.

        https://docs.aws.amazon.com/securityhub/latest/userguide/controls-findings-create-update.html
        """
        return self._problem[1]

    @cached_property
    def _problem(self) -> tuple[str, str]:
        found = re.search(r"^Problem: (.+)\. Severity: (\w+)\.$", getdoc(sys.modules[self.module]) or "", re.MULTILINE)
        return (found[1], found[2]) if found else (self.summary.removesuffix("."), "medium")

    def occasion(self, signal: Signal) -> str:
        """Return what is handled once: the event, or a finding that comes again and again under new event ids."""
        return signal.threat or signal.id

    def must_notify(self, signal: Signal, outcome: Outcome) -> bool:
        """Tell whether this remediation answers for it that people hear of the threat, whatever becomes of the resource.

        GuardDuty's findings that none of them answers report_finding tells. What Access Analyzer has found is told as long as it is there.
        """
        if signal.is_threat:
            try:
                return self.name in events.understood(findings.answered_by, signal.detail)
            except UnreadableEvent:  # then report_finding cannot read it either
                return True
        return bool(signal.threat) and self.writes and not (outcome is Outcome.ALREADY_OK and signal.source.startswith("Access Analyzer"))
