"""Switch GuardDuty on again where it was switched off, suspended or made to see less.

Why it matters: GuardDuty is what notices a stolen key or a miner, and the first thing that an intruder would want gone.

Wrong when: the region's detector was deleted or suspended, or sees less than the last hourly sweep saw: a protection plan is off, findings come less often.
Fix: makes the detector again as it was seen, or switches on what is off. Undo deletes it, or switches the same off again.
Leaves alone: regions in which GuardDuty was never seen on, whatever was switched on besides, and what went with a deleted detector (findings, filters, lists).
A protection plan that AWS refuses keeps nothing else off, and is told; an account that an administrator manages may be refused all of it. Told only: a deleted
detector that no sweep has seen.
Whoever wants less detected exempts the account first.
Class: safe, because GuardDuty only reads, and disruptive where CloudFormation made the call: a stack that is deleted or replaces what it owns would find it
back.
"""

from snapback import Evidence, Remediation
from snapback.engine import memory, switches
from snapback.engine.events import account_calls, by_stack
from snapback.guardduty.detectors import detector, is_detecting, switch_off, switch_on, what_is_off


def violation(account: str) -> Evidence:
    """Return what is off."""
    return what_is_off(memory.recall(remediation.name, account))


def fix(account: str, off: Evidence) -> None:
    """Switch it on as remembered."""
    switch_on(off, memory.recall(remediation.name, account))


def undo(_: str, off: Evidence) -> None:
    """Switch it off again."""
    switch_off(off)


def sweep(_: object) -> list[str]:
    """Return the account, if GuardDuty is or was seen to be on here."""
    return switches.seen_on(remediation.name, now=is_detecting)


remediation = Remediation(
    resource="AWS::::Account",
    named_by=account_calls("DeleteDetector", "UpdateDetector", sweep=sweep),
    violation=violation,
    fix=fix,
    undo=undo,
    remember=lambda _: detector(),
    disruptive=by_stack,
)
handler = remediation.handler
