"""Write what Snapback did, from its journal: as one HTML file that loads and runs nothing, for the screen, the phone and paper, or as CSV, JSON or OCSF.

    make report STACK=snapback [OUT=report.html] [DAYS=30] [REMEDIATION=revoke-open-ingress] [OUTCOME=FIXED] [FORMAT=csv]

What waits for a person comes first. `render` makes the page of a journal's rows (local/export.py the other forms). All of it that came out of events is
escaped, by `Html` and `element`: a text gets into the page in no other way.
"""

import argparse
import hashlib
import html
import importlib
import json
import os
import re
import sys
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from shlex import quote
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local import export
from local.cli.arguments import outcome_of
from local.cli.entries import Entry, Row, UnreadableRow
from local.cli.failures import CannotAsk, nearest
from local.cli.journal import Journal, Line, is_contained, told
from local.cli.stack import Stack, StackError
from local.cli.text import many, moment, plain
from local.export import Manual
from local.remediations import REMEDIATIONS
from snapback.engine import exemptions, links
from snapback.engine.actors import Actor
from snapback.engine.alerts import seconds
from snapback.engine.disclosure import disclosed
from snapback.engine.errors import SnapbackError
from snapback.engine.fixes import CLAIMED, Evidence, Fix
from snapback.engine.outcomes import Outcome

ROOT = Path(__file__).parents[1]
CSS = Path(__file__).with_suffix(".css")

ASKED_AT_ONCE = 20
"""Things that wait for a person which are to be seen before the rest is unfolded."""

SHOWN_OF_DAYS = 60
"""Entries up to which all days are unfolded."""

SHOWN_AT_ONCE = 8
"""Wrong things and calls of one fix that are to be seen before the rest is unfolded."""

_LONGEST_MATTER = 400
"""Characters of what is the matter."""

SAYS = {
    Outcome.FIXED: "put right, and seen to be right",
    Outcome.WOULD_FIX: "preview: nothing was changed",
    Outcome.PARTIAL: "only a part was put right",
    Outcome.FAILED: "AWS refused the call; the problem is still there",
    Outcome.UNVERIFIED: "sent and accepted, but the problem was still to be seen",
    Outcome.ALREADY_OK: "somebody else put it right first",
    Outcome.REPORTED: "people were told; only they can put it right",
    Outcome.GONE: "it was deleted meanwhile",
    Outcome.UNDONE: "put right, and taken back: the problem is there again",
    CLAIMED: "begun, and not ended: at work, or cut off",
    "UNDOING": "an undo has begun, and not ended",
}


# ------------------------------------------------------------------------- HTML


class Html(str):
    """A text that is HTML already. Every other text is escaped when it gets into an element."""

    __slots__ = ()


def element(name: str, *inside: object, **attributes: str) -> Html:
    """Return an element: `element("a", "<b>", href="#x")` is `<a href="#x">&lt;b&gt;</a>`. A trailing `_` of an attribute's name is dropped (`class_`)."""
    given = "".join(f' {key.rstrip("_").replace("_", "-")}="{text(value)}"' for key, value in attributes.items())
    return Html(f"<{name}{given}>{''.join(map(text, inside))}</{name}>")


def head_of(title: str, style: str, *, script: str = "") -> Html:
    """Return the head of a page. Its policy forbids every load, whatever the page holds, and every script but this one."""
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    allowed = f"; script-src 'sha256-{digest}'" if script else ""
    policy = f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'{allowed}"
    return element(
        "head",
        Html('<meta charset="utf-8">'),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html('<meta name="referrer" content="no-referrer">'),
        Html('<link rel="icon" href="data:,">'),
        element("title", title),
        element("style", Html(style)),
    )


def text(value: object) -> Html:
    """Return a value as HTML. Invisible characters are spelled out: one that turns the direction of writing could make a name look like another."""
    if isinstance(value, Html):
        return value
    seen = "".join(char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode() for char in str(value))
    return Html(html.escape(seen.encode("utf-8", "backslashreplace").decode()))


# ------------------------------------------------------------------------- rows


@dataclass(frozen=True)
class Left:
    """A resource that somebody answers for leaving as it is."""

    remediation: str
    exemption: exemptions.Exemption


