"""`snapback` as an operator pastes it: every line of *The command* in docs/operating.md is run, by a shell, against a deployed stack."""

import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from local.account import REPOSITORY
from local.demo_account import DemoAccount
from local.demo_stories import Broken, live, open_ssh
from snapback.engine import wording
from tests.harness.chat import shown

LINES = re.search(r"### The command\n.*?```sh\n(.*?)```", (REPOSITORY / "docs" / "operating.md").read_text(), re.DOTALL)
RESOURCE, FIX, PREVIEW = "sg-0a1b2c3d4e5f60718", "sb-b2cc508137851b36", "sb-0c57f7a7b1d8e2a4"
"""The examples there, for which live ones are put."""


@pytest.fixture(scope="module")
def deployed() -> Iterator[DemoAccount]:
    with DemoAccount(retry_seconds=0.2) as account:
        account.deploy(lambda _: None)
        yield account


def paste(account: DemoAccount, line: str, **put: str) -> tuple[int, str]:
    """Run a line in a shell in which `snapback` is the command; return its exit status and what it printed."""
    for example, real in put.items():
        line = line.replace({"resource": RESOURCE, "fix": FIX, "preview": PREVIEW}[example], real)
    script = f'snapback() {{ {sys.executable} -m local.cli "$@"; }}\n{line}'
    environ = {**account.environ, "PYTHONPATH": f"{REPOSITORY}/layers/snapback"}
    done = subprocess.run(["bash", "-c", script], check=False, cwd=REPOSITORY, env=environ, capture_output=True, text=True, timeout=120)  # noqa: S603, S607 - ours
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def open_group(account: DemoAccount) -> str:
    group = account.client("ec2").create_security_group(GroupName=f"web-{uuid.uuid4()}", Description="web servers")["GroupId"]
    open_again(account, group)
    return group


def open_again(account: DemoAccount, group: str) -> None:
    permission: Any = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    account.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])


def hear(account: DemoAccount, group: str) -> dict[str, Any]:
    """Let Snapback hear that the group was opened; return how that ended."""
    event = live((REPOSITORY / "events" / open_ssh.event).read_text(), Broken(group, {"sg-0123456789abcdef0": group}))
    return dict(open_ssh.outcome(account.deliver({**event, "id": str(uuid.uuid4())})))


def is_open(account: DemoAccount, group: str) -> bool:
    return "in tcp 22 0.0.0.0/0" in open_ssh.describe(account, group)


def test_every_line_of_the_documentation_does_what_it_says(deployed: DemoAccount) -> None:
    assert LINES
    status, waiting, listed, show, undo, exempt, unexempt, mode, apply, release, accept, silence, unsilence = [line for line in LINES[1].splitlines() if line]
    code, printed = paste(deployed, status)
    assert (code, printed.splitlines()[0]) == (0, "All is well."), printed
    group = open_group(deployed)
    fix = hear(deployed, group)
    assert fix["outcome"] == "FIXED"
    assert fix["id"] not in paste(deployed, waiting)[1]
    assert fix["id"] in paste(deployed, listed)[1]
    assert f"Now: snapback undo {fix['id']}" in paste(deployed, show, fix=fix["id"])[1]
    code, printed = paste(deployed, undo, fix=fix["id"])
    assert (code, printed.split()[0]) == (0, "UNDONE"), printed
    assert is_open(deployed, group)
    assert paste(deployed, exempt, resource=group)[1].startswith("EXEMPTED")
    assert hear(deployed, group)["outcome"] == "EXEMPT"
    assert paste(deployed, unexempt, resource=group)[1].startswith("EXEMPTED")
    assert paste(deployed, mode)[1].startswith("CHOSEN")
    preview = hear(deployed, group)
    assert preview["outcome"] == "WOULD_FIX"
    assert preview["id"] in paste(deployed, waiting)[1]
    code, printed = paste(deployed, apply, preview=preview["id"])
    assert (code, printed.split()[0]) == (0, "FIXED"), printed
    assert not is_open(deployed, group)
    now = {"N": f"{datetime.now(UTC).timestamp():.3f}"}
    deployed.client("dynamodb").put_item(
        TableName=deployed.output("JournalTable"), Item={"pk": {"S": f"RESOURCE#revoke-open-ingress#{group}"}, **{f"fix{n}": now for n in (1, 2, 3)}}
    )
    assert paste(deployed, "snapback mode revoke-open-ingress default")[0] == 0
    open_again(deployed, group)
    assert hear(deployed, group)["outcome"] == "CONTESTED"
    code, printed = paste(deployed, release, resource=group)
    assert (code, printed.split()[0]) == (0, "FIXED"), printed
    assert not is_open(deployed, group)
    assert "org-trail" in paste(deployed, accept)[1], "there is none, and nothing is remembered of it"
    assert paste(deployed, silence)[1].startswith("EXEMPTED")
    assert paste(deployed, unsilence)[1].startswith("EXEMPTED")


def test_what_is_refused_or_cannot_be_asked_is_one_line_and_an_exit_status(deployed: DemoAccount) -> None:
    assert paste(deployed, f"snapback release {RESOURCE} --remediation revoke-open-ingress")[0] == 1
    code, printed = paste(deployed, "snapback status --stack snapbak")
    assert (code, printed.count("\n")) == (2, 1)
    assert "do you mean snapback?" in printed
    code, printed = paste(deployed, "snapback show sb-0000000000000000 --json")
    assert (code, "there is no sb-0000000000000000" in json.loads(printed)["error"]) == (2, True)


def test_a_button_in_chat_gives_its_command_to_the_function_that_is_deployed(deployed: DemoAccount) -> None:
    group = open_group(deployed)
    deployed.alerts(0)
    assert hear(deployed, group)["outcome"] == "FIXED"
    [alert] = deployed.alerts(1)
    buttons = wording.buttons_of(alert.facts["commands"])
    notification = {"metadata": {"enableCustomActions": True, "additionalContext": {"region": alert.facts["region"], **buttons}}}
    run = shown(notification)["Undo"]
    answer = deployed.client("lambda").invoke(FunctionName=run.function, Payload=json.dumps(run.payload).encode())
    assert json.loads(answer["Payload"].read())["outcome"] == "UNDONE"
    assert is_open(deployed, group)
