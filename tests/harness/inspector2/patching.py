"""What Systems Manager knows of instances and their patches, which moto lacks: a small stateful fake on botocore's own hooks.

Parameters are validated by botocore as they are for AWS. What is answered is what the API reference documents:
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeInstanceInformation.html and its neighbours.
The state lives with moto's backend of Systems Manager, which forgets it when the account is emptied.
"""

from datetime import UTC, datetime
from typing import Any

from botocore.awsrequest import AWSResponse, HTTPHeaders
from moto.ssm.models import ssm_backends

from snapback.engine import clients
from tests.harness.scenario import ACCOUNT, REGION


def answer() -> None:
    """Let the layer's calls about managed instances be answered."""
    events = clients.aws("ssm").meta.events
    for name in _OPERATIONS:
        events.register(f"before-parameter-build.ssm.{name}", _keep, unique_id=f"patching-keep-{name}")
        events.register(f"before-call.ssm.{name}", _answer, unique_id=f"patching-answer-{name}")  # type: ignore[arg-type]  # botocore takes answers from this hook


def manage(instance_id: str, *, ping: str = "Online", patches: dict[str, int] | None = None, running: str = "") -> None:
    """Have Systems Manager manage the instance; without `patches` it has never scanned it; `running` is a command that patches it."""
    _instances()[instance_id] = {"ping": ping, "patches": patches, "running": running}


def _keep(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    context["given"] = params


def _answer(model: Any, context: dict[str, Any], **_: object) -> tuple[AWSResponse, dict[str, Any]]:  # noqa: ANN401 - botocore's
    body = _OPERATIONS[model.name](context["given"])
    return AWSResponse("https://ssm.test", 200, HTTPHeaders(), None), {**body, "ResponseMetadata": {"HTTPStatusCode": 200}}


def _instances() -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = ssm_backends[ACCOUNT][REGION].__dict__.setdefault("patching", {})
    return kept


def _information(given: dict[str, Any]) -> dict[str, Any]:
    """Answer on the second page: AWS filters what it has read for one, and may find nothing there."""
    if "NextToken" not in given:
        return {"InstanceInformationList": [], "NextToken": "more"}
    [filtered] = given["Filters"]
    assert filtered["Key"] == "InstanceIds"
    found = {name: one for name, one in _instances().items() if name in filtered["Values"]}
    return {"InstanceInformationList": [{"InstanceId": name, "PingStatus": one["ping"], "ResourceType": "EC2Instance"} for name, one in found.items()]}


def _states(given: dict[str, Any]) -> dict[str, Any]:
    ended = datetime(2026, 11, 24, 3, tzinfo=UTC)
    found = {name: one["patches"] for name, one in _instances().items() if name in given["InstanceIds"] and one["patches"] is not None}
    return {"InstancePatchStates": [{"InstanceId": name, "OperationEndTime": ended, **patches} for name, patches in found.items()]}


def _commands(given: dict[str, Any]) -> dict[str, Any]:
    assert {one["key"]: one["value"] for one in given["Filters"]} == {"DocumentName": "AWS-RunPatchBaseline", "ExecutionStage": "Executing"}
    running = _instances().get(given["InstanceId"], {}).get("running")
    return {"Commands": [{"CommandId": running, "Status": "InProgress"}] if running else []}


_OPERATIONS: Any = {"DescribeInstanceInformation": _information, "DescribeInstancePatchStates": _states, "ListCommands": _commands}
