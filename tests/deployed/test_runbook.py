"""The runbook, read out loud: every command in docs/runbook.md is run, by a shell, against a deployed stack."""

import json
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.account import REPOSITORY
from local.demo_account import STACK, DemoAccount
from local.demo_stories import Broken, live, open_ssh

BLOCKS = re.findall(r"^## (.+?)$|^```sh\n(.*?)^```$", (REPOSITORY / "docs" / "runbook.md").read_text(), re.MULTILINE | re.DOTALL)
WAIT = 300

STUBS = {
    # The CLI does not install beside SAM's.
    "aws": f'exec {sys.executable} {Path(__file__).with_name("aws_cli.py")} "$@"',
    # With the environment that runs the tests, which is not set up anew.
    "make": f'cd {REPOSITORY} && exec {shutil.which("make")} -o .venv/ready BIN={Path(sys.executable).parent} "$@"',
}


def sections() -> dict[str, list[str]]:
    """Return the runbook's commands: heading -> blocks. Those before the first heading are under no name."""
    found: dict[str, list[str]] = {"": []}
    heading = ""
    for title, block in BLOCKS:
        heading = title or heading
        found.setdefault(heading, []).extend([block] if block else [])
    return found


SECTIONS = sections()


class Shell:
    """An operator's shell: what one block has set, the next one has."""

    def __init__(self, account: DemoAccount, home: Path, build: Path) -> None:
        self.account = account
        self.home = home
        (home / "bin").mkdir()
        sam = Path(sys.executable).with_name("sam")
        # As the runbook says, with the Python that this machine has, and not into the repository.
        built = f"--template-file {build}/template.yaml --config-file {REPOSITORY}/samconfig.toml"
        folders = f"--build-dir {build} --cache-dir {build}-cache --parameter-overrides PythonRuntime={account.python_runtime}"
        further = f'case $1 in build) set -- "$@" {folders};; deploy) set -- "$@" {built};; esac'
        path = account.environ["PATH"]  # SAM calls make
        stubs = STUBS | {"sam": f'cd {REPOSITORY}\n{further}\nPATH={path} exec {sam} "$@"'}
        for name, script in stubs.items():
            file = home / "bin" / name
            file.write_text(f"#!/bin/sh\n{script}\n")
            file.chmod(0o755)
        self.environ = {**account.environ, "HOME": str(home), "PATH": f"{home}/bin:{account.environ['PATH']}"}
        self.ran: list[str] = []

    def run(self, block: str, *, group: str = "sg-0a1b2c3d4e5f60718", fix: str = "sb-b2cc508137851b36", fails: bool = False) -> str:
        """Run a block with live ids in the place of the examples; return what it printed."""
        self.ran.append(block)
        month = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
        script = block.replace("sg-0a1b2c3d4e5f60718", group).replace("sb-b2cc508137851b36", fix).replace("2027-01-31", month)
        whole = f"set -eu\ntest ! -f state || . ./state\nset -a\n{script}\n{{ export -p; declare -f; }} > {self.home}/state\n"
        done = subprocess.run(["bash", "-c", whole], check=False, cwd=self.home, env=self.environ, capture_output=True, text=True, timeout=WAIT)  # noqa: S603, S607 - ours
        assert bool(done.returncode) is fails, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def answers(self, block: str, *, group: str = "-", fix: str = "-") -> list[dict[str, Any]]:
        """Run a block; return the JSON objects that it printed: answers of functions, and what the CLI says of them."""
        text, found, decoder = self.run(block, group=group, fix=fix), [], json.JSONDecoder()
        while (start := text.find("{")) >= 0:
            one, end = decoder.raw_decode(text[start:])
            found.append(one)
            text = text[start + end :]
        assert not any("FunctionError" in one for one in found), found
        return found


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    home = tmp_path_factory.mktemp("operator")
    build = tmp_path_factory.mktemp("build") / "built"
    with DemoAccount(retry_seconds=0.2) as account:
        shell = Shell(account, home, build)
        shell.run("sam build --config-env prod")
        account.put_up(build)
        account.subscribe()
        [block] = SECTIONS[""]
        shell.run(block)
        yield shell


