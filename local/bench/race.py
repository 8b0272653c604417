"""Run the contenders in turn, measure whole processes, and print the table."""

import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.account import REPOSITORY
from local.demo_account import OLD_KEY, OLD_KEY_USER, DemoAccount

PYTHONS = {"snapback": "bare", "custodian": "custodian", "boto3": "boto3"}
"""Contender -> its environment in .cache: nothing but Python, as in Lambda, where Snapback has its layer; or the tool and what it needs."""

CONTENDERS = REPOSITORY / "local" / "bench" / "contenders.py"
FUNCTIONS = {"open ssh": "RevokeOpenIngress", "public bucket": "BlockPublicBucket", "stale key": "DeactivateStaleKey"}
WARM = 9
APART = 2.2
"""Seconds. A resource that was fixed less than two seconds ago is looked at again before it is touched: a guard against two clocks, not a cost of the path."""

Rows = Mapping[str, Mapping[str, "Figures"]]
"""Problem -> contender -> its figures."""


@dataclass(frozen=True)
class Problem:
    """One problem, which can be made again and again."""

    event: Mapping[str, Any]
    again: Callable[[], object]
    """Break the resource, as it is now."""
    is_right: Callable[[], bool]


@dataclass
class Figures:
    """What one contender took for one problem."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    calls: int = 0
    warm_cpu: float = 0
    warm_besides: float = 0
    """CPU seconds of a warm run that were not spent in AWS calls."""
    warm_seconds: float = 0

    def median(self, what: str) -> float:
        """Return the median of the runs."""
        return float(statistics.median(getattr(self, what)))


class Race:
    """The contenders, an account for them to put right, and what they took."""

    def __init__(self, account: DemoAccount, build: Path) -> None:
        """Take a running account and the folder into which `sam build` has built."""
        self.account = account
        self.build = build
        self.prefix: list[str] = []
        """What every process is begun with."""
        self.problems = {"open ssh": self._open_ssh(), "public bucket": self._public_bucket(), "stale key": self._stale_key()}

    def alone(self, problem: str, runs: int, *, memory: int) -> Figures:
        """Let Snapback put the problem right with the share of a processor that Lambda gives to so many megabytes."""
        figures = Figures()
        with _share_of_lambda(memory) as self.prefix:
            for number in range(runs + 1):
                self._cold("snapback", problem, figures if number else Figures())
            self._warm("snapback", problem, figures)
        self.prefix = []
        return figures

    def run(self, runs: int) -> Rows:
        """Let each contender put each problem right so many times, in turn, each time in a fresh process; then time the last of them warm."""
        rows = {problem: {who: Figures() for who in ("snapback", "custodian", "boto3")} for problem in self.problems}
        for problem, row in rows.items():
            for number in range(runs + 1):  # the first is not counted: it compiles and fills the disk's cache
                for who, figures in row.items():
                    self._cold(who, problem, figures if number else Figures())
            for who, figures in row.items():
                self._warm(who, problem, figures)
        return rows

    def _cold(self, who: str, problem: str, figures: Figures) -> None:
        if who == "snapback":
            time.sleep(APART)
        self.problems[problem].again()
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder, self._started(who, problem, folder) as process:
            assert process.stdin  # noqa: S101 - it was asked for
            process.stdin.close()
            assert process.stdout  # noqa: S101
            said = process.stdout.read()
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        figures.seconds.append(time.perf_counter() - began)
        figures.cpu.append(used.ru_utime + used.ru_stime)
        self._check(who, problem, process.returncode)
        result = json.loads(said)
        figures.calls = result["calls"]
        figures.megabytes.append(result["megabytes"])

    def _warm(self, who: str, problem: str, figures: Figures) -> None:
        results = []
        self.problems[problem].again()
        with tempfile.TemporaryDirectory() as folder, self._started(who, problem, folder) as process:
            assert process.stdin  # noqa: S101
            assert process.stdout  # noqa: S101
            process.stdout.readline()
            for _ in range(WARM):
                time.sleep(APART)
                self.problems[problem].again()
                process.stdin.write("again\n")
                process.stdin.flush()
                results.append(json.loads(process.stdout.readline()))
                self._check(who, problem, 0)
            process.stdin.close()
            process.wait()
        figures.warm_besides = statistics.median(result["cpu"] - result["cpu_of_calls"] for result in results)
        figures.warm_cpu = statistics.median(result["cpu"] for result in results)
        figures.warm_seconds = statistics.median(result["wall"] for result in results)

    def _check(self, who: str, problem: str, code: int) -> None:
        if code or not self.problems[problem].is_right():
            raise SystemExit(f"{who} did not put right: {problem} (exit code {code})")

    def _started(self, who: str, problem: str, folder: str) -> "subprocess.Popen[str]":
        python = str(REPOSITORY / ".cache" / PYTHONS[who] / "bin" / "python")
        event = Path(folder) / "event.json"
        event.write_text(json.dumps(self.problems[problem].event if who == "snapback" else _as_call(self.problems[problem].event)))
        environment = {**self.account.environ, **SETTINGS, "AWS_LAMBDA_FUNCTION_NAME": "bench", "PYTHONDONTWRITEBYTECODE": "1"}  # code is read-only there
        if who == "snapback":
            environment["PYTHONPATH"] = os.pathsep.join([str(self.build / FUNCTIONS[problem]), str(self.build / "SnapbackLayer" / "python")])
        return subprocess.Popen(
            [*self.prefix, python, str(CONTENDERS), who, problem, str(event)],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def _open_ssh(self) -> Problem:
        ec2 = self.account.client("ec2")
        group = ec2.create_security_group(GroupName="bench", Description="bench")["GroupId"]
        ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=443, ToPort=443, CidrIp="0.0.0.0/0")

        def again() -> None:
            ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")

        def ports() -> set[int]:
            return {permission["FromPort"] for permission in ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]}

        return Problem(_sample("ec2/revoke_open_ingress.json", {"sg-0123456789abcdef0": group}), again, lambda: ports() == {443})

    def _public_bucket(self) -> Problem:
        s3 = self.account.client("s3")
        s3.create_bucket(Bucket="bench-bucket")

        def is_right() -> bool:
            return all(s3.get_public_access_block(Bucket="bench-bucket")["PublicAccessBlockConfiguration"].values())

        event = _sample("s3/block_public_bucket.json", {"snapback-sample-bucket": "bench-bucket"})
        return Problem(event, lambda: s3.delete_public_access_block(Bucket="bench-bucket"), is_right)

    def _stale_key(self) -> Problem:
        iam = self.account.client("iam")
        user = iam.create_user(UserName=OLD_KEY_USER)["User"]["UserId"]

        def is_right() -> bool:
            return [key["Status"] for key in iam.list_access_keys(UserName=OLD_KEY_USER)["AccessKeyMetadata"]] == ["Inactive"]

        event = _sample("iam/deactivate_stale_key.json", {"AIDAEXAMPLEUSER000001": user})
        event["detail"]["resourceId"] = user
        return Problem(event, lambda: iam.update_access_key(UserName=OLD_KEY_USER, AccessKeyId=OLD_KEY, Status="Active"), is_right)


@contextmanager
def _share_of_lambda(memory: int) -> Iterator[list[str]]:
    """Give the beginning of a command that runs with Lambda's share of a processor: a whole one at 1,769 MB, less in proportion.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html; it needs root, and control groups of version 1.
    """
    group = Path("/sys/fs/cgroup/cpu/snapback-bench")
    group.mkdir()
    period = int((group / "cpu.cfs_period_us").read_text())
    (group / "cpu.cfs_quota_us").write_text(str(int(period * memory / 1769)))
    try:
        yield ["sh", "-c", f'echo $$ >{group}/cgroup.procs; exec "$@"', "sh"]
    finally:
        group.rmdir()


SETTINGS = {
    "MODE": "enforce",
    "DISRUPTIVE_MODE": "enforce",
    "MAX_FIXES_PER_HOUR": "100",
    "MAX_FIXES_PER_RESOURCE": "100",
    "EXEMPT_DAYS_AFTER_UNDO": "7",
    "READ_TAGS": "off",
    "RESOLVE_FINDINGS": "off",
    "JOURNAL_DAYS": "365",
    "JOURNAL_TABLE": "Journal",
    "STORM_AFTER": "100",
    "ALERTS": "2.0   ",
    "STORM_QUEUE": "none is needed",
    "TOPIC_ARN": "arn:aws:sns:us-east-1:111122223333:Alerts",
    "ROLE_ARN": "arn:aws:iam::111122223333:role/snapback",
    "ADMIN_PORTS": "22,3389",
    "MAX_KEY_AGE_DAYS": "90",
}
"""As the template gives them, with limits that a race does not reach."""


def _sample(file: str, named: Mapping[str, str]) -> dict[str, Any]:
    text = (REPOSITORY / "events" / file).read_text()
    for written, live in named.items():
        text = text.replace(written, live)
    event: dict[str, Any] = json.loads(text)
    return event


def _as_call(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event as the others hear it: Custodian hears of keys by CloudTrail calls, with the user's name."""
    if event["detail-type"] == "AWS API Call via CloudTrail":
        return dict(event)
    call = _sample("s3/block_public_bucket.json", {})
    call["detail"] |= {"eventSource": "iam.amazonaws.com", "eventName": "CreateAccessKey", "requestParameters": {"userName": OLD_KEY_USER}}
    return {**call, "source": "aws.iam"}
