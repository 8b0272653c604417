"""Editing a policy document that others edit too: one statement in or out, every other byte as it was.

A document is JSON text. It is cut and joined as text, so that whoever wrote it finds their spaces and order of keys again.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

from snapback.engine.errors import IncompleteAnswer

Statement = Mapping[str, Any]

_DECODER = json.JSONDecoder()


def statements(document: str) -> list[Statement]:
    """Return the document's statements; a single one may stand without brackets. Raises `IncompleteAnswer` for what is no JSON, which AWS takes from nobody."""
    try:
        found = json.loads(document).get("Statement", [])
    except ValueError as error:
        raise IncompleteAnswer(f"AWS's answer has a policy that cannot be read: {error}") from error
    return found if isinstance(found, list) else [found]


def unused_sid(document: str, stem: str) -> str:
    """Return a Sid that no statement of the document has: the stem with the first number that is free."""
    taken = {statement.get("Sid") for statement in statements(document)}
    return next(sid for number in count(1) if (sid := f"{stem}{number}") not in taken)


def with_statement(document: str | None, statement: Statement) -> str:
    """Return the document with the statement at its end; a new document if there was none."""
    if not document:
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    begin, end = _statement_span(document)
    if document[begin] != "[":
        return f"{document[:begin]}[{document[begin:end]},{json.dumps(statement)}]{document[end:]}"
    last = max((last for _, last in _elements(document, begin)), default=begin + 1)
    comma = "," if statements(document) else ""
    return f"{document[:last]}{comma}{json.dumps(statement)}{document[last:]}"


def without_statements(document: str, unwanted: Callable[[Statement], bool]) -> str | None:
    """Return the document without the unwanted statements, or None if none is left."""
    begin, end = _statement_span(document)
    if document[begin] != "[":
        return None if unwanted(json.loads(document[begin:end])) else document
    spans = list(_elements(document, begin))
    index = next((n for n, (first, last) in enumerate(spans) if unwanted(json.loads(document[first:last]))), None)
    if index is None:
        return document
    if len(spans) == 1:
        return None
    # Cut with the comma before it, or for the first with the comma behind it; then look for the next.
    first, last = (spans[index - 1][1], spans[index][1]) if index else (spans[0][0], spans[1][0])
    return without_statements(document[:first] + document[last:], unwanted)


def with_each(document: str, change: Callable[[Statement], Statement | None]) -> str | None:
    """Return the document with each statement as `change` makes it, and without those of which it leaves nothing; None if none is left.

    What `change` leaves as it is keeps its bytes. What it has made it must leave as it is.
    """
    begin, end = _statement_span(document)
    spans = list(_elements(document, begin)) if document[begin] == "[" else [(begin, end)]
    for first, last in reversed(spans):  # from the end, so that the places before it stay where they are
        statement = json.loads(document[first:last])
        changed = change(statement)
        if changed not in (None, statement):
            document = f"{document[:first]}{json.dumps(changed)}{document[last:]}"
    return without_statements(document, lambda statement: change(statement) is None)


def grants_everything(statement: Statement) -> bool:
    """Tell whether the statement allows every action on every resource, without a condition."""
    return (
        statement.get("Effect") == "Allow"
        and not statement.get("Condition")
        and any(action in ("*", "*:*") for action in listed(statement.get("Action")))
        and "*" in listed(statement.get("Resource"))
    )


def listed(value: object) -> list[Any]:
    """Return a value that may stand alone or in a list as a list."""
    return value if isinstance(value, list) else [value]


def _statement_span(document: str) -> tuple[int, int]:
    """Return where the value of "Statement" begins and ends."""
    position = _skip(document, _skip(document, 0) + 1)
    while document[position] == '"':
        key, position = _DECODER.raw_decode(document, position)
        begin = _skip(document, _skip(document, position) + 1)
        _, end = _DECODER.raw_decode(document, begin)
        if key == "Statement":
            return begin, end
        position = _skip(document, _skip(document, end) + 1) if document[_skip(document, end)] == "," else end
    raise ValueError("the policy document has no Statement")


def _elements(document: str, begin: int) -> Iterator[tuple[int, int]]:
    """Yield where each element of the list at `begin` begins and ends."""
    position = _skip(document, begin + 1)
    while document[position] != "]":
        _, end = _DECODER.raw_decode(document, position)
        yield position, end
        position = _skip(document, end)
        position = _skip(document, position + 1) if document[position] == "," else position


def _skip(document: str, position: int) -> int:
    while position < len(document) and document[position] in " \t\r\n":
        position += 1
    return position
