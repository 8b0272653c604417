"""Everything of CloudWatch's type, by name: the alarms that are guarded, for no others are looked after."""

from collections.abc import Mapping
from typing import Final

from snapback.cloudwatch.alarms import ALARM, guarded_states
from snapback.engine.listing import Lister

ALL: Final[Mapping[str, Lister]] = {ALARM: guarded_states}
