"""Cut botocore's service models down to the operations that Snapback calls. Runs while the layer is built, not in Lambda.

    python prune_models.py …/botocore/data operations.json

botocore brings the models of 400 services, and a client of EC2 spends most of its making on reading 700 operations, of which few are called. What is left is,
to the letter, what those need: their shapes, paginators, endpoint rules. Documentation goes, and so do the waiters, which nobody uses.
tests/contract/test_models.py shows that every call is served as by the whole model.
"""

import gzip
import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

KEPT = ("_retry.json", "partitions.json", "sdk-default-configuration.json")
"""Files that concern all services; `endpoints.json` is cut down, the others go."""

PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
"""Those that Snapback knows (`names.partition_of`)."""


def prune(data: Path, operations: Mapping[str, list[str]]) -> None:
    """Replace the models in `data` by what the operations (service -> their names) need."""
    endpoints = json.loads((data / "endpoints.json").read_text())
    models = {service: pruned(data / service, names) for service, names in operations.items()}
    for entry in data.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        elif entry.name not in KEPT:
            entry.unlink()
    prefixes = set()
    for service, (version, files) in models.items():
        folder = data / service / version
        folder.mkdir(parents=True)
        prefixes.add(files["service-2"]["metadata"]["endpointPrefix"])
        for name, content in files.items():
            _write(folder / f"{name}.json", content)
    endpoints["partitions"] = [partition for partition in endpoints["partitions"] if partition["partition"] in PARTITIONS]
    for partition in endpoints["partitions"]:
        partition["services"] = {name: _telling(service, partition["regions"]) for name, service in partition["services"].items() if name in prefixes}
    _write(data / "endpoints.json", endpoints)


def pruned(folder: Path, names: list[str]) -> tuple[str, dict[str, Any]]:
    """Return the service's newest version, and what its files should be: name without ending -> content."""
    newest = max(folder.iterdir())
    model = _read(newest / "service-2")
    operations = {name: model["operations"][name] for name in names}
    shapes = _shapes_of(operations, model["shapes"])
    kept = {**model, "operations": _without_documentation(operations), "shapes": _without_documentation(shapes)}  # elsewhere botocore asks for it
    files = {"service-2": kept, "endpoint-rule-set-1": _read(newest / "endpoint-rule-set-1")}
    if paginators := _read(newest / "paginators-1"):
        files["paginators-1"] = {"pagination": {name: how for name, how in paginators["pagination"].items() if name in operations}}
    if extras := _read(newest / "paginators-1.sdk-extras"):
        merged = extras["merge"]["pagination"]
        files["paginators-1.sdk-extras"] = {**extras, "merge": {"pagination": {name: how for name, how in merged.items() if name in operations}}}
    if extras := _read(newest / "service-2.sdk-extras"):
        # What is merged into a shape that is not kept would be a shape of its own, and a broken one.
        known = {name: shape for name, shape in extras["merge"].get("shapes", {}).items() if name in shapes}
        files["service-2.sdk-extras"] = {**extras, "merge": {**extras["merge"], "shapes": known}}
    return newest.name, files


def _telling(service: Mapping[str, Any], regions: Mapping[str, object]) -> dict[str, Any]:
    """Return the service without endpoints that follow from its defaults, and without the outdated names for FIPS endpoints, which are no regions."""
    follows = "partitionEndpoint" not in service
    kept = {name: how for name, how in service["endpoints"].items() if (how or not follows) and (name in regions or not how.get("deprecated"))}
    return {**service, "endpoints": kept}


def _shapes_of(operations: Mapping[str, Any], shapes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the shapes that the operations need, directly or through another."""
    needed: dict[str, Any] = {}
    left = list(_references(operations))
    while left:
        name = left.pop()
        if name not in needed:
            needed[name] = shapes[name]
            left += _references(shapes[name])
    return {name: shape for name, shape in shapes.items() if name in needed}


def _references(model: object) -> Iterator[str]:
    """Yield the names of shapes to which a part of the model refers."""
    if isinstance(model, dict):
        if isinstance(model.get("shape"), str):
            yield model["shape"]
        for inner in model.values():
            yield from _references(inner)
    elif isinstance(model, list):
        for inner in model:
            yield from _references(inner)


def _without_documentation(model: Any) -> Any:  # noqa: ANN401 - any part of a model
    if isinstance(model, dict):  # a member that happens to be named so is an object, a text for people is not
        return {key: _without_documentation(inner) for key, inner in model.items() if not (key == "documentation" and isinstance(inner, str))}
    return [_without_documentation(inner) for inner in model] if isinstance(model, list) else model


def _read(path: Path) -> Any:  # noqa: ANN401 - a model
    """Return the content of `path` with either ending; None if there is neither."""
    packed, plain = path.with_name(f"{path.name}.json.gz"), path.with_name(f"{path.name}.json")
    if packed.exists():
        return json.loads(gzip.decompress(packed.read_bytes()))
    return json.loads(plain.read_text(encoding="utf-8")) if plain.exists() else None


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    prune(Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text()))
