"""Put a guarded CloudWatch alarm back that was deleted, or silenced.

Problem: A guarded alarm is gone or silenced. Severity: high.

Why it matters: who does not want to be noticed deletes the alarm first, or lets it ring without telling anybody.

Wrong when: an alarm whose name begins with one of GuardedAlarms (empty unless set: none) is remembered, and is gone; or had its actions enabled, and has them
disabled. An hourly sweep learns alarms that are new, and looks at those that are remembered and gone.
Fix: makes it again as it is remembered, or enables its actions. Undo deletes it or disables them again, unless the alarm was changed since.
An alarm that was made again has lost its tags and its history, and tells anew what it finds.
Leaves alone: all other alarms, above all those that come and go with your stacks and with Auto Scaling: guard only what is to stay, as a guarded alarm is put
back even if a stack's own update removes or silences it: exempt it first. Also alarms whose actions were never seen enabled; those whose names begin or end
with a space or end with `*`, which no command could give; log alarms; and mute rules and SetAlarmState, which silence an alarm for a time. Snapback's own
alarms are told by report_tampering. Told only: every other change of a guarded alarm (what it watches, when it rings, whom it tells), until somebody accepts
it, and one that went before a sweep has seen it.
Class: safe, because an alarm that is as it was does what it did, and disruptive where CloudFormation made the call: a stack that is deleted or replaces what
it owns would find it back.
"""

from collections.abc import Sequence
from typing import Any

from snapback import Remediation
from snapback.cloudwatch.alarms import ALARM, ENDANGER, Loss, guarded_in, guarded_states, in_order, is_guarded, losses, put_back, state_of, take_back
from snapback.engine import memory
from snapback.engine.events import by_stack


def good(name: str) -> Any:  # noqa: ANN401 - a State, or None
    """Return the alarm as it is remembered."""
    return memory.recall(remediation.name, name)


def violation(name: str) -> Sequence[Loss]:
    """Return what the alarm has lost."""
    return losses(name, good(name))


def fix(name: str, lost: Sequence[Loss]) -> None:
    """Put it back as remembered."""
    put_back(name, lost, good(name))


def sweep(_: object) -> list[str]:
    """Return the guarded alarms that are not as remembered, gone ones included; all of them are read a hundred at a time."""
    different = memory.worth_a_look(remediation.name, guarded_states())
    return in_order([name for name in different if is_guarded(name)], good)


remediation = Remediation(
    resource=ALARM,
    named_by={**dict.fromkeys(ENDANGER, lambda record: in_order(guarded_in(record), good)), "Scheduled Event": sweep},
    violation=violation,
    fix=fix,
    undo=take_back,
    setting=state_of,
    remember=state_of,
    disruptive=by_stack,
)
handler = remediation.handler
