"""What an operator can tell a remediation's own function, instead of an event.

    {"apply": "sb-…"}                        make exactly the calls that a preview (WOULD_FIX) showed, if the resource is still as it was shown: in each mode,
                                             and every guard is asked. What is different is said, and nothing is changed then
    {"apply": {"resource": "sg-…", "shown": "…"}}   the same for what a survey from outside has found, known by the sum of what it showed (`known_by`):
                                             the function looks for itself, and says what is different; also if its "class" or "severity" is another.
                                             "together": true has it told with others, in a digest
    {"survey": true}                         look at everything of its type; what is wrong is shown as in preview, and told in a digest: `surveys`
    {"undo": "sb-…", "reason": "…"}          take a fix back, exactly, and leave the resource alone for EXEMPT_DAYS_AFTER_UNDO days
    {"exempt": {"resource": "sg-…" or "sg-…*", "owner": "…", "reason": "…", "until": "2027-01-31"}}, or {"exempt": "sg-…", "for": "1d", "owner": …, "reason": …}
    {"unexempt": "sg-…"}                     end an exemption now
    {"silence": {"finding": "UnauthorizedAccess:EC2/SSHBruteForce" or a finding's id, "owner": "…", "reason": "…", "until": "2027-01-31"}}
    {"unsilence": "…"}                       hear of it again now
    {"preview": "sg-…"}                      say what is wrong with a resource and what enforce would call; writes and tells nothing
    {"accept": "arn:…", "reason": "…"}       what was changed is as it shall be: remember it so; what is gone, forget
    {"mode": "enforce"}                      put right from now on, whatever the class's mode; "preview": only show; "off": nothing, and nothing is told but
                                             threats; "default": as the class says again
    {"release": "sg-…"}                      a person has looked at HELD or CONTESTED: forget the counts, and handle it and all that was held; or at what a
                                             wrong exemption let through, which has ended: handle it. What is none of these is refused
    {"retry": "sb-…"}                        what refused a fix is settled: look at the resource again, ask every guard, and handle it as an event would; of a
                                             fix that was taken back: end the exemption that came with that, and handle it again

A function of several remediations has to be told which is meant: `"remediation": "enable-db-backups"`. Every function takes that, and refuses another's name.

Each may have `"by": "Jo"`, who gives it: told and logged as what they say of themselves. `"by": "chat"` is short for a button of a chat channel, whose command
may have 100 characters: it stands for owner and reason, too.

Whoever may invoke the function may give them: that is an IAM question (`lambda:InvokeFunction`), and each is told to the topic.
No event can be mistaken for a command: EventBridge lets nobody choose an event's top level. But who may invoke the function may also send it an event of their
own making: docs/adr/0012-commands.md.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from snapback.engine import alerts, clients, clock, decisions, exemption_ends, fixes, journal, memory, modes, names, notices, refusals, settings
from snapback.engine.actors import Actor
from snapback.engine.algorithm import FOR_ANOTHER, Algorithm
from snapback.engine.case import Case, commanded
from snapback.engine.disclosure import disclosed
from snapback.engine.errors import BelongsElsewhere, CommandError, EvidenceTooLarge, OnlyPeople, SeveralFailed, UnreadableEvent
from snapback.engine.events import Signal
from snapback.engine.exemptions import FINDING, Exemption, ended, is_placeholder, refuse_placeholder
from snapback.engine.fixes import Fix
from snapback.engine.invocation import Invocation
from snapback.engine.outcomes import Outcome

logger = Logger(service="snapback")

_ALSO_AS_SHOWN = frozenset({"class", "severity"})
"""What may be said besides of what a survey showed: it is applied only if it is that."""

_NOT_DONE = frozenset({Outcome.FAILED.value, Outcome.PARTIAL.value, Outcome.UNVERIFIED.value, Outcome.REPORTED.value, fixes.CLAIMED})
"""Statuses of attempts that left something to do: they can be tried again."""
_DONE = frozenset({Outcome.FIXED, Outcome.ALREADY_OK, Outcome.GONE})

_LONGEST_WORD = 20
"""Characters of what could be meant for a command."""

_MOST_NAMED = 20
"""Resources that one sentence names."""

_IN_CHAT = {"owner": "whoever is in the chat channel", "reason": "asked for in chat"}
"""What a button says that has no room to say it (https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CustomActionDefinition.html)."""

_ALSO_BY_NAME = frozenset({"AWS::IAM::Policy", "AWS::Logs::LogGroup"})
"""Types whose resources the journal knows by an ARN or by another name."""


def is_command(event: object) -> bool:
    """Tell whether this is a command and not an event."""
    return isinstance(event, Mapping) and "detail-type" not in event and any(name in event for name in _COMMANDS)


def refuse_misspelled(event: object) -> None:
    """Raise `UnreadableEvent` with the nearest command if this is no event and nearly one."""
    if not isinstance(event, Mapping) or "detail-type" in event:
        return
    from difflib import get_close_matches  # noqa: PLC0415 - more than a millisecond of each cold start, for what hardly ever happens

    for word in [word for word in event if isinstance(word, str) and len(word) <= _LONGEST_WORD][:_MOST_NAMED]:
        if near := get_close_matches(word.lower(), _COMMANDS, 1):
            raise UnreadableEvent(f"there is no command {names.shown(word)}: is {near[0]!r} meant? There are {', '.join(_COMMANDS)}")


def obey(remediation: Algorithm, event: Any, invocation: Invocation) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Carry the command out; return what was done. Raises `CommandError` if it cannot be."""
    name = next(name for name in _COMMANDS if name in event)
    words = _WORDS_OF.get(name, ())
    if event.get("by") == "chat":
        event = {**{word: said for word, said in _IN_CHAT.items() if word in words}, **event, "by": "a person in the chat channel"}
    invocation = invocation._replace(by=_giver(event, invocation))
    _refuse_unknown_words(event, [name, *words, "by", "remediation"])
    if event.get("remediation", remediation.name) != remediation.name:
        raise CommandError(f"nothing was changed: this is the function of {remediation.name}, not of {names.shown(event['remediation'])}")
    if name not in _OTHERWISE:
        refuse_placeholder(event[name], "an id" if name in BY_ID else "a resource")
    logger.info("command", command=name, remediation=remediation.name, about=names.shown(event[name], 300), by=invocation.by or "nobody says")
    return _COMMANDS[name](remediation, event, invocation)


