"""The event that EventBridge would have delivered for a record of CloudTrail's, and which rules would have got it.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html has the kinds of such events, and which rules get them; each service's
page below https://docs.aws.amazon.com/eventbridge/latest/ref/welcome.html has its source: `aws.` and the first part of the record's eventSource.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, TypeAlias

from local.cli.text import many
from local.replay.matching import Event, Verdict, compiled, parsed, possible
from local.replay.rules import Rule
from snapback.engine import clock
from snapback.engine.errors import SnapbackError

Record: TypeAlias = Mapping[str, Any]


class NoRecord(SnapbackError):  # noqa: N818 - reads as what it is
    """Something is no record of CloudTrail's, or not one that can be placed in time or written down; the message says why."""


class Candidate(NamedTuple):
    """An event that would have come, and the rules that it would have matched."""

    event: Event
    """As EventBridge would have delivered it; its id is the record's."""
    rules: tuple[Rule, ...]
    """At least one, in the template's order."""


class Unread(NamedTuple):
    """Something that was not read, which is told and not passed over."""

    where: str
    """The file, and the record in it: `trail/a.json.gz, record 17`."""
    why: str


KINDS: Final[Mapping[str, str]] = {
    "AwsApiCall": "AWS API Call via CloudTrail",
    "AwsCloudTrailInsight": "AWS Insight via CloudTrail",
    "AwsConsoleAction": "AWS Console Action via CloudTrail",
    "AwsConsoleSignIn": "AWS Console Sign In via CloudTrail",
    "AwsServiceEvent": "AWS Service Event via CloudTrail",
    "AwsVpceEvent": "AWS Network Activity Event via CloudTrail",
    "AwsVpceEvents": "AWS Network Activity Event via CloudTrail",
}
"""eventType -> detail-type. Of sign-ins the page says `Signin`; events have it as it stands here, and the template's rules take both. Of endpoints' events
CloudTrail's list of fields says `AwsVpceEvents`, and its examples have `AwsVpceEvent`.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

HOMES: Final = frozenset({"us-east-1", "us-gov-west-1", "cn-north-1"})
"""Where calls to global services are recorded, a region for each partition: IsHomeRegion in the template."""

INSIGHT: Final = "AwsCloudTrailInsight"

READS: Final = ("Describe", "Get", "List")

NO_READS: Final = frozenset({"GetFederationToken", "GetSessionToken"})
"""Of STS: they are delivered as changes are."""

_FIRST: Final = datetime(2013, 11, 1, tzinfo=UTC)
"""There was no CloudTrail before."""

_WRITER: Final = json.JSONEncoder(ensure_ascii=False)

_AHEAD: Final = timedelta(days=1)
"""A clock of this machine's may be wrong by so much."""


def envelope(record: object) -> Event:
    """Return the event. Raises `NoRecord`."""
    if not isinstance(record, Mapping):
        raise NoRecord("it is no object")
    kind = record.get("eventType", "AwsApiCall")  # records of CloudTrail's first year have none
    if not isinstance(kind, str) or kind not in KINDS:
        raise NoRecord(f"its eventType is {_short(kind)}, which is none of {', '.join(KINDS)}")
    is_insight = kind == INSIGHT
    for name in ("eventTime", "awsRegion") if is_insight else ("eventTime", "awsRegion", "eventSource", "eventName"):
        if not (isinstance(record.get(name), str) and record[name]):
            raise NoRecord(f"it has no {name}, so it is no record of CloudTrail's")
    time = _time(record["eventTime"])
    return {
        "version": "0",
        "id": str(record.get("eventID") or ""),
        "detail-type": KINDS[kind],
        "source": "aws.cloudtrail" if is_insight else f"aws.{record['eventSource'].partition('.')[0]}",
        "account": account_of(record),
        "time": time,
        "region": record["awsRegion"],
        "resources": [],
        "detail": record if time == record["eventTime"] else {**record, "eventTime": time},
    }


def account_of(record: Record) -> str:
    """Return the account in which the event would have come: the one whose trail has the record; an empty text if it does not say."""
    identity = record.get("userIdentity")
    caller = identity.get("accountId") if isinstance(identity, Mapping) else None
    return str(record.get("recipientAccountId") or caller or "")


