"""A fix as the journal keeps it: one resource of an event on its way through the algorithm, and how that is written down.

FIX#<id>    evidence before, calls, outcome. `id` stands in the alert and is what `undo` takes.
"""

import hashlib
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from snapback.engine import clock, rows, settings
from snapback.engine.errors import EvidenceTooLarge
from snapback.engine.exemptions import Exemption

Evidence = Sequence[Mapping[str, Any]]
"""What is wrong, one JSON object per wrong thing; empty when all is well. The verdict, the before-state and the undo's input in one."""
CLAIMED = "CLAIMED"
"""Status of a FIX row between the claim and its outcome."""
UNDOING = "UNDOING"
"""Status of a FIX row while it is taken back."""
_LARGEST_EVIDENCE = 300_000
"""Bytes; a DynamoDB item holds 400 KB."""
_ROOM = 25_000
"""Bytes of each part of an outcome beside it: what was called, what is left, the setting after the fix."""
_LONGEST_TEXT = 2_000


@dataclass(eq=False, repr=False)
class Fix:
    """One FIX row: a resource of an event on its way through the algorithm."""

    id: str
    remediation: str
    resource: str
    event_id: str
    request: str
    """Lambda's request id: the same for an invocation and its retries."""
    source: str = ""
    actor: Mapping[str, Any] = field(default_factory=dict)
    event_time: str = ""
    preview: bool = False
    writes: bool = True
    """The resource is changed, so the work on it must be alone and its number is limited. False in preview and for reports."""
    in_storm: bool = False
    """The remediation has so much to tell just now that this is told together with the rest."""
    evidence: Evidence = ()
    status: str = ""
    reason: str = ""
    calls: Sequence[Mapping[str, Any]] = ()
    left: Evidence = ()
    """What was still wrong after the fix."""
    after: Any = None
    """The changed setting as it was after the fix, for remediations whose right state is not unique."""
    expires_at: float = 0
    """When the fix is to be taken back by itself; 0 for never."""
    undoing: float = 0
    """When it was last begun to take the fix back."""
    untold: float = 0
    """When it was begun to take it back before it had ended: what it was for was told to nobody."""
    retried: float = 0
    """When a person's `retry` of it ended well."""
    claimed_at: float = 0
    finished_at: float = 0
    contained: str = ""
    """What it contains, as a call knows it that takes that off. Written in a row of its own."""
    notes: Mapping[str, Any] = field(default_factory=dict)
    chosen: str = ""
    """The mode that a person has chosen, by which this is shown or made; empty where the class's holds. Not written down."""
    applies: str = ""
    """The id of the preview that a person has applied: such a fix is made whatever the mode is."""
    is_of_threat: bool = False
    """It answers a threat, which after a day may be none any more."""
    applied: str = ""
    """Of a preview: the id of the fix by which a person has applied it, once that has ended."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """The remediation's own settings by which the evidence is wrong: an undo is judged by these, whatever an operator sets meanwhile."""
    problem: str = ""
    """Under which name exemptions from the fix are kept, if not the remediation's own. Not written down."""
    also_named: Sequence[str] = ()
    """Under which further names the resource may be exempt. Not written down."""
    waits: bool = False
    """It is left for the look that is due, if the resource was just made and settles. Not written down."""
    ended: Sequence[Exemption] = ()
    """Silences that were found to have ended, and people do not know it yet. Not written down."""

    @property
    def names(self) -> Sequence[str]:
        """Return the names by which an exemption may know it."""
        return self.also_named if self.is_report else (self.resource, *self.also_named)

    @property
    def is_report(self) -> bool:
        """Tell whether people are told and nothing else is done: nothing can be exempt from that or come too often."""
        return not self.writes and not self.preview

    @property
    def changed(self) -> Evidence:
        """Return the part of the evidence that the fix put right: what an undo has to bring back."""
        return [item for item in self.evidence if item not in self.left]

    @property
    def is_final(self) -> bool:
        """Tell whether the outcome stands."""
        return self.status not in ("", CLAIMED)


