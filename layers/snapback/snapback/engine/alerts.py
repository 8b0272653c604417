"""Telling people: one SNS message per outcome, understandable at three in the morning.

One publish serves all subscribers (`MessageStructure: json`): plain text for e-mail, one line for SMS, and for programs (all others) a JSON with a
version; its schema is docs/alert.schema.json. Over HTTPS that stands in a custom notification of Amazon Q Developer, for chat channels.
What is told is gathered here; how it is said is `wording`, `links`, `ocsf` and `version_1`, which are read only once there is something to tell.
Everything in it that came out of an event is escaped and cut.
https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
"""

import json
import os
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, Protocol

import jmespath

from snapback.engine import clock, findings, fixes, names, notices, settings, severities
from snapback.engine.clients import platform
from snapback.engine.definition import Definition
from snapback.engine.disclosure import disclosed
from snapback.engine.errors import UnreadableEvent
from snapback.engine.events import Signal, understood
from snapback.engine.exemptions import FINDING, NO_REASON, NOBODY
from snapback.engine.fixes import Fix
from snapback.engine.invocation import Invocation
from snapback.engine.names import shown
from snapback.engine.outcomes import NEEDS_PERSON, Outcome

VERSION = "2.0"
"""Version of the JSON; the first number is raised when a field changes its meaning or goes."""
FORMER, OCSF = "1.0", "ocsf"
"""What subscribers may ask for in its place by the parameter AlertVersion."""

LONGEST_SUBJECT = 100
"""Characters; https://docs.aws.amazon.com/sns/latest/api/API_Publish.html."""
LARGEST = 250_000
"""Bytes of a message with its attributes, of the 262,144 that SNS and SQS take."""
_LONGEST_ATTRIBUTE = 256
"""Characters of the attributes by which subscribers choose."""
_LONGEST_REASON = 2_000
_LONGEST_KEY = 255
"""Characters of what a ticket or an incident is known by; PagerDuty, for one, takes no more."""
_SERVICES = {"": "account", "certificatemanager": "acm"}
"""Services whose name in a resource type nobody would look for."""


class Notifiable(Protocol):
    """What an alert tells of: one resource and how it ended (`case.Case`)."""

    remediation: Definition
    resource: str
    signal: Signal
    invocation: Invocation
    fix: Fix
    outcome: Outcome
    can_be_retried: bool
    tags: Mapping[str, str] | None

    @property
    def is_disruptive(self) -> bool:
        """Tell whether the fix may stop what works."""

    @property
    def age(self) -> float:
        """Return how many seconds ago the event happened."""


class Room(NamedTuple):
    """How much of each list an alert spells out."""

    items: int
    """Of what was wrong, is still wrong, and was called."""
    longest: int
    """Characters of an item as JSON."""


_ROOMS = (Room(20, 1_500), Room(10, 1_000), Room(5, 500), Room(3, 200), Room(0, 0))
"""From the most to the least: the first is taken with which the alert is not too large. Who, where, why and the commands always fit."""


def seconds(time: str) -> float:
    """Return an ISO 8601 time as seconds since 1970; a time that cannot be read counts as long ago."""
    try:
        return datetime.fromisoformat(time).timestamp()
    except ValueError:
        return 0.0


def utc(moment: float) -> str:
    """Return `2026-11-24 03:10:00 UTC`."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def iso(moment: float) -> str:
    """Return `2026-11-24T03:10:00Z`."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Telling(NamedTuple):
    """How alerts are told, by the parameters AlertVersion, AccountAlias, OwnerTag and RunbookUrl: one variable, as a function's environment holds 4 KB."""

    version: str
    alias: str
    owner_tag: str
    runbook: str
    """The address at which the owner shows the runbook; nothing if they do not say."""

    @classmethod
    def read(cls) -> "Telling":
        """Read the variable."""
        version, alias, owner_tag, runbook, *_ = [*settings.text("ALERTS").split(" "), "", "", ""]
        return cls(version, alias, owner_tag, runbook)


