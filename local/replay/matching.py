"""EventBridge's own judgement whether an event is for a rule: `matches(pattern, event)`, and `compiled(pattern)` for many events.

What a pattern means stands in https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html and the pages below it. In short:

- Every field that is named has to match; of the values that a field may have, one is enough. What a pattern does not name does not matter.
- Of an array in the event one element is enough. Of an array of objects it is *one object* that has to have all that is asked of it, not two that have it
  together: AWS's own library, Event Ruler, documents that as array consistency.
- Only leaves are compared. An object in the place of a value, an empty object and an empty array are no leaves: such a field does not exist. `null` is one.
- Strings are compared character by character, numbers as they are written: 300 is not 300.0. (300.0 and 3.0e2 are the same to a reader of JSON, and so here.)

A word that is not known here is an error, not a mismatch. AWS says nothing of `exists: false` inside an array's objects: here each object is judged by itself.
It joins names by dots, so that `a.b` means `b` in `a`: a pattern has to say so in objects, and names with dots in events stay as they are.
"""

import ipaddress
import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

from snapback.engine.errors import SnapbackError

Pattern: TypeAlias = Mapping[str, Any]
Event: TypeAlias = Mapping[str, Any]
Verdict: TypeAlias = Callable[[Any], bool]


class PatternError(SnapbackError):
    """Something is no pattern of EventBridge's, or has a word that is not known here; the message says where."""


class Test(NamedTuple):
    """What one value of a field may be: `Test("prefix", "aws.")`. A value by itself is `Test("equals", value)`."""

    word: str
    operand: Any
    """As the pattern has it; of `anything-but` the tests none of which may hold."""


class Field(NamedTuple):
    """A field with the tests of which one has to hold."""

    tests: Sequence[Test]


class Part(NamedTuple):
    """A pattern, or an object in one: all of its fields have to match, and of each `$or` one of the parts."""

    fields: "Mapping[str, Field | Part]"
    choices: "Sequence[Sequence[Part]]"


_BIGGEST: Final = 5e9
"""Numbers are compared from -5.0e9 to 5.0e9 only (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html)."""

_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

_LEAST_CHOICES: Final = 2


def matches(pattern: Pattern, event: Event) -> bool:
    """Tell whether EventBridge would give the event to a rule with that pattern. Raises `PatternError`."""
    return _compiled(json.dumps(pattern))(event)


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> Verdict:
    return compiled(json.loads(pattern))


def compiled(pattern: Pattern) -> Verdict:
    """Return what judges events by the pattern. Raises `PatternError`."""
    return _part(parsed(pattern))


# What a pattern says


def parsed(pattern: Pattern) -> Part:
    """Return what the pattern says. Raises `PatternError`."""
    return _parsed(pattern, "the pattern")


def _parsed(written: object, where: str) -> Part:
    if not isinstance(written, Mapping) or not written:
        raise PatternError(f"{where} has to be an object with fields")
    fields: dict[str, Field | Part] = {}
    choices: list[Sequence[Part]] = []
    for name, value in written.items():
        there = f"{where}, {name}"
        if name == "$or":
            if not isinstance(value, list) or len(value) < _LEAST_CHOICES:
                raise PatternError(f"{there} has to be an array of two objects or more")
            choices.append([_parsed(one, f"{there} {number}") for number, one in enumerate(value, 1)])
        elif "." in name:
            raise PatternError(f"{there}: EventBridge takes a dot for another level; write an object")
        elif isinstance(value, list) and value:
            fields[name] = Field([_test(one, there) for one in value])
        elif isinstance(value, Mapping):
            fields[name] = _parsed(value, there)
        else:
            raise PatternError(f"{there} has to be an array of values, or an object")
    return Part(fields, choices)


def _test(written: object, where: str) -> Test:
    if written is None or isinstance(written, (str, bool, int, float)):
        return Test("equals", written)
    if not isinstance(written, Mapping) or len(written) != 1:
        raise PatternError(f"{where}: a value is a string, a number, true, false, null, or an object with one word")
    [(word, operand)] = written.items()
    if word not in _WORDS:
        raise PatternError(f"{where}: {word!r} is no word of EventBridge's that is known here")
    if word == "anything-but":
        return Test(word, tuple(_excluded(operand, where)))
    _check(word, operand, where)
    return Test(word, operand)


