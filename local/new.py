"""Begin a remediation: write its four pieces, so that its tests fail by saying what to fill in.

make new NAME=ec2/require_imdsv2 SHAPE=setting

SHAPE is what the problem looks like (local/starts has one handler for each):

- setting: a setting that should be so
- policy: a resource's policy that should not let in everybody
- steps: what takes several steps, or is otherwise not one of the two
- report: what only people can put right
"""

import json
import re
import sys
from pathlib import Path
from string import Template

ROOT = Path(__file__).parents[1]
STARTS = Path(__file__).parent / "starts"
SHAPES = ("setting", "policy", "steps", "report")

_FIX_TEST = Template('''"""$stem: say what the tests below show."""

from typing import Any

import pytest

from functions.$service.$stem import remediation
from tests.harness.scenario import Scenario


def broken() -> str:
    pytest.fail("fill me in: make a resource with the problem, beside a neighbour that must stay as it is; return its name")


def right() -> str:
    pytest.fail("fill me in: make a resource without the problem; return its name")


def state(resource: str) -> dict[str, Any]:
    pytest.fail(f"fill me in: return all of {resource} and of its neighbour that could be changed, in named parts")


scenario = Scenario(sample="fill-me-in", broken=broken, state=state, touched=frozenset({"the part that the fix is for"}), environment={})


@pytest.mark.usefixtures("account")
def test_what_is_as_it_should_be_is_left_alone() -> None:
    assert remediation.violation(right()) == []
''')

_REPORT_TEST = Template('''"""$stem: say what the tests below show."""

from functions.$service.$stem import remediation
from tests.harness.account import Account
from tests.harness.discovery import Handler

SAMPLES = Handler("$service", "$stem").samples


def test_what_is_told_says_what_happened_and_what_to_do_first(account: Account) -> None:
    assert account.deliver(remediation, SAMPLES["$stem"]) == ["REPORTED"]
    [alert] = account.alerts()
    assert "fill me in" not in alert["text"]
''')

_BLOCK = Template("""\
  $logical_id:
    Type: AWS::Serverless::Function
    Properties:
      Description: $description
      CodeUri: functions/$service
      Handler: $stem.handler
      Environment: { Variables: { ROLE_ARN: !GetAtt ${logical_id}Role.Arn } }
      Policies:
        - !Ref Shared
$statements      Events:
        Trigger:
          Type: EventBridgeRule
          Properties:
            Pattern:
              source: [aws.$service]
              detail-type: [AWS API Call via CloudTrail]
              detail:
                eventSource: [$service.amazonaws.com]
                eventName: [FillMeIn]
                errorCode: [{ exists: false }]
            DeadLetterConfig: { Arn: !GetAtt DeadLetters.Arn }

""")

_STATEMENTS = Template("""\
        - Version: "2012-10-17"
          Statement:
            - Sid: LookFixAndUndo
              Effect: Allow
              Action: $service:FillMeIn
              Resource: "*" # fill me in: the resources, or why it has to be all
""")

_BLOCKS = re.compile(
    r"^(?:  # .*\n)*  \w+:\n    Type: AWS::Serverless::Function\n(?:    .*\n)*?      CodeUri: functions/(\w+)\n      Handler: (\w+)\.handler\n(?:    .*\n)*\n",
    re.MULTILINE,
)
"""The functions' blocks, each with the comment above it and the empty line below."""


def sample(service: str) -> str:
    """Return an event as CloudTrail's records are: fill in the call, its request and its answer as AWS documents them."""
    detail = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDAEXAMPLE1111111111",
            "arn": "arn:aws:iam::111122223333:user/alice",
            "accountId": "111122223333",
            "accessKeyId": "AKIAEXAMPLE111111111",
            "userName": "alice",
        },
        "eventTime": "2026-11-24T03:09:41Z",
        "eventSource": f"{service}.amazonaws.com",
        "eventName": "FillMeIn",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.13.7 cmd/example",
        "requestParameters": {"fillMeIn": "fill-me-in"},
        "responseElements": None,
        "requestID": "7758cff5-754b-56ea-b47b-4886751daf25",
        "eventID": "9ad70002-f670-5752-bafd-3f766bd281b6",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
    }
    event = {
        "version": "0",
        "id": "2f541023-74db-596e-8921-c4543b03c27c",
        "detail-type": "AWS API Call via CloudTrail",
        "source": f"aws.{service}",
        "account": "111122223333",
        "time": "2026-11-24T03:10:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail": detail,
    }
    return json.dumps(event, indent=2) + "\n"


def with_block(template: str, block: str, service: str, stem: str) -> str:
    """Return the template with the block in its place, by service and name; a service that is new gets a line of its own above it."""
    blocks = [found for found in _BLOCKS.finditer(template) if found[1] != "snapback"]
    of_service = [found for found in blocks if found[1] == service]
    later = [found.start() for found in blocks if found[1] > service]
    if not of_service:
        where = template.rindex("  # ---", 0, later[0]) if later else blocks[-1].end()
        block = f"  # {f' {service}':->76}\n\n{block}"
    else:
        where = next((found.start() for found in of_service if found[2] > stem), of_service[-1].end())
    return template[:where] + block + template[where:]


def main(name: str = "", shape: str = "setting") -> None:
    """Write the pieces of `service/verb_thing`; refuse to write over any that is there."""
    if not re.fullmatch(r"[a-z0-9]+/[a-z0-9]+(_[a-z0-9]+)+", name) or shape not in SHAPES:
        sys.exit(f"say NAME=service/verb_thing and SHAPE, one of {', '.join(SHAPES)}; for example: make new NAME=ec2/require_imdsv2 SHAPE=setting")
    service, stem = name.split("/")
    start = (STARTS / f"{shape}.py").read_text()
    summary = start.removeprefix('"""').partition(".\n")[0]
    logical_id = "".join(word.capitalize() for word in stem.split("_"))
    words = {"service": service, "stem": stem, "logical_id": logical_id, "description": f'"{summary}"'}
    words["statements"] = "" if shape == "report" else _STATEMENTS.substitute(words)
    pieces = {
        ROOT / "functions" / service / f"{stem}.py": start,
        ROOT / "events" / service / f"{stem}.json": sample(service),
        ROOT / "tests" / "functions" / service / f"test_{stem}.py": (_REPORT_TEST if shape == "report" else _FIX_TEST).substitute(words),
    }
    template = ROOT / "template.yaml"
    if there := [str(file.relative_to(ROOT)) for file in pieces if file.exists()]:
        sys.exit(f"there already: {', '.join(there)}")
    for file, text in pieces.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        print(f"wrote {file.relative_to(ROOT)}")
    template.write_text(with_block(template.read_text(), _BLOCK.substitute(words), service, stem))
    print(f"wrote the block {logical_id} into template.yaml")
    print(f"now run `make catalogue`, and fill in what .venv/bin/pytest -k {stem} asks for")


if __name__ == "__main__":
    main(*sys.argv[1:])
