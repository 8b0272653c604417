"""A trail's files, on disk or in S3, each read once and in pieces: DuckDB takes them apart, lets through what a rule could match, and `Sieve` decides.

Python opens and unpacks: a file that ends too early gives what can be read of it. What DuckDB does not understand is read once more by Python's own
reader of JSON, which says what is wrong and where. Memory does not grow with the files: a few pieces are under way at a time.

The layout of a trail: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html
"""

import json
import re
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from threading import local as thread_local
from typing import IO, Any, Final, NamedTuple, TypeAlias

import boto3
import duckdb
from botocore.exceptions import BotoCoreError, ClientError

from local.replay import prefilter
from local.replay.envelope import Candidate, Sieve, Unread
from local.replay.rules import Rule
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
"""CloudTrail's records begin with it."""

_BETWEEN: Final = re.compile(rb"\}(\s*,\s*)\{\s*\Z")
"""What stands before it, if a record does: the end of the former. Inside of a string its quotation marks would have backslashes."""

_NEXT: Final = re.compile(r'\}\s*,\s*(?=\{\s*"eventVersion")')
"""The same in text, to find the next record behind one that is broken."""

_DIGESTS: Final = "CloudTrail-Digest"
"""The folder that a trail has for digests of its files (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html)."""

_NO_TRAIL: Final = {
    "configurationItems": "AWS Config's items",
    "digestStartTime": "a digest of a trail's files",
    "Events": "an answer of LookupEvents",
}
"""What other files of JSON are known by, and what they hold."""

_REFUSED: Final = frozenset({"403", "404", "AccessDenied", "InvalidObjectState", "NoSuchKey", "KMS.DisabledException", "KMS.NotFoundException"})
"""What S3 says of one object that cannot be had, though others can."""


class NoSource(SnapbackError):  # noqa: N818 - reads as what it is
    """There is no such file, folder or bucket, or it may not be read; the message says which."""


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
    Raises `NoSource`.
    """
    reading = _Reading(sieve)
    waiting: deque[tuple[Sequence[_Piece], Future[Sequence[_Sifted | None]]]] = deque()
    with ThreadPoolExecutor(jobs) as pool:
        for batch in _batches(piece for source in sources for file, opened in _files(source, session) for piece in _pieces(file, opened)):
            waiting.append((batch, pool.submit(reading.sifter.sift, [piece.text for piece in batch])))
            while len(waiting) > jobs:
                yield from reading.decided(*waiting.popleft())
        while waiting:
            yield from reading.decided(*waiting.popleft())


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
        self._held = piece.text if found is None and piece.goes_on and len(piece.text) < _LONGEST else b""
        if self._held:
            return
        tally.files += not file.is_counted
        file.is_counted = True
        before = file.records
        if found:
            results = (self._sieve.take(json.loads(text), f"{file.name}, record {before + number}") for number, text in found.passed)
            yield from filter(None, results)
            file.records += found.records
        else:
            yield from _one_by_one(piece, self._sieve)
        tally.records += file.records - before
        if piece.broken:
            yield Unread(file.name, f"{piece.broken}; {file.records:,} records before that were read" if file.records else piece.broken)


# What there is


def _files(source: str | Path, session: boto3.Session | None) -> Iterator[tuple[_File, _OPEN]]:
    """Yield each file with what opens it."""
    yield from _in_s3(str(source), session or boto3.Session()) if str(source).startswith("s3://") else _on_disk(Path(source))


def _on_disk(source: Path) -> Iterator[tuple[_File, _OPEN]]:
    if not source.exists():
        raise NoSource(f"there is no {source}")
    digests = 0
    for path in sorted(source.rglob("*")) if source.is_dir() else [source]:
        if path.is_file() and _DIGESTS in path.parts and source.is_dir():
            digests += 1
        elif path.is_file():
            yield _File(str(path)), partial(_read_from, path)

    yield from _passed_over(str(source), digests)


def _passed_over(source: str, digests: int) -> Iterator[tuple[_File, _OPEN]]:
    """Yield what says once for all of them that digests, which a trail has by the thousand, were not opened."""

    def refused() -> IO[bytes]:
        raise _PassedOver(f"{digests:,} digests of a trail's files were passed over, which hold no records")

    if digests:
        yield _File(source, is_counted=True), refused


def _read_from(path: Path) -> IO[bytes]:
    return path.open("rb")


def _in_s3(source: str, session: boto3.Session) -> Iterator[tuple[_File, _OPEN]]:
    """Yield the objects below the prefix; the next few, if they are small, are being fetched meanwhile."""
    bucket, _, prefix = source.removeprefix("s3://").partition("/")
    s3 = session.client("s3")
    waiting: deque[tuple[_File, _OPEN]] = deque()
    digests = 0
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
            raise NoSource(f"{source} cannot be listed: {error}") from error
        yield from waiting
    yield from _passed_over(source, digests)


def _fetched(s3: Any, bucket: str, key: str) -> IO[bytes]:  # noqa: ANN401 - a client of S3
    body: IO[bytes] = s3.get_object(Bucket=bucket, Key=key)["Body"]
    return body


def _early(pool: ThreadPoolExecutor, fetch: _OPEN) -> _OPEN:
    """Begin to fetch, and return what waits for it."""
    return pool.submit(lambda: BytesIO(fetch().read())).result


# What a file holds


def _pieces(file: _File, opened: _OPEN) -> Iterator[_Piece]:
    """Yield the file's pieces; the last one says why the file ends too early, if it does."""
    try:
        stream = opened()
    except _PassedOver as error:
        yield _Piece(file, b"", broken=str(error))
        return
    except OSError as error:
        yield _Piece(file, b"", broken=f"it cannot be opened: {error.strerror}")
        return
    except ClientError as error:
        if error.response["Error"]["Code"] not in _REFUSED:
            raise NoSource(f"{file.name} cannot be fetched: {error}") from error
        yield _Piece(file, b"", broken=f"it cannot be fetched: {error.response['Error']['Code']}")
        return
    with closing(stream):
        text, head, unpacked = bytearray(), b"", _Unpacked(stream)
        for more in unpacked:
            text += more
            if len(text) < _PIECE:
                continue
            if boundary := _boundary(text):
                end, begin = boundary
                yield _Piece(file, bytes(head + text[:end] + _END), goes_on=True)
                text, head = text[begin:], _BEGIN
            elif len(text) > _LONGEST:
                yield _Piece(file, b"", broken=f"no record of CloudTrail's ends in {len(text):,} bytes")
                return
        yield _Piece(file, bytes(head + text), broken=unpacked.broken)


