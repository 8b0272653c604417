"""Telling people: one SNS message per outcome, understandable at three in the morning.

One publish serves all subscribers (`MessageStructure: json`): plain text for e-mail, one line for SMS, and for programs (all others) a JSON with a
version; its schema is docs/alert.schema.json. Over HTTPS it also has the fields of Amazon Q Developer's custom notifications, for chat channels.
Everything in it that came out of an event is escaped and cut.
https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
"""

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Protocol

from snapback.engine import clock, findings, journal, settings
from snapback.engine.clients import platform
from snapback.engine.definition import Definition
from snapback.engine.disclosure import disclosed
from snapback.engine.errors import UnreadableEvent
from snapback.engine.events import Signal, understood
from snapback.engine.exemptions import NO_REASON, NOBODY
from snapback.engine.invocation import Invocation
from snapback.engine.journal import Fix
from snapback.engine.names import shown
from snapback.engine.outcomes import SEVERITY, Outcome

VERSION = "1.0"
"""Version of the JSON; the first number is raised when a field changes its meaning or goes. Also the version of Amazon Q's custom notifications."""

LONGEST_SUBJECT = 100
"""Characters; https://docs.aws.amazon.com/sns/latest/api/API_Publish.html."""
LARGEST = 250_000
"""Bytes of a message with its attributes, of the 262,144 that SNS and SQS take."""
_LONGEST_ATTRIBUTE = 256
"""Characters of the attributes by which subscribers choose."""
_LONGEST_CHAT = 4_000
_ONE_WORD = r"\w[\w:/.=+@-]{0,1000}"
"""What can be put into the command of a button."""
_LONGEST_REASON = 2_000
_LONGEST_LINE = 2_000


class Notifiable(Protocol):
    """What an alert tells of: one resource and how it ended (`case.Case`)."""

    remediation: Definition
    resource: str
    signal: Signal
    invocation: Invocation
    fix: Fix
    outcome: Outcome
    can_be_retried: bool

    @property
    def is_disruptive(self) -> bool:
        """Tell whether the fix may stop what works."""

    @property
    def age(self) -> float:
        """Return how many seconds ago the event happened."""


class Room(NamedTuple):
    """How much of each list an alert spells out; the journal has it all."""

    items: int
    """Of what was wrong, is still wrong, and was called."""
    longest: int
    """Characters of an item as JSON."""


_ROOMS = (Room(20, 1_500), Room(10, 1_000), Room(5, 500), Room(3, 200), Room(0, 0))
"""From the most to the least: the first is taken with which the alert is not too large. Who, where, why and the commands always fit."""

_HEADLINE = {
    Outcome.FIXED: "The problem was put right",
    Outcome.WOULD_FIX: "Preview: there is a problem, and nothing was changed",
    Outcome.HELD: "NOT fixed: held until a person decides",
    Outcome.CONTESTED: "NOT fixed: somebody or something keeps breaking it",
    Outcome.PARTIAL: "Only a part of the problem was put right",
    Outcome.FAILED: "NOT fixed: AWS refused the call",
    Outcome.UNVERIFIED: "Perhaps not fixed: the problem is still to be seen",
    Outcome.REPORTED: "Please look at this: there is nothing that Snapback could fix",
    Outcome.UNDONE: "A fix was taken back",
    Outcome.UNDO_REFUSED: "A fix could NOT be taken back",
    Outcome.EXEMPTED: "An exemption or a silence was granted, or has ended",
    Outcome.ACCEPTED: "A change was accepted by a person",
    Outcome.CHOSEN: "A person has chosen a remediation's mode",
}

_HEADLINE_OF_A_THREAT = {
    Outcome.FIXED: "A threat was contained. Now find out what happened",
    Outcome.WOULD_FIX: "A threat was seen, and nothing was done about it: this is a preview",
    Outcome.REPORTED: "A threat was seen, and it is left to you",
}
"""What is true of the threat comes before what is true of the fix."""

