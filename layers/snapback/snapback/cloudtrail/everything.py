"""Everything of CloudTrail's type, by name."""

from collections.abc import Mapping
from typing import Final

from snapback.cloudtrail.trail_states import own_trails
from snapback.cloudtrail.trails import TRAIL
from snapback.engine.listing import Lister

ALL: Final[Mapping[str, Lister]] = {TRAIL: own_trails}
