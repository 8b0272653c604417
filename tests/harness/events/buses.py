"""Policies of event buses as AWS keeps them: one that is put takes the place of the former one, where moto adds its statements to those that are there.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-permissions-manage.html
"""

import json
from typing import Any

from moto.events.models import EventBus, EventsBackend

_remove_all: Any = EventBus.remove_statements


def as_on_aws() -> None:
    """Keep a policy as the text that was put."""
    bus: Any = EventBus
    bus.policy = property(lambda self: self.__dict__.get("written"))
    bus.remove_statements = _remove
    backend: Any = EventsBackend
    backend._put_permission_from_policy = staticmethod(_put)  # noqa: SLF001 - in the place of moto's own


def _put(bus: EventBus, policy: str) -> None:
    json.loads(policy)
    bus.__dict__["written"] = policy


def _remove(bus: EventBus) -> None:
    _remove_all(bus)
    bus.__dict__["written"] = None
