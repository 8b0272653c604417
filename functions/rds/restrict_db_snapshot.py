"""Stop sharing a database snapshot with everybody.

Why it matters: whoever may restore a snapshot has the whole database, with all its users and their data.

Wrong when: everybody (`all`) may restore the snapshot of an instance or of a cluster.
Fix: removes `all`. Undo gives it back.
Leaves alone: accounts that the snapshot is shared with by their number, and copies that others have made already (nobody can take those back).
Told once: everybody, or an account that is not trusted, was let in, for a moment only, and somebody else has taken that back before Snapback looked.
Class: safe, because only strangers come in this way: whoever is named, this account's own principals and AWS services go on as before.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Remediation
from snapback.engine.exemptions import OUTSIDE_ACCESS
from snapback.rds.databases import EVERYBODY, SNAPSHOT, calls_about, restorers, restorers_added, share, unshare


def violation(arn: str) -> Sequence[dict[str, str]]:
    """Return `all`, if it may restore the snapshot."""
    return [{"Restore": EVERYBODY}] if EVERYBODY in restorers(arn) else []


def opened(record: Mapping[str, Any]) -> Sequence[dict[str, str]]:
    """Return whom a call has let restore it: everybody, and accounts that are not trusted."""
    return [{"Restore": one} for one in restorers_added(record)]


def shut(arn: str, opened: Sequence[dict[str, str]]) -> Sequence[dict[str, str]]:
    """Return who of them may restore it no more."""
    still = restorers(arn)
    return [one for one in opened if one["Restore"] not in still]


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
    opened=opened,
    shut=shut,
    also_shut_by=["remove-external-access"],
)
handler = remediation.handler
