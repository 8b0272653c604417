"""The answers that the laws are given from memory are those that they would get, and nothing that they ask changes the account."""

import pickle
from collections.abc import Callable, Mapping
from typing import Any

import boto3
import pytest

from snapback.engine import clients
from tests.contract.conftest import Broken
from tests.harness.account import Account, operations
from tests.harness.remembered import Beginning, Remembered


class _Compared(Remembered):
    """Asks for real every time, also what was asked before, and compares."""

    def __init__(self, account: Account) -> None:
        super().__init__(account.remembered.set_clock)
        self.compared, self.differences = 0, list[object]()

    def knows(self, beginning: Beginning, name: str) -> bool:
        self.before = {part: said[name] for part, said in (("answer", beginning.answers), ("refusal", beginning.refusals)) if name in said}
        return False

    def learn(self, beginning: Beginning, name: str, really: Callable[[Mapping[str, Any]], Any], parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401
        before = self.before
        try:
            return super().learn(beginning, name, really, parameters)
        finally:
            if before:
                now = {part: said[name] for part, said in (("answer", beginning.answers), ("refusal", beginning.refusals)) if name in said}
                self.compared += 1
                if plain(before) != plain(now):
                    self.differences.append((before, now))


class _OnlyRemembered(Remembered):
    """Asks for nothing."""

    def learn(self, *call: object) -> Any:  # noqa: ANN401
        raise AssertionError(f"not known: {call}")


def plain(said: Mapping[str, bytes]) -> object:
    """Return what AWS said, but for the number of the request; files are read once only and never remembered."""
    loaded = {part: pickle.loads(what) for part, what in said.items()}  # noqa: S301 - what has been dumped by the tests
    return {part: {key: repr(value).partition(" object at ")[0] for key, value in what.items() if key != "ResponseMetadata"} for part, what in loaded.items()}


def there_and_back(broken: Broken) -> list[object]:
    """Deliver the event, again, and undo it; return the account after each, and what was called."""
    account, found = broken.account, list[object]()
    steps: list[Callable[[], object]] = [broken.deliver, lambda: broken.deliver(broken.event(event_id="another")), lambda: undo(broken)]
    for step in steps:
        step()
        found.append(broken.state())
    return [*found, account.outcomes(), operations(account.calls)]


def undo(broken: Broken) -> object:
    return broken.account.invoke(broken.remediation, {"undo": broken.account.alerts()[0]["id"]}) if broken.remediation.undo else None


def test_what_is_remembered_is_what_would_be_answered_and_ends_in_the_same_account(broken: Broken) -> None:
    account = broken.account
    begin_again = account.keep()
    Remembered.now = account.remembered = compared = _Compared(account)
    for _ in range(2):
        begin_again()
        real = there_and_back(broken)
    assert compared.differences == []
    assert compared.compared
    Remembered.now = account.remembered = _OnlyRemembered(compared.set_clock)
    begin_again()
    assert there_and_back(broken) == real
    account.remembered.forget()
    assert broken.state() == real[len(real) - 3], "moto has caught up"


def test_whoever_changes_an_answer_changes_no_other(account: Account) -> None:
    account.keep()
    ec2 = boto3.client("ec2")
    ec2.describe_vpcs()["Vpcs"].clear()
    assert ec2.describe_vpcs()["Vpcs"]


def test_what_was_written_before_a_preview_is_there_also_if_moto_catches_up_within_it(account: Account) -> None:
    begin_again = account.keep()
    for _ in range(2):
        begin_again()
        boto3.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    with clients.watched(preview=True) as calls:
        assert [vpc["CidrBlock"] for vpc in clients.aws("ec2").describe_vpcs()["Vpcs"] if not vpc["IsDefault"]] == ["10.0.0.0/16"]
    assert calls.made == []
    begin_again()
    clients.aws("ec2").create_vpc(CidrBlock="10.1.0.0/16")
    begin_again()
    with clients.watched(preview=False) as calls:
        clients.aws("ec2").create_vpc(CidrBlock="10.1.0.0/16")
    assert [call.operation for call in calls.effective] == ["CreateVpc"], "what is answered from memory is seen like what is sent"
    with clients.watched(preview=True) as calls:
        assert [vpc["CidrBlock"] for vpc in clients.aws("ec2").describe_vpcs()["Vpcs"] if not vpc["IsDefault"]] == ["10.1.0.0/16"]


def test_after_a_write_the_answer_is_another(account: Account) -> None:
    account.keep()
    ec2 = boto3.client("ec2")
    before = len(ec2.describe_vpcs()["Vpcs"])
    ec2.create_vpc(CidrBlock="10.0.0.0/16")
    assert len(ec2.describe_vpcs()["Vpcs"]) == before + 1


def test_a_refusal_is_remembered_with_its_code_as_the_error_that_it_was(account: Account) -> None:
    account.keep()
    s3 = boto3.client("s3")
    for _ in range(2):
        with pytest.raises(s3.exceptions.NoSuchBucket):
            s3.get_bucket_location(Bucket="none-of-that-name")
