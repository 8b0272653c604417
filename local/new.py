"""Write the four pieces of a new remediation, so that the tests fail until they are filled in.

make new NAME=ec2/require_imdsv2
"""

import re
import sys
from pathlib import Path
from string import Template

ROOT = Path(__file__).parents[1]

HANDLER = Template('''"""Say in one sentence what this puts right.

Why it matters: ...

Wrong when: ...
Fix: ... Undo ...
Leaves alone: ...
"""

from snapback import Evidence, Remediation, aws


def violation(resource: str) -> Evidence:
    """Return what is wrong with the live resource; nothing if all is well."""
    raise NotImplementedError(resource, aws)


def fix(resource: str, evidence: Evidence) -> None:
    """Make the smallest change that puts it right."""
    raise NotImplementedError(resource, evidence)


def undo(resource: str, evidence: Evidence) -> None:
    """Take exactly that change back."""
    raise NotImplementedError(resource, evidence)


remediation = Remediation(
    resource="AWS::Service::Type",
    named_by={"EventName": "requestParameters.resourceId"},
    violation=violation,
    fix=fix,
    undo=undo,
)
handler = remediation.handler
''')

TEST = Template('''"""$stem: say what the tests below show."""

from typing import Any

from tests.harness.scenario import Scenario


def broken() -> str:
    raise NotImplementedError("make a resource with the problem, beside neighbours; return its name")


def state(resource: str) -> dict[str, Any]:
    raise NotImplementedError(resource, "return everything that could be changed, in named parts")


scenario = Scenario(sample="the resource in the sample events", broken=broken, state=state, touched=frozenset({"the part that is fixed"}), environment={})
''')

EVENT = """{
  "version": "0",
  "id": "00000000-0000-0000-0000-000000000000",
  "detail-type": "AWS API Call via CloudTrail",
  "source": "aws.SERVICE",
  "account": "111122223333",
  "time": "2026-11-24T03:10:00Z",
  "region": "us-east-1",
  "resources": [],
  "detail": {}
}
"""

BLOCK = Template("""
  $logical_id:
    Type: AWS::Serverless::Function
    Properties:
      Description: Say in one sentence what this puts right
      CodeUri: functions/$service
      Handler: $stem.handler
      Environment: { Variables: { ROLE_ARN: !GetAtt ${logical_id}Role.Arn } }
      Policies:
        - !Ref Shared
        - Version: "2012-10-17"
          Statement:
            - Sid: LookFixAndUndo
              Effect: Allow
              Action: []
              Resource: []
      Events:
        Heard:
          Type: EventBridgeRule
          Properties:
            Pattern:
              source: [aws.$service]
              detail-type: [AWS API Call via CloudTrail]
              detail:
                eventSource: [$service.amazonaws.com]
                eventName: []
                errorCode: [{ exists: false }]
            DeadLetterConfig: { Arn: !GetAtt DeadLetters.Arn }
""")


def main(name: str) -> None:
    """Write the pieces of `service/verb_thing`; refuse to write over any that is there."""
    if not re.fullmatch(r"[a-z0-9]+/[a-z]+(_[a-z0-9]+)+", name):
        sys.exit("say NAME=service/verb_thing, for example: make new NAME=ec2/require_imdsv2")
    service, stem = name.split("/")
    words = {"service": service, "stem": stem, "logical_id": "".join(word.capitalize() for word in stem.split("_"))}
    pieces = {
        ROOT / "functions" / service / f"{stem}.py": HANDLER.substitute(words),
        ROOT / "events" / service / f"{stem}.json": EVENT,
        ROOT / "tests" / "functions" / service / f"test_{stem}.py": TEST.substitute(words),
    }
    if there := [str(file.relative_to(ROOT)) for file in pieces if file.exists()]:
        sys.exit(f"there already: {', '.join(there)}")
    for file, text in pieces.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        print(f"wrote {file.relative_to(ROOT)}")
    template = ROOT / "template.yaml"
    text = template.read_text()
    template.write_text(text.replace("\nOutputs:\n", f"{BLOCK.substitute(words)}\nOutputs:\n"))
    print(f"wrote the block {words['logical_id']} at the end of template.yaml: move it to its place, by service and name")
    print("now fill them in until `make test` passes")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
