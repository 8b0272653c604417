"""Stop sharing a volume snapshot with everybody.

Why it matters: whoever may restore a snapshot has the whole disk, with every secret on it.

Wrong when: the group `all` may create volumes from the snapshot.
Fix: removes that group. Undo gives it back; while block_public_snapshots holds, AWS refuses that, and the answer says so.
Security Hub's EC2.1 fails for the account, and names no snapshot: then each that this account shares with everybody is looked at.
Leaves alone: accounts that the snapshot is shared with by their number, and copies that others have made already (nobody can take those back).
Told once: everybody, or an account that is not trusted, was let in, for a moment only, and somebody else has taken that back before Snapback looked.
Class: safe, because only strangers come in this way: whoever is named, this account's own principals and AWS services go on as before.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Remediation, aws
from snapback.ec2.disk_shares import EVERYBODY, Share, shares, strangers_added
from snapback.engine import memory
from snapback.engine.events import ACCOUNT
from snapback.engine.exemptions import OUTSIDE_ACCESS
from snapback.engine.refusals import sharing_with_everybody


def violation(snapshot: str) -> Sequence[Share]:
    """Return the group `all`, if it may use the snapshot."""
    return [one for one in shared_with(snapshot) if one == EVERYBODY]


def shared_with(snapshot: str) -> list[Share]:
    """Return who may use it: groups and accounts."""
    answer = aws("ec2").describe_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")
    return shares(answer["CreateVolumePermissions"])


def opened(record: Mapping[str, Any]) -> Sequence[Share]:
    """Return whom a call has let use it: everybody, and accounts that are not trusted."""
    return strangers_added(record, "createVolumePermission")


def shut(snapshot: str, opened: Sequence[Share]) -> Sequence[Share]:
    """Return who of them may use it no more."""
    still = shared_with(snapshot)
    return [one for one in opened if one not in still]


def public(_: object) -> list[str]:
    """Return all snapshots of this account that everybody may use (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSnapshots.html)."""
    pages = aws("ec2").get_paginator("describe_snapshots").paginate(OwnerIds=["self"], RestorableByUserIds=["all"])
    return memory.found_again(remediation.name, [snapshot["SnapshotId"] for page in pages for snapshot in page["Snapshots"]])


def fix(snapshot: str, _: object) -> None:
    """Remove the group."""
    aws("ec2").modify_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="remove", GroupNames=["all"])


def undo(snapshot: str, _: object) -> None:
    """Give it back."""
    with sharing_with_everybody("the snapshot", blocked_by="block_public_snapshots"):
        aws("ec2").modify_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"])


remediation = Remediation(
    resource="AWS::EC2::Snapshot",
    named_by={**dict.fromkeys(("ModifySnapshotAttribute", "RestoreSnapshotFromRecycleBin"), "requestParameters.snapshotId"), ACCOUNT: public},
    problem=OUTSIDE_ACCESS,
    violation=violation,
    fix=fix,
    undo=undo,
    opened=opened,
    shut=shut,
    also_shut_by=["remove-external-access"],
)
handler = remediation.handler
