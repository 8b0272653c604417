"""Words for GuardDuty's finding filters, which are named by their detector and their own name: `12abc34d567e8fa901bc2d34e56789f0/suppress-scans`.

https://docs.aws.amazon.com/guardduty/latest/ug/findings_suppression-rule.html
"""

from collections.abc import Mapping
from typing import Any, Final, TypedDict

from botocore.exceptions import ClientError

from snapback.engine.clients import aws
from snapback.engine.refusals import code_of

FILTER: Final = "AWS::GuardDuty::Filter"


class Parts(TypedDict):
    """What GuardDuty's calls take to name a filter."""

    DetectorId: str
    FilterName: str


def filter_named_in(record: Mapping[str, Any]) -> str:
    """Return the filter that CreateFilter calls `name` and UpdateFilter `filterName`.

    https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateFilter.html
    """
    given = record["requestParameters"]
    return f"{given['detectorId']}/{given.get('filterName') or given['name']}"


def parts_of(name: str) -> Parts:
    """Return detector and filter apart."""
    detector, _, own = name.partition("/")
    return {"DetectorId": detector, "FilterName": own}


def action(name: str) -> Mapping[str, str]:
    """Return what the filter does with the findings that it matches: its `Action`, `NOOP` or `ARCHIVE`."""
    return {"Action": aws("guardduty").get_filter(**parts_of(name))["Action"]}


def set_action(name: str, wanted: Any) -> None:  # noqa: ANN401 - what `action` returns
    """Set that; what is not given stays as it is.

    https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateFilter.html
    """
    aws("guardduty").update_filter(**parts_of(name), **wanted)


def if_it_exists(name: str) -> str | None:
    """Return the name, or None if there is no such filter, which GuardDuty calls a bad request.

    https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetFilter.html
    """
    try:
        aws("guardduty").get_filter(**parts_of(name))
    except ClientError as error:
        if code_of(error) == "BadRequestException":
            return None
        raise
    return name
