"""The journal of a deployed stack, as an operator reads it: what was told, what waits for a person, which modes were chosen.

The table has one key and no index, so what is not asked for by its key is found by a scan, page by page; the rows themselves are explained in
layers/snapback/snapback/engine/journal.py.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from snapback.engine.clock import DAY
from snapback.engine.exemptions import OUTSIDE_ACCESS
from snapback.engine.fixes import Fix
from snapback.engine.modes import Choice, chosen_in
from snapback.engine.outcomes import Outcome

from .entries import NOT_ENDED, Entry, Row, UnreadableRow
from .stack import Stack

_FIX, _NOTICE = "FIX#", "NOTICE#"

_AT_ONCE = 100
"""Rows of one BatchGetItem: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html."""

CUT_OFF = 900
"""Seconds after which what has not ended was cut off: a function runs no longer."""

_CONTESTED_FOR = 2 * DAY
"""Seconds after the latest refusal in which a contested resource can be released."""


class Line(NamedTuple):
    """One thing that people were told, or that waits for one of them."""

    at: float
    """Seconds since 1970; 0 if the journal does not say."""
    outcome: str
    remediation: str
    resource: str
    id: str
    """Empty for what is held or contested: nothing was begun."""
    next: str
    """The command that answers it, or `look`; empty if nobody need do anything."""
    reason: str


class Reading(NamedTuple):
    """What a scan has found."""

    lines: Sequence[Line]
    """The newest first."""
    unreadable: Mapping[str, str]
    """Rows that are not as Snapback writes them, and why."""


class Journal:
    """The table of a stack."""

    def __init__(self, stack: Stack) -> None:
        """Take the stack."""
        self.table = stack.output("JournalTable")
        self.dynamodb = stack.client("dynamodb")

    def entry(self, fix_id: str) -> Entry | None:
        """Return what is written down under an id, or None. Raises `UnreadableRow`."""
        row = self._row(f"{_FIX}{fix_id}")
        return Entry.read(row) if row else None

    def ids(self) -> list[str]:
        """Return all ids, to find the one that was meant."""
        return [row["pk"]["S"].removeprefix(_FIX) for row in self._scan(_FIX, keys_only=True)]

    def lines(self, now: float) -> Reading:
        """Return all that was told and all that waits for a person."""
        entries: list[Entry] = []
        notices: list[Row] = []
        unreadable: dict[str, str] = {}
        for row in self._scan(_FIX, _NOTICE):
            key = row["pk"]["S"]
            if key.startswith(_NOTICE):
                notices.append(row)
                continue
            try:
                entries.append(Entry.read(row))
            except UnreadableRow as error:
                unreadable[key] = str(error)
        lines = [*told(entries, now), *self._held(notices, now)]
        return Reading(sorted(lines, key=lambda line: (line.at, line.id, line.resource), reverse=True), unreadable)

    def held(self, now: float) -> list[Line]:
        """Return what waits for `release`, of which there is no entry."""
        return list(self._held(list(self._scan(_NOTICE)), now))

    def modes(self, remediations: Iterable[str]) -> dict[str, Choice]:
        """Return the modes that people have chosen, by remediation."""
        names = sorted(remediations)
        rows = {row["pk"]["S"]: row for row in self._rows([f"EXEMPT#{name}" for name in (*names, OUTSIDE_ACCESS)])}
        shared = {name: chosen_in(rows.get(f"EXEMPT#{OUTSIDE_ACCESS}"), name) for name in names}  # some remediations share a problem, and its row
        found = {name: one for name, one in shared.items() if one.mode and not one.trouble}
        return found | {name: one for name in names if (one := chosen_in(rows.get(f"EXEMPT#{name}"), name)).mode}

    def _held(self, notices: Sequence[Row], now: float) -> Iterator[Line]:
        """Yield what waits for `release`: a row names those that are held, further ones have a row each, and so has each that is contested."""
        found: dict[tuple[str, str, str], float] = {}
        for row in notices:
            remediation, _, rest = row["pk"]["S"].removeprefix(_NOTICE).partition("#")
            outcome, _, resource = rest.partition("#")
            at = max(_number(row, "noticed"), _number(row, "taken"), _number(row, "latest"))
            if outcome == Outcome.HELD and _number(row, "expires") > now:
                for one in [resource] if resource else row.get("resources", {}).get("SS", []):
                    found[Outcome.HELD, remediation, one] = max(at if resource else 0, found.get((Outcome.HELD, remediation, one), 0))
            elif outcome == Outcome.CONTESTED and resource and at > now - _CONTESTED_FOR and not self._was_released(remediation, resource, at):
                found[Outcome.CONTESTED, remediation, resource] = at
        for (outcome, remediation, resource), at in found.items():
            yield Line(at, outcome, remediation, resource, "", "release", "")

    def _was_released(self, remediation: str, resource: str, at: float) -> bool:
        return _number(self._row(f"RESOURCE#{remediation}#{resource}"), "released") >= at

    def _row(self, key: str) -> Row:
        found: Row = self.dynamodb.get_item(TableName=self.table, Key={"pk": {"S": key}}, ConsistentRead=True).get("Item", {})
        return found

    def _rows(self, keys: Sequence[str]) -> list[Row]:
        rows: list[Row] = []
        for start in range(0, len(keys), _AT_ONCE):
            asked: Any = {self.table: {"Keys": [{"pk": {"S": key}} for key in keys[start : start + _AT_ONCE]], "ConsistentRead": True}}
            while asked:
                answer = self.dynamodb.batch_get_item(RequestItems=asked)
                rows += answer["Responses"].get(self.table, [])
                asked = answer.get("UnprocessedKeys")
        return rows

    def _scan(self, *beginnings: str, keys_only: bool = False) -> Iterator[Row]:
        values = {f":begin{number}": {"S": begin} for number, begin in enumerate(beginnings)}
        asked: dict[str, Any] = {
            "TableName": self.table,
            "ConsistentRead": True,
            "FilterExpression": " OR ".join(f"begins_with(pk, {name})" for name in values),
            "ExpressionAttributeValues": values,
            **({"ProjectionExpression": "pk"} if keys_only else {}),
        }
        for page in self.dynamodb.get_paginator("scan").paginate(**asked):
            yield from (row for row in page["Items"] if row["pk"]["S"].startswith(beginnings))


def told(entries: Sequence[Entry], now: float) -> Iterator[Line]:
    """Yield a line for each; only the latest about a resource can wait for a person."""
    latest = {(entry.fix.remediation, entry.fix.resource): entry for entry in sorted(entries, key=lambda entry: (entry.at, entry.fix.id))}
    for entry in entries:
        fix = entry.fix
        waits = latest[fix.remediation, fix.resource] is entry
        yield Line(entry.at, fix.status, fix.remediation, fix.resource, fix.id, next_for(fix, now) if waits else "", entry.undone or fix.reason)


def next_for(fix: Fix, now: float) -> str:
    """Return what a person can answer to how it ended, or to that it was cut off before it had; nothing if there is no need."""
    if fix.status == Outcome.WOULD_FIX:
        return "" if fix.applied else "look" if fix.reason else "apply"
    if fix.status in (Outcome.FAILED, Outcome.PARTIAL, Outcome.UNVERIFIED):
        return "" if fix.retried else "retry"
    if fix.status in NOT_ENDED:
        return "look" if now - max(fix.claimed_at, fix.undoing) > CUT_OFF else ""
    # What contained a threat and was taken back contains it no more; what ends by itself was meant to.
    is_let_go = fix.status == Outcome.UNDONE and fix.is_of_threat and not fix.expires_at
    return "look" if is_contained(fix) or is_let_go or (fix.status == Outcome.REPORTED and not fix.retried) else ""


def is_contained(fix: Fix) -> bool:
    """Tell whether it was made against a threat: what somebody did before, and how they got in, is not put right by it."""
    return fix.status == Outcome.FIXED and fix.is_of_threat


def _number(row: Row, name: str) -> float:
    return float(row[name]["N"]) if name in row else 0.0
