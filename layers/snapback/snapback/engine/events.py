"""Reading what EventBridge delivers: from any JSON to the resources it names, or a clear error.

An event is a hint. It says which resource to look at and who touched it; whether something is wrong, the live resource decides. So all that is read
here is: did it happen, to which resources, and by whom. The shapes come from
https://docs.aws.amazon.com/eventbridge/latest/ref/welcome.html and https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference.html.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import jmespath
from jmespath.exceptions import JMESPathError

from snapback.engine.actors import Actor
from snapback.engine.errors import NothingLeft, OnlyPeople, UnreadableEvent
from snapback.engine.later import WARNED, Look
from snapback.engine.names import finding_type, is_of_type, name_in, shown
from snapback.engine.outcomes import Outcome

NamedBy = Mapping[str, str | Callable[[Mapping[str, Any]], object]]
"""Event name (CloudTrail) or detail-type (everything else) -> where the event's detail names the resource: a JMESPath, or a function of the detail.

`*` stands for every other name. `AWS::::Account` stands for findings and Config rules about the account as a whole, where the remediation is for things in
it: a function that returns those of them that are worth a look.
"""

_Read = TypeVar("_Read")

_ENVELOPE = ("id", "detail-type", "source", "account", "region", "time")
"""Texts that every event has (https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html)."""

_DEEPEST = 40
"""Levels of nesting that are read; AWS's own events stay far below."""

ACCOUNT = "AWS::::Account"
_OF_THE_ACCOUNT = (ACCOUNT, "AWS::EC2::SnapshotBlockPublicAccess")
"""Resource types of which an account has one in each region, so that the account says which, however a finding spells its id."""

ANY_FINDING = "AWS::AccessAnalyzer::Finding"
"""The resource type of a remediation that hears Access Analyzer about resources of many types; it knows each by its ARN."""

_CRITICAL = 9
"""https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html"""

_SWEEP = "Scheduled Event"

_OPEN_WORKFLOW = ("NEW", "NOTIFIED")  # no set: what stands in an event may not be hashable


class HubFinding(NamedTuple):
    """One of Security Hub's findings: what it is known by there, and the resources that it names."""

    identifier: Mapping[str, str]
    control: str
    names: Sequence[str]
    is_ocsf: bool = False


class Signal(NamedTuple):
    """What one event says, after reading: either a reason to leave it, or the resources to look at."""

    id: str
    time: str
    source: str
    """What people know the event by: `PutBucketPolicy`, `Config rule restricted-ssh`, `GuardDuty Policy:S3/…`."""
    named: Sequence[object] = ()
    """Names of resources as the event gives them, not yet checked."""
    leave: Outcome | None = None
    """Set when there is nothing to do; `why` then says why."""
    why: str = ""
    actor: Actor | None = None
    detail: Mapping[str, Any] = MappingProxyType({})
    is_sweep: bool = False
    is_by_stack: bool = False
    """CloudFormation made the call in the name of a stack, or had made it when a sweep finds what it deleted gone."""
    is_threat: bool = False
    """GuardDuty has seen somebody do something: people hear of it even if what it was done with is gone."""
    threat: str = ""
    """What of a threat is told once, whatever becomes of the resource: the finding's id, with its severity where that may rise. Empty for all other events."""
    kinds: Sequence[str] = ()
    """What a person can silence: the finding's type and its id."""
    is_urgent: bool = False
    """A critical threat: it is told alone even in a storm."""
    findings: Sequence[HubFinding] = ()
    """Security Hub's findings in the event, to be resolved when what they name is put right."""
    trigger: str = "a command"
    """The kind of event, as EventBridge names it: the dashboard says when each was last heard."""
    event: Mapping[str, Any] = MappingProxyType({})
    """The event as it came, to be given once more; empty for a command."""
    look: Look | None = None
    """Set when the event is given once more, for a later look."""
    is_together: bool = False
    """It is one of many that a person has asked for at once: told with the others in a digest."""

    @property
    def is_called(self) -> bool:
        """Tell whether it is the record of a call."""
        return self.actor is not None and bool(self.event)

    @property
    def may_be_warned_of(self) -> bool:
        """Tell whether people may be warned before it is put right: not of a threat, which waits for nobody, nor by a person's command, nor a second time."""
        return bool(self.event) and not self.threat and not (self.look and self.look.is_warned)

    @property
    def waits(self) -> bool:
        """Tell whether it waits for what was just made to settle: not what answers a threat, nor a person's command, nor the look for which it was waited."""
        return bool(self.event) and not self.threat and (self.look is None or self.look.why == WARNED)


