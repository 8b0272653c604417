"""Start a CloudTrail trail again that was stopped.

Problem: A CloudTrail trail does not log. Severity: high.

Why it matters: who stops a trail does not want to be seen, and what happens meanwhile is in no record.

Wrong when: the trail does not log.
Fix: starts it, in the region where it was made. Undo stops it again.
Leaves alone: what the trail records and where to, CloudTrail Lake's event data stores (report_tampering tells), and trails of other accounts: an
organisation's trail belongs to its management account, and starts there.
Told only: a trail that was stopped and is gone by now, of which no event may tell any more; restore_trail puts it back at its next sweep, if it remembers it.
Class: safe, because nothing that works waits for a trail to be silent, and disruptive where CloudFormation made the call: a stack that is deleted or
replaces what it owns or sets IsLogging to false would be overruled.
"""

from collections.abc import Sequence

from snapback import Remediation, aws
from snapback.cloudtrail.trails import TRAIL, Trail, arn_of_trail, is_logging, located
from snapback.engine.events import by_stack


def violation(name: str) -> Sequence[Trail]:
    """Return where the trail is, if it does not log."""
    trail = located(name)
    return [] if is_logging(trail) else [trail]


def fix(_: str, trails: Sequence[Trail]) -> None:
    """Start it in its home region."""
    for trail in trails:
        aws("cloudtrail", region_name=trail["HomeRegion"]).start_logging(Name=trail["TrailARN"])


def undo(_: str, trails: Sequence[Trail]) -> None:
    """Stop it again."""
    for trail in trails:
        aws("cloudtrail", region_name=trail["HomeRegion"]).stop_logging(Name=trail["TrailARN"])


remediation = Remediation(
    resource=TRAIL,
    named_by={"StopLogging": "requestParameters.name"},
    violation=violation,
    fix=fix,
    undo=undo,
    resolve=arn_of_trail,
    told_if_gone=True,
    disruptive=by_stack,
)
handler = remediation.handler
