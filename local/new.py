"""Begin a remediation: write its four pieces, so that its tests fail by saying what to fill in.

make new NAME=ec2/require_imdsv2 SHAPE=setting

SHAPE is what the problem looks like (local/starts has one handler for each):

- setting: a setting that should be so
- policy: a resource's policy that should not let in everybody
- steps: what takes several steps, or is otherwise not one of the two
- report: what only people can put right

make new NAME=rds/enable_db_something SHAPE=setting IN=set_database

begins one more remediation of a resource whose settings a function has already (docs/adr/0027-several.md).
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from string import Template

from local import template
from local.remediations import SEVERAL, TOGETHER, logical_id

ROOT = Path(__file__).parents[1]
STARTS = Path(__file__).parent / "starts"
SHAPES = ("setting", "policy", "steps", "report")
_USAGE = f"say NAME=service/verb_thing and SHAPE, one of {', '.join(SHAPES)}; for example: make new NAME=ec2/require_imdsv2 SHAPE=setting [IN=set_database]"

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

_ENTRY = Template("""\
$logical_id:
$permissions\
  triggers:
    - calls to $service: [FillMeIn]
""")

_PERMISSIONS = Template("""\
  permissions:
    - Sid: LookFixAndUndo
      Action: $service:FillMeIn
      Resource: "*" # fill me in: the resources, or why it has to be all
""")


_MORE_PERMISSIONS = Template("""\
    - Sid: FillMeIn
      Action: $service:FillMeIn
      Resource: "*" # fill me in: the resources, or why it has to be all
""")

_MORE_TRIGGERS = Template("""\
    - calls to $service: [FillMeIn]
""")


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


def with_entry(file: Path, entry: str) -> str:
    """Return the service's source of the template with the entry in its place, by name."""
    if not file.exists():
        return entry
    stem = _stem(entry.partition(":")[0])
    lines = file.read_text().splitlines(keepends=True)
    later = [one.begin - len(one.above) for one in template.Source.read(file).entries if _stem(one.key) > stem]
    if not later:
        return "".join([*lines, "\n", entry])
    return "".join([*lines[: later[0]], entry, "\n", *lines[later[0] :]])


def with_more(file: Path, logical_id: str, words: Mapping[str, str]) -> str:
    """Return the service's source of the template in which the function's entry has the permissions and triggers of one more remediation."""
    lines = file.read_text().splitlines(keepends=True)
    entry = next(one for one in template.Source.read(file).entries if one.key == logical_id)
    parts = {part.key: part for part in entry.parts}
    for key, more in (("triggers", _MORE_TRIGGERS), ("permissions", _MORE_PERMISSIONS)):  # the last first, so that the other's place stays
        end = parts[key].end
        while not lines[end - 1].strip():
            end -= 1
        lines.insert(end, more.substitute(words))
    return "".join(lines)


def joined(function: Path, stem: str) -> None:
    """Say in the function, and in the template's output `Together`, that it has one more remediation."""
    stems = SEVERAL[function] = sorted([*SEVERAL[function], stem])  # there, too: the function's block is written from it
    named = "".join(f'    "{one}",\n' for one in stems)
    function.write_text(TOGETHER.sub(f"together = Together(\n    __name__,\n{named})", function.read_text()))
    name, names = function.stem.replace("_", "-"), ", ".join(one.replace("_", "-") for one in stems)
    template.TEMPLATE.write_text(re.sub(rf"^( +{name}: )[^;\n]+", rf"\g<1>{names}", template.TEMPLATE.read_text(), flags=re.MULTILINE))


def _stem(logical_id: str) -> str:
    """Return the name of a handler's file: RequireImdsv2 -> require_imdsv2."""
    return "_".join(re.findall(r"[A-Z][a-z0-9]*", logical_id)).lower()


def main(name: str = "", shape: str = "setting", shared: str = "") -> None:
    """Write the pieces of `service/verb_thing`; refuse to write over any that is there. `shared` is the function that is to have it, if not one of its own."""
    if not re.fullmatch(r"[a-z][a-z0-9]*/[a-z][a-z0-9]*(_[a-z][a-z0-9]*)+", name) or shape not in SHAPES:
        sys.exit(_USAGE)
    service, stem = name.split("/")
    function = ROOT / "functions" / service / f"{shared}.py"
    if shared and (function not in SEVERAL or shape == "report"):
        known = ", ".join(f"{file.parent.name}/{file.stem}" for file in SEVERAL)
        sys.exit(f"IN is a function of the same service that has several remediations already ({known}), and none of them is a report")
    start = (STARTS / f"{shape}.py").read_text()
    if shared:
        start = start.replace(")\nhandler = remediation.handler\n", '    controls=("FillMeIn.1",),\n)\n')
    words = {"service": service, "stem": stem, "logical_id": logical_id(shared or stem)}
    words["permissions"] = "" if shape == "report" else _PERMISSIONS.substitute(words)
    pieces = {
        ROOT / "functions" / service / f"{stem}.py": start,
        ROOT / "events" / service / f"{stem}.json": sample(service),
        ROOT / "tests" / "functions" / service / f"test_{stem}.py": (_REPORT_TEST if shape == "report" else _FIX_TEST).substitute(words),
    }
    declared = ROOT / "template" / f"{service}.yaml"
    named_so = [*pieces, *ROOT.glob(f"functions/*/{stem}.py")]  # commands, exemptions and the journal know it by its name alone, without the service
    if there := dict.fromkeys(str(file.relative_to(ROOT)) for file in named_so if file.exists()):
        sys.exit(f"there already: {', '.join(there)}")
    if not shared and re.search(rf"^  {logical_id(stem)}:", template.TEMPLATE.read_text(), re.MULTILINE):
        sys.exit(f"there already: {logical_id(stem)} in {template.TEMPLATE.relative_to(ROOT)}")
    for file, text in pieces.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        print(f"wrote {file.relative_to(ROOT)}")
    if shared:
        joined(function, stem)
        declared.write_text(with_more(declared, words["logical_id"], words))
    else:
        declared.write_text(with_entry(declared, _ENTRY.substitute(words)))
    template.TEMPLATE.write_text(template.render())
    print(f"wrote {words['logical_id']} into {declared.relative_to(ROOT)} and template.yaml")
    print(f"now run `make catalogue`, and fill in what .venv/bin/pytest -k {stem} asks for")


if __name__ == "__main__":
    main(*sys.argv[1:])
