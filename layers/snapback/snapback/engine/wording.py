"""How an alert is said to people: the e-mail, the line for a subject and SMS, and the card in chat. All of it is made of the alert's JSON (`alerts`)."""

import json
import os
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from snapback.engine.findings import STEPS_ONCE_CONTAINED
from snapback.engine.names import shown
from snapback.engine.outcomes import NEEDS_PERSON, Outcome

Facts = Mapping[str, Any]
"""An alert's JSON, as docs/alert.schema.json has it."""

_LONGEST_SUBJECT = 100
_LONGEST_LINE = 2_000
_LONGEST_IN_CHAT = 300
_LONGEST_STEP = 600
"""Characters of what to do first, of which nobody should miss the end."""
_LONGEST_NAME = 1_100
_PRINTABLE = r"[ -;=?-_a-~]*"
"""Printable ASCII but for `<`, `>` and the backtick, which are markup in chat."""
LOOK: Final = "Please look at this"
"""What a report says that is about no threat."""
ANY_ID: Final = "AN ID FROM ABOVE"
"""What stands in a digest's command in the place of an id."""
_STAYS: Final = "but something stays"
"""What a headline says where something is wrong still that the fix was not for."""
_CHAT = "1.0"
"""Version of Amazon Q's custom notifications."""
_ONE_WORD = r"\w[\w:/.=+@-]{0,1000}"
"""What can be put into the command of a button."""

_HEADLINES: Final[Mapping[str, str]] = {
    Outcome.FIXED: "Fixed",
    Outcome.WOULD_FIX: "NOT fixed: preview, nothing was changed",
    Outcome.HELD: "NOT fixed: held until you decide",
    Outcome.CONTESTED: "NOT fixed: it keeps coming back",
    Outcome.PARTIAL: "Only partly fixed",
    Outcome.FAILED: "NOT fixed: AWS refused",
    Outcome.UNVERIFIED: "Perhaps not fixed",
    Outcome.REPORTED: "NOT fixed: only people can",
    Outcome.UNDONE: "Fix taken back: it is as it was before",
    Outcome.UNDO_REFUSED: "Fix NOT taken back",
    Outcome.EXEMPTED: "Exempt",
    Outcome.ACCEPTED: "Accepted as it is now",
    Outcome.CHOSEN: "Mode chosen by a person",
    Outcome.DIGEST: "Much at once",
}

_OF_THREATS: Final[Mapping[str, str]] = {
    Outcome.WOULD_FIX: "NOT contained: preview, nothing was changed. Investigate",
    Outcome.HELD: "NOT contained: held until you decide. Investigate",
    Outcome.CONTESTED: "NOT contained: it keeps coming back. Investigate",
    Outcome.PARTIAL: "Perhaps NOT contained: only a part was done. Investigate",
    Outcome.FAILED: "NOT contained: AWS refused. Investigate",
    Outcome.UNVERIFIED: "Perhaps not contained. Investigate",
    Outcome.REPORTED: "NOT contained: Snapback only tells. Investigate",
}
"""What is true of the threat comes before what is true of the fix."""

_TAKEN_OFF: Final[Mapping[str, str]] = {
    Outcome.FIXED: "Contained again: somebody had taken that off",
    Outcome.WOULD_FIX: "NOT contained any more: somebody took that off, and nothing was done (preview)",
}
"""Whoever has it taken off rightly uses the undo command, which is no such call."""

