"""ECS tasks as on AWS: moto lets a running task end by being looked at, and a stopped one be gone at once; of one that it does not know it says nothing.

On AWS a task runs until it is told to stop (its desired status), and then takes a while. One that is not known is among the failures: MISSING.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
"""

from typing import Any

from moto.ecs.models import EC2ContainerServiceBackend, Task
from moto.ecs.responses import EC2ContainerServiceResponse

_stop = EC2ContainerServiceBackend.stop_task
_describe = EC2ContainerServiceResponse.describe_tasks
_STEPS = {"DEACTIVATING": "STOPPING", "STOPPING": "DEPROVISIONING", "DEPROVISIONING": "STOPPED"}


def as_on_aws() -> None:
    """Let a task run until it is stopped, and then stop step by step, one with each look; say of which nothing is known."""
    EC2ContainerServiceResponse.describe_tasks = _describe_or_fail  # type: ignore[method-assign,assignment]
    Task.advance = _step  # type: ignore[method-assign,assignment]  # in the place of moto's own
    EC2ContainerServiceBackend.stop_task = _begin_to_stop  # type: ignore[method-assign,assignment]


def _step(task: Any) -> None:  # noqa: ANN401 - moto's
    task._status = _STEPS.get(task._status, task._status) if task.desired_status == "STOPPED" else task._status  # noqa: SLF001


def _begin_to_stop(backend: Any, cluster_str: str, task_str: str, reason: str) -> Any:  # noqa: ANN401
    [task] = backend.describe_tasks(cluster_str, [task_str])
    if task.desired_status == "STOPPED":
        return task
    _stop(backend, cluster_str, task_str, reason)
    task.last_status = "DEACTIVATING"
    return task


def _describe_or_fail(response: Any) -> Any:  # noqa: ANN401 - moto's
    described = _describe(response)
    answer: Any = described.result
    known = {task.task_arn for task in answer["tasks"]}
    answer["failures"] = [{"arn": task, "reason": "MISSING"} for task in response._get_param("tasks", []) if task not in known]  # noqa: SLF001 - moto's own
    return described
