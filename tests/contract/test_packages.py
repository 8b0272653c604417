"""The layer's libraries import less than they come with, and can all that they could."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType

import aws_lambda_powertools
import botocore
import pytest
import urllib3

from tests.harness.discovery import ROOT
from tests.harness.layer_build import build_program

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

UNKNOWN = """
import botocore.session
botocore.session.Session().create_client("no-such-service", region_name="us-east-1")
"""

ALIASES = """
from botocore.hooks import EventAliaser, HierarchicalEmitter
services = ("api.sagemaker", "autoscaling-plans", "autoscaling", "ec2", "iot.data", "x")
names = [f"{event}.{service}.{rest}" for event in ("before-call", "docs.*") for service in services for rest in ("*", "Op", "autoscaling")]
emitter = EventAliaser(HierarchicalEmitter())
print([emitter._alias_event_name(name) for name in names], [emitter._alias_event_name(name) for name in names])
"""

CONFIGURED = """
import botocore.configloader, botocore.exceptions
from pathlib import Path
Path("config").write_text("[default]\\nregion = eu-west-1\\n")
print(botocore.configloader.raw_config_parse("config"))
Path("config").write_text("region")
try:
    botocore.configloader.raw_config_parse("config")
except botocore.exceptions.ConfigParseError as error:
    print(type(error), error)
from urllib3.fields import RequestField
field = RequestField.from_tuples("file", ("invoice.pdf", b"..."))
print(field.headers)
"""

RARELY = """
import botocore.compat
import botocore.session
from botocore.config import Config
print(botocore.compat.six.text_type)
try:
    botocore.compat.no_such_name
except AttributeError as error:
    print(error)
client = botocore.session.Session().create_client("sns", region_name="us-east-1", config=Config(retries={"mode": "adaptive"}))
print(client.meta.config.retries)
"""

IMPORTED = """
import sys
import {}
print(*sys.modules)
"""


@pytest.fixture(scope="module")
def pruner() -> ModuleType:
    return build_program("prune_packages")


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


def said(program: str, *packages: Path, check: bool = True) -> str:
    """Run a program in a process of its own, with these packages before all others; return what it prints, and where it may fail, its last line."""
    path = os.pathsep.join(map(str, [*packages, ROOT / "layers" / "snapback"]))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([sys.executable, "-c", program], check=check, capture_output=True, text=True, env=environment, cwd=folder)  # noqa: S603 - ours
    return done.stdout if check else done.stderr.rpartition("\n\n")[2].splitlines()[-1]


@pytest.mark.parametrize(
    ("library", "put_off"),
    [
        ("botocore.session", "botocore.docs.method"),
        ("botocore.configloader", "configparser"),
        ("urllib3", "importlib.metadata"),
        ("aws_lambda_powertools.logging", "aws_lambda_powertools.tracing"),
    ],
)
def test_what_only_a_rare_purpose_needs_is_not_imported(library: str, put_off: str, packages: Path) -> None:
    program = IMPORTED.format(library)
    assert put_off in said(program).split()
    assert put_off not in said(program, packages).split()


@pytest.mark.parametrize(
    ("program", "holds"),
    [(HELP, "CertificateArn"), (ALIASES, "sagemaker"), (CONFIGURED, "ConfigParseError"), (RARELY, "adaptive")],
    ids=["help", "aliases", "files", "rarely"],
)
def test_what_was_put_off_works_as_it_does_in_the_libraries_as_they_come(program: str, holds: str, packages: Path) -> None:
    whole = said(program)
    assert holds in whole
    assert said(program, packages) == whole


def test_a_service_that_is_not_there_is_refused_with_the_same_words(packages: Path) -> None:
    whole = said(UNKNOWN, check=False)
    assert "no-such-service" in whole
    assert said(UNKNOWN, packages, check=False) == whole


def test_the_logger_finds_a_correlation_id(packages: Path) -> None:
    assert "the id" in said(CORRELATION, packages)


def test_a_library_that_has_changed_fails_the_build_by_name(pruner: ModuleType, packages: Path) -> None:
    with pytest.raises(SystemExit, match=r"botocore/loaders\.py has changed"):
        pruner.prune(packages)  # a second time, when the passages are not there any more


def test_the_layer_ships_modules_only() -> None:
    files = [path for path in (ROOT / "layers" / "snapback" / "snapback").rglob("*") if path.is_file() and path.parent.name != "__pycache__"]
    assert [path.name for path in files if path.suffix != ".py"] == [], "whatever else lies there is copied into every function"
