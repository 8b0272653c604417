"""Block all public sharing of volume snapshots in the account.

Why it matters: one call makes a snapshot public, and with it the whole disk; the block makes that call fail, for everybody in the account.

Wrong when: the region's block is off, or stops only new sharing.
Fix: block-all-sharing. Undo puts the former state back.
Leaves alone: sharing with named accounts, and the permissions of snapshots that are public already: they are treated as private while the block is on, and
are public again after an undo. Reported only: a state that a declarative policy of the organisation holds.
"""

from snapback import Evidence, Remediation, aws
from snapback.ec2.sharing_blocks import SNAPSHOTS_BLOCKED, ours
from snapback.engine.events import account_calls


def violation(_: str) -> Evidence:
    """Return the state, if it is weaker than the strongest."""
    answer = aws("ec2").get_snapshot_block_public_access_state()
    return [] if answer["State"] == SNAPSHOTS_BLOCKED else [{"State": ours(answer, answer["State"])}]


def fix(_: str, __: object) -> None:
    """Block all sharing."""
    aws("ec2").enable_snapshot_block_public_access(State=SNAPSHOTS_BLOCKED)


def undo(_: str, before: Evidence) -> None:
    """Put the former state back."""
    if before[0]["State"] == "unblocked":
        aws("ec2").disable_snapshot_block_public_access()
    else:
        aws("ec2").enable_snapshot_block_public_access(State=before[0]["State"])


remediation = Remediation(
    resource="AWS::EC2::SnapshotBlockPublicAccess",
    named_by=account_calls("DisableSnapshotBlockPublicAccess", "EnableSnapshotBlockPublicAccess"),
    violation=violation,
    fix=fix,
    undo=undo,
)
handler = remediation.handler
