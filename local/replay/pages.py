"""What a replay has found, for people and programs: replay.json, replay.csv, and replay.html, which loads nothing and filters as the survey's page does.

All that came out of an account is escaped, as there (`local.report`).
"""

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from local import private
from local.cli.text import many
from local.export import cell
from local.replay import costs
from local.replay.history import PEOPLE, PIPELINE, SERVICE, Fight, Figures, Whole
from local.replay.today import MOST
from local.report import CSS, Html, element, head_of
from local.survey import pages
from local.survey.looking import FINDING, NOT_LOOKED_AT, Line
from snapback.engine.remediation import Remediation

_STYLE: Final = Path(__file__).with_name("page.css")

COLUMNS: Final = (
    *("remediation", "service", "severity", "class", "called", "resources", "looks", "by_pipelines", "by_services", "by_people"),
    *("skipped", "dead_letters", "changes_at_most", "told", "messages_at_most", "digests", "held", "contested", "wrong_today", "usd_at_most"),
)

_FILTERS: Final = ("severity", "service", "remediation", "class", "who")

_KINDS: Final = (PIPELINE, SERVICE, PEOPLE)


@dataclass
class Replay:
    """All that a page tells of."""

    whole: Whole
    remediations: Mapping[str, Remediation]
    services: Mapping[str, str]
    """Remediation -> the folder in functions/ that it stands in."""
    about: Mapping[str, Any]
    """Where, from where, and by which settings: for the head, and as it stands in the JSON."""
    today: Sequence[Line] = ()
    """A survey's lines about the resources as they are today."""
    has_looked: bool = False
    elsewhere: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Remediation -> what it hears that no trail has."""
    notes: Sequence[str] = ()
    """What was left out, and why."""
    read: Sequence[str] = ()
    """How much was read, in sentences."""
    stopped: str = ""
    """Why it ended too early, if it did."""
    again: str = ""
    """What the same command does then, in a sentence: `it goes on where it was`."""
    refused: Sequence[str] = ()
    """Regions that were not read to their end."""

    @property
    def is_complete(self) -> bool:
        """Tell whether all was read that was asked for, but for what stands in `whole.unread`."""
        return not (self.stopped or self.refused)

    @property
    def days(self) -> float:
        """Return by how many days a rate can be reckoned; 0 if by none: what was read of them is not known, or not all of it."""
        return self.whole.days if self.is_complete else 0

    @property
    def wrong(self) -> Counter[str]:
        """Return how many resources are wrong today: by remediation."""
        return Counter(line["remediation"] for line in self.today if line["kind"] == FINDING)


def write(out: Path, replay: Replay) -> None:
    """Write the three files."""
    private.file(out / "replay.json").write_text(json.dumps(_json(replay), indent=1) + "\n", encoding="utf-8")
    with private.file(out / "replay.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        table.writerows([cell(row[column]) for column in COLUMNS] for row in rows(replay))
    with private.file(out / "replay.html").open("w", encoding="utf-8") as file:
        file.writelines(_html(replay))


# ------------------------------------------------------------------------- JSON and CSV


def rows(replay: Replay) -> list[dict[str, Any]]:
    """Return one row for each remediation that would have been called: the worst first, and of these the most frequent."""
    wrong = replay.wrong
    found = [_row(name, figures, replay, wrong[name]) for name, figures in replay.whole.figures.items()]
    return sorted(found, key=lambda row: (pages.rank(row["severity"]), -row["called"], row["remediation"]))


def _row(name: str, figures: Figures, replay: Replay, wrong: int) -> dict[str, Any]:
    remediation = replay.remediations[name]
    return {
        "remediation": name,
        "service": replay.services[name],
        "severity": remediation.severity,
        "class": _class_of(remediation),
        "wrong": remediation.matter,
        "called": figures.called,
        "resources": figures.resources,
        "looks": figures.looks,
        "resources_only_aws_knows": figures.unnamed,
        "by_pipelines": figures.by_kind[PIPELINE],
        "by_services": figures.by_kind[SERVICE],
        "by_people": figures.by_kind[PEOPLE],
        "skipped": sum(figures.skipped.values()),
        "dead_letters": sum(figures.dead.values()),
        "changes_at_most": figures.changes,
        "told": figures.told,
        "messages_at_most": figures.messages,
        "digests": figures.digests,
        "held": figures.ends["HELD"],
        "contested": figures.ends["CONTESTED"],
        "wrong_today": wrong if replay.has_looked and remediation.writes else "",
        "usd_at_most": round(figures.cost, 4),
    }


def _class_of(remediation: Remediation) -> str:
    if not remediation.writes:
        return "report"
    if callable(remediation.disruptive):
        return "safe or disruptive, by its form"
    return "disruptive" if remediation.disruptive else "safe"


def _json(replay: Replay) -> Mapping[str, Any]:
    whole = replay.whole
    return {
        **replay.about,
        "written": pages.written_at(),
        "complete": replay.is_complete,
        "days": replay.days or None,
        "from": moment(whole.first),
        "until": moment(whole.last),
        "events": whole.candidates,
        "events_twice": whole.again,
        "accounts": [{"account": account, "region": region, "events": number} for (account, region), number in sorted(whole.accounts.items())],
        "messages_at_most_by_day": dict(sorted(_by_day(whole).items())),
        "usd_at_most": round(_cost(whole), 4),
        "notes": list(replay.notes),
        "read": list(replay.read),
        "remediations": [{**row, **_details(whole.figures[row["remediation"]])} for row in rows(replay)],
        "fights_in_all": whole.fought,
        "fights": [{**one._asdict(), "first": moment(one.first), "last": moment(one.last)} for one in whole.fights],
        "unread": [one._asdict() for one in whole.unread],
        "more_unread": whole.more_unread,
        "wrong_today": [{name: value for name, value in line.items() if name != "kind"} for line in replay.today if line["kind"] == FINDING],
        "not_looked_at_today": [{name: value for name, value in line.items() if name != "kind"} for line in replay.today if line["kind"] == NOT_LOOKED_AT],
        "not_in_a_trail": dict(replay.elsewhere),
    }


def _details(figures: Figures) -> Mapping[str, Any]:
    return {
        "by_tool": dict(figures.by_tool.most_common()),
        "by_region": dict(figures.by_region.most_common()),
        "by_trigger": dict(figures.by_trigger.most_common()),
        "by_day": dict(sorted(figures.called_by_day.items())),
        "messages_by_day": dict(sorted(figures.by_day.items())),
        "who": [{"who": who, "tool": tool, "resources": often} for who, tool, often in figures.who],
        "skipped_because": [{"outcome": outcome, "because": why, "events": often} for (outcome, why), often in figures.skipped.most_common()],
        "dead_because": [{"because": why, "events": often, "example": figures.examples.get(why, "")} for why, often in figures.dead.most_common()],
        "held_when": [{**one._asdict(), "start": moment(one.start), "stop": moment(one.stop)} for one in figures.held],
        "held_times": figures.held_often,
        "told_together": figures.together,
        "ends": dict(figures.ends.most_common()),
    }


def _by_day(whole: Whole) -> Counter[str]:
    return sum((figures.by_day for figures in whole.figures.values()), Counter())


def _cost(whole: Whole) -> float:
    return sum(figures.cost for figures in whole.figures.values())


def moment(at: float) -> str:
    """Return a time as programs write it; nothing for none."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""