def read_all(rows: Iterable[Row], now: float) -> tuple[list[Entry], list[Left], dict[str, str]]:
    """Return the fixes (oldest first), the exemptions in force, and the rows that cannot be read: which, and why."""
    entries: list[Entry] = []
    left: list[Left] = []
    broken: dict[str, str] = {}
    for number, row in enumerate(rows, 1):
        key = row.get("pk", {}).get("S") if isinstance(row, Mapping) and isinstance(row.get("pk"), Mapping) else None
        if not isinstance(key, str):
            broken[f"row {number}"] = "it has no key"
        elif key.startswith("FIX#"):
            try:
                entries.append(Entry.read(row))
            except UnreadableRow as error:
                broken[key] = str(error)
        elif key.startswith("EXEMPT#"):
            try:
                given = exemptions.parse(row["exemptions"]["S"])
            except (SnapbackError, KeyError, TypeError) as error:
                broken[key] = f"{type(error).__name__}: {error}. Its remediation fixes nothing until this is put right."
            else:
                left += [Left(key.removeprefix("EXEMPT#"), one) for one in given if one.ends > now]
    return sorted(entries, key=lambda entry: (entry.at, entry.fix.id)), left, broken


# ------------------------------------------------------------------------- the page


@dataclass(frozen=True)
class Change:
    """A resource before and after, for the demo."""

    title: str
    before: Mapping[str, str]
    after: Mapping[str, str]


@dataclass(frozen=True)
class AlertRow:
    """An alert that a subscriber got, for the demo."""

    at: float
    subject: str
    severity: str
    needs_person: bool = False


@dataclass(frozen=True, kw_only=True)
class Page:
    """All that stands on the page."""

    rows: Sequence[Row]
    stack: str
    region: str
    made_at: float
    account: str = ""
    functions: Mapping[str, str]
    """Remediation -> its function's name in the account, for the commands."""
    manuals: Mapping[str, Manual]
    """Remediation -> its manual."""
    whole: Sequence[Row] | None = None
    """The journal of which `rows` are a part, if they are: what waits for a person waits whatever was asked for."""
    held: Sequence[Line] = ()
    """What waits for `release`: nothing was begun, so it is no row."""
    runbook: str = links.RUNBOOK
    """Where the runbook is to be read: an address or a path."""
    period: str = ""
    """Of what the page is, if not of the whole journal."""
    note: str = ""
    changes: Sequence[Change] = ()
    alerts: Sequence[AlertRow] = ()


def waiting(entries: Sequence[Entry], held: Sequence[Line], now: float) -> list[tuple[Entry | None, Line]]:
    """Return what waits for a person, the newest first: only the latest entry about a resource can."""
    known = {entry.fix.id: entry for entry in entries}
    lines = [*held, *(line for line in told(entries, now) if line.next)]
    return sorted(((known.get(line.id), line) for line in lines), key=lambda one: one[1].at, reverse=True)


def render(page: Page) -> str:
    """Return the page as HTML."""
    entries, left, broken = read_all(page.rows, page.made_at)
    asked = waiting(entries if page.whole is None else read_all(page.whole, page.made_at)[0], page.held, page.made_at)
    here = {entry.fix.id for entry in entries}
    parts = [
        *_head(page, entries, asked, broken),
        *_waiting(page, asked, here),
        *_broken(broken),
        *_counts(entries),
        *_changes(page.changes),
        *_filter(page, entries),
        *_timeline(page, entries),
        *_fixes(page, entries),
        *_left_alone(left),
        *_alerts(page.alerts),
    ]
    head = head_of(f"Snapback: {page.stack}", CSS.read_text())
    body = element("body", element("main", *parts))
    return f'<!DOCTYPE html>\n<html lang="en">\n{head}\n{body}\n</html>\n'


def _head(page: Page, entries: Sequence[Entry], asked: Sequence[object], broken: Mapping[str, str]) -> Iterator[Html]:
    where = ", ".join(part for part in (f"stack {page.stack}", f"account {page.account}" if page.account else "", page.region) if part)
    yield element("h1", "What snapped back")
    of = f" {page.period}" if page.period else ""
    yield element("p", f"{where}.{of} Written {moment(page.made_at)}; all times are UTC.", class_="soft")
    if page.note:
        yield element("p", page.note, class_="soft")
    yield element("p", *_lead(entries, len(asked) + len(broken), is_part=bool(page.period)), class_="lead")


