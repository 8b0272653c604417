"""How long it takes to hold a trail against the rules.

    PYTHONPATH=layers/snapback:. .venv/bin/python -m local.bench.replay FOLDER [RECORDS [WHAT ...]]

makes a trail in FOLDER if there is none, and measures beside the replay a plain loop in Python, that in two processes, and jq (if it is there), each a process
of its own. The loops look for the rules' names among the calls that did not fail, which is less than what a replay does: they know nothing of patterns.
"""

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from shutil import which
from typing import Final

from local.bench import trail
from local.bench.contenders import peak_megabytes
from local.replay import files
from local.replay.envelope import Candidate, Judge, Sieve
from local.replay.matching import Field, Part, parsed
from local.replay.rules import rules

CONTENDERS: Final = ("replay", "loop", "two loops", "jq")


def names() -> frozenset[str]:
    """Return the names of calls that the rules ask for."""
    return frozenset(name for rule in rules() for name in _names(parsed(rule.pattern)))


def _names(part: Part) -> Iterator[str]:
    for name, inner in part.fields.items():
        if isinstance(inner, Part):
            yield from _names(inner)
        elif name == "eventName" and isinstance(inner, Field):
            yield from (test.operand for test in inner.tests if test.word == "equals")
    for several in part.choices:
        for one in several:
            yield from _names(one)


def replay(folder: Path) -> int:
    """Return how many candidates there are."""
    return sum(isinstance(one, Candidate) for one in files.candidates([folder], Sieve(Judge(rules()))))


def loop(wanted: frozenset[str], paths: Sequence[Path]) -> int:
    """Return how many records have one of the names and have not failed."""
    found = 0
    for path in paths:
        records = json.loads(gzip.decompress(path.read_bytes()))["Records"]
        found += sum(record["eventName"] in wanted and "errorCode" not in record for record in records)
    return found


def two_loops(folder: Path) -> int:
    """Return the same, by two processes."""
    paths = sorted(folder.rglob("*.gz"))
    with ProcessPoolExecutor(2) as pool:
        return sum(pool.map(partial(loop, names()), [paths[first : first + 20] for first in range(0, len(paths), 20)]))


def jq(folder: Path) -> int:
    """Return the same, by jq; what `zcat` unpacks goes through a pipe."""
    program = f".Records[] | select(.errorCode == null and (.eventName | IN({','.join(map(json.dumps, sorted(names())))}))) | .eventID"
    unpack = subprocess.Popen(["find", str(folder), "-name", "*.gz", "-exec", "zcat", "{}", "+"], stdout=subprocess.PIPE)
    with unpack:
        return subprocess.run(["jq", "-r", program], stdin=unpack.stdout, capture_output=True, check=True).stdout.count(b"\n")


def main(folder: str, records: str = "1000000", *what: str) -> None:
    """Make the trail, and measure each contender in a process of its own."""
    where = Path(folder)
    if not where.exists():
        print(f"making {int(records):,} records ...", flush=True)
        trail.write(where, int(records))
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print("| what | s | of CPU, s | MB | found |\n|---|---|---|---|---|")
    for one in what or CONTENDERS:
        if one == "jq" and not which("jq"):
            print("| jq | is not installed | | | |")
            continue
        print(subprocess.run([sys.executable, "-m", "local.bench.replay", "--only", one, folder], capture_output=True, text=True, check=True).stdout, end="")


def only(what: str, folder: str) -> None:
    """Measure one contender: its seconds, those of all its processes, and the most memory that its first one has had."""
    began, where = time.perf_counter(), Path(folder)
    found = {"replay": replay, "loop": lambda one: loop(names(), sorted(one.rglob("*.gz"))), "two loops": two_loops, "jq": jq}[what](where)
    spent = os.times()
    cpu = spent.user + spent.system + spent.children_user + spent.children_system
    print(f"| {what} | {time.perf_counter() - began:.1f} | {cpu:.1f} | {peak_megabytes():.0f} | {found:,} |")


if __name__ == "__main__":
    if sys.argv[1] == "--only":
        only(*sys.argv[2:])
    else:
        main(*sys.argv[1:])
