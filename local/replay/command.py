"""`snapback replay`: what was typed, where the past comes from, what is told meanwhile, and the exit status."""

import importlib
import re
import sqlite3
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from os import environ
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from local import intrinsics, private
from local.cli.failures import CannotAsk, nearest
from local.cli.text import many, plain
from local.remediations import REMEDIATIONS
from local.replay import athena, files, lookup, pages
from local.replay import today as present
from local.replay.envelope import Candidate, Judge, Sieve, Tally, Unread
from local.replay.history import History, Whole
from local.replay.lookup import Span
from local.replay.past import Past
from local.replay.rules import Rule, elsewhere, rules
from local.survey import looking
from local.survey.command import access_of, names, pair, regions_of, telling
from local.survey.looking import Line, Place
from local.survey.reading import Reader
from local.survey.running import Task
from local.survey.template import environment
from snapback.engine import clock
from snapback.engine.errors import ConfigurationError
from snapback.engine.remediation import Remediation

_DAY: Final = 24 * 3600
_NO_PARTITION: Final = "aws"
_NOBODY: Final = "0" * 12
_MOST_NAMED: Final = 4
_TELL_EVERY: Final = 50


@dataclass
class Source:
    """Where the past comes from."""

    said: str
    """For the page: `CloudTrail's event history of 90 days`."""
    account: str
    """Whose credentials these are; empty for a trail on disk, without any."""
    regions: list[str]
    candidates: Iterable[Candidate | Unread]
    tally: Tally = field(default_factory=Tally)
    notes: list[str] = field(default_factory=list)
    stopped: str = ""
    again: str = "all is read once more, from its beginning"
    """What the same command does after that."""
    refused: list[str] = field(default_factory=list)
    """Regions that were not read to their end."""
    days: float = 0
    """How many days were asked for; 0 if all that is there was."""


def replay(session: boto3.Session, given: Namespace) -> int:
    """Replay the past; return the exit status. Raises `CannotAsk`, and what boto3 raises."""
    try:
        return _replayed(session, given)
    except sqlite3.Error as error:  # a file of `lookups` that is damaged, or used by another replay, or a disk that is full
        raise CannotAsk(f"what is kept in {plain(given.out)} cannot be used ({error}): name another directory with --out, or delete it") from error


def _replayed(session: boto3.Session, given: Namespace) -> int:
    out, parameters = Path(given.out), dict(map(pair, given.set or []))
    if given.sql and not given.athena:
        raise CannotAsk("--sql is Athena's: name its table with --athena")
    if given.trail and given.athena:
        raise CannotAsk("--trail and --athena are two sources: name one of them")
    if given.account and not (given.trail or given.athena):
        raise CannotAsk("--account takes some of a trail's accounts: the event history is of the account that is asked alone")
    if odd := [plain(one, 80) for one in given.account or () if not re.fullmatch("[0-9]{12}", one)]:
        raise CannotAsk(f"an account is 12 digits, not {', '.join(odd)}")
    known, services = _remediations()
    chosen = names(given.remediation, given.service, services)
    account, partition = _who(session, needed=not _is_offline(given))
    where = intrinsics.Place(account=account or _NOBODY, partition=partition)
    try:
        settings = environment(parameters, account=where.account, partition=partition)
        asked = [rule for rule in rules(parameters, where) if rule.remediation in chosen]
    except ConfigurationError as error:
        raise CannotAsk(str(error)) from error
    if given.sql:
        print(_sql(given, asked))
        return 0
    history = History(private.directory(out))
    try:
        source = _source(session, given, where, asked)
        whole = _gone_by(history, source, Past(settings), known)
        has_looked = any(one == account for one, _ in whole.accounts) and not given.no_look and not source.stopped
        today = _look(session, given, history, source, settings) if has_looked else []
    finally:
        history.end()
    told = pages.Replay(
        whole,
        known,
        services,
        _about(source, whole, settings),
        today,
        has_looked,
        elsewhere={name: kinds for name, kinds in elsewhere(parameters, where).items() if name in chosen},
        notes=source.notes,
        read=list(source.tally.lines()),
        stopped=source.stopped,
        again=source.again,
        refused=source.refused,
    )
    pages.write(out, told)
    status = _end(out, told)
    if source.tally.left_out and not whole.candidates:
        there = ", ".join(f"{account or 'unknown'} in {region}" for account, region in sorted(source.tally.left_out)[:_MOST_NAMED])
        print(f"snapback: nothing there is of the accounts and regions that were asked for, but of {plain(there)}", file=sys.stderr)
        return status or 2
    return status


def _is_offline(given: Namespace) -> bool:
    """Tell whether it can be done without credentials."""
    return bool(given.sql or (given.trail and not given.athena and not any(one.startswith("s3://") for one in given.trail)))


def _about(source: Source, whole: Whole, settings: Mapping[str, str]) -> Mapping[str, Any]:
    accounts = sorted({one for one, _ in whole.accounts})
    several = ", ".join(accounts) if len(accounts) <= _MOST_NAMED else f"{len(accounts)} accounts"
    regions = source.regions or sorted({one for _, one in whole.accounts})
    return {"account": several or source.account, "regions": regions, "source": source.said, "settings": settings}


