"""The programs of the layer's build, which are in no package."""

import importlib.util
from types import ModuleType

from tests.harness.discovery import ROOT


def build_program(name: str) -> ModuleType:
    """Return `layers/snapback/<name>.py` as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "layers" / "snapback" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
