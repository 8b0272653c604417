"""Put a CloudTrail trail back that was deleted, or that records less than it did.

Why it matters: who makes a trail record less does not want to be seen, and what happens meanwhile is in no record.

Wrong when: compared with what the last hourly sweep saw, the trail is gone, or has lost its other regions, the events of global services, its log file
validation, its KMS key, its log group in CloudWatch, or any event that its selectors took.
Fix: puts back what was lost, as it was seen; a deleted trail is made again and started. Undo takes the same from it again, or deletes it.
Leaves alone: trails that were stopped (restart_trail starts them); a move to another bucket, prefix, topic, key or log group, its owners' affair; whatever was
made stronger; what a trail never had; trails of other accounts and regions. Told only: an organisation's own trail, which takes rights over the organisation,
and one that went before a sweep has seen it. A trail made again has lost its tags and Insights. Whoever wants less recorded exempts the trail first.
"""

from collections.abc import Sequence
from typing import Any

from snapback import Remediation, journal
from snapback.trail_states import Loss, losses, own_trails, put_back, still_good, take_back, trail_named_in
from snapback.trails import TRAIL, arn_of_trail


def memory(arn: str) -> Any:  # noqa: ANN401 - a State, or None
    """Return the trail as the last sweep saw it."""
    return journal.recall(remediation.name, arn)


def violation(arn: str) -> Sequence[Loss]:
    """Return what the trail has lost."""
    return losses(arn, memory(arn))


def fix(arn: str, lost: Sequence[Loss]) -> None:
    """Put it back as remembered."""
    put_back(arn, lost, memory(arn))


remediation = Remediation(
    resource=TRAIL,
    named_by={**dict.fromkeys(("UpdateTrail", "DeleteTrail", "PutEventSelectors"), trail_named_in), "Scheduled Event": own_trails},
    violation=violation,
    fix=fix,
    undo=take_back,
    remember=lambda arn: still_good(arn, memory(arn)),
    resolve=arn_of_trail,
)
handler = remediation.handler
