"""Cancel the deletion of a KMS key, and enable a key that was disabled.

Problem: A KMS key is disabled or about to be deleted. Severity: critical.

Why it matters: what was encrypted with a key is lost with it, for good.

Wrong when: a customer's key waits for its deletion, or is disabled. A multi-Region primary key that has replicas waits for their deletion first, without a
date; it is as unusable as any other meanwhile, and no call tells when its own days begin.
Fix: cancels the deletion, and enables the key. Undo disables it, or schedules its deletion for the former date, or as soon after it as KMS allows (for a key
that waited for its replicas: with as many days as it had).
Leaves alone: keys of AWS, and keys that wait for their key material or cannot be reached (PendingImport, Unavailable). A key whose policy leaves IAM out can be
restored by those alone whom the policy names.
Class: safe, because what needs the key works again, and disruptive where CloudFormation made the call: a stack that is deleted or replaces what it owns or
disables it would be overruled.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Remediation
from snapback.engine.events import by_stack, calls
from snapback.kms.kms_keys import bring_into_use, out_of_use, take_out_of_use


def violation(key_id: str) -> Sequence[Mapping[str, Any]]:
    """Return what keeps the key from being used: its coming deletion, and that it is disabled."""
    return out_of_use(key_id)


def fix(key_id: str, wrong: Sequence[Mapping[str, Any]]) -> None:
    """Cancel the deletion, which leaves the key disabled, and enable it."""
    bring_into_use(key_id, wrong)


def undo(key_id: str, wrong: Sequence[Mapping[str, Any]]) -> None:
    """Schedule the deletion again, or disable the key where there was none."""
    take_out_of_use(key_id, wrong)


remediation = Remediation(
    resource="AWS::KMS::Key",
    named_by=calls("requestParameters.keyId", "ScheduleKeyDeletion", "DisableKey"),
    violation=violation,
    fix=fix,
    undo=undo,
    lags=True,
    disruptive=by_stack,
)
handler = remediation.handler
