"""Words for taking whoever may not be there out of the policy of a resource.

A policy is read and put as a whole, so what was there is kept as a whole: the evidence is the policy's own text, and an undo puts that text back.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html
"""

from collections.abc import Callable, Sequence
from typing import Any

from snapback.documents import Statement, statements, with_each
from snapback.errors import ResourceBusy
from snapback.principals import without

Judge = Callable[[Statement], Sequence[str]]
"""Returns those principals of a statement that may not be in it."""

Opening = dict[str, Any]
"""{"LetsIn": the principals that may not be in the policy, "Policy": its text}."""


def openings(document: str | None, judge: Judge) -> list[Opening]:
    """Return the policy with those who may not be in it, or nothing if there are none or no policy."""
    found = list(dict.fromkeys(name for statement in statements(document or "{}") for name in judge(statement)))
    return [{"LetsIn": found, "Policy": document}] if found else []


def closed(document: str | None, seen: Sequence[Opening], judge: Judge) -> str | None:
    """Return the policy without those who may not be in it: a statement that lets in nobody else goes, every other byte stays. None if no statement is left.

    Raises `ResourceBusy` if it is not the policy that was seen: somebody else is at it, and what they have put will be looked at by itself.
    """
    if document is None or document != seen[0]["Policy"]:
        raise ResourceBusy("the policy was changed while it was being put right")
    return with_each(document, lambda statement: without(statement, judge(statement)))
