"""CloudTrail's own event history as a source: `LookupEvents`, 90 days of calls to the management of an account, kept on disk and gone on with.

An account has at most two lookups a second in each region, of 50 events each, by one attribute at a time. So what is asked decides how long it takes:

- all calls that write, from now backwards, take a lookup for each 50 of them: 20 for a day with a thousand;
- one call after the other, by its name, take a lookup for each name at least, however few there are: some 500, four and a half minutes.

A region is read backwards until that has taken as many lookups as there are names, or, ten lookups on, is seen to need more for what is left at the rate at
which it went until then. What is left is asked for by name. So it never takes more than twice what the better way takes, and which one that is nobody need
know beforehand. What is new since the last time is decided by itself: a day is mostly read, and not asked for by name.

Each answer is written down as it comes, with the time that it covers, in one transaction, in a file of SQLite for each region: whatever ends this loses
nothing, and no second of the past is asked for twice.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

import json
import math
import re
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Event
from typing import Any, Final, NamedTuple, Protocol

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local import private
from local.cli.failures import sentence
from local.replay.envelope import KINDS, Candidate, Sieve, Unread, only_reads
from local.replay.matching import compiled
from local.replay.rules import FROM_TRAILS, Rule
from local.survey import looking
from snapback.engine import clock, refusals

DAYS: Final = 90
"""So long CloudTrail keeps its history."""

_MOST: Final = 50
PER_SECOND: Final = 2
"""Lookups in one region: all that an account has there, whoever asks."""

_LATE: Final = 30 * 60
"""Seconds after which no event comes any more: what is younger is asked for again the next time. CloudTrail says five minutes on average, and promises none
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-cloudtrail-works.html)."""

_BEFORE_JUDGING: Final = 10
_PATIENCE: Final = (2, 5, 10, 20, 40, 60, 60)
"""Lookups before the rate says anything; seconds to wait, one time after the other, when AWS says that it is asked too often."""

_BUSY: Final = frozenset({"RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException", "ServiceUnavailable", "InternalFailure"})

_READ_BY_FLAG: Final = re.compile(r"(Assume|BatchGet|Describe|Export|Get|InvokeModel|List|Lookup|Search)")
"""How calls begin that CloudTrail may call reads, though rules hear them: asked for by name where all that writes is read."""


class Lookup(NamedTuple):
    """One question: an attribute and the value that events are to have there."""

    attribute: str
    value: str

    def __str__(self) -> str:
        """Return what it is known by in the file."""
        return f"{self.attribute}={self.value}"


WRITES: Final = Lookup("ReadOnly", "false")


class Span(NamedTuple):
    """Seconds since 1970, of which both ends are meant, too."""

    start: int
    stop: int


# ------------------------------------------------------------------------- what is to be asked


class Questions(NamedTuple):
    """What finds all that the rules hear."""

    by_name: Sequence[Lookup]
    """Where no other way is shorter."""
    besides: Sequence[Lookup]
    """Where all that writes is read: what CloudTrail may call a read."""
    only_read: Sequence[str]
    """Rules that name no call, and are found only where all that writes is read."""


def questions(rules: Iterable[Rule]) -> Questions:
    """Return the questions for these rules."""
    found: dict[Lookup, bool] = {}
    only_read: dict[str, None] = {}
    for rule in rules:
        for detail, sources in _alternatives(rule.pattern):
            asked = _asked(detail, sources)
            if not asked:
                only_read[rule.name] = None
            for lookup in asked:
                if rule.hears_reads or not only_reads(_called(lookup.value)):
                    found[lookup] = found.get(lookup, False) or rule.hears_reads or bool(_READ_BY_FLAG.match(lookup.value))
    return Questions(sorted(found), sorted(lookup for lookup, is_besides in found.items() if is_besides), list(only_read))


def _called(name: str) -> Mapping[str, Any]:
    return {"detail-type": KINDS["AwsApiCall"], "detail": {"eventName": name}}


def _alternatives(pattern: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Sequence[object]]]:
    """Yield what a pattern asks of the record, each of its choices by itself, with the sources that it takes."""
    for whole in _parts(pattern):
        if FROM_TRAILS & {kind for kind in whole.get("detail-type", FROM_TRAILS) if isinstance(kind, str)}:
            for detail in _parts(whole.get("detail", {})):
                yield detail, whole.get("source", [{"prefix": "aws."}])


def _parts(pattern: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    common = {name: value for name, value in pattern.items() if name != "$or"}
    for one in pattern.get("$or", [{}]):
        for part in _parts(one) if "$or" in one else [one]:
            yield {**common, **part}


def _asked(detail: Mapping[str, Any], sources: Sequence[object]) -> list[Lookup]:
    """Return the questions that find all of it; none if there are no such questions."""
    names = detail.get("eventName")
    if names is None:
        return [Lookup("Username", "root")] if detail.get("userIdentity", {}).get("type") == ["Root"] else []
    found = [Lookup("EventName", name) for name in names if isinstance(name, str)]
    if parts := [name for name in names if not isinstance(name, str)]:
        if any("anything-but" in part for part in parts):
            return []
        found += _by_part(json.dumps(sources), json.dumps(parts))
    return found


@cache
def _by_part(sources: str, parts: str) -> Sequence[Lookup]:
    judge = compiled({"eventName": json.loads(parts)})
    return [Lookup("EventName", call) for call in _calls(sources) if judge({"eventName": call})]


@cache
def _calls(sources: str) -> Sequence[str]:
    """Return the names that the calls of these sources have in CloudTrail, as far as boto3 knows them: `aws.bedrock` is what `bedrock-runtime` calls, too."""
    loader, judge = botocore.session.get_session().get_component("data_loader"), compiled({"source": json.loads(sources)})
    names: set[str] = set()
    for model in loader.list_available_services("service-2"):
        if any(judge({"source": f"aws.{name}"}) for name in (model, model.partition("-")[0])):
            for name, operation in loader.load_service_model(model, "service-2")["operations"].items():
                names |= {name, *_dated(name, operation)}
    return sorted(names)


def _dated(name: str, operation: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names with the date of their version, as calls of Lambda have them: `CreateFunction20150331`, `UpdateFunctionCode20150331v2`.

    https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
    """
    if version := re.match(r"/(\d{4})-(\d\d)-(\d\d)/functions\b", operation["http"].get("requestUri", "")):
        yield from (f"{name}{''.join(version.groups())}{further}" for further in ("", "v2"))


