"""Everything of Shield Advanced's type, by id."""

from collections.abc import Mapping
from typing import Final

from snapback.engine.listing import Lister
from snapback.shield.protections import live_ids

ALL: Final[Mapping[str, Lister]] = {"AWS::Shield::Protection": live_ids}