def _end(out: Path, told: pages.Replay) -> int:
    whole = told.whole
    called, most = sum(one.called for one in whole.figures.values()), sum(one.messages for one in whole.figures.values())
    wrong = f"; {many(sum(told.wrong.values()), 'problem')} there today" if told.has_looked else ""
    events = f"{many(whole.candidates, 'event')}{f' in {told.days:.0f} days' if told.days else ''}"
    heard = f"{events} would have called {many(len(whole.figures), 'remediation')} {called:,} times"
    print(f"{heard}; at most {many(most, 'message')}{wrong}")
    print(f"{out / 'replay.html'}  {out / 'replay.json'}  {out / 'replay.csv'}")
    for note in told.notes:
        print(f"snapback: {note}", file=sys.stderr)
    if unread := len(whole.unread) + whole.more_unread:
        print(f"snapback: not read: {many(unread, 'thing')}, each of which stands in the page with the reason", file=sys.stderr)
    if told.stopped:
        print(f"snapback: {told.stopped}. What was read so far stands there; with the same command {told.again}", file=sys.stderr)
        return 130 if told.stopped == "stopped" else 2
    return 2 if told.refused and set(told.refused) >= set(told.about["regions"]) else 0


def _remediations() -> tuple[dict[str, Remediation], dict[str, str]]:
    """Return all remediations by name, and the service of each."""
    found, services = {}, {}
    for file in REMEDIATIONS:
        remediation: Remediation = importlib.import_module(f"functions.{file.parent.name}.{file.stem}").remediation
        found[remediation.name], services[remediation.name] = remediation, file.parent.name
    return found, services


def _who(session: boto3.Session, *, needed: bool) -> tuple[str, str]:
    """Return account and partition; no account, for a trail's files on disk, if there are no credentials."""
    try:
        _, partition, _, _, account, _ = session.client("sts", region_name=session.region_name or "us-east-1").get_caller_identity()["Arn"].split(":", 5)
    except (BotoCoreError, ClientError):
        if needed:
            raise
        return "", _NO_PARTITION
    return account, partition


def _source(session: boto3.Session, given: Namespace, where: intrinsics.Place, asked: list[Rule]) -> Source:
    """Return the source that was asked for."""
    account = "" if where.account == _NOBODY else where.account
    if given.athena:
        return _from_athena(session, given, account, asked)
    if given.trail:
        return _from_files(session, given, account, asked)
    return _from_lookups(session, given, where, asked)


# ------------------------------------------------------------------------- a trail's files


def _from_files(session: boto3.Session, given: Namespace, account: str, asked: list[Rule]) -> Source:
    for one in given.trail:
        if not one.startswith("s3://") and not Path(one).exists():
            raise CannotAsk(f"there is no {plain(one)}")
    sieve = _sieve(given, asked)
    source = Source(f"the trail's files in {', '.join(given.trail)}", account, [], (), sieve.tally, days=given.days or 0)
    source.candidates = _counted(files.candidates(given.trail, sieve, session=session), source)
    return source


def _from_athena(session: boto3.Session, given: Namespace, account: str, asked: list[Rule]) -> Source:
    sieve = _sieve(given, asked)
    source = Source(f"the trail in Athena's table {given.athena}", account, [], (), sieve.tally, days=given.days or 0)
    source.candidates = _counted(athena.candidates(_table(given), sieve, session), source)
    return source


def _table(given: Namespace) -> athena.Table:
    database, _, name = given.athena.rpartition(".")
    return athena.Table(name, database or "default", given.athena_workgroup, given.athena_output, given.athena_day)


def _sql(given: Namespace, asked: list[Rule]) -> str:
    """Return the question to Athena. Raises `CannotAsk`."""
    sieve = _sieve(given, asked)
    try:
        return athena.query(sieve, _table(given))
    except athena.NoAnswer as error:
        raise CannotAsk(str(error)) from error


def _counted(found: Iterator[Candidate | Unread], source: Source) -> Iterator[Candidate | Unread]:
    """Yield all of it, and say now and then how far it is: of a stream nobody knows how long it is. Raises `CannotAsk` if there is nothing.

    What keeps it from going on ends it where it is: what was read until then is worth a page.
    """
    tally = source.tally
    with Console(stderr=True).status("0 records") as status:
        try:
            for number, one in enumerate(found):
                if number % _TELL_EVERY == 0:
                    status.update(f"{tally.records:,} records in {tally.files:,} files")
                yield one
        except (files.NoSource, athena.NoAnswer) as error:
            if not tally.records:
                raise CannotAsk(str(error)) from error
            source.stopped = str(error)


def _sieve(given: Namespace, asked: list[Rule]) -> Sieve:
    return Sieve(Judge(asked), accounts=given.account or (), regions=_named(given.regions), since=_since(given.days))