class SecurityEvent(NamedTuple):
    """An EventBridge envelope whose needed parts are known to be there and of the right type.

    Not Powertools' EventBridgeEvent: its package loads the shapes of all event sources, which takes a tenth of a cold start (docs/performance.md).
    """

    id: str
    detail_type: str
    source: str
    account: str
    region: str
    time: str
    detail: Mapping[str, Any]
    resources: Any = None

    @classmethod
    def of(cls, event: object) -> "SecurityEvent":
        """Check the envelope; raise `UnreadableEvent` naming the part that is wrong."""
        if not isinstance(event, Mapping):
            raise UnreadableEvent(f"an event is a JSON object, not {type(event).__name__}")
        for part in _ENVELOPE:
            if not isinstance(event.get(part), str) or not event[part]:
                raise UnreadableEvent(f"the event has no {part!r}: EventBridge gives one to every event, so this is not from EventBridge")
        if not isinstance(event.get("detail"), Mapping):
            raise UnreadableEvent("the event's 'detail' is not a JSON object")
        if _depth(event["detail"]) > _DEEPEST:
            raise UnreadableEvent(f"the event is nested more than {_DEEPEST} levels deep")
        texts = {part.replace("-", "_"): event[part] for part in _ENVELOPE}
        return cls(**texts, detail=event["detail"], resources=event.get("resources"))


def read(raw: object, reading: "Reading") -> Signal:
    """Return what the event says to a remediation; raise `UnreadableEvent` if it cannot be understood."""
    event = SecurityEvent.of(raw)
    reader = _READERS.get(event.detail_type, _read_by_path)
    look = Look.of(raw)
    given: Any = raw
    return reader(event, reading)._replace(detail=_with_resources(event), trigger=shown(event.detail_type), event=given, look=look)


def looked_at(signal: Signal) -> Signal:
    """Return of what the event says what the later look is for, for which it is given once more."""
    look = signal.look
    if look is None or signal.leave:
        return signal
    named = [one for one in signal.named if one == look.resource]
    return signal._replace(named=named) if named else _leave(signal, Outcome.ALREADY_OK, f"{shown(look.resource)} is not among what needs a look any more")


def is_heard(raw: object, named_by: NamedBy, controls: Collection[str]) -> bool:
    """Tell whether an event is one of those that a remediation hears, of a function that has several: by the call, the control or the kind of event."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("detail"), Mapping):
        return False
    detail = raw["detail"]
    if isinstance(name := detail.get("eventName"), str):
        return without_date(name) in named_by
    if asked := [_control_of(one) for one in _controlled(detail)]:
        return any(one in controls for one in asked)
    return raw.get("detail-type") in named_by


def with_findings_of(raw: object, controls: Collection[str]) -> object:
    """Return the event with those of Security Hub's findings only whose control is one of these; any other event as it is."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("detail"), Mapping) or not isinstance(raw["detail"].get("findings"), list):
        return raw
    own = [one for one in raw["detail"]["findings"] if not isinstance(one, Mapping) or one not in _controlled(raw["detail"]) or _control_of(one) in controls]
    return {**raw, "detail": {**raw["detail"], "findings": own}}


