"""stop_task: the accused task ends, and FIXED waits until its containers have stopped."""

from typing import Any

import boto3
import pytest

from functions.ecs.stop_task import remediation
from tests.harness.account import Account, ApiCall, operations
from tests.harness.discovery import Handler
from tests.harness.ecs import tasks
from tests.harness.rules import rules
from tests.harness.scenario import Scenario

tasks.as_on_aws()

SAMPLE = "arn:aws:ecs:us-east-1:111122223333:task/shop/0123456789abcdef0123456789abcdef"


def broken() -> str:
    """Run two tasks of one definition."""
    ecs, ec2 = boto3.client("ecs"), boto3.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    ecs.create_cluster(clusterName="shop")
    web: Any = {"name": "web", "image": "web:7", "memory": 256}
    ecs.register_task_definition(family="web", networkMode="awsvpc", containerDefinitions=[web])
    network: Any = {"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": [group]}}
    started = [ecs.run_task(cluster="shop", taskDefinition="web", launchType="FARGATE", networkConfiguration=network, group="service:web") for _ in range(2)]
    return str(started[0]["tasks"][0]["taskArn"])


def described(task: str) -> Any:  # noqa: ANN401 - AWS's shape
    return boto3.client("ecs").describe_tasks(cluster="shop", tasks=[task])["tasks"][0]


def state(task: str) -> dict[str, Any]:
    everyone = boto3.client("ecs").list_tasks(cluster="shop")["taskArns"]
    return {"task": described(task)["desiredStatus"], "others": [described(one) for one in everyone if one != task]}


scenario = Scenario(sample=SAMPLE, broken=broken, state=state, touched=frozenset({"task"}), environment={})


def sample(task: str = SAMPLE) -> dict[str, Any]:
    return scenario.event(Handler("ecs", "stop_task").samples["stop_task"], task)


def wakes(event: dict[str, Any]) -> bool:
    return any(rule.function == "StopTask" and rule.matches(event) for rule in rules())


def test_it_is_called_fixed_when_the_containers_have_stopped_and_the_task_says_who_stopped_it(account: Account) -> None:
    task = broken()
    assert account.deliver(remediation, sample(task)) == ["FIXED"]
    assert described(task)["lastStatus"] in ("DEPROVISIONING", "STOPPED")
    assert "Snapback" in described(task)["stoppedReason"]
    assert operations(account.writes) == ["ecs:StopTask"]


def test_a_task_that_does_not_stop_in_time_is_not_called_fixed(account: Account) -> None:
    task = broken()

    def linger(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401
        answer = really()
        if call.operation != "DescribeTasks" or answer["tasks"][0]["desiredStatus"] != "STOPPED":
            return answer
        return {**answer, "tasks": [{**one, "lastStatus": "STOPPING"} for one in answer["tasks"]]}

    begun = account.clock.time
    with account.interfered(linger):
        assert account.deliver(remediation, sample(task)) == ["UNVERIFIED"]
    assert account.clock.time - begun < 900, "the function's timeout"


def test_a_task_that_somebody_else_has_just_told_to_stop_is_waited_for_and_left_to_them(account: Account) -> None:
    task = broken()
    boto3.client("ecs").stop_task(cluster="shop", task=task)
    assert account.deliver(remediation, sample(task)) == ["ALREADY_OK"]
    assert account.writes == []


def test_a_task_that_is_over_or_forgotten_is_no_problem_any_more(account: Account) -> None:
    broken()
    assert account.deliver(remediation, sample()) == ["ALREADY_OK"]
    assert account.writes == []


def test_what_was_seen_in_a_cluster_that_is_gone_is_told(account: Account) -> None:
    assert account.deliver(remediation, sample()) == ["REPORTED"]


def test_it_is_disruptive_and_cannot_be_undone() -> None:
    assert remediation.disruptive
    assert remediation.undo is None


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"severity": 5}, id="of medium severity"),
        pytest.param({"resource": {"resourceType": "Instance"}}, id="about an instance"),
        pytest.param({"type": "AttackSequence:ECS/CompromisedCluster"}, id="about many resources at once"),
        pytest.param({"type": "Policy:Kubernetes/ExposedDashboard"}, id="about a policy"),
    ],
)
def test_other_findings_wake_nobody(change: dict[str, Any]) -> None:
    event = sample()
    assert wakes(event)
    event["detail"] |= change
    assert not wakes(event)


def test_a_finding_that_names_no_task_wakes_nobody_and_would_be_a_dead_letter(account: Account) -> None:
    event = sample()
    del event["detail"]["resource"]["ecsClusterDetails"]["taskDetails"]
    assert not wakes(event)
    assert account.deliver(remediation, event) == []
    assert "does not name" in account.dead_letters[0][1]


@pytest.mark.parametrize(("reason", "outcomes"), [("MISSING", ["ALREADY_OK"]), ("AGENT", [])])
def test_a_task_is_taken_for_ended_only_if_ecs_says_that_it_knows_none(reason: str, outcomes: list[str], account: Account) -> None:
    task = broken()

    def unseen(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401
        return {"tasks": [], "failures": [{"arn": task, "reason": reason}]} if call.operation == "DescribeTasks" else really()

    with account.interfered(unseen):
        assert account.deliver(remediation, sample(task)) == outcomes
    assert account.writes == []