def _boundary(text: bytearray) -> tuple[int, int] | None:
    """Return where the last record but one ends, and where the last one begins."""
    place = len(text)
    while (place := text.rfind(_FIRST_FIELD, 0, place)) >= 0:
        near = max(0, place - 64)
        found = _BETWEEN.search(text[near:place])
        if found:
            return near + found.start(1), near + found.end(1)
    return None


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
            return [None] if len(texts) == 1 else [one for text in texts for one in self.sift([text])]
        by_piece = {piece: _Sifted(count, [(one["number"], one["record"]) for one in passed or ()]) for piece, count, passed in found}
        return [by_piece.get(piece) for piece in range(1, len(texts) + 1)]


# What DuckDB did not read


def _one_by_one(piece: _Piece, sieve: Sieve) -> Iterator[Candidate | Unread]:
    """Read the piece as far as it can be read, and say what cannot, and why."""
    file, text = piece.file, piece.text.decode(errors="replace")
    head = _HEAD.match(text)
    try:
        whole = json.loads(text)
    except ValueError as error:
        if head:
            yield from _as_far_as_it_goes(file, text, head.end(), sieve, is_told=bool(piece.broken))
        elif not piece.broken:
            yield Unread(file.name, "it is empty" if not text.strip() else f"it is no JSON: {error}")
        return
    records = whole.get("Records") if isinstance(whole, dict) else None
    if not isinstance(records, list):
        yield Unread(file.name, f"it holds no records of CloudTrail's{_instead(whole)}")
        return
    for record in records:
        file.records += 1
        if found := sieve.take(record, f"{file.name}, record {file.records}"):
            yield found


def _as_far_as_it_goes(file: _File, text: str, place: int, sieve: Sieve, *, is_told: bool) -> Iterator[Candidate | Unread]:
    """Take one record after the other, and go on behind one that is broken; `is_told`: it is known that the text is cut."""
    reader = json.JSONDecoder()
    while place < len(text) and text[place] != "]":
        where = f"{file.name}, record {file.records + 1}"
        try:
            record, place = reader.raw_decode(text, place)
        except ValueError as error:
            following = _NEXT.search(text, place)
            if following or not is_told:
                yield Unread(where, f"it is no JSON: {error}")
            if not following:
                return
            place = following.end()
            continue
        file.records += 1
        if found := sieve.take(record, where):
            yield found
        place = _behind_comma(text, place)


def _behind_comma(text: str, place: int) -> int:
    while place < len(text) and text[place] in ", \t\r\n":
        place += 1
    return place


def _instead(whole: object) -> str:
    """Return what a file of JSON holds in the place of records, if it is known."""
    known = next((what for name, what in _NO_TRAIL.items() if isinstance(whole, dict) and name in whole), None)
    return f", but {known}" if known else ""
