"""DynamoDB tables, and the states in which moto never leaves one."""

from collections.abc import Callable
from typing import Any

import boto3

from tests.harness.account import ApiCall, error


def make_table(name: str) -> str:
    """Make a table with all that DynamoDB gives to a new one; return its name."""
    keys: Any = {"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}
    boto3.client("dynamodb").create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **keys)
    return name


def in_state(status: str) -> Callable[[ApiCall, int, Callable[[], Any]], Any]:
    """Return an interference in which every table is in that state: moto knows none but `ACTIVE`."""

    def described(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        answer = really()
        if call.operation == "DescribeTable":
            answer["Table"]["TableStatus"] = status
        return answer

    return described


def refused_once(operation: str, code: str) -> Callable[[ApiCall, int, Callable[[], Any]], Any]:
    """Return an interference in which DynamoDB refuses the first call of that operation, as it does while it is at work on the table."""
    refusals = iter([error(code, 400, operation)])

    def refused(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation == operation and (refusal := next(refusals, None)):
            raise refusal
        return really()

    return refused


def at_work(operation: str, *, tries: int, **details: Any) -> Callable[[ApiCall, int, Callable[[], Any]], Any]:  # noqa: ANN401 - of a description
    """Return an interference in which DynamoDB refuses that many calls of the operation, and describes the table with these details: moto is never at work."""
    left = tries

    def busy(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        nonlocal left
        if call.operation == operation and left:
            left -= 1
            raise error("ResourceInUseException", 400, operation)
        answer = really()
        if call.operation == "DescribeTable" and left:
            answer["Table"] |= {"TableStatus": "UPDATING", **details}
        return answer

    return busy


def table(name: str) -> Any:  # noqa: ANN401 - a table
    return boto3.client("dynamodb").describe_table(TableName=name)["Table"]


def recovery(name: str) -> str:
    """Return whether the table has point-in-time recovery, in DynamoDB's words."""
    described = boto3.client("dynamodb").describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    return described["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
