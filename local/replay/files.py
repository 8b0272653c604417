"""A trail's files, on disk or in S3, each read once and in pieces: DuckDB takes them apart, lets through what a rule could match, and `Sieve` decides.

Python opens and unpacks: a file that ends too early gives what can be read of it. What DuckDB does not understand is read once more by Python's own
reader of JSON, which says what is wrong and where. Memory does not grow with the files: a few pieces are under way at a time.

The layout of a trail: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html
"""

import json
import os
import re
import stat
import zlib
from codecs import BOM_UTF8
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache, partial
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from threading import local as thread_local
from typing import IO, Any, Final, NamedTuple, TypeAlias

import boto3
import duckdb
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from local.cli.text import plain
from local.replay import prefilter
from local.replay.envelope import Candidate, Sieve, Unread
from local.replay.rules import Rule
from local.survey import looking
from snapback.engine import refusals
from snapback.engine.errors import SnapbackError

_PIECE: Final = 16 << 20
"""Bytes of unpacked text that are taken apart at a time: whole small files, or a part of a large one."""

_LONGEST: Final = 48 << 20
"""Bytes that are taken apart at once if it cannot be seen where a record ends: as much as a file of CloudTrail's own has, unpacked."""

_MOST_TOGETHER: Final = 500
"""Small files in one question to DuckDB."""

_READ: Final = 1 << 20

_AT_ONCE: Final = 16
"""Objects of S3 that are fetched before their turn."""

_WHOLE: Final = 8 << 20
"""Bytes of an object up to which it is fetched before its turn; a larger one is read as its turn comes."""

_GZIP: Final = b"\x1f\x8b"

_HEAD: Final = re.compile(r'\s*\{\s*"Records"\s*:\s*\[\s*')
_BEGIN: Final = b'{"Records":['
_END: Final = b"]}"

_FIRST_FIELD: Final = b'"eventVersion"'
"""CloudTrail's records begin with it; what has sorted a file's fields has put others first."""

_BETWEEN: Final = re.compile(rb"\}(\s*,\s*)\{\s*\Z")
"""What stands before it, if a record does: the end of the former. Inside of a string its quotation marks would have backslashes."""

_RECORDS: Final = b'"Records"'

_JOINT: Final = re.compile(rb"\]\s*\}\s*(\{\s*)\Z")
"""What stands before that where a file is several, one after the other, as `zcat *.gz > all.json` makes it. Nothing else in JSON looks like it."""

_NEAR: Final = 64
"""Bytes before a name in which that is looked for."""

_NEXT: Final = re.compile(r'\}\s*,\s*(?=\{\s*"(eventVersion")?)')
"""What may be the end of a record that is broken, and the begin of the next one; the more so with what records begin with."""

_ALWAYS_THERE: Final = frozenset({"awsRegion", "eventTime"})
"""What each record has, and what is inside of one has not."""

_LAST: Final = re.compile(r"\]\s*(\}?)\s*")
"""What ends a file."""

_DIGESTS: Final = "CloudTrail-Digest"
"""The folder that a trail has for digests of its files (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html)."""

_NO_TRAIL: Final = {
    "configurationItems": "AWS Config's items",
    "digestStartTime": "a digest of a trail's files",
    "Events": "an answer of LookupEvents",
}
"""What other files of JSON are known by, and what they hold."""

_NO_JSON: Final = (
    (re.compile(rb"PK[\x03\x05]"), "it is packed by zip, and was not unpacked"),
    (re.compile(rb"BZh\d"), "it is packed by bzip2, and was not unpacked"),
    (re.compile(rb"\xfd7zXZ\0"), "it is packed by xz, and was not unpacked"),
    (re.compile(rb"(?s)\x28\xb5\x2f\xfd"), "it is packed by zstd, and was not unpacked"),
    (re.compile(_GZIP), "it is packed by gzip twice, and was unpacked once"),
    (re.compile(rb"(?s).{257}ustar"), "it is an archive of tar, and was not unpacked"),
    (re.compile(rb"\xff\xfe|\xfe\xff"), "its text is UTF-16, and CloudTrail's is UTF-8"),
    (re.compile(rb"version account-id |\d account-id "), "it holds flow logs of a VPC, and no records of CloudTrail's"),
    (re.compile(rb"(https?|h2|wss?|grpcs?) \d{4}-\d\d-\d\dT"), "it holds a load balancer's access log, and no records of CloudTrail's"),
    (re.compile(rb"[0-9a-f]{64} \S+ \["), "it holds S3's access log, and no records of CloudTrail's"),
)
"""How what is no JSON begins, and what it is: of other services' logs in the same bucket, and of what people make of a trail's files."""

