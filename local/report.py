"""Write what Snapback did as one HTML file, from its journal: nothing is loaded, nothing runs; readable on a phone, in the dark and on paper.

    make report STACK=snapback [OUT=report.html]

`render` makes the page of a journal's rows. All of it that came out of events is escaped, by `Html` and `element`: a text gets into the page in no other way.
"""

import html
import importlib
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from inspect import getdoc
from itertools import groupby
from pathlib import Path
from shlex import quote
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.cli.entries import Entry, Row, UnreadableRow
from local.cli.stack import Stack, StackError
from local.cli.text import moment
from local.remediations import REMEDIATIONS
from snapback.engine import exemptions
from snapback.engine.actors import Actor
from snapback.engine.alerts import seconds
from snapback.engine.errors import SnapbackError
from snapback.engine.journal import CLAIMED, Evidence, Fix
from snapback.engine.outcomes import Outcome

ROOT = Path(__file__).parents[1]
CSS = Path(__file__).with_suffix(".css")

SHOWN_AT_ONCE = 8
"""Wrong things and calls of one fix that are to be seen before the rest is unfolded."""

SAYS = {
    Outcome.FIXED: "put right, and seen to be right",
    Outcome.WOULD_FIX: "preview: nothing was changed",
    Outcome.PARTIAL: "only a part was put right",
    Outcome.FAILED: "AWS refused the call; the problem is still there",
    Outcome.UNVERIFIED: "sent and accepted, but the problem was still to be seen",
    Outcome.ALREADY_OK: "somebody else put it right first",
    Outcome.REPORTED: "people were told; only they can put it right",
    Outcome.GONE: "it was deleted meanwhile",
    Outcome.UNDONE: "put right, and taken back by an operator",
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
class Manual:
    """What a remediation's source says of it."""

    summary: str
    undoable: bool


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
    note: str = ""
    changes: Sequence[Change] = ()
    alerts: Sequence[AlertRow] = ()


def render(page: Page) -> str:
    """Return the page as HTML."""
    entries, left, broken = read_all(page.rows, page.made_at)
    parts = [
        *_head(page, entries, broken),
        *_broken(broken),
        *_counts(entries),
        *_changes(page.changes),
        *_timeline(entries),
        *_fixes(page, entries),
        *_left_alone(left),
        *_alerts(page.alerts),
    ]
    # The policy forbids every load and every script, whatever the page holds.
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    head = [
        Html('<meta charset="utf-8">'),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html('<meta name="referrer" content="no-referrer">'),
        Html('<link rel="icon" href="data:,">'),
        element("title", f"Snapback: {page.stack}"),
        element("style", Html(CSS.read_text())),
    ]
    body = element("body", element("main", *parts))
    return f'<!DOCTYPE html>\n<html lang="en">\n{element("head", *head)}\n{body}\n</html>\n'


def _head(page: Page, entries: Sequence[Entry], broken: Mapping[str, str]) -> Iterator[Html]:
    where = ", ".join(part for part in (f"stack {page.stack}", f"account {page.account}" if page.account else "", page.region) if part)
    yield element("h1", "What snapped back")
    yield element("p", f"{where}. Written {moment(page.made_at)}; all times are UTC.", class_="soft")
    if page.note:
        yield element("p", page.note, class_="soft")
    yield element("p", *_lead(entries, broken), class_="lead")


def _lead(entries: Sequence[Entry], broken: Mapping[str, str]) -> Iterator[object]:
    if not entries:
        yield "The journal holds no fix."
        return
    fixed = sum(entry.fix.status == Outcome.FIXED for entry in entries)
    people = sum(entry.tone == "people" for entry in entries) + len(broken)
    resources = len({(entry.fix.remediation, entry.fix.resource) for entry in entries})
    first, last = moment(entries[0].at)[:10], moment(entries[-1].at)[:10]
    days = f"on {first}" if first == last else f"from {first} to {last}"
    yield f"{_many(len(entries), 'entry', 'entries')} about {_many(resources, 'resource')} {days}: "
    yield element("span", f"{fixed} put right", class_="right")
    if people:
        yield ", "
        yield element("span", f"{people} for a person to look at", class_="people")
    if rest := len(entries) + len(broken) - fixed - people:
        yield f", {rest} good to know"
    yield "."


def _many(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"


def _broken(broken: Mapping[str, str]) -> Iterator[Html]:
    if broken:
        yield element("h2", f"{_many(len(broken), 'row')} of the journal cannot be read")
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


def _timeline(entries: Sequence[Entry]) -> Iterator[Html]:
    if not entries:
        return
    yield element("h2", "When")
    for day, of_day in groupby(entries, key=lambda entry: moment(entry.at)[:10]):
        yield element("p", day, class_="day")
        yield element("ol", *map(_point, of_day), class_="times")


def _point(entry: Entry) -> Html:
    fix = entry.fix
    link = element("a", fix.resource, href=f"#{fix.id}")
    return element("li", _time(entry.at), _word(entry), element("span", link, element("span", f" {fix.remediation}", class_="soft")))


def _time(at: float) -> Html:
    spelled = moment(at)
    return element("time", spelled[11:], datetime=f"{spelled.replace(' ', 'T')}Z")


def _word(entry: Entry) -> Html:
    return element("span", _spelled(entry.fix.status).upper(), class_=f"word {entry.tone}")


def _fixes(page: Page, entries: Sequence[Entry]) -> Iterator[Html]:
    if entries:
        yield element("h2", "One by one")
    yield from map(partial(_fix, page), entries)


def _fix(page: Page, entry: Entry) -> Html:
    fix = entry.fix
    manual = page.manuals.get(fix.remediation)
    heading = element("h3", fix.resource)
    summary = element("p", f"{fix.remediation}: {manual.summary}" if manual else fix.remediation, class_="soft")
    told = element("p", _word(entry), f"  {SAYS.get(fix.status, 'nothing was changed')}{f' ({fix.reason})' if fix.reason else ''}")
    lines = (Html(element("dt", title) + element("dd", *inside)) for title, inside in _parts(page, entry))
    return element("article", heading, summary, told, element("dl", *lines), id=fix.id)


def _parts(page: Page, entry: Entry) -> Iterator[tuple[str, list[Html]]]:
    fix = entry.fix
    yield "What was wrong", _items(fix.evidence, "the journal does not say")
    yield ("What enforce would call" if fix.preview else "What was called"), _items(fix.calls, "nothing")
    yield "What is left", _items(fix.left, _nothing_left(fix))
    if fix.after is not None:
        yield "What it was then", [element("code", json.dumps(fix.after))]
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
    return element("pre", f"{start} --cli-binary-format raw-in-base64-out --payload {payload} /dev/stdout")


def _items(items: Evidence, otherwise: str) -> list[Html]:
    """Return all of them: the first ones at once, the others to be unfolded."""
    if not items:
        return [element("p", otherwise, class_="soft")]
    bullets = [element("li", _item(item)) for item in items]
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
        table = element("table", element("thead", heads), element("tbody", *lines), class_="states")
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
    tone = "people" if alert.severity == "high" else "right"
    return element("li", _time(alert.at), element("span", alert.severity.upper(), class_=f"word {tone}"), element("span", alert.subject))


# ------------------------------------------------------------------------- where it comes from


def manuals() -> dict[str, Manual]:
    """Return what the sources in functions/ say of each remediation."""
    found = {}
    for file in REMEDIATIONS:
        module = importlib.import_module(f"functions.{file.parent.name}.{file.stem}")
        found[module.remediation.name] = Manual((getdoc(module) or "").partition("\n")[0], module.remediation.undo is not None)
    return found


def page_of(stack: Stack, **further: Any) -> Page:  # noqa: ANN401 - the page's other parts
    """Return the page of a deployed stack."""
    return Page(
        rows=stack.journal(),
        stack=stack.name,
        account=stack.account,
        region=stack.region,
        made_at=time.time(),
        functions=stack.functions(),
        manuals=manuals(),
        **further,
    )


def main(arguments: list[str]) -> int:
    """Write the report of a stack; return the exit code."""
    if not arguments or not arguments[0]:
        print("Of which stack? make report STACK=snapback [OUT=report.html]", file=sys.stderr)
        return 2
    out = Path(arguments[1] if len(arguments) > 1 and arguments[1] else "report.html")
    try:
        page = render(page_of(Stack(boto3.Session().client, arguments[0])))
    except (BotoCoreError, ClientError, StackError) as error:
        print(f"The journal of {arguments[0]} cannot be read: {error}", file=sys.stderr)
        return 1
    out.write_text(page)
    print(out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
