"""The house has floors: whoever is above knows those below, and nobody the other way round. No module waits for another in a circle."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import TopologicalSorter

import pytest

from tests.harness.discovery import ROOT

LAYER = ROOT / "layers" / "snapback"

FACE = frozenset(
    {
        *("answers", "clock", "counts", "errors", "events", "exemptions", "findings", "journal", "memory"),
        *("names", "own_stack", "refusals", "settings", "silencers", "steps", "switches", "together"),
    }
)
"""What a handler may need of the engine, besides `snapback` itself: how it is called, read and told, never how the algorithm goes on."""

ABOUT_MANY_SERVICES: Mapping[str, str] = {
    "snapback.accessanalyzer.external_access": "Access Analyzer finds what is open in any service, and each has its own way to take that back",
    "snapback.accessanalyzer.sharing_calls": "and each has its own calls by which it is opened",
    "functions/wafv2/associate_web_acl.py": "what the web ACL is put before is a load balancer",
}
"""Where the words of other services are needed besides its own, and why."""


LOCAL: Mapping[str, int] = {"cli": 0, "": 1, "starts": 1, "survey": 2, "replay": 3, "bench": 4}
"""The floors of local/, from the ground: a deployed stack as operators see it; the account on this machine and all that is a file by itself; what is wrong now;
the account's past; and what is measured of all that."""

SHOWN_BELOW: Mapping[str, str] = {"local.first_look": "it shows a survey and a replay, as `local.demo` shows a deployed stack"}
"""Files of local/ that know a floor above theirs, and why."""


@cache
def imports_of(file: str) -> set[str]:
    """Return the modules that a file imports, wherever in it: at its beginning, late, or for types only."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / file).read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {module(f"{node.module}.{alias.name}") or str(node.module) for alias in node.names}
    return found


@cache
def module(name: str) -> str:
    """Return the name if it is that of a module of the layer, or of the project beside it."""
    paths = [root.joinpath(*name.split(".")) for root in (LAYER, ROOT)]
    return name if any(path.with_suffix(".py").exists() or (path / "__init__.py").exists() for path in paths) else ""


def modules() -> Iterator[tuple[str, set[str]]]:
    """Yield each module of the layer with those of the layer that it imports."""
    for file in sorted((LAYER / "snapback").rglob("*.py")):
        if file.name != "__init__.py":
            yield ".".join(file.relative_to(LAYER).with_suffix("").parts), {one for one in imports_of(str(file.relative_to(ROOT))) if module(one)}


GRAPH = dict(modules())
PACKAGES = sorted({name.split(".")[1] for name in GRAPH})
HANDLERS = sorted(str(file.relative_to(ROOT)) for file in (ROOT / "functions").rglob("*.py"))


def test_no_module_of_the_layer_waits_for_another_in_a_circle() -> None:
    assert len(list(TopologicalSorter(GRAPH).static_order())) >= len(GRAPH)


@pytest.mark.parametrize("name", GRAPH)
def test_a_module_knows_only_the_floors_below_and_its_own_room(name: str) -> None:
    own = name.split(".")[1]
    below = {"engine": set(), "policies": {"engine"}}.get(own, {"engine", "policies"})
    foreign = sorted(one for one in GRAPH[name] if one.split(".")[1] not in {own, *below})
    assert not foreign or name in ABOUT_MANY_SERVICES


@pytest.mark.parametrize("file", HANDLERS)
def test_a_handler_knows_the_engines_face_the_policies_and_its_own_services_words(file: str) -> None:
    _, service, _ = file.split("/")
    if service == "snapback":  # no remediations: the engine's own chores
        return
    for one in imports_of(file):
        top, _, rest = one.partition(".")
        package, _, inner = rest.partition(".")
        assert top != "functions", "a handler is alone"
        if top == "snapback" and package == "engine":
            assert inner in FACE, one
        elif top == "snapback" and package not in ("", "policies", service):
            assert file in ABOUT_MANY_SERVICES, one


def files_of(folder: str) -> Iterator[tuple[str, set[str]]]:
    """Yield each module of a folder with those of local/ and of the tests that it imports."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        file = path.relative_to(ROOT)
        yield ".".join(file.with_suffix("").parts), {one for one in imports_of(str(file)) if one.startswith(("local.", "tests."))}


def test_no_module_of_local_or_of_the_harness_waits_for_another_in_a_circle() -> None:
    graph = {**dict(files_of("local")), **dict(files_of("tests/harness"))}
    assert len(list(TopologicalSorter(graph).static_order())) >= len(graph)


def test_a_file_of_local_knows_only_the_floors_below_and_its_own_room() -> None:
    def floor(name: str) -> int:
        part = name.split(".")[1]
        return LOCAL[part if part in LOCAL else ""]

    wrong: dict[str, set[str]] = {}
    for name, known in files_of("local"):
        for one in known:
            if one.startswith("local.") and name.split(".")[1] != one.split(".")[1] and floor(one) > floor(name):
                wrong.setdefault(name, set()).add(one)
    assert wrong.keys() == SHOWN_BELOW.keys(), wrong


def test_every_service_that_has_words_has_handlers_under_the_same_name() -> None:
    assert {*PACKAGES} - {"engine", "policies"} <= {file.split("/")[1] for file in HANDLERS}
