"""Switch Amazon Macie on again where it was switched off or paused.

Why it matters: Macie is what notices personal data in a bucket that lies open.

Wrong when: Macie is off or paused in a region in which it was on.
Fix: enables it as the last hourly sweep saw it, or resumes it. Undo disables it or pauses it again; what was set up in it meanwhile goes with it.
Leaves alone: regions in which Macie was never seen on, and what went when it was disabled (jobs, identifiers, allow lists, findings: nobody gets those back).
An account that an administrator manages may be refused the fix; that is told. Whoever wants Macie off exempts the account first.
Class: safe, because Macie only reads, and disruptive where CloudFormation made the call: a stack that is deleted or replaces what it owns would find it
back.
"""

from snapback import Evidence, Remediation
from snapback.engine import memory, switches
from snapback.engine.events import account_calls, by_stack
from snapback.macie2.macie_sessions import is_on, session, switch_off, switch_on, what_is_off


def violation(_: str) -> Evidence:
    """Return whether it is off or paused."""
    return what_is_off()


def fix(account: str, off: Evidence) -> None:
    """Switch it on as remembered."""
    switch_on(off, memory.recall(remediation.name, account))


def undo(_: str, off: Evidence) -> None:
    """Switch it off again."""
    switch_off(off)


def sweep(_: object) -> list[str]:
    """Return the account, if Macie is or was seen to be on here."""
    return switches.seen_on(remediation.name, now=is_on)


remediation = Remediation(
    resource="AWS::::Account",
    named_by=account_calls("DisableMacie", "UpdateMacieSession", sweep=sweep),
    violation=violation,
    fix=fix,
    undo=undo,
    remember=lambda _: session(),
    disruptive=by_stack,
)
handler = remediation.handler
