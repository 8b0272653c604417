"""AWS's answers, read so that nothing is concluded from what is not in them.

Of most answers AWS's models promise nothing: nearly every member is optional. Where AWS documents what it means that a member is missing (a bucket without
`LoggingEnabled` writes no log), the reader asks for it with `get` and says so. Everywhere else the answer cannot be judged without it: then reading it raises
`IncompleteAnswer`, which names call and member in the dead letter, and nothing is changed.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from snapback.engine.errors import IncompleteAnswer

Item = TypeVar("Item")


class Answer(dict[str, Any]):
    """A structure in an answer: a dict whose missing members say that AWS left them out."""

    __slots__ = ("where",)

    def __init__(self, where: str, members: Mapping[str, Any]) -> None:
        """Take the members over, with all that is in them. `where` spells the place: `ec2:DescribeSubnets.Subnets[]`."""
        super().__init__(members)
        self.where = where
        for name, value in members.items():
            if isinstance(value, (dict, list)):
                self[name] = understood(f"{where}.{name}", value)

    def __missing__(self, member: str) -> Any:  # noqa: ANN401 - as a dict's values
        """Raise what says where which member is missing."""
        raise IncompleteAnswer(f"AWS's answer cannot be judged without {self.where}.{member}")


class Items(list[Any]):
    """A list in an answer, which knows its place as well."""

    __slots__ = ("where",)

    def __init__(self, where: str, items: Iterable[Any]) -> None:
        """Take the items over. `where` spells the place: `ec2:DescribeSubnets.Subnets`."""
        super().__init__(understood(f"{where}[]", item) for item in items)
        self.where = where


def understood(where: str, value: Any) -> Any:  # noqa: ANN401 - any part of an answer
    """Return a part of an answer with all its structures and lists as those above."""
    if isinstance(value, dict):
        return Answer(where, value)
    return Items(where, value) if isinstance(value, list) else value


def the_one(found: Sequence[Item], where: str = "") -> Item:
    """Return the one item of a list from which one was asked for by its name; raise `IncompleteAnswer` if there is none, or if there are more.

    `where` spells the place of a list that was put together from pages, and does not know it.
    """
    if len(found) != 1:
        raise IncompleteAnswer(f"AWS's answer has {len(found)} items in {where or getattr(found, 'where', 'a list')} where one was asked for")
    return found[0]