def _refuse_unknown_words(given: Mapping[str, Any], known: Sequence[str]) -> None:
    """Raise `CommandError` with the nearest if the command has a word that nobody reads: what it was to say would be left out in silence."""
    unknown = next((word for word in given if word not in known), None)
    if unknown is not None:
        raise CommandError(f"nothing was changed: this command has no {names.shown(unknown)}. {_capital(_nearest(str(unknown), known, 'It may have'))}")


def _giver(event: Mapping[str, Any], invocation: Invocation) -> str:
    """Return who gives the command: as Lambda says, and as they say themselves, which nobody has checked."""
    said = f"{names.shown(event['by'])}, as they say" if event.get("by") not in (None, "") and not is_placeholder(event["by"]) else ""
    return " and ".join(part for part in (invocation.caller, said) if part)


def _apply(remediation: Algorithm, event: Mapping[str, Any], invocation: Invocation) -> dict[str, Any]:
    """Make the calls that a preview showed."""
    together = _is_together(event)
    if isinstance(event["apply"], Mapping):
        return {"outcomes": [_apply_shown(remediation, event["apply"], invocation, together=together).as_json()]}
    shown = journal.read(str(event["apply"]))
    if shown is None or shown.remediation != remediation.name:
        why = _whose(shown, event["apply"])
        raise CommandError(f"{remediation.name} has shown nothing as {names.shown(event['apply'])}: there is nothing to apply, and nothing was changed{why}")
    if shown.status == fixes.CLAIMED and shown.preview:
        raise CommandError(f"{shown.id} is being told at this moment, or that has failed: nothing was changed. Give this command again in a minute")
    if not shown.preview or shown.status != Outcome.WOULD_FIX.value:
        raise CommandError(f"{shown.id} ended as {shown.status}: only what was shown as WOULD_FIX can be applied, and nothing was changed")
    return {"outcomes": [_carry_out(remediation, shown, invocation, together=together).as_json()]}


def _is_together(event: Mapping[str, Any]) -> bool:
    """Tell whether a command is one of many, to be told with the others."""
    if event.get("together", False) not in (True, False):
        raise CommandError(f"'together' is true or false, not {names.shown(str(event['together']))}. Nothing was changed")
    return event.get("together") is True


def _survey(remediation: Algorithm, event: Mapping[str, Any], invocation: Invocation) -> dict[str, Any]:
    """Look at everything of the remediation's type."""
    from snapback.engine import surveys  # noqa: PLC0415 - as in the next one

    return surveys.survey(remediation, event, invocation)


