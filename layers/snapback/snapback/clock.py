"""The time, and waiting. One place, so that tests can set the clock and need not wait."""

import time


def now() -> float:
    """Return the seconds since 1970, UTC."""
    return time.time()


def pause(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)
