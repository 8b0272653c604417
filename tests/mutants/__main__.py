"""Take the engine's guards away, one at a time, and see a test fail for each: python -m tests.mutants [NAME].

Each change is made in a copy of the project, never in the working tree, and only the test that is named with it is run. NAME: only those whose name or file
has it in it.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from tests.mutants.mutants import LAYER, MUTANTS, Mutant

ROOT = Path(__file__).parents[2]
_AT_ONCE = 2
_LONGEST = 300
"""Seconds: a mutant that hangs is seen."""
_PASSED, _FAILED = 0, 1
"""What pytest answers; anything else means that it could not run the test."""
_ENVIRONMENT = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
"""No compiled files: one of a mutant would be taken for the source of the next, which may be as long and as young."""


@contextmanager
def copies() -> Iterator["SimpleQueue[Path]"]:
    """Make copies of the project, one for each that works at once."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as where:
        made: SimpleQueue[Path] = SimpleQueue()
        for number in range(_AT_ONCE):
            shutil.copytree(ROOT, Path(where, str(number)), symlinks=True, ignore=shutil.ignore_patterns(".*"))
            made.put(Path(where, str(number)))
        yield made


def run(copy: Path, tests: Sequence[str]) -> tuple[int, str]:
    """Run these tests there; return pytest's answer and the test that failed, or what it said last."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no", "-rfE", *tests]
    try:
        done = subprocess.run(  # noqa: S603 - this project's tests
            command, cwd=copy, capture_output=True, text=True, timeout=_LONGEST, check=False, env=_ENVIRONMENT
        )
    except subprocess.TimeoutExpired:
        return _FAILED, f"{tests[0]} (it does not end)"
    failed = re.search(r"^FAILED (\S.*?)(?: - .*)?$", done.stdout, re.MULTILINE)
    return done.returncode, failed[1] if failed else "\n".join((done.stdout + done.stderr).splitlines()[-5:])


def result_of(mutant: Mutant, copy: Path) -> tuple[str, str]:
    """Return what became of the mutant, and by what."""
    file = copy / LAYER / mutant.file
    source = file.read_text()
    if source.count(mutant.before) != 1:
        return "NO LONGER APPLIES", f"its lines stand {source.count(mutant.before)} times in {LAYER / mutant.file}"
    file.write_text(source.replace(mutant.before, mutant.after))
    try:
        compile(file.read_text(), file, "exec")
        answer, said = run(copy, [mutant.killed_by])
    except SyntaxError as error:
        return "NO LONGER APPLIES", f"with the change, the file is no Python: {error}"
    finally:
        file.write_text(source)
    return {_PASSED: ("SURVIVED", mutant.killed_by), _FAILED: ("killed", said)}.get(answer, ("NO LONGER APPLIES", said))


def main(wanted: str) -> int:
    """Print what becomes of each mutant; return how many are not killed."""
    chosen = [mutant for mutant in MUTANTS if wanted in mutant.name or wanted == Path(mutant.file).name]
    with copies() as free, ThreadPoolExecutor(_AT_ONCE) as workers:
        copy = free.get()
        answer, said = run(copy, sorted({mutant.killed_by for mutant in chosen}))
        free.put(copy)
        if answer != _PASSED:
            print(f"With all guards in place, the tests that are to see them missing must pass:\n{said}")  # noqa: T201 - a program that talks to a person
            return 1

        def one(mutant: Mutant) -> tuple[Mutant, str, str]:
            copy = free.get()
            try:
                return mutant, *result_of(mutant, copy)
            finally:
                free.put(copy)

        living = 0
        for mutant, became, by in workers.map(one, chosen):
            living += became != "killed"
            print(f"{became:<18} {mutant.file}: {mutant.name}\n{'':<18} {by}", flush=True)  # noqa: T201 - a program that talks to a person
    print(f"{len(chosen)} mutants, {living} of them not killed")  # noqa: T201 - a program that talks to a person
    return living


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "") > 0)
