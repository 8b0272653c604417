"""The names of everything of a type: a sweep looks at all that there is, not at what an event names.

Each service's package has a module `everything`, whose `ALL` says for the types that its remediations are about how to list them, by the names by which they
know them: those of this account, in this region.
"""

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

Lister = Callable[[], Iterable[str]]


def each(client: Any, operation: str, members: str, name: str = "", **asked: Any) -> Iterator[str]:  # noqa: ANN401 - any service's client and parameters
    """Yield the name of each member, as the service gives them page by page; each member itself, where those are names."""
    for page in client.get_paginator(operation).paginate(**asked):
        for member in page[members]:
            yield member[name] if name else member


def lister_of(kind: str) -> Lister | None:
    """Return what lists everything of a type, None if nothing does: in whichever service's package that is, of which the engine knows none by name."""
    for package in pkgutil.iter_modules([str(Path(__file__).parents[1])]):
        name = f"snapback.{package.name}.everything"
        if importlib.util.find_spec(name):
            known: Mapping[str, Lister] = importlib.import_module(name).ALL
            if kind in known:
                return known[kind]
    return None
