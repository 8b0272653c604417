"""What each command does: asks AWS, and returns an answer for programs with the same answer for people.

Nothing is decided here that the functions do not decide again: a command finds the function, gives it a payload of docs/operating.md, and repeats its answer.
"""

import json
import re
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple

from botocore.config import Config
from botocore.exceptions import ClientError

from snapback.engine import clock, controls
from snapback.engine.actors import Actor
from snapback.engine.disclosure import disclosed
from snapback.engine.exemptions import is_placeholder, stands_for_another
from snapback.engine.modes import OFF, WORDS
from snapback.engine.outcomes import UNSETTLED

from .applying import apply
from .entries import NOT_ENDED, Entry
from .failures import CannotAsk, Refused, nearest
from .journal import Journal, Line, next_for
from .stack import Stack
from .surveyed import CHOICES
from .text import item, moment, plain, table

_NO_CANARY = "none: give the stack CanaryVpc to have one"
_PATIENCE = 910
"""Seconds to wait for a function, which may take 900."""
_CHORES = ("send-canary", "send-digest")
"""Functions that remedy nothing."""
_OF_A_NAME = 100
"""Names of alarms that one question takes: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html."""


class Answer(NamedTuple):
    """What a command has to say."""

    data: Any
    """Any JSON."""
    lines: Sequence[str]
    """The same for people."""
    status: int = 0
    """The exit status."""


