"""GuardDuty's filters, of which moto makes no list. https://docs.aws.amazon.com/guardduty/latest/APIReference/API_ListFilters.html."""

import json
from typing import Any

from moto.guardduty.responses import GuardDutyResponse


def as_on_aws() -> None:
    """Let the filters of a detector be listed."""
    GuardDutyResponse.list_filters = _list  # type: ignore[attr-defined]  # moto has none


def _list(asked: Any) -> str:  # noqa: ANN401 - moto's
    detector = asked.guardduty_backend.detectors[asked.path.split("/")[-2]]
    return json.dumps({"filterNames": sorted(detector.filters)})