def _lead(entries: Sequence[Entry], people: int, *, is_part: bool) -> Iterator[object]:
    if not entries and not people:
        yield "The journal holds nothing of that." if is_part else "The journal holds no fix."
        return
    if entries:
        resources = len({(entry.fix.remediation, entry.fix.resource) for entry in entries})
        first, last = moment(entries[0].at)[:10], moment(entries[-1].at)[:10]
        days = f"on {first}" if first == last else f"from {first} to {last}"
        yield f"{many(len(entries), 'entry', 'entries')} about {many(resources, 'resource')} {days}: "
    found = Counter(entry.fix.status for entry in entries)
    contained = sum(is_contained(entry.fix) for entry in entries)
    parts = [
        *([element("span", f"{people} for a person to look at", class_="people")] if people else []),
        *([element("span", f"{found[Outcome.FIXED] - contained} put right", class_="right")] if entries else []),
        *([f"{contained} contained"] if contained else []),
        *([f"{found[Outcome.UNDONE]} taken back"] if found[Outcome.UNDONE] else []),
        *([f"{found[Outcome.WOULD_FIX]} only shown"] if found[Outcome.WOULD_FIX] else []),
    ]
    for number, part in enumerate(parts):
        yield f"{', ' if number else ''}"
        yield part
    yield "."


def _waiting(page: Page, asked: Sequence[tuple[Entry | None, Line]], here: set[str]) -> Iterator[Html]:
    if not page.rows and not asked:
        return
    yield element("h2", "Needs a person" if asked else "Nothing needs a person")
    if asked:
        items = [_asked(page, entry, line, is_here=line.id in here) for entry, line in asked]
        yield element("ol", *items[:ASKED_AT_ONCE], class_="asked")
        if rest := items[ASKED_AT_ONCE:]:
            yield element("details", element("summary", f"{len(rest)} more that wait, all of them older"), element("ol", *rest, class_="asked"))
    if any(line.next != "look" for _, line in asked):
        yield element("p", "Commands are of ", element("code", "snapback"), " (docs/operating.md); each asks every guard again.", class_="soft")


def _asked(page: Page, entry: Entry | None, line: Line, *, is_here: bool) -> Html:
    """Return one thing that waits: what, since when, why, where to look and what to say."""
    manual = page.manuals.get(line.remediation)
    name = element("a", line.resource, href=f"#{line.id}") if is_here else element("span", line.resource)
    since = ["Since ", element("time", moment(line.at)), "."] if line.at else ["Since when is not known."]
    tone = entry.tone if entry else "people"
    inside = [
        element("p", element("span", _spelled(line.outcome).upper(), class_=f"word {tone}"), " ", name, class_="what"),
        element("p", _matter(entry, manual)),
        element("p", f"{line.remediation}. ", *since, class_="soft"),
    ]
    if line.reason:
        inside.append(element("p", line.reason))
    if entry and is_contained(entry.fix):
        inside.append(element("p", "It is contained. What was done before that, and how somebody got in, a person finds out: the alert says the first steps."))
    inside.append(element("p", *_ways(page, line.remediation, line.resource, line.outcome)))
    if line.next != "look":
        of = f" --remediation {quote(line.remediation)}" if line.next == "release" else ""
        where = f" --stack {quote(page.stack)} --region {quote(page.region)}"
        inside.append(element("pre", f"snapback {line.next} {quote(line.id or line.resource)}{of}{where}"))
    return element("li", *inside)


def _matter(entry: Entry | None, manual: Manual | None) -> str:
    """Return what is the matter, and how bad it is: what a report has said, else what the remediation's source says of its problem."""
    told = [item for item in entry.fix.evidence if isinstance(item, Mapping)] if entry and entry.fix.status == Outcome.REPORTED else []
    said = next((str(item[word]) for word in ("What", "Title") for item in told if item.get(word)), "")
    severity = next((str(item["Severity"]) for item in told if item.get("Severity")), "")
    if not said and manual:
        said, severity = manual.problem or manual.summary, severity or ("" if told else manual.severity)
    said = plain(said.removesuffix("."), _LONGEST_MATTER)
    return f"{said}." + (f" Severity: {plain(severity, _LONGEST_MATTER)}." if severity else "") if said else ""


