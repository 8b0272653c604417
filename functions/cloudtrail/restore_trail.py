"""Put a CloudTrail trail back that was deleted, or that records less than it did.

Problem: A CloudTrail trail is gone or records less. Severity: high.

Why it matters: who makes a trail record less does not want to be seen, and what happens meanwhile is in no record.

Wrong when: compared with what is remembered of it, the trail is gone, or has lost its other regions, the events of global services, its log file
validation, its KMS key, its log group in CloudWatch, or any event that its selectors took. An hourly sweep learns trails that are new and what was made
stronger, and looks at those that are remembered and gone.
Fix: puts back what was lost, as it was seen, and its selectors go on taking what they take besides by now; a deleted trail is made again and started. Undo
takes the same from it again, or deletes it, if nobody has set it up otherwise since.
Leaves alone: trails that were stopped (restart_trail starts them); whatever was made stronger; what a trail never had; trails of other accounts and regions.
Told only: a move to another bucket, prefix, topic, key or log group, until somebody accepts it; an organisation's own trail, which takes rights over the
organisation; selectors that take other events by now, where no trail can have those and the former ones together (basic and advanced ones, or more than AWS
allows); one that went before a sweep has seen it; one that logs while CloudTrail cannot write into its bucket or log group (once a day, as long as it
cannot); and a lifecycle rule that somebody gives to its bucket and that deletes files within 90 days. A trail made again has lost its tags and Insights.
Whoever wants less recorded exempts the trail first, and accepts it as it then is.
Class: safe, because a trail only writes down what happens, and disruptive where CloudFormation made the call: a stack that is deleted or replaces what it
owns would find it back.
"""

from collections.abc import Sequence
from typing import Any

from snapback import Remediation
from snapback.cloudtrail.destinations import short_lived, trails_into, undelivered
from snapback.cloudtrail.trail_states import Loss, changes, losses, own_trails, put_back, state_of, take_back, trail_named_in
from snapback.cloudtrail.trails import TRAIL, arn_of_trail
from snapback.engine import memory
from snapback.engine.events import by_stack


def good(arn: str) -> Any:  # noqa: ANN401 - a State, or None
    """Return the trail as it is remembered."""
    return memory.recall(remediation.name, arn)


def violation(arn: str) -> Sequence[Loss]:
    """Return what the trail has lost."""
    return losses(arn, good(arn))


def fix(arn: str, lost: Sequence[Loss]) -> None:
    """Put it back as remembered."""
    put_back(arn, lost, good(arn))


def trails(_: object) -> list[str]:
    """Return the trails of this account that are at home in this region, and those that are remembered and gone."""
    return sorted({*own_trails(), *memory.names(remediation.name)})


def setup(arn: str) -> Any:  # noqa: ANN401 - parts of a State, or None
    """Return what an undo would write over: how the trail is set up and what it takes, which a team may have extended since."""
    state = state_of(arn)
    return state and {part: state[part] for part in ("Trail", "Selectors", "Started")}


remediation = Remediation(
    resource=TRAIL,
    named_by={
        **dict.fromkeys(("UpdateTrail", "DeleteTrail", "PutEventSelectors"), trail_named_in),
        "PutBucketLifecycle": trails_into,
        "Scheduled Event": trails,
    },
    violation=violation,
    fix=fix,
    undo=take_back,
    setting=setup,
    remember=state_of,
    changed=changes,
    resolve=arn_of_trail,
    wider={"the sweep": undelivered, "PutBucketLifecycle": short_lived},
    disruptive=by_stack,
)
handler = remediation.handler