# ------------------------------------------------------------------------- what is kept


class Kept:
    """The file of one region: events, and for each question the time that it covers. Used by one thread."""

    def __init__(self, file: Path) -> None:
        """Open it, or begin it."""
        private.directory(file.parent)
        self._file = sqlite3.connect(private.file(file))
        self._file.executescript(
            "CREATE TABLE IF NOT EXISTS event (id TEXT PRIMARY KEY, at INTEGER, record BLOB) WITHOUT ROWID;"
            "CREATE INDEX IF NOT EXISTS by_time ON event (at);"
            "CREATE TABLE IF NOT EXISTS covered (question TEXT, start INTEGER, stop INTEGER);"
        )

    def close(self) -> None:
        """Close it."""
        self._file.close()

    def gaps(self, question: Lookup, span: Span) -> list[Span]:
        """Return what of the span is not covered yet, the latest first."""
        found, stop = [], span.stop
        covered = self._file.execute(
            "SELECT start, stop FROM covered WHERE question = ? AND start <= ? AND stop >= ? ORDER BY stop DESC", (str(question), *span[::-1])
        )
        for one in covered:
            if one[1] < stop:
                found.append(Span(one[1] + 1, stop))
            stop = min(stop, one[0] - 1)
        return [*found, Span(span.start, stop)] if stop >= span.start else found

    def keep(self, question: Lookup, events: Iterable[Mapping[str, Any]], covers: Span) -> None:
        """Write an answer down, with the time that is covered by now."""
        rows = [(one["EventId"], _seconds(one), zlib.compress(one["CloudTrailEvent"].encode(), 1)) for one in events]
        with self._file:
            self._file.executemany("INSERT OR IGNORE INTO event VALUES (?, ?, ?)", rows)
            if covers.start <= covers.stop:
                self._cover(question, covers)

    def _cover(self, question: Lookup, covers: Span) -> None:
        """Note the span as one with those that it touches."""
        touching = "question = ? AND start <= ? + 1 AND stop >= ? - 1"
        given = (str(question), covers.stop, covers.start)
        start, stop = self._file.execute(f"SELECT min(start), max(stop) FROM covered WHERE {touching}", given).fetchone()  # noqa: S608 - a text of our own
        self._file.execute(f"DELETE FROM covered WHERE {touching}", given)  # noqa: S608 - the same
        whole = covers if start is None else Span(min(start, covers.start), max(stop, covers.stop))
        self._file.execute("INSERT INTO covered VALUES (?, ?, ?)", (str(question), *whole))

    def records(self, span: Span) -> Iterator[str]:
        """Yield CloudTrail's records of the span as the text that they came in, in their order."""
        for (record,) in self._file.execute("SELECT record FROM event WHERE at BETWEEN ? AND ? ORDER BY at, id", span):
            yield zlib.decompress(record).decode()


