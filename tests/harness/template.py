"""template.yaml as data: as it is written, with its intrinsic functions resolved, and as SAM transforms it."""

import copy
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from samcli.yamlhelper import yaml_parse

from local.intrinsics import Place, Resolver
from local.package import written_out
from tests.harness.discovery import ROOT
from tests.harness.scenario import ACCOUNT, REGION

STACK = "snapback"

MOST_RESOURCES = 460
"""Of the 500 that CloudFormation takes (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html)."""
MOST_BYTES = 700_000
"""Of the million that CloudFormation takes."""


HERE = Place(STACK, REGION, ACCOUNT)


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
    parameters = {name for name, parameter in source()["Parameters"].items() if {"on", "off"} <= set(parameter.get("AllowedValues", []))}
    variables = source()["Globals"]["Function"]["Environment"]["Variables"]
    return {value["Ref"]: variable for variable, value in variables.items() if isinstance(value, Mapping) and value.get("Ref") in parameters}


def resolved(value: Any, parameters: Mapping[str, str] | None = None, place: Place = HERE, template: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - any part of a template
    """Return the value as CloudFormation resolves it there, with parameters as given or at their defaults."""
    return Resolver(parameters or {}, place, template or source()).resolve(value)


def resources(parameters: Mapping[str, str] | None = None, place: Place = HERE, template: Mapping[str, Any] | None = None) -> dict[str, Mapping[str, Any]]:
    """Return what CloudFormation makes there with those parameters: each resource's type, name, and properties with everything resolved."""
    written = template or transformed(source())
    resolver = Resolver(parameters or {}, place, written)
    return {
        logical: {"Type": block["Type"], "Name": resolver.resolve({"Ref": logical}), "Properties": resolver.resolve(block.get("Properties", {}))}
        for logical, block in written["Resources"].items()
        if resolver.is_made(logical)
    }


def packaged(template: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the template as `sam package` leaves it, which has uploaded the folders with code."""
    uploaded = copy.deepcopy(dict(template or source()))
    for resource in uploaded["Resources"].values():
        for folder in {"CodeUri", "ContentUri"} & resource.get("Properties", {}).keys():
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
