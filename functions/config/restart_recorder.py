"""Start AWS Config's recorder again, and put back what was deleted of it.

Why it matters: without its recorder nobody knows what was changed and when, and most rules and controls judge nothing any more.

Wrong when: the region has no customer managed recorder, no delivery channel, or a recorder that does not record.
Fix: puts back both as the last hourly sweep saw them, and starts the recorder. Undo stops it, and deletes again what had been missing.
Leaves alone: what is recorded and by which role, recorders of AWS services, and what no sweep has seen working yet: only people can set that up.
A recorder that was put back has lost its tags.
"""

from collections.abc import Sequence

from snapback import Remediation, journal
from snapback.events import account_calls
from snapback.recorders import Loss, all_parts, losses, put_back, take_back


def violation(_: str) -> Sequence[Loss]:
    """Return what is missing of the recorder, and whether it stands still."""
    return losses()


def fix(account: str, lost: Sequence[Loss]) -> None:
    """Put back what is missing as it was remembered, and start the recorder."""
    is_missing = any("Missing" in loss for loss in lost)
    put_back(lost, journal.recall(remediation.name, account) if is_missing else None)


def undo(_: str, lost: Sequence[Loss]) -> None:
    """Stop the recorder and delete what had been missing, the last first."""
    take_back(lost)


remediation = Remediation(
    resource="AWS::::Account",
    named_by={**account_calls("StopConfigurationRecorder", "DeleteConfigurationRecorder", "DeleteDeliveryChannel"), "Scheduled Event": "account"},
    violation=violation,
    fix=fix,
    undo=undo,
    remember=lambda _: all_parts(),
)
handler = remediation.handler
