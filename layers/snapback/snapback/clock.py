"""The time, and waiting. One place, so that tests can set the clock and need not wait."""

import math
import time
from datetime import datetime

_DAY = 24 * 3600


def now() -> float:
    """Return the seconds since 1970, UTC."""
    return time.time()


def pause(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


def days_until(date: str) -> int:
    """Return the days from now until an ISO date; a part of a day counts as a whole one."""
    return math.ceil((datetime.fromisoformat(date).timestamp() - now()) / _DAY)
