"""Tell people when somebody changes Snapback itself.

Why it matters: who wants to stay unseen first switches off what looks.

Told: each change by hand to a rule, function, role, topic, table, queue, log group or alarm of this stack, and each update or deletion of the stack.
Leaves alone: what CloudFormation does for an update of the stack (the update itself is told), and rows written to the journal, which CloudTrail does not
record unless you have it log DynamoDB's data events.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Report
from snapback.events import calls

DEPLOYMENT = "cloudformation.amazonaws.com"


def facts(record: Mapping[str, Any]) -> Sequence[dict[str, str]]:
    """Return what was changed, and by which call."""
    if record["userIdentity"].get("invokedBy") == DEPLOYMENT:
        return []
    return [{"What": f"{record['eventName']} of {record['eventSource']} changed a part of Snapback"}]


remediation = Report(
    resource="AWS::CloudFormation::Stack",
    named_by={
        **calls("requestParameters.stackName", "DeleteStack", "ExecuteChangeSet", "UpdateStack"),
        **calls("requestParameters.name", "DeleteRule", "DisableRule", "PutRule"),
        **calls("requestParameters.rule", "PutTargets", "RemoveTargets"),
        **calls("requestParameters.functionName", "DeleteFunction", "PutFunctionConcurrency", "UpdateFunctionCode", "UpdateFunctionConfiguration"),
        **calls("requestParameters.functionName || requestParameters.topicArn", "AddPermission", "RemovePermission"),
        **calls("requestParameters.topicArn", "DeleteTopic", "SetTopicAttributes"),
        **calls("requestParameters.subscriptionArn", "Unsubscribe"),
        **calls("requestParameters.tableName", "DeleteTable", "UpdateContinuousBackups", "UpdateTable", "UpdateTimeToLive"),
        **calls("requestParameters.queueUrl", "DeleteQueue", "PurgeQueue", "SetQueueAttributes"),
        **calls("requestParameters.logGroupName", "DeleteLogGroup", "DeleteRetentionPolicy"),
        **calls("requestParameters.alarmNames", "DeleteAlarms", "DisableAlarmActions"),
        **calls("requestParameters.roleName", "AttachRolePolicy", "DeleteRolePolicy", "DetachRolePolicy", "PutRolePolicy"),
        **calls("requestParameters.roleName", "DeleteRole", "UpdateAssumeRolePolicy"),
    },
    facts=facts,
)
handler = remediation.handler
