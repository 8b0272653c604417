"""Words for patching EC2 instances with Systems Manager: what it knows of one, and what is left to people.

https://docs.aws.amazon.com/systems-manager/latest/userguide/patch-manager-aws-runpatchbaseline.html
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from snapback.engine.clients import aws
from snapback.engine.refusals import code_of, is_refused

if TYPE_CHECKING:
    from mypy_boto3_ssm.type_defs import InstancePatchStateTypeDef as PatchState

_DOCUMENT: Final = "AWS-RunPatchBaseline"


def outlook(instance_id: str) -> Mapping[str, Any]:
    """Return whether Systems Manager can patch the instance, what it last saw there, and what a person has to do.

    If AWS does not show it, that is all there is to say: the weakness is worth telling anyway.
    """
    try:
        managed = _ping_status(instance_id)
        patches = _patches(_patch_state(instance_id)) if managed else {}
        running = _running(instance_id) if managed == "Online" else ""
    except ClientError as error:
        if not is_refused(error):
            raise
        managed, patches, running = f"not known: {error.operation_name} says {code_of(error)}", {}, ""
    return {"SystemsManager": managed or "does not manage it", **patches, "ToDo": _to_do(instance_id, managed, running, patches)}


def _to_do(instance_id: str, managed: str, running: str, patches: Mapping[str, Any]) -> str:
    install = (
        f"aws ssm send-command --region {aws('ssm').meta.region_name} --document-name {_DOCUMENT} --instance-ids {instance_id} "
        "--parameters Operation=Install,RebootOption=NoReboot"
    )
    if not managed:
        return "Update the packages on the instance itself, or let Systems Manager manage it (its agent, and AmazonSSMManagedInstanceCore in the role)."
    if managed in ("ConnectionLost", "Inactive"):
        return f"See why the agent of Systems Manager does not answer. Then: {install}"
    if running:
        return f"Patches are being installed by the command {running}. If the finding is still open after that, restart the instance."
    first = "Patches that are installed wait for a restart of the instance. Then, if the finding stays open: " if patches.get("WaitForRestart") else ""
    return f"{first}{install} (it takes minutes, installs all that the patch baseline approves, and cannot be undone; some patches need a restart afterwards)"


def _ping_status(instance_id: str) -> str:
    """Return `Online`, `ConnectionLost` or `Inactive`; nothing if Systems Manager does not manage the instance.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeInstanceInformation.html
    """
    pages = aws("ssm").get_paginator("describe_instance_information").paginate(Filters=[{"Key": "InstanceIds", "Values": [instance_id]}])
    return next((one["PingStatus"] for page in pages for one in page["InstanceInformationList"]), "")


def _patch_state(instance_id: str) -> "PatchState | None":
    """Return what the last scan or installation saw, or None if there was none.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeInstancePatchStates.html
    """
    return next(iter(aws("ssm").describe_instance_patch_states(InstanceIds=[instance_id])["InstancePatchStates"]), None)


def _patches(state: "PatchState | None") -> Mapping[str, Any]:
    if state is None:
        return {"Patches": "never scanned"}
    return {
        "Missing": state.get("MissingCount", 0),
        "Failed": state.get("FailedCount", 0),
        "WaitForRestart": state.get("InstalledPendingRebootCount", 0),
        "ScannedAt": state["OperationEndTime"].isoformat(),
    }


def _running(instance_id: str) -> str:
    """Return the id of a command that is patching the instance, or nothing.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ListCommands.html
    """
    pages = (
        aws("ssm")
        .get_paginator("list_commands")
        .paginate(InstanceId=instance_id, Filters=[{"key": "DocumentName", "value": _DOCUMENT}, {"key": "ExecutionStage", "value": "Executing"}])
    )
    return next((command["CommandId"] for page in pages for command in page["Commands"]), "")


def is_ready_to_patch(finding: Mapping[str, Any]) -> bool:
    """Tell whether an Inspector finding is about a package of an instance for which there are both an exploit and a fix."""
    return (
        finding.get("type") == "PACKAGE_VULNERABILITY"
        and (finding.get("exploitAvailable"), finding.get("fixAvailable")) == ("YES", "YES")
        and any(resource.get("type") == "AWS_EC2_INSTANCE" for resource in finding["resources"])
    )
