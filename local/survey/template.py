"""What template.yaml gives the functions: their settings, and what triggers them."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import yaml

from local.remediations import ROOT
from snapback.engine.errors import ConfigurationError

_NOBODY: Final = "survey-has-none"


_AS_WRITTEN: Final = frozenset({"Ref", "Condition"})
"""Functions whose long form is their name; that of the others has `Fn::` before it."""


@cache
def template() -> Mapping[str, Any]:
    """Return the template, its intrinsic functions in their long forms: `!Ref Name` is `{"Ref": "Name"}`."""
    loader: Any = type("Loader", (getattr(yaml, "CSafeLoader", yaml.SafeLoader),), {})  # the one in C where it was built: ten times as fast
    loader.add_multi_constructor("!", _intrinsic)
    found: Mapping[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), Loader=loader)  # noqa: S506 - a safe loader that also reads `!Ref`
    return found


def _intrinsic(loader: Any, name: str, node: yaml.Node) -> Mapping[str, Any]:  # noqa: ANN401 - a class made of either loader
    value = loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else loader.construct_scalar(node)
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in _AS_WRITTEN else f"Fn::{name}": value}


def functions() -> Mapping[str, Any]:
    """Return the functions' blocks, by logical id."""
    return {name: block for name, block in template()["Resources"].items() if block["Type"] == "AWS::Serverless::Function"}


def variables() -> Mapping[str, Any]:
    """Return the variables of all functions, as they are written: one name means the same to all of them."""
    # What all have in common last: MODE is each function's own only for SwitchedOff, and a survey shows what is off, too.
    blocks = [*(block["Properties"] for block in functions().values()), template()["Globals"]["Function"]]
    return {name: value for block in blocks for name, value in block.get("Environment", {}).get("Variables", {}).items()}


def environment(given: Mapping[str, str], *, account: str, partition: str) -> Mapping[str, str]:
    """Return the settings of all functions, by the names of their variables: one name means the same to all of them.

    `given`: parameter of the template -> its value, where that is not the template's default. Raises `ConfigurationError` if there is no such parameter, or if
    it cannot have that value.
    """
    parameters = template()["Parameters"]
    check(given)
    known = {
        name: given.get(value["Ref"], str(parameters[value["Ref"]].get("Default", "")))
        for name, value in variables().items()
        if isinstance(value, Mapping) and value.get("Ref") in parameters
    }
    # There is no stack: no journal whose table would be left alone, and no role but whoever asks.
    return {**known, "READ_TAGS": "off", "JOURNAL_TABLE": _NOBODY, "ROLE_ARN": f"arn:{partition}:iam::{account}:role/{_NOBODY}"}


def check(given: Mapping[str, str]) -> None:
    """Raise `ConfigurationError` if there is no such parameter, or if it cannot have that value."""
    for name, value in given.items():
        _check(name, value, template()["Parameters"])


def parameters_of(function: str, settings: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of the template that a function alone looks by, with their values in these settings."""
    own = functions()[function]["Properties"].get("Environment", {}).get("Variables", {})
    return {value["Ref"]: settings[name] for name, value in own.items() if isinstance(value, Mapping) and "Ref" in value and name in settings}


def _check(name: str, value: str, parameters: Mapping[str, Any]) -> None:
    if name not in parameters:
        raise ConfigurationError(f"template.yaml has no parameter {name[:80]}")
    one = parameters[name]
    pattern, allowed = one.get("AllowedPattern"), one.get("AllowedValues")
    is_wrong = bool(pattern and not re.search(pattern, value)) or bool(allowed and value not in map(str, allowed))
    if one["Type"] == "Number":
        is_wrong = is_wrong or not value.isdecimal() or not one.get("MinValue", 0) <= int(value) <= one.get("MaxValue", int(value))
    if is_wrong:
        raise ConfigurationError(f"{name} cannot be {value[:80]!r}: {one.get('ConstraintDescription') or one.get('Description')}")
