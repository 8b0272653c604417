"""The event that EventBridge would have delivered for a record of CloudTrail's, and which rules would have got it.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html has the kinds of such events, and which rules get them; each service's
page below https://docs.aws.amazon.com/eventbridge/latest/ref/welcome.html has its source: `aws.` and the first part of the record's eventSource.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, TypeAlias

from local.replay.matching import Event, Verdict, compiled
from local.replay.rules import Rule
from snapback.engine import clock
from snapback.engine.errors import SnapbackError

Record: TypeAlias = Mapping[str, Any]


class NoRecord(SnapbackError):  # noqa: N818 - reads as what it is
    """Something is no record of CloudTrail's, or not one that can be placed in time; the message says why."""


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
}
"""eventType -> detail-type. Of sign-ins the page says `Signin`; events have it as it stands here, and the template's rules take both.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

HOMES: Final = frozenset({"us-east-1", "us-gov-west-1", "cn-north-1"})
"""Where calls to global services are recorded, a region for each partition: IsHomeRegion in the template."""

_INSIGHT: Final = "AwsCloudTrailInsight"

_READS: Final = ("Describe", "Get", "List")

_NO_READS: Final = frozenset({"GetFederationToken", "GetSessionToken"})
"""Of STS: they are delivered as changes are."""

_FIRST: Final = datetime(2013, 11, 1, tzinfo=UTC)
"""There was no CloudTrail before."""

_AHEAD: Final = timedelta(days=1)
"""A clock of this machine's may be wrong by so much."""


def envelope(record: object) -> Event:
    """Return the event. Raises `NoRecord`."""
    if not isinstance(record, Mapping):
        raise NoRecord("it is no object")
    kind = record.get("eventType", "AwsApiCall")  # records of CloudTrail's first year have none
    if not isinstance(kind, str) or kind not in KINDS:
        raise NoRecord(f"its eventType is {_short(kind)}, which is none of {', '.join(KINDS)}")
    is_insight = kind == _INSIGHT
    for name in ("eventTime", "awsRegion") if is_insight else ("eventTime", "awsRegion", "eventSource", "eventName"):
        if not (isinstance(record.get(name), str) and record[name]):
            raise NoRecord(f"it has no {name}, so it is no record of CloudTrail's")
    _check_time(record["eventTime"])
    return {
        "version": "0",
        "id": record.get("eventID", ""),
        "detail-type": KINDS[kind],
        "source": "aws.cloudtrail" if is_insight else f"aws.{record['eventSource'].partition('.')[0]}",
        "account": account_of(record),
        "time": record["eventTime"],
        "region": record["awsRegion"],
        "resources": [],
        "detail": record,
    }


def account_of(record: Record) -> str:
    """Return the account in which the event would have come: the one whose trail has the record; an empty text if it does not say."""
    identity = record.get("userIdentity")
    caller = identity.get("accountId") if isinstance(identity, Mapping) else None
    return str(record.get("recipientAccountId") or caller or "")


def _check_time(text: str) -> None:
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
    return is_call and name.startswith(_READS) and name not in _NO_READS


class Judge:
    """The rules, ready for many records."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        """Read the rules' patterns. Raises `PatternError` for a word that is not known."""
        self.rules = tuple(rules)
        self._verdicts: Sequence[tuple[Rule, Verdict]] = [(rule, compiled(rule.pattern)) for rule in rules]

    def candidate(self, record: object) -> Candidate | None:
        """Return the event and the rules that it matches, if there are any. Raises `NoRecord`."""
        event = envelope(record)
        is_read, is_home = only_reads(event), event["region"] in HOMES
        found = tuple(rule for rule, judge in self._verdicts if (rule.hears_reads or not is_read) and (is_home or not rule.is_home_only) and judge(event))
        return Candidate(event, found) if found else None
