"""Block all public sharing of volume snapshots in the account.

Problem: Volume snapshots may be shared with everybody. Severity: high.

Why it matters: one call makes a snapshot public, and with it the whole disk; the block makes that call fail, for everybody in the account.

Wrong when: the region's block is off, or stops only new sharing.
Fix: block-all-sharing. Undo puts the former state back.
Leaves alone: sharing with named accounts, and the permissions of snapshots that are public already: they are treated as private while the block is on, and
are public again after an undo. Reported only: a state that a declarative policy of the organisation holds.
Class: safe, because only strangers come in this way: this account and those that are named go on as before. Disruptive while the account has a public
snapshot, as whoever publishes snapshots could publish no other, and one that is exempt from restrict_snapshot would be closed all the same. The price: who
switches the block off and shares a snapshot within the same seconds is asked about; restrict_snapshot closes what he shares.
"""

from snapback import Setting
from snapback.ec2.sharing_blocks import SNAPSHOTS_BLOCKED, publishes, set_snapshots_block, snapshots_block
from snapback.engine.events import account_calls

remediation = Setting(
    declared_in=__name__,
    resource="AWS::EC2::SnapshotBlockPublicAccess",
    named_by=account_calls("DisableSnapshotBlockPublicAccess", "EnableSnapshotBlockPublicAccess"),
    reader=snapshots_block,
    wanted=SNAPSHOTS_BLOCKED,
    writer=set_snapshots_block,
    disruptive=publishes,
)
handler = remediation.handler