def _named(regions: str) -> list[str]:
    """Return the regions that are meant; none for all. Raises `CannotAsk` for one that boto3 does not know, for a trail cannot say which there are."""
    if regions == "all":
        return []
    named = [one.strip() for one in regions.split(",") if one.strip()]
    if not named:
        raise CannotAsk("--regions takes names with commas between them, such as eu-central-1,us-east-1, or all")
    session = boto3.Session()
    known = {one for partition in session.get_available_partitions() for one in session.get_available_regions("ec2", partition)}
    for one in named:
        if one not in known:
            raise CannotAsk(f"there is no region {plain(one, 80)} that this boto3 knows{nearest(one, known)}")
    return named


def _since(days: int | None) -> str:
    return datetime.fromtimestamp(clock.now() - days * _DAY, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if days else ""


# ------------------------------------------------------------------------- CloudTrail's event history


def _from_lookups(session: boto3.Session, given: Namespace, where: intrinsics.Place, asked: list[Rule]) -> Source:
    account, regions = where.account, regions_of(session.client, given.regions, where.partition)
    now = int(clock.now())
    days = min(given.days or lookup.DAYS, lookup.DAYS)
    span, sieve = Span(now - days * _DAY, now), Sieve(Judge(asked))
    kept, questions = Path(given.out) / "lookups", lookup.questions(asked)
    source = Source(f"CloudTrail's event history of {days} days", account, regions, (), sieve.tally, again="it goes on where it was", days=days)
    shortest = "from now backwards, or by name where that is shorter"
    about = f"{account}, {many(len(regions), 'region')}, {many(len({rule.remediation for rule in asked}), 'remediation')}: only read, nothing is changed"
    print(f"Account {about}. Asked {lookup.PER_SECOND} times a second in each region, {shortest} ({len(questions.by_name)} names)", file=sys.stderr)
    brought: dict[str, lookup.Brought] = {}
    try:
        with telling(len(regions), "lookups") as progress:
            clients_of = {region: session.client("cloudtrail", region_name=region, config=lookup.PACED) for region in regions}
            lookup.bring(clients_of, kept, account, questions, span, _told(progress, regions), brought)
    except KeyboardInterrupt:
        source.stopped = "stopped"
    except looking.Ended as error:
        source.stopped = str(error)
    source.candidates = lookup.candidates(kept, account, regions, span, sieve)
    source.notes += _notes(brought, questions)
    source.refused = [region for region, one in brought.items() if one.trouble]
    return source


def _told(progress: Any, regions: list[str]) -> lookup.Told:  # noqa: ANN401 - the survey's way to tell
    done: set[str] = set()

    def told(region: str, lookups: int, oldest: int, *, is_done: bool) -> None:
        if is_done:
            done.add(region)
        if is_done or lookups % _TELL_EVERY == 0:
            progress(len(done), len(regions), Task(region, f"{lookups} lookups, back to {pages.moment(oldest)[:10]}"))

    return told


def _notes(brought: Mapping[str, lookup.Brought], questions: lookup.Questions) -> Iterator[str]:
    troubles: dict[str, list[str]] = {}
    for region, one in brought.items():
        if one.trouble:
            troubles.setdefault(one.trouble, []).append(region)
    for trouble, several in troubles.items():
        yield f"{', '.join(several)} {'was not read to its end' if len(several) == 1 else 'were not read to their end'}, because {trouble}."
    by_name = [region for region, one in brought.items() if one.by_name]
    if by_name and questions.only_read:
        yield f"In {', '.join(by_name)} the calls were asked for by name, so of {', '.join(questions.only_read)}, which name none, nothing was heard there."


# ------------------------------------------------------------------------- the replay itself


def _gone_by(history: History, source: Source, past: Past, known: Mapping[str, Remediation]) -> Whole:
    history.whole.days = source.days
    with _stopping(source):
        history.add(source.candidates)
    with _stopping(source), telling(history.whole.candidates, "replay") as progress:
        total = history.whole.candidates
        history.replay(past, known, lambda number: progress(number, total, Task("events", f"{number:,} of {total:,}")))
    return history.sum_up()


def _look(session: boto3.Session, given: Namespace, history: History, source: Source, settings: Mapping[str, str]) -> list[Line]:
    found: list[Line] = []
    regions = source.regions or sorted({region for account, region in history.whole.accounts if account == source.account})
    left = present.looks(history.whole, source.account, regions)
    environ.update(settings)
    with _stopping(source), telling(len(left), "today") as progress:
        reader, access, refused = None, access_of(session, given, regions[0] if regions else ""), set[str]()
        for number, (region, one) in enumerate(left, 1):
            if reader is None or reader.region != region:
                reader = Reader(access.credentials(), region)
            if region not in refused:
                try:
                    found += present.wrong(history, Place(source.account, region), one, reader)
                except looking.EndedHere as error:
                    access.check()  # or nobody knows the credentials any more
                    refused.add(region)
                    found.append(looking.unseen(region=region, because=str(error)))
            progress(number, len(left), Task(region, one.name))
    return found


@contextmanager
def _stopping(source: Source) -> Iterator[None]:
    """Let Ctrl-C and expired credentials end what is in the block, and not what comes after it."""
    try:
        yield
    except KeyboardInterrupt:
        source.stopped = "stopped"
    except looking.Ended as error:
        source.stopped = str(error)
