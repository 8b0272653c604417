"""Switch GuardDuty on again where it was switched off, suspended or made to see less.

Problem: GuardDuty is off or sees less. Severity: high.

Why it matters: GuardDuty is what notices a stolen key or a miner, and the first thing that an intruder would want gone.

Wrong when: the region's detector was deleted or suspended, or sees less than the last hourly sweep saw: a protection plan is off, findings come less often.
Fix: makes the detector again as it was seen, or switches on what is off. Undo deletes it, or switches the same off again, if
nobody has set it up otherwise since.
Leaves alone: regions in which GuardDuty was never seen on, whatever was switched on besides, and what went with a deleted detector (findings, filters, lists).
A protection plan that AWS refuses keeps nothing else off, and is told; an account that an administrator manages may be refused all of it. Told only: a deleted
detector that no sweep has seen.
Whoever wants less detected exempts the account first.
Class: safe, because GuardDuty only reads, and disruptive where CloudFormation made the call: a stack that is deleted or replaces what it owns would find it
back.
"""

from snapback.engine.events import by_stack
from snapback.engine.switches import KeptOn
from snapback.guardduty.detectors import detector, is_detecting, switch_off, switch_on, what_is_off

remediation = KeptOn(
    declared_in=__name__,
    switched_off_by=("DeleteDetector", "UpdateDetector"),
    is_on=is_detecting,
    state=detector,
    what_is_off=what_is_off,
    switch_on=switch_on,
    switch_off=switch_off,
    setting=lambda _: detector(),  # to delete it, or to switch a plan off, would take what somebody has added since
    disruptive=by_stack,
)
handler = remediation.handler
