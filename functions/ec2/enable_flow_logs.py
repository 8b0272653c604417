"""Give every VPC a flow log.

Problem: A VPC has no flow log. Severity: medium.

Why it matters: without one nobody can tell afterwards who talked to whom, which is the first thing to ask after an attack.

Wrong when: the VPC has no active flow log of its own.
Fix: makes one of all traffic into the S3 bucket FlowLogBucket. Undo deletes that one again; what it has written stays.
Leaves alone: every other flow log, whatever it records and wherever to; subnets and interfaces that have their own; VPCs that other accounts share.
Reported only: where FlowLogBucket is empty. Logs cost money and may hold personal data, so where they go is for people to say.
Class: safe, because a flow log is collected outside of the path of the traffic; disruptive where the VPC was just made, as its stack's own log of the same
kind would then be refused, or where CloudFormation has deleted the log.
"""

from collections.abc import Sequence

from snapback import Remediation, settings
from snapback.ec2 import flow_logs
from snapback.engine.errors import OnlyPeople
from snapback.engine.events import Signal

MADE = ("CreateDefaultVpc", "CreateVpc")


def violation(vpc: str) -> Sequence[dict[str, int]]:
    """Return that there is no active flow log."""
    return [] if flow_logs.active(flow_logs.flow_logs_of(vpc)) else [{"ActiveFlowLogs": 0}]


def is_of_a_stack(_: object, signal: Signal) -> bool:
    """Tell whether the VPC was just made, and whoever makes it may be about to give it a flow log, or a stack has deleted the log that it owns."""
    return signal.is_by_stack or signal.source in MADE


def fix(vpc: str, _: object) -> None:
    """Make one."""
    bucket = settings.optional("FLOW_LOG_BUCKET")
    if not bucket:
        raise OnlyPeople("the VPC has no flow log: give it one, or give the stack's parameter FlowLogBucket the bucket for those that Snapback makes")
    flow_logs.make(vpc, bucket, remediation.name)


def undo(vpc: str, _: object) -> None:
    """Delete the one that was made."""
    flow_logs.delete_made(vpc, remediation.name)


remediation = Remediation(
    resource="AWS::EC2::VPC",
    named_by={**dict.fromkeys(MADE, "responseElements.vpc.vpcId"), "DeleteFlowLogs": flow_logs.vpcs_without},
    settles=MADE,
    violation=violation,
    fix=fix,
    undo=undo,
    disruptive=is_of_a_stack,
)
handler = remediation.handler