_LINES: Final = 'it has a JSON text on each line, where CloudTrail has one in all: jq -s "{Records: .}" makes such a file of records'

_FAILS: Final = (BotoCoreError, ClientError, HTTPError, OSError)
"""What opening and reading may raise; of S3 also urllib3's own, in the midst of an object."""


class NoSource(SnapbackError):  # noqa: N818 - reads as what it is
    """There is no such file, folder or bucket, or it may not be read; the message says which. Nothing has been read by then."""


class _PassedOver(SnapbackError):  # noqa: N818 - reads as what it is
    """What there is need not be opened; the message says why."""


_OPEN: TypeAlias = Callable[[], IO[bytes]]


@dataclass
class _File:
    """One file, and how many of its records were read."""

    name: str
    records: int = 0
    is_counted: bool = False


class _Piece(NamedTuple):
    """Whole records of one file, in the form of a file: of a large one, as if that were several."""

    file: _File
    text: bytes
    goes_on: bool = False
    """There is more of the file, and where this piece ends was guessed."""
    broken: str = ""
    """Why the file ends here, if it should not."""


class _Sifted(NamedTuple):
    """What DuckDB made of a piece."""

    records: int
    passed: Sequence[tuple[int, str]]
    """Those that a rule could match: which one of the piece it is, from 1, and its text."""


def candidates(sources: Iterable[str | Path], sieve: Sieve, *, session: boto3.Session | None = None, jobs: int = 2) -> Iterator[Candidate | Unread]:
    """Yield what the rules would have heard, and what was not read, in the order of the files.

    `sources`: files, folders, or `s3://bucket/prefix`, which is read with `session`. `jobs`: how many pieces are taken apart at the same time.
    Raises `NoSource`, before anything is read; and `looking.Ended` after what was read, if the credentials have expired meanwhile.
    """
    sources, s3 = list(sources), _s3(session)
    for source in sources:
        _check(source, s3)
    reading, ends = _Reading(sieve), list[looking.Ended]()
    waiting: deque[tuple[Sequence[_Piece], Future[Sequence[_Sifted | None]]]] = deque()
    with ThreadPoolExecutor(jobs) as pool:
        for batch in _batches(_until_ended((piece for source in sources for file, opened in _files(source, s3) for piece in _pieces(file, opened)), ends)):
            waiting.append((batch, pool.submit(reading.sifter.sift, [piece.text for piece in batch])))
            while len(waiting) > jobs:
                yield from reading.decided(*waiting.popleft())
        while waiting:
            yield from reading.decided(*waiting.popleft())
    if ends:
        raise ends[0]


def _until_ended(pieces: Iterator[_Piece], ends: list[looking.Ended]) -> Iterator[_Piece]:
    """Yield the pieces, and note why there are no more of them: those that are under way are to be taken apart first."""
    try:
        yield from pieces
    except looking.Ended as error:
        ends.append(error)


