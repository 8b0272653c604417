"""The layer's libraries import less than they come with, and can all that they could."""

import os
import shutil
import subprocess
import sys
import tempfile
from importlib.machinery import SourcelessFileLoader
from importlib.util import cache_from_source, module_from_spec, spec_from_file_location
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
"""

HOOKS = """
import functools
import botocore.handlers, botocore.session
from botocore.compat import accepts_kwargs
class Hooks:
    def method(self, a, **more): ...
    def narrow(self, a): ...
    def __call__(self, **more): ...
hooks = [hook[1] for hook in botocore.handlers.BUILTIN_HANDLERS]
kinds = [Hooks().method, Hooks().narrow, Hooks(), Hooks, functools.partial(lambda a, **more: 0, 1), functools.partial(lambda a: 0, 1), lambda *a: 0, len]
print([bool(accepts_kwargs(hook)) for hook in [*hooks, *kinds]])
"""

FORMER_NAMES = """
import botocore.session
from botocore.hooks import EVENT_ALIASES
emitter = botocore.session.Session().get_component("event_emitter")
forms = ("{}", "before-call.{}", "creating-client-class.{}.Do")
print([emitter._alias_event_name(form.format(name)) for name in (*EVENT_ALIASES, *EVENT_ALIASES.values(), "iam", "like-iam") for form in forms])
"""

ADDRESSES = """
from botocore.httpsession import _is_ipaddress
from botocore.utils import is_valid_ipv6_endpoint_url
from urllib3.util.ssl_ import is_ipaddress
from urllib3.util.url import parse_url
names = ["kms.us-east-1.amazonaws.com", "10.0.0.1", "0x7f.1", "%41.b", "localhost", "", "a b", "a[b", "x:y"]
addresses = ["::1", "fe80::1%25eth0", "fe80::1%eth0", "fe80::1%a!b", "1:2:3:4:5:6:7:8", "::ffff:10.0.0.1", "2001:db8::", "1:2", ":::", "12345::"]
for host in [*names, *addresses, *(f"[{one}]" for one in addresses), "[::1", "::1]"]:
    print(host, is_ipaddress(host), _is_ipaddress(host))
    for url in (f"https://{host}", f"https://{host}:443/path?a=[b]", f"http://me@{host}:0080", f"http://{host}:99999", host):
        for parse in (parse_url, is_valid_ipv6_endpoint_url):
            try:
                print(url, repr(parse(url)))
            except ValueError as error:
                print(url, type(error), error)
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


def said(program: str, *packages: Path) -> str:
    """Run a program in a process of its own, with these packages before all others; return what it prints."""
    path = os.pathsep.join(map(str, [*packages, ROOT / "layers" / "snapback"]))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, env=environment, cwd=folder)  # noqa: S603 - ours
    return done.stdout


@pytest.mark.parametrize(
    ("library", "put_off"),
    [
        ("botocore.session", "botocore.docs.method"),
        ("botocore.configloader", "configparser"),
        ("urllib3", "importlib.metadata"),
        ("aws_lambda_powertools.logging", "aws_lambda_powertools.utilities.jmespath_utils"),
    ],
)
def test_what_only_a_rare_purpose_needs_is_not_imported(library: str, put_off: str, packages: Path) -> None:
    program = IMPORTED.format(library)
    assert put_off in said(program).split()
    assert put_off not in said(program, packages).split()


@pytest.mark.parametrize(
    ("program", "holds"),
    [
        (HELP, "CertificateArn"),
        (CONFIGURED, "ConfigParseError"),
        (HOOKS, "True, False, True, False, True, False, False, False]"),
        (FORMER_NAMES, "before-call.mediatailor"),
        (ADDRESSES, "host='[fe80::1%eth0]', port=443, path='/path'"),
    ],
    ids=["help", "files", "hooks", "former names", "addresses"],
)
def test_what_was_put_off_or_made_shorter_works_as_it_does_in_the_libraries_as_they_come(program: str, holds: str, packages: Path) -> None:
    whole = said(program)
    assert holds in whole
    assert said(program, packages) == whole


def test_the_logger_finds_a_correlation_id(packages: Path) -> None:
    assert "the id" in said(CORRELATION, packages)


def test_a_library_that_has_changed_fails_the_build_by_name(pruner: ModuleType, packages: Path) -> None:
    with pytest.raises(SystemExit, match=r"botocore/loaders\.py has changed"):
        pruner.prune(packages)  # a second time, when the passages are not there any more


def test_compiled_packages_keep_no_docstrings_but_our_own_and_no_assertions(tmp_path: Path) -> None:
    program = ROOT / "layers" / "snapback" / "compile_packages.py"
    docs = {}
    for package in ("snapback", "botocore"):
        source = tmp_path / package / "module.py"
        source.parent.mkdir()
        source.write_text('"""What it is."""\nassert False\n')
        subprocess.run([sys.executable, program, tmp_path], check=True)  # noqa: S603 - ours
        found = spec_from_file_location(package, loader=SourcelessFileLoader(package, cache_from_source(str(source))))
        assert found
        assert found.loader
        module = module_from_spec(found)
        found.loader.exec_module(module)
        docs[package] = module.__doc__
    assert docs == {"snapback": "What it is.", "botocore": None}


def test_the_layer_ships_modules_and_what_alerts_say_of_controls_only() -> None:
    files = [path for path in (ROOT / "layers" / "snapback" / "snapback").rglob("*") if path.is_file() and path.parent.name != "__pycache__"]
    assert [path.name for path in files if path.suffix != ".py"] == ["controls.json"], "whatever else lies there is copied into every function"