# ------------------------------------------------------------------------- HTML


def _html(replay: Replay) -> Iterator[str]:
    script = pages.SCRIPT.read_text()
    style = CSS.read_text() + pages.STYLE.read_text() + _STYLE.read_text()
    head = head_of(f"Snapback: replay of {replay.about['account']}", style, script=script)
    yield f'<!DOCTYPE html>\n<html lang="en">\n{head}\n<body><main>\n'
    yield from _top(replay)
    yield from _table(replay)
    yield from _days(replay.whole)
    yield from _fights(replay.whole)
    found = rows(replay)
    yield element("h2", "Each remediation")
    values = {name: Counter(str(_choices(row)[name]) for row in found) for name in _FILTERS}
    yield from pages.filters(values, "remediation")
    yield '<section id="findings">\n'
    for row in found:
        yield _article(row, replay.whole.figures[row["remediation"]]) + "\n"
    yield "</section>\n"
    yield from _today(replay)
    yield from _left_out(replay)
    yield from _reckoned()
    yield f"</main>\n<script>{script}</script>\n</body>\n</html>\n"


def _top(replay: Replay) -> Iterator[str]:
    whole, about = replay.whole, replay.about
    yield element("h1", "What would have happened")
    where = f"Account {about['account']}, {', '.join(about['regions'])}; {about['source']}. Written {pages.written_at()}."
    yield element("p", f"{where} Nothing was changed: everything was only read.", class_="soft")
    if replay.stopped:
        ended = f"This replay was stopped before its end ({replay.stopped}): it tells of what was read until then."
        yield element("p", f"{ended} With the same command {replay.again}.", class_="people")
    for note in replay.notes:
        yield element("p", note, class_="people")
    if not whole.candidates:
        some = "" if replay.is_complete else ", which are not all"
        yield element("p", f"No rule would have heard of any of the calls that were read{some}.", class_="lead")
        return
    called, most = sum(figures.called for figures in whole.figures.values()), _by_day(whole)
    heard = f"{many(whole.candidates, 'event')} would have called {many(len(whole.figures), 'remediation')}"
    span = f"From {moment(whole.first)[:10]} to {moment(whole.last)[:10]}, {heard}"
    yield element("p", f"{span} {called:,} times{_rate(called, replay)}", class_="lead")
    yield element("ul", *(element("li", said) for said in _in_short(replay, most)), class_="short")
    yield element("p", _UNKNOWN, class_="knows")
    yield element("p", _NO_TRAIL, class_="knows")