def _ways(page: Page, remediation: str, resource: str, outcome: str) -> Iterator[object]:
    """Yield links to the resource in AWS's console and to the runbook's section."""
    manual = page.manuals.get(remediation)
    console = links.of_resource(manual.resource_type, resource, page.region) if manual else ""
    if console:
        yield element("a", "In the console", href=console, rel="noreferrer noopener")
        yield ", "
    address = links.of_runbook(outcome, remediation=remediation, runbook=page.runbook) or page.runbook
    yield element("a", "in the runbook" if console else "In the runbook", href=address, rel="noreferrer noopener")


def _broken(broken: Mapping[str, str]) -> Iterator[Html]:
    if broken:
        yield element("h2", f"{many(len(broken), 'row')} of the journal cannot be read")
        yield element("ul", *(element("li", element("code", key), f": {why}") for key, why in broken.items()))


def _counts(entries: Sequence[Entry]) -> Iterator[Html]:
    if not entries:
        return
    found = Counter((entry.fix.remediation, entry.fix.status) for entry in entries)
    order = [*SAYS, *Outcome]
    outcomes = sorted({entry.fix.status for entry in entries}, key=order.index)
    heads = element("tr", element("th", "remediation"), *(element("th", _spelled(outcome)) for outcome in outcomes))
    lines = [
        element("tr", element("td", remediation), *(element("td", found[remediation, outcome] or "") for outcome in outcomes))
        for remediation in sorted({entry.fix.remediation for entry in entries})
    ]
    sums = element("tr", element("td", "all"), *(element("td", sum(entry.fix.status == outcome for entry in entries)) for outcome in outcomes))
    yield element("h2", "How it ended")
    yield element("div", element("table", element("thead", heads), element("tbody", *lines, sums)), class_="scroll")


def _spelled(outcome: str) -> str:
    return outcome.replace("_", " ").lower()


KINDS = {"people": "not settled", "right": "put right", "undone": "taken back", "told": "good to know"}
"""By what the page can be filtered, and the word for it; an entry is of one of them (`_kind`)."""

PERIODS = {"day": (86_400, "24 hours"), "week": (7 * 86_400, "7 days"), "month": (30 * 86_400, "30 days")}
"""The same by age: seconds, and the words."""


def _kind(entry: Entry) -> str:
    return "undone" if entry.fix.status == Outcome.UNDONE else entry.tone


def _marks(page: Page, entry: Entry) -> str:
    """Return the classes by which the page's own style sheet filters."""
    return " ".join(["entry", f"is-{_kind(entry)}", *(f"of-{name}" for name, (age, _) in PERIODS.items() if page.made_at - entry.at <= age)])


def _filter(page: Page, entries: Sequence[Entry]) -> Iterator[Html]:
    """Yield two rows of buttons that only the style sheet listens to: nothing on the page runs."""
    if len(entries) < 2:  # noqa: PLR2004 - one needs no filter
        return
    kinds = Counter(map(_kind, entries))
    ages = {name: sum(page.made_at - entry.at <= age for entry in entries) for name, (age, _) in PERIODS.items()}
    rows = [
        ("Show", "show", [("all", f"all ({len(entries)})"), *((kind, f"{word} ({kinds[kind]})") for kind, word in KINDS.items() if kinds[kind])]),
        ("Of the last", "of", [*((name, f"{PERIODS[name][1]} ({ages[name]})") for name in PERIODS if ages[name]), ("all", "all that is here")]),
    ]
    yield element("div", *(_choice(*one) for one in rows), class_="filter")


def _choice(title: str, name: str, choices: Sequence[tuple[str, str]]) -> Html:
    buttons = []
    for value, word in choices:
        checked = " checked" if value == "all" else ""
        field = Html(f'<input type="radio" name="{name}" id="{name}-{value}"{checked}>')
        buttons.append(element("span", field, element("label", word, for_=f"{name}-{value}")))
    return element("fieldset", element("legend", title), *buttons)


def _timeline(page: Page, entries: Sequence[Entry]) -> Iterator[Html]:
    if not entries:
        return
    yield element("h2", "When")
    days = [(day, list(of_day)) for day, of_day in groupby(reversed(entries), key=lambda entry: moment(entry.at)[:10])]
    is_long = len(entries) > SHOWN_OF_DAYS
    for number, (day, of_day) in enumerate(days):
        inside = [element("summary", day, f" ({len(of_day)})"), element("ol", *(_point(page, entry) for entry in of_day), class_="times")]
        unfolded = {"open": ""} if number == 0 or not is_long else {}
        yield element("details", *inside, class_="day", **unfolded)


