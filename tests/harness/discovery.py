"""Finding all remediations, their sample events, scenarios and template blocks: nothing is listed by hand."""

import importlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from types import ModuleType
from typing import Any

import pytest

from local import remediations
from snapback.engine import clock, events
from snapback.engine.remediation import Remediation, Report
from tests.harness.scenario import Scenario

ROOT = remediations.ROOT


def without_version(name: str) -> str:
    """Return a call's name without the date that CloudTrail puts behind some."""
    return re.sub(r"\d{8}(v\d+)?$", "", name)


@cache
def _samples(service: str, stem: str) -> Mapping[str, str]:
    files = sorted((ROOT / "events" / service).glob(f"{stem}*.json"), key=lambda file: (file.stem != stem, file.stem))
    return {file.stem: file.read_text() for file in files if file.stem == stem or file.stem.startswith(f"{stem}-")}


@dataclass(frozen=True)
class Handler:
    """One remediation with all its pieces."""

    service: str
    stem: str
    variant: str = ""
    """Which of its scenarios: a handler that puts right more than one kind of problem has `variants` in its test, beside the `scenario`."""

    @property
    def module(self) -> ModuleType:
        return importlib.import_module(f"functions.{self.service}.{self.stem}")

    @property
    def remediation(self) -> Remediation:
        remediation = self.module.remediation
        assert isinstance(remediation, Remediation)
        assert remediation.severity, "is read from the manual and kept, before a test puts something of its own in the place of what names that"
        return remediation

    @property
    def is_report(self) -> bool:
        return isinstance(self.remediation, Report)

    @property
    def test(self) -> ModuleType:
        return importlib.import_module(f"tests.functions.{self.service}.test_{self.stem}")

    @property
    def scenario(self) -> Scenario:
        scenario = self.test.variants[self.variant] if self.variant else self.test.scenario
        assert isinstance(scenario, Scenario)
        return scenario

    @property
    def variants(self) -> "list[Handler]":
        return [replace(self, variant=variant) for variant in getattr(self.test, "variants", ())]

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the handler's own settings: those of its scenario, or for a report what its test has in `environment`."""
        if not self.is_report:
            return self.scenario.environment
        found: Mapping[str, str] = getattr(self.test, "environment", {})
        return found

    def set_up(self, patch: pytest.MonkeyPatch) -> None:
        """Give the handler its own settings."""
        for name, value in self.environment.items():
            patch.setenv(name, value)

    @property
    def samples(self) -> dict[str, dict[str, Any]]:
        """Return the sample events by file name, as if they happened just now; the one named like the handler is the first."""
        return {name: self.sample(name) for name in _samples(self.service, self.stem)}

    def sample(self, name: str = "") -> dict[str, Any]:
        """Return one of them, by default the first."""
        now = {"time": datetime.fromtimestamp(clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}  # what is told of a threat depends on how old it is
        sample: dict[str, Any] = json.loads(_samples(self.service, self.stem)[name or self.stem])
        return sample | now

    @property
    def samples_to_fix(self) -> list[str]:
        """Return the names of the samples about what can be put right, whatever was before: what takes a containment off is heard only after a fix."""
        takes_off = {name for name, sample in self.samples.items() if self.takes_off(sample)}
        return [name for name in self.samples if name not in {*self.scenario.only_told, *takes_off}]

    def takes_off(self, sample: Mapping[str, Any]) -> bool:
        """Tell whether the sample is of a call that takes off what a fix contains."""
        return without_version(sample["detail"].get("eventName", "")) in self.remediation.taken_off_by

    @property
    def function(self) -> remediations.Function:
        return remediations.function_of(self.service, self.stem)

    @property
    def logical_id(self) -> str:
        return self.function.logical_id

    @property
    def together(self) -> "list[Handler]":
        """Return all that are in its function: mostly itself alone."""
        return [one for one in HANDLERS if one.function == self.function]

    def hears(self, event: Mapping[str, Any]) -> bool:
        """Tell whether an event that wakes its function is one for it."""
        one = self.remediation
        return len(self.together) == 1 or events.is_heard(event, one.named_by, one.controls)

    def __str__(self) -> str:
        return f"{self.service}/{self.stem}" + (f" {self.variant}" if self.variant else "")


HANDLERS, CHORES = ([Handler(file.parent.name, file.stem) for file in files] for files in (remediations.REMEDIATIONS, remediations.CHORES))
FIXERS = [handler for handler in HANDLERS if not handler.is_report]
REPORTS = [handler for handler in HANDLERS if handler.is_report]
