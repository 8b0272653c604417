"""Schedules that run when their time has come: moto keeps them, and runs none."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from moto.scheduler.exceptions import ScheduleGroupNotFound
from moto.scheduler.models import EventBridgeSchedulerBackend, Schedule, scheduler_backends

from local.template import TICK
from snapback.engine.remediation import Remediation
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.scenario import ACCOUNT, REGION

GROUP = "snapback-Clock"
CLOCK = f"{GROUP} snapback-ClockRole dead-letters"
"""What the template tells the functions."""

_create = EventBridgeSchedulerBackend.create_schedule


def _refuse_unknown_groups(backend: EventBridgeSchedulerBackend, **given: Any) -> Schedule:  # noqa: ANN401 - moto's
    if given["group_name"] not in backend.schedule_groups:
        raise ScheduleGroupNotFound(given["group_name"])
    return _create(backend, **given)


def as_on_aws() -> None:
    """Refuse a schedule for whose group there is none: moto crashes."""
    EventBridgeSchedulerBackend.create_schedule = _refuse_unknown_groups  # type: ignore[assignment,method-assign]


def switch_on(patch: pytest.MonkeyPatch, *, settle: str = "10") -> None:
    """Give the functions the clock, as the template does."""
    boto3.client("scheduler").create_schedule_group(Name=GROUP)
    patch.setenv("CLOCK", CLOCK)
    for name, minutes in {"SETTLE_MINUTES": settle, "WARN_MINUTES": "0", "DISRUPTIVE_WARN_MINUTES": "0"}.items():
        patch.setenv(name, minutes)


def making_sample(handler: Handler) -> str:
    """Return the name of a sample that tells of the making of the scenario's resource: of several, the one with the shortest name does."""
    return min((name for name, event in handler.samples.items() if event["detail"].get("eventName") in handler.remediation.settles), key=len)


def tick(remediation: Remediation, at: float) -> dict[str, Any]:
    """Return what the schedule of its sweep gives a remediation's function at that time (seconds since 1970), as the template says it."""
    schedule = "".join(word.capitalize() for word in remediation.name.split("-")) + "HourlySweep"
    said = {
        "${AWS::AccountId}": ACCOUNT,
        "${AWS::Region}": REGION,
        "<aws.scheduler.scheduled-time>": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "<aws.scheduler.schedule-arn>": f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/{GROUP}-EXAMPLE/snapback-{schedule}-EXAMPLE",
    }
    text = json.dumps(TICK)
    for word, value in said.items():
        text = text.replace(word, value)
    given: dict[str, Any] = json.loads(text)
    return given


def schedules() -> list[Schedule]:
    """Return the schedules that wait, the first due first."""
    return sorted(_all().values(), key=due)


def run_next(account: Account, remediation: Remediation) -> list[str]:
    """Let the time come of the schedule that is due next, run it and those that are due with it; return the outcomes."""
    [first, *_] = schedules()
    account.clock.time = max(account.clock.time, due(first))
    return [outcome for event in _due_now(account) for outcome in account.deliver(remediation, event)]


def _due_now(account: Account) -> Iterator[Any]:
    for schedule in schedules():
        if due(schedule) <= account.clock.time:
            assert schedule.action_after_completion == "DELETE"
            del _all()[schedule.name]
            yield json.loads(schedule.target["Input"])


def _all() -> dict[str, Schedule]:
    return scheduler_backends[ACCOUNT][REGION].schedule_groups[GROUP].schedules


def due(schedule: Schedule) -> float:
    """Return when it is to run, in seconds since 1970."""
    assert schedule.schedule_expression_timezone == "UTC"
    return datetime.strptime(schedule.schedule_expression, "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC).timestamp()