def _rate(called: int, replay: Replay) -> str:
    cost, days = _cost(replay.whole), replay.days
    if not days:
        return f", which cost at most {usd(cost)}."
    return f": {called / days:,.1f} calls a day, which cost at most {usd(cost / days * 30)} in 30 days."


_UNKNOWN: Final = (
    "A call is no violation. The events say what was changed, and by whom; how the resource stood then, nobody knows any more. What stands here as "
    "“at most” supposes that every call has made something wrong, and that it was put right (enforce). A deployed preview changes nothing, and tells "
    "each problem once a day."
)

_NO_TRAIL: Final = (
    "EventBridge gets calls from a trail only. Where an account has none that logs management events, a deployed Snapback would hear nothing of all this, "
    "though CloudTrail's event history has it."
)
"""https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-ct-api-tutorial.html"""


def _in_short(replay: Replay, most: Counter[str]) -> Iterator[str]:
    whole = replay.whole
    figures = list(whole.figures.values())
    if replay.has_looked:
        problems = many(sum(replay.wrong.values()), "problem is", "problems are")
        yield f"{problems} there today with what was changed: at the end, with the calls that enforce would make."
    if most:
        yield _messages(replay, most)
    if fights := whole.fought:
        yield f"Pipelines came back to {many(fights, 'resource')} again and again: what they set up wrong, they set up wrong once more."
    if held := sum(one.ends["HELD"] for one in figures):
        yield f"Too many at once: at most {many(held, 'change')} held for a person by the breaker (MaxFixesPerHour)."
    if contested := sum(one.ends["CONTESTED"] for one in figures):
        yield f"Too often the same: at most {many(contested, 'change')} left to a person as contested (MaxFixesPerResource)."
    if together := sum(one.together for one in figures):
        digests = many(sum(one.digests for one in figures), "digest")
        yield f"Storms: at most {many(together, 'alert')} told together, as {digests} (StormAfter)."
    if skipped := sum(sum(one.skipped.values()) for one in figures):
        yield f"{many(skipped, 'call')} left without a look: a call that failed, another account's, nothing that matters."
    if dead := sum(sum(one.dead.values()) for one in figures):
        yield f"{many(dead, 'call')} not understood: that many dead letters, each with its reason below."
    if whole.again:
        yield f"{many(whole.again, 'event')} that came twice and counted once."