def _batches(pieces: Iterator[_Piece]) -> Iterator[Sequence[_Piece]]:
    """Yield the pieces, small ones together."""
    batch, size = list[_Piece](), 0
    for piece in pieces:
        batch.append(piece)
        size += len(piece.text)
        if size >= _PIECE or len(batch) >= _MOST_TOGETHER:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class _Reading:
    """What becomes of the pieces, one after the other."""

    def __init__(self, sieve: Sieve) -> None:
        self.sifter = Sifter(sieve.judge.rules)
        self._sieve = sieve
        self._held = b""
        """What of a file was not cut between two records, as nobody can read it: it is read with what follows."""

    def decided(self, batch: Sequence[_Piece], sifted: Future[Sequence[_Sifted | None]]) -> Iterator[Candidate | Unread]:
        for piece, found in zip(batch, sifted.result(), strict=True):
            if self._held:
                joined = self._held.removesuffix(_END) + b"," + piece.text.removeprefix(_BEGIN)
                yield from self._piece(piece._replace(text=joined), *self.sifter.sift([joined]))
            else:
                yield from self._piece(piece, found)

    def _piece(self, piece: _Piece, found: _Sifted | None) -> Iterator[Candidate | Unread]:
        file, tally = piece.file, self._sieve.tally
        if found is None and not piece.goes_on and _joints(piece.text):  # looked for only where DuckDB has found that it is not one file
            parts = list(_parts(file, piece.text, broken=piece.broken))
            for part, sifted in zip(parts, self.sifter.sift([part.text for part in parts]), strict=True):
                yield from self._piece(part, sifted)
            return
        self._held = piece.text if found is None and piece.goes_on and len(piece.text) < _LONGEST else b""
        if self._held:
            return
        tally.files += not file.is_counted
        file.is_counted = True
        before = file.records
        if found:
            yield from filter(None, (self._taken(text, f"{file.name}, record {before + number}") for number, text in found.passed))
            file.records += found.records
        else:
            yield from _one_by_one(piece, self._sieve)
        tally.records += file.records - before
        if piece.broken:
            yield Unread(file.name, f"{piece.broken}; {file.records:,} records before that were read" if file.records else piece.broken)

    def _taken(self, text: str, where: str) -> Candidate | Unread | None:
        try:
            record = json.loads(text)
        except _UNREADABLE as error:
            return Unread(where, f"it cannot be read: {error}")
        return self._sieve.take(record, where)


_UNREADABLE: Final = (ValueError, RecursionError)
"""What Python says of what is no JSON, and of JSON that is too much for it: a number of thousands of digits, brackets in brackets in brackets."""


# What there is


def _s3(session: boto3.Session | None) -> Callable[[], Any]:
    """Return what makes the client, once it is needed."""
    return cache(lambda: (session or boto3.Session()).client("s3"))


def _in_s3(source: str | Path) -> tuple[str, str]:
    """Return bucket and prefix; nothing, of what is on disk."""
    bucket, _, prefix = str(source).removeprefix("s3://").partition("/")
    return (bucket, prefix) if str(source).startswith("s3://") else ("", "")


def _check(source: str | Path, s3: Callable[[], Any]) -> None:
    """Check that it is there. Raises `NoSource`."""
    bucket, prefix = _in_s3(source)
    try:
        if not bucket:
            Path(source).stat()
        elif not s3().list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1).get("Contents"):
            raise NoSource(f"there is nothing whose name begins with {plain(str(source))}")
    except FileNotFoundError:
        raise NoSource(f"there is no {plain(str(source))}") from None
    except OSError as error:
        raise NoSource(f"{plain(str(source))} cannot be read: {error.strerror}") from error
    except (ClientError, BotoCoreError) as error:
        raise NoSource(f"{plain(str(source))} cannot be listed: {plain(str(error))}") from error


def _files(source: str | Path, s3: Callable[[], Any]) -> Iterator[tuple[_File, _OPEN]]:
    """Yield each file with what opens it."""
    bucket, prefix = _in_s3(source)
    yield from _objects(str(source), s3(), bucket, prefix) if bucket else _on_disk(Path(source))


