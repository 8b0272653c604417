"""Words for ECS tasks: whether one still runs, and stopping it for good."""

from collections.abc import Mapping
from typing import Any

from snapback.engine import clock
from snapback.engine.clients import aws
from snapback.engine.errors import IncompleteAnswer
from snapback.engine.names import shown

_STOPPED = frozenset({"DEPROVISIONING", "STOPPED", "DELETED"})
"""In these states the containers have stopped (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html)."""

_FORGOTTEN = "MISSING"
"""Why ECS cannot describe a task that it does not know (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html)."""

_WHILE_STOPPING = (0.0, 2.0, *(5.0,) * 25)
"""Seconds to wait before each look at a task that was told to stop: its containers may take two minutes."""


def unstopped(task: str) -> Mapping[str, Any] | None:
    """Return the task if its containers run; None if they have stopped, or ECS has forgotten the task, as it does an hour after its end.

    Waits for a task that was told to stop. Raises `ClusterNotFoundException` if there is no such cluster.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html
    """
    found = None
    for wait in _WHILE_STOPPING:
        clock.pause(wait)
        answer: Mapping[str, Any] = aws("ecs").describe_tasks(cluster=_cluster_of(task), tasks=[task])
        if not answer["tasks"] and not any(failed.get("reason") == _FORGOTTEN for failed in answer.get("failures", [])):
            why = shown(answer.get("failures"))
            raise IncompleteAnswer(f"AWS's answer to ecs:DescribeTasks says neither what the task does nor that there is none: {why}")
        found = next((one for one in answer["tasks"] if one["lastStatus"] not in _STOPPED), None)
        if not found or found["desiredStatus"] != "STOPPED":
            break
    return found


def stop(task: str, why: str) -> None:
    """Tell the task to stop; to tell it again while it stops does nothing.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html
    """
    aws("ecs").stop_task(cluster=_cluster_of(task), task=task, reason=why)


def _cluster_of(task: str) -> str:
    """Return the name of the task's cluster: `arn:aws:ecs:...:task/shop/0123` -> `shop`."""
    return task.split("/")[1]
