"""What would have been: all candidates in their order, what the engine would have made of each, and the figures of it.

Candidates come in whatever order their source has them, and may come twice. They wait in a file of SQLite, so that memory does not grow with them; from there
they go by in the order of time, account by account and region by region, through `Past`. Which resources were looked at, and on whose change, stands in that
file, too, and is counted there.
"""

import json
import os
import sqlite3
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp
from typing import Any, Final, NamedTuple

from local.replay import costs
from local.replay.envelope import Candidate, Unread
from local.replay.past import Heard, Notice, Past
from snapback.engine.actors import Actor
from snapback.engine.alerts import seconds
from snapback.engine.outcomes import Outcome
from snapback.engine.remediation import Remediation

DIGEST_AFTER: Final = 300
"""Seconds for which what is told together is gathered: MaximumBatchingWindowInSeconds of the queue of storms in template.yaml."""

HOUR: Final = 3600

_MOST_WORDS: Final = 200
"""Different reasons, tools and the like that are counted by themselves."""

_MOST_EPISODES: Final = 20
_FOUGHT: Final = 3
"""Changes of one resource by the same pipeline from which on it is said that it would have fought."""

_MOST_FIGHTS: Final = 100
_AT_ONCE: Final = 5_000
_OTHERS: Final = "(others)"

PIPELINE, SERVICE, PEOPLE = "pipeline", "AWS service", "people and scripts"


class Episode(NamedTuple):
    """A time in which a remediation would have been held."""

    account: str
    region: str
    start: float
    stop: float
    events: int


@dataclass
class Figures:
    """What would have been of one remediation."""

    called: int = 0
    """Invocations of its function: one for each rule that an event matches."""
    looks: int = 0
    """Resources that it would have looked at, each time counted."""
    unnamed: int = 0
    """Events of which only AWS could say which resources they are about."""
    resources: int = 0
    changes: int = 0
    """Most that it can have put right."""
    told: int = 0
    """Of a report: what it would have told."""
    messages: int = 0
    """Most that can have been sent."""
    digests: int = 0
    """Of these, those that tell several things at once."""
    together: int = 0
    """What those tell."""
    by_kind: Counter[str] = field(default_factory=Counter)
    by_tool: Counter[str] = field(default_factory=Counter)
    by_region: Counter[str] = field(default_factory=Counter)
    by_trigger: Counter[str] = field(default_factory=Counter)
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Outcome and reason -> events."""
    dead: Counter[str] = field(default_factory=Counter)
    """Reason -> events."""
    examples: dict[str, str] = field(default_factory=dict)
    """Reason -> the id of one of those."""
    ends: Counter[str] = field(default_factory=Counter)
    by_day: Counter[str] = field(default_factory=Counter)
    """Day -> most messages."""
    called_by_day: Counter[str] = field(default_factory=Counter)
    held: list[Episode] = field(default_factory=list)
    held_often: int = 0
    who: list[tuple[str, str, int]] = field(default_factory=list)
    """Who, by which tool, how often: the most frequent."""

    @property
    def cost(self) -> float:
        """Return the most that it can have cost, in USD."""
        tries = self.called + 2 * sum(self.dead.values())  # Lambda tries twice more before it gives up
        return costs.at_most(invocations=tries, ends=self.ends.total(), messages=self.messages)


class Fight(NamedTuple):
    """A pipeline that changed the same resource again and again."""

    remediation: str
    account: str
    region: str
    resource: str
    who: str
    tool: str
    times: int
    first: float
    last: float


class Seen(NamedTuple):
    """A resource that would have been looked at."""

    resource: str
    last: float


@dataclass
class Whole:
    """All figures."""

    figures: dict[str, Figures] = field(default_factory=dict)
    candidates: int = 0
    again: int = 0
    """Events that the source has more than once."""
    first: float = 0
    last: float = 0
    days: float = 0
    """How many days were asked for, by which a rate can be reckoned; 0 if all that is there was: over how many days that is, the events do not say, as nobody
    knows what no rule hears."""
    accounts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Account and region -> events."""
    fights: list[Fight] = field(default_factory=list)
    """Those with the most changes."""
    fought: int = 0
    """How many there are in all."""
    unread: list[Unread] = field(default_factory=list)
    more_unread: int = 0


_MOST_UNREAD: Final = 500


