"""Looking again later: a one-time schedule gives an event to the function once more (docs/adr/0016-later.md).

    {"id": "…", "detail-type": "…", "detail": {…}, …, "look": {"resource": "sg-…", "number": 1, "why": "settling", "due": 1795738200}}

The event comes as it was, with `look` beside its envelope: EventBridge lets nobody write there. Whatever it was put off for, everything is asked anew.
https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
"""

import json
import math
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

from botocore.exceptions import ClientError

from snapback.engine import refusals, settings
from snapback.engine.clients import platform
from snapback.engine.errors import UnreadableEvent
from snapback.engine.invocation import Invocation
from snapback.engine.names import shown

SETTLING = "settling"
"""Why: it was just made, and whoever makes it may go on."""

BUSY = "busy"
"""Why: AWS is still at work on it, and takes no change meanwhile."""
EXPIRY = "expiry"
"""Why: a fix ends by itself."""
EXEMPTION = "exemption"
"""Why: an exemption has ended."""
WARNED = "warned"
"""Why: people were warned that it is put right then, unless it is exempt."""
DISTANCES = (1, 5, 15, 30, 60, 120, 240, 480)
"""Minutes until a busy resource is looked at again, each time; then people are told."""

MINUTE = 60

_WINDOW = 5
"""Minutes after it is due within which a look at what was made may begin, so that thousands do not begin at once."""


class Look(NamedTuple):
    """A later look at one of the resources that an event names."""

    resource: str
    """As the event names it."""
    number: int
    """1 for the first one after the event itself."""
    why: str
    due: float
    """Seconds since 1970."""
    is_warned: bool = False
    """People were warned before: it is put right without a further warning."""

    @classmethod
    def of(cls, event: object) -> Self | None:
        """Return the look that the event is given again for; None if it comes for the first time. Raises `UnreadableEvent` if it says something else."""
        said = event.get("look") if isinstance(event, Mapping) else None
        if said is None:
            return None
        try:
            return cls(str(said["resource"]), int(said["number"]), str(said["why"]), float(said["due"]), said.get("is_warned") is True)
        except (TypeError, KeyError, ValueError) as error:
            raise UnreadableEvent(f"the event's 'look' is not one that Snapback has written: {shown(str(said))}") from error


def arranged(event: Mapping[str, Any], look: Look, invocation: Invocation, *, name: str) -> str:
    """Have the event given to this function once more when the look is due; return nothing, or the Scheduler's refusal in its own words."""
    try:
        ask(event, look, invocation, name=name)
    except ClientError as error:
        if not refusals.is_refused(error):
            raise
        return refusals.said_by(error)
    return ""


def is_there() -> bool:
    """Tell whether there is a clock: in a deployed stack, not under `sam local`."""
    return bool(settings.optional("CLOCK")) and os.environ.get("AWS_SAM_LOCAL") != "true"


def ask(event: Mapping[str, Any], look: Look, invocation: Invocation, *, name: str) -> None:
    """Have the event given to this function once more when the look is due. A schedule that is there already, from an earlier attempt, is left as it is.

    Raises the Scheduler's refusal.
    """
    group, role, dead_letters = settings.text("CLOCK").split()
    partition, account = (settings.text("ROLE_ARN").split(":")[part] for part in (1, 4))
    at = datetime.fromtimestamp(math.ceil(look.due), UTC).strftime("%Y-%m-%dT%H:%M:%S")
    try:
        platform("scheduler").create_schedule(
            Name=name,
            GroupName=group,
            ScheduleExpression=f"at({at})",
            ScheduleExpressionTimezone="UTC",
            FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": _WINDOW} if look.why == SETTLING else {"Mode": "OFF"},
            ActionAfterCompletion="DELETE",
            Target={
                "Arn": invocation.arn,
                "RoleArn": f"arn:{partition}:iam::{account}:role/{role}",
                # The Scheduler puts words of its own in the place of <aws.scheduler...>, wherever they stand.
                "Input": json.dumps({**event, **invocation.meant, "look": look._asdict()}).replace("<", "\\u003c"),
                "DeadLetterConfig": {"Arn": f"arn:{partition}:sqs:{invocation.region}:{account}:{dead_letters}"},
            },
        )
    except ClientError as error:
        if refusals.code_of(error) != "ConflictException":
            raise
