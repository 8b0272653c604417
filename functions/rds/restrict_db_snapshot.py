"""Stop sharing a database snapshot with everybody.

Why it matters: whoever may restore a snapshot has the whole database, with all its users and their data.

Wrong when: everybody (`all`) may restore the snapshot of an instance or of a cluster.
Fix: removes `all`. Undo gives it back.
Leaves alone: accounts that the snapshot is shared with by their number, and copies that others have made already (nobody can take those back).
"""

from collections.abc import Sequence

from snapback import Remediation
from snapback.databases import SNAPSHOT, calls_about, is_public, share, unshare
from snapback.exemptions import OUTSIDE_ACCESS


def violation(arn: str) -> Sequence[dict[str, str]]:
    """Return `all`, if it may restore the snapshot."""
    return [{"Restore": "all"}] if is_public(arn) else []


def fix(arn: str, _: object) -> None:
    """Remove it."""
    unshare(arn)


def undo(arn: str, _: object) -> None:
    """Give it back."""
    share(arn)


remediation = Remediation(
    resource=SNAPSHOT,
    named_by={
        **calls_about("snapshot", "ModifyDBSnapshotAttribute"),
        **calls_about("cluster-snapshot", "ModifyDBClusterSnapshotAttribute"),
    },
    problem=OUTSIDE_ACCESS,
    violation=violation,
    fix=fix,
    undo=undo,
)
handler = remediation.handler