_IN_SHORT: Final[Mapping[str, str]] = {
    "Fixed": "Fixed",
    "NOT fixed: preview, nothing was changed": "NOT fixed (preview)",
    "NOT fixed: held until you decide": "NOT fixed, HELD",
    "NOT fixed: it keeps coming back": "NOT fixed, CONTESTED",
    "NOT fixed: AWS refused": "NOT fixed, REFUSED",
    "NOT fixed: only people can": "For you",
    "Fix taken back: it is as it was before": "Fix undone",
    "Accepted as it is now": "Accepted",
    "Exempt from now on": "Exempt",
    "The exemption has ended": "Exemption ended",
    "The silence has ended": "Silence ended",
    "Switched OFF by a person: nothing is done about this": "Switched OFF",
    "Only shown from now on, as a person has chosen": "Only shown now",
    "Put right from now on, as a person has chosen": "Enforced now",
    "The class's mode holds again, as a person has chosen": "Mode of the class",
    "NOT contained: preview, nothing was changed. Investigate": "NOT contained (preview)",
    "NOT contained: Snapback only tells. Investigate": "Investigate",
    "Contained again: somebody had taken that off": "Contained again",
    "NOT contained any more: somebody took that off, and nothing was done (preview)": "NOT contained any more",
}
"""Headline -> how a subject and SMS have it; any other is cut at its first colon or full stop. That something stays is said by each (`_in_short`)."""


def headline(facts: Facts, *, contained: str = "", stays: bool = False, writes: bool = True) -> str:
    """Return what is true now, in a few words.

    `contained`: what is true once the threat was answered (`Isolated`). `stays`: something is wrong still that the fix was not for. `writes`: not for a report.
    """
    outcome = facts["outcome"]
    if outcome == Outcome.REPORTED and not facts["threat"] and not writes:
        return LOOK
    if outcome == Outcome.UNDONE and contained:
        return "NOT contained any more: that was taken back"
    if facts["threat"] and outcome == Outcome.FIXED:
        return f"{contained or 'Contained'}, {_STAYS}. Now investigate" if stays else f"{contained or 'Contained'}. Now investigate"
    if outcome == Outcome.FIXED and stays:
        return f"Fixed, {_STAYS}"
    return (_OF_THREATS.get(outcome) if facts["threat"] else None) or _HEADLINES[outcome]


def of_what_was_taken_off(outcome: Outcome, *, stays: bool) -> str:
    """Return the same where somebody has taken off what contained a threat."""
    found = _TAKEN_OFF.get(outcome) or _OF_THREATS.get(outcome) or _HEADLINES[outcome]
    return f"{found}; {_STAYS}" if stays and outcome is Outcome.FIXED else found


def meanings(told: Iterable[Facts]) -> list[str]:
    """Return what these alerts' outcomes mean, of those that need a person, as each alert says it: who reads `26 HELD` need not know the word."""
    said: dict[str, dict[str, None]] = {}
    for alert in told:
        said.setdefault(alert["outcome"], {})[alert.get("headline") or _HEADLINES[alert["outcome"]]] = None
    return [f"{outcome}: {' / '.join(heads).replace(':', ',')}" for outcome, heads in sorted(said.items()) if outcome in NEEDS_PERSON]


def something_stays(told: Iterable[Facts]) -> str:
    """Return what the headline says of alerts one of which says that something is wrong still; else nothing."""
    return f", {_STAYS}" if any(_STAYS in alert.get("headline", "") for alert in told) else ""


def title(head: str, problem: str) -> str:
    """Return both in one line."""
    return f"{head}{_between(head)} {problem}."


def _between(head: str) -> str:
    """Return what stands between a headline and the problem."""
    return "." if ":" in head else ":"


def subject(facts: Facts) -> str:
    """Return `HIGH prod: Fixed: The internet can reach an administration port (sg-0123…)`: at most 100 ASCII characters, on one line."""
    head = facts["headline"]
    state = "" if head == LOOK else f"{_in_short(head)}: "
    begin = f"{facts['severity'].upper()} {facts['account_alias'] or facts['account']}".rstrip() + f": {state}"
    name = facts["resource"]["name"]
    name = _end_of(name) if name.startswith("arn:") else name
    is_of_a_thing = name != facts["account"]
    # A finding's title is too long, and its end says most; but of an attack sequence, which is about no single thing, its beginning says whom it is about.
    is_by_type = facts["finding"] and facts["finding"]["first_steps"] and is_of_a_thing
    matter = facts["finding"]["type"] if is_by_type else _what(facts) or facts["problem"]
    matter = shown(matter, max(_LONGEST_SUBJECT - len(begin), 4))
    room = _LONGEST_SUBJECT - len(f"{begin}{matter} ()")
    end = f" ({shown(name, room)})" if room >= min(len(name), 12) and name and is_of_a_thing else ""  # what could not be recognised is left out
    return f"{begin}{matter}{end}"[:_LONGEST_SUBJECT]