_HEADLINE_OF_WHAT_WAS_TAKEN_OFF = {
    Outcome.FIXED: "Somebody took off what contained a threat, and it is contained again",
    Outcome.WOULD_FIX: "Somebody took off what contained a threat, and nothing was done about it: this is a preview",
}
"""Whoever has it taken off rightly uses the undo command, which is no such call."""

_HEADLINE_WITH_MORE = "What this remediation is for was put right, and something stays: see the reason"
"""What is true of a resource that lets in others still, by something that the fix was not for, and of a threat that is contained in part."""


def seconds(time: str) -> float:
    """Return an ISO 8601 time as seconds since 1970; a time that cannot be read counts as long ago."""
    try:
        return datetime.fromisoformat(time).timestamp()
    except ValueError:
        return 0.0


def utc(moment: float) -> str:
    """Return `2026-11-24 03:10:00 UTC`."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def notify(case: "Notifiable", outcome: Outcome, *, together: bool = False) -> None:
    """Publish the outcome to the topic, or in a storm put it off, to be told together with others.

    Raises what SNS or SQS raises: an alert that cannot be sent is tried again, never dropped.
    """
    subject = subject_of(case, outcome)
    for room in _ROOMS:
        facts = _facts(case, outcome, room)
        text = _text(case, outcome, facts)
        if len(_forms(subject, text, facts)) <= LARGEST:
            break
    if together:
        waiting = journal.put_off(facts)
        platform("sqs").send_message(QueueUrl=settings.text("STORM_QUEUE"), MessageBody=json.dumps({"alert": waiting}))
    else:
        publish(subject, text, facts)


def facts_of(**said: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return the JSON for programs of any alert: what is said, told now; every member of which nothing is said says so (docs/alert.schema.json)."""
    silent: dict[str, Any] = {
        "id": "",
        "disruptive": "false",
        "actor": None,
        "stack": None,
        "before": [],
        "left": [],
        "after": None,
        "calls": [],
        "finding": [],
        "commands": {},
    }
    facts = {"version": VERSION, "told_at": utc(clock.now()), **silent, **said}
    return {"before_count": len(facts["before"]), "calls_count": len(facts["calls"]), **facts}


def publish(subject: str, text: str, facts: Mapping[str, Any]) -> None:
    """Publish an alert for all kinds of subscribers at once."""
    platform("sns").publish(
        TopicArn=settings.text("TOPIC_ARN"),
        Subject=subject,
        MessageStructure="json",
        Message=_forms(subject, text, facts),
        MessageAttributes={
            name: {"DataType": "String", "StringValue": str(value)[:_LONGEST_ATTRIBUTE] or "-"}
            for name, value in (
                *((part, facts[part]) for part in ("remediation", "outcome", "severity", "account", "region", "service", "disruptive")),
                ("resource", facts["resource"]["name"]),
            )
        },
    )


def _forms(subject: str, text: str, facts: Mapping[str, Any]) -> str:
    """Return the message as SNS gets it, in ASCII: as many bytes as characters."""
    program = json.dumps(facts, sort_keys=True)
    web = json.dumps({**facts, **_chat(facts, subject, text)}, sort_keys=True)
    return json.dumps({"default": program, "email": text, "sms": subject, "https": web})


def subject_of(case: "Notifiable", outcome: Outcome) -> str:
    """Return `FIXED revoke-open-ingress sg-0123… in 111122223333 us-east-1`: at most 100 ASCII characters, on one line."""
    where = f" in {case.invocation.account} {case.invocation.region}".rstrip()
    room = LONGEST_SUBJECT - len(f"[Snapback] {outcome} {case.remediation.name} {where}")
    return f"[Snapback] {outcome} {case.remediation.name} {shown(case.resource, room)}{where}"[:LONGEST_SUBJECT]