def _controlled(detail: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the findings of controls, in either of Security Hub's forms."""
    return [one for one in (detail, *_mappings(detail.get("findings"))) if "Compliance" in one or "compliance" in one]


def _control_of(finding: Mapping[str, Any]) -> object:
    return _mapping(finding.get("compliance")).get("control") or _control(finding)


def is_tick(raw: object) -> bool:
    """Tell whether this is the tick of a schedule."""
    return isinstance(raw, Mapping) and raw.get("detail-type") == _SWEEP


class Reading(NamedTuple):
    """What the readers need to know of the remediation and of where it runs."""

    resource_type: str
    named_by: NamedBy
    own_role: str
    """ARN of the function's role."""
    account: str
    """Empty where it is not known (`sam local`): then no event counts as from elsewhere."""
    region: str
    hears_failures: bool = False
    """Failed and reading calls count, too, and sample findings: a report tells of attempts."""

    def names(self, key: str, detail: Mapping[str, Any]) -> Sequence[object]:
        """Return the names found in `detail` under the entry `key` of the remediation's table."""
        where = self.named_by.get(key, self.named_by.get("*"))
        if where is None:
            raise UnreadableEvent(f"this remediation does not know the event {shown(key)}; it knows {', '.join(self.named_by)}")
        try:
            found = understood(partial(jmespath.search, where) if isinstance(where, str) else where, detail)
        except UnreadableEvent:
            if not _missing(detail):
                raise
            found = None
        names = list(dict.fromkeys(found)) if isinstance(found, list) and all(isinstance(name, str) for name in found) else [found]
        if not names or None in names:
            raise UnreadableEvent(f"the event {shown(key)} does not name a resource of type {self.resource_type}{_missing(detail)}")
        return names

    def in_account(self, finding: Mapping[str, Any]) -> list[Any]:
        """Return what in the account is worth a look, for a finding that names only the account."""
        look_through = self.named_by[ACCOUNT]
        assert callable(look_through)  # noqa: S101 - a handler's table, which tests hold to this
        found: Any = look_through(finding)
        return list(found)


def by_stack(_: object, signal: Signal) -> bool:
    """Tell whether CloudFormation made the change: `disruptive` of what puts back what was deleted, as a stack that is deleted owns what it deletes.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
    """
    return signal.is_by_stack


def _read_cloudtrail(event: SecurityEvent, reading: Reading) -> Signal:
    record = event.detail
    name = record.get("eventName")
    if not isinstance(name, str) or not name:
        raise UnreadableEvent("the CloudTrail record has no eventName")
    name = without_date(name)
    actor = Actor.of(record)
    # A user agent is whatever its client says; this is AWS's own word.
    is_by_stack = _mapping(record.get("userIdentity")).get("invokedBy") == "cloudformation.amazonaws.com"
    signal = Signal(id=event.id, time=event.time, source=shown(name), actor=actor, is_by_stack=is_by_stack)
    if (error := record.get("errorCode")) and not reading.hears_failures:
        return _leave(signal, Outcome.NO_CHANGE, f"the call failed with {shown(error)}, so nothing was changed")
    if record.get("readOnly") in (True, "true", "True") and not reading.hears_failures:
        return _leave(signal, Outcome.NO_CHANGE, "the call only reads")
    if actor.is_role(reading.own_role):
        return _leave(signal, Outcome.OWN_CHANGE, "this function made the change itself")
    elsewhere = _is_elsewhere(record.get("recipientAccountId"), event.region, event, reading) or _is_elsewhere(event.account, None, event, reading)
    if elsewhere or _is_of_others(record, reading):
        made = f"the change was made in account {shown(event.account)}, region {shown(event.region)}"
        return _leave(signal, Outcome.ELSEWHERE, made if elsewhere else "what was changed belongs to another account")
    try:
        return _with_names(reading, signal, reading.names(name, without_wrappers(name, spelled_alike(record))))
    except NothingLeft as nothing:
        return _leave(signal, Outcome.ALREADY_OK, str(nothing))


def _read_config(event: SecurityEvent, reading: Reading) -> Signal:
    detail = event.detail
    result = detail.get("newEvaluationResult")
    compliance = result.get("complianceType") if isinstance(result, Mapping) else None
    signal = Signal(id=event.id, time=event.time, source=f"Config rule {shown(detail.get('configRuleName'))}")
    if compliance is None:
        if detail.get("messageType") == "ComplianceChangeNotification" and "newEvaluationResult" in detail:
            return _leave(signal, Outcome.NO_CHANGE, "the rule no longer evaluates the resource")
        raise UnreadableEvent("the Config event has no newEvaluationResult.complianceType")
    if compliance != "NON_COMPLIANT":
        return _leave(signal, Outcome.NO_CHANGE, f"Config calls the resource {shown(compliance)}")
    if _is_elsewhere(detail.get("awsAccountId"), detail.get("awsRegion"), event, reading):
        return _leave(signal, Outcome.ELSEWHERE, "the resource is in another account or region")
    if detail.get("resourceType") != reading.resource_type:
        raise UnreadableEvent(f"the Config event is about {shown(detail.get('resourceType'))}, not {reading.resource_type}")
    return _with_names(reading, signal, [detail.get("resourceId")])


def _read_security_hub(event: SecurityEvent, reading: Reading) -> Signal:
    findings = event.detail.get("findings")
    if not isinstance(findings, list) or not findings or not all(isinstance(finding, Mapping) for finding in findings):
        raise UnreadableEvent("the Security Hub event has no findings")
    signal = Signal(id=event.id, time=event.time, source=f"Security Hub {_control(findings[0])}")
    opened = [finding for finding in findings if _is_open(finding)]
    if not opened:
        return _leave(signal, Outcome.NO_CHANGE, "no finding in it is failed, active and new")
    here = [finding for finding in opened if not _is_elsewhere(finding.get("AwsAccountId"), finding.get("Region"), event, reading)]
    if not here:
        return _leave(signal, Outcome.ELSEWHERE, "the findings are about another account or region")
    read = [_finding(finding, reading) for finding in here]
    names = [name for finding in read for name in finding.names]
    if not names and any(_is_of_whole_account(reading, finding.get("Resources"), "Type") for finding in here):
        return _leave(signal, Outcome.ALREADY_OK, "nothing of that kind is to be found in the account")
    if not names:
        raise UnreadableEvent(f"the Security Hub finding names no resource of type {finding_type(reading.resource_type)}")
    return _with_names(reading, signal, names)._replace(findings=read)


def _finding(finding: Mapping[str, Any], reading: Reading) -> HubFinding:
    named = [one.get("Id") for one in _mappings(finding.get("Resources")) if is_of_type(reading.resource_type, one.get("Type"))]
    if named and reading.resource_type in _OF_THE_ACCOUNT:
        named = [finding.get("AwsAccountId")]
    if _is_of_whole_account(reading, finding.get("Resources"), "Type"):
        named += reading.in_account(finding)
    return HubFinding({part: finding.get(part, "") for part in ("Id", "ProductArn")}, _control(finding), _unique(reading, named))


def _is_of_whole_account(reading: Reading, resources: object, type_key: str) -> bool:
    """Tell whether the remediation looks through the account for such a finding, because that is all that the finding names."""
    return ACCOUNT in reading.named_by and any(is_of_type(ACCOUNT, one.get(type_key)) for one in _mappings(resources))


def _read_security_hub_v2(event: SecurityEvent, reading: Reading) -> Signal:
    """Read an OCSF compliance finding (https://schema.ocsf.io/classes/compliance_finding): status 3 is a failed control, 1 and 2 are new and in progress."""
    finding = event.detail.get("findings", [event.detail])
    finding = finding[0] if isinstance(finding, list) and finding and isinstance(finding[0], Mapping) else event.detail
    compliance = finding.get("compliance")
    if not isinstance(compliance, Mapping):
        raise UnreadableEvent("the OCSF finding has no compliance")
    signal = Signal(id=event.id, time=event.time, source=f"Security Hub {shown(compliance.get('control'))}")
    failed, is_new = 3, 1
    if (
        compliance.get("status_id") != failed
        or finding.get("status_id", is_new) not in (0, is_new)
        or finding.get("status", "New") not in ("New", "NEW", "Unknown")
    ):
        return _leave(signal, Outcome.NO_CHANGE, "the finding is not failed and new")
    resources = [resource for resource in _mappings(finding.get("resources")) if is_of_type(reading.resource_type, resource.get("type"))]
    whole = _is_of_whole_account(reading, finding.get("resources"), "type")
    if not resources and not whole:
        raise UnreadableEvent(f"the OCSF finding names no resource of type {reading.resource_type}")
    cloud = _mapping(finding.get("cloud"))
    account = _mapping(cloud.get("account")).get("uid")
    if _is_elsewhere(account, _mappings(finding.get("resources"))[0].get("region", cloud.get("region")), event, reading):
        return _leave(signal, Outcome.ELSEWHERE, "the finding is about another account or region")
    named = [resource.get("uid_alt") or resource.get("uid") for resource in resources]
    if named and reading.resource_type in _OF_THE_ACCOUNT:
        named = [account or event.account]
    if whole and not (named := named + reading.in_account(finding)):
        return _leave(signal, Outcome.ALREADY_OK, "nothing of that kind is to be found in the account")
    signal = _with_names(reading, signal, named)
    identifier = {
        "CloudAccountUid": account or event.account,
        "FindingInfoUid": _mapping(finding.get("finding_info")).get("uid", ""),
        "MetadataProductUid": _mapping(_mapping(finding.get("metadata")).get("product")).get("uid", ""),
    }
    control = shown(compliance.get("control"))
    return signal._replace(findings=[HubFinding(identifier, control, _unique(reading, signal.named), is_ocsf=True)])


def _read_guardduty(event: SecurityEvent, reading: Reading) -> Signal:
    detail = event.detail
    if not isinstance(detail.get("type"), str):
        raise UnreadableEvent("the GuardDuty finding has no type")
    severity = detail.get("severity")
    is_urgent = isinstance(severity, int | float) and severity >= _CRITICAL
    threat = _threat(event, detail.get("id"), detail["type"], and_again_with="critical" if is_urgent else "")
    signal = threat._replace(source=f"GuardDuty {shown(detail['type'])}", is_threat=True, is_urgent=is_urgent)
    service = detail.get("service")
    if isinstance(service, Mapping) and service.get("archived") in (True, "true"):
        return _leave(signal, Outcome.NO_CHANGE, "the finding is archived")
    if _mapping(_mapping(service).get("additionalInfo")).get("sample") in (True, "true") and not reading.hears_failures:
        return _leave(signal, Outcome.NO_CHANGE, "it is a sample finding")
    if _is_elsewhere(detail.get("accountId"), detail.get("region"), event, reading):
        return _leave(signal, Outcome.ELSEWHERE, "the finding is about another account or region")
    return _with_names(reading, signal, reading.names(event.detail_type, detail))


def _read_access_analyzer(event: SecurityEvent, reading: Reading) -> Signal:
    detail = event.detail
    signal = _threat(event, detail.get("id"), f"Access Analyzer {detail.get('resourceType')}")._replace(
        source=f"Access Analyzer finding about {shown(detail.get('resource'))}"
    )
    if detail.get("error"):
        raise UnreadableEvent(f"Access Analyzer could not analyse {shown(detail.get('resource'))}: {shown(detail['error'])}")
    if detail.get("status") != "ACTIVE" or detail.get("isDeleted") is True:
        return _leave(signal, Outcome.NO_CHANGE, "the finding is not active")
    if _is_elsewhere(detail.get("accountId"), detail.get("region"), event, reading):
        return _leave(signal, Outcome.ELSEWHERE, "the finding is about another account or region")
    if reading.resource_type not in (detail.get("resourceType"), ANY_FINDING):
        raise UnreadableEvent(f"the Access Analyzer finding is about {shown(detail.get('resourceType'))}, not {reading.resource_type}")
    return _with_names(reading, signal, reading.names(event.detail_type, detail))


def _read_macie(event: SecurityEvent, reading: Reading) -> Signal:
    detail = event.detail
    signal = _threat(event, detail.get("id"), detail.get("type"))._replace(source=f"Macie {shown(detail.get('type'))}")
    if detail.get("archived") is True:
        return _leave(signal, Outcome.NO_CHANGE, "the finding is archived")
    if detail.get("sample") in (True, "true") and not reading.hears_failures:
        return _leave(signal, Outcome.NO_CHANGE, "it is a sample finding")
    if _is_elsewhere(detail.get("accountId"), detail.get("region"), event, reading):
        return _leave(signal, Outcome.ELSEWHERE, "the finding is about another account or region")
    return _with_names(reading, signal, reading.names(event.detail_type, detail))


def _read_health(event: SecurityEvent, reading: Reading) -> Signal:
    """Read an event of AWS Health. In the account that sees a whole organisation's, `affectedAccount` says whose it is.

    News of an event comes as long as it is open and once more when it is closed, then of what is over: what a person has taken back meanwhile stays so.
    https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html
    """
    detail = event.detail
    signal = _threat(event, detail.get("eventArn"), detail.get("eventTypeCode"))._replace(source=f"AWS Health {shown(detail.get('eventTypeCode'))}")
    if _is_elsewhere(detail.get("affectedAccount"), event.region, event, reading):
        return _leave(signal, Outcome.ELSEWHERE, "the event is about another account or region")
    if detail.get("statusCode") == "closed":
        return _leave(signal, Outcome.NO_CHANGE, "AWS has closed the event")
    entities = _mappings(detail.get("affectedEntities"))
    if entities and all(entity.get("status") == "RESOLVED" for entity in entities):
        return _leave(signal, Outcome.NO_CHANGE, "AWS calls all that the event names resolved")
    try:
        return _with_names(reading, signal, reading.names(event.detail_type, detail))
    except OnlyPeople as people:
        return _leave(signal, Outcome.REPORTED, str(people))


def _read_trusted_advisor(event: SecurityEvent, reading: Reading) -> Signal:
    """Read what Trusted Advisor has found: people hear of that whatever becomes of the resource. Each refresh tells of it again; once a day is news.

    Of a key it says in a word more whether it was found exposed or is only suspected: that is news by itself, and how people know the event.
    https://docs.aws.amazon.com/awssupport/latest/user/cloudwatch-events-ta.html
    """
    signal = _read_by_path(event, reading)
    if signal.leave:
        return signal
    check, fraud = shown(event.detail.get("check-name")), _mapping(event.detail.get("check-item-detail")).get("Fraud Type")
    said = f"{check}: {shown(fraud)}" if fraud else check
    found = " ".join([said, *map(shown, signal.named), event.time[:10]])
    return signal._replace(threat=found, kinds=[check], source=f"Trusted Advisor {said}")


def _read_schedule(event: SecurityEvent, reading: Reading) -> Signal:
    """Read the tick of a schedule: the remediation itself finds the resources worth a look, or looks at the account."""
    signal = Signal(id=event.id, time=event.time, source="the sweep", is_sweep=True)
    sweep = reading.named_by.get(event.detail_type)
    if sweep is None:
        raise UnreadableEvent("this remediation has no sweep")
    found = sweep(event.detail) if callable(sweep) else [event.account]
    return _with_names(reading, signal, found) if found else _leave(signal, Outcome.ALREADY_OK, "the sweep found nothing to look at")  # type: ignore[arg-type]  # a sweep returns names


def _read_stack(event: SecurityEvent, reading: Reading) -> Signal:
    """Read that this stack was made or updated: the first sweep, for who has one. What changes before it has nothing to be compared with."""
    if _SWEEP in reading.named_by:
        return _read_schedule(event._replace(detail_type=_SWEEP), reading)
    return _read_by_path(event, reading)


def _threat(event: SecurityEvent, finding: object, kind: object, *, and_again_with: str = "") -> Signal:
    """Return a signal of something that people hear of whatever becomes of the resource. Its id is the event's where the finding has none."""
    which = finding if isinstance(finding, str) and finding else event.id
    return Signal(event.id, event.time, "", threat=f"{which} {and_again_with}".strip(), kinds=[one for one in (kind, which) if isinstance(one, str)])


def _read_by_path(event: SecurityEvent, reading: Reading) -> Signal:
    kinds = [event.detail[part] for part in ("type", "findingArn") if isinstance(event.detail.get(part), str)]
    signal = Signal(id=event.id, time=event.time, source=shown(event.detail_type), kinds=kinds)
    if _is_elsewhere(event.account, event.region, event, reading):
        return _leave(signal, Outcome.ELSEWHERE, "the event is about another account or region")
    try:
        return _with_names(reading, signal, reading.names(event.detail_type, _with_resources(event)))
    except NothingLeft as nothing:
        return _leave(signal, Outcome.ALREADY_OK, str(nothing))


def _with_resources(event: SecurityEvent) -> Mapping[str, Any]:
    """Return the detail, and beside it the envelope's resources and id: some events (ACM's) have theirs only there."""
    return {"resources": event.resources, "id": event.id, **event.detail}


def understood(reading: Callable[[Mapping[str, Any]], _Read], detail: Mapping[str, Any]) -> _Read:
    """Return what a handler reads from an event's detail; if the detail is not as AWS documents it, raise `UnreadableEvent`."""
    try:
        return reading(detail)
    except (JMESPathError, AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise UnreadableEvent(f"the event does not have the form that AWS documents ({type(error).__name__}: {shown(str(error))})") from error


_READERS: Mapping[str, Callable[[SecurityEvent, Reading], Signal]] = {
    "AWS API Call via CloudTrail": _read_cloudtrail,
    "AWS Console Sign In via CloudTrail": _read_cloudtrail,
    "AWS Console Signin via CloudTrail": _read_cloudtrail,  # AWS's own guide spells it so, too
    "AWS Service Event via CloudTrail": _read_cloudtrail,
    "Config Rules Compliance Change": _read_config,
    "AWS Health Event": _read_health,
    "CloudFormation Stack Status Change": _read_stack,
    "Access Analyzer Finding": _read_access_analyzer,
    "GuardDuty Finding": _read_guardduty,
    "Macie Finding": _read_macie,
    "Trusted Advisor Check Item Refresh Notification": _read_trusted_advisor,
    _SWEEP: _read_schedule,
    "Security Hub Findings - Imported": _read_security_hub,
    "Security Hub Findings - Custom Action": _read_security_hub,
    "Findings Imported V2": _read_security_hub_v2,
}


def calls(where: str, *event_names: str) -> dict[str, str]:
    """Return the entries of `named_by` for calls that all name their resource in the same place."""
    return dict.fromkeys(event_names, where)


def account_calls(*event_names: str, sweep: str | Callable[[Mapping[str, Any]], object] = "") -> dict[str, str | Callable[[Mapping[str, Any]], object]]:
    """Return the entries of `named_by` for calls that change a setting of the account itself, and for the sweep that looks at it, if there is one.

    `sweep` is a function that returns the account if it is worth a look, or the word "account" if it always is.
    """
    return {**calls("recipientAccountId || userIdentity.accountId", *event_names), **({_SWEEP: sweep} if sweep else {})}


def without_date(name: str) -> str:
    """Return a call's name without the date of the API's version, which some records have behind it: `AddPermission` of `AddPermission20150331v2`."""
    return re.sub(r"\d{8}(v\d+)?$", "", name)


def request_of(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the request of a CloudTrail record as the tables of the handlers spell it; empty if the record came without."""
    name = without_date(str(record.get("eventName", "")))
    return _mapping(without_wrappers(name, spelled_alike(record)).get("requestParameters"))


def items_of(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a list as CloudTrail records EC2's: `{"items": [...]}`, a list, or a single one by itself."""
    if isinstance(value, Mapping):
        return _mappings(value["items"]) if "items" in value else [value] if value else []
    return _mappings(value)


def spelled_alike(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return the JSON with every key's first letter in lower case.

    CloudTrail spells the same member `groupId` in one event and `GroupId` in the next; the tables of the handlers spell it one way.
    """
    if isinstance(value, Mapping):
        if "content" in value and value.keys() <= {"content", "tag", "xmlns"}:  # a member of a list, as EC2's younger calls have it
            return spelled_alike(value["content"])
        return {f"{key[:1].lower()}{key[1:]}": spelled_alike(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [spelled_alike(inner) for inner in value]
    return None if value == "null" else value


def without_wrappers(name: str, record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the record of a call with what stands in `<Name>Request` and `<Name>Response` beside those: EC2's younger calls are recorded with them."""
    call = f"{name[:1].lower()}{name[1:]}"
    unwrapped = {}
    for part, wrapper in (("requestParameters", f"{call}Request"), ("responseElements", f"{call}Response")):
        given = _mapping(record.get(part))
        if isinstance(given.get(wrapper), Mapping):
            unwrapped[part] = {**given[wrapper], **given}
    return {**record, **unwrapped}


def _with_names(reading: Reading, signal: Signal, named: Iterable[object]) -> Signal:
    return signal._replace(named=_unique(reading, named))


def _unique(reading: Reading, named: Iterable[object]) -> list[str]:
    names = [name_in(reading.resource_type, name) for name in named]
    # What is no text is no name, whatever it says (False, 17), and no name has braces. It is refused in its turn, so that one does not stop the others.
    return list(dict.fromkeys(name if isinstance(name, str) else f"{{{name!r}}}" for name in names))


def _leave(signal: Signal, outcome: Outcome, why: str) -> Signal:
    return signal._replace(leave=outcome, why=why)


def _is_open(finding: Mapping[str, Any]) -> bool:
    compliance, workflow = finding.get("Compliance"), finding.get("Workflow")
    return (
        isinstance(compliance, Mapping)
        and compliance.get("Status") == "FAILED"
        and finding.get("RecordState") == "ACTIVE"
        and (workflow.get("Status") if isinstance(workflow, Mapping) else None) in _OPEN_WORKFLOW
    )


def _control(finding: Mapping[str, Any]) -> str:
    compliance = finding.get("Compliance")
    control = compliance.get("SecurityControlId") if isinstance(compliance, Mapping) else None
    return shown(control or finding.get("GeneratorId", "finding"))


def _is_elsewhere(account: object, region: object, event: SecurityEvent, reading: Reading) -> bool:
    if not reading.account:
        return False
    return (account or event.account) != reading.account or (region or event.region) != reading.region


def _is_of_others(record: Mapping[str, Any], reading: Reading) -> bool:
    """Tell whether CloudTrail says that every resource of the call is another account's. A report tells of the caller, whosever the resource."""
    owners = {resource["accountId"] for resource in _mappings(record.get("resources")) if isinstance(resource.get("accountId"), str)}
    return bool(owners) and bool(reading.account) and reading.account not in owners and not reading.hears_failures


def _missing(detail: Mapping[str, Any]) -> str:
    """Return what to say of a call whose record came without its request or its answer, where the name may have been; nothing of every other event.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    """
    if "eventName" not in detail:
        return ""
    by_hand = "look at the call by hand"
    for part, what in (("requestParameters", "the request"), ("responseElements", "the answer")):
        if (given := _mapping(detail.get(part))).get("omitted"):
            return f": CloudTrail left {what} out ({shown(given.get('reason'))}); {by_hand}"
    missing = [what for part, what in (("requestParameters", "its request"), ("responseElements", "its answer")) if not detail.get(part)]
    return f": the record came without {' and '.join(missing)}; {by_hand}" if missing else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _depth(value: object) -> int:
    """Return how deep the JSON is nested, without recursion: an event may be made to exhaust the stack."""
    level, depth = [value], 0
    while level and depth <= _DEEPEST:
        level = [inner for outer in level for inner in (outer.values() if isinstance(outer, Mapping) else outer if isinstance(outer, list) else ())]
        depth += 1
    return depth
