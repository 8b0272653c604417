"""Put a guarded CloudWatch alarm back that was deleted, or silenced.

Why it matters: who does not want to be noticed deletes the alarm first, or lets it ring without telling anybody.

Wrong when: an alarm whose name begins with one of GuardedAlarms (empty unless set: none) was seen by the last hourly sweep, and is gone; or had its actions
enabled then, and has them disabled.
Fix: makes it again as it was seen, or enables its actions. Undo deletes it or disables them again, unless the alarm was changed since.
Leaves alone: all other alarms, above all those that come and go with your stacks and with Auto Scaling: guard only what is to stay. A guarded alarm is put back
even if a stack's own update removes or silences it: exempt it first. Also every other change of an alarm; alarms whose actions were never seen enabled; and log
alarms. Snapback's own alarms are told by report_tampering. Told only: a guarded alarm that went before a sweep has seen it.
An alarm that was made again has lost its tags and its history, and tells anew what it finds.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Remediation, journal
from snapback.alarms import ALARM, Loss, State, guarded_alarms, guarded_in, is_composite, losses, put_back, state_of, still_good, take_back


def violation(name: str) -> Sequence[Loss]:
    """Return what the alarm has lost."""
    return losses(name, journal.recall(remediation.name, name))


def fix(name: str, lost: Sequence[Loss]) -> None:
    """Put it back as remembered."""
    put_back(name, lost, journal.recall(remediation.name, name))


def undo(name: str, lost: Sequence[Loss]) -> None:
    """Take it back."""
    take_back(name, lost)


def good(name: str) -> State:
    """Return what to remember."""
    return still_good(name, journal.recall(remediation.name, name))


def named(record: Mapping[str, Any]) -> list[str]:
    """Return the guarded alarms that a call names, composite ones last: AWS makes one only if those are there that it is made of."""
    return sorted(guarded_in(record), key=lambda name: is_composite(journal.recall(remediation.name, name)))


remediation = Remediation(
    resource=ALARM,
    named_by={**dict.fromkeys(("DeleteAlarms", "DisableAlarmActions"), named), "Scheduled Event": lambda _: guarded_alarms()},
    violation=violation,
    fix=fix,
    undo=undo,
    setting=state_of,
    remember=good,
)
handler = remediation.handler