def _in_short(head: str) -> str:
    """Return a headline as a subject and SMS have it, who may be all that a person reads: none drops that something stays."""
    bare = re.sub(f"[,;] {_STAYS}", "", head)
    stays = "" if bare == head else f", {_STAYS}"
    return (_IN_SHORT.get(bare) or re.split(r"[:.;]", bare)[0]) + stays


def _end_of(arn: str) -> str:
    """Return the end of an ARN by which people know the thing: of a load balancer that is not the number behind its name."""
    *_, before, last = ["", *re.split(r"[/:]", arn)]
    return before if re.fullmatch(r"[0-9a-f]{16}", last) else last


def mail(facts: Facts, *, steps_to: str = "") -> str:
    """Return the alert as text. The order is that of a tired reader's questions: what, how bad, is it over, what do I do.

    `steps_to`: what the fix's steps are for, if those are its evidence, and not what is wrong: `contain it`.
    """
    finding = facts["finding"]
    needs = "Needs you: yes." if facts["needs_person"] else f"Needs you: no.{_comes_again(facts)}"
    what = f"\n{_what(facts)}" if _what(facts) else ""
    untouched = " Snapback has changed nothing." if facts["headline"] == LOOK else ""
    head = f"{facts['headline']}{_between(facts['headline'])}\n{facts['problem']}.{what}"
    parts = [f"{head}\n\nSeverity: {facts['severity']}. {needs}{untouched}\n{_where(facts)}"]
    if facts["reason"]:
        parts.append(f"REASON\n  {facts['reason']}")
    if steps := first_steps(facts):
        parts.append(f"DO FIRST\n  {steps}")
    acts_first = facts["needs_person"] and facts["outcome"] != Outcome.FIXED  # what was put right can only be taken back
    parts += _next(facts) if acts_first else []
    if finding:
        parts.append("FINDING\n" + "\n".join(f"  {line}" for line in _of_finding(finding, facts["problem"])))
    if facts["before"] and not _is_told_above(facts):
        is_report = facts["headline"] == LOOK
        if not is_report:
            parts.append(f"{_seen_before(facts, steps_to)}\n" + _bullets(facts["before"], facts["before_count"], facts))
        elif further := _sentences(facts):
            parts.append(f"MORE ABOUT IT\n{further}")
    parts.append(f"WHO\n  {_who(facts)}\n  {_trigger(facts)}")
    did = "WHAT WOULD BE DONE" if facts["outcome"] == Outcome.WOULD_FIX else "WHAT WAS DONE"
    if facts["calls"]:
        parts.append(f"{did}\n" + _bullets(facts["calls"], facts["calls_count"], facts))
    if facts["left_count"]:
        is_all = facts["left"] == facts["before"] and facts["left_count"] == facts["before_count"]
        still = "STEPS STILL TO DO" if steps_to else "STILL WRONG"
        parts.append(f"{still}\n" + ("  All of it." if is_all else _bullets(facts["left"], facts["left_count"], facts)))
    elif facts["outcome"] == Outcome.FIXED:
        says_more = facts["after"] is not None and not isinstance(facts["after"], bool)  # a mere yes is what the look has shown
        parts.append(f"NOW\n  Looked again: {_seen(facts)}." + (f"\n  As it is: {_line(facts['after'])}" if says_more else ""))
    parts += _next(facts) if not acts_first else []
    parts += _if_meant(facts)
    parts += pages(facts)
    parts += commands(_offered(facts), facts)
    parts.append(_reference(facts))
    return "\n\n".join(parts) + "\n"


