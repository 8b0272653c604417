"""Write the packaged template as CloudFormation gets to see it, for StackSets, which do not run SAM's transform.

    make package BUCKET=example-snapback

`.aws-sam/packaged.yaml`, which `sam package` has written, becomes `.aws-sam/stackset.json`. Lambda takes code only from a bucket of its own region, so the
template asks each region for `example-snapback-<region>` (docs/organisation.md).
"""

import copy
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform  # type: ignore[import-untyped]

BUILT = Path(__file__).parents[1] / ".aws-sam"


class _NoManagedPolicies:
    """In the place of a look-up of AWS's managed policies, for which SAM would call IAM: no policy here is given by such a name."""

    @staticmethod
    def load() -> dict[str, str]:
        return {}


def written_out(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return the template with SAM's short forms written out; its code must be in S3 already."""
    expanded = copy.deepcopy(dict(template))
    defaults = {name: parameter["Default"] for name, parameter in expanded["Parameters"].items()}
    result: dict[str, Any] = transform(expanded, defaults, _NoManagedPolicies())
    result.pop("Transform", None)
    return result


def for_stacksets(template: Mapping[str, Any], bucket: str) -> dict[str, Any]:
    """Return a packaged template without macros, whose code is in the bucket of each region."""
    plain = written_out(template)
    for code in _code_of(plain):
        code["S3Bucket"] = {"Fn::Sub": f"{bucket}-${{AWS::Region}}"}
    return plain


def _code_of(template: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for resource in template["Resources"].values():
        part = {"AWS::Lambda::Function": "Code", "AWS::Lambda::LayerVersion": "Content"}.get(resource["Type"])
        if part:
            yield resource["Properties"][part]


if __name__ == "__main__":
    [name] = sys.argv[1:]
    found = for_stacksets(yaml_parse((BUILT / "packaged.yaml").read_text()), name)
    (BUILT / "stackset.json").write_text(json.dumps(found))