def _point(page: Page, entry: Entry) -> Html:
    fix = entry.fix
    link = element("a", fix.resource, href=f"#{fix.id}")
    inside = [_time(entry.at), _word(entry), element("span", link, element("span", f" {fix.remediation}", class_="soft"))]
    return element("li", *inside, class_=_marks(page, entry))


def _time(at: float) -> Html:
    spelled = moment(at)
    return element("time", spelled[11:], datetime=f"{spelled.replace(' ', 'T')}Z")


def _word(entry: Entry) -> Html:
    return element("span", _spelled(entry.fix.status).upper(), class_=f"word {entry.tone}")


def _fixes(page: Page, entries: Sequence[Entry]) -> Iterator[Html]:
    if entries:
        yield element("h2", "One by one")
    yield from map(partial(_fix, page), reversed(entries))


def _fix(page: Page, entry: Entry) -> Html:
    fix = entry.fix
    manual = page.manuals.get(fix.remediation)
    heading = element("h3", fix.resource)
    summary = element("p", f"{fix.remediation}: {manual.summary}" if manual else fix.remediation, class_="soft")
    told = element("p", _word(entry), f"  {SAYS.get(fix.status, 'nothing was changed')}{f' ({fix.reason})' if fix.reason else ''}")
    ways = element("p", *_ways(page, fix.remediation, fix.resource, fix.status))
    lines = (Html(element("dt", title) + element("dd", *inside)) for title, inside in _parts(page, entry))
    return element("article", heading, summary, told, ways, _states(entry), element("dl", *lines), id=fix.id, class_=_marks(page, entry))


def _states(entry: Entry) -> Html:
    """Return how it was before and is after, beside each other."""
    fix = entry.fix
    before = _items(fix.evidence, "the journal does not say")
    after = [*([element("code", json.dumps(disclosed(fix.after)))] if fix.after is not None else []), *_items(fix.left, _nothing_left(fix))]
    heads = ("Before: what was wrong", "After: what is left of it")
    return element("div", *(element("section", element("h4", head), *inside) for head, inside in zip(heads, (before, after), strict=True)), class_="states")


def _parts(page: Page, entry: Entry) -> Iterator[tuple[str, list[Html]]]:
    fix = entry.fix
    yield ("What enforce would call" if fix.preview else "What was called"), _items(fix.calls, "nothing")
    yield "Who did it, how", _who(fix)
    if entry.undone:
        yield "Taken back", [element("p", entry.undone)]
    yield "When", [element("p", _moments(fix))]
    yield "Id", [element("code", fix.id)]
    if command := _undo(page, fix):
        yield "Take it back", [command]


def _nothing_left(fix: Fix) -> str:
    if fix.status == CLAIMED:
        return "not known: it has not ended"
    if fix.status == "UNDOING":
        return "not known: the undo has not ended"
    if fix.status == Outcome.UNDONE:
        return "all of it, as it was before the fix"
    if fix.preview or fix.status == Outcome.REPORTED:
        return "all of it: nothing was changed"
    return "not known" if fix.status in (Outcome.UNVERIFIED, Outcome.FAILED) else "nothing"


def _moments(fix: Fix) -> str:
    ended = f", ended {moment(fix.finished_at)}" if fix.finished_at else ""
    until = f", to be taken back {moment(fix.expires_at)}" if fix.expires_at else ""
    at = seconds(fix.event_time)
    happened = f"happened {moment(at) if at else fix.event_time}, " if fix.event_time else ""
    return f"{happened}begun {moment(fix.claimed_at)}{ended}{until}"


def _who(fix: Fix) -> list[Html]:
    actor = Actor(**fix.actor) if fix.actor else None
    lines = [element("p", actor or "The event does not say.")]
    if actor and actor.is_pipeline:
        lines.append(element("p", "This tool will make the change again with its next deployment, unless the template changes.", class_="soft"))
    if fix.notes.get("stack"):
        lines.append(element("p", f"It belongs to the CloudFormation stack {fix.notes['stack']}.", class_="soft"))
    return [*lines, element("p", f"Trigger: {fix.source}", class_="soft")]