def _messages(replay: Replay, most: Counter[str]) -> str:
    figures, by = replay.whole.figures, Counter[str]()
    for name, one in figures.items():
        by[replay.remediations[name].severity] += one.messages
    severities = ", ".join(f"{number:,} {severity}" for severity, number in sorted(by.items(), key=lambda one: pages.rank(one[0])) if number)
    day, highest = max(most.items(), key=lambda one: one[1])
    messages = f"At most {many(most.total(), 'message')}, {highest:,} on the highest day ({day})"
    each = f"Each subscriber gets all of them, but for what its filter policy leaves out; by severity: {severities}"
    told = sum(one.told for one in figures.values())
    reports = f" Of these {many(told, 'report')} would have come: they tell by the event alone." if told else ""
    return f"{messages}. {each}.{reports}"


def usd(amount: float) -> str:
    """Return an amount as people read it."""
    return "less than 0.01 USD" if amount < 0.01 else f"{amount:,.2f} USD"  # noqa: PLR2004 - a cent


def _table(replay: Replay) -> Iterator[str]:
    if not replay.whole.figures:
        return
    heads = ("remediation", "severity", "calls", "resources", "by pipelines", "wrong today", "changes, at most", "messages, at most", "held", "dead letters")
    body = []
    for row in rows(replay):
        name = element("a", row["remediation"], href=f"#{row['remediation']}")
        is_report = row["class"] == "report"
        numbers = [row[part] for part in ("called", "resources", "by_pipelines", "wrong_today")]
        most = ["" if is_report else row["changes_at_most"], row["messages_at_most"], row["held"] or "", row["dead_letters"] or ""]
        cells = [f"{one:,}" if isinstance(one, int) else one for one in (*numbers, *most)]
        body.append(element("tr", element("td", name), *(element("td", one) for one in (row["severity"], *cells))))
    table = element("table", element("thead", element("tr", *(element("th", head) for head in heads))), element("tbody", *body), class_="found numbers")
    yield element("div", table, class_="scroll", tabindex="0")


_HEIGHT: Final = 120
_WIDTH: Final = 760


def _days(whole: Whole) -> Iterator[str]:
    most = _by_day(whole)
    if not most:
        return
    first, last = (datetime.fromtimestamp(at, UTC).date() for at in (whole.first, whole.last))
    days = [f"{first + timedelta(days=number)}" for number in range((last - first).days + 1)]
    highest, wide = max(most.values()), _WIDTH / len(days)
    bars = []
    for number, day in enumerate(days):
        high = most[day] / highest * _HEIGHT
        place = {"x": f"{number * wide:.1f}", "y": f"{_HEIGHT - high:.1f}", "width": f"{max(wide - 1, 1):.1f}", "height": f"{high:.1f}"}
        bars.append(element("rect", element("title", f"{day}: {many(most[day], 'message')} at most"), **place))
    yield element("h2", "Messages by day, at most")
    label = f"Most messages on each day, {days[0]} to {days[-1]}: {highest} on the highest"
    shape = {"viewBox": f"0 0 {_WIDTH} {_HEIGHT}", "preserveAspectRatio": "none"}
    yield element("svg", *bars, class_="days", role="img", aria_label=label, **shape)
    yield element("p", element("span", days[0]), element("span", f"{highest:,} on the highest day"), element("span", days[-1]), class_="axis soft")


