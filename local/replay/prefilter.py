"""The rules' patterns as a predicate in SQL over a few columns of a record, in words that DuckDB and Athena share.

It passes all that a rule could match, and more: `Judge` decides. What is no record passes too, so that somebody can say so. What a pattern asks of other
fields, and what SQL cannot say of these, is taken for true. The fields:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from local.replay.envelope import INSIGHT, KINDS, NO_READS, READS
from local.replay.matching import Field, Part, Test, compiled, parsed, pieces, written
from local.replay.rules import Rule

COLUMNS: Final = ("eventSource", "eventName", "errorCode", "eventType", "eventCategory", "readOnly", "userIdentity.type")
"""What a predicate is about. A column holds the text of a string, or NULL; of another value its JSON, or NULL."""

_TRUE: Final = "TRUE"


class Case(NamedTuple):
    """Conditions that hold together: one way in which a rule can match."""

    conditions: frozenset[str]
    names: frozenset[str] | None
    """What eventName may be; None for anything. It stands apart, so that ways that differ in it alone become one."""


_ALWAYS: Final = Case(frozenset(), None)

Cases: TypeAlias = Sequence[Case]
"""Of which one is enough."""


def predicate(rules: Iterable[Rule], columns: Mapping[str, str], *, is_short: bool = False) -> str:
    """Return the predicate. `columns`: each of COLUMNS -> the expression in SQL that is it.

    `is_short`: of what a rule asks for by name nothing else is asked. That passes a little more and is half as long, which counts where it is planned often.
    """
    return _Writer(columns).written(rules, is_short=is_short)


def text(value: str) -> str:
    """Return the string as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


class _Writer:
    """What writes conditions over those columns."""

    def __init__(self, columns: Mapping[str, str]) -> None:
        self._columns = columns
        self._kind = f"coalesce({columns['eventType']}, 'AwsApiCall')"
        self._name = columns["eventName"]

    def written(self, rules: Iterable[Rule], *, is_short: bool) -> str:
        every: dict[bool, list[Case]] = {True: [], False: []}
        for rule in rules:
            every[rule.hears_reads] += self._part(parsed(rule.pattern))
        named = [case for case in every[False] if case.names is not None]
        names = sorted(set().union(*(case.names or () for case in named)))
        rest = _TRUE if is_short else _any(self._merged(named))
        by_name = f"CASE WHEN {self._name} IN ({_list(names)}) THEN {rest} ELSE FALSE END" if names else "FALSE"
        others = _any([by_name, *self._merged([case for case in every[False] if case.names is None])])
        return _any([*self._no_record(), *self._merged(every[True]), f"CASE WHEN {self._reads()} THEN FALSE ELSE {others} END"])

    def _no_record(self) -> Iterator[str]:
        for column in (self._columns["eventSource"], self._name):
            yield f"{column} IS NULL AND {self._kind} <> {text(INSIGHT)}"
            yield _is_no_text(column)
        yield f"{self._kind} NOT IN ({_list(KINDS)})"

    def _reads(self) -> str:
        """Return what is true of a call that only reads. What stands in a CASE is looked at in order, and no further than needed: most records are reads."""
        named = _any([_begins(self._name, word) for word in READS])
        call = f"{self._kind} = 'AwsApiCall' AND coalesce({self._columns['eventCategory']}, '') <> 'Data'"
        return f"{call} AND {named} AND {self._name} NOT IN ({_list(sorted(NO_READS))})"

    def _merged(self, cases: Cases) -> Iterator[str]:
        """Yield a condition for each way that differs in more than the name."""
        by_rest: dict[frozenset[str], set[str] | None] = {}
        for case in cases:
            names = by_rest.setdefault(case.conditions, set())
            by_rest[case.conditions] = None if names is None or case.names is None else names | case.names
        for conditions, names in by_rest.items():
            yield _all([*([] if names is None else [f"{self._name} IN ({_list(sorted(names))})"]), *sorted(conditions)])

    def _part(self, part: Part) -> Cases:
        """Return what the pattern, or a part of it in an `$or`, asks of the columns."""
        kinds, source, detail = (part.fields.get(name) for name in ("detail-type", "source", "detail"))
        cases = self._detail(detail) if isinstance(detail, Part) else [_ALWAYS]
        if isinstance(kinds, Field):
            heard = _heard(kinds)
            cases = _both(cases, [Case(frozenset([f"{self._kind} IN ({_list(heard)})"]), None)] if heard else [])
        if isinstance(source, Field) and not all(self._has_source(case) for case in cases):
            cases = _both(cases, [self._source(source)])
        return _with_choices(cases, part, self._part)

    def _has_source(self, case: Case) -> bool:
        """Tell whether the case names the sources of records, from which the event's follows."""
        return any(one.startswith(f"({self._columns['eventSource']} IN ") for one in case.conditions)

    def _source(self, field: Field) -> Case:
        """Return what the event's source asks of the record's: a list of names, of which the first part counts."""
        if not all(test.word == "equals" and isinstance(test.operand, str) for test in field.tests):
            return _ALWAYS
        services = sorted(test.operand.removeprefix("aws.") for test in field.tests)
        first = f"split_part({self._columns['eventSource']}, '.', 1) IN ({_list(services)})"
        return Case(frozenset([_any([first, f"{self._kind} = {text(INSIGHT)}"])]), None)

    def _detail(self, part: Part) -> Cases:
        cases: Cases = [_ALWAYS]
        for name, field in part.fields.items():
            if isinstance(field, Field):
                cases = _both(cases, [self._field(name, field, may_be_array=False)])
            else:
                for inner, tests in field.fields.items():
                    if isinstance(tests, Field):
                        cases = _both(cases, [self._field(f"{name}.{inner}", tests, may_be_array=True)])
        return _with_choices(cases, part, self._detail)

    def _field(self, name: str, field: Field, *, may_be_array: bool) -> Case:
        """Return what may be true of a column if one of the tests holds; where an array of objects may stand around it, the column is NULL then."""
        equal = [
            test.operand if isinstance(test.operand, str) else json.dumps(test.operand)
            for test in field.tests
            if test.word == "equals" and isinstance(test.operand, (str, bool))
        ]
        if name == "eventName" and len(equal) == len(field.tests):
            return Case(frozenset(), frozenset(equal))
        if name not in self._columns:
            return _ALWAYS
        column = self._columns[name]
        conditions = [f"{column} IN ({_list(equal)})"] if equal else []
        conditions += [_test(column, test) for test in field.tests if test.word != "equals" or not isinstance(test.operand, (str, bool))]
        conditions += [f"{column} IS NULL"] if may_be_array else []
        conditions += [_is_no_text(column)] if name not in _ALWAYS_TEXT else []
        whole = _any(conditions)
        return _ALWAYS if whole == _TRUE else Case(frozenset([whole]), None)