def _seen(facts: Facts) -> str:
    """Return what the look after the fix has shown."""
    if _STAYS in facts["headline"]:
        return "what the fix is for is gone; what stays is said above"
    if facts["threat"]:
        return "it is done. What was open or running before may last for a while"
    return "the problem is gone. Nothing else was touched"


_STILL_WRONG: Final = (Outcome.WOULD_FIX, Outcome.HELD, Outcome.CONTESTED, Outcome.FAILED)
"""With these nothing of it was put right."""


def _seen_before(facts: Facts, steps_to: str) -> str:
    """Return the heading of what was seen before the fix: nobody is to take for over what is not, nor the other way round."""
    outcome = facts["outcome"]
    if outcome == Outcome.UNDONE:
        return "STEPS TAKEN BACK" if steps_to else "WRONG AGAIN"
    if steps_to:
        return f"STEPS TO {steps_to.upper()}, AND WHAT WAS BEFORE"
    if outcome == Outcome.REPORTED:  # of a door that is shut again, too
        return "WHAT WAS FOUND"
    return "WHAT IS WRONG" if outcome in _STILL_WRONG else "WHAT WAS WRONG"


def _comes_again(facts: Facts) -> str:
    """Return that it is put right for now only, where what has made the change makes it again."""
    is_fixed, actor = facts["outcome"] == Outcome.FIXED, facts["actor"]
    if is_fixed and actor and actor["pipeline"]:
        return " But it comes back with the next deployment (see WHO)."
    return " But it may come back with its stack (see WHO)." if is_fixed and facts["stack"] else ""


def _is_told_above(facts: Facts) -> bool:
    """Tell whether what was wrong is the finding itself, which has a section of its own."""
    first = facts["before"][0]
    return bool(facts["finding"] and facts["finding"]["first_steps"] and isinstance(first, Mapping) and "Finding" in first)


def _told_by(facts: Facts, *words: str) -> str:
    """Return what a report says under one of these words."""
    said = [item[word] for item in facts["before"] if isinstance(item, Mapping) for word in words if item.get(word)]
    return shown(said[0], _LONGEST_LINE) if said and facts["headline"] == LOOK else ""


def _what(facts: Facts) -> str:
    """Return what happened, where a report says it in a sentence."""
    return _told_by(facts, "What")


_STEPS_OF_A_BREAK_IN: Final = (
    "Treat it as a break-in under way: shut out who did it (keys, sessions), cut off what was taken over, then look in CloudTrail at what the same "
    "credentials did."
)
"""What a person does first where no finding says more."""
_STEPS_IF_SOMETHING_STAYS: Final = "Look at what stays, which the reason names: take it away, unless somebody answers for it."
"""The same where no threat was seen."""


def first_steps(facts: Facts) -> str:
    """Return what a person does first: no threat is told without it, nor that something stays."""
    told = (facts["finding"] or {}).get("first_steps") or _told_by(facts, "DoFirst", "ToDo")
    if told:
        return told
    if not facts["threat"]:
        return _STEPS_IF_SOMETHING_STAYS if _STAYS in facts["headline"] else ""
    return STEPS_ONCE_CONTAINED if _is_contained(facts) else _STEPS_OF_A_BREAK_IN


def _is_contained(facts: Facts) -> bool:
    """Tell whether a threat is, or all that a digest is about: of one that is cut nobody knows the rest."""
    if _STAYS in facts["headline"]:
        return False
    is_whole = facts["outcome"] == Outcome.DIGEST and len(facts["before"]) == facts["before_count"]
    return facts["outcome"] == Outcome.FIXED or (is_whole and all(line["outcome"] == Outcome.FIXED for line in facts["before"]))


def _sentences(facts: Facts) -> str:
    """Spell the facts of a report, a line for each: `Session: It began 5 minutes before`. What happened, and what a person does first, stand above already."""
    said = [item if isinstance(item, Mapping) else {"": item} for item in facts["before"]]
    lines = [f"  {_in_words(word)}: {_line(text)}" if word else f"  {_line(text)}" for item in said for word, text in item.items() if word not in _TOLD_ABOVE]
    more = facts["before_count"] - len(said)
    return "\n".join([*lines, *([_and_more(more, facts)] if more else [])])


