"""Rows of the journal, read from outside: nothing in a row is taken on trust, for whoever may write to the table may have written it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from snapback.engine import fixes
from snapback.engine.actors import Actor
from snapback.engine.fixes import CLAIMED, UNDOING, Fix
from snapback.engine.outcomes import UNSETTLED, Outcome

from .text import moment

Row = Mapping[str, Any]
"""A row as DynamoDB gives it: `{"pk": {"S": "FIX#sb-…"}, …}`."""

NOT_ENDED = (CLAIMED, UNDOING)
"""States of a row between its beginning and its outcome."""


class UnreadableRow(Exception):  # noqa: N818 - it is a row
    """A row is not as Snapback writes it."""


@dataclass(frozen=True)
class Entry:
    """A fix, and what became of it."""

    fix: Fix
    undone: str
    """When and why it was taken back, or nothing."""

    @classmethod
    def read(cls, row: Row) -> Self:
        """Read a FIX row; raise `UnreadableRow` if it is not one that Snapback writes."""
        try:
            fix = fixes.from_row(row)
            _check(fix)
            back = json.loads(row["undone"]["S"]) if "undone" in row else None
            return cls(fix, f"{moment(back['at'])}: {back['reason']}" if back else "")
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError, RecursionError) as error:
            raise UnreadableRow(f"{type(error).__name__}: {error}") from error

    @property
    def at(self) -> float:
        """Return when it ended, or began if it has not."""
        return self.fix.finished_at or self.fix.claimed_at

    @property
    def tone(self) -> str:
        """Return how the outcome is to be seen: right, people (somebody must act), or told."""
        if self.fix.status in NOT_ENDED or self.fix.status in UNSETTLED:
            return "people"
        return "right" if self.fix.status in (Outcome.FIXED, Outcome.ALREADY_OK, Outcome.GONE) else "told"


def _check(fix: Fix) -> None:
    """Raise if a part of the fix is not of the kind that its readers rely on."""
    if fix.status not in NOT_ENDED:
        Outcome(fix.status)
    for name in ("id", "remediation", "resource", "source", "event_time", "event_id", "reason"):
        if not isinstance(getattr(fix, name), str):
            raise TypeError(f"{name} is not a text")
    for name in ("evidence", "left", "calls"):
        items = getattr(fix, name)
        if not isinstance(items, list | tuple) or not all(isinstance(item, Mapping) for item in items):
            raise TypeError(f"{name} is not a list of objects")
    for call in fix.calls:
        _ = call["service"], call["operation"], call["parameters"].items()
    if not isinstance(fix.notes, Mapping):
        raise TypeError("notes is not an object")
    for at in (fix.claimed_at, fix.finished_at, fix.expires_at):
        moment(at)
    if fix.actor:
        Actor(**fix.actor)