def command(case: "Notifiable", payload: Mapping[str, Any]) -> str:
    """Return the shell command that gives this remediation's function an operator command, ready to paste."""
    region = f" --region {case.invocation.region}" if case.invocation.region else ""
    return (
        f"aws lambda invoke --function-name {case.invocation.function}{region} "
        f"--cli-binary-format raw-in-base64-out --payload {shlex.quote(json.dumps(payload))} /dev/stdout"
    )


def _facts(case: "Notifiable", outcome: Outcome, room: Room) -> dict[str, Any]:
    """Return the JSON for programs."""
    fix, remediation = case.fix, case.remediation
    month = datetime.fromtimestamp(clock.now() + timedelta(days=30).total_seconds(), UTC).date().isoformat()
    commands = {}
    answered = {"owner": NOBODY, "reason": NO_REASON, "until": month}
    if case.signal.kinds:
        commands["silence"] = command(case, {"silence": {"finding": case.signal.kinds[-1], **answered}})
    if remediation.writes and case.resource != case.invocation.account and not fix.notes.get("ended_by"):
        commands["exempt"] = command(case, {"exempt": {"resource": case.resource, **answered}})
    has_changed = outcome in (Outcome.FIXED, Outcome.PARTIAL) or (outcome is Outcome.UNVERIFIED and bool(fix.calls))
    failed_to_undo = outcome in (Outcome.UNVERIFIED, Outcome.UNDO_REFUSED) and bool(fix.undoing)
    if (has_changed or failed_to_undo) and remediation.undo:
        commands["undo"] = command(case, {"undo": fix.id, "reason": NO_REASON, "by": NOBODY})
    if outcome in (Outcome.REPORTED, Outcome.UNDONE) and remediation.remember:
        commands["accept"] = command(case, {"accept": case.resource, "reason": NO_REASON, "by": NOBODY})
    if remediation.writes and not fix.undoing and (case.can_be_retried or outcome in (Outcome.FAILED, Outcome.PARTIAL, Outcome.UNVERIFIED)):
        commands["retry"] = command(case, {"retry": fix.id, "by": NOBODY})
    is_whole = outcome is Outcome.WOULD_FIX and not fix.reason  # AWS refused none of the calls that show what to do
    if is_whole or (fix.applies and outcome in (Outcome.HELD, Outcome.CONTESTED)):
        commands["apply"] = command(case, {"apply": fix.applies or fix.id, "by": NOBODY})
    if outcome in (Outcome.HELD, Outcome.CONTESTED):
        commands["release"] = command(case, {"release": case.resource, "by": NOBODY})
    for name, what in fix.notes.get("ended_by", {}).items():  # what a person has just decided
        commands[name] = command(case, {name: what, "by": NOBODY})
    said = {
        "id": fix.id,
        "outcome": outcome.value,
        "severity": "high" if _is_high(case.signal) or _is_taken_off(case) else SEVERITY[outcome],
        "remediation": remediation.name,
        "summary": remediation.summary,
        "service": remediation.resource.split("::")[1].lower(),
        "disruptive": str(case.is_disruptive).lower(),
        "account": case.invocation.account,
        "region": case.invocation.region,
        "resource": {"type": remediation.resource, "name": case.resource},
        "heard": {"from": shown(case.signal.source, 300), "event": shown(case.signal.id, 200), "at": shown(case.signal.time)},
        "actor": _actor(case),
        "stack": shown(fix.notes["stack"]) if "stack" in fix.notes else None,
        "reason": " ".join(part for part in (fix.reason, *(fix.notes.get(note) for note in ("warning", "mode", "opt-in", "tag", "stays", "end"))) if part)[
            :_LONGEST_REASON
        ],
        "before": [_cut(disclosed(item), room) for item in fix.evidence[: room.items]],
        "before_count": len(fix.evidence),
        "left": [_cut(disclosed(item), room) for item in fix.left[: room.items]],
        "after": _cut(disclosed(fix.after), room),
        "calls": [_cut(call, room) for call in fix.calls[: room.items]],
        "calls_count": len(fix.calls),
        "finding": [_cut(disclosed(fact), room) for fact in _finding(case)],
        "commands": commands,
    }
    return facts_of(**said)


