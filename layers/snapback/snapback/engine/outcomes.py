"""How an event can end for one resource. These are facts, not errors.

Each is spelled the same in the log, the journal, the metric's dimension, the SNS attribute and the alert.
"""

from enum import StrEnum


class Outcome(StrEnum):
    """One word for what happened to one resource."""

    FIXED = "FIXED"
    """The problem was seen, put right, and seen to be right."""
    ALREADY_OK = "ALREADY_OK"
    """The live resource shows no problem; nothing was written."""
    HANDLED = "HANDLED"
    """This very event was dealt with before; nothing was written."""
    NO_CHANGE = "NO_CHANGE"
    """The event tells of nothing to act on (a failed or read-only call, a compliant resource, a closed finding), or not yet: AWS will tell of it again."""
    ELSEWHERE = "ELSEWHERE"
    """The resource is in another account or region; the Snapback there handles it."""
    OWN_CHANGE = "OWN_CHANGE"
    """The change was made by this function itself."""
    EXEMPT = "EXEMPT"
    """Somebody answers for leaving the resource as it is, until a date."""
    OFF = "OFF"
    """A person has switched the remediation off; of threats people hear all the same."""
    WOULD_FIX = "WOULD_FIX"
    """Preview: the problem is there, and the alert lists the calls that would put it right."""
    HELD = "HELD"
    """Too many fixes in an hour, or the exemptions cannot be read: a person has to decide."""
    CONTESTED = "CONTESTED"
    """The same resource keeps being broken: somebody or something works against the fix."""
    DEFERRED = "DEFERRED"
    """It is looked at again later: it was just made and whoever makes it may go on, or AWS is still at work on it."""
    GONE = "GONE"
    """The resource does not exist any more."""
    PARTIAL = "PARTIAL"
    """Some of the problem is put right and some is still there."""
    FAILED = "FAILED"
    """AWS refused the call; the problem is still there."""
    UNVERIFIED = "UNVERIFIED"
    """The fix was sent and accepted, but the problem is still to be seen."""
    REPORTED = "REPORTED"
    """There is nothing to fix; people were told."""
    UNDONE = "UNDONE"
    """An operator took a fix back."""
    UNDO_REFUSED = "UNDO_REFUSED"
    """An undo was asked for, but the resource has changed since the fix (or was never changed), or AWS refuses it: the reason has AWS's own sentence."""
    EXEMPTED = "EXEMPTED"
    """An operator granted or ended an exemption."""
    ACCEPTED = "ACCEPTED"
    """An operator accepted a resource as it is now, to be remembered so, or forgotten if it is gone."""
    CHOSEN = "CHOSEN"
    """An operator chose whether the remediation is off, only shows, or puts right."""
    DIGEST = "DIGEST"
    """Many outcomes at once, told together."""


TOLD = frozenset(
    {
        Outcome.FIXED,
        Outcome.WOULD_FIX,
        Outcome.HELD,
        Outcome.CONTESTED,
        Outcome.PARTIAL,
        Outcome.FAILED,
        Outcome.UNVERIFIED,
        Outcome.REPORTED,
        Outcome.UNDONE,
        Outcome.UNDO_REFUSED,
        Outcome.EXEMPTED,
        Outcome.ACCEPTED,
        Outcome.CHOSEN,
    }
)
"""Outcomes that people hear of, and that are counted (OutcomesMetric in the template). The others are in the log only."""

UNSETTLED = frozenset({Outcome.HELD, Outcome.CONTESTED, Outcome.PARTIAL, Outcome.FAILED, Outcome.UNVERIFIED, Outcome.REPORTED, Outcome.UNDO_REFUSED})
"""Outcomes that were not wished for: something is left to people, or may be."""

NEEDS_PERSON = UNSETTLED | {Outcome.WOULD_FIX}
"""Outcomes after which nothing more happens unless a person does something. So it is with every threat, however it ended: somebody has to investigate."""