def _undo(page: Page, fix: Fix) -> Html | None:
    """Return the undo command as the alert gives it, where there is something to take back."""
    if fix.preview or not fix.changed or fix.status not in (Outcome.FIXED, Outcome.PARTIAL):
        return None
    manual = page.manuals.get(fix.remediation)
    if manual and not manual.undoable:
        return element("p", "What this remediation does cannot be taken back.", class_="soft")
    function = page.functions.get(fix.remediation)
    if not function:
        return element("p", "Its function is not in the stack any more.", class_="soft")
    payload = quote(json.dumps({"undo": fix.id, "reason": "WHY"}))
    start = f"aws lambda invoke --function-name {function} --region {page.region}"
    return element("pre", f"{start} --cli-read-timeout 0 --cli-binary-format raw-in-base64-out --payload {payload} /dev/stdout")


def _items(items: Evidence, otherwise: str) -> list[Html]:
    """Return all of them: the first ones at once, the others to be unfolded."""
    if not items:
        return [element("p", otherwise, class_="soft")]
    bullets = [element("li", _item(disclosed(item))) for item in items]
    rest = bullets[SHOWN_AT_ONCE:]
    more = [element("details", element("summary", f"{len(rest)} more"), element("ul", *rest))] if rest else []
    return [element("ul", *bullets[:SHOWN_AT_ONCE]), *more]


def _item(item: Mapping[str, Any]) -> Html:
    """Spell a piece of evidence or a call."""
    if item.keys() == {"service", "operation", "parameters"}:
        name = text(f"{item['service']}.{item['operation']}")
        return Html(f"{name} {_item(item['parameters'])}") if item["parameters"] else name
    pairs = [(key, value if isinstance(value, str) else json.dumps(value)) for key, value in item.items()]
    return element("code", Html("  ".join(f"{element('span', f'{key}=', class_='key')}{text(value)}" for key, value in pairs)))


def _changes(changes: Sequence[Change]) -> Iterator[Html]:
    if changes:
        yield element("h2", "Before and after")
    for change in changes:
        lines: list[Html] = []
        for part in dict.fromkeys([*change.before, *change.after]):
            was, now = change.before.get(part, "(gone)"), change.after.get(part, "(gone)")
            same = {"class_": "same"} if was == now else {}
            lines.append(element("tr", element("td", part), element("td", was), element("td", "unchanged" if same else now), **same))
        heads = element("tr", element("th", ""), element("th", "before"), element("th", "after"))
        table = element("table", element("thead", heads), element("tbody", *lines), class_="changes")
        yield element("figure", element("figcaption", change.title), element("div", table, class_="scroll"))


def _left_alone(left: Sequence[Left]) -> Iterator[Html]:
    if left:
        yield element("h2", "Left alone")
        yield element("ul", *(element("li", element("code", one.exemption.resource), f" by {one.remediation}: {one.exemption}") for one in left))


def _alerts(alerts: Sequence[AlertRow]) -> Iterator[Html]:
    if alerts:
        yield element("h2", "What people heard")
        yield element("ol", *map(_alert, sorted(alerts, key=lambda one: one.at)), class_="times")


def _alert(alert: AlertRow) -> Html:
    tone = "people" if alert.needs_person else "right"
    return element("li", _time(alert.at), element("span", alert.severity.upper(), class_=f"word {tone}"), element("span", alert.subject))


# ------------------------------------------------------------------------- where it comes from


def manuals() -> dict[str, Manual]:
    """Return what the sources in functions/ say of each remediation."""
    found = {}
    for file in REMEDIATIONS:
        module = importlib.import_module(f"functions.{file.parent.name}.{file.stem}")
        one = module.remediation
        found[one.name] = Manual(one.summary, one.undo is not None, one.resource, one.matter, one.severity)
    return found


