"""Words for KMS keys and what becomes of them.

https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html has the states of a key, and what can be done in which.
"""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from snapback import clock
from snapback.clients import aws

_SHORTEST, _LONGEST = 7, 30
"""Days that KMS lets pass before it deletes a key."""


def out_of_use(key_id: str) -> list[Mapping[str, Any]]:
    """Return what keeps a customer's key from being used, in the order in which it is put right: a coming deletion, and that the key is disabled.

    A deletion that is cancelled leaves the key disabled, so a key that waits for its deletion counts as both.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
    """
    key = aws("kms").describe_key(KeyId=key_id)["KeyMetadata"]
    match key["KeyManager"], key["KeyState"]:
        case "CUSTOMER", "PendingDeletion":
            return [{"PendingDeletion": key["DeletionDate"].astimezone(UTC).isoformat()}, {"Disabled": True}]
        case "CUSTOMER", "Disabled":
            return [{"Disabled": True}]
        case _:
            return []


def without_rotation(key_id: str) -> list[Mapping[str, Any]]:
    """Return that a customer's key is not rotated, if it is one that KMS can rotate here: enabled, symmetric, with material that KMS made, and no replica.

    `FormerPeriodInDays` is there if KMS still shows the period. Anything but such a key would make GetKeyRotationStatus or EnableKeyRotation fail.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
    """
    key = aws("kms").describe_key(KeyId=key_id)["KeyMetadata"]
    told = key.get("KeyManager"), key.get("KeyState"), key.get("KeySpec"), key.get("Origin")
    is_replica = key.get("MultiRegionConfiguration", {}).get("MultiRegionKeyType") == "REPLICA"
    if told != ("CUSTOMER", "Enabled", "SYMMETRIC_DEFAULT", "AWS_KMS") or is_replica:
        return []
    status = aws("kms").get_key_rotation_status(KeyId=key_id)
    if status["KeyRotationEnabled"]:
        return []
    period = status.get("RotationPeriodInDays")
    return [{"Rotation": False, **({"FormerPeriodInDays": period} if period else {})}]


def schedule_deletion(key_id: str, date: str) -> None:
    """Have the key deleted on that date: never earlier, and later only as far as KMS makes it, which counts in whole days, from 7 to 30.

    A key that is scheduled already keeps its date.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
    """
    if any("PendingDeletion" in item for item in out_of_use(key_id)):
        return
    days = min(max(clock.days_until(date), _SHORTEST), _LONGEST)
    aws("kms").schedule_key_deletion(KeyId=key_id, PendingWindowInDays=days)
