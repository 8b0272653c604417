"""The time, and waiting. One place, so that tests can set the clock and need not wait."""

import math
import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

HOUR = 3600
DAY = 24 * HOUR
_shown_at = 0.0
_left: Callable[[], float] = lambda: math.inf  # noqa: E731 - outside of Lambda nobody ends it


def now() -> float:
    """Return the seconds since 1970, UTC."""
    return time.time()


def for_calls() -> float:
    """Return the time that a fix writes into its calls: now, or where a dry run has to name the calls that were shown, when they were."""
    return _shown_at or now()


@contextmanager
def as_shown(at: float) -> Iterator[None]:
    """Let calls inside the block have that time in them; 0 for the present one."""
    global _shown_at  # noqa: PLW0603 - a Lambda environment handles one event at a time
    _shown_at, before = at, _shown_at
    try:
        yield
    finally:
        _shown_at = before


def pause(seconds: float) -> None:
    """Wait for about so long: not for exactly as long as all others that began to wait at the same moment."""
    time.sleep(seconds * random.uniform(0.8, 1.2))  # noqa: S311 - nobody gains by guessing it


def begin(seconds_left: Callable[[], float]) -> None:
    """Let this be the invocation whose time runs out."""
    global _left  # noqa: PLW0603 - a Lambda environment handles one event at a time
    _left = seconds_left


def left() -> float:
    """Return how many seconds are left before Lambda ends the function."""
    return _left()


def waits(seconds: Iterable[float], left: Callable[[], float], *, keep: float) -> Iterator[float]:
    """Return how long to wait before each attempt, as long as after the wait there are still `keep` seconds left."""
    for wait in seconds:
        if left() < wait + keep:
            return
        yield wait


def days_until(date: str) -> int:
    """Return the days from now until an ISO date; a part of a day counts as a whole one."""
    return math.ceil((datetime.fromisoformat(date).timestamp() - now()) / DAY)
