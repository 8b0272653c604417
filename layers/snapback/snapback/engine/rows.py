"""The journal's table: how a row is named, read, counted up and written, whatever it holds.

Times are seconds since 1970, to the millisecond. A conditional write that was sent twice, because its first answer was lost, knows itself again by its mark.

"At most N in an hour" is kept as a shift register: `fix1` is the time of the latest fix, `fixN` that of the N-th latest. There is room for one more if
`fixN` is more than an hour ago. DynamoDB evaluates all right-hand sides of a SET against the row before the update, so one update shifts the register.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import BotoCoreError, ClientError

from snapback.engine import clock, refusals, settings
from snapback.engine.clients import platform
from snapback.engine.errors import JournalError, ResourceBusy

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

SOONEST_RETRY = 55.0
"""Seconds after which the same request comes again as a retry; sooner it is the same event delivered twice.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html says one minute.
"""
_CONFLICTS = (0.0, 0.1, 0.3, 0.7, 1.5)
"""Seconds to wait before each attempt to write while other transactions are at the same rows."""
PASSING = frozenset({"TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"})
"""Reasons for which a transaction is cancelled that have nothing to do with what it holds.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html#API_TransactWriteItems_Errors
"""
COUNTING = (0.0, 0.1, 0.3, 0.7, 1.5, 3.0)
"""Seconds to wait before each attempt to count while other invocations count, too."""


def ask(questions: "list[TransactWriteItemTypeDef]") -> "Sequence[Mapping[str, Any]]":
    """Send the transaction; return nothing if it went through, else the reason for each question."""
    try:
        platform("dynamodb").transact_write_items(TransactItems=questions)
    except ClientError as error:
        if refusals.code_of(error) != "TransactionCanceledException":
            raise
        return cast("Sequence[Mapping[str, Any]]", error.response.get("CancellationReasons", [{}]))
    return []


def mark() -> dict[str, str]:
    """Return what makes a conditional write known again as one's own."""
    return {"S": secrets.token_hex(8)}


def is_own(error: ClientError, mark: Mapping[str, str]) -> bool:
    """Tell whether a conditional write failed because it had taken effect: its answer was lost, and the SDK sent it again (`clients`).

    Transactions need no such care: the SDK gives each a token by which DynamoDB knows it again.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html#DDB-TransactWriteItems-request-ClientRequestToken
    """
    row: Mapping[str, Any] = error.response.get("Item", {})  # type: ignore[assignment]  # as ReturnValuesOnConditionCheckFailure has it
    return row.get("mark") == mark


def write(items: "Callable[[], list[TransactWriteItemTypeDef]]", *, reads_anew: bool = False) -> None:
    """Send the transaction until it is taken: nothing is decided by it, and it may be sent as often as is needed.

    People have been told of what it writes down, so to give it up means to tell them a second time. `reads_anew`: a condition that fails is no refusal, for
    `items` reads anew what it is about.
    """
    failure: Exception = ResourceBusy("others write to the same rows of the journal all the time")
    for wait in clock.waits(_CONFLICTS, clock.left, keep=0):
        clock.pause(wait)
        try:
            reasons = ask(items())
        except (ClientError, BotoCoreError) as error:
            failure = error
            continue
        if not reasons:
            return
        if not any(reason.get("Code") in PASSING or (reads_anew and reason.get("Code") == "ConditionalCheckFailed") for reason in reasons):
            raise JournalError(f"the journal refused to write: {reasons}")
    raise failure


def row(pk: str) -> Mapping[str, Any]:
    """Return the row as it is now, or nothing."""
    return platform("dynamodb").get_item(TableName=table(), Key=key(pk), ConsistentRead=True).get("Item", {})


def check(pk: str, condition: str, **values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a ConditionCheck, put together
    """Return the part of a transaction that holds if the row is so."""
    return {
        "ConditionCheck": {
            "TableName": table(),
            "Key": key(pk),
            "ConditionExpression": condition,
            "ExpressionAttributeValues": {f":{name}": value for name, value in values.items()},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def one_more(limit: int, now: float, *, within: float = clock.HOUR) -> dict[str, Any]:
    """Return an update that shifts a register of `limit` times, on condition that there is room for one more within so many seconds."""
    shifts = [f"fix{n} = if_not_exists(fix{n - 1}, :never)" for n in range(limit, 1, -1)]
    return {
        "UpdateExpression": f"SET {', '.join([*shifts, 'fix1 = :now', 'expires = :expires'])}",
        "ConditionExpression": f"(attribute_not_exists(fix{limit}) OR fix{limit} < :before)",
        "ExpressionAttributeValues": {
            ":now": as_number(now),
            ":before": as_number(now - within),
            ":expires": as_number(int(now + 2 * clock.DAY)),
            **({":never": as_number(0)} if shifts else {}),
        },
    }


def table() -> str:
    """Return the table's name."""
    return settings.text("JOURNAL_TABLE")


def key(pk: str) -> dict[str, Any]:
    """Return the key as DynamoDB takes it."""
    return {"pk": {"S": pk}}


def now() -> float:
    """Return the time as the journal has it: to the millisecond, so that it compares the same here and in DynamoDB."""
    return round(clock.now(), 3)


def number(row: Mapping[str, Any], name: str) -> float:
    """Return the number that the row has under the name; 0 if it has none."""
    return float(row[name]["N"]) if name in row else 0.0


def as_number(value: float) -> dict[str, str]:
    """Return the number as DynamoDB takes it, a time to the millisecond."""
    return {"N": f"{value:.3f}" if isinstance(value, float) else str(value)}
