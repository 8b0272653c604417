"""Everything of DynamoDB's type, by name."""

from collections.abc import Mapping
from typing import Final

from snapback.dynamodb.tables import TABLE
from snapback.engine.clients import aws
from snapback.engine.listing import Lister, each

ALL: Final[Mapping[str, Lister]] = {TABLE: lambda: each(aws("dynamodb"), "list_tables", "TableNames")}