def _on_disk(source: Path) -> Iterator[tuple[_File, _OPEN]]:
    if not source.is_dir():
        yield _File(_shown(source)), partial(_read_from, source)
        return
    digests, closed = 0, list[OSError]()
    for folder, folders, names in os.walk(source, onerror=closed.append):
        for name in sorted(names):
            path = Path(folder, name)
            if _DIGESTS in path.parts:
                digests += 1
            elif why := _why_not_opened(path):
                yield _passed_over(_shown(path), why)
            else:
                yield _File(_shown(path)), partial(_read_from, path)
        folders.sort()
        for name in folders:
            if Path(folder, name).is_symlink():
                yield _passed_over(_shown(Path(folder, name)), "it is a link to a folder, and was not followed")
    for error in closed:
        yield _passed_over(_shown(error.filename), f"it cannot be listed: {error.strerror}")
    yield from _digests(_shown(source), digests)


def _why_not_opened(path: Path) -> str:
    """Return why it is not worth trying: a link may lead nowhere, and a pipe may have nobody at its other end, for whom one would wait."""
    try:
        return "" if stat.S_ISREG(path.stat().st_mode) else "it is neither a file nor a folder"
    except OSError as error:
        return f"it cannot be opened: {error.strerror}"


def _shown(path: str | Path) -> str:
    """Return the path as text that can be written down: Linux takes any bytes for a name."""
    return os.fsencode(path).decode(errors="replace")


def _passed_over(name: str, why: str) -> tuple[_File, _OPEN]:
    """Return what says of something that it was not opened."""

    def refused() -> IO[bytes]:
        raise _PassedOver(why)

    return _File(name, is_counted=True), refused


def _digests(source: str, number: int) -> Iterator[tuple[_File, _OPEN]]:
    """Yield what says once for all of them that digests, which a trail has by the thousand, were not opened."""
    if number:
        yield _passed_over(source, f"{number:,} digests of a trail's files were passed over, which hold no records")


def _read_from(path: Path) -> IO[bytes]:
    return path.open("rb")


def _objects(source: str, s3: Any, bucket: str, prefix: str) -> Iterator[tuple[_File, _OPEN]]:  # noqa: ANN401 - a client of S3
    """Yield the objects below the prefix; the next few, if they are small, are being fetched meanwhile."""
    waiting: deque[tuple[_File, _OPEN]] = deque()
    digests, ended = 0, None
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        try:
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                for one in page.get("Contents", []):
                    if f"/{_DIGESTS}/" in one["Key"]:
                        digests += 1
                    if one["Key"].endswith("/") or f"/{_DIGESTS}/" in one["Key"]:
                        continue
                    fetch = partial(_fetched, s3, bucket, one["Key"])
                    waiting.append((_File(f"s3://{bucket}/{one['Key']}"), _early(pool, fetch) if one["Size"] <= _WHOLE else fetch))
                    if len(waiting) > _AT_ONCE:
                        yield waiting.popleft()
        except (ClientError, BotoCoreError) as error:
            why, ended = _said(error)
            waiting.append(_passed_over(source, f"it cannot be listed to its end: {why}"))
        yield from waiting
    yield from _digests(source, digests)
    if ended:
        raise ended


def _said(error: Exception) -> tuple[str, looking.Ended | None]:
    """Return why something cannot be had; and what to raise, if nothing more can be."""
    said = refusals.said_by(error) if isinstance(error, ClientError) else getattr(error, "strerror", None) or str(error)
    try:
        looking.Troubles().note(error)
    except looking.Ended as ended:
        return said, ended
    return said, None


def _fetched(s3: Any, bucket: str, key: str) -> IO[bytes]:  # noqa: ANN401 - a client of S3
    body: IO[bytes] = s3.get_object(Bucket=bucket, Key=key)["Body"]
    return body


def _early(pool: ThreadPoolExecutor, fetch: _OPEN) -> _OPEN:
    """Begin to fetch, and return what waits for it."""
    return pool.submit(lambda: BytesIO(fetch().read())).result


# What a file holds


