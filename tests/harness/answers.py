"""AWS's answers with something left out, and what of an answer a handler reads.

Places are spelled as `snapback.engine.answers` spells them: `ec2:DescribeSubnets.Subnets[].SubnetId`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import botocore.model
import pytest

from snapback.engine import answers, clients
from tests.harness.account import ApiCall, Interference

_read: dict[str, None] = {}
_lists: dict[str, None] = {}


class _Watched(answers.Answer):
    """An answer that notes which of its members are read, whichever way."""

    def _note(self, *members: str) -> None:
        for member in members:
            if dict.__contains__(self, member):
                _read[f"{self.where}.{member}"] = None
                if isinstance(dict.__getitem__(self, member), list):
                    _lists[f"{self.where}.{member}"] = None

    def __getitem__(self, member: str) -> Any:  # noqa: ANN401 - as a dict's values
        self._note(member)
        return super().__getitem__(member)

    def get(self, member: str, default: Any = None) -> Any:  # noqa: ANN401
        self._note(member)
        return super().get(member, default)

    def __contains__(self, member: object) -> bool:
        self._note(str(member))
        return super().__contains__(member)

    def __iter__(self) -> Iterator[str]:
        self._note(*dict.keys(self))
        return super().__iter__()

    def keys(self) -> Any:  # noqa: ANN401
        self._note(*dict.keys(self))
        return super().keys()

    def items(self) -> Any:  # noqa: ANN401
        self._note(*dict.keys(self))
        return super().items()

    def values(self) -> Any:  # noqa: ANN401
        self._note(*dict.keys(self))
        return super().values()


def watch(patch: pytest.MonkeyPatch) -> None:
    """Let every answer from now on note what is read of it."""
    patch.setattr(answers, "Answer", _Watched)
    patch.setattr(clients, "Answer", _Watched)


def forget() -> None:
    _read.clear()
    _lists.clear()


def unread(_: ApiCall, __: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
    """Make the call; what botocore reads of an answer that is sent back in it, nobody has read."""
    before = dict(_read), dict(_lists)
    try:
        return really()
    finally:
        forget()
        _read.update(before[0])
        _lists.update(before[1])


def read(model_of: Any) -> list[str]:  # noqa: ANN401 - a service's name -> its botocore model
    """Return the members that were read since `forget`, but for those without which AWS's model has no such answer."""
    return [place for place in _read if _is_optional(place, model_of)]


def lists_read() -> list[str]:
    """Return the lists among what was read."""
    return list(_lists)


def _is_optional(place: str, model_of: Any) -> bool:  # noqa: ANN401
    call, _, path = place.partition(".")
    service, operation = call.split(":")
    shape: botocore.model.Shape | None = model_of(service).operation_model(operation).output_shape
    *way, last = path.replace("[]", ".[]").split(".")
    for step in way:
        shape = _inside(shape, step)
    if isinstance(shape, botocore.model.StructureShape):
        return last in shape.members and last not in shape.required_members
    return isinstance(shape, botocore.model.MapShape)  # else it stands in a document: AWS keeps that as it was put


def _inside(shape: botocore.model.Shape | None, step: str) -> botocore.model.Shape | None:
    match shape:
        case botocore.model.StructureShape():
            return shape.members.get(step)
        case botocore.model.ListShape():
            return shape.member
        case botocore.model.MapShape():
            return shape.value
    return None


def without(place: str, *, emptied: bool = False) -> Interference:
    """Return an interference that leaves the member out of every answer, or gives it as an empty list."""
    call, _, path = place.partition(".")

    def interfere(made: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        answer = really()
        return _less(answer, path, emptied=emptied) if call == f"{made.service}:{made.operation}" and not made.own else answer

    return interfere


def _less(value: Any, path: str, *, emptied: bool) -> Any:  # noqa: ANN401
    """Return a part of an answer, but for what is at the end of the path: `Subnets[].SubnetId`."""
    if isinstance(value, list):
        return [_less(item, path.removeprefix("[]").removeprefix("."), emptied=emptied) for item in value]
    if not isinstance(value, Mapping):
        return value
    member = next((one for one in sorted(value, key=len, reverse=True) if path == one or path.startswith((f"{one}.", f"{one}["))), None)
    if member is None:
        return value
    rest = path.removeprefix(member)
    if rest:
        return {**value, member: _less(value[member], rest.removeprefix("."), emptied=emptied)}
    return {**value, member: []} if emptied else {name: one for name, one in value.items() if name != member}