def _excluded(operand: object, where: str) -> Iterator[Test]:
    """Yield the tests none of which may hold."""
    word = "equals"
    if isinstance(operand, Mapping) and len(operand) == 1:
        [(word, operand)] = operand.items()
        if word not in _EXCLUDING:
            raise PatternError(f"{where}: anything-but takes no {word!r}")
    several = operand if isinstance(operand, list) else [operand]
    kinds = (str,) if word != "equals" else (str, int, float)
    is_one_kind = all(isinstance(one, str) for one in several) or not any(isinstance(one, (str, bool)) for one in several)
    if not several or not is_one_kind or not all(isinstance(one, kinds) for one in several):
        raise PatternError(f"{where}: anything-but takes strings only, or numbers only")
    for one in several:
        if word != "equals":
            _check(word, one, where)
        yield Test(word, one)


def _check(word: str, operand: object, where: str) -> None:
    is_right = _WORDS[word](operand)
    if not is_right:
        raise PatternError(f"{where}: {word} cannot be {json.dumps(operand)[:100]}")


def _is_affix(operand: object) -> bool:
    return isinstance(operand, str) or (
        isinstance(operand, Mapping) and list(operand) == ["equals-ignore-case"] and isinstance(operand["equals-ignore-case"], str)
    )


def _is_wildcard(operand: object) -> bool:
    """Tell whether a backslash stands only before an asterisk or another one, and no two asterisks side by side."""
    return isinstance(operand, str) and bool(re.fullmatch(r"(?:[^\\*]|\\[\\*]|\*(?!\*))*", operand, re.DOTALL))


def _is_comparison(operand: object) -> bool:
    if not isinstance(operand, list) or len(operand) not in (2, 4):
        return False
    words, numbers = operand[::2], operand[1::2]
    return all(word in _COMPARISONS for word in map(str, words)) and all(_is_number(one) and abs(one) <= _BIGGEST for one in numbers)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_block(operand: object) -> bool:
    if not isinstance(operand, str) or "/" not in operand:
        return False
    try:
        ipaddress.ip_network(operand, strict=False)
    except ValueError:
        return False
    return True


_WORDS: Final[Mapping[str, Callable[[object], bool]]] = {
    "prefix": _is_affix,
    "suffix": _is_affix,
    "equals-ignore-case": lambda operand: isinstance(operand, str),
    "wildcard": _is_wildcard,
    "numeric": _is_comparison,
    "cidr": _is_block,
    "exists": lambda operand: isinstance(operand, bool),
    "anything-but": lambda _: True,  # its tests are checked one by one
}
"""Word -> whether it takes the operand."""

_EXCLUDING: Final = ("prefix", "suffix", "equals-ignore-case", "wildcard")


def written(test: Test) -> object:
    """Return the test as a pattern has it."""
    if test.word == "equals":
        return test.operand
    if test.word != "anything-but":
        return {test.word: test.operand}
    operands = [one.operand for one in test.operand]
    word = test.operand[0].word
    return {test.word: operands if word == "equals" else {word: operands}}


def possible(part: Part, name: str) -> frozenset[str] | None:
    """Return the texts of which the event's field has to have one, if the pattern is to match; None if it may be anything."""
    field = part.fields.get(name)
    if isinstance(field, Field) and all(test.word == "equals" and isinstance(test.operand, str) for test in field.tests):
        return frozenset(test.operand for test in field.tests)
    for several in part.choices:
        found = [possible(one, name) for one in several]
        if None not in found:
            return frozenset().union(*filter(None, found))
    return None


# Whether an event is what it says


class _Absent:
    """Stands for a field that is not there."""


_ABSENT: Final = _Absent()


def _part(part: Part) -> Verdict:
    judges = tuple((name, _field(one) if isinstance(one, Field) else _inner(_part(one))) for name, one in part.fields.items())
    choices = tuple(tuple(_part(one) for one in several) for several in part.choices)

    def holds(value: Any) -> bool:  # noqa: ANN401 - an object of the event
        for name, judge in judges:
            if not judge(value.get(name, _ABSENT)):
                return False
        return all(any(judge(value) for judge in several) for several in choices) if choices else True

    return holds


def _inner(judge: Verdict) -> Verdict:
    """Return what judges the value of a field of which a pattern asks more than its value; where it is no object, it has none of what is asked for."""

    def holds(value: Any) -> bool:  # noqa: ANN401 - any value of the event
        if isinstance(value, Mapping):
            return judge(value)
        objects = [one for one in _elements(value) if isinstance(one, Mapping)] if isinstance(value, list) else ()
        return any(judge(one) for one in objects) if objects else judge({})

    return holds


