"""Words for changes of several parts, of which AWS may refuse one: that keeps none of the others."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from botocore.exceptions import ClientError

from snapback.clients import is_refused

_Part = TypeVar("_Part")


def all_or_each(change: Callable[[Sequence[_Part]], object], parts: Sequence[_Part]) -> None:
    """Change all parts with one call; if AWS refuses that, each with a call of its own. The first refusal is raised once every part had its turn.

    What passes by itself is raised at once: the event is tried again.
    """
    try:
        change(parts)
    except ClientError as error:
        if not is_refused(error) or len(parts) == 1:
            raise
        each(change, parts)


def each(change: Callable[[Sequence[_Part]], object], parts: Sequence[_Part]) -> None:
    """Change each part with a call of its own. The first refusal is raised once every part had its turn."""
    refused: list[ClientError] = []
    for part in parts:
        try:
            change([part])
        except ClientError as error:
            if not is_refused(error):
                raise
            refused.append(error)
    if refused:
        raise refused[0]
