"""Members that AWS's model has and a resource of the tests has not: put into what is read, and looked for in what is written.

The emulators hear nothing of them: they are taken out of a call before it is made, and put into every answer. That is as if AWS kept them.
"""

import copy
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from tests.harness.account import ApiCall

MARK = "kept-by-a-test"
_NUMBERS = ("integer", "long", "float", "double")


def operation_model(service: str, operation: str) -> OperationModel:
    return boto3.client(service).meta.service_model.operation_model(operation)  # type: ignore[call-overload,no-any-return]  # any service


def structures(value: Any, shape: Shape | None) -> Iterator[tuple[StructureShape, dict[str, Any]]]:  # noqa: ANN401 - any part of a call
    """Yield every structure in a part of a call or of an answer, with its shape."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        yield shape, value
        for name, inner in list(value.items()):
            yield from structures(inner, shape.members.get(name))
    elif isinstance(shape, ListShape) and isinstance(value, list | tuple):
        for inner in value:
            yield from structures(inner, shape.member)
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        for inner in value.values():
            yield from structures(inner, shape.value)


def example(shape: Shape, depth: int = 0) -> Any:  # noqa: ANN401 - whatever the shape takes
    """Return a value that the shape takes."""
    if isinstance(shape, StructureShape):
        wanted = shape.required_members or ([] if depth > 2 else list(shape.members)[:1])
        return {name: example(shape.members[name], depth + 1) for name in wanted}
    if isinstance(shape, ListShape):
        return [example(shape.member, depth + 1)]
    if isinstance(shape, MapShape):
        return {MARK: example(shape.value, depth + 1)}
    number = shape.metadata.get("min") or 1
    plain = {"boolean": True, "timestamp": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "blob": MARK.encode(), **dict.fromkeys(_NUMBERS, number)}
    return plain.get(shape.type_name) or (getattr(shape, "enum", None) or [MARK])[0]


@dataclass
class Keeper:
    """An interference that plays AWS: it adds to what is read, and notes what is missing in what is written."""

    pairs: Mapping[str, tuple[str, str]]
    """Calls whose flat parameters replace a structure of an answer: `iam:UpdateAccountPasswordPolicy` -> the call that reads it, and the structure's name."""
    spared: Callable[[str], bool]
    """Tells whether a member need not be added, or carried over: `undo s3:PutBucketEncryption s3.ServerSideEncryptionRule.BlockedEncryptionTypes`."""
    written: Mapping[str, set[str]]
    """Service -> names of the structures that are written."""
    phase: str = "fix"
    added: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Service and name of a structure, with a dot between -> what is added to each of them."""
    dropped: list[str] = field(default_factory=list)

    def __call__(self, call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.own:
            return really()
        model = operation_model(call.service, call.operation)
        if call.is_write:
            self._take_out(call, model)
            return really()
        answer = really()
        for shape, structure in structures(answer, model.output_shape):
            self._add(call, shape, structure)
        return answer

    def _add(self, call: ApiCall, shape: StructureShape, structure: dict[str, Any]) -> None:
        kind = f"{call.service}.{shape.name}"
        if shape.name not in self.written.get(call.service, ()):
            return
        where = f"read {call.service}:{call.operation}"
        more = {name: example(inner) for name, inner in shape.members.items() if name not in structure and not self.spared(f"{where} {kind}.{name}")}
        self.added.setdefault(kind, {}).update(more)
        structure.update(copy.deepcopy(more))

    def _take_out(self, call: ApiCall, model: OperationModel) -> None:
        name = f"{call.service}:{call.operation}"
        for shape, structure in list(structures(call.parameters, model.input_shape)):
            is_flat = structure is call.parameters
            kind = f"{call.service}.{self.pairs[name][1]}" if is_flat and name in self.pairs else f"{call.service}.{shape.name}"
            for member, value in self.added.get(kind, {}).items():
                if member not in shape.members or not isinstance(example(shape.members[member]), type(value)):
                    continue
                what = f"{self.phase} {name} {kind}.{member}"
                if structure.get(member) == value:
                    del structure[member]
                elif member not in structure and not self.spared(what):
                    self.dropped.append(what)
