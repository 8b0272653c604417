"""What a handler says whose problem is a resource's policy that lets in strangers: how it is read and put. The rest follows from that."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from snapback.engine.events import request_of
from snapback.engine.exemptions import OUTSIDE_ACCESS
from snapback.engine.remediation import Shape
from snapback.policies.openings import Opening, as_it_was, closed, let_in_by, openings, shut_in, still_let_in
from snapback.policies.principals import own_account
from snapback.policies.verdicts import everybody, outsiders


def _as_it_is(document: str | None) -> str | None:
    return document


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ResourcePolicy(Shape):
    """A policy that should not let in everybody: a handler says how it is read and put, and which part of a call has it.

    Violation: the policy, if it lets in everybody. Fix: leaves what they may do to the account's own principals. Undo: puts it back as it was, unless somebody
    has changed it since. People hear of it, too, if a call let in everybody or an account that is not trusted, and somebody else has taken that back before
    Snapback looked.
    """

    reader: Callable[[str], str | None]
    """Returns the text of the live policy, None if there is none."""
    writer: Callable[[str, Any], object]
    """Puts the policy, or removes it where None is left of it."""
    given_as: str
    """Which member of a call's request has the policy that it puts, as CloudTrail spells it."""
    acceptable: Callable[[str | None], str | None] = _as_it_is
    """Returns what is left of the policy if it can be put; raises `OnlyPeople` if what is left would do harm."""
    problem: str = OUTSIDE_ACCESS
    also_shut_by: Sequence[str] = ("remove-external-access",)
    shut: Callable[[str, Any], Sequence[Opening]] = field(init=False)
    setting: Callable[[str], Any] | None = field(init=False)

    def follows(self) -> Mapping[str, Callable[..., Any] | None]:
        """Return violation, fix and undo, what is told of a moment's opening, and what an undo compares."""
        return {
            "violation": self._openings,
            "fix": self._close,
            "undo": self._open_again,
            "opened": self.opened or self._let_in,
            "shut": self._let_in_no_more,
            "setting": self.reader,
            "stays": lambda resource: still_let_in(openings(self.reader(resource), outsiders)),
        }

    def _openings(self, resource: str) -> Sequence[Opening]:
        return openings(self.reader(resource), everybody)

    def _close(self, resource: str, seen: Sequence[Opening]) -> None:
        self.writer(resource, self.acceptable(closed(self.reader, resource, seen, everybody, own=own_account())))

    def _open_again(self, resource: str, seen: Sequence[Opening]) -> None:
        self.writer(resource, as_it_was(seen))

    def _let_in(self, record: Mapping[str, Any]) -> Sequence[Opening]:
        return let_in_by(request_of(record).get(self.given_as), outsiders)

    def _let_in_no_more(self, resource: str, opened: Sequence[Opening]) -> Sequence[Opening]:
        return shut_in(self.reader(resource), opened, outsiders)
