"""Words for VPC flow logs: which networks have one, and the one that Snapback makes."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from snapback.engine.clients import aws
from snapback.engine.errors import NothingLeft
from snapback.engine.refusals import refusal

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FlowLogTypeDef as FlowLog

MADE_BY: Final = "snapback:made-by"
"""The tag of what Snapback has made, with the remediation's name."""


def active(flow_logs: "Sequence[FlowLog]") -> "list[FlowLog]":
    """Return those that are switched on. One that cannot deliver just now is: to mend that is its owner's."""
    return [flow_log for flow_log in flow_logs if flow_log["FlowLogStatus"] == "ACTIVE"]


def flow_logs_of(vpc: str) -> "list[FlowLog]":
    """Return the flow logs of the VPC as a whole, not those of its subnets or interfaces.

    Raises `ClientError` InvalidVpcID.NotFound if there is no such VPC: its flow logs alone would just be none, so an empty answer is looked into.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeFlowLogs.html
    """
    found = _flow_logs([{"Name": "resource-id", "Values": [vpc]}])
    if not found:
        aws("ec2").describe_vpcs(VpcIds=[vpc])
    return found


def vpcs_without(record: Mapping[str, Any]) -> list[str]:
    """Return all VPCs of the account that have no active flow log; raise `NothingLeft` if each has one.

    A record of DeleteFlowLogs names flow logs that are gone by now, and whose they were nobody can tell. VPCs that other accounts share are theirs to log.
    """
    pages = aws("ec2").get_paginator("describe_vpcs").paginate()
    own = [vpc["VpcId"] for page in pages for vpc in page["Vpcs"] if vpc["OwnerId"] == record.get("recipientAccountId")]
    logged = {flow_log["ResourceId"] for flow_log in active(_flow_logs([]))}
    if missing := [vpc for vpc in own if vpc not in logged]:
        return missing
    raise NothingLeft("every VPC of the account has an active flow log")


def make(vpc: str, bucket: str, owner: str) -> None:
    """Make a flow log of all traffic that is written to the bucket.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html
    """
    answer = aws("ec2").create_flow_logs(
        ResourceType="VPC",
        ResourceIds=[vpc],
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination=bucket,
        TagSpecifications=[{"ResourceType": "vpc-flow-log", "Tags": [{"Key": MADE_BY, "Value": owner}]}],
    )
    _raise_unsuccessful(answer, "CreateFlowLogs")


def delete_made(vpc: str, owner: str) -> None:
    """Delete the flow log of the VPC that `make` has made; what it has written stays in the bucket.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteFlowLogs.html
    """
    made = [flow_log["FlowLogId"] for flow_log in flow_logs_of(vpc) if {"Key": MADE_BY, "Value": owner} in flow_log.get("Tags", [])]
    if made:
        _raise_unsuccessful(aws("ec2").delete_flow_logs(FlowLogIds=made), "DeleteFlowLogs")


def _raise_unsuccessful(answer: Mapping[str, Any], operation: str) -> None:
    """Raise what the answer calls unsuccessful: AWS does not answer it as an error.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UnsuccessfulItem.html
    """
    for failed in answer.get("Unsuccessful", []):
        raise refusal(operation, failed["Error"]["Code"], failed["Error"]["Message"])


def _flow_logs(filters: Any) -> "list[FlowLog]":  # noqa: ANN401 - filters
    pages = aws("ec2").get_paginator("describe_flow_logs").paginate(Filters=filters)
    return [flow_log for page in pages for flow_log in page["FlowLogs"]]
