"""What an operator can tell a remediation's own function, instead of an event.

    {"undo": "sb-…", "reason": "…"}          take a fix back, exactly, and leave the resource alone for EXEMPT_DAYS_AFTER_UNDO days
    {"exempt": {"resource": "sg-…" or "sg-…*", "owner": "…", "reason": "…", "until": "2027-01-31"}}
    {"unexempt": "sg-…"}                     end an exemption now
    {"silence": {"finding": "UnauthorizedAccess:EC2/SSHBruteForce" or a finding's id, "owner": "…", "reason": "…", "until": "2027-01-31"}}
    {"unsilence": "…"}                       hear of it again now
    {"preview": "sg-…"}                      say what is wrong with a resource and what enforce would call; writes and tells nothing
    {"accept": "arn:…", "reason": "…"}       what was changed is as it shall be: remember it so; what is gone, forget
    {"release": "sg-…"}                      a person has looked at HELD or CONTESTED: forget the counts, and handle it and all that was held

Whoever may invoke the function may give them: that is an IAM question (`lambda:InvokeFunction`), and each is told to the topic.
No event can be mistaken for a command: EventBridge lets nobody choose an event's top level.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from snapback import alerts, clients, clock, journal, memory, names, settings
from snapback.disclosure import disclosed
from snapback.errors import BelongsElsewhere, CommandError, OnlyPeople, UnreadableEvent
from snapback.events import Signal
from snapback.exemptions import FINDING, Exemption
from snapback.journal import Fix
from snapback.outcomes import Outcome

if TYPE_CHECKING:
    from snapback.remediation import Case, Invocation, Remediation

logger = Logger(service="snapback")

_UNDOING = "UNDOING"
_UNDOABLE = frozenset({Outcome.FIXED.value, Outcome.PARTIAL.value, _UNDOING})

_AFTER_UNDO = (0.0, 0.3, 0.7, 2.0, 4.0)
"""Seconds to wait before each look after an undo."""


def is_command(event: object) -> bool:
    """Tell whether this is a command and not an event."""
    return isinstance(event, Mapping) and "detail-type" not in event and any(name in event for name in _COMMANDS)


def obey(remediation: "Remediation", event: Any, invocation: "Invocation") -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Carry the command out; return what was done. Raises `CommandError` if it cannot be."""
    name = next(name for name in _COMMANDS if name in event)
    return _COMMANDS[name](remediation, event, invocation)


def _undo(remediation: "Remediation", event: Mapping[str, Any], invocation: "Invocation") -> dict[str, Any]:
    fix = journal.read(str(event["undo"]))
    if fix is None or fix.remediation != remediation.name:
        raise CommandError(f"{remediation.name} has made no fix {names.shown(event['undo'])}")
    reason = names.shown(event.get("reason") or "no reason given", 300)
    end = datetime.fromtimestamp(clock.now(), UTC) + timedelta(days=settings.number("EXEMPT_DAYS_AFTER_UNDO"))
    until = end.strftime("%Y-%m-%dT%H:%M:%SZ")
    exemption = Exemption(fix.resource, owner="undo", reason=f"{fix.id} was taken back: {reason}", until=until)
    case = _case(remediation, fix.resource, invocation, "an operator's undo")
    return _take_back(case, fix, f"{reason}. It is exempt until {until}.", exemption).as_json()


def undo_expired(remediation: "Remediation", invocation: "Invocation") -> "list[Case]":
    """Take back the fixes whose time is over. Nothing is exempted: if the problem comes back, so does the fix.

    One failure does not stop the next; the first is raised at the end, and the next tick tries those again.
    """
    cases: list[Case] = []
    failures: list[Exception] = []
    for fix_id in journal.expired(remediation.name):
        try:
            fix = journal.read(fix_id)
            if fix is None:
                continue
            case = _take_back(_case(remediation, fix.resource, invocation, "its end date"), fix, "its time was over", None)
            cases.append(case)
            if case.outcome is not Outcome.UNVERIFIED:
                journal.forget_expiry(remediation.name, fix)
        except Exception as failure:  # not hidden: raised below, once every fix had its turn
            logger.exception("end date failed", fix=fix_id)
            failures.append(failure)
    if failures:
        raise failures[0]
    return cases


