"""`make new`: whatever the shape, what it writes is in order, and its tests fail by saying what to fill in, and by nothing else."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from local.new import SHAPES
from tests.harness.discovery import ROOT

BEGUN = {"setting": "ec2/require_a_setting", "policy": "kms/restrict_a_policy", "steps": "wafv2/take_some_steps", "report": "aaa/report_something"}
"""By its shape: amid others of its service, before the first, after the last, and in a service of which there is none yet."""

JOINS = ("dynamodb/enable_a_setting", "setting", "set_table")
"""In a function that has others already."""

NAMES = (*BEGUN.values(), JOINS[0])


def run(copy: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": "layers/snapback"}
    return subprocess.run([sys.executable, "-m", *command], cwd=copy, env=environment, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603 - this project's


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project in which one of each shape was begun: once for all, for no test writes to it."""
    copy = tmp_path_factory.mktemp("new") / "project"
    shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(".*"))  # what was compiled comes along: it need not be once more
    for begun in (*((BEGUN[shape], shape) for shape in SHAPES), JOINS):
        made = run(copy, "local.new", *begun)
        assert made.returncode == 0, made.stderr
    return copy


def pieces(copy: Path) -> list[str]:
    return [str(file.relative_to(copy)) for name in NAMES for file in copy.rglob(f"*{name.rpartition('/')[2]}*") if file.is_file()]


def test_what_is_made_needs_no_tidying(copy: Path) -> None:
    made = [piece for piece in pieces(copy) if piece.endswith(".py")]
    assert len(made) == 2 * len(NAMES)
    for command in (["ruff", "check"], ["ruff", "format", "--check"]):
        answer = run(copy, *command, "--no-cache", *made)
        assert answer.returncode == 0, answer.stdout


def test_all_that_fails_says_what_to_fill_in(copy: Path) -> None:
    made = [piece for piece in pieces(copy) if piece.startswith("tests/")]
    contract = [f"tests/contract/test_{subject}.py" for subject in ("laws", "permissions", "template")]
    chosen = " or ".join(name.rpartition("/")[2] for name in NAMES)
    quiet = ("-q", "-p", "no:cacheprovider", "--tb=line", f"--junitxml={copy / 'tests.xml'}")
    in_order = ("by_service_in_alphabetical_order", "holds_what_its_sources_say", "which_functions_have_several")
    answer = run(copy, "pytest", *quiet, *made, *contract, "-k", " or ".join([chosen, *in_order]))
    cases = list(ET.parse(copy / "tests.xml").iter("testcase"))  # noqa: S314 - written by pytest just now
    wrong = {case.get("name", "") + str(case.get("classname")): str(said.get("message")) for case in cases for said in case if said.tag in ("error", "failure")}
    assert [message for message in wrong.values() if not re.search(r"fill.?me.?in", message, re.IGNORECASE)] == [], answer.stdout
    for name in NAMES:
        stem = name.rpartition("/")[2]
        assert any(f"test_{stem}" in failed for failed in wrong), "its own test"
        assert any(f"[{name}]" in failed for failed in wrong), "a law"
    wired = "its block is in its place, as its source has it, and the stack says which function has several"
    assert not any(one in failed for one in in_order for failed in wrong), wired


def test_what_is_no_function_of_several_in_its_service_is_joined_by_nothing(copy: Path) -> None:
    answer = run(copy, "local.new", "ec2/require_imdsv3", "setting", "set_database")
    assert answer.returncode == 1
    assert "dynamodb/set_table" in answer.stderr
    assert not (copy / "functions/ec2/require_imdsv3.py").exists()


@pytest.mark.parametrize("asked", [["ec2/require"], ["require_imdsv2"], ["ec2/require_imdsv3", "something"], [], ["EC2/Require_It"], ["iam/9_9"]])
def test_what_is_no_name_or_no_shape_writes_nothing(copy: Path, asked: list[str]) -> None:
    answer = run(copy, "local.new", *asked)
    assert answer.returncode == 1
    assert "say NAME=service/verb_thing and SHAPE, one of setting, policy, steps, report" in answer.stderr


def test_what_is_there_already_is_not_written_over(copy: Path) -> None:
    before = [(copy / file).read_text() for file in ("template.yaml", "template/ec2.yaml")]
    answer = run(copy, "local.new", "ec2/require_imdsv2", "setting")
    assert answer.returncode == 1
    assert "there already: functions/ec2/require_imdsv2.py" in answer.stderr
    for taken, where in (("s3/require_imdsv2", "functions/ec2/require_imdsv2.py"), ("iam/dead_letters", "DeadLetters in template.yaml")):
        answer = run(copy, "local.new", taken, "setting")
        assert answer.returncode == 1
        assert f"there already: {where}\n" in answer.stderr
        assert not (copy / f"functions/{taken}.py").exists()
    assert [(copy / file).read_text() for file in ("template.yaml", "template/ec2.yaml")] == before
