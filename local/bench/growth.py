"""What size costs: a group with many rules, an account with many users, a storm of events. In memory (moto), answered in pages as by AWS."""

import os
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests import conftest  # sets up the environment that moto and the layer read when they are imported
from tests.harness import account as harness

import boto3  # isort: skip
import botocore.client  # isort: skip
from moto import mock_aws  # isort: skip
from functions.ec2 import revoke_open_ingress  # isort: skip
from functions.iam import deactivate_stale_key  # isort: skip
from snapback.engine import clock  # isort: skip
from tests.harness.discovery import Handler  # isort: skip

Measured = tuple[int, float, float, float, str]
"""Calls, seconds, seconds that were not spent in the emulator, kilobytes at the peak, and how it ended."""


in_emulator: list[float] = []


def table() -> Iterator[str]:
    """Yield the growth as a Markdown table."""
    yield "| what | size | calls | seconds | not in the emulator | peak KB | outcome |"
    yield "|---|---|---|---|---|---|---|"
    for what, measure, sizes in (
        ("a group with so many rules, one of them open", group, (10, 100, 1000)),
        ("a sweep of an account with so many users, one with a stale key", users, (50, 500, 5000)),
        ("a storm of so many events on one group", storm, (100, 1000, 10000)),
    ):
        for size in sizes:
            calls, seconds, besides, kilobytes, outcome = fresh(measure, size)
            yield f"| {what} | {size:,} | {calls:,} | {seconds:.2f} | {besides:.2f} | {kilobytes:,.0f} | {outcome} |"


def fresh(measure: Callable[[harness.Account, int], Measured], size: int) -> Measured:
    """Measure in an account of its own."""
    os.environ.update(conftest.SETTINGS | {"ADMIN_PORTS": "22,3389", "MAX_KEY_AGE_DAYS": "90"})
    virtual = harness.Clock(time.time())
    clock.now, clock.pause = virtual.now, virtual.pause
    real = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]  # noqa: SLF001 - as the tests do

    def timed(*arguments: Any) -> Any:  # noqa: ANN401 - botocore's
        began = time.perf_counter()
        try:
            return real(*arguments)
        finally:
            in_emulator.append(time.perf_counter() - began)

    with mock_aws(config={"core": {"reset_boto3_session": False, "mock_credentials": False}}):
        account = harness.Account(virtual)
        account.set_up()
        botocore.client.BaseClient._make_api_call = harness.watch(account, timed)  # type: ignore[attr-defined]  # noqa: SLF001
        try:
            return measure(account, size)
        finally:
            botocore.client.BaseClient._make_api_call = real  # type: ignore[attr-defined]  # noqa: SLF001


def group(account: harness.Account, size: int) -> Measured:
    """Measure a group with many rules of which one is open: on AWS it may have 1,000, in moto 60."""
    from moto.ec2.models.security_groups import SecurityGroupBackend  # noqa: PLC0415 - only here

    SecurityGroupBackend._verify_group_will_respect_rule_count_limit = lambda *_, **__: None  # type: ignore[method-assign]  # noqa: SLF001 - moto's
    ec2 = boto3.client("ec2")
    name = ec2.create_security_group(GroupName="grown", Description="grown")["GroupId"]
    permissions: Any = [
        {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]} for port in range(1000, 1000 + size - 1)
    ]
    ec2.authorize_security_group_ingress(GroupId=name, IpPermissions=permissions)
    ec2.authorize_security_group_ingress(GroupId=name, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")
    event = sample("ec2", "revoke_open_ingress", {"sg-0123456789abcdef0": name})
    pages = harness.paged("DescribeSecurityGroupRules", "SecurityGroupRules", 100)
    with account.interfered(pages):
        return measured(account, lambda: ended(account.invoke(revoke_open_ingress.remediation, event)))


def users(account: harness.Account, size: int) -> Measured:
    """Measure the daily sweep of an account with many users, of whom one has a stale key."""
    iam = boto3.client("iam")
    for number in range(size):
        iam.create_user(UserName=f"user-{number}")
        iam.create_access_key(UserName=f"user-{number}")
    from moto.iam.models import iam_backends  # noqa: PLC0415 - where moto keeps when a key was made

    [key] = iam_backends["111122223333"]["aws"].users["user-7"].access_keys
    key.create_date = key.create_date.replace(year=key.create_date.year - 1)
    event = sample("iam", "deactivate_stale_key-sweep", {})
    return measured(account, lambda: ended(account.invoke(deactivate_stale_key.remediation, event)))


def storm(account: harness.Account, size: int) -> Measured:
    """Many events about one group, which was opened once."""
    ec2 = boto3.client("ec2")
    name = ec2.create_security_group(GroupName="stormy", Description="stormy")["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=name, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")
    event = sample("ec2", "revoke_open_ingress", {"sg-0123456789abcdef0": name})

    def blow() -> Counter[str]:
        return sum((ended(account.invoke(revoke_open_ingress.remediation, {**event, "id": str(number)})) for number in range(size)), Counter())

    *figures, outcome = measured(account, blow)
    return *figures, f"{outcome}; {len(account.outcomes())} alert"  # type: ignore[return-value]  # as many as they were


def ended(answer: Mapping[str, Any]) -> Counter[str]:
    """Return how often which outcome stands in the answer."""
    return Counter(outcome["outcome"] for outcome in answer["outcomes"])


def sample(service: str, name: str, named: Mapping[str, str]) -> dict[str, Any]:
    """Return a sample event about the live resource."""
    stem = name.partition("-")[0]
    event = Handler(service, stem).samples[name]
    return {**event, "detail": _renamed(event["detail"], named)}


def _renamed(value: Any, named: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return {key: _renamed(inner, named) for key, inner in value.items()}
    return [_renamed(inner, named) for inner in value] if isinstance(value, list) else named.get(value, value) if isinstance(value, str) else value


def measured(account: harness.Account, run: Callable[[], Counter[str]]) -> Measured:
    """Run once for time, calls and memory."""
    account.calls = calls = Counted()  # what tests keep of each call would be the memory that is measured
    in_emulator.clear()
    tracemalloc.start()
    began = time.perf_counter()
    outcomes = run()
    seconds = time.perf_counter() - began
    besides = seconds - sum(in_emulator)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return calls.number, seconds, besides, peak / 1024, ", ".join(f"{number:,} {outcome}" for outcome, number in sorted(outcomes.items()))


class Counted(list[harness.ApiCall]):
    """A list of calls that only counts them."""

    number = 0

    def append(self, _: harness.ApiCall) -> None:
        """Count one more."""
        self.number += 1


if __name__ == "__main__":
    print("\n".join(table()))
