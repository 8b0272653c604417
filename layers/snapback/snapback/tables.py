"""Words for DynamoDB's tables.

DynamoDB reads what it knows of a table with eventual consistency, so a change made just now may not be seen yet.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
"""

from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from snapback import clock, settings
from snapback.clients import aws
from snapback.errors import OnlyPeople, ResourceBusy

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TableDescriptionTypeDef as Table

TABLE: Final = "AWS::DynamoDB::Table"


MADE: Final = {
    "CreateTable": "requestParameters.tableName",
    "ImportTable": "requestParameters.tableCreationParameters.tableName",
    **dict.fromkeys(("RestoreTableFromBackup", "RestoreTableToPointInTime"), "requestParameters.targetTableName"),
}
"""The entries of `named_by` for the calls that make a table. A restored one has neither the protection nor the recovery of the one that it comes from.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
"""

_OUT_OF_REACH: Final = frozenset({"ARCHIVED", "ARCHIVING", "INACCESSIBLE_ENCRYPTION_CREDENTIALS"})
"""The states of a table whose KMS key cannot be used (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html)."""

_SOON: Final = 45
"""Seconds in which a new table is there; one that is being restored or imported takes minutes to hours."""


def live(table: str) -> "Table | None":
    """Return the live table, or None for Snapback's own journal: its stack looks after that, and could not delete it if it were protected.

    Raises `ResourceBusy` while the table is being made, which takes seconds, `OnlyPeople` if it takes longer or the table's key cannot be used, and
    `ClientError` also for one that is being deleted.
    """
    if table == settings.text("JOURNAL_TABLE"):
        return None
    described = aws("dynamodb").describe_table(TableName=table)["Table"]
    if described["TableStatus"] == "CREATING":
        if clock.now() - described["CreationDateTime"].timestamp() > _SOON:
            raise OnlyPeople("the table is still being restored or imported, and nothing about it can be changed: look again when it is there")
        raise ResourceBusy("the table is still being made")
    if described["TableStatus"] in _OUT_OF_REACH:
        raise OnlyPeople(f"the table is {described['TableStatus']}: DynamoDB cannot use its KMS key, and changes nothing about it until it can")
    if described["TableStatus"] == "DELETING":
        raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "it is being deleted"}}, "DescribeTable")
    return described


def is_recoverable(table: str) -> bool:
    """Tell whether the table has point-in-time recovery.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeContinuousBackups.html
    """
    backups = aws("dynamodb").describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    return backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def recoverable(table: str, *, is_on: bool) -> None:
    """Switch the table's point-in-time recovery on or off.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContinuousBackups.html
    """
    aws("dynamodb").update_continuous_backups(TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": is_on})