def break_a_group(account: DemoAccount) -> tuple[str, dict[str, Any]]:
    """Open a new security group; return it and the event that tells of it."""
    ec2 = account.client("ec2")
    group = ec2.create_security_group(GroupName=f"web-{uuid.uuid4()}", Description="web servers")["GroupId"]
    open_again(account, group)
    event = live((REPOSITORY / "events" / open_ssh.event).read_text(), Broken(group, {"sg-0123456789abcdef0": group}))
    return group, {**event, "id": str(uuid.uuid4())}


def open_again(account: DemoAccount, group: str) -> None:
    permission: Any = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    account.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])


def is_open(account: DemoAccount, group: str) -> bool:
    return "in tcp 22 0.0.0.0/0" in open_ssh.describe(account, group)


def outcome(account: DemoAccount, event: dict[str, Any]) -> dict[str, Any]:
    one = open_ssh.outcome(account.deliver(event))
    return dict(one)


def put(account: DemoAccount, pk: str, **attributes: Any) -> None:  # noqa: ANN401 - DynamoDB's own form
    account.client("dynamodb").put_item(TableName=account.output("JournalTable"), Item={"pk": {"S": pk}, **attributes})


def as_if_refused(account: DemoAccount, fix: str) -> None:
    """Let the journal say that AWS refused this fix."""
    account.client("dynamodb").update_item(
        TableName=account.output("JournalTable"),
        Key={"pk": {"S": f"FIX#{fix}"}},
        UpdateExpression="SET #status = :failed",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":failed": {"S": "FAILED"}},
    )


def full(registers: int) -> dict[str, dict[str, str]]:
    """Return a shift register in which every fix was made just now."""
    now = f"{datetime.now(UTC).timestamp():.3f}"
    return {f"fix{number}": {"N": now} for number in range(1, registers + 1)}


def test_what_was_held_is_looked_at_and_released(shell: Shell) -> None:
    look, release = SECTIONS["HELD: too many fixes in an hour"]
    put(shell.account, "BREAKER#revoke-open-ingress", **full(20))
    group, event = break_a_group(shell.account)
    other, second = break_a_group(shell.account)
    assert [outcome(shell.account, one)["outcome"] for one in (event, second)] == ["HELD", "HELD"]
    seen = shell.run(look, group=group)
    assert group in seen
    assert other in seen
    assert "RevokeSecurityGroupIngress" in seen
    answer, _ = shell.answers(release, group=group)
    assert [one["outcome"] for one in answer["outcomes"]] == ["FIXED", "FIXED"]
    assert not is_open(shell.account, group)
    assert not is_open(shell.account, other)


def test_exemptions_that_cannot_be_read_are_put_away(shell: Shell) -> None:
    [block] = SECTIONS["HELD: the exemptions cannot be read"]
    chosen = json.dumps({"revoke-open-ingress": {"mode": "enforce", "by": "Jo", "at": "2026-11-24 03:10:00 UTC"}})
    row: dict[str, Any] = {"exemptions": {"S": "what?"}, "version": {"S": "1"}, "latest_end": {"N": "9999999999"}, "modes": {"S": chosen}}
    put(shell.account, "EXEMPT#revoke-open-ingress", **row)
    group, event = break_a_group(shell.account)
    assert outcome(shell.account, event)["outcome"] == "HELD"
    printed = shell.run(block, group=group)
    assert printed.startswith(f"what?\t{chosen}")
    assert "FIXED" in printed
    assert not is_open(shell.account, group)
    key = {"pk": {"S": "EXEMPT#revoke-open-ingress"}}
    left = shell.account.client("dynamodb").get_item(TableName=shell.account.output("JournalTable"), Key=key)["Item"]
    assert left["modes"] == {"S": chosen}