def _is_taken_off(case: "Notifiable") -> bool:
    """Tell whether the trigger is a call by which somebody has taken off what contained a threat: it was known by its fix."""
    return case.signal.source in case.remediation.taken_off_by


def _is_high(signal: Signal) -> bool:
    """Tell whether the trigger is a threat of high severity: then a person must act, whatever became of the resource."""
    severity = signal.detail.get("severity")
    return signal.is_threat and isinstance(severity, int | float) and severity >= findings.HIGH


def _finding(case: Notifiable) -> Sequence[Mapping[str, str]]:
    """Return what people should know of the finding that a fix answers; a report has it as what was wrong."""
    if not case.signal.is_threat or not case.remediation.writes:
        return []
    try:
        return understood(findings.facts, case.signal.detail)
    except UnreadableEvent:  # the alert goes out without
        return []


def _chat(facts: Mapping[str, Any], subject: str, text: str) -> dict[str, Any]:
    """Return the fields of a custom notification; what belongs to one resource is one thread.

    https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
    """
    name = f"{facts['remediation']} {facts['resource']['name']}"
    buttons = _buttons(facts["commands"])
    return {
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": subject,
            "description": "```\n{}\n```".format(text[:_LONGEST_CHAT].replace("```", "'''")),  # nothing in it ends the block
            "nextSteps": [f"{what}: `{command}`" for what, command in facts["commands"].items() if what not in ("exempt", "silence")],
            "keywords": [facts["remediation"], facts["outcome"], facts["severity"]],
        },
        "metadata": {
            "threadId": name,
            "summary": name,
            "eventType": facts["outcome"],
            "relatedResources": [facts["resource"]["name"]],
            "additionalContext": {**{key: facts[key] or "-" for key in ("severity", "account", "region")}, **buttons},
            "enableCustomActions": bool(buttons),
        },
    }


def _buttons(commands: Mapping[str, str]) -> dict[str, str]:
    """Return what the buttons of a chat channel put into their command (template.yaml): of each command what it is given, and the function.

    Chat runs no shell, and how it takes a command apart is not written down: what could be more than one word there has no button.
    https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-actions.html
    """
    given: dict[str, str] = {}
    for name in [name for name in ("apply", "undo", "exempt", "release") if name in commands]:
        words = shlex.split(commands[name])
        what = json.loads(words[words.index("--payload") + 1])[name]
        what = what["resource"] if name == "exempt" else what
        if re.fullmatch(_ONE_WORD, what, re.ASCII):
            given |= {name: what, "function": words[words.index("--function-name") + 1]}
    return given


