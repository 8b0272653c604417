"""Stop an ECS task that GuardDuty accuses.

Problem: GuardDuty accuses an ECS task. Severity: high.

Why it matters: a compromised container attacks others and sends data out for as long as it runs, with the permissions of its task role.

Wrong when: GuardDuty has a finding of High severity (7 or more) about what the task does (Runtime) or has on its disk (malware), and the task has not stopped.
Fix: stops the task, and waits until its containers have stopped. This cannot be undone, and what was in its memory and on its own disk is lost. A service
starts a fresh task of the same definition: if the image itself is bad, people have to find that out and put it right.
Leaves alone: the service, its other tasks, the cluster and its instances, and findings about a cluster that name no task.
Class: disruptive, because the task serves nobody any more.
"""

from collections.abc import Mapping, Sequence

from snapback import Remediation
from snapback.ecs.tasks import stop, unstopped


def violation(task: str) -> Sequence[Mapping[str, str]]:
    """Return the task and where it comes from, if it has not stopped."""
    found = unstopped(task)
    return [{"TaskArn": task, "TaskDefinitionArn": found["taskDefinitionArn"], "Group": found.get("group", "")}] if found else []


def fix(task: str, _: object) -> None:
    """Stop it."""
    stop(task, "Stopped by Snapback: GuardDuty has a finding about this task")


remediation = Remediation(
    resource="AWS::ECS::Task",
    named_by={"GuardDuty Finding": "resource.ecsClusterDetails.taskDetails.arn"},
    violation=violation,
    fix=fix,
    contained="Task stopped",
    disruptive=True,
)
handler = remediation.handler
