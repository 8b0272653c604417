"""Take the engine's guards away, one at a time, and see a test fail for each: python -m tests.mutants [NAME].

Each change is made in a copy of the project, never in the working tree, and only the test that is named with it is run, in a process of its own. That begins
as a fork of this one, which has imported what takes long: not the project, of which each reads its own copy. NAME: only those whose name or file has it in it.
"""

import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

import pytest

from tests.mutants.mutants import LAYER, MUTANTS, Mutant

ROOT = Path(__file__).parents[2]
_AT_ONCE = 2
_LONGEST = 300
"""Seconds: a mutant that hangs is seen."""
_PASSED, _FAILED = 0, 1
"""What pytest answers; anything else means that it could not run the test."""
_TAKE_LONG = (
    *("aws_lambda_powertools.metrics", "boto3", "jsonschema", "yaml"),
    *(f"moto.{service}.{part}" for service in ("dynamodb", "ec2", "iam", "s3", "sns", "sqs", "sts") for part in ("models", "responses")),
)


def begin(copy: Path, tests: Sequence[str]) -> int:
    """Begin to run these tests there; return the process."""
    if child := os.fork():
        return child
    signal.alarm(_LONGEST)
    os.chdir(copy)
    output = os.open("output", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.dont_write_bytecode = True  # a file that is compiled of one mutant would be taken for the next, which may be as long and as young
    sys.path[:] = [str(copy), *(path for path in sys.path if path and (not Path(path).is_relative_to(ROOT) or "site-packages" in path))]
    for name in [name for name in sys.modules if name.partition(".")[0] in ("tests", "snapback", "functions", "local")]:
        del sys.modules[name]
    answer = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no", "-rfE", *tests]))
    sys.stdout.flush()
    os._exit(answer)


def end(copy: Path, status: int) -> tuple[int, str]:
    """Return what pytest has answered there, and the test that failed, or what it said last."""
    if not os.WIFEXITED(status):
        return _FAILED, "the test does not end"
    said = (copy / "output").read_text()
    failed = re.search(r"^FAILED (\S.*?)(?: - .*)?$", said, re.MULTILINE)
    return os.WEXITSTATUS(status), failed[1] if failed else "\n".join(said.splitlines()[-5:])


def change(mutant: Mutant, copy: Path) -> str:
    """Take the guard away in the copy; return why that is not possible, or nothing."""
    file = copy / LAYER / mutant.file
    source = file.read_text()
    if source.count(mutant.before) != 1:
        return f"its lines stand {source.count(mutant.before)} times in {LAYER / mutant.file}"
    changed = source.replace(mutant.before, mutant.after)
    try:
        compile(changed, file, "exec")
    except SyntaxError as error:
        return f"with the change, the file is no Python: {error}"
    file.write_text(changed)
    return ""


def results(chosen: Sequence[Mutant], where: Path) -> Iterator[tuple[Mutant, str, str]]:
    """Yield what becomes of each mutant, and by what, in the order in which they end."""
    free = [where / str(number) for number in range(_AT_ONCE)]
    for copy in free:
        shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(".*"))
    at_work: dict[int, tuple[Mutant, Path]] = {}
    waiting = list(chosen)
    while waiting or at_work:
        while waiting and free:
            mutant = waiting.pop(0)
            if why := change(mutant, free[-1]):
                yield mutant, "NO LONGER APPLIES", why
            else:
                copy = free.pop()
                at_work[begin(copy, [mutant.killed_by])] = mutant, copy
        if at_work:
            child, status = os.wait()
            mutant, copy = at_work.pop(child)
            answer, said = end(copy, status)
            shutil.copy2(ROOT / LAYER / mutant.file, copy / LAYER / mutant.file)
            free.append(copy)
            became = {_PASSED: ("SURVIVED", mutant.killed_by), _FAILED: ("killed", said)}
            yield mutant, *became.get(answer, ("NO LONGER APPLIES", said))


def main(wanted: str) -> int:
    """Print what becomes of each mutant; return how many are not killed."""
    chosen = [mutant for mutant in MUTANTS if wanted in mutant.name or wanted == Path(mutant.file).name]
    for module in _TAKE_LONG:
        import_module(module)
    with tempfile.TemporaryDirectory(prefix="mutants-") as where:
        whole = Path(where, "whole")
        shutil.copytree(ROOT, whole, symlinks=True, ignore=shutil.ignore_patterns(".*"))
        begin(whole, sorted({mutant.killed_by for mutant in chosen}))
        answer, said = end(whole, os.wait()[1])
        if answer != _PASSED:
            print(f"With all guards in place, the tests that are to see them missing must pass:\n{said}")  # noqa: T201 - a program that talks to a person
            return len(chosen)
        alive = 0
        for mutant, became, by_what in results(chosen, Path(where)):
            alive += became != "killed"
            print(f"{became:<18} {mutant.file}: {mutant.name}\n                   {by_what}", flush=True)  # noqa: T201
    print(f"{len(chosen)} mutants, {alive} of them not killed")  # noqa: T201
    return alive


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "") > 0)
