"""Words for the analyzers of IAM Access Analyzer that find access from outside: of type ACCOUNT, or ORGANIZATION in the account that watches for all.

https://docs.aws.amazon.com/IAM/latest/UserGuide/what-is-access-analyzer.html
"""

from typing import TYPE_CHECKING, Any, Final

from snapback.engine.clients import aws
from snapback.engine.errors import OnlyPeople
from snapback.engine.refusals import try_each
from snapback.engine.switches import Recall

if TYPE_CHECKING:
    from mypy_boto3_accessanalyzer.type_defs import AnalyzerSummaryTypeDef as Analyzer

_ACCOUNT: Final = "ACCOUNT"
_OUTWARD: Final = frozenset({_ACCOUNT, "ORGANIZATION"})
"""Types that look for access from outside; the others, which cost money, look for access that is not used, or from inside."""


def analyzers() -> "list[Analyzer]":
    """Return the region's analyzers that look for access from outside.

    https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListAnalyzers.html
    """
    pages = aws("accessanalyzer").get_paginator("list_analyzers").paginate()
    return [analyzer for page in pages for analyzer in page["analyzers"] if analyzer["type"] in _OUTWARD]


def analyzers_now(_: str) -> list[list[str]]:
    """Return which analyzers there are, each with its date: one that is made again under the same name is another."""
    return sorted([analyzer["arn"], analyzer["createdAt"].isoformat()] for analyzer in analyzers())


def as_made() -> Any:  # noqa: ANN401 - the parameters of a call, as they go into the journal
    """Return the account's analyzer as it is given to the call that makes one, archive rules included; None if there is none of the account's own.

    https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListArchiveRules.html
    """
    own = next((analyzer for analyzer in analyzers() if analyzer["type"] == _ACCOUNT and not analyzer.get("managedBy")), None)
    if own is None:
        return None
    pages = aws("accessanalyzer").get_paginator("list_archive_rules").paginate(analyzerName=own["name"])
    rules = [{"ruleName": rule["ruleName"], "filter": rule["filter"]} for page in pages for rule in page["archiveRules"]]
    return {"analyzerName": own["name"], "type": _ACCOUNT, "archiveRules": rules}


def what_is_off(_: Recall) -> list[dict[str, str]]:
    """Return that there is none."""
    return [] if analyzers() else [{"Missing": "Analyzer"}]


def make(_: object, recall: Recall) -> None:
    """Make the analyzer as it was; raise `OnlyPeople` if nobody remembers it.

    https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CreateAnalyzer.html
    """
    remembered = recall()
    if not remembered:
        raise OnlyPeople(
            "no analyzer of this account has been seen in this region yet: create one, "
            "or give this account an exemption if the analyzer of another account watches over it"
        )
    aws("accessanalyzer").create_analyzer(**remembered)


def delete_all(_: object) -> None:
    """Delete the analyzers that look for access from outside.

    https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_DeleteAnalyzer.html
    """
    try_each(analyzers(), lambda analyzer: aws("accessanalyzer").delete_analyzer(analyzerName=analyzer["name"]))
