"""What AWS has not done it may say in the middle of an answer that else looks like a success: each list of such failures is read."""

import json
import re
from collections.abc import Iterator, Mapping

import botocore.session
import pytest

from local.operations import OPERATIONS
from tests.harness.discovery import ROOT

_LOOKS_LIKE_FAILURE = re.compile(r"unprocessed|unsuccessful|unknown|fail|error|missing|reject|skipped|cancell|^return", re.IGNORECASE)

_ERROR = "EC2 answers false never: what it refuses it answers as an error (API_RevokeSecurityGroupIngress)"
_BY_ID = "rules are named by their ids, and of an id that it does not know EC2 answers an error; the look after the fix asks again"
_PAST = "says how the last delivery went, which is the owner's to mend: the trail logs all the same"

MEMBERS: Mapping[str, str] = {
    "cloudtrail:GetTrailStatus.LatestCloudWatchLogsDeliveryError": _PAST,
    "cloudtrail:GetTrailStatus.LatestDeliveryError": _PAST,
    "cloudtrail:GetTrailStatus.LatestDigestDeliveryError": _PAST,
    "cloudtrail:GetTrailStatus.LatestNotificationError": _PAST,
    "dynamodb:BatchGetItem.UnprocessedKeys": "snapback/engine/notices.py",
    "ec2:AuthorizeSecurityGroupEgress.Return": _ERROR,
    "ec2:AuthorizeSecurityGroupIngress.Return": _ERROR,
    "ec2:CreateFlowLogs.Unsuccessful": "snapback/ec2/flow_logs.py",
    "ec2:DeleteFlowLogs.Unsuccessful": "snapback/ec2/flow_logs.py",
    "ec2:ModifyVpcEndpoint.Return": _ERROR,
    "ec2:ModifyVpcEndpointServicePermissions.ReturnValue": _ERROR,
    "ec2:RevokeSecurityGroupEgress.Return": _ERROR,
    "ec2:RevokeSecurityGroupEgress.UnknownIpPermissions": _BY_ID,
    "ec2:RevokeSecurityGroupIngress.Return": _ERROR,
    "ec2:RevokeSecurityGroupIngress.UnknownIpPermissions": _BY_ID,
    "ecs:DescribeTasks.failures": "snapback/ecs/tasks.py",
    "guardduty:CreateDetector.UnprocessedDataSources": "is about the old member DataSources, which is not sent: features that are refused are an error",
    "inspector2:BatchGetAccountStatus.failedAccounts": "snapback/inspector2/inspections.py",
    "inspector2:Disable.failedAccounts": "snapback/inspector2/inspections.py",
    "inspector2:Enable.failedAccounts": "snapback/inspector2/inspections.py",
    "lambda:GetFunction.TagsError": "nothing asks Lambda for tags",
    "lambda:Invoke.FunctionError": "nothing waits for what a function answers",
    "s3:GetBucketWebsite.ErrorDocument": "the page that a website shows for an error of its own",
    "securityhub:BatchUpdateFindings.UnprocessedFindings": "snapback/engine/hub_findings.py",
    "securityhub:BatchUpdateFindingsV2.UnprocessedFindings": "snapback/engine/hub_findings.py",
}
"""The member of an answer -> the module of the layer that reads it, or why nobody need."""


def members() -> Iterator[str]:
    """Yield what botocore's models have in the answers of all operations that Snapback is allowed."""
    session = botocore.session.get_session()
    for service, operations in json.loads(OPERATIONS.read_text()).items():
        model = session.get_service_model(service)
        for operation in operations:
            shape = model.operation_model(operation).output_shape
            yield from (f"{service}:{operation}.{name}" for name in getattr(shape, "members", {}) if _LOOKS_LIKE_FAILURE.search(name))


def test_each_member_that_tells_of_a_failure_is_read_or_has_its_reason() -> None:
    assert sorted(members()) == sorted(MEMBERS)


@pytest.mark.parametrize("member", [member for member, reader in MEMBERS.items() if reader.endswith(".py")])
def test_the_module_that_is_said_to_read_it_makes_the_call_and_names_the_member(member: str) -> None:
    _, operation, name = re.split(r"[:.]", member)
    source = (ROOT / "layers" / "snapback" / MEMBERS[member]).read_text()
    method = re.sub(r"(?<=[a-z])(?=[A-Z0-9])", "_", operation).lower()
    assert re.search(rf"\b{method}\(", source)
    assert f'"{name}"' in source
