"""Everything of GuardDuty's type, by name."""

from collections.abc import Iterator, Mapping
from typing import Final

from snapback.engine.clients import aws
from snapback.engine.listing import Lister, each
from snapback.guardduty.detectors import detector_id
from snapback.guardduty.finding_filters import FILTER


def filters() -> Iterator[str]:
    """Yield the filters of the region's detector, if it has one.

    https://docs.aws.amazon.com/guardduty/latest/APIReference/API_ListFilters.html
    """
    if detector := detector_id():
        yield from (f"{detector}/{name}" for name in each(aws("guardduty"), "list_filters", "FilterNames", DetectorId=detector))


ALL: Final[Mapping[str, Lister]] = {FILTER: filters}