def _take_back(case: "Case", fix: Fix, reason: str, exemption: Exemption | None) -> "Case":
    """Undo the fix if the resource is as the fix left it; record and tell it."""
    remediation = case.remediation
    case.fix = fix
    fix.problem = remediation.problem
    if fix.status == Outcome.UNDONE.value:
        return case.end(Outcome.HANDLED, "this fix was taken back before")
    if refusal := _why_not(remediation, fix):
        return case.end(Outcome.UNDO_REFUSED, refusal)
    journal.begin_undo(fix, exemption)
    with clients.watched(preview=False) as calls:
        try:
            remediation.undo(fix.resource, fix.changed)  # type: ignore[misc]  # or it would have been refused
        except (ClientError, OnlyPeople) as error:
            if exemption is None or not _is_refusal(error):  # an end date is tried again at the next tick, until it takes
                raise
            why = clients.said_by(error) if isinstance(error, ClientError) else str(error)
            return case.end(Outcome.UNDO_REFUSED, f"{why}. What could not be taken back stays as the fix left it: give this command again when that is settled")
    for wait in _AFTER_UNDO:
        clock.pause(wait)
        if remediation.violation(fix.resource) or (remediation.setting and journal.comparable(remediation.setting(fix.resource)) != fix.after):
            break
    else:
        return case.end(Outcome.UNVERIFIED, "the undo was sent and accepted, but the resource does not show the former state yet")
    fix.calls, fix.reason = [call.as_json() for call in calls.made], reason
    # First: an undo that is written down is not done again, so it would never be told. What a person asks for is told at once; ends may come in hundreds.
    alerts.tell(case, Outcome.UNDONE, together=exemption is None and journal.is_storm(remediation.name))
    journal.end_undo(fix, reason)
    return case.end(Outcome.UNDONE, reason)


def _why_not(remediation: "Remediation", fix: Fix) -> str:
    """Return why the fix cannot be taken back, or nothing."""
    if remediation.undo is None:
        return "what this remediation does cannot be taken back"
    if fix.status not in _UNDOABLE or not fix.changed:
        return f"there is nothing to take back: it ended as {fix.status}"
    difference = "" if fix.status == _UNDOING else _difference(remediation, fix)
    return f"the resource has changed since the fix: {difference}" if difference else ""


def _is_refusal(error: ClientError | OnlyPeople) -> bool:
    return isinstance(error, OnlyPeople) or clients.is_refused(error)


def _difference(remediation: "Remediation", fix: Fix) -> str:
    """Return how the resource differs from what the fix left, or nothing."""
    if remediation.setting:
        now = journal.comparable(remediation.setting(fix.resource))
        return "" if now == fix.after else f"it was {names.shown(json.dumps(disclosed(fix.after)), 500)} and is {names.shown(json.dumps(disclosed(now)), 500)}"
    live = list(remediation.violation(fix.resource))
    return "" if live == fix.left else f"it now shows {names.shown(json.dumps(disclosed(live)), 1000)}"


def _exempt(remediation: "Remediation", event: Mapping[str, Any], invocation: "Invocation") -> dict[str, Any]:
    wish = event["exempt"]
    if not isinstance(wish, Mapping):
        raise CommandError("an exemption is an object with resource, owner, reason and until")
    if not remediation.writes:
        raise CommandError(
            f"{remediation.name} changes nothing, so nothing can be exempt from it. To hear no more of a finding or a type of findings: 'silence'"
        )
    exemption = Exemption.granted(wish, clock.now())
    if not exemption.resource.endswith("*"):
        exemption = exemption._replace(resource=_known(remediation, exemption.resource))
    return _exempted(remediation, remediation.problem or remediation.name, exemption, invocation)


def _unexempt(remediation: "Remediation", event: Mapping[str, Any], invocation: "Invocation") -> dict[str, Any]:
    resource = str(event["unexempt"])
    resource = resource if resource.endswith("*") else _named(remediation, resource)
    return _exempted(remediation, remediation.problem or remediation.name, _ended(resource), invocation)


def _silence(remediation: "Remediation", event: Mapping[str, Any], invocation: "Invocation") -> dict[str, Any]:
    wish = event["silence"]
    if not isinstance(wish, Mapping):
        raise CommandError("a silence is an object with finding (its type or its id), owner, reason and until")
    finding = wish.get("finding")
    if not isinstance(finding, str) or not finding.strip("* ") or re.fullmatch(r"\s*(\d{12}|arn:[^:]*:iam::\d{12}:root)\s*", finding):
        raise CommandError(
            "a silence needs 'finding': a finding's type (UnauthorizedAccess:EC2/SSHBruteForce) or its id. An account or everything cannot be silenced"
        )
    silence = Exemption.granted({**wish, "resource": f"{FINDING}{finding.strip()}"}, clock.now())
    return _exempted(remediation, remediation.name, silence, invocation)


def _unsilence(remediation: "Remediation", event: Mapping[str, Any], invocation: "Invocation") -> dict[str, Any]:
    return _exempted(remediation, remediation.name, _ended(f"{FINDING}{event['unsilence']}"), invocation)


def _exempted(remediation: "Remediation", kept_as: str, exemption: Exemption, invocation: "Invocation") -> dict[str, Any]:
    """Write the exemption or the silence down, or its end, and tell it."""
    journal.exempt(kept_as, exemption)
    case = _case(remediation, exemption.resource, invocation, "an operator")
    what = "silence" if exemption.is_silence else "exemption"
    case.fix.reason = f"the {what} was ended" if exemption.ends <= clock.now() else str(exemption)
    return _told(case, Outcome.EXEMPTED)


