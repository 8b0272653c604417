"""Words for whom volume snapshots and machine images are shared with: groups and accounts, `{"Group": "all"}` or `{"UserId": "111122223333"}`.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolumePermission.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchPermission.html
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from snapback.engine.clients import aws
from snapback.engine.events import items_of, request_of
from snapback.engine.refusals import sharing_with_everybody
from snapback.policies.principals import account_of, ours, trusted_accounts

Share = dict[str, str]

EVERYBODY: Final[Share] = {"Group": "all"}


def shares(permissions: Iterable[Mapping[str, Any]]) -> list[Share]:
    """Return whom permissions, as EC2 answers them, are for. Organisations and their units, which are named for images, are left out."""
    return [{part: str(one[part])} for one in permissions for part in ("Group", "UserId") if one.get(part)]


def snapshot_shares(snapshot: str) -> list[Share]:
    """Return who may make volumes of the snapshot: groups and accounts.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSnapshotAttribute.html
    """
    return shares(aws("ec2").describe_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")["CreateVolumePermissions"])


def public_snapshots() -> list[str]:
    """Return all snapshots of this account that everybody may use. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSnapshots.html."""
    pages = aws("ec2").get_paginator("describe_snapshots").paginate(OwnerIds=["self"], RestorableByUserIds=["all"])
    return [snapshot["SnapshotId"] for page in pages for snapshot in page["Snapshots"]]


def unshare_snapshot(snapshot: str) -> None:
    """Remove the group `all`. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySnapshotAttribute.html."""
    aws("ec2").modify_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="remove", GroupNames=["all"])


def share_snapshot(snapshot: str, _: object) -> None:
    """Give the group `all` its permission back; while block_public_snapshots holds, AWS refuses that, and the error says so."""
    with sharing_with_everybody("the snapshot", blocked_by="block_public_snapshots"):
        aws("ec2").modify_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"])


def strangers_added(record: Mapping[str, Any], permission: str) -> list[Share]:
    """Return whom a call that changes the permission (`createVolumePermission`, `launchPermission`) lets in: everybody, and accounts that are not trusted.

    EC2 takes it in two forms, and CloudTrail records what was sent: changes to the permission itself, or an operation with lists of groups and accounts.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySnapshotAttribute.html
    """
    request = request_of(record)
    changes = request.get(permission)
    added = items_of(changes.get("add")) if isinstance(changes, Mapping) else []
    if request.get("operationType") == "add":
        added = [*added, *items_of(request.get("userGroupSet")), *items_of(request.get("userIdSet"))]
    found = [EVERYBODY for one in added if "all" in (one.get("group"), one.get("userGroup"))]
    accounts = [one.get("userId") for one in added]
    organizations = [{part: str(one[member])} for one in added for part, member in _ORGANIZATIONS.items() if one.get(member)]
    strangers = [{"UserId": one} for one in accounts if isinstance(one, str)] + organizations
    return [*found[:1], *(one for one in strangers if is_outside(one))]


_ORGANIZATIONS: Final = {"OrganizationArn": "organizationArn", "OrganizationalUnitArn": "organizationalUnitArn"}
"""Member of a launch permission -> how CloudTrail spells it."""


def is_outside(one: Mapping[str, str]) -> bool:
    """Tell whether that is everybody, an account that is not trusted, or another organisation; one of which nobody can tell whose it is counts as ours.

    An organisation's ARN has the account that manages it: `arn:aws:organizations::111122223333:organization/o-abcdefghij`.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchPermission.html
    """
    if found := next((one[part] for part in _ORGANIZATIONS if part in one), ""):
        we = ours()
        parts = found.split("/")
        return account_of(found) not in we.accounts and bool(we.organization) and we.organization not in parts
    return one.get("UserId") not in trusted_accounts()