class History:
    """The file in which candidates wait. Used by one thread."""

    def __init__(self, directory: Path) -> None:
        """Begin it in that directory, where no other replay finds it, and where it does not stay."""
        handle, name = mkstemp(".sqlite", "history-", directory)  # for nobody else to read
        os.close(handle)
        self._path = Path(name)
        self._file = sqlite3.connect(self._path)
        self._file.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE event (account TEXT, region TEXT, at REAL, id TEXT, rules TEXT, event BLOB, UNIQUE (account, id));"
            "CREATE TABLE look (remediation TEXT, account TEXT, region TEXT, resource TEXT, at REAL, who TEXT, tool TEXT, is_pipeline INTEGER);"
        )
        self.whole = Whole()
        with suppress(OSError):  # where a file can lose its name while it is open, whatever ends this leaves nothing; else `end` takes it away
            self._path.unlink()

    def end(self) -> None:
        """Take the file away."""
        self._file.close()
        self._path.unlink(missing_ok=True)

    def add(self, source: Iterable[Candidate | Unread]) -> None:
        """Let all of a source wait here: what it has given is here, too, if something ends it."""
        rows: list[tuple[Any, ...]] = []
        try:
            for one in source:
                if isinstance(one, Unread):
                    self.unread(one)
                    continue
                rows.append(_row(one))
                if len(rows) >= _AT_ONCE:
                    self._write(rows)
                    rows.clear()
        finally:
            self._write(rows)

    def unread(self, one: Unread) -> None:
        """Note what could not be read."""
        if len(self.whole.unread) < _MOST_UNREAD:
            self.whole.unread.append(one)
        else:
            self.whole.more_unread += 1

    def _write(self, rows: list[tuple[Any, ...]]) -> None:
        with self._file:
            written = self._file.executemany("INSERT OR IGNORE INTO event VALUES (?, ?, ?, ?, ?, ?)", rows).rowcount if rows else 0
        self.whole.candidates += written
        self.whole.again += len(rows) - written

    def replay(self, past: Past, remediations: Mapping[str, Remediation], told: Callable[[int], object] = lambda _: None) -> None:
        """Let all of it go by. `told` hears how many events have."""
        whole, looks, digests, where = self.whole, list[tuple[Any, ...]](), dict[str, float](), ("", "")
        self._file.execute("CREATE INDEX in_order ON event (account, region, at, id)")
        waiting = self._file.cursor().execute("SELECT account, region, at, rules, event FROM event ORDER BY account, region, at, id")
        try:
            with past.here():
                for number, (account, region, at, woken, packed) in enumerate(waiting, 1):
                    if where != (account, region):
                        where, digests = (account, region), {}
                        past.begin(account, region)
                    event = json.loads(zlib.decompress(packed))
                    whole.accounts[where] += 1
                    whole.first, whole.last = min(whole.first or at, at), max(whole.last, at)
                    for name, rules in json.loads(woken).items():
                        heard = past.hear(remediations[name], event, at + 1)
                        figures = whole.figures.setdefault(name, Figures())
                        _count(figures, heard, event, at, rules)
                        _count_messages(figures, heard.notices, at, digests, name)
                        _count_held(figures, heard, where, at)
                        looks += _looks(name, where, heard, at, is_fought=remediations[name].writes)
                    if len(looks) >= _AT_ONCE:
                        self._write_looks(looks)
                        looks.clear()
                    if number % _AT_ONCE == 0:
                        told(number)
        finally:
            self._write_looks(looks)

    def _write_looks(self, looks: list[tuple[Any, ...]]) -> None:
        with self._file:
            self._file.executemany("INSERT INTO look VALUES (?, ?, ?, ?, ?, ?, ?, ?)", looks)

    def sum_up(self) -> Whole:
        """Count what can only be counted at the end; return the figures."""
        ask = self._file.execute
        ask("CREATE INDEX by_resource ON look (remediation, account, region, resource, at)")
        distinct = "SELECT remediation, count(*) FROM (SELECT DISTINCT remediation, account, region, resource FROM look) GROUP BY remediation"
        for name, number in ask(distinct):
            self.whole.figures[name].resources = number
        for name, figures in self.whole.figures.items():
            most = (
                "SELECT who, tool, count(*) AS often FROM look WHERE remediation = ? AND who <> '' GROUP BY who, tool ORDER BY often DESC, who, tool LIMIT 10"
            )
            figures.who = ask(most, (name,)).fetchall()
        fought = (
            "SELECT remediation, account, region, resource, who, tool, count(*) AS often, min(at), max(at) FROM look WHERE is_pipeline "
            "GROUP BY remediation, account, region, resource, who, tool HAVING often >= ?"
        )
        [(self.whole.fought,)] = ask(f"SELECT count(*) FROM ({fought})", (_FOUGHT,))  # noqa: S608 - a text of our own
        self.whole.fights = [Fight(*row) for row in ask(f"{fought} ORDER BY often DESC, remediation, resource LIMIT {_MOST_FIGHTS}", (_FOUGHT,))]
        return self.whole

    def latest(self, remediation: str, account: str, region: str, most: int) -> list[Seen]:
        """Return the resources that it would have looked at there, those that were changed last first."""
        where = "WHERE remediation = ? AND account = ? AND region = ?"
        asked = f"SELECT resource, max(at) AS last FROM look {where} GROUP BY resource ORDER BY last DESC, resource LIMIT ?"  # noqa: S608 - a text of our own
        return [Seen(*row) for row in self._file.execute(asked, (remediation, account, region, most))]


