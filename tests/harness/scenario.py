"""A handler's fixture: a resource with the problem, beside neighbours that must stay as they are."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

ACCOUNT = "111122223333"
REGION = "us-east-1"


def saying(event: Mapping[str, Any], **said: object) -> dict[str, Any]:
    """Return the event with these parts of the call's request in the place of the sample's, which opens a door to everybody."""
    changed: dict[str, Any] = json.loads(json.dumps(event))
    changed["detail"]["requestParameters"] |= said
    return changed


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What the laws need to know of one remediation."""

    sample: str
    """The name of the resource in the handler's sample events; the laws put the live resource's name in its place."""
    broken: Callable[[], str]
    """Make a resource with the problem, and neighbours; return the resource's name."""
    state: Callable[[str], Mapping[str, Any]]
    """Return everything that could be changed, in named parts."""
    touched: frozenset[str]
    """The parts that the fix is for; all others are neighbours."""
    environment: Mapping[str, str]
    """The handler's own settings, as its template block gives them."""
    only_told: frozenset[str] = frozenset()
    """The samples about what only people can put right."""
    also_named: Callable[[str], Mapping[str, str]] = lambda _: {}
    """Further names of the live resource: what stands in the sample events -> what to put there (an id such as `AIDA…`)."""

    def neighbours(self, state: Mapping[str, Any]) -> dict[str, Any]:
        return {part: value for part, value in state.items() if part not in self.touched}

    def event(self, sample: Mapping[str, Any], resource: str, *, event_id: str = "") -> dict[str, Any]:
        """Return the sample event, about the live resource."""
        text = json.dumps(sample)
        for written, live in {**self.also_named(resource), self.sample: resource}.items():
            text = text.replace(written, live)
        event: dict[str, Any] = json.loads(text)
        return {**event, "id": event_id} if event_id else event
