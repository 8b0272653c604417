"""Words for work in several parts, of which AWS may refuse one: that keeps none of the others.

Whoever can have one call refused - by a policy of his own, a lock, a quota - could else keep all that comes after it. Not for steps that need the one
before: there the first refusal is the end.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from botocore.exceptions import ClientError

from snapback.engine.clients import is_refused, said_by
from snapback.engine.errors import OnlyPeople

_Part = TypeVar("_Part")


def refusal(operation: str, code: str, message: str) -> ClientError:
    """Return as an error what AWS refuses in an answer that else looks like a success: in a list of what it did not do."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


def try_each(parts: Iterable[_Part], do: Callable[[_Part], object]) -> None:
    """Do it for each part. The first refusal is raised once every part had its turn, so that the outcome is PARTIAL, with AWS's own sentence.

    Raises `OnlyPeople` if only people can do a part, and AWS has refused none. What passes by itself is raised at once: the event is tried again.
    """
    refusals: list[ClientError] = []
    for_people: list[OnlyPeople] = []
    for part in parts:
        try:
            do(part)
        except ClientError as error:
            if not is_refused(error):
                raise
            refusals.append(error)
        except OnlyPeople as error:
            for_people.append(error)
    for failure in [*refusals, *for_people]:
        raise failure


def all_or_each(parts: Sequence[_Part], change: Callable[[Sequence[_Part]], object]) -> None:
    """Change all parts with one call; if AWS refuses that, each with a call of its own. Raises as `try_each` does."""
    try:
        change(parts)
    except ClientError as error:
        if not is_refused(error) or len(parts) == 1:
            raise
        try_each(parts, lambda part: change([part]))


@contextmanager
def sharing_with_everybody(thing: str, *, blocked_by: str) -> Iterator[None]:
    """Share the thing with everybody in here; where AWS refuses, raise `OnlyPeople` with its sentence and which fix to take back first.

    Not by the code: for images it is OperationNotPermitted, for snapshots and documents AWS documents none.
    """
    try:
        yield
    except ClientError as error:
        if not is_refused(error):
            raise
        why = f"AWS refuses to share {thing} with everybody again: {said_by(error)}"
        raise OnlyPeople(f"{why}. If that is because public sharing is blocked, take back {blocked_by} first") from error
