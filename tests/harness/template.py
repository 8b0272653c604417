"""template.yaml as data: as it is written, with its intrinsic functions resolved, and as SAM transforms it."""

import copy
import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from samcli.yamlhelper import yaml_parse

from local.package import written_out
from tests.harness.discovery import ROOT
from tests.harness.scenario import ACCOUNT, REGION

STACK = "snapback"

MOST_RESOURCES = 450
"""Of the 500 that CloudFormation takes (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html)."""
MOST_BYTES = 700_000
"""Of the million that CloudFormation takes."""

_PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::NoValue": None,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackName": STACK,
    "AWS::URLSuffix": "amazonaws.com",
}

_ARNS = {
    "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/",
    "AWS::Lambda::Function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:",
    "AWS::Serverless::Function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:",
    "AWS::SNS::Topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:",
    "AWS::SQS::Queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:",
}


def text() -> str:
    return (ROOT / "template.yaml").read_text()


@cache
def source() -> Mapping[str, Any]:
    """Return the template as SAM itself reads it, short forms such as `!Ref` spelled out."""
    parsed: Mapping[str, Any] = yaml_parse(text())
    return parsed


def functions() -> dict[str, Mapping[str, Any]]:
    """Return the functions' blocks by logical id, in the template's order."""
    return {name: block for name, block in source()["Resources"].items() if block["Type"] == "AWS::Serverless::Function"}


def switches() -> dict[str, str]:
    """Return the parameters that are on or off, and the environment variable that tells the functions."""
    parameters = {name for name, parameter in source()["Parameters"].items() if set(parameter.get("AllowedValues", [])) == {"on", "off"}}
    variables = source()["Globals"]["Function"]["Environment"]["Variables"]
    return {value["Ref"]: variable for variable, value in variables.items() if isinstance(value, Mapping) and value.get("Ref") in parameters}


def resolved(value: Any, parameters: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 - any part of a template
    """Return the value with parameters as given or at their defaults, and made-up names and ARNs for resources."""
    return _Resolver(parameters or {}).resolve(value)


class _Resolver:
    """CloudFormation's intrinsic functions, as far as the template uses them."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        defaults = {name: str(parameter["Default"]) for name, parameter in source()["Parameters"].items()}
        self._known = {**_PSEUDO, **defaults, **parameters}

    def resolve(self, value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, list):
            return [inner for inner in map(self.resolve, value) if inner is not None]
        if not isinstance(value, Mapping):
            return value
        if "Ref" in value or any(key.startswith("Fn::") for key in value):
            return self._intrinsic(value)
        return {key: inner for key, inner in ((key, self.resolve(inner)) for key, inner in value.items()) if inner is not None}

    def _intrinsic(self, function: Mapping[str, Any]) -> Any:  # noqa: ANN401
        match function:
            case {"Ref": name}:
                return self._named(name)
            case {"Fn::GetAtt": [name, attribute]}:
                return self._named(f"{name}.{attribute}")
            case {"Fn::Sub": str(pattern)}:
                return re.sub(r"\$\{([\w:.]+)}", lambda found: str(self._named(found[1])), pattern)
            case {"Fn::If": [condition, then, otherwise]}:
                return self.resolve(then if self._holds(source()["Conditions"][condition]) else otherwise)
            case _:
                raise AssertionError(f"teach tests/harness/template.py to resolve {function}")

    def _holds(self, condition: Mapping[str, Any]) -> bool:
        match condition:
            case {"Fn::Equals": [one, other]}:
                return bool(self.resolve(one) == self.resolve(other))
            case {"Fn::Not": [inner]}:
                return not self._holds(inner)
            case {"Fn::Or": inners}:
                return any(map(self._holds, inners))
            case {"Fn::And": inners}:
                return all(map(self._holds, inners))
            case {"Condition": name}:
                return self._holds(source()["Conditions"][name])
            case _:
                raise AssertionError(f"teach tests/harness/template.py to resolve {condition}")

    def _named(self, reference: str) -> str | None:
        """Return what `Ref`, `Fn::GetAtt` and `${…}` give; None for no value at all."""
        if reference in self._known:
            return self._known[reference]
        name, _, attribute = reference.partition(".")
        if attribute == "Arn" and name.endswith("Role") and name.removesuffix("Role") in functions():
            return f"arn:aws:iam::{ACCOUNT}:role/{name}"  # SAM makes a role for each function
        kind = source()["Resources"][name]["Type"]
        return f"{_ARNS[kind]}{name}" if attribute == "Arn" or kind == "AWS::SNS::Topic" else name  # a topic's Ref is its ARN


def packaged(template: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the template as `sam package` leaves it, which has uploaded the folders with code."""
    uploaded = copy.deepcopy(dict(template or source()))
    for resource in uploaded["Resources"].values():
        for folder in {"CodeUri", "ContentUri"} & resource["Properties"].keys():
            resource["Properties"][folder] = "s3://bucket/key"
    return uploaded


def transformed(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return what CloudFormation gets to see: the template with SAM's short forms written out."""
    return written_out(packaged(template))


@cache
def deployed() -> Mapping[str, Any]:
    """Return the resources that CloudFormation gets to see."""
    resources: Mapping[str, Any] = transformed(source())["Resources"]
    return resources


def of_type(kind: str) -> dict[str, Any]:
    return {name: resource for name, resource in deployed().items() if resource["Type"] == kind}


def grown_to(count: int) -> dict[str, Any]:
    """Return the template with its functions repeated, under other names, until there are so many."""
    grown = copy.deepcopy(dict(source()))
    blocks = list(functions().items())
    for number in range(count - len(blocks)):
        name, block = blocks[number % len(blocks)]
        grown["Resources"][f"{name}{number}"] = json.loads(json.dumps(block).replace(f'"{name}Role"', f'"{name}{number}Role"'))
    return grown