def _fights(whole: Whole) -> Iterator[str]:
    if not whole.fights:
        return
    yield element("h2", "Pipelines that would have come back")
    yield element(
        "p",
        "They changed the same resource three times or more. What they set up wrong, they set up wrong again: mend that in their sources first.",
        class_="soft",
    )
    items = [element("li", element("strong", one.resource), f" {_fight(one)}") for one in whole.fights]
    yield element("ul", *items[:_SHOWN], class_="short")
    if rest := items[_SHOWN:]:
        more = whole.fought - len(whole.fights)
        last = [element("li", f"and {more:,} more")] if more > 0 else []
        yield element("details", element("summary", f"{whole.fought - _SHOWN:,} more"), element("ul", *rest, *last, class_="short"))


_SHOWN: Final = 10


def _fight(one: Fight) -> str:
    when = f"{moment(one.first)[:10]} to {moment(one.last)[:10]}"
    return f"({one.remediation}, {one.region}): {many(one.times, 'change')} by {one.who} with {one.tool}, {when}"


def _choices(row: Mapping[str, Any]) -> Mapping[str, Any]:
    kinds = [kind for kind, name in zip(_KINDS, ("by_pipelines", "by_services", "by_people"), strict=True) if row[name]]
    return {**row, "who": kinds[0] if len(kinds) == 1 else "several"}


def _article(row: Mapping[str, Any], figures: Figures) -> Html:
    choices = _choices(row)
    title = element("span", row["severity"].upper(), class_="word people" if row["severity"] in pages.SEVERITIES[:2] else "word")
    parts: list[Html] = [
        element("h3", title, Html(" "), row["remediation"]),
        element("p", f"{row['wrong'].rstrip('.')}."),
        element("p", " · ".join([row["service"], row["class"], f"{usd(row['usd_at_most'])} at most"]), class_="soft"),
        element("dl", *_facts(row, figures)),
    ]
    for head, items in (("Who", _who(figures)), ("Left without a look", _skipped(figures)), ("Dead letters", _dead(figures)), ("Held", _held(figures))):
        if items:
            parts.append(element("details", element("summary", f"{head} ({len(items)})"), element("ul", *(element("li", one) for one in items))))
    return element("article", *parts, class_="finding", id=row["remediation"], **{f"data_{name}": str(choices[name]) or "-" for name in _FILTERS})


def _facts(row: Mapping[str, Any], figures: Figures) -> Iterator[Html]:
    said = {
        "Called": f"{many(row['called'], 'time')}, by {_several(figures.by_trigger)}",
        "Whose changes": ", ".join(
            f"{figures.by_kind[kind]:,} by {'people and scripts' if kind == PEOPLE else f'{kind}s'}" for kind in _KINDS if figures.by_kind[kind]
        ),
        "Tools": _several(figures.by_tool),
        "Looked at": _looked(row) if row["class"] != "report" else "",
        "Put right": f"at most {many(row['changes_at_most'], 'time')}" if row["class"] != "report" else "",
        "Told": f"{many(row['told'], 'time')}" if row["class"] == "report" else "",
        "Messages": f"at most {row['messages_at_most']:,}" + (f", {row['digests']:,} of them digests of {figures.together:,} alerts" if row["digests"] else ""),
        "Contested": f"at most {many(row['contested'], 'time')}" if row["contested"] else "",
        "Wrong today": f"{row['wrong_today']}" if row["wrong_today"] else "",
    }
    for term, what in said.items():
        if what:
            yield Html(element("dt", term) + element("dd", what))


def _looked(row: Mapping[str, Any]) -> str:
    said = f"{many(row['resources'], 'resource')}, {many(row['looks'], 'look')}" if row["looks"] else ""
    unnamed = f"{many(row['resources_only_aws_knows'], 'event')} whose resource only AWS could have named" if row["resources_only_aws_knows"] else ""
    return "; ".join(one for one in (said, unnamed) if one)


