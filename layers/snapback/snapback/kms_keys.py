"""Words for KMS keys and what becomes of them.

https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html has the states of a key, and what can be done in which.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from snapback import clock
from snapback.clients import aws

_DAY = 24 * 3600
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


def schedule_deletion(key_id: str, date: str) -> None:
    """Have the key deleted on that date: never earlier, and later only as far as KMS makes it, which counts in whole days, from 7 to 30.

    A key that is scheduled already keeps its date.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
    """
    if any("PendingDeletion" in item for item in out_of_use(key_id)):
        return
    left = math.ceil((datetime.fromisoformat(date).timestamp() - clock.now()) / _DAY)
    aws("kms").schedule_key_deletion(KeyId=key_id, PendingWindowInDays=min(max(left, _SHORTEST), _LONGEST))