def _seconds(event: Mapping[str, Any]) -> int:
    return int(event["EventTime"].timestamp())


# ------------------------------------------------------------------------- asking


Client = Any
"""CloudTrail's."""


class Stopped(Exception):  # noqa: N818 - reads as what it is
    """Somebody wants this to end; what came is kept."""


class Asking:
    """The questions to one region, at the pace that AWS has for them."""

    def __init__(  # noqa: PLR0913 - what time is, too, for tests
        self,
        client: Client,
        kept: Kept,
        stop: Event,
        told: Callable[[int, int], object] = lambda *_: None,
        *,
        wait: Callable[[float], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask by that client. `told` hears how many lookups were made, and of what second the last event is."""
        self._client, self._kept, self._stop, self._told = client, kept, stop, told
        self._wait, self._clock = wait or stop.wait, clock
        self._next = 0.0
        self.lookups = 0

    def bring(self, asked: Questions, span: Span, now: float) -> bool:
        """Bring what is not there yet; tell whether some of it could only be asked for by name. Raises `Stopped`, and what AWS refuses."""
        settled, by_name = int(now) - _LATE, False
        for gap in self._kept.gaps(WRITES, span):
            left = [one for one in asked.by_name if self._kept.gaps(one, gap)]
            if asked.by_name and not left:
                by_name = True
            elif unread := self._read(gap, len(left) or math.inf, settled):
                by_name = True
                for one in left:
                    for missing in self._kept.gaps(one, unread):
                        self._all(one, missing, settled)
        for one in asked.besides:
            for gap in self._kept.gaps(one, span):
                self._all(one, gap, settled)
        return by_name

    def _read(self, gap: Span, names: float, settled: int) -> Span | None:
        """Read all that writes, backwards; return what is left where it is shorter to ask by name."""
        full = 0
        for number, (oldest, events) in enumerate(self._pages(WRITES, gap, settled), 1):
            if oldest <= gap.start:
                break
            full += events > 0
            left, gone_by = oldest - gap.start, max(gap.stop - oldest, 1)
            if number >= names or (full >= _BEFORE_JUDGING and number * left / gone_by > names):
                return Span(gap.start, min(oldest, gap.stop))
        return None

    def _all(self, question: Lookup, gap: Span, settled: int) -> None:
        for _ in self._pages(question, gap, settled):
            pass

    def _pages(self, question: Lookup, gap: Span, settled: int) -> Iterator[tuple[int, int]]:
        """Keep one page after the other, the latest first; yield the second from which on everything is there, and how many events the page has.

        That second is the gap's first at the end. A page may be empty though others follow: it says nothing of how far it is.
        """
        asked: dict[str, Any] = {
            "LookupAttributes": [{"AttributeKey": question.attribute, "AttributeValue": question.value}],
            "StartTime": gap.start,
            "EndTime": gap.stop,
            "MaxResults": _MOST,
        }
        oldest = gap.stop
        while True:
            page = self._ask(asked)
            is_last = not page.get("NextToken")
            oldest = min(map(_seconds, page["Events"]), default=oldest)
            start = gap.start if is_last else oldest + 1  # of its second there may be more on the next page
            self._kept.keep(question, page["Events"], Span(start, min(gap.stop, settled)))
            self._told(self.lookups, oldest)
            yield start, len(page["Events"])
            if is_last:
                return
            asked["NextToken"] = page["NextToken"]

    def _ask(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        for patience in (*_PATIENCE, None):
            if self._stop.is_set():
                raise Stopped
            if (ahead := self._next - self._clock()) > 0:
                self._wait(ahead)
            self._next = self._clock() + 1 / PER_SECOND
            self.lookups += 1
            try:
                answer: Mapping[str, Any] = self._client.lookup_events(**asked)
            except ClientError as error:
                if patience is None or refusals.code_of(error) not in _BUSY:
                    raise
                self._wait(patience)
            else:
                return answer
        raise AssertionError  # the last one has no patience


PACED: Final = Config(retries={"mode": "standard", "total_max_attempts": 2}, max_pool_connections=1)
"""What CloudTrail is asked with: whoever comes too often waits longer than botocore would."""

_AT_ONCE: Final = 20
"""Regions that are asked at the same time: each has a pace of its own."""


class Told(Protocol):
    """Hears how far it is."""

    def __call__(self, region: str, lookups: int, oldest: int, *, is_done: bool) -> None:
        """`lookups` were made in the region; the last event is of the second `oldest`."""


@dataclass
class Brought:
    """What became of one region."""

    lookups: int = 0
    by_name: bool = False
    """Some of it was asked for by name: rules that name no call have not heard of that."""
    trouble: str = ""
    """Why not all of it is there."""
    is_unknown: bool = False
    """It does not know the credentials."""


def file_of(directory: Path, account: str, region: str) -> Path:
    """Return the file of a region."""
    return directory / account / f"{region}.sqlite"


def bring(  # noqa: PLR0913, PLR0917 - where, what, and who hears of it
    clients_of: Mapping[str, Client], directory: Path, account: str, asked: Questions, span: Span, told: Told, brought: dict[str, Brought]
) -> None:
    """Bring what is not there yet of all regions; say in `brought` what became of each.

    Raises `looking.Ended` if the credentials have expired, or if no region knows them, and `KeyboardInterrupt`: what came is kept, in each case.
    """
    brought.update({region: Brought() for region in clients_of})
    stop, now, unknown = Event(), clock.now(), list[looking.Ended]()

    def one(region: str) -> None:
        with closing(Kept(file_of(directory, account, region))) as kept:
            asking = Asking(clients_of[region], kept, stop, lambda lookups, oldest: told(region, lookups, oldest, is_done=False))
            here = brought[region]
            try:
                here.by_name = asking.bring(asked, span, now)
            except (ClientError, BotoCoreError) as error:
                try:
                    here.trouble = _trouble(error)
                except looking.EndedHere as ended:
                    here.trouble, here.is_unknown = str(ended), True
                    unknown.append(looking.Ended(sentence(error)))
                except looking.Ended:
                    here.trouble = "the credentials have expired"
                    raise
            except Stopped:
                here.trouble = "it was stopped"
            finally:
                here.lookups = asking.lookups
                told(region, asking.lookups, span.start, is_done=True)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        try:
            for done in [pool.submit(one, region) for region in clients_of]:
                done.result()
        finally:
            stop.set()
    if unknown and all(one.is_unknown for one in brought.values()):
        raise unknown[0]


def _trouble(error: Exception) -> str:
    """Return why a region could not be asked; raise `looking.Ended` if none can any more."""
    troubles = looking.Troubles()
    troubles.note(error)
    return next((one.why for one in troubles.found.values()), "")


def candidates(directory: Path, account: str, regions: Iterable[str], span: Span, sieve: Sieve) -> Iterator[Candidate | Unread]:
    """Yield what of the events that are kept there some rule would have heard, and what could not be read."""
    for region in regions:
        file, where = file_of(directory, account, region), f"the event history of {region}"
        if not file.exists():
            continue
        with closing(Kept(file)) as kept:
            for text in kept.records(span):
                sieve.tally.records += 1
                try:
                    record = json.loads(text)
                except (ValueError, RecursionError) as error:  # a number of 5,000 digits is one of the first, too
                    yield Unread(where, f"it cannot be read: {error}")
                    continue
                if found := sieve.take(record, where):
                    yield found
