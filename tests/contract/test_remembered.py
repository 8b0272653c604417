"""The answers that the laws are given from memory are those that they would get, and nothing that they ask changes the account."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from tests.contract.conftest import Broken
from tests.harness.account import Account, operations
from tests.harness.remembered import Remembered


class _Compared(Remembered):
    """Asks for real as well, every time, and compares."""

    def __init__(self) -> None:
        super().__init__()
        self.compared, self.differences = 0, list[object]()

    def answer(self, client: BaseClient, operation: str, parameters: Mapping[str, Any], now: float, ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if not self.state or not self.is_read(client.meta.service_model.service_name, operation):
            return super().answer(client, operation, parameters, now, ask)
        asked = copy.deepcopy(parameters)  # botocore renames some of them in their place
        real = said(ask)
        remembered = said(lambda: Remembered.answer(self, client, operation, asked, now, ask))
        self.compared += 1
        if remembered != real:
            self.differences.append((operation, remembered, real))
        return super().answer(client, operation, asked, now, ask)


def said(ask: Callable[[], Any]) -> object:
    """Return what AWS says, whatever it says, but for the number of the request; files are read once only and never remembered."""
    try:
        answer = ask()
    except ClientError as refusal:
        answer = dict(refusal.response)
    return {key: repr(value).partition(" object at ")[0] for key, value in answer.items() if key != "ResponseMetadata"}


def there_and_back(broken: Broken) -> list[object]:
    """Deliver the event, again, and undo it; return the account as it really is after each, and what was called."""
    account, found = broken.account, list[object]()
    steps: list[Callable[[], object]] = [broken.deliver, lambda: broken.deliver(broken.event(event_id="another")), lambda: undo(broken)]
    for step in steps:
        step()
        name = account.remembered.state
        account.remembered.forget()
        found.append(broken.state())
        account.remembered.state = name
    return [*found, account.told(), operations(account.calls)]


def undo(broken: Broken) -> object:
    return broken.account.invoke(broken.remediation, {"undo": broken.account.heard()[0]["id"]}) if broken.remediation.undo else None


def test_what_is_remembered_is_what_would_be_answered_and_ends_in_the_same_account(broken: Broken) -> None:
    account = broken.account
    account.remembered = compared = _Compared()
    begin_again = account.keep()
    for _ in range(2):
        begin_again()
        real = there_and_back(broken)
    assert compared.differences == []
    assert compared.compared or broken.remediation.name in ("stop-task", "restrict-cluster-endpoint")
    account.remembered = only_remembered = Remembered(compared.state, answers=compared.answers, refusals=compared.refusals)
    begin_again()
    known = set(only_remembered.answers)
    assert there_and_back(broken) == real
    assert set(only_remembered.answers) == known, "nothing had to be asked for real"


def test_whoever_changes_an_answer_changes_no_other(account: Account) -> None:
    account.keep()
    ec2 = boto3.client("ec2")
    ec2.describe_vpcs()["Vpcs"].clear()
    assert ec2.describe_vpcs()["Vpcs"]


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