def _row(one: Candidate) -> tuple[Any, ...]:
    text, key = json.dumps(one.event).encode(), one.event["id"]
    where = one.event["account"], one.event["region"], seconds(one.event["time"])
    return *where, key or sha256(text).hexdigest(), json.dumps(woken_by(one)), zlib.compress(text, 1)


def woken_by(candidate: Candidate) -> Mapping[str, int]:
    """Return the remediations whose functions the event would have woken, each with how often: once for each rule that matches."""
    return Counter(rule.remediation for rule in candidate.rules)


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def _one_more(counted: Counter[Any], key: Any, others: Any = _OTHERS, *, times: int = 1) -> None:  # noqa: ANN401 - any key
    """Count it, by itself while there are few of its kind: what an event says may be new each time."""
    counted[key if key in counted or len(counted) < _MOST_WORDS else others] += times


def _count(figures: Figures, heard: Heard, event: Mapping[str, Any], at: float, rules: int) -> None:
    figures.called += rules
    figures.called_by_day[_day(at)] += rules
    figures.by_region[event["region"]] += 1
    _one_more(figures.by_trigger, str(event["detail"].get("eventName", event["detail-type"]))[:100])
    kind, tool = kind_of(heard.actor or Actor.of(event["detail"]))
    figures.by_kind[kind] += 1
    _one_more(figures.by_tool, tool)
    if heard.left:
        _one_more(figures.skipped, (heard.left.value, heard.why), (heard.left.value, _OTHERS))
    if heard.dead:
        _one_more(figures.dead, heard.dead)
        figures.examples.setdefault(heard.dead if heard.dead in figures.dead else _OTHERS, event["id"])
    figures.unnamed += heard.is_unnamed
    figures.looks += len(heard.looked_at)
    figures.ends.update(end.value for end in heard.ends)
    figures.changes += heard.ends.count(Outcome.FIXED)
    figures.told += heard.ends.count(Outcome.REPORTED)


def kind_of(actor: Actor) -> tuple[str, str]:
    """Return of which kind it is who made a change, and by which tool."""
    if actor.is_pipeline:
        return PIPELINE, actor.tool
    if actor.name.startswith("the service "):
        return SERVICE, actor.name.removeprefix("the service ")
    return PEOPLE, actor.tool or "(no user agent)"


def _count_messages(figures: Figures, notices: Iterable[Notice], at: float, digests: dict[str, float], name: str) -> None:
    for notice in notices:
        if notice.is_together:
            figures.together += 1
            if at < digests.get(name, 0):
                continue
            digests[name] = at + DIGEST_AFTER
            figures.digests += 1
        figures.messages += 1
        figures.by_day[_day(at)] += 1


def _count_held(figures: Figures, heard: Heard, where: tuple[str, str], at: float) -> None:
    if Outcome.HELD not in heard.ends:
        return
    last = figures.held[-1] if figures.held else None
    if last and (last.account, last.region) == where and at - last.stop <= HOUR:
        figures.held[-1] = last._replace(stop=at, events=last.events + 1)
        return
    figures.held_often += 1
    figures.held.append(Episode(*where, at, at, 1))
    if len(figures.held) > _MOST_EPISODES:
        smallest = min(figures.held[:-1], key=lambda one: one.events)
        figures.held.remove(smallest)


def _looks(name: str, where: tuple[str, str], heard: Heard, at: float, *, is_fought: bool) -> Iterator[tuple[Any, ...]]:
    who = heard.actor
    for resource in heard.looked_at:
        yield name, *where, resource, at, who.name if who else "", who.tool if who else "", is_fought and bool(who and who.is_pipeline)
