"""The layer's service models are cut down to what is called, and serve every call as the whole models would."""

import copy
import itertools
import json
import shutil
from pathlib import Path
from typing import Any

import botocore
import botocore.loaders
import botocore.session
import pytest
from botocore.exceptions import EndpointVariantError
from botocore.model import ServiceModel, Shape
from botocore.regions import EndpointResolver

from local.operations import OPERATIONS, render
from snapback.engine.names import partition_of
from tests.harness.layer_build import build_program

DATA = Path(botocore.__file__).parent / "data"


def test_the_list_of_operations_is_that_of_the_permissions() -> None:
    assert OPERATIONS.read_text() == render(), "run: make catalogue"


@pytest.fixture(scope="module")
def pruned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prune a copy of botocore's data as the layer's build does; of services that are not kept, empty folders stand for all."""

    operations: dict[str, list[str]] = json.loads(OPERATIONS.read_text())
    data = tmp_path_factory.mktemp("botocore") / "data"
    data.mkdir()
    for entry in DATA.glob("*.json"):
        shutil.copy(entry, data)
    for service in operations:
        newest = max((DATA / service).iterdir())
        shutil.copytree(newest, data / service / newest.name)
    (data / "another-service").mkdir()
    build_program("prune_models").prune(data, operations)
    assert not (data / "another-service").exists()
    return data


def model(service: str, data: Path | None) -> ServiceModel:
    loader = botocore.loaders.Loader(extra_search_paths=[str(data)], include_default_search_paths=False) if data else botocore.loaders.Loader()
    return ServiceModel(loader.load_service_model(service, "service-2"), service)


def spelled_out(shape: Shape | None, seen: frozenset[str] = frozenset()) -> Any:  # noqa: ANN401 - a tree
    """Return all that a shape says, through all levels; a shape inside itself by its name."""
    if shape is None or shape.name in seen:
        return shape and shape.name
    inner = seen | {shape.name}
    parts = {name: spelled_out(member, inner) for name, member in getattr(shape, "members", {}).items()}
    for part in ("member", "key", "value"):
        if isinstance(found := getattr(shape, part, None), Shape):
            parts[part] = spelled_out(found, inner)
    return (shape.name, shape.type_name, shape.serialization, shape.metadata, parts)


def services() -> list[str]:

    return list(json.loads(OPERATIONS.read_text()))


@pytest.mark.parametrize("service", services())
def test_every_kept_operation_is_what_it_is_in_the_whole_model(service: str, pruned: Path) -> None:
    whole, kept = model(service, None), model(service, pruned)
    assert {**kept.metadata} == {**whole.metadata}
    assert kept.client_context_parameters == whole.client_context_parameters
    for name in kept.operation_names:
        one, other = kept.operation_model(name), whole.operation_model(name)
        assert spelled_out(one.input_shape) == spelled_out(other.input_shape)
        assert spelled_out(one.output_shape) == spelled_out(other.output_shape)
        assert [spelled_out(error) for error in one.error_shapes] == [spelled_out(error) for error in other.error_shapes]
        assert (one.http, one.idempotent_members, one.auth_type, one.endpoint, one.static_context_parameters) == (
            (other.http, other.idempotent_members, other.auth_type, other.endpoint, other.static_context_parameters)
        )
    assert len(kept.operation_names) < len(whole.operation_names)


@pytest.mark.parametrize("service", services())
def test_every_error_of_a_kept_operation_is_understood_as_by_the_whole_model(service: str, pruned: Path) -> None:
    whole, kept = model(service, None), model(service, pruned)
    codes = {
        code
        for name in kept.operation_names
        for error in kept.operation_model(name).error_shapes
        for code in (error.name, error.metadata.get("error", {}).get("code", error.name))
    }
    for code in {*codes, "NoSuchCode"}:  # to tell an error's shape, botocore goes through all shapes of the service
        one, other = (service_model.shape_for_error_code(code) for service_model in (kept, whole))  # type: ignore[arg-type]  # a code is a text
        assert spelled_out(one) == spelled_out(other), code


@pytest.mark.parametrize("service", services())
def test_a_client_of_the_kept_models_finds_its_endpoint_and_its_pages(service: str, pruned: Path) -> None:
    session = botocore.session.Session()
    session.register_component("data_loader", botocore.loaders.Loader(extra_search_paths=[str(pruned)], include_default_search_paths=False))
    client = session.create_client(service, region_name="eu-central-1")
    whole = botocore.session.Session().create_client(service, region_name="eu-central-1")
    assert client.meta.endpoint_url == whole.meta.endpoint_url
    for name in client.meta.method_to_api_mapping:
        assert client.can_paginate(name) == whole.can_paginate(name)


@pytest.mark.parametrize("service", services())
def test_every_region_has_the_endpoints_that_it_has_in_the_whole_data(service: str, pruned: Path) -> None:
    prefix = model(service, None).endpoint_prefix
    whole, kept = (json.loads((data / "endpoints.json").read_text()) for data in (DATA, pruned))
    for partition in (*whole["partitions"], *kept["partitions"]):
        partition["services"] = {name: how for name, how in partition["services"].items() if name == prefix}
    regions = [region for partition in kept["partitions"] for region in partition["regions"]]
    assert {partition["partition"] for partition in kept["partitions"]} == {partition_of(region) for region in ("us-east-1", "cn-north-1", "us-gov-west-1")}
    for region in [*regions, "us-new-1"]:
        for variant in itertools.product((False, True), repeat=2):
            assert endpoint(kept, prefix, region, *variant) == endpoint(whole, prefix, region, *variant)


def endpoint(data: Any, prefix: str, region: str, dualstack: bool, fips: bool) -> object:  # noqa: ANN401, FBT001 - JSON; as in botocore
    try:
        return EndpointResolver(copy.deepcopy(data)).construct_endpoint(prefix, region, None, dualstack, fips)  # which changes its data
    except EndpointVariantError as error:
        return str(error)


def test_little_is_left(pruned: Path) -> None:
    assert sum(file.stat().st_size for file in pruned.rglob("*") if file.is_file()) < 3_000_000
