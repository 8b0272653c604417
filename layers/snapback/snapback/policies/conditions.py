"""What the conditions of a statement ask of a request, worked out as IAM works it out.

A request has keys, each with its values: mostly one, for some keys several, and none where the request lacks the key.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import re
from collections.abc import Mapping
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Final, NamedTuple

from snapback.policies import globs
from snapback.policies.documents import Statement, listed

Values = tuple[str, ...]
"""The values that a request has for a key; empty if it lacks the key."""

ANYTHING, _STAR, _MARK = "\x00", "\x01", "\x02"
"""How a policy variable whose value is not known, a star and a question mark that stand for themselves are kept in a wanted value."""

_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")
_THEMSELVES: Final = {"*": _STAR, "?": _MARK, "$": "$"}
_KEPT: Final = str.maketrans({"*": _STAR, "?": _MARK})
_WITH_WILDCARDS: Final = frozenset({"stringlike", "arnlike", "arnequals"})
_ORDERED: Final = ("numeric", "date")
_ARN_PARTS: Final = 6


class Requirement(NamedTuple):
    """One operator on one key of a statement's conditions; a request has to pass all of them."""

    key: str
    """In lower case, as keys are compared."""
    operator: str
    """In lower case, without what stands in the next three members: `stringequals`."""
    wanted: tuple[str, ...]
    """Of which the request must have one; policy variables are put in already."""
    negated: bool = False
    if_exists: bool = False
    of_values: str = ""
    """`forallvalues`, `foranyvalue`, or nothing."""

    @property
    def knows_wildcards(self) -> bool:
        """Tell whether a star in a wanted value stands for anything."""
        return self.operator in _WITH_WILDCARDS

    @property
    def is_ordered(self) -> bool:
        """Tell whether the operator compares numbers or dates."""
        return self.operator.startswith(_ORDERED)

    def holds(self, values: Values) -> bool:
        """Tell whether a request with these values of the key passes."""
        if self.operator == "null":
            return any((want.lower() == "true") is not bool(values) for want in self.wanted)
        if not values:
            return self.if_exists or (self.negated if not self.of_values else self.of_values == "forallvalues")
        each = [any(_matches(self.operator, want, value) for want in self.wanted) for value in values]
        match self.of_values:
            case "forallvalues":
                return all(one is not self.negated for one in each)
            case "foranyvalue":
                return any(one is not self.negated for one in each)
            case _:
                return any(each) is not self.negated


def requirements(statement: Statement, variables: Mapping[str, str] | None = None) -> list[Requirement]:
    """Return what the statement's conditions ask for. `variables`: policy variables whose value is known, in lower case (`aws:resourceaccount`).

    A key for which no value is given asks for nothing that could be told.
    """
    return [
        _test(operator, key, tuple(_put_in(str(value), variables or {}) for value in listed(values)))
        for operator, keys in (statement.get("Condition") or {}).items()
        for key, values in keys.items()
        if values != []
    ]


def _test(operator: str, key: str, wanted: tuple[str, ...]) -> Requirement:
    plain, of_values = operator.lower(), ""
    if ":" in plain:
        of_values, _, plain = plain.partition(":")
    if_exists = plain.endswith("ifexists")
    plain = plain.removesuffix("ifexists")
    return Requirement(key.lower(), plain.replace("not", "", 1), wanted, "not" in plain, if_exists, of_values)


def _put_in(value: str, variables: Mapping[str, str]) -> str:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html; a variable may have a default behind a comma."""

    def known(found: re.Match[str]) -> str:
        name = found[1].split(",")[0].strip().lower()
        return _THEMSELVES.get(name) or variables.get(name, ANYTHING)

    return _VARIABLE.sub(known, value)


def _matches(operator: str, want: str, value: str) -> bool:
    match operator:
        case "ipaddress":
            return _is_in(want, value)
        case "arnlike" | "arnequals":
            return _is_like_arn(want, value)
        case "stringequalsignorecase" | "bool":
            return _is_like(want.lower(), value.lower(), wildcards=False)
        case _ if operator.startswith(_ORDERED):
            return _compares(operator, want, value)
        case _:
            return _is_like(want, value, wildcards=operator == "stringlike")


def _is_in(want: str, value: str) -> bool:
    """Tell whether the address is in the network; whatever cannot be read as a network stands for all of them."""
    try:
        network = ip_network(want, strict=False)
    except ValueError:
        return True
    try:
        address = ip_address(value)
    except ValueError:
        return False
    return address.version == network.version and address in network


def _is_like_arn(want: str, value: str) -> bool:
    """Compare part by part: a star does not reach over a colon."""
    wanted, given = want.split(":", _ARN_PARTS - 1), value.split(":", _ARN_PARTS - 1)
    if want in ("*", ANYTHING):
        return True
    return len(wanted) == len(given) and all(_is_like(one, other, wildcards=True) for one, other in zip(wanted, given, strict=True))


def _is_like(want: str, value: str, *, wildcards: bool) -> bool:
    stars, marks = ("*" + ANYTHING, "?") if wildcards else (ANYTHING, "")
    return globs.matches(want if wildcards else want.translate(_KEPT), value.translate(_KEPT), stars=stars, marks=marks)


def _compares(operator: str, want: str, value: str) -> bool:
    read = _moment if operator.startswith("date") else float
    try:
        one, other = read(value), read(want)
    except ValueError:
        return False
    if "lessthan" in operator:
        return one < other or (one == other and operator.endswith("equals"))
    if "greaterthan" in operator:
        return one > other or (one == other and operator.endswith("equals"))
    return one == other


def _moment(text: str) -> float:
    return float(text) if re.fullmatch(r"\d{9,}", text) else datetime.fromisoformat(text).timestamp()
