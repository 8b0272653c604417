"""Put a guarded CloudWatch alarm back that was deleted, or silenced.

Why it matters: who does not want to be noticed deletes the alarm first, or lets it ring without telling anybody.

Wrong when: an alarm whose name begins with one of GuardedAlarms (empty unless set: none) was seen by the last hourly sweep, and is gone; or had its actions
enabled then, and has them disabled.
Fix: makes it again as it was seen, or enables its actions. Undo deletes it or disables them again, unless the alarm was changed since.
An alarm that was made again has lost its tags and its history, and tells anew what it finds.
Leaves alone: all other alarms, above all those that come and go with your stacks and with Auto Scaling: guard only what is to stay, as a guarded alarm is put
back even if a stack's own update removes or silences it: exempt it first. Also every other change of an alarm; alarms whose actions were never seen enabled;
and log alarms. Snapback's own alarms are told by report_tampering. Told only: a guarded alarm that went before a sweep has seen it.
"""

from collections.abc import Sequence
from typing import Any

from snapback import Remediation, journal
from snapback.alarms import ALARM, Loss, guarded_alarms, guarded_in, losses, put_back, state_of, still_good, take_back


def memory(name: str) -> Any:  # noqa: ANN401 - a State, or None
    """Return the alarm as the last sweep saw it."""
    return journal.recall(remediation.name, name)


def violation(name: str) -> Sequence[Loss]:
    """Return what the alarm has lost."""
    return losses(name, memory(name))


def fix(name: str, lost: Sequence[Loss]) -> None:
    """Put it back as remembered."""
    put_back(name, lost, memory(name))


remediation = Remediation(
    resource=ALARM,
    named_by={**dict.fromkeys(("DeleteAlarms", "DisableAlarmActions"), lambda record: guarded_in(record, memory)), "Scheduled Event": guarded_alarms},
    violation=violation,
    fix=fix,
    undo=take_back,
    setting=state_of,
    remember=lambda name: still_good(name, memory(name)),
)
handler = remediation.handler