def notify(case: "Notifiable", outcome: Outcome, *, together: bool = False, is_kept: bool = True) -> None:
    """Publish the outcome to the topic, or in a storm put it off, to be told together with others.

    `is_kept`: its id leads to an entry of the journal, as of all that was claimed; what is not is in the log alone.
    Raises what SNS or SQS raises: an alert that cannot be sent is tried again, never dropped.
    """
    from snapback.engine import wording  # noqa: PLC0415 - a millisecond of each cold start, for what most invocations do not need

    contains = case.remediation.writes and case.remediation.answers_threats
    steps_to = "contain it" if contains else "put it right" if case.remediation.shows_steps else ""
    for room in _ROOMS:
        facts = _facts(case, outcome, room, is_kept=is_kept)
        subject, text = wording.subject(facts)[:LONGEST_SUBJECT], wording.mail(facts, steps_to=steps_to)
        if len(message := _forms(facts, subject, text)) <= LARGEST:
            break
    if together:
        waiting = notices.put_off(facts)
        platform("sqs").send_message(QueueUrl=settings.text("STORM_QUEUE"), MessageBody=json.dumps({"alert": waiting}))
    else:
        _send(facts, subject, message)


def facts_of(**said: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return the JSON for programs of any alert: what is said, told now; every member of which nothing is said says so (docs/alert.schema.json).

    `said` has at least outcome, remediation, problem, severity, service, account, region and resource.
    """
    from snapback.engine import wording  # noqa: PLC0415 - as above

    silent: dict[str, Any] = {
        "id": "",
        "in_journal": False,
        "summary": "",
        "severity_score": severities.SCORES[said["severity"]],
        "needs_person": said["outcome"] in NEEDS_PERSON,
        "threat": False,
        "disruptive": False,
        "account_alias": Telling.read().alias,
        "partition": names.partition_of(said["region"]),
        "owner": None,
        "dedup_key": "/".join(said[part] for part in ("account", "region", "remediation")),
        "trigger": {"from": "", "event": "", "at": None, "cloudtrail_event_id": None, "finding_arn": None},
        "actor": None,
        "stack": None,
        "reason": "",
        "before": [],
        "left": [],
        "after": None,
        "calls": [],
        "finding": None,
        "controls": [],
        "frameworks": [],
        "links": {},
        "commands": {},
    }
    facts = {"version": VERSION, "told_at": iso(clock.now()), **silent, **said}
    headline = said.get("headline") or wording.headline(facts)
    title = wording.title(headline, said["problem"])
    counts = {f"{part}_count": len(facts[part]) for part in ("before", "left", "calls")}
    return {**counts, **facts, "headline": headline, "title": title}


def publish(facts: Mapping[str, Any], subject: str, text: str) -> None:
    """Publish an alert for all kinds of subscribers at once."""
    _send(facts, subject[:LONGEST_SUBJECT], _forms(facts, subject[:LONGEST_SUBJECT], text))


def _send(facts: Mapping[str, Any], subject: str, message: str) -> None:
    of_choice = ("remediation", "outcome", "severity", "account", "region", "service", "disruptive")  # with three more: SQS takes ten with raw delivery
    said = _former(facts) if Telling.read().version == FORMER else facts
    chosen = {part: said[part] for part in (*of_choice, *(part for part in ("needs_person", "owner") if said.get(part) is not None))}
    platform("sns").publish(
        TopicArn=settings.text("TOPIC_ARN"),
        Subject=subject,
        MessageStructure="json",
        Message=message,
        MessageAttributes={
            name: {"DataType": "String", "StringValue": (str(value).lower() if isinstance(value, bool) else str(value))[:_LONGEST_ATTRIBUTE] or "-"}
            for name, value in {**chosen, "resource": facts["resource"]["name"]}.items()
        },
    )


def _forms(facts: Mapping[str, Any], subject: str, text: str) -> str:
    """Return the message as SNS gets it, in ASCII: as many bytes as characters."""
    from snapback.engine import wording  # noqa: PLC0415 - as above

    version = Telling.read().version
    chat = wording.chat(facts, subject)
    program: Mapping[str, Any] = facts
    web: Mapping[str, Any] = {**chat, "alert": facts}
    if version == FORMER:
        program = _former(facts)
        web = {**program, **chat}
    elif version == OCSF:
        from snapback.engine import ocsf  # noqa: PLC0415 - as above

        program = ocsf.event_of(facts)
    said = {"default": json.dumps(program, sort_keys=True), "email": text, "sms": subject, "https": json.dumps(web, sort_keys=True)}
    return json.dumps(said)


def _former(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    from snapback.engine import version_1  # noqa: PLC0415 - as above

    return version_1.of(facts)


def command(case: "Notifiable", payload: Mapping[str, Any]) -> str:
    """Return the shell command that gives this remediation's function an operator command, ready to paste: in ASCII, with nothing that is markup in chat.

    The AWS CLI waits a minute for an answer, then sends the command again, while the function may be at work for fifteen: it is told to wait.
    https://docs.aws.amazon.com/cli/latest/reference/lambda/invoke.html
    """
    said = json.dumps({**payload, **case.invocation.meant})
    for mark in "<>`":
        said = said.replace(mark, f"\\u{ord(mark):04x}")
    region = f" --region {case.invocation.region}" if case.invocation.region else ""
    return (
        f"aws lambda invoke --function-name {case.invocation.function}{region} "
        f"--cli-read-timeout 0 --cli-binary-format raw-in-base64-out --payload {shlex.quote(said)} /dev/stdout"
    )


def _facts(case: "Notifiable", outcome: Outcome, room: Room, *, is_kept: bool) -> dict[str, Any]:
    """Return the JSON for programs."""
    from snapback.engine import controls  # noqa: PLC0415 - as above

    fix, remediation, where, signal = case.fix, case.remediation, case.invocation, case.signal
    finding = _finding(signal)
    if finding and remediation.contained and outcome is Outcome.FIXED and "stays" not in fix.notes:
        finding = {**finding, "first_steps": findings.STEPS_ONCE_CONTAINED}
    is_sample = bool(finding and finding["sample"])
    is_threat = not is_sample and (signal.is_threat or _is_taken_off(case) or bool(remediation.contained and signal.threat))
    score = _severity_score(case, finding)
    telling = Telling.read()
    owner = (case.tags or {}).get(telling.owner_tag) if telling.owner_tag else None
    kind = remediation.type_of(signal.detail) if remediation.type_of else remediation.resource
    calls = [_cut(call, room, is_kept=is_kept) for call in fix.calls[: room.items]]
    return facts_of(
        id=fix.id,
        in_journal=bool(fix.id) and is_kept,
        outcome=outcome.value,
        headline="Sample, nothing happened" if is_sample else _headline(case, outcome, is_threat=is_threat),
        problem=(finding["title"] or finding["type"]).removesuffix(".") if finding and signal.is_threat else remediation.matter,
        severity=severities.word_of(score),
        severity_score=score,
        needs_person=is_threat
        or "stays" in fix.notes
        or (outcome is Outcome.UNDONE and bool(remediation.contained) and not remediation.expires_after)
        or (outcome in NEEDS_PERSON and not is_sample and not (outcome is Outcome.WOULD_FIX and "warning" in fix.notes)),
        threat=is_threat,
        remediation=remediation.name,
        summary=remediation.summary,
        service=_service_of(remediation.resource),
        disruptive=case.is_disruptive,
        account=where.account,
        region=where.region,
        resource={
            "type": kind,
            "name": case.resource,
            "arn": (names.public_arn(kind, case.resource, account=where.account, region=where.region) or _arn_in(case) or None) if _is_one(case) else None,
        },
        owner=shown(owner, _LONGEST_ATTRIBUTE) if owner else None,
        dedup_key=_dedup_key(case),
        trigger={
            "from": shown(signal.source, 300),
            "event": shown(signal.id, 200),
            "at": iso(at) if (at := seconds(signal.time)) else None,
            "cloudtrail_event_id": _cloudtrail_event(signal) or None,
            "finding_arn": (finding["arn"] if finding else "") or None,
        },
        actor=_actor(case),
        stack=shown(fix.notes["stack"]) if "stack" in fix.notes else None,
        reason=" ".join(part for part in (fix.reason, *(fix.notes.get(note) for note in ("warning", "mode", "opt-in", "tag", "stays", "end"))) if part)[
            :_LONGEST_REASON
        ],
        before=[_cut(disclosed(item), room, is_kept=is_kept) for item in fix.evidence[: room.items]],
        before_count=len(fix.evidence),
        left=[_cut(disclosed(item), room, is_kept=is_kept) for item in fix.left[: room.items]],
        left_count=len(fix.left),
        after=_cut(disclosed(fix.after), room, is_kept=is_kept),
        calls=calls,
        calls_count=len(fix.calls),
        finding=finding,
        **controls.of(remediation.name),
        links=_links(case, outcome, finding, kind),
        commands=_commands(case, outcome),
    )


def _commands(case: "Notifiable", outcome: Outcome) -> dict[str, str]:
    """Return what a person can do next, each as a shell command that is ready to paste."""
    fix, remediation = case.fix, case.remediation
    week = datetime.fromtimestamp(clock.now() + timedelta(days=7).total_seconds(), UTC).date().isoformat()
    commands = {}
    answered = {"owner": NOBODY, "reason": NO_REASON, "until": week}
    if case.signal.kinds:
        commands["silence"] = command(case, {"silence": {"finding": case.signal.kinds[-1], **answered}})
    if remediation.writes and case.resource != case.invocation.account and not fix.notes.get("ended_by"):
        commands["exempt"] = command(case, {"exempt": {"resource": remediation.exempt_as(case.resource), **answered}})
    has_changed = outcome in (Outcome.FIXED, Outcome.PARTIAL) or (outcome is Outcome.UNVERIFIED and bool(fix.calls))
    failed_to_undo = outcome in (Outcome.UNVERIFIED, Outcome.UNDO_REFUSED) and bool(fix.undoing)
    if (has_changed or failed_to_undo) and remediation.undo:
        commands["undo"] = command(case, {"undo": fix.id, "reason": NO_REASON, "by": NOBODY})
    if outcome in (Outcome.REPORTED, Outcome.UNDONE) and remediation.remember:
        commands["accept"] = command(case, {"accept": case.resource, "reason": NO_REASON, "by": NOBODY})
    if remediation.writes and not fix.undoing and (case.can_be_retried or outcome in (Outcome.FAILED, Outcome.PARTIAL, Outcome.UNVERIFIED)):
        commands["retry"] = command(case, {"retry": fix.id, "by": NOBODY})
    if outcome is Outcome.UNDONE and "ended_by" in fix.notes and remediation.writes:
        commands["retry"] = command(case, {"retry": fix.id, "by": NOBODY})
    is_whole = outcome is Outcome.WOULD_FIX and not fix.reason  # AWS refused none of the calls that show what to do
    if is_whole or (fix.applies and outcome in (Outcome.HELD, Outcome.CONTESTED)):
        commands["apply"] = command(case, {"apply": fix.applies or fix.id, "by": NOBODY})
    if outcome in (Outcome.HELD, Outcome.CONTESTED):
        commands["release"] = command(case, {"release": case.resource, "by": NOBODY})
    for name, what in fix.notes.get("ended_by", {}).items():  # what a person has just decided
        commands[name] = command(case, {name: what, "by": NOBODY})
    return commands


def _headline(case: "Notifiable", outcome: Outcome, *, is_threat: bool) -> str:
    """Return what is true now, of the threat before the fix."""
    from snapback.engine import wording  # noqa: PLC0415 - as above

    if said := case.fix.notes.get("headline"):
        return str(said)
    if _is_taken_off(case):
        return wording.of_what_was_taken_off(outcome, stays="stays" in case.fix.notes)
    return wording.headline(
        {"outcome": outcome.value, "threat": is_threat}, contained=case.remediation.contained, stays="stays" in case.fix.notes, writes=case.remediation.writes
    )


def _severity_score(case: "Notifiable", finding: Mapping[str, Any] | None) -> int:
    """Return how bad it is, as the threat's finder says, else as the handler's manual does."""
    if finding and finding["sample"]:
        return severities.SCORES["informational"]
    if finding and case.signal.is_threat:
        return int(finding["severity_score"])
    worse = case.remediation.worse(case.fix.evidence) if case.remediation.worse else ""
    own = severities.SCORES[worse or case.remediation.severity]
    return max(own, severities.SCORES["high"]) if _is_taken_off(case) else own


def _is_one(case: "Notifiable") -> bool:
    """Tell whether it is about one resource: not about the remediation as a whole, all whose names begin so, or a finding that a person has silenced."""
    return case.resource != case.invocation.account and not case.resource.endswith("*") and not case.resource.startswith(FINDING)


_OF_IAM: Final[Mapping[str, str]] = {"AWS::IAM::Role": "role", "AWS::IAM::RoleSessions": "role", "AWS::IAM::User": "user"}
"""Types whose ARN has a path that the name does not tell -> what stands before that."""
_SAYS_WHICH: Final = (
    "resource || responseElements.role.arn || responseElements.user.arn",  # an analyzer's finding; what a call has made
    "findings[0].Resources[0].Id || findings[0].resources[0].uid",
    "userIdentity.sessionContext.sessionIssuer.arn || userIdentity.arn",  # who has changed itself
)
"""Where AWS itself, not a caller, spells the whole ARN."""


def _arn_in(case: "Notifiable") -> str:
    """Return the ARN of a user or role where the trigger has it: a name alone does not tell its path, and an ARN without the path would be another's."""
    if (kind := _OF_IAM.get(case.remediation.resource)) is None:
        return ""
    where = case.invocation
    own = f"arn:{names.partition_of(where.region)}:iam::{where.account}:{kind}/"
    found = [jmespath.search(path, case.signal.detail) for path in _SAYS_WHICH]
    return next((shown(arn, 700) for arn in found if isinstance(arn, str) and arn.startswith(own) and arn.rpartition("/")[2] == case.resource), "")


def _service_of(resource_type: str) -> str:
    service = resource_type.split("::")[1].lower()
    return _SERVICES.get(service, service)


def _dedup_key(case: "Notifiable") -> str:
    """Return what is the same for all alerts of one matter: a remediation's about one resource; a report's about one finding, or one event."""
    where = case.invocation
    parts = [where.account, where.region, case.remediation.name, case.resource]
    if not case.remediation.writes:
        parts.append(case.remediation.occasion(case.signal) if case.signal.event else case.signal.id)
    key = shown("/".join(parts), 10 * _LONGEST_KEY)
    return key if len(key) <= _LONGEST_KEY else f"{key[: _LONGEST_KEY - 20]}-{fixes.fix_id(key)}"


def _cloudtrail_event(signal: Signal) -> str:
    event = signal.detail.get("eventID") if signal.is_called else None
    return shown(event, 100) if isinstance(event, str) else ""


def _links(case: "Notifiable", outcome: Outcome, finding: Mapping[str, Any] | None, kind: str) -> dict[str, str]:
    """Return where each thing that the alert names is to be seen."""
    from snapback.engine import links  # noqa: PLC0415 - as above

    region = case.invocation.region
    which = (finding["arn"] if finding["found_by"] == "Security Hub" else finding["id"]) if finding else ""
    found = {
        "resource": links.of_resource(kind, case.resource if _is_one(case) else "", region),
        "finding": links.of_finding(finding["found_by"], which, region) if finding else "",
        "event": links.of_event(_cloudtrail_event(case.signal), region),
        "log": links.of_log(os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME", ""), os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", ""), region, since=clock.now() - 60),
        "runbook": links.of_runbook(outcome.value, remediation=case.remediation.name, runbook=Telling.read().runbook),
    }
    if found["finding"] and case.remediation.resource in _FINDINGS:  # the finding's own page is nearer
        found["resource"] = ""
    return {name: link for name, link in found.items() if link}