def _pieces(file: _File, opened: _OPEN) -> Iterator[_Piece]:
    """Yield the file's pieces; the last one says why the file ends too early, if it does. Raises `looking.Ended` after it."""
    try:
        stream = opened()
    except _PassedOver as error:
        yield _Piece(file, b"", broken=str(error))
        return
    except _FAILS as error:
        why, ended = _said(error)
        yield _Piece(file, b"", broken=f"it cannot be opened: {why}")
        if ended:
            raise ended from error
        return
    text, head, unpacked, ended = bytearray(), b"", _Unpacked(stream), None
    with closing(stream):
        try:
            enough = _PIECE
            for more in unpacked:
                text += more if text or head else more.removeprefix(BOM_UTF8)
                if len(text) < enough:
                    continue
                if cut := _cut(text, head):
                    yield from _parts(file, cut.piece, goes_on=cut.goes_on)
                    text, head, enough = cut.rest, _BEGIN if cut.goes_on else b"", _PIECE
                elif len(text) >= _LONGEST:
                    unpacked.broken = f"it cannot be seen where a record ends in {len(text):,} bytes, and what follows was not read"
                    break
                else:
                    enough = len(text) + _PIECE
        except _FAILS as error:
            why, ended = _said(error)
            unpacked.broken = f"it cannot be read to its end: {why}"
    yield _Piece(file, head + bytes(text), broken=unpacked.broken)
    if ended:
        raise ended


def _parts(file: _File, text: bytes, *, goes_on: bool = False, broken: str = "") -> Iterator[_Piece]:
    """Yield the text as a piece, or as several if several files were put together in it."""
    for begin, end in pairwise([0, *_joints(text), len(text)]):
        is_last = end == len(text)
        yield _Piece(file, text[begin:end], goes_on=goes_on and is_last, broken=broken if is_last else "")


class _Cut(NamedTuple):
    """A text that is cut where a record ends."""

    piece: bytes
    """What comes before, in the form of a file."""
    rest: bytearray
    goes_on: bool = True
    """The rest begins with a record of the same file."""


def _cut(text: bytearray, head: bytes) -> _Cut | None:
    """Cut the text as late as can be seen: by what records begin with, or where a file ends in it, or else by reading it."""
    if boundary := _boundary(text):
        end, begin = boundary
        return _Cut(bytes(head + text[:end] + _END), text[begin:])
    if joints := _joints(text):
        return _Cut(bytes(head + text[: joints[-1]]), text[joints[-1] :], goes_on=False)
    whole = (head + text).decode(errors="surrogateescape")  # a character may be cut, too
    end = begin = 0
    if first := _HEAD.match(whole):
        for one in _each(whole, first.end()):
            if not one.error and "," in whole[one.end : one.following] and one.following < len(whole):
                end, begin = one.end, one.following
    if not end:
        return None
    return _Cut(whole[:end].encode(errors="surrogateescape") + _END, bytearray(whole[begin:].encode(errors="surrogateescape")))


def _boundary(text: bytearray) -> tuple[int, int] | None:
    """Return where the last record but one ends, and where the last one begins."""
    place = len(text)
    while (place := text.rfind(_FIRST_FIELD, 0, place)) >= 0:
        near = max(0, place - _NEAR)
        found = _BETWEEN.search(text[near:place])
        if found:
            return near + found.start(1), near + found.end(1)
    return None


def _joints(text: bytes | bytearray) -> Sequence[int]:
    """Return where files begin that were put behind others."""
    found, place = [], -1
    while (place := text.find(_RECORDS, place + 1)) >= 0:
        near = max(0, place - _NEAR)
        if joint := _JOINT.search(text[near:place]):
            found.append(near + joint.start(1))
    return found


