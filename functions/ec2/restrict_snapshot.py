"""Stop sharing a volume snapshot with everybody.

Problem: Everybody may copy a volume snapshot. Severity: critical.

Why it matters: whoever may restore a snapshot has the whole disk, with every secret on it.

Wrong when: the group `all` may create volumes from the snapshot.
Fix: removes that group. Undo gives it back; while block_public_snapshots holds, AWS refuses that, and the answer says so.
Security Hub's EC2.1 fails for the account, and names no snapshot: then each that this account shares with everybody is looked at.
Leaves alone: accounts that the snapshot is shared with by their number, and copies that others have made already (nobody can take those back).
Told once: everybody, or an account that is not trusted, was let in, for a moment only, and somebody else has taken that back before Snapback looked.
Class: safe, because only strangers come in this way: whoever is named, this account's own principals and AWS services go on as before.
At once, because a snapshot that comes back from the bin is open again as it was.
"""

from snapback.ec2.disk_shares import EVERYBODY, public_snapshots, share_snapshot, snapshot_shares, strangers_added, unshare_snapshot
from snapback.engine import memory
from snapback.engine.events import ACCOUNT
from snapback.engine.exemptions import OUTSIDE_ACCESS
from snapback.policies.shares import Sharing


def public(_: object) -> list[str]:
    """Return all snapshots of this account that everybody may use, and those that were found so before."""
    return memory.found_again(remediation.name, public_snapshots())


remediation = Sharing(
    declared_in=__name__,
    resource="AWS::EC2::Snapshot",
    named_by={**dict.fromkeys(("ModifySnapshotAttribute", "RestoreSnapshotFromRecycleBin"), "requestParameters.snapshotId"), ACCOUNT: public},
    problem=OUTSIDE_ACCESS,
    shared_with=snapshot_shares,
    everybody=EVERYBODY,
    end=unshare_snapshot,
    begin=share_snapshot,
    opened=lambda record: strangers_added(record, "createVolumePermission"),
    also_shut_by=["remove-external-access"],
)
handler = remediation.handler