def _in_words(label: str) -> str:
    """Return `TheSameIdentityWithinADay` as people write it."""
    return re.sub("(?<=[a-z])[A-Z]|(?<=[A-Z])[A-Z](?=[a-z])", lambda found: f" {found[0].lower()}", shown(label))


def _where(facts: Facts) -> str:
    """Return what it is about, and where that is."""
    resource = facts["resource"]
    account = f"{facts['account_alias']} {facts['account']}".strip()
    if resource["name"] == facts["account"]:
        return f"In account {account}, {facts['region']}"
    name = shown(resource["name"], _LONGEST_NAME)
    where = f"{name}\n({resource['type']})" if resource["type"] else name
    where += f"\nin account {account}, {facts['region']}" if account else ""
    return where + (f"\nOwner: {facts['owner']}" if facts["owner"] else "")


def _of_finding(finding: Facts, problem: str) -> list[str]:
    """Spell what is known of a finding, a line for each thing."""
    severity = f"{finding['severity']} ({finding['severity_score'] / 10:g} of 10)" if finding["severity"] else ""
    times = "once" if finding["count"] == 1 else f"{finding['count']} times" if finding["count"] else ""
    period = ", ".join(f"{word}{_at(finding[at])}" for word, at in (("first", "first_seen"), ("last", "last_seen")) if finding[at])
    said = {
        "": f"{finding['found_by']} {finding['type']}".strip() + (f", {severity}" if severity else ""),
        "Sample": "yes: somebody had GuardDuty make it up" if finding["sample"] else "",
        "Title": finding["title"] if finding["title"].removesuffix(".") != problem else "",
        "Description": finding["description"] if finding["description"] != finding["title"] else "",
        "From": finding["remote_address"],
        "Seen": ", ".join(part for part in (times, period) if part),
        "Id": finding["arn"] or finding["id"],
    }
    return [f"{word}: {text}" if word else text for word, text in said.items() if text]


_TITLES: Final[Mapping[str, str]] = {
    "accept": "Accept it as it is now",
    "release": "Release, once you have looked: handles this and all else that is held",
    "apply": "Apply: makes exactly the calls that are shown, if nothing has changed",
    "retry": "Settle what stands in the way, or put it right by hand; then try again",
    "undo": "Undo",
    "unexempt": "End the exemption",
    "unsilence": "End the silence",
    "mode": "Back to the class's mode",
    "exempt": "Exempt: leave this resource alone",
    "silence": "Silence: hear no more of this finding",
}
"""Command -> what it is called, in the order in which they are offered."""

_IF_MEANT: Final = ("exempt", "silence")
"""What leaves it as it is. That comes after what was found, and last where an intruder may be at work: so does undo there."""

_TOLD_ABOVE: Final = ("What", "DoFirst", "ToDo")
"""What of a report's facts an e-mail has said before."""

_OF_THE_COMMAND: Final = ("accept", "apply", "exempt", "mode", "release", "retry", "silence", "undo", "unexempt", "unsilence")
"""What the command `snapback` can give, too."""


def _offered(facts: Facts) -> dict[str, str]:
    """Return the alert's commands with what each is called."""
    titles = {**_TITLES, "retry": "Fix it again, which ends the exemption"} if facts["outcome"] == Outcome.UNDONE else _TITLES
    return {name: what for name, what in titles.items() if name in facts["commands"]}


def _next(facts: Facts) -> list[str]:
    """Return what to do next by the command `snapback`, each on a line of its own."""
    return _section("WHAT YOU CAN DO", {name: title for name, title in _offered(facts).items() if not _leaves_it(name, facts)}, facts)