_ALWAYS_TEXT: Final = frozenset({"eventSource", "eventName", "eventType"})
"""A record in which one of them is no string is none, whatever the rules are."""


def _heard(field: Field) -> Sequence[str]:
    """Return the kinds of records that come under a detail-type that passes the tests."""
    judge = compiled({"detail-type": [written(test) for test in field.tests]})
    return [kind for kind, detail_type in KINDS.items() if judge({"detail-type": detail_type})]


def _both(some: Cases, others: Cases) -> Cases:
    """Return the ways in which one of either holds."""
    return [Case(one.conditions | other.conditions, _common(one.names, other.names)) for one in some for other in others]


def _common(some: frozenset[str] | None, others: frozenset[str] | None) -> frozenset[str] | None:
    return others if some is None else some if others is None else some & others


def _with_choices(cases: Cases, part: Part, read: Callable[[Part], Cases]) -> Cases:
    for several in part.choices:
        cases = list(dict.fromkeys(_both(cases, [case for one in several for case in read(one)])))
    return cases


def _test(column: str, test: Test) -> str:
    """Return what is true of a column if the test holds."""
    word, operand = test
    if word == "prefix" and isinstance(operand, str):
        return _begins(column, operand)
    if word == "wildcard" or (word == "suffix" and isinstance(operand, str)):
        return _like(column, pieces(operand) if word == "wildcard" else ["", operand])
    if word == "anything-but":
        equal = [one.operand for one in operand if one.word == "equals" and isinstance(one.operand, str)]
        return f"({column} IS NULL OR {column} NOT IN ({_list(equal)}))" if len(equal) == len(operand) else _TRUE
    if (word == "exists" and not operand) or operand is None:
        return f"{column} IS NULL"
    return _TRUE if word in {"exists", "equals"} else f"{column} IS NOT NULL"


def _like(column: str, pieces: Sequence[str]) -> str:
    """Return what is true of a column that has these pieces, with anything between."""
    pattern = "%".join(re.sub(r"([|%_])", r"|\1", piece) for piece in pieces)
    escape = " ESCAPE '|'" if "|" in pattern else ""
    return f"{column} LIKE {text(pattern)}{escape}"


def _is_no_text(column: str) -> str:
    return f"({_begins(column, '[')} OR {_begins(column, '{')})"


def _begins(column: str, prefix: str) -> str:
    return _like(column, [prefix, ""])


def _list(values: Iterable[str]) -> str:
    return ", ".join(map(text, values))


def _all(conditions: Iterable[str]) -> str:
    return " AND ".join(one for one in conditions if one != _TRUE) or _TRUE


def _any(conditions: Iterable[str]) -> str:
    several = list(dict.fromkeys(conditions))
    if _TRUE in several:
        return _TRUE
    return f"({' OR '.join(f'({one})' if ' AND ' in one else one for one in several)})" if several else "FALSE"
