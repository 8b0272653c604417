"""What a handler says whose problem is a resource that is shared with everybody, by a list of who may use it. The rest follows from that."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from snapback.engine.remediation import Shape
from snapback.policies.openings import still_shared_with
from snapback.policies.principals import account_of, trusted_accounts

Share = Mapping[str, Any]
"""Somebody with whom it is shared, by AWS's own names: {"Group": "all"}, {"AccountId": "111122223333", …}."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Sharing(Shape):
    """A resource that should not be shared with everybody: a handler says with whom it is, and how that is ended and begun.

    Violation: that it is shared with everybody. Fix: ends that, and nothing else. Undo: begins it again. Whom `opened` says that a call let in, for a moment
    only, people hear of as long as they are not let in any more.
    """

    shared_with: Callable[[str], Sequence[Share]]
    """Returns everybody with whom it is shared now."""
    everybody: Share
    """What such an entry says if it stands for everybody."""
    end: Callable[[str], object]
    """Shares it with everybody no more."""
    begin: Callable[[str, Share], object]
    """Shares it with everybody again, as it was."""
    shut: Callable[[str, Any], Sequence[Share]] = field(init=False)

    def follows(self) -> Mapping[str, Callable[..., Any]]:
        """Return violation, fix and undo, and who is let in no more."""
        return {
            "violation": lambda name: [one for one in self.shared_with(name) if _says(one, self.everybody)],
            "fix": lambda name, _: self.end(name),
            "undo": lambda name, before: self.begin(name, before[0]),
            "shut": self._let_in_no_more,
            "stays": self._strangers,
        }

    def _strangers(self, name: str) -> str:
        named = [str(value) for one in self.shared_with(name) if not _says(one, self.everybody) for value in one.values()]
        return still_shared_with([one for one in named if account_of(one) not in {"", *trusted_accounts()}])

    def _let_in_no_more(self, name: str, opened: Sequence[Share]) -> Sequence[Share]:
        still = self.shared_with(name)
        return [one for one in opened if not any(_says(there, one) for there in still)]


def _says(entry: Share, what: Share) -> bool:
    return what.items() <= entry.items()
