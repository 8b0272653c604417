"""Write layers/snapback/operations.json: the operations whose models the layer keeps. They are those that the template's permissions allow.

    make catalogue

A test fails when the file does not hold what this would write.
"""

import json
import re
from pathlib import Path

import botocore.session

from tests.harness.permissions import action_of, grants
from tests.harness.template import functions, switches

ROOT = Path(__file__).parents[1]
OPERATIONS = ROOT / "layers" / "snapback" / "operations.json"

_CLIENT = re.compile(r'\b(?:aws|platform)\("([a-z0-9-]+)"')
_BY_ANOTHER_NAME = {"TransactGetItems": "dynamodb:GetItem", "TransactWriteItems": "dynamodb:PutItem"}
"""Operations that are allowed by the actions of their parts."""

_OF_BOTOCORE = {"s3": ["HeadBucket"]}
"""What a client itself calls: S3's, to find the region of a bucket that is in another one."""


def render() -> str:
    """Return the file's text: service -> the operations that Snapback is allowed, as far as it makes a client of the service."""
    widest = dict.fromkeys(switches(), "on")
    allowed = {grant.action for owner in ["Shared", *functions()] for grant in grants(owner, widest)}
    source = "\n".join(file.read_text() for folder in ("functions", "layers") for file in sorted((ROOT / folder).rglob("*.py")))
    found = {}
    for service in sorted(set(_CLIENT.findall(source))):
        operations = botocore.session.get_session().get_service_model(service).operation_names
        called = {name for name in operations if (_BY_ANOTHER_NAME.get(name) or action_of(service, name)) in allowed}
        found[service] = sorted({*called, *_OF_BOTOCORE.get(service, [])})
    return json.dumps(found, indent=2) + "\n"


if __name__ == "__main__":
    OPERATIONS.write_text(render())