class Snapback:
    """A deployed stack, and its functions by remediation."""

    def __init__(self, client: Callable[..., Any], stack: str) -> None:
        """Take what makes a client as `boto3.Session.client` does, and the stack's name; raise `CannotAsk` if there is none of that name."""
        self.client = client
        try:
            self.stack = Stack(client, stack)
        except ClientError as error:
            if "does not exist" not in error.response["Error"].get("Message", ""):
                raise
            region = client("cloudformation").meta.region_name
            raise CannotAsk(
                f"there is no stack {plain(stack)} in {region}{nearest(stack, self._others())}. Name it with --stack, its region with --region"
            ) from error
        self.journal = Journal(self.stack)

    @cached_property
    def functions(self) -> Mapping[str, str]:
        """Return remediation -> function."""
        return {name: function for name, function in self.stack.functions().items() if name not in _CHORES}

    def named(self, given: str) -> str:
        """Return the remediation for any spelling of its name; raise `CannotAsk` if there is none."""
        _refuse_placeholder("remediation", given)
        spelled = re.sub("(?<=[a-z0-9])(?=[A-Z])", "-", given).replace("_", "-").lower()
        if spelled not in self.functions:
            raise CannotAsk(f"there is no remediation {plain(given)}{nearest(spelled, self.functions)}")
        return spelled

    def entry(self, given: str) -> Entry:
        """Return what is written down under an id; raise `CannotAsk` if nothing is."""
        _refuse_placeholder("id", given)
        if entry := self.journal.entry(given):
            return entry
        raise CannotAsk(f"there is no {plain(given)} in the journal of {plain(self.stack.name)}{nearest(given, self.journal.ids()) or ', which is empty'}")

    @property
    def place(self) -> tuple[str, str]:
        """Return account and region."""
        return self.stack.account, self.stack.region

    @property
    def parameters(self) -> Mapping[str, str]:
        """Return the stack's parameters."""
        return self.stack.parameters

    @cached_property
    def caller(self) -> str:
        """Return whose credentials these are."""
        return str(self.client("sts").get_caller_identity()["Arn"])

    @cached_property
    def _lambda(self) -> Any:  # noqa: ANN401 - a client
        # One try only: a command that was cut off may have been carried out.
        return self.client("lambda", config=Config(read_timeout=_PATIENCE, retries={"total_max_attempts": 1}))

    def give(self, remediation: str, payload: Mapping[str, Any], by: str | None) -> Answer:
        """Give a remediation's function a command; raise `Refused` with its own sentence."""
        return _said(self.ask(remediation, payload, by))

    def ask(self, remediation: str, payload: Mapping[str, Any], by: str | None) -> Mapping[str, Any]:
        """Give a remediation's function a command, and return its answer; raise `Refused` with its own sentence."""
        function = self.functions.get(remediation)
        if not function:
            raise CannotAsk(f"the function of {plain(remediation)} is not in the stack {plain(self.stack.name)} any more{nearest(remediation, self.functions)}")
        try:
            is_shared = list(self.functions.values()).count(function) > 1
            asked = {**payload, **({"remediation": remediation} if is_shared else {}), "by": by or self.caller}
            answer = self._lambda.invoke(FunctionName=function, Payload=json.dumps(asked).encode())
        except ClientError as error:
            if error.response["Error"].get("Code") != "TooManyRequestsException":
                raise
            raise Refused(f"Lambda does not run {plain(function)}: it is at its limit, or switched off by a reserved concurrency of 0") from error
        body: Mapping[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise Refused(_refusal(body))
        return body

    def _others(self) -> list[str]:
        """Return the stacks of Snapback that are there; none if that may not be asked."""
        try:
            pages = list(self.client("cloudformation").get_paginator("describe_stacks").paginate())
        except ClientError:  # it is only for a hint
            return []
        return [one["StackName"] for page in pages for one in page["Stacks"] if any(output["OutputKey"] == "JournalTable" for output in one.get("Outputs", []))]


# ------------------------------------------------------------------------- reading


def _list(snapback: Snapback, given: Namespace) -> Answer:
    reading = snapback.journal.lines(clock.now())
    wanted = snapback.named(given.remediation) if given.remediation else ""
    hours = given.hours or (0 if given.waiting else 24)
    since = clock.now() - hours * 3600 if hours else 0
    lines = [
        line
        for line in reading.lines
        if (not wanted or line.remediation == wanted)
        and (not given.outcome or line.outcome == given.outcome)
        and (line.next or not given.waiting)
        and (line.at >= since or (line.next == "release" and not given.hours))  # what is held waits, however long ago that was
    ]
    rows = [(moment(line.at) if line.at else "-", line.outcome, line.remediation, line.resource, line.id or "-", line.next or "-") for line in lines]
    said = list(table(("WHEN (UTC)", "OUTCOME", "REMEDIATION", "RESOURCE", "ID", "NEXT"), rows)) if rows else [f"Nothing{_within(hours)}."]
    said += [f"{plain(key)} cannot be read: {plain(why)}" for key, why in reading.unreadable.items()]
    data = [{**line._asdict(), "at": _iso(line.at)} for line in lines]
    data += [
        {"at": None, "outcome": "", "remediation": "", "resource": "", "id": key.partition("#")[2], "next": "look", "reason": f"it cannot be read: {why}"}
        for key, why in reading.unreadable.items()
    ]
    return Answer(data, said)


def _within(hours: float) -> str:
    return f" within {hours:g} hours (--hours)" if hours else ""


def _show(snapback: Snapback, given: Namespace) -> Answer:
    entry = snapback.entry(given.id)
    fix = entry.fix
    data = {
        "id": fix.id,
        "outcome": fix.status,
        "remediation": fix.remediation,
        "resource": fix.resource,
        "reason": fix.reason,
        "before": disclosed(list(fix.evidence)),
        "calls": disclosed(list(fix.calls)),
        "left": disclosed(list(fix.left)),
        "actor": str(Actor(**fix.actor)) if fix.actor else None,
        "trigger": fix.source,
        "event": fix.event_id,
        "happened": fix.event_time,
        "begun": _iso(fix.claimed_at),
        "ended": _iso(fix.finished_at),
        "ends_by_itself": _iso(fix.expires_at),
        "applied_as": fix.applied or None,
        "applies": fix.applies or None,
        "undone": entry.undone or None,
        "can": list(_can(entry)),
    }
    return Answer(data, list(_described(data)))


def _described(data: Mapping[str, Any]) -> Iterator[str]:
    yield f"{data['outcome']}  {plain(data['resource'])}"
    yield f"{plain(data['remediation'])}, {data['id']}"
    titles = {
        "reason": "Reason",
        "actor": "Who",
        "trigger": "Trigger",
        "happened": "Happened",
        "begun": "Begun",
        "ended": "Ended",
        "ends_by_itself": "Ends by itself",
        "applied_as": "Applied as",
        "applies": "Applies",
        "undone": "Taken back",
    }
    yield from (f"{title + ':':16}{plain(data[part])}" for part, title in titles.items() if data[part])
    called = "What would be called" if data["outcome"] == "WOULD_FIX" else "What was called"
    for part, title in (("before", "What was wrong"), ("calls", called), ("left", "What is still wrong")):
        if data[part]:
            yield f"{title}:"
            yield from (f"  - {item(one)}" for one in data[part])
    yield from (f"Now: snapback {command} {data['id']}{' --reason WHY' if command == 'undo' else ''}" for command in data["can"])


def _can(entry: Entry) -> Iterator[str]:
    """Yield the commands that take this id now."""
    fix = entry.fix
    if (answer := next_for(fix, clock.now())) in ("apply", "retry"):
        yield answer
    if fix.writes and not fix.preview and fix.changed and fix.status in ("FIXED", "PARTIAL", "UNVERIFIED"):
        yield "undo"


def _status(snapback: Snapback, _: Namespace) -> Answer:
    """Say whether all is well, and what is not."""
    stack, client = snapback.stack, snapback.client
    resources = {kind: dict(stack.resources(kind)) for kind in ("AWS::CloudWatch::Alarm", "AWS::SQS::Queue")}
    alarms = _states(client("cloudwatch"), resources["AWS::CloudWatch::Alarm"])
    queues = {name: _waiting(client("sqs"), url) for name, url in resources["AWS::SQS::Queue"].items() if name in ("DeadLetters", "Storms")}
    modes = snapback.journal.modes(snapback.functions)
    reading = snapback.journal.lines(clock.now())
    waiting = [line for line in reading.lines if line.next == "release"]
    canary = ("NOT HEARD" if alarms.get("DeafAlarm") == "ALARM" else "heard") if "DeafAlarm" in alarms else "none"
    ringing = sorted(resources["AWS::CloudWatch::Alarm"][name] for name, state in alarms.items() if state == "ALARM")
    missing = sorted(name for logical, name in resources["AWS::CloudWatch::Alarm"].items() if logical not in alarms)
    unreadable = sorted(name for name, choice in modes.items() if choice.trouble)
    by_deployment = _switched_off(snapback)
    unknown = sorted(stack.switched_off - by_deployment)
    off = sorted({name for name, choice in modes.items() if choice.mode == OFF} | by_deployment)
    no_canary = "none: revoke-open-ingress is off" if stack.parameters.get("CanaryVpc") and "revoke-open-ingress" in off else _NO_CANARY
    broken = "FAILED" in stack.status or "ROLLBACK" in stack.status
    is_well = not (ringing or missing or queues.get("DeadLetters") or waiting or unreadable or unknown or broken or reading.unreadable)
    data = {
        "well": is_well,
        "stack": stack.name,
        "account": stack.account,
        "region": stack.region,
        "version": stack.optional_output("Version") or None,
        "stack_status": stack.status,
        "modes_of_classes": {name: stack.parameters.get(name) for name in ("Mode", "DisruptiveMode")},
        "alarms": ringing,
        "alarms_missing": missing,
        "canary": canary,
        "dead_letters": queues.get("DeadLetters"),
        "queue": queues.get("Storms"),
        "held": [line.resource for line in waiting],
        "off": off,
        "off_by_deployment": sorted(by_deployment),
        "off_unknown": unknown,
        "modes_unreadable": unreadable,
        "rows_unreadable": sorted(reading.unreadable),
    }
    version = f", version {data['version']}" if data["version"] else ""
    facts = {
        "stack": f"{stack.name} in {stack.account} {stack.region}, {stack.status}{version}",
        "modes": ", ".join(f"{name}={value or '?'}" for name, value in data["modes_of_classes"].items()),
        "alarms": ", ".join([*ringing, *(f"{name} is gone" for name in missing)]) or f"none of {len(alarms)} rings",
        "canary": {"none": no_canary}.get(canary, canary),
        "dead letters": _many(data["dead_letters"], " (make redrive)"),
        "queue": f"{_many(data['queue'], '')} to be told together",
        "held": f"{len(waiting)} (snapback list --waiting)" if waiting else "0",
        "off": ", ".join(f"{name} (by the deployment)" if name in by_deployment else name for name in off) or "none",
        **({"SwitchedOff names no remediation": ", ".join(unknown)} if unknown else {}),
        **({"modes that cannot be read": ", ".join(unreadable)} if unreadable else {}),
        **({"rows that cannot be read": ", ".join(data["rows_unreadable"])} if data["rows_unreadable"] else {}),
    }
    headline = "All is well." if is_well else "NOT all is well."
    return Answer(data, [headline, *(f"{name + ':':14} {plain(value)}" for name, value in facts.items())], 0 if is_well else 1)


def _switched_off(snapback: Snapback) -> frozenset[str]:
    """Return the remediations that the deployment has switched off."""
    return snapback.stack.switched_off & controls.switchable()


def _many(number: int | None, hint: str) -> str:
    return "not known" if number is None else f"{number}{hint if number else ''}"


def _states(cloudwatch: Any, alarms: Mapping[str, str]) -> dict[str, str]:  # noqa: ANN401 - a client
    """Return the states of the alarms that are there, by their names in the template."""
    names = list(alarms.values())
    found: dict[str, str] = {}
    for start in range(0, len(names), _OF_A_NAME):
        answer = cloudwatch.describe_alarms(AlarmNames=names[start : start + _OF_A_NAME], MaxRecords=_OF_A_NAME)
        found |= {one["AlarmName"]: one["StateValue"] for one in answer["MetricAlarms"]}
    return {logical: found[name] for logical, name in alarms.items() if name in found}


def _waiting(sqs: Any, url: str) -> int:  # noqa: ANN401 - a client
    """Return how many messages are in the queue, those that somebody has just taken included."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    return sum(int(number) for number in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values())


# ------------------------------------------------------------------------- answering


def _by_id(snapback: Snapback, given: Namespace) -> Answer:
    """Give a command that takes an id: apply, retry or undo; or apply what a survey has found."""
    if given.command == "apply" and given.survey:
        if given.id:
            raise CannotAsk("apply takes an id, or what --from a survey's file is chosen: not both")
        return Answer(*apply(snapback, given))
    if not given.id:
        raise CannotAsk("apply what? An id as in the alert, or --from survey/survey.json what a survey has found")
    if given.command == "apply" and (beside := _chosen_by(given)):
        raise CannotAsk(f"apply takes an id alone: {', '.join(beside)} choose of what --from a survey's file has")
    entry = snapback.entry(given.id)
    if entry.fix.status in NOT_ENDED and given.command != "undo":
        raise Refused(f"{entry.fix.id} has not ended: try again in a minute")
    reason = {"reason": _meant("--reason", given.reason)} if given.command == "undo" else {}
    return snapback.give(entry.fix.remediation, {given.command: given.id, **reason}, given.by)


def _chosen_by(given: Namespace) -> list[str]:
    """Return the options, as they were typed, that say what of a survey is meant."""
    options = {**{f"of_{part}": f"--{part}" for part in CHOICES if part != "region"}, "resource": "--resource", "all": "--all", "yes": "--yes"}
    return [option for name, option in options.items() if getattr(given, name)]


def _exempt(snapback: Snapback, given: Namespace) -> Answer:
    remediation, resource = _of_an_id_or_from(snapback, given)
    return _granted(snapback, given, remediation, "resource", resource)


def _of_an_id_or_from(snapback: Snapback, given: Namespace) -> tuple[str, str]:
    """Return the remediation and the resource that a command is for: those of an id, if it names one."""
    if re.fullmatch(r"sb-[0-9a-f]+", given.resource):
        fix = snapback.entry(given.resource).fix
        return snapback.named(given.remediation) if given.remediation else fix.remediation, fix.resource
    return _from(snapback, given)


def _granted(snapback: Snapback, given: Namespace, remediation: str, kind: str, what: str) -> Answer:
    """Give an exemption or a silence, for which somebody answers until a date."""
    by = given.by or snapback.caller
    end = {"until": given.until} if given.until else {"for": given.period}
    wish = {kind: what, "owner": _meant("--owner", given.owner or by), "reason": _meant("--reason", given.reason), **end}
    return snapback.give(remediation, {given.command: wish}, by)


def _accept(snapback: Snapback, given: Namespace) -> Answer:
    remediation, resource = _of_an_id_or_from(snapback, given)
    return snapback.give(remediation, {"accept": resource, "reason": _meant("--reason", given.reason)}, given.by)


def _silence(snapback: Snapback, given: Namespace) -> Answer:
    _refuse_placeholder("finding", given.finding)
    return _granted(snapback, given, snapback.named(given.remediation), "finding", given.finding)


def _unsilence(snapback: Snapback, given: Namespace) -> Answer:
    _refuse_placeholder("finding", given.finding)
    return snapback.give(snapback.named(given.remediation), {"unsilence": given.finding}, given.by)


def _by_resource(snapback: Snapback, given: Namespace) -> Answer:
    """Give a command that takes a resource: release or unexempt."""
    remediation, resource = _from(snapback, given)
    return snapback.give(remediation, {given.command: resource}, given.by)


def _from(snapback: Snapback, given: Namespace) -> tuple[str, str]:
    """Return the remediation that a command is for, and the resource; raise `CannotAsk` if the journal does not know one only."""
    _refuse_placeholder("resource", given.resource)
    if given.remediation:
        return snapback.named(given.remediation), given.resource
    lines = snapback.journal.lines(clock.now()).lines
    waiting = [line for line in lines if line.next == "release"] if given.command == "release" else lines
    found = sorted({line.remediation for line in waiting if _is_meant(given.resource, line)})
    if len(found) == 1:
        return found[0], given.resource
    if found:
        raise CannotAsk(f"{plain(given.resource)} is known from {', '.join(found)}: name one with --remediation")
    what = "is held or contested" if given.command == "release" else "is known from no remediation"
    hint = nearest(given.resource, {line.resource for line in waiting})
    no = "nothing of the name " if given.command == "release" else ""
    raise CannotAsk(f"{no}{plain(given.resource)} {what}{hint}. Else name the --remediation")


def _is_meant(resource: str, line: Line) -> bool:
    return line.resource.startswith(resource[:-1]) if resource.endswith("*") else resource == line.resource


def _mode(snapback: Snapback, given: Namespace) -> Answer:
    if given.mode:
        if given.mode not in WORDS:
            raise CannotAsk(f"there is no mode {plain(given.mode)}{nearest(given.mode, WORDS, all_of_them=True)}")
        return snapback.give(snapback.named(given.remediation), {"mode": given.mode}, given.by)
    if given.remediation in WORDS:
        raise CannotAsk(f"of which remediation? snapback mode REMEDIATION {given.remediation}")
    names = [snapback.named(given.remediation)] if given.remediation else sorted(snapback.functions)
    chosen = snapback.journal.modes(names)
    classes = {name: snapback.stack.parameters.get(name) for name in ("Mode", "DisruptiveMode")}
    data = {"classes": classes, "chosen": {name: {**choice._asdict()} for name, choice in chosen.items()}}
    off = sorted(name for name in _switched_off(snapback) if name in names or not given.remediation)
    data["off_by_deployment"] = off
    lines = [f"{name}: {choice.trouble or choice}" for name, choice in sorted(chosen.items()) if name not in off]
    lines += [f"{name}: off by the deployment (SwitchedOff)" for name in off]
    if not lines:
        lines = [f"{names[0]}: none was chosen, so its class's holds" if given.remediation else "For no remediation was a mode chosen."]
    by_class = f"By class: safe {classes['Mode'] or '?'} (Mode), disruptive {classes['DisruptiveMode'] or '?'} (DisruptiveMode)."
    return Answer(data, [*(plain(line) for line in lines), by_class])


def _refuse_placeholder(what: str, given: str) -> None:
    if stands_for_another(given):
        article = "an" if what[0] in "aeiou" else "a"
        raise CannotAsk(f"{plain(given) or 'nothing'} stands for {article} {what}: put the real one in its place (snapback list shows them)")


def _meant(option: str, given: str) -> str:
    if is_placeholder(given) or not given.strip():
        raise CannotAsk(f"{option} is {plain(given).strip() or 'empty'}: everybody is told it, so say it in words")
    return given


def _refusal(body: Mapping[str, Any]) -> str:
    """Return the function's own sentence; after a timeout there is no type."""
    kind, message = plain(body.get("errorType") or ""), plain(body.get("errorMessage") or "it failed without a word")
    return message if kind in ("", "CommandError", "UnreadableEvent", "ResourceBusy", "SeveralFailed") else f"{kind}: {message}"


def _said(body: Mapping[str, Any]) -> Answer:
    """Return a function's answer."""
    outcomes = body.get("outcomes", [body])
    lines = [" ".join(part for part in (one["outcome"], plain(one.get("resource", "")), f"({one['id']})" if one.get("id") else "") if part) for one in outcomes]
    lines = [f"{line}: {plain(one['reason'])}" if one.get("reason") else line for line, one in zip(lines, outcomes, strict=True)]
    lines += [f"released, for its events are in the log only: {plain(one)}" for one in body.get("released", [])]
    lines += [f"still held, for there was no time: {plain(one)}; give this command again" for one in body.get("still_held", [])]
    is_done = not body.get("still_held") and not any(one["outcome"] in UNSETTLED for one in outcomes)
    return Answer(body, lines, 0 if is_done else 1)


def _iso(at: float) -> str | None:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


COMMANDS: Mapping[str, Callable[[Snapback, Namespace], Answer]] = {
    "list": _list,
    "show": _show,
    "apply": _by_id,
    "retry": _by_id,
    "undo": _by_id,
    "accept": _accept,
    "exempt": _exempt,
    "silence": _silence,
    "unsilence": _unsilence,
    "unexempt": _by_resource,
    "release": _by_resource,
    "mode": _mode,
    "status": _status,
}
