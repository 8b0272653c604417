"""Words for KMS keys and what becomes of them.

https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html has the states of a key, and what can be done in which.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from snapback.engine import clock
from snapback.engine.clients import aws
from snapback.engine.errors import OnlyPeople
from snapback.policies.conditions import Requirement, requirements
from snapback.policies.documents import Statement, listed, statements
from snapback.policies.globs import matches
from snapback.policies.principals import EVERYBODY, account_of, let_in, own_account

_CALLERS = ("aws:principalaccount", "kms:calleraccount")
"""Condition keys with the account of whoever calls."""

_SHORTEST, _LONGEST = 7, 30
"""Days that KMS lets pass before it deletes a key."""

_DATED, _AFTER_REPLICAS = "PendingDeletion", "PendingReplicaDeletion"
"""States of a key that is to be deleted: on a date; or, a multi-Region primary key, so many days after its last replica, when no call is made any more.

Nothing can be encrypted or decrypted with either. https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-delete.html
"""


def out_of_use(key_id: str) -> list[Mapping[str, Any]]:
    """Return what keeps a customer's key from being used, in the order in which it is put right: a coming deletion, and that the key is disabled.

    A deletion that is cancelled leaves the key disabled, so a key that waits for its deletion counts as both.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
    """
    key = aws("kms").describe_key(KeyId=key_id)["KeyMetadata"]
    match key["KeyManager"], key["KeyState"]:
        case "CUSTOMER", "PendingDeletion":
            return [{_DATED: key["DeletionDate"].astimezone(UTC).isoformat()}, {"Disabled": True}]
        case "CUSTOMER", "PendingReplicaDeletion":
            return [{_AFTER_REPLICAS: key["PendingDeletionWindowInDays"]}, {"Disabled": True}]
        case "CUSTOMER", "Disabled":
            return [{"Disabled": True}]
        case _:
            return []


def bring_into_use(key_id: str, wrong: Sequence[Mapping[str, Any]]) -> None:
    """Put right what `out_of_use` found, in its order: a key that waits for its deletion cannot be enabled.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html
    """
    for item in wrong:
        if _is_to_be_deleted(item):
            aws("kms").cancel_key_deletion(KeyId=key_id)
        else:
            aws("kms").enable_key(KeyId=key_id)


def take_out_of_use(key_id: str, wrong: Sequence[Mapping[str, Any]]) -> None:
    """Undo `bring_into_use`: schedule the deletion again, for the former date or as soon after it as KMS allows, or disable the key where there was none."""
    match wrong[0]:
        case {"PendingDeletion": date}:
            schedule_deletion(key_id, min(max(clock.days_until(date), _SHORTEST), _LONGEST))
        case {"PendingReplicaDeletion": days}:
            schedule_deletion(key_id, days)
        case _:
            aws("kms").disable_key(KeyId=key_id)


def without_rotation(key_id: str) -> list[Mapping[str, Any]]:
    """Return that a customer's key is not rotated, if it is one that KMS can rotate here: enabled, symmetric, with material that KMS made, and no replica.

    `FormerPeriodInDays` is there if KMS still shows the period. Anything but such a key would make GetKeyRotationStatus or EnableKeyRotation fail.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
    """
    key = aws("kms").describe_key(KeyId=key_id)["KeyMetadata"]
    told = key["KeyManager"], key["KeyState"], key["KeySpec"], key["Origin"]
    is_replica = key.get("MultiRegionConfiguration", {}).get("MultiRegionKeyType") == "REPLICA"
    if told != ("CUSTOMER", "Enabled", "SYMMETRIC_DEFAULT", "AWS_KMS") or is_replica:
        return []
    status = aws("kms").get_key_rotation_status(KeyId=key_id)
    if status["KeyRotationEnabled"]:
        return []
    period = status.get("RotationPeriodInDays")
    return [{"Rotation": False, **({"FormerPeriodInDays": period} if period else {})}]


def schedule_deletion(key_id: str, days: int) -> None:
    """Have the key deleted in so many days, or so many after its last replica; one that is scheduled already keeps its date.

    KMS counts in whole days, from 7 to 30.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
    """
    if not any(_is_to_be_deleted(item) for item in out_of_use(key_id)):
        aws("kms").schedule_key_deletion(KeyId=key_id, PendingWindowInDays=days)


def _is_to_be_deleted(item: Mapping[str, Any]) -> bool:
    return _DATED in item or _AFTER_REPLICAS in item


def key_policy(key_id: str) -> str:
    """Return the text of the key's policy; a key has exactly one.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html
    """
    return aws("kms").get_key_policy(KeyId=key_id, PolicyName="default")["Policy"]


def put_key_policy(key_id: str, document: str) -> None:
    """Put the key's policy.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
    """
    aws("kms").put_key_policy(KeyId=key_id, PolicyName="default", Policy=document)


def grantees(key_id: str) -> list[str]:
    """Return the principals to whom grants of the key give something; services of AWS are not among them.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html
    """
    pages = aws("kms").get_paginator("list_grants").paginate(KeyId=key_id)
    return sorted({grant["GranteePrincipal"] for page in pages for grant in page["Grants"] if "GranteePrincipal" in grant})


def still_managed(document: str | None) -> str:
    """Return the policy if it leaves the key in the hands of its account; raise `OnlyPeople` if nobody there could change it any more, Snapback included.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-root-enable-iam
    """
    if document is None or not any(_lets_the_account_manage(statement) for statement in statements(document)):
        raise OnlyPeople(
            "its key policy lets in everybody, and without that statement nobody in the account could manage the key: "
            "give the account's root the action kms:* in a statement of its own, and then take everybody out"
        )
    return document


def _lets_the_account_manage(statement: Statement) -> bool:
    """Tell whether the statement lets the account's own IAM policies decide who reads and puts the key policy."""
    account = own_account()
    names = [name for kind, name in let_in(statement) if kind == "AWS"]
    tests = requirements(statement, {"aws:resourceaccount": account})
    is_root = any(name == account or (account_of(name) == account and name.endswith(":root")) for name in names) and not tests
    is_all_of_it = (
        EVERYBODY in names and bool(tests) and all(test == Requirement(test.key, "stringequals", (account,)) and test.key in _CALLERS for test in tests)
    )
    actions = [str(action).lower() for action in listed(statement.get("Action", []))]
    return (is_root or is_all_of_it) and all(any(matches(action, one) for action in actions) for one in ("kms:getkeypolicy", "kms:putkeypolicy"))
