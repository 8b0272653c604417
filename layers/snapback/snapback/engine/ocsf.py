"""An alert as an event of the Open Cybersecurity Schema Framework, for who has set AlertVersion so. Read only where something is told.

What was seen is a Detection Finding (class 2004), known by one uid from the first alert of a matter to the last: put right, or exempt, it is told again with
that status. What was done against a threat, or beside something that stays, or tried in vain, is a Remediation Activity (7001): it closes nothing, for somebody
has to look. Both have the profile `cloud`. What OCSF has no attribute for, and all that a program needs to answer, is the alert's own JSON in `unmapped`.
Security Hub and Security Lake speak OCSF: https://docs.aws.amazon.com/security-lake/latest/userguide/open-cybersecurity-schema-framework.html and https://schema.ocsf.io/1.8.0/
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from snapback.engine.outcomes import Outcome

SCHEMA = "1.8.0"
"""Version of OCSF."""

FINDING, ACTIVITY = 2004, 7001
"""Classes: Detection Finding and Remediation Activity."""

Facts = Mapping[str, Any]

_SEVERITIES: Final[Mapping[str, int]] = {"informational": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}

_STATUSES: Final[Mapping[str, tuple[int, str]]] = {
    Outcome.FIXED: (1, "Success"),
    Outcome.PARTIAL: (4, "Partial"),
    Outcome.FAILED: (2, "Failure"),
    Outcome.UNVERIFIED: (99, "Unverified"),
    Outcome.UNDONE: (1, "Success"),
    Outcome.UNDO_REFUSED: (2, "Failure"),
}
"""Outcome of what was done or tried -> `status_id` and `status` of a Remediation Activity."""

_ISOLATE, _EVICT, _RESTORE, _HARDEN = (1, "Isolate"), (2, "Evict"), (3, "Restore"), (4, "Harden")
_OTHER: Final = (99, "Undo")
_NEW, _SUPPRESSED, _RESOLVED = (1, "New"), (3, "Suppressed"), (4, "Resolved")
_CREATE, _UPDATE, _CLOSE = (1, "Create"), (2, "Update"), (3, "Close")

_TACTICS: Final[Mapping[str, tuple[int, str]]] = {
    **dict.fromkeys(("block-attacker-ip", "contain-function", "isolate-instance", "quarantine-user"), _ISOLATE),
    **dict.fromkeys(("deactivate-exposed-key", "detach-admin-policy", "revoke-role-sessions", "stop-task"), _EVICT),
}
"""Remediation -> the tactic of MITRE's D3FEND that it is, which OCSF has as `activity_id`. What puts back or starts again restores; all else hardens."""


def event_of(facts: Facts) -> dict[str, Any]:
    """Return the event for an alert's JSON of version 2.0."""
    is_activity = facts["outcome"] in _STATUSES and _state(facts) is None
    class_uid = ACTIVITY if is_activity else FINDING
    common = {
        "class_uid": class_uid,
        "class_name": "Remediation Activity" if is_activity else "Detection Finding",
        "category_uid": class_uid // 1000,
        "category_name": "Remediation" if is_activity else "Findings",
        "severity_id": _SEVERITIES[facts["severity"]],
        "severity": facts["severity"].capitalize(),
        "time": _milliseconds(facts["told_at"]),
        "message": facts["title"],
        "status_detail": facts["reason"] or facts["headline"],
        "status_code": facts["outcome"],
        "metadata": {
            "version": SCHEMA,
            "profiles": ["cloud"],
            "uid": f"{facts['id'] or facts['dedup_key']} {facts['outcome']} {facts['told_at']}",
            "correlation_uid": facts["dedup_key"],
            "product": {"name": "Snapback", "vendor_name": "Snapback", "feature": {"name": facts["remediation"]}},
            "log_name": "alerts",
            "original_time": facts["told_at"],
            **({"original_event_uid": event} if (event := facts["trigger"]["cloudtrail_event_id"]) else {}),
            **({"tenant_uid": facts["account"]} if facts["account"] else {}),
        },
        "cloud": {
            "provider": "AWS",
            "region": facts["region"],
            "cloud_partition": facts["partition"],
            "account": {
                "uid": facts["account"] or "-",
                "type": "AWS Account",
                "type_id": 10,
                **({"name": facts["account_alias"]} if facts["account_alias"] else {}),
            },
        },
        "observables": [{"name": "unmapped.resource", "type_id": 10, "type": "Resource UID", "value": one} for one in _resources(facts)],
        "unmapped": dict(facts),
    }
    own = _activity(facts) if is_activity else _finding(facts)
    return {**common, **own, "type_uid": class_uid * 100 + own["activity_id"]}