def _apply_shown(remediation: Algorithm, wish: Mapping[str, Any], invocation: Invocation, *, together: bool) -> Case:
    """Make the calls that a survey showed from outside, if the resource shows the same now: that is written down as shown, and applied as anything else is."""
    seen = wish.get("shown")
    if wish.keys() - _ALSO_AS_SHOWN != {"resource", "shown"} or not isinstance(seen, str) or not re.fullmatch("[0-9a-f]{64}", seen):
        raise CommandError('what a survey showed is named by {"resource": "…", "shown": "…"}, with the sum of what it showed. Nothing was changed')
    refuse_placeholder(wish["resource"], "a resource")
    from snapback.engine import surveys  # noqa: PLC0415 - two milliseconds of each cold start, for what hardly ever happens

    surveys.lister_for(remediation)  # what no survey may look with, none has shown: a threat is answered where its event, and no file, tells of it
    resource = _named(remediation, wish["resource"])
    case = Case(remediation, resource, commanded(invocation, "a survey"), invocation)
    first = case.shown_id(seen)
    shown_id, known = journal.shown_as(first, remediation.name, resource)
    if known and _is_half_made(remediation, known):
        return _carry_out(remediation, known, invocation, together=together)
    try:
        shown = remediation.shown_of(case, resource)
    except ClientError as error:
        if not refusals.is_gone(error):
            raise
        return case.end(Outcome.GONE, refusals.said_by(error))
    except (OnlyPeople, BelongsElsewhere) as error:
        raise CommandError(f"{names.shown(resource)} is not applied, and nothing was changed: {error}") from error
    if shown is None:
        return case.end(Outcome.ALREADY_OK, "it shows no problem now, so nothing was changed")
    if different := _different(shown, first) or _otherwise(remediation, shown, case.signal, wish):
        raise CommandError(f"{names.shown(resource)} is not applied, and nothing was changed: {different}")
    if not known:
        shown.id = shown_id
        try:
            journal.show(shown)
        except EvidenceTooLarge as error:
            raise CommandError(f"{names.shown(resource)} is not applied: {error}") from error
    return _carry_out(remediation, known or shown, invocation, together=together)


def _different(shown: Fix, expected: str) -> str:
    """Return why what a survey shows now is not what it showed then, or cannot be applied."""
    if shown.id != expected:
        wrong = names.shown(json.dumps(disclosed(list(shown.evidence))), 1000)
        calls = names.shown(json.dumps(list(shown.calls)), 1000)
        return f"it is not as the survey showed it. It shows {wrong} now, for which {calls} would be called: survey it again"
    return shown.reason


def _otherwise(remediation: Algorithm, shown: Fix, signal: Signal, wish: Mapping[str, Any]) -> str:
    """Return in what class or severity, by which people choose and agree, the survey's file has it otherwise; nothing if it does not, or says none."""
    own = {"class": "disruptive" if remediation.is_disruptive(shown.evidence, signal) else "safe", "severity": remediation.severity}
    others = [part for part in own if wish.get(part, own[part]) != own[part]]
    return "; ".join(f"its {part} is {own[part]}, and not {names.shown(str(wish[part]))}, as it was shown: survey it again" for part in others)


def _is_half_made(remediation: Algorithm, shown: Fix) -> bool:
    """Tell whether an attempt to apply it was cut off: then the resource may be neither as it was shown nor right."""
    attempt = journal.read(journal.last_holder(remediation.name, shown.resource))
    return attempt is not None and attempt.status == fixes.CLAIMED and attempt.applies == shown.id


def _whose(found: Fix | None, given: object) -> str:
    """Return to whom the id belongs that another remediation was given, or how an id looks."""
    if found is not None:
        return f". It is {found.remediation}'s ({found.status} {names.shown(found.resource)}): give it to that function"
    if isinstance(given, str) and re.fullmatch(r"sb-[0-9a-f]{16}", given):
        return ". Ids are kept for JournalDays; the command snapback finds the nearest"
    return ". An id is sb- and sixteen characters, as in the last line of the alert"