def fix_id(*parts: str) -> str:
    """Return the id under which the work on one resource of one event is written down: the same parts always give the same id."""
    return "sb-" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def to_row(fix: Fix, now: float) -> dict[str, Any]:
    """Return the fix as it is written down when it is begun; raise `EvidenceTooLarge` if no row holds it."""
    evidence = refuse_too_large(fix)
    about = {
        "resource": fix.resource,
        "event_id": fix.event_id[:_LONGEST_TEXT],
        "event_time": fix.event_time[:_LONGEST_TEXT],
        "source": fix.source,
        "actor": {part: text[:_LONGEST_TEXT] for part, text in fix.actor.items()},
        "preview": fix.preview,
        "writes": fix.writes,
        "claimed_at": fix.claimed_at,
        "notes": fix.notes,
        **({"settings": fix.settings} if fix.settings else {}),
        **({"applies": fix.applies} if fix.applies else {}),
        **({"is_of_threat": True} if fix.is_of_threat else {}),
        **({"in_storm": True} if fix.in_storm else {}),
    }
    return {
        **rows.key(f"FIX#{fix.id}"),
        "remediation": {"S": fix.remediation},
        "about": {"S": json.dumps(about)},
        "evidence": {"S": evidence},
        "request_id": {"S": fix.request},
        "status": {"S": fix.status},
        "expires": rows.as_number(int(now + settings.number("JOURNAL_DAYS") * clock.DAY)),
    }


def refuse_too_large(fix: Fix) -> str:
    """Return the evidence as it is written down; raise `EvidenceTooLarge` if no journal entry holds it."""
    evidence = json.dumps(list(fix.evidence), sort_keys=True)
    if len(evidence.encode()) > _LARGEST_EVIDENCE:
        raise EvidenceTooLarge(f"the state of {fix.resource} takes {len(evidence)} bytes, more than a journal entry holds; nothing was changed")
    return evidence


def outcome_of(fix: Fix) -> dict[str, Any]:
    """Return the outcome as it is written down, short enough to have room beside the evidence."""
    return {
        "S": json.dumps(
            {
                "reason": fix.reason[:_LONGEST_TEXT],
                "calls": with_room(fix.calls),
                "left": with_room([fix.evidence.index(item) if item in fix.evidence else item for item in fix.left]),
                "after": comparable(fix.after),
                "finished_at": fix.finished_at,
                "expires_at": fix.expires_at,
            },
            sort_keys=True,
        )
    }


def comparable(setting: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return the setting as the journal keeps it, to be compared with what it is later: a long one as its hash."""
    text = json.dumps(setting, sort_keys=True)
    return setting if len(text) <= _ROOM else {"sha256": hashlib.sha256(text.encode()).hexdigest()}


def with_room(items: Sequence[Any]) -> list[Any]:
    """Return as many of the items, from the first, as an outcome has room for."""
    room = itertools.accumulate(len(json.dumps(item)) for item in items)
    return [item for item, used in zip(items, room, strict=True) if used <= _ROOM]


def from_row(row: Mapping[str, Any]) -> Fix:
    """Read a FIX row as DynamoDB gives it. What a later version has written besides, which was rolled back, is passed over."""
    evidence, outcome = json.loads(row["evidence"]["S"]), _known(row["outcome"]["S"] if "outcome" in row else "{}")
    outcome["left"] = [evidence[item] if isinstance(item, int) else item for item in outcome.get("left", [])]
    return Fix(
        id=row["pk"]["S"].removeprefix("FIX#"),
        remediation=row["remediation"]["S"],
        request=row["request_id"]["S"],
        evidence=evidence,
        status=row["status"]["S"],
        undoing=rows.number(row, "undoing"),
        untold=rows.number(row, "untold"),
        retried=rows.number(row, "retried"),
        applied=row.get("applied", {}).get("S", ""),
        **_known(row["about"]["S"]),
        **outcome,
    )


def _known(written: str) -> dict[str, Any]:
    return {part: value for part, value in json.loads(written).items() if part in Fix.__dataclass_fields__}


def resource_key(fix: Fix) -> str:
    """Return the key of the row by which the work on the resource is alone."""
    return f"RESOURCE#{fix.remediation}#{fix.resource}"