def _is_taken_off(case: "Notifiable") -> bool:
    """Tell whether the trigger is a call by which somebody has taken off what contained a threat: it was known by its fix."""
    return case.signal.source in case.remediation.taken_off_by


_FINDINGS = ("AWS::GuardDuty::Finding", "AWS::InspectorV2::Finding", "AWS::Macie::Finding")
"""Types of what is a finding itself."""
_FOUND_BY = ("Access Analyzer", "Macie", "Inspector")


def _finding(signal: Signal) -> dict[str, Any] | None:
    """Return the finding that was the trigger, as far as it is known."""
    if signal.is_threat:
        try:
            return understood(findings.summary, signal.detail)
        except UnreadableEvent:  # the alert goes out without
            return None
    if signal.findings:
        first = signal.findings[0]
        which: object = first.identifier.get("Id") or first.identifier.get("FindingInfoUid")
        return findings.named("Security Hub", which if isinstance(which, str) else "", first.control)
    arn = signal.detail.get("findingArn")
    if isinstance(arn, str):
        return findings.named("Inspector", arn, str(signal.detail.get("type", "")))
    by = next((one for one in _FOUND_BY if signal.source.startswith(one)), "")
    return findings.named(by, str(signal.detail.get("id", "")), str(signal.detail.get("type") or "")) if by else None


def _actor(case: "Notifiable") -> dict[str, Any] | None:
    actor = case.signal.actor
    if actor is None:
        return None
    return {
        "text": str(actor),
        "name": actor.name,
        "arn": actor.arn,
        "session": actor.session,
        "address": actor.address,
        "tool": actor.tool,
        "pipeline": actor.is_pipeline,
    }


def _cut(item: object, room: Room, *, is_kept: bool) -> Any:  # noqa: ANN401 - any JSON
    """Return the JSON as it is if there is room for it, and the beginning of its text if not: an alert is cut, never lost."""
    text = json.dumps(item)
    where = "; the journal has all of it" if is_kept else ""
    return item if len(text) <= max(room.longest, len("null")) else f"{text[: room.longest]}... (cut{where})"