def _nearest(given: str, known: Iterable[str], what: str) -> str:
    """Return which of the known is probably meant, and which there are."""
    from difflib import get_close_matches  # noqa: PLC0415 - more than a millisecond of each cold start, for what hardly ever happens

    there = sorted(known)
    if not there:
        return f"{what} none"
    near = get_close_matches(given, there, 1, cutoff=0.5)
    some = ", ".join(names.shown(one) for one in there[:_MOST_NAMED]) + (f" and {len(there) - _MOST_NAMED} more" if len(there) > _MOST_NAMED else "")
    return f"{f'do you mean {names.shown(near[0])}? ' if near else ''}{what} {some}"


def _carry_out(remediation: Algorithm, shown: Fix, invocation: Invocation, *, again: str = "", together: bool = False) -> Case:
    """Put right what the preview showed, by the settings by which it was wrong, and tell it with who changed the resource and who has applied it."""
    actor = Actor(**shown.actor) if shown.actor else None
    signal = commanded(invocation, f"an operator's apply of {shown.id}")._replace(actor=actor, is_together=together)
    with settings.as_they_were(shown.settings):
        return remediation.put_right(shown.resource, signal, invocation, applies=shown, again=again)


def _reason(event: Mapping[str, Any]) -> str:
    given = event.get("reason")
    return names.shown(given, 300) if given not in (None, "") and not is_placeholder(given) else "no reason given"


def _undo(remediation: Algorithm, event: Mapping[str, Any], invocation: Invocation) -> dict[str, Any]:
    from snapback.engine import undo  # noqa: PLC0415 - a millisecond of each cold start, for what hardly ever happens

    fix = journal.read(str(event["undo"]))
    if fix is None or fix.remediation != remediation.name:
        raise CommandError(f"{remediation.name} has made no fix {names.shown(event['undo'])}, and nothing was changed{_whose(fix, event['undo'])}")
    reason = _reason(event)
    end = datetime.fromtimestamp(clock.now(), UTC) + timedelta(days=settings.number("EXEMPT_DAYS_AFTER_UNDO"))
    until = end.strftime("%Y-%m-%dT%H:%M:%SZ")
    exemption = Exemption(remediation.exempt_as(fix.resource), owner="undo", reason=f"{fix.id} was taken back: {reason}", until=until)
    case = _case(remediation, fix.resource, invocation, "an operator's undo")
    with settings.as_they_were(fix.settings):
        return undo.take_back(case, fix, f"{reason}. It is exempt until {until}.", exemption).as_json()


def _exempt(remediation: Algorithm, event: Mapping[str, Any], invocation: Invocation) -> dict[str, Any]:
    wish = event["exempt"]
    if isinstance(wish, str):  # all in one, as a button of a chat channel says it
        wish = {**{part: event[part] for part in ("owner", "reason", "until", "for") if part in event}, "resource": wish}
    if isinstance(wish, Mapping):
        _refuse_unknown_words(wish, ["resource", *_ANSWERED_FOR])
    else:
        raise CommandError("an exemption is an object with resource, owner, reason and until (or for)")
    if not remediation.writes:
        raise CommandError(
            f"{remediation.name} changes nothing, so nothing can be exempt from it. To hear no more of a finding or a type of findings: 'silence'"
        )
    exemption = Exemption.granted(wish, clock.now())
    given = exemption.resource
    refuse_placeholder(given, "a resource")
    if given.endswith("*"):
        _check_beginning(remediation, given)
        covers = _covered(remediation, exemption)
    else:
        exemption = exemption._replace(resource=_known(remediation, given))
        same = "" if given == exemption.resource else f", which is what {names.shown(given, 300)} names"
        covers = f"It covers {names.shown(exemption.resource, 300)}{same}"
    return _exempted(remediation, remediation.problem or remediation.name, exemption, invocation, covers)


def _check_beginning(remediation: Algorithm, given: str) -> None:
    """Raise `CommandError` if no resource can have a name that begins so, in the journal: the exemption would cover nothing."""
    is_arn, kind = given.startswith("arn:"), remediation.resource
    if names.is_named_by_arn(kind) and not is_arn and kind not in _ALSO_BY_NAME:
        raise CommandError(f"{names.shown(given)} would cover nothing: what {remediation.name} looks after is known by its ARN, so give the beginning of that")
    if is_arn and not names.is_named_by_arn(kind):
        raise CommandError(f"{names.shown(given)} would cover nothing: what {remediation.name} looks after is known by its name, so give the beginning of that")