class _Unpacked:
    """A stream's bytes, unpacked if they are packed."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.broken = ""
        """Why they ended too early, if they did, once they have ended."""

    def __iter__(self) -> Iterator[bytes]:
        packed = self._stream.read(_READ)
        if not packed.startswith(_GZIP):
            while packed:
                yield packed
                packed = self._stream.read(_READ)
            return
        member, total = zlib.decompressobj(zlib.MAX_WBITS | 16), 0
        while packed:
            try:
                text = member.decompress(packed, _PIECE)
            except zlib.error:
                self.broken = f"its gzip is broken after {total:,} unpacked bytes"
                return
            total += len(text)
            yield text
            packed = member.unconsumed_tail or (member.unused_data if member.eof else b"") or self._stream.read(_READ)
            if member.eof and packed:
                member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        if not member.eof:
            self.broken = f"its gzip is cut after {total:,} unpacked bytes"


# What DuckDB lets through


_ALONE: Final[dict[str, str | bool | int | float | list[str]]] = {
    "threads": 1,
    "memory_limit": "512MB",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "enable_external_access": False,
}
"""It has what it needs, so it fetches nothing; each of our threads asks it by itself."""


class Sifter:
    """DuckDB, with the rules as its question."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        """Write the question. Raises `PatternError` as `Judge` does."""
        columns = {name: f"field_{number}" for number, name in enumerate(prefilter.COLUMNS, 1)}
        paths = ", ".join(f"'$.{name}'" for name in columns)
        named = ", ".join(f"fields[{number}] AS {column}" for number, column in enumerate(columns.values(), 1))
        wanted = prefilter.predicate(rules, columns, is_short=True)
        self._query = f"""
            WITH texts AS (SELECT unnest($1) AS whole, generate_subscripts($1, 1) AS piece),
            arrays AS (SELECT piece, json_extract(whole, '$.Records[*]') AS several FROM texts),
            records AS (SELECT piece, unnest(several) AS record, generate_subscripts(several, 1) AS number FROM arrays),
            listed AS (SELECT piece, number, record, json_extract_string(record, [{paths}]) AS fields FROM records),
            known AS (SELECT piece, number, record, {named} FROM listed)
            SELECT piece, count(*), list({{'number': number, 'record': record}}) FILTER ({wanted}) FROM known GROUP BY piece
        """  # noqa: S608 - of this module's and the template's own words
        self._duckdb = duckdb.connect(config=_ALONE)
        self._mine = thread_local()

    def sift(self, texts: Sequence[bytes]) -> Sequence[_Sifted | None]:
        """Return for each text what it holds; None for one in which there are no records that DuckDB can read."""
        if not hasattr(self._mine, "cursor"):
            self._mine.cursor = self._duckdb.cursor()
        try:
            found = self._mine.cursor.execute(self._query, [[text.decode() for text in texts]]).fetchall()
        except (UnicodeDecodeError, duckdb.Error):
            return self._without_what_is_no_json(texts) if len(texts) > 1 else [None]
        by_piece = {piece: _Sifted(count, [(one["number"], one["record"]) for one in passed or ()]) for piece, count, passed in found}
        return [by_piece.get(piece) for piece in range(1, len(texts) + 1)]

    def _without_what_is_no_json(self, texts: Sequence[bytes]) -> Sequence[_Sifted | None]:
        """Ask again without those that are no JSON; or by halves, if all are.

        Each question is planned anew, so a file that cannot be read is not to have hundreds of others asked for one by one.
        """
        decoded = [text.decode(errors="replace") for text in texts]
        try:
            answers = self._mine.cursor.execute("SELECT json_valid(unnest($1))", [decoded]).fetchall()
        except duckdb.Error:
            answers = [(True,)] * len(texts)
        is_json = [is_valid and one.encode() == text for (is_valid,), one, text in zip(answers, decoded, texts, strict=True)]
        if all(is_json):
            half = len(texts) // 2
            return [*self.sift(texts[:half]), *self.sift(texts[half:])]
        others = [text for text, is_one in zip(texts, is_json, strict=True) if is_one]
        sifted = iter(self.sift(others) if others else ())
        return [next(sifted) if is_one else None for is_one in is_json]


# What DuckDB did not read


def _one_by_one(piece: _Piece, sieve: Sieve) -> Iterator[Candidate | Unread]:
    """Read the piece as far as it can be read, and say what cannot, and why."""
    file, text = piece.file, piece.text.decode(errors="replace")
    head = _HEAD.match(text)
    try:
        whole = json.loads(text)
    except _UNREADABLE as error:
        if head:
            yield from _as_far_as_it_goes(file, text, head.end(), sieve, is_told=bool(piece.broken))
        elif not piece.broken:
            yield Unread(file.name, _why_no_json(piece.text, error) if text.strip() else "it is empty")
        return
    records = whole.get("Records") if isinstance(whole, dict) else None
    if not isinstance(records, list):
        yield Unread(file.name, f"it holds no records of CloudTrail's{_instead(whole)}")
        return
    for record in records:
        file.records += 1
        if found := sieve.take(record, f"{file.name}, record {file.records}"):
            yield found


def _why_not(error: Exception) -> str:
    return f"{'it is no JSON' if isinstance(error, json.JSONDecodeError) else 'it cannot be read'}: {error}"


def _why_no_json(text: bytes, error: Exception) -> str:
    """Return what a file is that is not JSON, if it is known by its beginning; of what it says, which may be anything, nothing is repeated."""
    if known := next((what for begins, what in _NO_JSON if begins.match(text)), ""):
        return known
    first, _, further = text.partition(b"\n")
    with suppress(*_UNREADABLE):
        if further and isinstance(json.loads(first), dict):
            return _LINES
    return _why_not(error)


def _as_far_as_it_goes(file: _File, text: str, place: int, sieve: Sieve, *, is_told: bool) -> Iterator[Candidate | Unread]:
    """Take one record after the other, and go on behind one that is broken; `is_told`: it is known that the text is cut."""
    for one in _each(text, place):
        where, place = f"{file.name}, record {file.records + 1}", one.following
        if not one.error:
            file.records += 1
            if found := sieve.take(one.record, where):
                yield found
        elif place < len(text):
            yield Unread(where, _why_not(one.error))
        else:
            if not is_told:
                yield Unread(where, f"{_why_not(one.error)}; what follows was not read")
            return
    last = _LAST.match(text, place)
    if is_told or (last and last[1] and last.end() == len(text)):
        return
    why = f"{len(text) - last.end():,} characters follow that are no records" if last and last[1] else "it ends before its records do"
    yield Unread(file.name, f"{why}; {file.records:,} records before that were read")


class _One(NamedTuple):
    """A record in a text, or what stands in the place of one."""

    record: object
    error: Exception | None
    """Why it cannot be read."""
    end: int
    following: int
    """Where the next one begins, or what comes after the last one; the text's end if nobody knows."""