def tell_end(remediation: "Remediation", silence: Exemption, invocation: "Invocation") -> None:
    """Tell that a silence has ended, then forget it."""
    case = _case(remediation, silence.resource, invocation, "its end date")
    case.fix.reason = f"the silence has ended: {silence}"
    _told(case, Outcome.EXEMPTED)
    journal.exempt(remediation.name, _ended(silence.resource))


def _ended(resource: str) -> Exemption:
    return Exemption(resource, owner="-", reason="ended", until="1970-01-01")


def _named(remediation: "Remediation", given: object) -> str:
    """Return the name under which the journal has the resource: of its ARN, and of the name that people use. Raises `CommandError` if it can be none."""
    try:
        named = names.checked(remediation.resource, names.name_in(remediation.resource, given))
        resource = remediation.resolve(named) if remediation.resolve else named
    except UnreadableEvent as error:
        raise CommandError(str(error)) from error
    except ClientError as error:
        if not clients.is_gone(error):
            raise
        raise CommandError(f"there is no {names.shown(given)}: {clients.said_by(error)}") from error
    if resource is None:
        raise CommandError(f"there is no {names.shown(given)}")
    return names.checked(remediation.resource, resource)


def _known(remediation: "Remediation", given: object) -> str:
    """Return the name under which the journal has the resource. Raises `CommandError` if AWS knows none such here."""
    resource = _named(remediation, given)
    try:
        remediation.violation(resource)
    except OnlyPeople:
        pass  # it is there
    except BelongsElsewhere as error:
        raise CommandError(str(error)) from error
    except ClientError as error:
        if clients.is_gone(error):
            raise CommandError(
                f"there is no {names.shown(given)}: {clients.said_by(error)}. For what is not there yet, give the beginning of its name and a *"
            ) from error
        if not clients.is_refused(error):
            raise
    return resource


def _preview(remediation: "Remediation", event: Mapping[str, Any], _: "Invocation") -> dict[str, Any]:
    resource = _named(remediation, event["preview"])
    with clients.watched(preview=True) as calls:
        try:
            evidence = list(remediation.violation(resource))
            if evidence:
                remediation.fix(resource, evidence)
        except (OnlyPeople, BelongsElsewhere) as error:
            raise CommandError(str(error)) from error
    return {"resource": resource, "wrong": disclosed(evidence), "calls": [call.as_json() for call in calls.made]}


def _accept(remediation: "Remediation", event: Mapping[str, Any], invocation: "Invocation") -> dict[str, Any]:
    if remediation.remember is None:
        raise CommandError(f"{remediation.name} remembers nothing, so there is nothing to accept; leave a resource alone with 'exempt'")
    named = names.checked(remediation.resource, event["accept"])
    resource = (remediation.resolve(named) if remediation.resolve else None) or named
    now, good = remediation.remember(resource), memory.recall(remediation.name, resource)
    if now is None and good is None:
        raise CommandError(f"there is no {names.shown(resource)}, and nothing is remembered of it")
    if now is None:
        memory.forget(remediation.name, resource)
    else:
        memory.learn(remediation.name, {resource: now})
    case = _case(remediation, resource, invocation, "an operator")
    reason = names.shown(event.get("reason") or "no reason given", 300)
    case.fix.reason = f"{'it is gone, and forgotten' if now is None else 'it is remembered as it is now'}: {reason}"
    return _told(case, Outcome.ACCEPTED)


def _release(remediation: "Remediation", event: Mapping[str, Any], invocation: "Invocation") -> dict[str, Any]:
    resource = _named(remediation, event["release"])
    held = journal.release(remediation.name, resource)
    if not remediation.writes:
        return {"outcomes": [], "released": [resource, *held]}  # what was not told stands in the log; there is nothing to handle again
    signal = Signal(f"release-{invocation.request}", datetime.fromtimestamp(clock.now(), UTC).isoformat(), "an operator's release")
    cases = [remediation.put_right(one, signal, invocation, several=True) for one in dict.fromkeys([resource, *held])]
    return {"outcomes": [case.as_json() for case in cases]}


def _case(remediation: "Remediation", resource: str, invocation: "Invocation", source: str) -> "Case":
    from snapback.remediation import Case  # noqa: PLC0415 - the algorithm knows the commands, so they meet it late

    now = datetime.fromtimestamp(clock.now(), UTC).isoformat()
    return Case(remediation, resource, Signal(f"{source} {invocation.request}", now, source), invocation)


def _told(case: "Case", outcome: Outcome) -> dict[str, Any]:
    alerts.tell(case, outcome)
    return case.end(outcome, case.fix.reason).as_json()


_COMMANDS: Mapping[str, Callable[["Remediation", Mapping[str, Any], "Invocation"], dict[str, Any]]] = {
    "undo": _undo,
    "exempt": _exempt,
    "unexempt": _unexempt,
    "silence": _silence,
    "unsilence": _unsilence,
    "preview": _preview,
    "accept": _accept,
    "release": _release,
}
