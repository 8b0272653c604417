"""Switch Amazon Inspector on again where it was switched off.

Problem: Amazon Inspector is off or scans less. Severity: high.

Why it matters: what is not scanned has no known weaknesses, until somebody uses one.

Wrong when: a type of resource that the last hourly sweep saw scanned is scanned no more; if none was ever seen, when nothing is scanned at all.
Fix: enables those types, or the standard ones (EC2, ECR, Lambda functions) where nobody remembers. Undo disables the same.
Leaves alone: regions in which Inspector was never seen on, types that were never seen scanned, other accounts, and how types are scanned.
A type that AWS refuses keeps none of the others off, and is told; an account that an administrator manages may be refused all of them. Whoever wants less
scanned exempts the account first.
Class: safe, because Inspector only looks, and what it scanned before it may scan again; disruptive where CloudFormation made the call: a stack that is deleted
or replaces what it owns would find it back.
"""

from snapback import Evidence, Remediation, settings
from snapback.engine import memory, switches
from snapback.engine.events import account_calls, by_stack
from snapback.inspector2.inspections import scanned, switch_off, switch_on, what_is_off


def violation(account: str) -> Evidence:
    """Return the types that are scanned no more."""
    return what_is_off(account, memory.recall(remediation.name, account))


def fix(account: str, off: Evidence) -> None:
    """Scan them again."""
    switch_on(account, off)


def undo(account: str, off: Evidence) -> None:
    """Scan them no more."""
    switch_off(account, off)


def sweep(_: object) -> list[str]:
    """Return the account, if Inspector is or was seen to be on here."""
    return switches.seen_on(remediation.name, now=lambda: scanned(settings.own_account()))


remediation = Remediation(
    resource="AWS::::Account",
    named_by=account_calls("Disable", sweep=sweep),
    violation=violation,
    fix=fix,
    undo=undo,
    remember=lambda account: scanned(account) or None,
    disruptive=by_stack,
)
handler = remediation.handler
