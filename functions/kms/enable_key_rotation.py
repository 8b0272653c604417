"""Switch on the yearly rotation of a customer's symmetric KMS key.

Problem: A KMS key is never rotated. Severity: medium.

Why it matters: a key that is never replaced protects more with every year, and whoever gets hold of it once can read all of it.

Wrong when: rotation is off for an enabled, symmetric key of the customer's whose material KMS made.
Fix: on, with the period that KMS still shows, and otherwise every 365 days: KMS forgets a period of one's own when rotation is disabled. Undo disables it.
Leaves alone: keys that KMS cannot rotate by itself (asymmetric and HMAC keys, imported material, custom key stores), keys that are disabled or wait for their
deletion, keys of AWS, and replicas of multi-Region keys, which rotate with their primary key. What is encrypted already stays readable.
Class: safe, because the key keeps its id and KMS goes on decrypting with the material of before.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Remediation, aws
from snapback.kms.kms_keys import without_rotation


def violation(key_id: str) -> Sequence[Mapping[str, Any]]:
    """Return that rotation is off, with the period if KMS still shows one."""
    return without_rotation(key_id)


def fix(key_id: str, wrong: Sequence[Mapping[str, Any]]) -> None:
    """Switch rotation on."""
    period = wrong[0].get("FormerPeriodInDays")
    if period:
        aws("kms").enable_key_rotation(KeyId=key_id, RotationPeriodInDays=period)
    else:
        aws("kms").enable_key_rotation(KeyId=key_id)


def undo(key_id: str, _: object) -> None:
    """Switch it off."""
    aws("kms").disable_key_rotation(KeyId=key_id)


remediation = Remediation(
    resource="AWS::KMS::Key",
    named_by={"CreateKey": "responseElements.keyMetadata.keyId", "DisableKeyRotation": "requestParameters.keyId"},
    settles=("CreateKey",),
    violation=violation,
    fix=fix,
    undo=undo,
    lags=True,
)
handler = remediation.handler