def _elements(value: Sequence[Any]) -> Iterator[Any]:
    """Yield what is in the arrays of an array, however deep."""
    open_ones = [iter(value)]
    while open_ones:
        for one in open_ones[-1]:
            if isinstance(one, list):
                open_ones.append(iter(one))
                break
            yield one
        else:
            open_ones.pop()


def _field(field: Field) -> Verdict:
    texts = frozenset(test.operand for test in field.tests if test.word == "equals" and isinstance(test.operand, str))
    others = tuple(_value(test) for test in field.tests if test.word != "exists" and not (test.word == "equals" and isinstance(test.operand, str)))
    may_be_there = Test("exists", True) in field.tests  # noqa: FBT003 - the word's operand
    may_be_absent = Test("exists", False) in field.tests  # noqa: FBT003 - the same

    def holds(value: Any) -> bool:  # noqa: ANN401 - any value of the event
        if isinstance(value, str):
            return may_be_there or value in texts or any(judge(value) for judge in others)
        if value is _ABSENT or isinstance(value, Mapping):
            return may_be_absent
        leaves = [one for one in _elements(value) if not isinstance(one, Mapping)] if isinstance(value, list) else [value]
        if not leaves:
            return may_be_absent
        return may_be_there or any((isinstance(leaf, str) and leaf in texts) or any(judge(leaf) for judge in others) for leaf in leaves)

    return holds


def _value(test: Test) -> Verdict:
    """Return what judges one leaf."""
    word, operand = test
    if word == "anything-but":
        none_of = [_value(one) for one in operand]
        return lambda leaf: not any(judge(leaf) for judge in none_of)
    if word == "equals":
        return lambda leaf: type(leaf) is type(operand) and leaf == operand
    if word == "numeric":
        bounds = [(_COMPARISONS[operand[place]], operand[place + 1]) for place in range(0, len(operand), 2)]
        return lambda leaf: _is_number(leaf) and abs(leaf) <= _BIGGEST and all(compare(leaf, bound) for compare, bound in bounds)
    if word == "cidr":
        block = ipaddress.ip_network(operand, strict=False)
        return lambda leaf: isinstance(leaf, str) and _lies_in(leaf, block)
    judge = _text(word, operand)
    return lambda leaf: isinstance(leaf, str) and judge(leaf)


def _lies_in(text: str, block: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return address.version == block.version and address in block


def _text(word: str, operand: Any) -> Callable[[str], bool]:  # noqa: ANN401 - a text; of an affix also an object with one
    if word == "wildcard":
        return _wildcard(operand)
    if isinstance(operand, Mapping) or word == "equals-ignore-case":
        letters = operand["equals-ignore-case"] if isinstance(operand, Mapping) else operand
        whole = re.compile((".*" if word == "suffix" else "") + _in_either_case(letters) + (".*" if word == "prefix" else ""), re.DOTALL)
        return lambda text: bool(whole.fullmatch(text))
    return (lambda text: text.startswith(operand)) if word == "prefix" else (lambda text: text.endswith(operand))


def _in_either_case(text: str) -> str:
    """Return the expression for the text's letters, each as it is in lower or in upper case, which may be more than one letter."""
    return "".join(f"(?:{re.escape(letter.lower())}|{re.escape(letter.upper())})" for letter in text)


def pieces(operand: str) -> list[str]:
    """Return what stands between the asterisks of a wildcard."""
    found = [""]
    for sign in re.findall(r"\\.|\*|[^\\*]+", operand, re.DOTALL):
        if sign == "*":
            found.append("")
        else:
            found[-1] += sign[1:] if sign[0] == "\\" else sign
    return found


def _wildcard(operand: str) -> Callable[[str], bool]:
    """Return what tells whether a text has all pieces, in that order, each at its first place: a later one could not do better."""
    first, *others = pieces(operand)
    return lambda text: text == first if not others else _has_in_order(text, first, others)


def _has_in_order(text: str, first: str, others: Sequence[str]) -> bool:
    *between, last = others
    if not text.startswith(first):
        return False
    place = len(first)
    for piece in between:
        found = text.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece)
    return len(text) - len(last) >= place and text.endswith(last)
