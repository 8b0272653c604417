"""Switch Amazon Macie on again where it was switched off or paused.

Problem: Amazon Macie is off or paused. Severity: medium.

Why it matters: Macie is what notices personal data in a bucket that lies open.

Wrong when: Macie is off or paused in a region in which it was on.
Fix: enables it as the last hourly sweep saw it, or resumes it. Undo disables it or pauses it again; what was set up in it meanwhile goes with it.
Leaves alone: regions in which Macie was never seen on, and what went when it was disabled (jobs, identifiers, allow lists, findings: nobody gets those back).
An account that an administrator manages may be refused the fix; that is told. Whoever wants Macie off exempts the account first.
Class: safe, because Macie only reads, and disruptive where CloudFormation made the call: a stack that is deleted or replaces what it owns would find it
back.
"""

from snapback.engine.events import by_stack
from snapback.engine.switches import KeptOn
from snapback.macie2.macie_sessions import is_on, session, switch_off, switch_on, what_is_off

remediation = KeptOn(
    declared_in=__name__,
    switched_off_by=("DisableMacie", "UpdateMacieSession"),
    is_on=is_on,
    state=session,
    what_is_off=what_is_off,
    switch_on=switch_on,
    switch_off=switch_off,
    disruptive=by_stack,
)
handler = remediation.handler
