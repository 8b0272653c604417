"""Chance, in its place: `make test` draws the same examples everywhere and always; `make fuzz` draws others, by a seed that it prints.

A law that is tried with drawn examples says how many by `examples`. Each example begins anew: its state is no other's.
"""

import datetime as dt
import os
import random
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import botocore.handlers
import moto.core.utils
import moto.guardduty.models
import moto.securityhub.models
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from moto.moto_api._internal import mock_random

from snapback.engine import clock

BEGINNING = 1_781_524_800.0
"""Where the clock stands at the beginning of each test: Monday, 15 June 2026, noon UTC. Neither an hour nor a day nor a month ends soon after."""

settings.register_profile("test", derandomize=True, database=None, deadline=None)
settings.register_profile("fuzz", database=None, deadline=None, print_blob=True)
settings.load_profile("test")  # make fuzz names the other one

# Hypothesis mixes literals into what it draws that it finds in the modules of this project which are loaded at that moment. Which are depends on what ran
# before, and the same seed would draw something else: none of them counts as ours, as in its own way on Emscripten.
vars(providers)["_get_local_constants"] = lambda: providers._local_constants  # noqa: SLF001 - empty as long as nobody fills it; there is no setting


def examples(number: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return the settings for a law that is tried with so many examples; `make fuzz` says how many itself.

    The account is a fixture, made once for all of them: the law brings it back before each. And some handlers are slow, which is no fault of what is drawn.
    Nor is it one that a law is tried with many handlers, and this must be said here: where Hypothesis finds it out by itself, it draws by the name of the
    handler that came first, which is another one with `-k` and in each process of `-n`.
    """
    return settings(
        max_examples=int(os.environ.get("FUZZ_EXAMPLES") or number),
        suppress_health_check=[HealthCheck.differing_executors, HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


def draws(law: str, number: int) -> Iterator[random.Random]:
    """Yield so many sources of chance, each for one example, which are the same for that law in every run; `make fuzz` has others, by its seed.

    Hypothesis' own `data()` draws otherwise from run to run even when it is told not to, so what depends on the handler is drawn by these.
    """
    for example in range(int(os.environ.get("FUZZ_EXAMPLES") or number)):
        yield random.Random(f"{os.environ.get('FUZZ_SEED', '')} {law} {example}")  # noqa: S311 - nobody is to be surprised


class _ByOurClock(dt.datetime):
    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]  # a plain one, which is all that moto makes of it
        return dt.datetime.fromtimestamp(clock.now(), tz)


def settle() -> None:
    """Let the emulator make up the same ids as in every other run, and date what it makes by the clock of the test."""
    mock_random.seed(0)
    vars(botocore.handlers)["uuid"] = mock_random  # of which it makes the tokens by which AWS knows a call again
    vars(moto.guardduty.models)["datetime"] = _ByOurClock
    for module in (moto.core.utils, moto.securityhub.models):
        vars(module)["datetime"] = SimpleNamespace(**{**vars(dt), "datetime": _ByOurClock})