def test_what_is_contested_is_handed_back(shell: Shell) -> None:
    [block] = SECTIONS["CONTESTED: the same resource again and again"]
    group, event = break_a_group(shell.account)
    put(shell.account, f"RESOURCE#revoke-open-ingress#{group}", **full(3))
    assert outcome(shell.account, event)["outcome"] == "CONTESTED"
    printed = shell.run(block, group=group)
    assert "CONTESTED" in printed
    assert "FIXED" in printed
    assert not is_open(shell.account, group)


def test_what_was_not_put_right_is_looked_at_and_handled_anew(shell: Shell) -> None:
    look, again = SECTIONS["PARTIAL, UNVERIFIED, FAILED: not, or not certainly, put right"]
    group, event = break_a_group(shell.account)
    fixed = outcome(shell.account, event)
    answer, _ = shell.answers(look, group=group)
    assert answer["wrong"] == []
    open_again(shell.account, group)
    answer, _ = shell.answers(look, group=group)
    assert answer["wrong"] != []
    as_if_refused(shell.account, fixed["id"])
    printed = shell.run(again, group=group, fix=fixed["id"])
    assert "CidrIpv4" in printed
    assert not is_open(shell.account, group)


def test_a_fix_is_taken_back(shell: Shell) -> None:
    [block] = SECTIONS["Undo"]
    group, event = break_a_group(shell.account)
    fixed = outcome(shell.account, event)
    assert fixed["outcome"] == "FIXED"
    answer, _ = shell.answers(block, fix=fixed["id"])
    assert answer["outcome"] == "UNDONE"
    assert is_open(shell.account, group)


def test_an_exemption_is_granted_and_a_wrong_one_is_ended_and_made_good(shell: Shell) -> None:
    [grant] = SECTIONS["Exempt"]
    end, make_good = SECTIONS["A wrong exemption"]
    group, event = break_a_group(shell.account)
    assert "vendor test" in shell.run(grant, group=group)
    assert outcome(shell.account, event)["outcome"] == "EXEMPT"
    shell.answers(end, group=group)
    assert is_open(shell.account, group)
    assert group in shell.run(make_good, group=group)
    assert not is_open(shell.account, group)


def dead_letters(account: DemoAccount) -> int:
    attributes = account.client("sqs").get_queue_attributes(QueueUrl=account.output("DeadLetterQueue"), AttributeNames=["All"])["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"]) + int(attributes["ApproximateNumberOfMessagesNotVisible"])


def send_dead_letter(account: DemoAccount, body: object, **attributes: str) -> None:
    given: Any = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    account.client("sqs").send_message(QueueUrl=account.output("DeadLetterQueue"), MessageBody=json.dumps(body), MessageAttributes=given)


def test_dead_letters_are_looked_at_redriven_and_what_cannot_be_read_is_purged(shell: Shell) -> None:
    look, redrive, purge = SECTIONS["Dead letters"]
    account = shell.account
    group, event = break_a_group(account)
    other, second = break_a_group(account)
    arn = f"arn:aws:lambda:us-east-1:111122223333:function:{shell.run('echo $FUNCTION').strip()}"
    sweep = {**event, "id": "tick", "detail-type": "Scheduled Event", "source": "aws.scheduler", "detail": {}, "resources": [schedule_arn(account)]}
    send_dead_letter(account, event, RequestID="1", ErrorCode="200", ErrorMessage="the journal was gone")
    send_dead_letter(account, second, RULE_ARN="arn:aws:events:us-east-1:111122223333:rule/x", TARGET_ARN=arn, ERROR_CODE="NO_PERMISSIONS")
    send_dead_letter(account, sweep, ErrorMessage="it was throttled")
    send_dead_letter(account, {"undo": "sb-1"}, ErrorMessage="a command")
    send_dead_letter(account, second, TARGET_ARN=f"{arn}-of-somebody-else", ERROR_MESSAGE="not ours")
    unreadable = {**event["detail"], "requestParameters": {"omitted": True, "reason": "requestParameters too large"}, "responseElements": None}
    send_dead_letter(account, {**event, "detail": unreadable}, ErrorMessage="cannot be read")
    seen = shell.run(look)
    for words in ("the journal was gone", "NO_PERMISSIONS", "for: RestartRecorder", "no event: ", "no function of this stack", "6 dead letters"):
        assert words in seen
    assert dead_letters(account) == 6
    assert is_open(account, group)
    done = shell.run(redrive, fails=True)
    assert f"RevokeOpenIngress: FIXED {group}" in done
    assert f"RevokeOpenIngress: FIXED {other}" in done
    assert "RevokeOpenIngress: failed again: " in done
    assert "look at the call by hand: the letter stays" in done
    assert "3 handled and taken off the queue, 3 left there" in done
    assert dead_letters(account) == 3
    shell.run(purge)
    assert dead_letters(account) == 0