def _covered(remediation: Algorithm, exemption: Exemption) -> str:
    """Say which resources of those that the journal knows to be waiting an exemption by the beginning of names covers."""
    known = {*notices.held(remediation.name), *notices.all_let_through(remediation.name)}
    covered = sorted(one for one in known if exemption.covers(one))
    some = ", ".join(names.shown(one) for one in covered[:_MOST_NAMED]) + (f" and {len(covered) - _MOST_NAMED} more" if len(covered) > _MOST_NAMED else "")
    now = f"of those that wait for a person now: {some}" if covered else "none that is known now"
    return f"It covers all whose names begin with {names.shown(exemption.resource[:-1], 300)}; {now}"


def _unexempt(remediation: Algorithm, event: Mapping[str, Any], invocation: Invocation) -> dict[str, Any]:
    resource = str(event["unexempt"])
    kept_as = remediation.problem or remediation.name
    in_force = decisions.exemptions_of(kept_as)
    if not resource.endswith("*"):
        try:
            resource = _named(remediation, resource)
        except CommandError as error:
            now = _nearest(resource, [one.resource for one in in_force if not one.is_silence], "In force are")
            raise CommandError(f"{error}, so nothing was changed. {_capital(now)}") from error
    if resource not in [one.resource for one in in_force]:
        wider = next((one.resource for one in in_force if one.covers(resource)), "")
        hint = f": it is covered by {names.shown(wider)}, which can only be ended whole" if wider else ""
        now = _nearest(resource, [one.resource for one in in_force if not one.is_silence], "In force are")
        raise CommandError(f"{names.shown(resource)} has no exemption of its own from {remediation.name}{hint}, so nothing was changed. {_capital(now)}")
    return _exempted(remediation, kept_as, ended(resource), invocation)


def _silence(remediation: Algorithm, event: Mapping[str, Any], invocation: Invocation) -> dict[str, Any]:
    wish = event["silence"]
    if not isinstance(wish, Mapping):
        raise CommandError("a silence is an object with finding (its type or its id), owner, reason and until")
    finding = wish.get("finding")
    if not isinstance(finding, str) or not finding.strip("* ") or re.fullmatch(r"\s*(\d{12}|arn:[^:]*:iam::\d{12}:root)\s*", finding):
        raise CommandError(
            "a silence needs 'finding': a finding's type (UnauthorizedAccess:EC2/SSHBruteForce) or its id. An account or everything cannot be silenced"
        )
    refuse_placeholder(finding, "a finding")
    _refuse_unknown_words(wish, ["finding", "resource", *_ANSWERED_FOR])
    silence = Exemption.granted({**wish, "resource": f"{FINDING}{finding.strip()}"}, clock.now())
    return _exempted(remediation, remediation.name, silence, invocation)


def _unsilence(remediation: Algorithm, event: Mapping[str, Any], invocation: Invocation) -> dict[str, Any]:
    finding = str(event["unsilence"])
    silent = [one.resource.removeprefix(FINDING) for one in decisions.exemptions_of(remediation.name) if one.is_silence]
    if finding not in silent:
        now = _nearest(finding, silent, "In force are")
        raise CommandError(f"{remediation.name} has not silenced {names.shown(finding)}, so nothing was changed. {_capital(now)}")
    return _exempted(remediation, remediation.name, ended(f"{FINDING}{finding}"), invocation)


def _exempted(remediation: Algorithm, kept_as: str, exemption: Exemption, invocation: Invocation, covers: str = "") -> dict[str, Any]:
    """Write the exemption or the silence down, or its end, and tell it."""
    decisions.exempt(kept_as, exemption)
    case = _case(remediation, exemption.resource, invocation, "an operator")
    what = "silence" if exemption.is_silence else "exemption"
    if exemption.ends > clock.now():
        case.fix.notes = {
            "headline": "Silenced" if exemption.is_silence else "Exempt from now on",
            "ended_by": {"unsilence": exemption.resource.removeprefix(FINDING)} if exemption.is_silence else {"unexempt": exemption.resource},
        }
    elif exemption.is_silence:
        case.fix.notes = {"headline": "The silence has ended"}
    else:
        waits = notices.was_let_through(remediation.name, exemption.resource)
        case.fix.notes = {"headline": "The exemption has ended", **({"ended_by": {"release": exemption.resource}} if waits else {})}
    then = "" if exemption.is_silence or exemption.ends <= clock.now() else exemption_ends.arrange_look(case, exemption)
    after = "people hear of it again" if exemption.is_silence else "the next event about it is handled as any other"
    case.fix.reason = f"the {what} was ended: {after}" if exemption.ends <= clock.now() else ". ".join(part for part in (str(exemption), covers, then) if part)
    return _told(case, Outcome.EXEMPTED)


