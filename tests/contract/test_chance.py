"""The same examples are drawn in every run of `make test`: whatever ran before, whatever is loaded, and however Python hashes texts that day."""

import functools
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.discovery import ROOT

LAW = """
import importlib
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.harness.chance import examples

for module in os.environ["LOADED"].split():
    importlib.import_module(module)


@pytest.fixture(params=["one", "other"])
def handler(request):
    return request.param


@examples(200)
@given(drawn=st.text(max_size=20) | st.integers() | st.floats())
def test_law(handler, drawn):
    print(f"{handler} is tried with {drawn!a}")
"""


@pytest.fixture(scope="module")
def law(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("chance") / "test_law.py"
    file.write_text(LAW)
    return file


@functools.cache
def drawn_for_the_other(law: Path, first: str = "other", seed: str = "1", loaded: str = "") -> list[str]:
    """Run the law in a process of its own; return what is drawn for the other handler."""
    environment = {**os.environ, "PYTHONHASHSEED": seed, "LOADED": loaded, "PYTHONPATH": f"{ROOT}:{ROOT / 'layers/snapback'}"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-s",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "--rootdir",
        str(law.parent),
        str(law),
        "-k",
        f"other or {first}",
    ]
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=law.parent).stdout  # noqa: S603 - our own Python
    return re.findall("other is tried with .*", said)


@pytest.mark.parametrize(
    "otherwise",
    [
        pytest.param({"first": "one"}, id="another handler came first"),
        pytest.param({"seed": "2"}, id="texts are hashed otherwise"),
        pytest.param({"loaded": "snapback.engine.remediation functions.iam.detach_admin_policy"}, id="other modules are loaded"),
    ],
)
def test_the_same_is_drawn(law: Path, otherwise: dict[str, str]) -> None:
    drawn = drawn_for_the_other(law)
    assert len(drawn) == 200
    assert drawn_for_the_other(law, **otherwise) == drawn
