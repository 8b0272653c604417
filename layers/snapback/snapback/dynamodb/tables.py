"""Words for DynamoDB's tables.

DynamoDB reads what it knows of a table with eventual consistency, so a change made just now may not be seen yet.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from snapback.engine import clock, settings
from snapback.engine.clients import aws
from snapback.engine.errors import OnlyPeople, StillChanging
from snapback.engine.refusals import code_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TableDescriptionTypeDef as Table

TABLE: Final = "AWS::DynamoDB::Table"


MADE: Final = {
    "CreateTable": "requestParameters.tableName",
    "ImportTable": "requestParameters.tableCreationParameters.tableName",
    **dict.fromkeys(("RestoreTableFromAwsBackup", "RestoreTableFromBackup", "RestoreTableToPointInTime"), "requestParameters.targetTableName"),
}
"""The entries of `named_by` for the calls that make a table. A restored one has neither the protection nor the recovery of the one that it comes from.

RestoreTableFromAwsBackup is in no API: known is the permission of that name, for AWS Backup. That its request is like its sibling's is a guess.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
"""

_OUT_OF_REACH: Final = frozenset({"ARCHIVED", "ARCHIVING", "INACCESSIBLE_ENCRYPTION_CREDENTIALS"})
"""The states of a table whose KMS key cannot be used (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html)."""

_LATER: Final = (1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 10.0)
"""Seconds to wait before each further try; with all else that a fix takes, less than the minute that a function has. Then Lambda tries it again."""

_AT_WORK: Final = "ResourceInUseException"

_LONG: Final = frozenset({"CREATING", "DELETING"})
"""The states of an index or replica that last for minutes to hours."""

_SOON: Final = 45
"""Seconds in which a new table is there; one that is being restored or imported takes minutes to hours."""


def live(table: str) -> "Table | None":
    """Return the live table, or None for Snapback's own journal: its stack looks after that, and could not delete it if it were protected.

    Raises `StillChanging` while the table is being made, which takes seconds, `OnlyPeople` if it takes longer or the table's key cannot be used, and
    `ClientError` also for one that is being deleted.
    """
    if table == settings.text("JOURNAL_TABLE"):
        return None
    described = aws("dynamodb").describe_table(TableName=table)["Table"]
    if described["TableStatus"] == "CREATING":
        if clock.now() - described["CreationDateTime"].timestamp() > _SOON:
            raise OnlyPeople("the table is still being restored or imported, and nothing about it can be changed: look again when it is there")
        raise StillChanging("the table is still being made")
    if described["TableStatus"] in _OUT_OF_REACH:
        raise OnlyPeople(f"the table is {described['TableStatus']}: DynamoDB cannot use its KMS key, and changes nothing about it until it can")
    if described["TableStatus"] == "DELETING":
        raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "it is being deleted"}}, "DescribeTable")
    return described


def recovery(table: str) -> Mapping[str, bool]:
    """Return whether the table has point-in-time recovery (`PointInTimeRecoveryEnabled`); nothing for Snapback's own journal. Raises as `live` does.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeContinuousBackups.html
    """
    if live(table) is None:
        return {}
    backups = aws("dynamodb").describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    return {"PointInTimeRecoveryEnabled": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"}


def protection(table: str) -> Mapping[str, bool]:
    """Return whether the table's deletion protection is on (`DeletionProtectionEnabled`); nothing for Snapback's own journal. Raises as `live` does."""
    described = live(table)
    return {} if described is None else {"DeletionProtectionEnabled": described.get("DeletionProtectionEnabled", False)}


def change(table: str, send: Callable[[], object]) -> None:
    """Send a change of the table as soon as DynamoDB takes it: it makes one after the other, and refuses every further one meanwhile.

    Raises `OnlyPeople` if an index or a replica is what keeps it at work for so long, and else its refusal: then Lambda tries the event again.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
    """
    waits = iter(_LATER)
    while True:
        try:
            send()
        except ClientError as error:
            if code_of(error) != _AT_WORK:
                raise
            wait = next(waits, None)
            if wait is None and _is_long_at_work_on(table):
                raise OnlyPeople(
                    "DynamoDB is making or deleting an index or a replica of the table, and changes nothing else about it meanwhile: look again when it is done"
                ) from error
            if wait is None:
                raise
            clock.pause(wait)
        else:
            return


def _is_long_at_work_on(table: str) -> bool:
    """Tell whether an index or a replica of the table is being made or deleted.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html
    """
    described = aws("dynamodb").describe_table(TableName=table)["Table"]
    indexes = {one.get("IndexStatus") for one in described.get("GlobalSecondaryIndexes", [])}
    replicas = {one.get("ReplicaStatus") for one in described.get("Replicas", [])}
    return bool(_LONG & (indexes | replicas))


def set_recovery(table: str, wanted: Any) -> None:  # noqa: ANN401 - what `recovery` returns
    """Switch the table's point-in-time recovery on or off.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContinuousBackups.html
    """
    change(table, lambda: aws("dynamodb").update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=wanted))


def set_protection(table: str, wanted: Any) -> None:  # noqa: ANN401 - what `protection` returns
    """Switch the table's deletion protection on or off.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
    """
    change(table, lambda: aws("dynamodb").update_table(TableName=table, **wanted))