def _text(case: "Notifiable", outcome: Outcome, facts: Mapping[str, Any]) -> str:
    """Return the alert for people. The order is that of a tired reader's questions."""
    where = f"{facts['resource']['name']} ({facts['resource']['type']})"
    where += f" in account {facts['account']}, {facts['region']}" if facts["account"] else ""
    special = _HEADLINE_OF_A_THREAT if case.signal.is_threat else _HEADLINE_OF_WHAT_WAS_TAKEN_OFF if _is_taken_off(case) else {}
    headline = special.get(outcome, _HEADLINE[outcome])
    if outcome is Outcome.FIXED and "stays" in case.fix.notes:
        headline = f"{headline}, but something stays: see the reason" if _is_taken_off(case) else _HEADLINE_WITH_MORE
    parts = [f"{headline}.\n{where}\n{facts['remediation']}: {facts['summary']}"]
    if facts["finding"]:
        parts.append("FINDING\n" + "\n".join(f"  {_sentence(fact)}" for fact in facts["finding"]))
    if facts["reason"]:
        parts.append(f"REASON\n  {facts['reason']}")
    if facts["before"]:
        parts.append("WHAT WAS WRONG\n" + _bullets(facts["before"], facts["before_count"]))
    heard = f"{facts['heard']['from']}, {utc(seconds(case.signal.time))}"
    parts.append(f"WHO\n  {_who(case)}\n  Trigger: {heard}")
    did = "WHAT WOULD BE DONE" if outcome is Outcome.WOULD_FIX else "WHAT WAS DONE"
    if facts["calls"]:
        parts.append(f"{did}\n" + _bullets(facts["calls"], facts["calls_count"]))
    if facts["left"]:
        parts.append("STILL WRONG\n" + _bullets(facts["left"], len(case.fix.left)))
    elif outcome is Outcome.FIXED:
        parts.append("NOW\n  " + (_line(facts["after"]) if facts["after"] is not None else "Looked again: the problem is gone. Nothing else was touched."))
    titles = {
        "undo": "UNDO",
        "accept": "ACCEPT (it stays as it is now)",
        "release": "RELEASE (once a person has looked)",
        "apply": "APPLY (makes exactly the calls that were shown, if the resource is still as shown)",
        "retry": "RETRY (once what stands in the way is settled)",
        "unexempt": "END THE EXEMPTION",
        "unsilence": "END THE SILENCE",
        "mode": "BACK TO THE CLASS'S MODE",
        "exempt": "EXEMPT (leave this resource alone; change the words in capitals)",
    }
    parts += [f"{title}\n  {facts['commands'][name]}" for name, title in titles.items() if name in facts["commands"]]
    reference = f"{facts['id']} in the journal table; " if facts["id"] else ""
    parts.append(f"REFERENCE\n  {reference}sent at {facts['told_at']}")
    return "\n\n".join(parts) + "\n"


def _who(case: "Notifiable") -> str:
    actor = _actor(case)
    stack = case.fix.notes.get("stack")
    belongs = f"\n  It belongs to the CloudFormation stack {shown(stack)}, which may make the change again." if stack else ""
    if not actor:
        return f"The event does not say.{belongs}"
    pipeline = "\n  This tool will make the change again with its next deployment, unless the template changes." if actor["pipeline"] else ""
    return f"{actor['text']}{pipeline}{belongs}"


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


def _bullets(items: Sequence[Any], number: int) -> str:
    lines = [f"  - {_line(item)}" for item in items]
    if number > len(items):
        lines.append(f"  ... and {number - len(items)} more; the journal has them all")
    return "\n".join(lines)


def _sentence(fact: object) -> str:
    """Spell what is known of a finding for people: `Finding: Backdoor:EC2/C&CActivity.B; Severity: High (8)`."""
    said = "; ".join(f"{shown(key)}: {shown(value, _LONGEST_LINE)}" for key, value in fact.items()) if isinstance(fact, Mapping) else shown(fact, _LONGEST_LINE)
    return said if len(said) <= _LONGEST_LINE else f"{said[:_LONGEST_LINE]}..."


def _line(item: object) -> str:
    """Spell a piece of evidence or a call on one line: `IpProtocol=tcp FromPort=22 CidrIpv4=0.0.0.0/0`."""
    if isinstance(item, Mapping) and item.keys() == {"service", "operation", "parameters"}:
        return f"{item['service']}.{item['operation']} {_line(item['parameters'])}"
    if isinstance(item, Mapping):
        parts = " ".join(f"{shown(key)}={shown(value if isinstance(value, str) else json.dumps(value), 400)}" for key, value in item.items())
        return parts if len(parts) <= _LONGEST_LINE else f"{parts[:_LONGEST_LINE]}..."
    return shown(item if isinstance(item, str) else json.dumps(item), _LONGEST_LINE)


def _cut(item: object, room: Room) -> Any:  # noqa: ANN401 - any JSON
    """Return the JSON as it is if there is room for it, and the beginning of its text if not: an alert is cut, never lost."""
    text = json.dumps(item)
    return item if len(text) <= max(room.longest, len("null")) else f"{text[: room.longest]}... (cut; the journal has all of it)"