def _several(counted: Counter[str], most: int = 6) -> str:
    said = [f"{name} {number:,}" for name, number in counted.most_common(most)]
    return ", ".join(said) + (f" and {len(counted) - most} more" if len(counted) > most else "")


def _who(figures: Figures) -> list[str]:
    return [f"{who}{f' with {tool}' if tool else ''}: {often:,}" for who, tool, often in figures.who]


def _skipped(figures: Figures) -> list[str]:
    return [f"{many(often, 'event')}: {why} ({outcome})" for (outcome, why), often in figures.skipped.most_common(20)]


def _dead(figures: Figures) -> list[str]:
    return [f"{many(often, 'event')}: {why} ({figures.examples.get(why, '')} is one)" for why, often in figures.dead.most_common(20)]


def _held(figures: Figures) -> list[str]:
    more = figures.held_often - len(figures.held)
    said = [f"{moment(one.start)} to {moment(one.stop)}, {one.account} {one.region}: {many(one.events, 'event')}" for one in figures.held]
    return [*said, *([f"and {more} times more"] if more else [])]


def _today(replay: Replay) -> Iterator[str]:
    found = [line for line in replay.today if line["kind"] == FINDING]
    if not replay.has_looked:
        return
    yield element("h2", "What is wrong today")
    asked = f"At most {MOST} resources of each remediation in a region were looked at, those that were changed last."
    yield element("p", asked if found else f"Nothing, with what the events name. {asked}", class_="soft")
    for line in sorted(found, key=lambda line: pages.rank(line["severity"])):
        yield pages.finding({**line, "owner": line.get("owner", "")}).replace('class="finding"', 'class="today"', 1) + "\n"
    yield from pages.not_looked_at(lambda: replay.today)


def _left_out(replay: Replay) -> Iterator[str]:
    whole = replay.whole
    yield element("h2", "What was read")
    yield element("p", " ".join(replay.read), class_="soft")
    if len(whole.accounts) > 1:
        places = sorted(whole.accounts.items(), key=lambda one: (-one[1], one[0]))
        yield element("ul", *(element("li", f"{account} {region}: {many(number, 'event')}") for (account, region), number in places), class_="short")
    if whole.unread:
        yield element("h2", "Not read")
        more = [element("li", f"and {whole.more_unread:,} more")] if whole.more_unread else []
        yield element("ul", *(element("li", f"{one.where}: {one.why}") for one in whole.unread), *more)
    if replay.elsewhere:
        yield element("h2", "What no trail has")
        yield element(
            "p", "These are heard besides, or alone, by other events than CloudTrail's: what they would have made of those, a trail cannot say.", class_="soft"
        )
        kinds: dict[str, list[str]] = {}
        for name, several in replay.elsewhere.items():
            for kind in several:
                kinds.setdefault(kind, []).append(name)
        yield element("ul", *(element("li", element("strong", kind), f": {', '.join(names)}") for kind, names in sorted(kinds.items())))


def _reckoned() -> Iterator[Html]:
    """Yield by which prices it is reckoned."""
    per = costs.A_MILLION
    prices = (
        f"Lambda {costs.REQUEST * per:.2f} USD per million requests and {costs.GB_SECOND:.10f} per GB-second, DynamoDB {costs.WRITE_UNIT * per} per million "
        f"write units and {costs.READ_UNIT * per} per million read units, SNS {costs.PUBLISH * per:.2f} per million"
    )
    left_out = "What is free, logs and e-mail are left out"
    how = "The engine reads the events, and asks its own claims, breaker and storms at the time of each; only the journal is in memory, and AWS is not asked."
    yield element("h2", "How it is reckoned")
    yield element("p", f"Costs: as if every call began cold and made a fix, by list prices of us-east-1: {prices}. {left_out}.", class_="soft")
    yield element("p", how, class_="soft")