def _each(text: str, place: int) -> Iterator[_One]:
    """Yield the records from there on."""
    reader = json.JSONDecoder()
    while place < len(text) and text[place] != "]":
        try:
            record, end = reader.raw_decode(text, place)
        except _UNREADABLE as error:
            place = _behind_broken(reader, text, place)
            yield _One(None, error, place, place)
        else:
            place = _behind_comma(text, end)
            yield _One(record, None, end, place)


def _behind_broken(reader: json.JSONDecoder, text: str, place: int) -> int:
    """Return where the next record begins, of which another field may be the first; the text's end if there is none."""
    for found in _NEXT.finditer(text, place):
        if found[1]:
            return found.end()
        try:
            record, _ = reader.raw_decode(text, found.end())
        except _UNREADABLE:
            continue
        if isinstance(record, dict) and record.keys() >= _ALWAYS_THERE:
            return found.end()
    return len(text)


def _behind_comma(text: str, place: int) -> int:
    while place < len(text) and text[place] in ", \t\r\n":
        place += 1
    return place


def _instead(whole: object) -> str:
    """Return what a file of JSON holds in the place of records, if it is known."""
    one = whole[0] if isinstance(whole, list) and whole else whole
    if isinstance(one, dict) and one.keys() >= _ALWAYS_THERE:
        return f' in the form of its files: jq "{{Records: {"." if isinstance(whole, list) else "[.]"}}}" makes one of it'
    known = next((what for name, what in _NO_TRAIL.items() if isinstance(whole, dict) and name in whole), None)
    return f", but {known}" if known else ""