def _named(remediation: Algorithm, given: object) -> str:
    """Return the name under which the journal has the resource: of its ARN, and of the name that people use. Raises `CommandError` if it can be none."""
    try:
        named = names.checked(remediation.resource, names.name_in(remediation.resource, given))
        resource = remediation.resolve(named) if remediation.resolve else named
    except UnreadableEvent as error:
        raise CommandError(str(error)) from error
    except ClientError as error:
        if not refusals.is_gone(error):
            raise
        raise CommandError(f"there is no {names.shown(given)}: {refusals.said_by(error)}") from error
    if resource is None:
        raise CommandError(f"there is no {names.shown(given)}")
    return names.checked(remediation.resource, resource)


def _known(remediation: Algorithm, given: object) -> str:
    """Return the name under which the journal has the resource. Raises `CommandError` if AWS knows none such here."""
    resource = _named(remediation, given)
    try:
        remediation.violation(resource)
    except OnlyPeople:
        pass  # it is there
    except BelongsElsewhere as error:
        raise CommandError(str(error)) from error
    except ClientError as error:
        if refusals.is_gone(error):
            waiting = {*notices.held(remediation.name), *notices.all_let_through(remediation.name)}
            now = f". {_capital(_nearest(str(given), waiting, 'For a person wait'))}" if waiting else ""
            raise CommandError(
                f"there is no {names.shown(given)}, and nothing was changed: {refusals.said_by(error)}{now}. "
                "For what is not there yet, give the beginning of its name and a *"
            ) from error
        if not refusals.is_refused(error):
            raise
    return resource


def _preview(remediation: Algorithm, event: Mapping[str, Any], _: Invocation) -> dict[str, Any]:
    resource = _named(remediation, event["preview"])
    with clients.watched(preview=True) as calls:
        try:
            evidence = list(remediation.violation(resource))
            if evidence:
                remediation.fix(resource, evidence)
        except (OnlyPeople, BelongsElsewhere) as error:
            raise CommandError(str(error)) from error
        except ClientError as error:
            if not refusals.is_gone(error):
                raise
            raise CommandError(f"there is no {names.shown(event['preview'])}: {refusals.said_by(error)}") from error
    return {"resource": resource, "wrong": disclosed(evidence), "calls": [call.as_json() for call in calls.made]}


def _accept(remediation: Algorithm, event: Mapping[str, Any], invocation: Invocation) -> dict[str, Any]:
    if remediation.remember is None:
        raise CommandError(f"{remediation.name} remembers nothing, so there is nothing to accept; leave a resource alone with 'exempt'")
    named = names.checked(remediation.resource, event["accept"])
    resource = (remediation.resolve(named) if remediation.resolve else None) or named
    now, good = remediation.remember(resource), memory.recall(remediation.name, resource)
    if now is None and good is None:
        remembered = _nearest(resource, memory.names(remediation.name), "Remembered are")
        raise CommandError(f"there is no {names.shown(resource)}, and nothing is remembered of it. {_capital(remembered)}")
    if now is None:
        memory.forget(remediation.name, resource)
    else:
        memory.learn(remediation.name, {resource: now})
    case = _case(remediation, resource, invocation, "an operator")
    reason = _reason(event)
    case.fix.reason = f"{'it is gone, and forgotten' if now is None else 'it is remembered as it is now'}: {reason}"
    return _told(case, Outcome.ACCEPTED)


