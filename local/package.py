"""Write the packaged template as CloudFormation gets to see it, for StackSets, which do not run SAM's transform.

    make package BUCKET=example-snapback [STACKSET=snapback]

`.aws-sam/packaged.yaml`, which `sam package` has written, becomes `.aws-sam/stackset.json`. Lambda takes code only from a bucket of its own region, so the
template asks each region for `example-snapback-<region>` (docs/organisation.md).

StackSets gives each stack a name of its own, `StackSet-snapback-<uuid>`, and CloudFormation cuts a name as long as that where it names functions, roles and
rules after it. So patterns that hear of the stack's own parts are given the beginning that is never cut, and that the stacks of all regions have in common: of
their roles, IAM tells in one region.
"""

import copy
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform  # type: ignore[import-untyped]

_LONGEST_NAME = 14
"""CloudFormation keeps at least 24 characters of a stack's name in those of its parts, and `StackSet-` and `-` are among them."""

_BEGINNINGS = tuple(
    f'{{"Fn::Select": [0, {{"Fn::Split": ["{end}", {{"Ref": "EmptyDefaultSecurityGroupRole"}}]}}]}}' for end in ("-EmptyDefault", "EmptyDefault")
)
"""How the template says the beginning of its parts' names: what CloudFormation leaves of the stack's, without and with the dash behind it."""

_NAMES_PARTS: Mapping[str, str] = {
    "AWS::Events::Rule": "EventPattern",
    "AWS::IAM::Policy": "PolicyDocument",
}
"""What looks for the stack's own parts by the beginning of their names, by type of resource."""

BUILT = Path(__file__).parents[1] / ".aws-sam"


class _NoManagedPolicies:
    """In the place of a look-up of AWS's managed policies, for which SAM would call IAM: no policy here is given by such a name."""

    @staticmethod
    def load() -> dict[str, str]:
        return {}


def written_out(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return the template with SAM's short forms written out; its code must be in S3 already.

    In the description of a layer SAM puts values in the place of parameters. Those of the deployment are not known here, so the reference stays.
    """
    expanded = copy.deepcopy(dict(template))
    defaults = {name: parameter["Default"] for name, parameter in expanded["Parameters"].items()}
    defaults["RunbookUrl"] = "${RunbookUrl}"
    result: dict[str, Any] = transform(expanded, defaults, _NoManagedPolicies())
    result.pop("Transform", None)
    return result


def for_stacksets(template: Mapping[str, Any], bucket: str, name: str = "snapback") -> dict[str, Any]:
    """Return a packaged template without macros, whose code is in the bucket of each region, for the stack set of that name."""
    if len(name) > _LONGEST_NAME:
        raise SystemExit(f"the stack set's name may have {_LONGEST_NAME} characters at most, or the names of its parts cannot be told from others")
    plain = written_out(template)
    for code in _code_of(plain):
        code["S3Bucket"] = {"Fn::Sub": f"{bucket}-${{AWS::Region}}"}
    for resource in plain["Resources"].values():
        part = _NAMES_PARTS.get(resource["Type"])
        if part and part in resource["Properties"]:
            text = json.dumps(resource["Properties"][part])
            for beginning in _BEGINNINGS:
                text = text.replace(beginning, json.dumps(f"StackSet-{name}-"))
            resource["Properties"][part] = json.loads(text)
    return plain


def _code_of(template: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for resource in template["Resources"].values():
        part = {"AWS::Lambda::Function": "Code", "AWS::Lambda::LayerVersion": "Content"}.get(resource["Type"])
        if part:
            yield resource["Properties"][part]


if __name__ == "__main__":
    found = for_stacksets(yaml_parse((BUILT / "packaged.yaml").read_text()), *sys.argv[1:])
    (BUILT / "stackset.json").write_text(json.dumps(found))
