"""Simulate the engine for some time, with ever new seeds: python -m tests.simulation SECONDS [SEED].

Prints the shortest story of each promise that is broken.
"""

import itertools
import sys
import time

import tests.conftest  # noqa: F401 - the environment that moto and the layer read when they are imported
from tests.simulation.plays import CLOCKED, REAL, SMALL
from tests.simulation.runs import Run, random_runs_of, shortest

PLAYS = [(*SMALL, *CLOCKED), *([play for play in REAL if play.scene is scene] for scene in dict.fromkeys(play.scene for play in REAL))]
_AT_ONCE = 4
"""Runs of each play from one seed, for which a real account is made once."""


def main(seconds: float, seed: int) -> int:
    """Return how many promises were found broken."""
    found: dict[tuple[str, frozenset[str]], Run] = {}
    end, number = time.monotonic() + seconds, 0
    for one in itertools.count(seed):
        for plays in PLAYS:
            seeds = range(one * _AT_ONCE, (one + 1) * _AT_ONCE)
            for told in list(random_runs_of(plays, seeds, faults=1 + one % 4, switches=one % 7)):  # all of them first: a run's output goes nowhere
                number += 1
                where = (told.play.name, told.kinds)
                if told.broken and where not in found:
                    found[where] = shortest(told)
                    print(f"seed {one}: {found[where]}\n", flush=True)  # noqa: T201 - a program that talks to a person
        print(f"{number} runs", file=sys.stderr, flush=True)  # noqa: T201 - the same
        if time.monotonic() > end:
            print(f"{number} runs, seeds {seed} to {one}: {len(found) or 'no'} stories in which a promise is broken")  # noqa: T201 - the same
            break
    return len(found)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0) > 0)