def _mode(remediation: Algorithm, event: Mapping[str, Any], invocation: Invocation) -> dict[str, Any]:
    """Write down and tell which mode a person has chosen."""
    word = event["mode"]
    if word not in modes.WORDS:
        from difflib import get_close_matches  # noqa: PLC0415 - more than a millisecond of each cold start, for what hardly ever happens

        near = get_close_matches(str(word).lower(), modes.WORDS, n=1, cutoff=0.5)
        hint = f". Do you mean {near[0]}?" if near else "."
        kept_as = remediation.problem or remediation.name
        chosen = modes.chosen_in(journal.decided(Fix("", remediation.name, "", "", "", problem=kept_as)), remediation.name)
        now = str(chosen) if chosen.mode else "none was chosen, so its class's holds"
        raise CommandError(f"the mode is one of {', '.join(modes.WORDS)}, not {names.shown(word)}{hint} Nothing was changed: {now}")
    if not remediation.writes:
        raise CommandError(f"{remediation.name} changes nothing, so it has no mode. To hear no more of a finding or a type of findings: 'silence'")
    if settings.is_switched_off(remediation.name):
        raise CommandError(f"{remediation.name} is off by the deployment: take it out of the stack's parameter SwitchedOff first. Nothing was changed")
    at = datetime.fromtimestamp(clock.now(), UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    choice = modes.Choice(str(word), invocation.by[:300], at)
    decisions.choose(remediation.problem or remediation.name, remediation.name, choice)
    case = _case(remediation, invocation.account or remediation.name, invocation, "an operator")
    case.fix.notes = {"headline": _MODES[str(word)], **({} if word == modes.DEFAULT else {"ended_by": {"mode": modes.DEFAULT}})}
    case.fix.reason = f"its class's mode holds again, chosen by {invocation.by or 'somebody who did not say'}" if word == modes.DEFAULT else str(choice)
    return _told(case, Outcome.CHOSEN)


def _release(remediation: Algorithm, event: Mapping[str, Any], invocation: Invocation) -> dict[str, Any]:
    """Handle what is held, one after the other; each is forgotten only once it is handled, so the command can be given again for the rest."""
    name, given = remediation.name, event["release"]
    resource = given if isinstance(given, str) and notices.is_held(name, given) else _named(remediation, given)
    if not notices.is_held(name, resource) and not notices.is_contested(name, resource):
        return _release_after_exemption(remediation, given, resource, invocation)
    signal = commanded(invocation, "an operator's release")
    notices.hold(name, resource)  # so that it stays held if this is cut off
    held = notices.held(name)
    notices.release(name, resource)
    if not remediation.writes:
        for one in held:
            notices.released(name, one)
        return {"outcomes": [], "released": held}  # what was not told stands in the log; there is nothing to handle again
    cases: list[Case] = []
    failures: list[Exception] = []
    ended: dict[str, Outcome] = {}
    waiting = list(dict.fromkeys([resource, *held]))
    while waiting and invocation.seconds_left() > FOR_ANOTHER:
        one = waiting.pop(0)
        try:
            cases += _handle(remediation, one, signal, invocation)
            ended[one] = cases[-1].outcome
            if ended[one] is not Outcome.HELD and one != resource:
                notices.released(name, one)
        except Exception as failure:  # not hidden: raised below, once every resource had its turn
            logger.exception("release failed", resource=names.shown(one))
            failures.append(failure)
    if failures:
        raise SeveralFailed(f"{len(failures)} resources could not be handled and are still held; give this command again: {failures[0]}") from failures[0]
    if not waiting and ended[resource] is not Outcome.HELD:  # what the command names stays held to the end, so that it can be given again
        notices.released(name, resource)
    still = {"still_held": waiting, "reason": "there was no time for these: give this command again"} if waiting else {}
    return {"outcomes": [case.as_json() for case in cases], **still}


def _release_after_exemption(remediation: Algorithm, given: object, resource: str, invocation: Invocation) -> dict[str, Any]:
    """Handle what an exemption let through; raise `CommandError` if that is not so."""
    if not notices.was_let_through(remediation.name, resource):
        raise CommandError(_not_held(remediation, given))
    cases = _handle(remediation, resource, commanded(invocation, "an operator's release"), invocation)
    if cases[-1].outcome is not Outcome.EXEMPT:
        notices.handled_after_exemption(remediation.name, resource)
    return {"outcomes": [case.as_json() for case in cases]}


def _retry(remediation: Algorithm, event: Mapping[str, Any], invocation: Invocation) -> dict[str, Any]:
    """Handle again what an earlier attempt could not put right."""
    attempt = journal.read(str(event["retry"]))
    if attempt is None or attempt.remediation != remediation.name:
        why = _whose(attempt, event["retry"])
        raise CommandError(f"{remediation.name} has made no attempt {names.shown(event['retry'])}: there is nothing to try again, and nothing was changed{why}")
    if not remediation.writes:
        raise CommandError(f"{remediation.name} changes nothing, so there is nothing to try again")
    is_undone = attempt.status == Outcome.UNDONE.value
    if (attempt.status not in _NOT_DONE and not is_undone) or attempt.retried:
        how = "was tried again, and is settled" if attempt.retried else f"ended as {attempt.status}"
        raise CommandError(f"{attempt.id} {how}: there is nothing to try again, and nothing was changed")
    later = journal.read(journal.last_holder(remediation.name, attempt.resource))
    if later and later.id != attempt.id and later.finished_at > attempt.finished_at and later.status in (Outcome.FIXED, Outcome.UNDONE):
        raise CommandError(f"after {attempt.id} there was {later.id}, which ended as {later.status}: there is nothing to try again, and nothing was changed")
    if is_undone:
        _end_exemption_of_undo(remediation, attempt)
    if shown := journal.read(attempt.applies) if attempt.applies else None:
        finished = remediation.finish_cut_off(shown.resource, commanded(invocation, "an operator's retry"), invocation)
        is_first = attempt.id == fixes.fix_id("apply", shown.id, "")
        again = "" if is_first and attempt.status == fixes.CLAIMED else attempt.id  # what was begun and wrote nothing was taken back just now
        cases = [finished or _carry_out(remediation, shown, invocation, again=again)]
    else:
        cases = _handle(remediation, attempt.resource, commanded(invocation, "an operator's retry"), invocation)
    if cases[-1].outcome in _DONE and cases[-1].fix.id != attempt.id:
        journal.note_retried(attempt)
    return {"outcomes": [case.as_json() for case in cases]}


def _end_exemption_of_undo(remediation: Algorithm, undone: Fix) -> None:
    """End the exemption that an undo has brought, and no other: a person who wants the fix again does not want that any more."""
    kept_as = remediation.problem or remediation.name
    exempt = remediation.exempt_as(undone.resource)
    if any(one.resource == exempt and one.owner == "undo" for one in decisions.exemptions_of(kept_as)):
        decisions.exempt(kept_as, ended(exempt))


def _not_held(remediation: Algorithm, given: object) -> str:
    """Return why there is nothing to release, and what there is."""
    held = notices.held(remediation.name)
    return (
        f"{names.shown(given)} is not held by {remediation.name}, nor contested: there is nothing to release, and nothing was changed. "
        f"{_capital(_nearest(str(given), held, 'Held are')) if held else 'Nothing is held'}. Without an event that tells of it Snapback changes nothing"
    )


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _handle(remediation: Algorithm, resource: str, signal: Signal, invocation: Invocation) -> list[Case]:
    """Finish what an earlier attempt left half made, then handle the resource as an event would: it is looked at anew, and every guard is asked."""
    finished = remediation.finish_cut_off(resource, signal, invocation)
    return [*([finished] if finished else []), remediation.put_right(resource, signal, invocation, several=True)]


def _case(remediation: Algorithm, resource: str, invocation: Invocation, source: str) -> Case:
    return Case(remediation, resource, commanded(invocation, source), invocation)


def _told(case: Case, outcome: Outcome) -> dict[str, Any]:
    alerts.notify(case, outcome)
    return case.end(outcome, case.fix.reason).as_json()


_COMMANDS: Mapping[str, Callable[[Algorithm, Mapping[str, Any], Invocation], dict[str, Any]]] = {
    "apply": _apply,
    "survey": _survey,
    "undo": _undo,
    "exempt": _exempt,
    "unexempt": _unexempt,
    "silence": _silence,
    "unsilence": _unsilence,
    "preview": _preview,
    "accept": _accept,
    "mode": _mode,
    "release": _release,
    "retry": _retry,
}

_ANSWERED_FOR = ("owner", "reason", "until", "for")
_WORDS_OF: Mapping[str, Sequence[str]] = {
    "apply": ("together",),
    "survey": ("look",),  # beside which the clock has it gone on with
    "undo": ("reason",),
    "accept": ("reason",),
    "exempt": _ANSWERED_FOR,
    "silence": _ANSWERED_FOR,
}
"""Command -> which words it may have, besides its own name and `by`."""

_MODES: Mapping[str, str] = {
    modes.OFF: "Switched OFF by a person: nothing is done about this",
    modes.PREVIEW: "Only shown from now on, as a person has chosen",
    modes.ENFORCE: "Put right from now on, as a person has chosen",
    modes.DEFAULT: "The class's mode holds again, as a person has chosen",
}
"""Mode -> what is true now."""

BY_ID = frozenset({"apply", "undo", "retry"})
"""Commands whose word is an id."""
_OTHERWISE = ("exempt", "silence", "mode", "survey")
"""Commands whose word is neither an id nor a resource: they judge it themselves."""
