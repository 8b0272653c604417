"""Simulate the engine for some time, with ever new seeds: python -m tests.simulation SECONDS [SEED].

Prints the shortest story of each promise that is broken.
"""

import itertools
import sys
import time

import tests.conftest  # noqa: F401 - the environment that moto and the layer read when they are imported
from tests.simulation.plays import REAL, SMALL
from tests.simulation.runs import Told, random_runs, shortest


def main(seconds: float, seed: int) -> int:
    """Return how many promises were found broken."""
    found: dict[tuple[str, frozenset[str]], Told] = {}
    end, number = time.monotonic() + seconds, 0
    for one in itertools.count(seed):
        for play in (*SMALL, *REAL):
            for told in list(random_runs(play, [one], faults=1 + one % 4, switches=one % 7)):  # all of them first: a run's output goes nowhere
                number += 1
                if told.broken and (play.name, told.kinds) not in found:
                    found[play.name, told.kinds] = shortest(told)
                    print(f"seed {one}: {found[play.name, told.kinds]}\n", flush=True)  # noqa: T201 - a program that talks to a person
        if time.monotonic() > end:
            print(f"{number} runs, seeds {seed} to {one}: {len(found) or 'no'} stories in which a promise is broken")  # noqa: T201 - the same
            break
    return len(found)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0) > 0)
