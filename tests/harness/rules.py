"""The EventBridge rules of template.yaml and its schedules, and which events they match."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from ministack.services import eventbridge

from local.replay.envelope import only_reads
from local.replay.matching import Pattern, Verdict, compiled
from local.replay.rules import ALL_CALLS
from tests.harness.template import STACK, functions, resolved


@dataclass(frozen=True)
class Rule:
    """One rule: by a pattern, or by the clock."""

    function: str
    name: str
    pattern: Pattern | None
    """None for a schedule."""
    hears_reads: bool = False
    """Calls that only read are delivered, too, which the state ENABLED leaves out
    (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html)."""

    def matches(self, event: Mapping[str, Any]) -> bool:
        if self.pattern is not None:
            return (self.hears_reads or not only_reads(event)) and self._verdict(event)
        name = f":schedule/{STACK}-Clock-EXAMPLE/{STACK}-{self.function}{self.name}-"  # CloudFormation adds a suffix of its own
        return (event["source"], event["detail-type"]) == ("aws.scheduler", "Scheduled Event") and any(name in resource for resource in event["resources"])

    @cached_property
    def _verdict(self) -> Verdict:
        assert self.pattern is not None
        return compiled(self.pattern)

    @property
    def alternatives(self) -> list[Pattern]:
        """Return the parts of an `$or`, each of which is a pattern by itself; so are those of one in the detail that names calls of several services."""
        if self.pattern is None:
            return []
        found: list[Pattern] = []
        for one in _parts(self.pattern):
            calls = [detail for detail in _parts(one.get("detail", {})) if "eventSource" in detail]
            several = len(calls) > 1
            found += [{**one, "source": [f"aws.{name.split('.')[0]}" for name in detail["eventSource"]], "detail": detail} for detail in calls if several]
            found += [] if several else [one]
        return found

    def __str__(self) -> str:
        return f"{self.function}.{self.name}"


def _parts(pattern: Pattern) -> list[Pattern]:
    """Return a pattern, or a part of one, without its `$or`: once for each of that one's parts."""
    common = {part: value for part, value in pattern.items() if part != "$or"}
    return [{**common, **part} for part in pattern.get("$or", [{}])]


@cache
def rules() -> Sequence[Rule]:
    found = []
    for function, block in functions().items():
        for name, event in block["Properties"].get("Events", {}).items():
            assert event["Type"] in {"EventBridgeRule", "ScheduleV2"}, f"teach tests/harness/rules.py the type {event['Type']}"
            pattern = event["Properties"].get("Pattern")
            state = event["Properties"].get("State", "ENABLED")
            found.append(Rule(function, name, resolved(pattern) if pattern else None, state == ALL_CALLS))
    return found


def complaint(pattern: Pattern) -> str | None:
    """Return why PutRule would refuse the pattern, by ministack's validation (private as well); None if it would not."""
    found: str | None = eventbridge._event_pattern_error(json.dumps(pattern))  # noqa: SLF001
    return found
