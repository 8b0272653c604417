"""Put a CloudTrail trail back that was deleted, or that records less than it did.

Why it matters: who makes a trail record less does not want to be seen, and what happens meanwhile is in no record.

Wrong when: compared with what the last hourly sweep saw, the trail is gone, or has lost its other regions, the events of global services, its log file
validation, its KMS key, its log group in CloudWatch, or any event that its selectors took.
Fix: puts back what was lost, as it was seen; a deleted trail is made again and started. Undo takes the same from it again, or deletes it.
Leaves alone: trails that were stopped (restart_trail starts them); a move to another bucket, prefix, topic, key or log group, which is its owners' affair;
whatever was made stronger; what a trail never had; trails of other accounts and regions. Told only: an organisation's own trail, which takes rights over the
organisation, and a trail that went before a sweep has seen it. A trail that was made again has lost its tags and Insights.
Whoever wants less recorded exempts the trail first.
"""

from collections.abc import Sequence

from snapback import Remediation, journal
from snapback.trail_states import Loss, State, losses, own_trails, put_back, still_good, take_back, trail_named_in
from snapback.trails import TRAIL, arn_of_trail


def violation(arn: str) -> Sequence[Loss]:
    """Return what the trail has lost."""
    return losses(arn, journal.recall(remediation.name, arn))


def fix(arn: str, lost: Sequence[Loss]) -> None:
    """Put it back as remembered."""
    put_back(arn, lost, journal.recall(remediation.name, arn))


def undo(arn: str, lost: Sequence[Loss]) -> None:
    """Take it from the trail again."""
    take_back(arn, lost)


def good(arn: str) -> State:
    """Return what to remember."""
    return still_good(arn, journal.recall(remediation.name, arn))


remediation = Remediation(
    resource=TRAIL,
    named_by={**dict.fromkeys(("UpdateTrail", "DeleteTrail", "PutEventSelectors"), trail_named_in), "Scheduled Event": own_trails},
    violation=violation,
    fix=fix,
    undo=undo,
    remember=good,
    resolve=arn_of_trail,
)
handler = remediation.handler
