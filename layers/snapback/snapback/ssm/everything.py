"""Everything of Systems Manager's types, by name: the documents of the account's own, and the parameters."""

from collections.abc import Mapping
from typing import Final

from snapback.engine.clients import aws
from snapback.engine.listing import Lister, each

ALL: Final[Mapping[str, Lister]] = {
    "AWS::SSM::Document": lambda: each(aws("ssm"), "list_documents", "DocumentIdentifiers", "Name", Filters=[{"Key": "Owner", "Values": ["Self"]}]),
    "AWS::SSM::Parameter": lambda: each(aws("ssm"), "describe_parameters", "Parameters", "Name"),
}
