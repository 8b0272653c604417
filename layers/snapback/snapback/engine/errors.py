"""What can go wrong inside Snapback itself, as a small tree.

Every one of these is raised out of the Lambda handler on purpose: Lambda then tries the event again and, in the end, puts it into the
dead-letter queue together with the message, where the alarm finds it. A resource that is gone or a fix that AWS refuses is not an error
but an outcome (see `outcomes`).
"""

from collections.abc import Sequence
from typing import Self


class SnapbackError(Exception):
    """Base of all of Snapback's own errors."""


class UnreadableEvent(SnapbackError):  # noqa: N818 - reads as what it is in the dead-letter queue
    """The event cannot be understood, so nothing was done; the message says which part."""


class ConfigurationError(SnapbackError):
    """An environment variable of the function is missing or has an impossible value."""


class CommandError(SnapbackError):
    """An operator command is incomplete, or refers to something that cannot be done."""


class JournalError(SnapbackError):
    """The journal gave an answer that Snapback does not understand, so nothing was changed."""


class IncompleteAnswer(SnapbackError):  # noqa: N818
    """AWS answered without something that no verdict can do without, so nothing was changed; the message says what is missing in which answer."""


class ResourceBusy(SnapbackError):  # noqa: N818
    """Another invocation was still working on the resource when this one ran out of patience; the retry will look again."""


class StillChanging(ResourceBusy):
    """AWS is still at work on the resource itself, which lasts minutes to hours: it is looked at again later, at growing distances."""


class EvidenceTooLarge(SnapbackError):  # noqa: N818
    """The state to be remembered does not fit into a journal entry, so nothing may be changed; never raised out of Lambda, for people hear of it."""


class OnlyPeople(SnapbackError):  # noqa: N818
    """A handler's word, never raised out of Lambda: this problem can only be put right by people; the message says how."""


class ComesLater(OnlyPeople):
    """A handler's word, never raised out of Lambda: nothing can be done yet, and AWS itself will say when it can, in an event that is heard."""

    def __init__(self, why: str, news: str) -> None:
        """`news`: the detail-type of that event."""
        super().__init__(why)
        self.news = news


class BelongsElsewhere(SnapbackError):  # noqa: N818
    """A handler's word, never raised out of Lambda: the resource is another account's or region's to change."""


class FindingsBusy(SnapbackError):  # noqa: N818
    """Security Hub could not resolve a finding at this moment; the fix is made and told, and the retry resolves the finding."""


class NothingLeft(SnapbackError):  # noqa: N818
    """A handler's word, never raised out of Lambda: of all that the event may be about, nothing needs a look."""


class SeveralFailed(SnapbackError):  # noqa: N818
    """Some of the event's resources were handled and some were not; the retry continues with those that were not."""

    @classmethod
    def of(cls, failures: Sequence[Exception], number: int) -> Self:
        """Return the error that has the reasons of the first few; `number` is of all that had their turn."""
        reasons = "; ".join(f"{type(failure).__name__}: {failure}" for failure in failures[:5])
        return cls(f"{len(failures)} of {number} resources failed: {reasons}")
