"""The good state of what a remediation watches, kept to put back what is deleted or made less.

    MEMORY#<remediation>#<resource>   the state, as the handler's `remember` gives it
    MEMORIES#<remediation>            the names of all that is remembered, so that a sweep finds what is gone

**Memory never weakens by itself.** A sweep learns what it has not seen before, and what has only become more. Any other change is told, and kept out until a
person accepts it (`{"accept": …}`), so that who breaks something in small steps does not teach Snapback to hold the result for good. What is remembered and
gone is looked at by every sweep.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from snapback.engine import rows
from snapback.engine.clients import platform
from snapback.engine.names import shown

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactGetItemTypeDef, TransactWriteItemTypeDef

State = Any
"""Any JSON but null."""

_AT_ONCE = 50
"""Rows in one transaction, of the hundred that DynamoDB takes, so that they stay far below its 4 MB
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html)."""

_MORE = (("DISABLED", "ENABLED"), (False, True))
"""From, to: changes of a single value by which there is only more of it."""

_LONGEST = 80
"""Characters of a changed value that are shown."""


_SEARCH = "#found"
"""In the place of a resource's name, for what a search has found."""


class Change(NamedTuple):
    """A part that is not as it was, nor more than it was."""

    part: str
    was: object
    now: object

    def as_json(self) -> dict[str, Any]:
        """Return it as evidence, in which a text that is a document of its own is not spelled out: policies may hold secrets."""
        return {"Changed": self.part, "Was": _in_short(self.was), "Is": _in_short(self.now)}


def recall(remediation: str, resource: str) -> State:
    """Return the good state that is remembered, or None."""
    row = rows.row(_key(remediation, resource))
    return json.loads(row["good"]["S"]) if row else None


def names(remediation: str) -> list[str]:
    """Return the names of all resources of which the remediation remembers something."""
    row = rows.row(_index(remediation))
    return sorted(row.get("resources", {}).get("SS", []))


def recall_all(remediation: str) -> dict[str, State]:
    """Return all that the remediation remembers, by resource: two calls for a hundred of them.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html
    """
    found: dict[str, State] = {}
    for some in _in_batches(names(remediation)):
        asked: list[TransactGetItemTypeDef] = [{"Get": {"TableName": rows.table(), "Key": rows.key(_key(remediation, resource))}} for resource in some]
        answers = platform("dynamodb").transact_get_items(TransactItems=asked)["Responses"]
        found |= {resource: json.loads(row["Item"]["good"]["S"]) for resource, row in zip(some, answers, strict=True) if "Item" in row}
    return found


def learn(remediation: str, states: Mapping[str, State]) -> None:
    """Remember these states, by resource; those of other resources stay as they are."""
    for some in _in_batches(sorted(states)):
        written: list[TransactWriteItemTypeDef] = [
            {"Put": {"TableName": rows.table(), "Item": {**rows.key(_key(remediation, resource)), "good": {"S": json.dumps(states[resource], sort_keys=True)}}}}
            for resource in some
        ]
        platform("dynamodb").transact_write_items(TransactItems=[*written, _listing(remediation, "ADD", some)])


def forget(remediation: str, resource: str) -> None:
    """Remember nothing of the resource any more."""
    row: TransactWriteItemTypeDef = {"Delete": {"TableName": rows.table(), "Key": rows.key(_key(remediation, resource))}}
    platform("dynamodb").transact_write_items(TransactItems=[row, _listing(remediation, "DELETE", [resource])])


def worth_a_look(remediation: str, states: Mapping[str, State]) -> list[str]:
    """Return the resources that are not as remembered, gone ones included, and learn those that are new.

    `states` are all live ones, by resource, as a sweep reads them many at once: what is as it was needs no look of its own: a thousand take some forty calls.
    """
    good = recall_all(remediation)
    learn(remediation, {resource: state for resource, state in states.items() if resource not in good})
    return sorted(resource for resource, state in good.items() if states.get(resource) != state)


def found_again(remediation: str, found: Sequence[str]) -> list[str]:
    """Return what a search for broken things found, and what the last search found that found something.

    A retry finds no more what an earlier attempt has put right, perhaps without coming to say so.
    """
    last: Sequence[str] = recall(remediation, _SEARCH) or []
    if not set(found) <= set(last):
        learn(remediation, {_SEARCH: list(found)})
    return list(dict.fromkeys([*found, *last]))


def changes(now: State, good: State, part: str = "") -> list[Change]:
    """Return in which parts the state is neither as it was nor more: what was added counts as more, and so does what was switched on."""
    if isinstance(now, Mapping) and isinstance(good, Mapping):
        return [change for key, value in good.items() for change in changes(now.get(key), value, f"{part}.{key}".lstrip("."))]
    return [] if _is_at_least(now, good) else [Change(part, good, now)]


def _is_at_least(now: State, good: State) -> bool:
    if isinstance(now, Mapping) and isinstance(good, Mapping):
        return all(_is_at_least(now.get(key), value) for key, value in good.items())
    if isinstance(now, list) and isinstance(good, list):
        return all(any(_is_at_least(one, value) for one in now) for value in good)
    return now == good or (good, now) in _MORE


def _in_short(value: object) -> object:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"(a document of {len(text)} characters)" if isinstance(value, str) and value.lstrip()[:1] in ("{", "[") else shown(text, _LONGEST)


def _in_batches(resources: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(resources), _AT_ONCE):
        yield resources[start : start + _AT_ONCE]


def _listing(remediation: str, verb: str, resources: Iterable[str]) -> "TransactWriteItemTypeDef":
    update = {"UpdateExpression": f"{verb} resources :these", "ExpressionAttributeValues": {":these": {"SS": list(resources)}}}
    return {"Update": {"TableName": rows.table(), "Key": rows.key(_index(remediation)), **update}}  # type: ignore[typeddict-item]  # put together


def _key(remediation: str, resource: str) -> str:
    return f"MEMORY#{remediation}#{resource}"


def _index(remediation: str) -> str:
    return f"MEMORIES#{remediation}"
