"""The names of everything of a type: a sweep looks at all that there is, not at what an event names.

Each service's package has a module `everything`, whose `ALL` says for the types that its remediations are about how to list them, by the names by which they
know them: those of this account, in this region.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

Lister = Callable[[], Iterable[str]]


def each(client: Any, operation: str, members: str, name: str = "", **asked: Any) -> Iterator[str]:  # noqa: ANN401 - any service's client and parameters
    """Yield the name of each member, as the service gives them page by page; each member itself, where those are names."""
    for page in client.get_paginator(operation).paginate(**asked):
        for member in page[members]:
            yield member[name] if name else member
