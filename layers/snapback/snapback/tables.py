"""Words for DynamoDB's tables.

DynamoDB reads what it knows of a table with eventual consistency, so a change made just now may not be seen yet.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
"""

from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from snapback import settings
from snapback.clients import aws
from snapback.errors import ResourceBusy

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TableDescriptionTypeDef as Table

TABLE: Final = "AWS::DynamoDB::Table"


def live(table: str) -> "Table | None":
    """Return the live table, or None for Snapback's own journal: its stack looks after that, and could not delete it if it were protected.

    Raises `ResourceBusy` while the table is being made, which takes seconds, and `ClientError` also for one that is being deleted.
    """
    if table == settings.text("JOURNAL_TABLE"):
        return None
    described = aws("dynamodb").describe_table(TableName=table)["Table"]
    if described["TableStatus"] == "CREATING":
        raise ResourceBusy("the table is still being made")
    if described["TableStatus"] == "DELETING":
        raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "it is being deleted"}}, "DescribeTable")
    return described


def is_recoverable(table: str) -> bool:
    """Tell whether the table has point-in-time recovery.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeContinuousBackups.html
    """
    backups = aws("dynamodb").describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    return backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") == "ENABLED"


def recoverable(table: str, *, is_on: bool) -> None:
    """Switch the table's point-in-time recovery on or off.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContinuousBackups.html
    """
    aws("dynamodb").update_continuous_backups(TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": is_on})