def _activity(facts: Facts) -> dict[str, Any]:
    """Return what a Remediation Activity has of its own."""
    is_undo = facts["outcome"] in (Outcome.UNDONE, Outcome.UNDO_REFUSED)
    name_of = facts["remediation"]
    activity, name = _OTHER if is_undo else _TACTICS.get(name_of, _RESTORE if name_of.startswith(("restart-", "restore-")) else _HARDEN)
    status, word = _STATUSES[facts["outcome"]]
    return {
        "activity_id": activity,
        "activity_name": name,
        "status_id": status,
        "status": word,
        "command_uid": facts["id"] or facts["dedup_key"],
        "remediation": _remediation(facts),
    }


def _finding(facts: Facts) -> dict[str, Any]:
    """Return what a Detection Finding has of its own."""
    found = facts["finding"] or {}
    (activity, name_of), (status, word) = _state(facts) or (_CREATE, _NEW)
    return {
        "activity_id": activity,
        "activity_name": name_of,
        "status_id": status,
        "status": word,
        "is_alert": facts["needs_person"],
        "finding_info": {
            "uid": found.get("arn") or found.get("id") or facts["dedup_key"],
            "title": facts["title"],
            "desc": found.get("description") or facts["summary"],
            "analytic": {"name": facts["remediation"], "type": "Rule", "type_id": 1},
            "created_time": _milliseconds(facts["trigger"]["at"] or facts["told_at"]),
            **({"types": [found["type"]]} if found.get("type") else {}),
            **({"data_sources": [found["found_by"]]} if found.get("found_by") else {}),
            **({"src_url": facts["links"]["finding"]} if "finding" in facts["links"] else {}),
        },
        "resources": [
            {
                "name": name,
                "type": facts["resource"]["type"],
                "uid": uid,
                "region": facts["region"],
                "cloud_partition": facts["partition"],
                "role": "Affected",
                "role_id": 3,
                **({"owner": {"name": facts["owner"]}} if facts["owner"] else {}),
            }
            for uid, name in _resources(facts).items()
        ],
        "remediation": _remediation(facts),
    }


def _state(facts: Facts) -> tuple[tuple[int, str], tuple[int, str]] | None:
    """Return what becomes of a finding that was told before, as activity and status; nothing if it is a new one, or stays as it is.

    https://schema.ocsf.io/1.8.0/classes/detection_finding
    """
    outcome = facts["outcome"]
    if outcome == Outcome.FIXED and not facts["needs_person"]:
        return _CLOSE, _RESOLVED
    if outcome == Outcome.ACCEPTED or {"unexempt", "unsilence"} & facts.get("commands", {}).keys():
        return _UPDATE, _SUPPRESSED
    if outcome == Outcome.EXEMPTED:  # its end
        return _UPDATE, _NEW
    if outcome == Outcome.UNDONE and not facts["needs_person"]:  # and exempt from now on
        return _UPDATE, _SUPPRESSED
    return None


def _resources(facts: Facts) -> dict[str, str]:
    """Return by ARN, or by name, what it is about; of a digest what it spells out."""
    if facts["outcome"] == Outcome.DIGEST:
        return {line["resource"]: line["resource"] for line in facts["before"] if "resource" in line}
    return {facts["resource"]["arn"] or facts["resource"]["name"]: facts["resource"]["name"]}


def _remediation(facts: Facts) -> dict[str, Any]:
    first, runbook = (facts["finding"] or {}).get("first_steps"), facts["links"].get("runbook", "")
    is_page = runbook.startswith("https://")  # and not a path in the repository
    return {"desc": first or facts["summary"] or facts["headline"], **({"references": [runbook]} if is_page else {})}


def _milliseconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp() * 1000)
