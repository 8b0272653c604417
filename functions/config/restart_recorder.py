"""Start AWS Config's recorder again, and put back what was deleted of it.

Why it matters: without its recorder nobody knows what was changed and when, and most rules and controls judge nothing any more.

Wrong when: the region has no customer managed recorder, no delivery channel, or a recorder that does not record.
Fix: puts back both as the last hourly sweep saw them, and starts the recorder. Undo stops it, and deletes again what had been missing.
Leaves alone: what is recorded and by which role, recorders of AWS services, and what no sweep has seen working yet: only people can set that up.
A recorder that was put back has lost its tags.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Remediation, journal
from snapback.events import account_calls
from snapback.recorders import RECORDER, all_parts, delete, is_recording, known_parts, make, missing, start, stop


def violation(_: str) -> Sequence[Mapping[str, Any]]:
    """Return what is missing of the recorder, and whether it stands still."""
    return [*({"Missing": part} for part in missing()), *([] if is_recording() else [{"Recording": False}])]


def fix(account: str, wrong: Sequence[Mapping[str, Any]]) -> None:
    """Put back what is missing as it was remembered, and start the recorder."""
    gone = [item["Missing"] for item in wrong if "Missing" in item]
    known = known_parts(journal.recall(remediation.name, account) if gone else None)
    for part in gone:
        make(part, known[part])
    if {"Recording": False} in wrong:
        start(known[RECORDER])


def undo(_: str, wrong: Sequence[Mapping[str, Any]]) -> None:
    """Stop the recorder and delete what had been missing, the last first."""
    for item in reversed(wrong):
        delete(item["Missing"]) if "Missing" in item else stop()


remediation = Remediation(
    resource="AWS::::Account",
    named_by={**account_calls("StopConfigurationRecorder", "DeleteConfigurationRecorder", "DeleteDeliveryChannel"), "Scheduled Event": "account"},
    violation=violation,
    fix=fix,
    undo=undo,
    remember=lambda _: all_parts(),
)
handler = remediation.handler