def page_of(stack: Stack, **further: Any) -> Page:  # noqa: ANN401 - the page's other parts
    """Return the page of a deployed stack: of the whole journal, or of the rows of it that are given."""
    now = time.time()
    whole = further.pop("whole", None) or stack.journal()
    return Page(
        rows=further.pop("rows", whole),
        whole=whole,
        held=Journal(stack).held(now),
        stack=stack.name,
        account=stack.account,
        region=stack.region,
        made_at=now,
        functions=stack.functions(),
        manuals=manuals(),
        **further,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make report", description="Write what a deployed stack did.")
    parser.add_argument("stack", help="the stack's name")
    parser.add_argument("out", nargs="?", help="the file (report.html, or report.csv, ...)")
    parser.add_argument("--format", choices=("html", *export.FORMATS), default="html", help="html is for people, the others for programs")
    parser.add_argument("--days", type=_days, help="of so many days only (all that the journal keeps)")
    parser.add_argument("--remediation", help="of one only: revoke-open-ingress")
    parser.add_argument("--outcome", type=outcome_of, help="of one only: FIXED")
    parser.add_argument("--runbook", help="where the runbook is to be read (the stack's RunbookUrl, or else this clone's docs/runbook.md)")
    return parser


def _days(word: str) -> float:
    try:
        days = float(word)
    except ValueError:
        days = -1
    if not 0 < days < float("inf"):
        raise argparse.ArgumentTypeError(f"days are a number such as 30, not {plain(word, 80)}")
    return days


def _named(given: str, rows: Sequence[Row], now: float) -> str:
    """Return the remediation for any spelling of its name: one of this version, or of a former one that the journal knows. Raises `CannotAsk`."""
    spelled = re.sub("(?<=[a-z0-9])(?=[A-Z])", "-", given).replace("_", "-").lower()
    known = {*manuals(), *(entry.fix.remediation for entry in read_all(rows, now)[0])}
    if spelled not in known:
        raise CannotAsk(f"there is no remediation {plain(given, 80)}{nearest(spelled, known)}")
    return spelled


def _chosen(entry: Entry, given: argparse.Namespace, now: float) -> bool:
    """Tell whether the entry is asked for."""
    fix = entry.fix
    is_young = given.days is None or now - entry.at <= given.days * 86_400
    return is_young and given.remediation in (None, "", fix.remediation) and given.outcome in (None, "", fix.status)


def _is_asked_for(row: Row, given: argparse.Namespace, now: float) -> bool:
    """Tell whether the row belongs onto the page; what cannot be read always does."""
    try:
        return not str(row["pk"]["S"]).startswith("FIX#") or _chosen(Entry.read(row), given, now)
    except (UnreadableRow, KeyError, TypeError):
        return True


def _words(given: argparse.Namespace) -> str:
    """Return of what the page is; nothing if it is of all."""
    parts = [
        f"the last {given.days:g} days" if given.days is not None else "",
        f"of {given.remediation}" if given.remediation else "",
        f"that ended as {given.outcome}" if given.outcome else "",
    ]
    said = " ".join(part for part in parts if part)
    return f"Only {said}, beside what waits." if said else ""


def main(arguments: list[str]) -> int:
    """Write the report of a stack; return the exit code: 2 if it could not be asked so, or could not be written."""
    given = _parser().parse_args([argument for argument in arguments if argument])
    out = Path(given.out or f"report.{given.format if given.format != 'ocsf' else 'ocsf.json'}")
    now = time.time()
    try:
        stack = Stack(boto3.Session().client, given.stack)
        whole = stack.journal()
        given.remediation = given.remediation and _named(given.remediation, whole, now)
        rows = [row for row in whole if _is_asked_for(row, given, now)]
        if given.format == "html":
            runbook = given.runbook or stack.parameters.get("RunbookUrl") or os.path.relpath(ROOT / links.RUNBOOK, out.resolve().parent)
            written = render(page_of(stack, whole=whole, rows=rows, runbook=runbook, period=_words(given)))
        else:
            entries, _, broken = read_all(rows, now)
            written = export.FORMATS[given.format](entries, export.Place(stack.account, stack.region, manuals()))
            for key, why in broken.items():
                print(f"{text(key)} cannot be read: {text(why)}", file=sys.stderr)
    except (BotoCoreError, ClientError, StackError) as error:
        print(f"The journal of {given.stack} cannot be read: {error}", file=sys.stderr)
        return 1
    except CannotAsk as error:
        print(error, file=sys.stderr)
        return 2
    try:
        out.write_text(written, encoding="utf-8", newline="")
    except OSError as error:
        print(f"{plain(str(out))} cannot be written: {plain(error.strerror or str(error))}", file=sys.stderr)
        return 2
    print(out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
