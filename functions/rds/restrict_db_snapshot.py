"""Stop sharing a database snapshot with everybody.

Problem: Everybody may restore a database snapshot. Severity: critical.

Why it matters: whoever may restore a snapshot has the whole database, with all its users and their data.

Wrong when: everybody (`all`) may restore the snapshot of an instance or of a cluster.
Fix: removes `all`. Undo gives it back.
Leaves alone: accounts that the snapshot is shared with by their number, and copies that others have made already (nobody can take those back).
Told once: everybody, or an account that is not trusted, was let in, for a moment only, and somebody else has taken that back before Snapback looked.
Class: safe, because only strangers come in this way: whoever is named, this account's own principals and AWS services go on as before.
"""

from snapback.engine.exemptions import OUTSIDE_ACCESS
from snapback.policies.shares import Sharing
from snapback.rds.databases import EVERYBODY, SNAPSHOT, calls_about, share, shares, strangers_added, unshare

remediation = Sharing(
    declared_in=__name__,
    resource=SNAPSHOT,
    named_by={
        **calls_about("snapshot", "ModifyDBSnapshotAttribute"),
        **calls_about("cluster-snapshot", "ModifyDBClusterSnapshotAttribute"),
    },
    problem=OUTSIDE_ACCESS,
    shared_with=shares,
    everybody=EVERYBODY,
    end=unshare,
    begin=share,
    opened=strangers_added,
    also_shut_by=["remove-external-access"],
)
handler = remediation.handler
