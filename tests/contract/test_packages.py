"""The layer's libraries import less than they come with, and can all that they could."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import aws_lambda_powertools
import botocore
import pytest
import urllib3

from tests.harness.discovery import ROOT

HELP = """
import botocore.session
client = botocore.session.Session().create_client("acm", region_name="us-east-1")
print(client.list_certificates.__doc__, client.get_paginator("list_certificates").paginate.__doc__, client.get_waiter("certificate_validated").wait.__doc__)
"""

CORRELATION = """
from aws_lambda_powertools import Logger
logger = Logger(service="test")
context = type("Context", (), dict.fromkeys(("function_name", "memory_limit_in_mb", "invoked_function_arn", "aws_request_id"), "1"))()
@logger.inject_lambda_context(correlation_id_path="detail.id")
def handler(event, context):
    return logger.get_correlation_id()
print(handler({"detail": {"id": "the id"}}, context))
"""

IMPORTED = """
import sys
import {}
print(*sys.modules)
"""


@pytest.fixture(scope="module")
def pruner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("prune_packages", ROOT / "layers" / "snapback" / "prune_packages.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def packages(pruner: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prune a copy of the libraries as the layer's build does; botocore's data stays where it is."""
    folder = tmp_path_factory.mktemp("packages")
    for library in (aws_lambda_powertools, botocore, urllib3):
        there = Path(str(library.__file__)).parent
        shutil.copytree(there, folder / there.name, ignore=shutil.ignore_patterns("__pycache__", "data"))
    (folder / "botocore" / "data").symlink_to(Path(botocore.__file__).parent / "data")
    pruner.prune(folder)
    return folder


def said(program: str, *packages: Path) -> str:
    """Run a program in a process of its own, with these packages before all others; return what it prints."""
    path = os.pathsep.join(map(str, [*packages, ROOT / "layers" / "snapback"]))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, env=environment).stdout  # noqa: S603 - ours


@pytest.mark.parametrize(
    ("library", "put_off"),
    [("botocore.session", "botocore.docs.method"), ("urllib3", "importlib.metadata"), ("aws_lambda_powertools.logging", "aws_lambda_powertools.tracing")],
)
def test_what_only_manuals_http_2_and_traces_need_is_not_imported(library: str, put_off: str, packages: Path) -> None:
    program = IMPORTED.format(library)
    assert put_off in said(program).split()
    assert put_off not in said(program, packages).split()


def test_help_for_a_clients_methods_is_as_botocore_writes_it(packages: Path) -> None:
    whole = said(HELP)
    assert "CertificateArn" in whole
    assert said(HELP, packages) == whole


def test_the_logger_finds_a_correlation_id(packages: Path) -> None:
    assert "the id" in said(CORRELATION, packages)


def test_a_library_that_has_changed_fails_the_build_by_name(pruner: ModuleType, packages: Path) -> None:
    with pytest.raises(SystemExit, match=r"botocore/loaders\.py has changed"):
        pruner.prune(packages)  # a second time, when the passages are not there any more
