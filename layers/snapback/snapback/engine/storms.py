"""Storms: which alert goes out now, and which waits to be told with others in a digest (docs/adr/0006-storms.md).

A remediation that has told STORM_AFTER alerts within ten minutes puts off the next ones, and `digests` tells those together. The journal counts: with the claim
(`Fix.in_storm` is its answer), or here, where nothing is claimed. What a person waits for is never put off.
"""

from snapback.engine import counts, names
from snapback.engine.alerts import Notifiable
from snapback.engine.outcomes import Outcome


def puts_off_outcome(case: Notifiable) -> bool:
    """Tell whether it waits for a digest how claimed work has ended."""
    return case.fix.in_storm and not _is_told_alone(case)


def puts_off_notice(case: Notifiable, outcome: Outcome) -> bool:
    """Tell whether what ended without a claim waits for a digest; counts it. HELD is what ends a storm, so it never waits for the end of one."""
    if outcome is Outcome.HELD or case.signal.is_urgent:
        return False
    return case.signal.is_together or counts.is_storm(case.remediation.name)


def puts_off_held(case: Notifiable) -> bool:
    """Tell whether a further resource that is held waits for a digest: it does, for that the remediation is held was told with the first."""
    return not _is_told_alone(case)


def puts_off_undo(remediation: str, *, is_asked_for: bool) -> bool:
    """Tell whether it waits for a digest that a fix was taken back: what a person has asked for does not, but ends may come in hundreds."""
    return not is_asked_for and counts.is_storm(remediation)


def _is_told_alone(case: Notifiable) -> bool:
    """Tell whether it is told alone even in a storm: what is critical, and how it ended for the canary, which waits for that alert."""
    return case.signal.is_urgent or any(item.get("Description") == names.CANARY for item in case.fix.evidence)