def schedule_arn(account: DemoAccount) -> str:
    """Return the schedule of the recorder's hourly sweep."""
    [schedule] = account.client("scheduler").list_schedules(NamePrefix=f"{STACK}-RestartRecorderHourlySweep")["Schedules"]
    return str(schedule["Arn"])


def test_a_remediation_is_switched_off_and_on_and_misses_nothing(shell: Shell) -> None:
    off, on = SECTIONS["Switch one remediation off, and on"]
    group, event = break_a_group(shell.account)
    shell.run(off)
    send_dead_letter(shell.account, event, ErrorMessage="it is switched off")  # as Lambda does
    assert "RevokeOpenIngress: switched off or at its limit" in shell.run('make redrive STACK="$STACK"', fails=True)
    assert is_open(shell.account, group)
    assert dead_letters(shell.account) == 1
    shell.run(on)
    assert not is_open(shell.account, group)
    assert dead_letters(shell.account) == 0


def test_the_journal_is_read_as_a_page_and_by_outcome(shell: Shell) -> None:
    report, scan = SECTIONS["Read the journal"]
    _, event = break_a_group(shell.account)
    fixed = outcome(shell.account, event)
    shell.run(report)
    assert fixed["id"] in (shell.home / "snapback.html").read_text()
    assert f"FIX#{fixed['id']}" in shell.run(scan)


def test_an_upgrade_keeps_the_parameters_that_are_not_named_and_the_journal(shell: Shell) -> None:
    upgrade, further = SECTIONS["Upgrade"]
    shell.run(upgrade)
    shell.run(further)
    functions = shell.account.client("lambda").list_functions()["Functions"]
    variables = [one["Environment"]["Variables"] for one in functions]
    assert {(one["MODE"], one["DISRUPTIVE_MODE"], one["MAX_FIXES_PER_HOUR"]) for one in variables} == {("enforce", "preview", "40")}
    assert {one["Runtime"] for one in functions} == {shell.account.python_runtime}
    assert "FIX#sb-" in shell.run(SECTIONS["Read the journal"][1])


def test_nothing_is_left_after_the_stack_is_uninstalled(shell: Shell) -> None:
    remove, left = SECTIONS["Uninstall without a trace"]
    ec2 = shell.account.client("ec2")
    isolation = ec2.create_security_group(GroupName="snapback-isolation", Description="isolation")["GroupId"]
    shell.run(remove)
    client = shell.account.client
    assert client("lambda").list_functions()["Functions"] == []
    assert client("events").list_rules()["Rules"] == []
    assert client("dynamodb").list_tables()["TableNames"] == []
    assert client("sns").list_topics()["Topics"] == []
    assert [one["logGroupName"] for one in client("logs").describe_log_groups()["logGroups"] if STACK in one["logGroupName"]] == []
    assert isolation in shell.run(left)


def test_every_command_of_the_runbook_was_run(shell: Shell) -> None:
    assert [block for blocks in SECTIONS.values() for block in blocks if block not in shell.ran] == []
