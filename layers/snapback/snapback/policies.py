"""Words for taking whoever may not be there out of the policy of a resource.

A policy is read and put as a whole, so what was there is kept as a whole: the evidence is the policy's own text, and an undo puts that text back.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html
"""

from collections.abc import Callable, Sequence
from typing import Any

from snapback import clock
from snapback.documents import Statement, statements, with_each
from snapback.errors import OnlyPeople
from snapback.principals import without

Judge = Callable[[Statement], Sequence[str]]
"""Returns those principals of a statement that may not be in it."""

_SETTLING = (0.0, 0.5, 2.0)
"""Seconds to wait before each look at a policy that is not the one that was seen: reads may lag."""

Opening = dict[str, Any]
"""{"LetsIn": the principals that may not be in the policy, "Policy": its text}."""


def openings(document: str | None, judge: Judge) -> list[Opening]:
    """Return the policy with those who may not be in it, or nothing if there are none or no policy."""
    found = list(dict.fromkeys(name for statement in statements(document or "{}") for name in judge(statement)))
    return [{"LetsIn": found, "Policy": document}] if found else []


def closed(read: Callable[[str], str | None], name: str, seen: Sequence[Opening], judge: Judge) -> str | None:
    """Return the policy without those who may not be in it: a statement that lets in nobody else goes, every other byte stays. None if no statement is left.

    It is read again first, as what others have put since would be lost. Raises `OnlyPeople` if it stays another than the one that was seen: to say later that
    Snapback has put it right would be wrong, and to undo that would be worse.
    """
    document: str = seen[0]["Policy"]
    for wait in _SETTLING:
        clock.pause(wait)
        if read(name) == document:
            return with_each(document, lambda statement: without(statement, judge(statement)))
    raise OnlyPeople("somebody else changed the policy while it was being put right, so nothing was done: see whether theirs is as it should be")
