"""The journal for programs: CSV for a spreadsheet, JSON, or events of the Open Cybersecurity Schema Framework.

What may be a secret is hidden, as in alerts. In CSV no cell begins a formula: whoever chooses a resource's name, or a key of its tags, could have the reader's
spreadsheet work one out (https://owasp.org/www-community/attacks/CSV_Injection).
"""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from local.cli.entries import Entry
from local.cli.journal import next_for
from snapback.engine import clock, links, names, ocsf, severities
from snapback.engine.actors import Actor
from snapback.engine.alerts import seconds
from snapback.engine.disclosure import disclosed
from snapback.engine.outcomes import TOLD


@dataclass(frozen=True)
class Manual:
    """What a remediation's source says of it."""

    summary: str
    undoable: bool
    resource_type: str = ""
    """`AWS::EC2::SecurityGroup`"""
    problem: str = ""
    """What is wrong, in a sentence without its full stop."""
    severity: str = "medium"
    """How bad that is: a word of `severities`."""


class Place(NamedTuple):
    """Where the stack is, and what its remediations are for."""

    account: str
    region: str
    manuals: Mapping[str, Manual]
    """Remediation -> its manual."""


def _iso(at: float) -> str | None:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def facts(entry: Entry, place: Place) -> dict[str, Any]:
    """Return one entry as JSON, in the words of alerts (docs/alert.schema.json) where these have one."""
    fix = entry.fix
    manual = place.manuals.get(fix.remediation, _UNKNOWN)
    console = links.of_resource(manual.resource_type, fix.resource, place.region)
    return {
        "id": fix.id,
        "outcome": fix.status,
        "needs_person": bool(next_for(fix, clock.now())),
        "remediation": fix.remediation,
        "problem": manual.problem,
        "severity": manual.severity,
        "severity_score": severities.SCORES[manual.severity],
        "account": place.account,
        "region": place.region,
        "partition": names.partition_of(place.region),
        "resource": {
            "type": manual.resource_type,
            "name": fix.resource,
            "arn": names.public_arn(manual.resource_type, fix.resource, account=place.account, region=place.region) or None,
        },
        "trigger": {"from": fix.source, "event": fix.event_id, "at": _iso(seconds(fix.event_time))},
        "actor": str(Actor(**fix.actor)) if fix.actor else None,
        "stack": fix.notes.get("stack"),
        "begun": _iso(fix.claimed_at),
        "ended": _iso(fix.finished_at),
        "ends_by_itself": _iso(fix.expires_at),
        "reason": fix.reason,
        "before": disclosed(list(fix.evidence)),
        "left": disclosed(list(fix.left)),
        "after": disclosed(fix.after),
        "calls": disclosed(list(fix.calls)),
        "preview": fix.preview,
        "taken_back": entry.undone or None,
        "links": {"resource": console} if console else {},
    }


_UNKNOWN = Manual("", undoable=False)
"""Of a remediation that this version does not have any more."""


def as_json(entries: Sequence[Entry], place: Place) -> str:
    """Return a JSON array, the oldest first."""
    return json.dumps([facts(entry, place) for entry in entries], indent=1) + "\n"


COLUMNS: Final = (
    *("id", "outcome", "needs_person", "remediation", "problem", "severity", "account", "region", "resource.type", "resource.name", "resource.arn"),
    *("trigger.from", "trigger.event", "trigger.at", "actor", "stack", "begun", "ended", "ends_by_itself", "reason", "before", "calls", "left", "after"),
    *("preview", "taken_back", "links.resource"),
)
"""Heads of the table: the members of `facts`, a dot before a member's member."""


def as_csv(entries: Sequence[Entry], place: Place) -> str:
    """Return a table with a head, the oldest first; a list or an object is a cell of JSON. As RFC 4180 has it."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(COLUMNS)
    for entry in entries:
        said = facts(entry, place)
        table.writerow([cell(_member(said, column)) for column in COLUMNS])
    return written.getvalue()


def _member(said: Mapping[str, Any], column: str) -> Any:  # noqa: ANN401 - any JSON
    whole, _, part = column.partition(".")
    return said[whole].get(part) if part else said[whole]


def cell(value: Any) -> str:  # noqa: ANN401 - any JSON
    """Return a cell's text. One that would begin a formula gets an apostrophe before it, by which a spreadsheet takes it for text."""
    if value is None or value in ([], {}, ""):
        return ""
    text = str(value).lower() if isinstance(value, bool) else value if isinstance(value, str) else json.dumps(value)
    seen = "".join(char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode() for char in text)
    begins = seen.lstrip()[:1]
    return f"'{seen}" if begins and begins in _FORMULAS else seen


_FORMULAS: Final = "=+-@\uff1d\uff0b\uff0d\uff20"
"""Signs that begin a formula, in full width, too, which Excel takes for the same. Tabs and line ends are spelled out before."""


def as_ocsf(entries: Sequence[Entry], place: Place) -> str:
    """Return one event a line, the oldest first, as Security Lake and most collectors take them: of each outcome that people hear of."""
    return "".join(json.dumps(ocsf.event_of(_alert(entry, place)), sort_keys=True) + "\n" for entry in entries if entry.fix.status in _TOLD)


_TOLD: Final = frozenset(outcome.value for outcome in TOLD)


def _alert(entry: Entry, place: Place) -> dict[str, Any]:
    """Return the entry with what an alert has besides, as far as the journal knows it: it keeps no finding and no function's log."""
    said = facts(entry, place)
    return {
        **said,
        "told_at": _iso(entry.at) or _iso(entry.fix.claimed_at) or "1970-01-01T00:00:00Z",
        "title": f"{said['outcome']}: {said['problem'] or said['remediation']}",
        "headline": said["outcome"],
        "threat": entry.fix.is_of_threat,
        "summary": place.manuals.get(entry.fix.remediation, _UNKNOWN).summary,
        "account_alias": "",
        "owner": None,
        "dedup_key": f"{place.account}/{place.region}/{entry.fix.remediation}/{entry.fix.resource}",
        "trigger": {**said["trigger"], "cloudtrail_event_id": None, "finding_arn": None},
        "finding": None,
    }


FORMATS: Final[Mapping[str, Callable[[Sequence[Entry], Place], str]]] = {"csv": as_csv, "json": as_json, "ocsf": as_ocsf}
