"""An alert's JSON as it was in version 1.0, for who has set AlertVersion so; docs/alert-1.0.schema.json. Read only where something is told.

It goes with the next release but one after version 2.0.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from snapback.engine.outcomes import UNSETTLED, Outcome

Facts = Mapping[str, Any]

_SAME: Final = (
    *("id", "outcome", "remediation", "summary", "account", "region", "actor", "stack", "reason"),
    *("before", "before_count", "left", "after", "calls", "calls_count", "commands"),
)


def of(facts: Facts) -> dict[str, Any]:
    """Return the JSON of version 1.0: its severity is that of the outcome, or of a threat that is high."""
    outcomes = {line["outcome"] for line in facts["before"]} if facts["outcome"] == Outcome.DIGEST else {facts["outcome"]}
    is_high = bool(outcomes & UNSETTLED) or (facts["threat"] and facts["severity"] in ("critical", "high"))
    trigger = facts["trigger"]
    return {
        **{part: facts[part] for part in _SAME},
        "version": "1.0",
        "told_at": _utc(facts["told_at"]),
        "severity": "high" if is_high else "medium",
        "service": {"account": "", "acm": "certificatemanager"}.get(facts["service"], facts["service"]),
        "disruptive": str(facts["disruptive"]).lower(),
        "resource": {part: facts["resource"][part] for part in ("type", "name")},
        "heard": {"from": trigger["from"], "event": trigger["event"], "at": trigger["at"] or ""},
        "finding": _finding(facts["finding"]),
    }


def _utc(moment: str) -> str:
    return datetime.fromisoformat(moment).strftime("%Y-%m-%d %H:%M:%S UTC")


def _finding(finding: Facts | None) -> list[dict[str, str]]:
    """Return what people should know of a finding of GuardDuty, as a list of facts."""
    if not finding or finding["found_by"] != "GuardDuty":
        return []
    return [
        {"Finding": finding["type"], "Severity": f"{finding['severity'].capitalize()} ({finding['severity_score'] / 10:g})"},
        {"Title": finding["title"]},
        {"Description": finding["description"]},
        {"Times": str(finding["count"]), "First": finding["first_seen"], "Last": finding["last_seen"]},
        {"DoFirst": finding["first_steps"]},
    ]
