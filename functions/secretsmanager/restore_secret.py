"""Cancel the deletion of a secret.

Problem: A secret is about to be deleted. Severity: high.

Why it matters: what needs the secret stops at once, as a secret that waits for its deletion can no longer be read; after the wait it is lost for good.

Wrong when: the secret is scheduled for deletion.
Fix: restores it; its value, versions and tags have never been away. Undo schedules the deletion for the former date, or as soon after it as Secrets Manager
allows, which waits for 7 to 30 days.
Leaves alone: secrets that an AWS service owns, as RDS does its own, and deletes itself. A secret deleted with ForceDeleteWithoutRecovery is gone, and so are
replicas that were removed.
Class: safe, because what needs the secret works again, and disruptive where CloudFormation made the call: a stack that is deleted or replaces what it owns
would find it back.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Remediation, aws
from snapback.engine.events import by_stack
from snapback.secretsmanager.secrets import arn_of_secret, schedule_deletion, scheduled_deletion


def violation(arn: str) -> Sequence[Mapping[str, Any]]:
    """Return the date of the deletion."""
    return scheduled_deletion(arn)


def fix(arn: str, _: object) -> None:
    """Cancel it."""
    aws("secretsmanager").restore_secret(SecretId=arn)


def undo(arn: str, before: Sequence[Mapping[str, Any]]) -> None:
    """Schedule it again."""
    schedule_deletion(arn, before[0]["ScheduledDeletion"])


remediation = Remediation(
    resource="AWS::SecretsManager::Secret",
    named_by={"DeleteSecret": "requestParameters.secretId"},
    violation=violation,
    fix=fix,
    undo=undo,
    resolve=arn_of_secret,
    disruptive=by_stack,
)
handler = remediation.handler