def _if_meant(facts: Facts) -> list[str]:
    """Return the same of what leaves it as it is, or takes back what contains a threat."""
    head = "IF IT IS A FALSE ALARM" if facts["threat"] else "IF IT IS MEANT SO"
    return _section(head, {name: title for name, title in _offered(facts).items() if _leaves_it(name, facts)}, facts)


def _leaves_it(name: str, facts: Facts) -> bool:
    return name in _IF_MEANT or (name == "undo" and bool(facts["threat"]))


def _section(head: str, titles: Mapping[str, str], facts: Facts) -> list[str]:
    lines = [f"  {title}:\n  {short(name, facts)}" for name, title in titles.items() if name in _OF_THE_COMMAND]
    return [f"{head}\n" + "\n".join(lines)] if lines else []


def short(name: str, facts: Facts) -> str:
    """Return how the command `snapback` gives a command of the alert."""
    given = given_in(facts["commands"][name])[name]
    if name == "mode":
        what, more = f"{facts['remediation']} {shlex.quote(str(given))}", ""
    elif name in ("exempt", "silence"):
        what, more = one_word(str(given.get("resource") or given["finding"])), f" --remediation {facts['remediation']} --for 7d --reason WHY"
    else:
        what, more = one_word(str(given)), " --reason WHY" if name in ("accept", "undo") else ""
    if name in ("accept", "release", "unexempt", "unsilence"):
        more = f" --remediation {facts['remediation']}{more}"
    return f"snapback {name} {what}{more}{_stack(facts)}"


def one_word(given: str) -> str:
    """Return it as one word of a shell, in printable ASCII and without markup: any other character is spelled in bytes, as bash and zsh read it in `$'...'`.

    https://www.gnu.org/software/bash/manual/html_node/ANSI_002dC-Quoting.html
    """
    if re.fullmatch(_PRINTABLE, given):
        return shlex.quote(given)
    spelled = (one if re.fullmatch(_PRINTABLE, one) and one not in "\\'" else "".join(f"\\x{byte:02x}" for byte in one.encode()) for one in given)
    return f"$'{''.join(spelled)}'"


def listed(facts: Facts) -> str:
    """Return how the command `snapback` lists what of the remediation waits for a person."""
    return f"snapback list --waiting --remediation {facts['remediation']}{_stack(facts)}"


def _stack(facts: Facts) -> str:
    """Return by which words the command `snapback` finds the stack."""
    stack = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME", "").removeprefix("/snapback/")
    where = f" --region {facts['region']}" if facts["region"] else ""
    return where + (f" --stack {shlex.quote(stack)}" if stack not in ("", "snapback") else "")


def given_in(command: str) -> dict[str, Any]:
    """Return the payload of an alert's command, out of the quotes into which `alerts.command` has put it: to read it as a shell does takes a millisecond."""
    quoted = command[command.index(" --payload '") + len(" --payload '") : command.rindex("' ")]
    found: dict[str, Any] = json.loads(quoted.replace("'\"'\"'", "'"))  # how `shlex.quote` writes one quote
    return found


def pages(facts: Facts) -> list[str]:
    """Return where each thing is to be seen."""
    words = {"resource": "The resource", "finding": "The finding", "event": "The CloudTrail event", "log": "The function's log", "runbook": "The runbook"}
    lines = [f"  {word}:\n  {facts['links'][name]}" for name, word in words.items() if name in facts["links"]]
    return ["LOOK\n" + "\n".join(lines)] if lines else []


def commands(titles: Mapping[str, str], facts: Facts) -> list[str]:
    """Return the alert's commands as the AWS CLI gives them, under those titles."""
    found = [f"  {title}:\n  {facts['commands'][name]}" for name, title in titles.items() if name in facts["commands"]]
    return ["THE SAME BY THE AWS CLI (change the words in capitals)\n" + "\n".join(found)] if found else []


def _reference(facts: Facts) -> str:
    reference = f"{facts['id']} in the {'journal' if facts['in_journal'] else 'log'}; " if facts["id"] else ""
    controls = f"\n  Security Hub: {', '.join(facts['controls'])}" if facts["controls"] else ""
    return f"REFERENCE\n  {facts['remediation']}: {facts['summary']}{controls}\n  {reference}sent{_at(facts['told_at'])}"