def _time(text: str) -> str:
    """Return the time as CloudTrail writes it, which is UTC's: what rewrote it may have left its zone out, or have put another one there."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise NoRecord(f"its eventTime is {_short(text)}, which is no time") from None
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    if time < _FIRST:
        raise NoRecord(f"its eventTime is {_short(text)}, and there was no CloudTrail then")
    if time.timestamp() > clock.now() + _AHEAD.total_seconds():
        raise NoRecord(f"its eventTime is {_short(text)}, which is still to come")
    return f"{time.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


def _check_text(record: object) -> None:
    """Check that the record can be written down: Python reads half a character (a surrogate by itself), and JSON that is nested too deep for it to write."""
    try:
        _WRITER.encode(record).encode()
    except UnicodeEncodeError as error:
        raise NoRecord(f"it has half a character in it: {_short(error.object[error.start])}") from None
    except RecursionError:
        raise NoRecord("it is nested too deep") from None


def _short(value: object) -> str:
    return repr(value)[:80]


def only_reads(event: Event) -> bool:
    """Tell whether EventBridge gives the event only to rules that are for all calls, as one that only reads, by its name.

    That is so of management events: what reads data, and is in a trail at all, is delivered as everything else is.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
    """
    detail = event["detail"]
    name = str(detail.get("eventName", ""))
    is_call = event["detail-type"] == KINDS["AwsApiCall"] and detail.get("eventCategory") != "Data"
    return is_call and name.startswith(READS) and name not in NO_READS


class Judge:
    """The rules, ready for many records."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        """Read the rules' patterns. Raises `PatternError` for a word that is not known."""
        self.rules = tuple(rules)
        self._verdicts = [(rule, possible(parsed(rule.pattern), "source"), compiled(rule.pattern)) for rule in rules]
        self._by_source: dict[str, Sequence[tuple[Rule, Verdict]]] = {}

    def candidate(self, record: object) -> Candidate | None:
        """Return the event and the rules that it matches, if there are any. Raises `NoRecord`."""
        event = envelope(record)
        is_read, is_home = only_reads(event), event["region"] in HOMES
        found = tuple(
            rule for rule, judge in self._of(event["source"]) if (rule.hears_reads or not is_read) and (is_home or not rule.is_home_only) and judge(event)
        )
        if not found:
            return None
        _check_text(record)
        return Candidate(event, found)

    def _of(self, source: str) -> Sequence[tuple[Rule, Verdict]]:
        """Return the rules that could hear of that service."""
        if source not in self._by_source:
            self._by_source[source] = [(rule, judge) for rule, sources, judge in self._verdicts if sources is None or source in sources]
        return self._by_source[source]


@dataclass
class Tally:
    """What a source has read, whether or not a rule matches it."""

    files: int = 0
    records: int = 0
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Candidates of accounts and regions that were not asked for: (account, region) -> how many."""
    before_and_after: int = 0
    """Candidates of another time than was asked for."""

    def lines(self) -> Iterator[str]:
        """Yield what a person should know, a sentence each."""
        where = f" in {many(self.files, 'file')}" if self.files else ""
        yield f"Read: {many(self.records, 'record')}{where}."
        for (account, region), number in sorted(self.left_out.items()):
            yield f"Not asked for: {many(number, 'candidate')} of account {account or 'unknown'} in {region}."
        if self.before_and_after:
            yield f"Not asked for: {many(self.before_and_after, 'candidate')} of another time."


@dataclass
class Sieve:
    """What every source gives its records to: the rules, and what was asked for besides. It remembers none of them: `History` knows which came twice."""

    judge: Judge
    accounts: Collection[str] = ()
    """Of all that are there, only these; all, if there are none here. The same for regions."""
    regions: Collection[str] = ()
    since: str = ""
    """The first moment, as CloudTrail writes it: `2026-09-01T00:00:00Z`; and below the first one that is too late."""
    until: str = ""
    tally: Tally = field(default_factory=Tally)

    def take(self, record: object, where: str) -> Candidate | Unread | None:
        """Return what becomes of the record that stands there: nothing, if no rule matches it, or if it was not asked for."""
        try:
            found = self.judge.candidate(record)
        except NoRecord as error:
            return Unread(where, str(error))
        return found if found and self._is_asked_for(found.event) else None

    def _is_asked_for(self, event: Event) -> bool:
        place = event["account"], event["region"]
        if (self.accounts and place[0] not in self.accounts) or (self.regions and place[1] not in self.regions):
            self.tally.left_out[place] += 1
            return False
        if event["time"] < self.since or (self.until and event["time"] >= self.until):
            self.tally.before_and_after += 1
            return False
        return True