def _at(moment: str | None) -> str:
    """Return ` at 2026-11-24 03:10:00 UTC`; what is written otherwise stays so."""
    return " at " + re.sub(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?Z$", r"\1 \2 UTC", moment) if moment else ""


def _trigger(facts: Facts) -> str:
    """Return what Snapback heard, and when. What a person has asked for stands above already."""
    trigger = facts["trigger"]
    at = _at(trigger["at"])
    return f"Asked{at}" if at and trigger["from"].startswith(_OPERATOR) else f"Trigger: {trigger['from']}{at}"


def _who(facts: Facts) -> str:
    actor, stack = facts["actor"], facts["stack"]
    belongs = f"\n  It belongs to the CloudFormation stack {stack}, which may make the change again." if stack else ""
    if not actor:
        by = facts["trigger"]["from"]
        if by.startswith(_OPERATOR):  # what a person has asked for: `commands`
            said = by.replace(f"{_OPERATOR} by ", f"{_OPERATOR}: ", 1)
            return f"{said[:1].upper()}{said[1:]}{'' if ' by ' in by else ', who did not say their name'}"
        return f"{_who_is_found(facts['finding'])}{belongs}"
    pipeline = "\n  This tool will make the change again with its next deployment, unless the template changes." if actor["pipeline"] else ""
    return f"{actor['text']}{pipeline}{belongs}"


_OPERATOR: Final = "an operator"
"""With what a trigger begins that a person has asked for."""


def _who_is_found(finding: Facts | None) -> str:
    """Return as much of who it was as a finding says; nothing else in the event says it."""
    if not finding:
        return "The event does not say."
    return (
        f"The event does not say. The finding names the address {finding['remote_address']}."
        if finding["remote_address"]
        else "The event does not say. The finding's page or CloudTrail may."
    )


def _bullets(items: Sequence[Any], number: int, facts: Facts) -> str:
    lines = [f"  - {_line(item)}" for item in items]
    if number > len(items):
        lines.append(_and_more(number - len(items), facts))
    return "\n".join(lines)


def _and_more(number: int, facts: Facts) -> str:
    return f"  ... and {number} more" + ("; the journal has them all" if facts["in_journal"] else "")


def _line(item: object) -> str:
    """Spell a piece of evidence or a call on one line: `IpProtocol=tcp FromPort=22 CidrIpv4=0.0.0.0/0`."""
    if isinstance(item, Mapping) and item.keys() == {"service", "operation", "parameters"}:
        return f"{item['service']}.{item['operation']} {_line(item['parameters'])}"
    if isinstance(item, Mapping):
        parts = " ".join(f"{shown(key)}={shown(value if isinstance(value, str) else json.dumps(value), 400)}" for key, value in item.items())
        return parts if len(parts) <= _LONGEST_LINE else f"{parts[:_LONGEST_LINE]}..."
    return shown(item if isinstance(item, str) else json.dumps(item), _LONGEST_LINE)


def chat(facts: Facts, head: str) -> dict[str, Any]:
    """Return a custom notification: three lines and fields. What belongs to one matter is one thread.

    `head` is its title: the subject. https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
    """
    links, commands = facts["links"], facts["commands"]
    buttons = buttons_of({name: command for name, command in commands.items() if not (facts["threat"] and name == "exempt")})
    about = "" if facts["resource"]["name"] == facts["account"] else f"{_plain(shown(facts['resource']['name'], _LONGEST_NAME))}. "
    lines = [
        f"*{_plain(facts['headline'])}{_between(facts['headline'])}* {_plain(_what(facts).removesuffix('.') or facts['problem'])}.",
        f"{about}In {_plain(facts['account_alias'] or facts['account'] or '-')} {facts['region']}".rstrip(),
        ". ".join(part.removesuffix(".") for part in (_in_the_middle(facts["reason"]), _plain(_by(facts))) if part) or _plain(facts["trigger"]["from"]),
    ]
    words = {"resource": "resource", "finding": "finding", "event": "CloudTrail event", "log": "log", "runbook": "runbook"}
    if found := [f"<{links[name]}|{word}>" for name, word in words.items() if links.get(name, "").startswith("https://")]:  # and no path in the repository
        lines.append(" | ".join(found))
    steps = [_plain(step, _LONGEST_STEP) for step in (first_steps(facts),) if step]
    if facts["outcome"] == Outcome.DIGEST and facts["needs_person"]:
        steps.append(f"See each of them: `{listed(facts)}`")
    titles = sorted(_offered(facts).items(), key=lambda offer: _leaves_it(offer[0], facts))
    offered = [
        f"{'If it is a false alarm: ' if _leaves_it(name, facts) else ''}{what}: `{short(name, facts)}`"
        for name, what in titles
        if name in _OF_THE_COMMAND and name not in _IF_MEANT and ANY_ID not in commands[name]
    ]
    return {
        "version": _CHAT,
        "source": "custom",
        "id": facts["id"] or facts["dedup_key"],
        "content": {
            "textType": "client-markdown",
            "title": head,
            "description": "\n".join(lines),
            "nextSteps": [*steps, *offered],
            "keywords": [facts["remediation"], facts["outcome"], facts["severity"]],
        },
        "metadata": {
            "threadId": facts["dedup_key"],
            "summary": head,
            "eventType": facts["outcome"],
            "relatedResources": [shown(facts["resource"]["arn"] or facts["resource"]["name"], _LONGEST_NAME)],
            "additionalContext": {
                **{key: str(facts[key] or "-") for key in ("severity", "account", "region")},
                "needs_person": "yes" if facts["needs_person"] else "no",
                **({"owner": facts["owner"]} if facts["owner"] else {}),
                **buttons,
            },
            "enableCustomActions": bool(buttons),
        },
    }


def _by(facts: Facts) -> str:
    """Return who has made the change, and whether it comes again."""
    actor = facts["actor"]
    again = "; this tool will make the change again unless its template changes" if actor and actor["pipeline"] else ""
    return f"By {actor['text']}{again}" if actor else ""


def _in_the_middle(reason: str) -> str:
    """Return a reason cut in its middle: in AWS's sentences that is a role's long name, and what refuses stands at the end."""
    line, half = " ".join(reason.split()), (_LONGEST_IN_CHAT - 5) // 2
    return _plain(line if len(line) <= _LONGEST_IN_CHAT else f"{line[:half]} ... {line[-half:]}")


def _plain(text: str, longest: int = _LONGEST_IN_CHAT) -> str:
    """Return a text on one line that makes no link and calls nobody in a chat channel, whose own markup is `<...>` (Slack) and `[...](...)` (Teams)."""
    line = " ".join(text.split())
    line = line if len(line) <= longest else f"{line[: longest - 3]}..."
    return line.replace("<", "(").replace(">", ")").replace("`", "'").replace("](", "] (").replace("://", ": //")


def buttons_of(commands: Mapping[str, str]) -> dict[str, str]:
    """Return what the buttons of a chat channel put into their command (template.yaml): of each command what it is given, and the function.

    Chat runs no shell, and how it takes a command apart is not written down: what could be more than one word there has no button.
    https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-actions.html
    """
    given: dict[str, str] = {}
    for name in [name for name in ("apply", "undo", "exempt", "release") if name in commands]:
        said = given_in(commands[name])
        what = said[name]["resource"] if name == "exempt" else said[name]
        if "remediation" in said and name in ("exempt", "release"):  # an id is one remediation's anyway
            what = f"{said['remediation']}/{what}"
        if re.fullmatch(_ONE_WORD, what, re.ASCII):
            given |= {name: what, "function": commands[name].partition("--function-name ")[2].partition(" ")[0]}
    return given
