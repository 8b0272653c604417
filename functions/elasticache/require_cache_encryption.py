"""Let a cache take encrypted connections, and tell of one that is not encrypted at rest.

Why it matters: what a cache holds, sessions and passwords among it, can otherwise be read by whoever sees its network or its backups.

Wrong when: a replication group of Valkey or Redis OSS is not encrypted in transit, or not at rest.
Fix: takes encrypted connections beside the others (TransitEncryptionMode preferred), so that every client goes on working. To let all clients use them, and
then to set the mode to required, is the second step, for people. Undo takes plain connections only, until the second step is taken.
It takes ElastiCache some minutes, and counts as made as soon as ElastiCache lists it as pending. Disruptive, because encryption costs a cache speed.
Leaves alone: what cannot be switched on is reported with what to do instead: encryption at rest, Redis OSS before 7.0.5, global datastores, and caches for
which other changes wait (they would be made along with it). A cache that is still being created is reported, too: Security Hub finds it later.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Remediation
from snapback.caches import A_NEW_ONE, GROUP, described, encrypts_at_rest, encrypts_in_transit, named, take_encrypted_connections, take_plain_connections_only
from snapback.errors import OnlyPeople

IN_TRANSIT = {"TransitEncryptionEnabled": False}
AT_REST = {"AtRestEncryptionEnabled": False}


def violation(group: str) -> Sequence[Mapping[str, Any]]:
    """Return which of the two kinds of encryption is missing."""
    live = described(group)
    wrong = [*([] if encrypts_in_transit(live) else [IN_TRANSIT]), *([] if encrypts_at_rest(live) else [AT_REST])]
    if wrong and live["Status"] == "creating":
        raise OnlyPeople("The cache is still being created without encryption, and takes no change until it is there: rather make another one with it at once.")
    return wrong


def fix(group: str, wrong: Sequence[Mapping[str, Any]]) -> None:
    """Take encrypted connections; nothing can be done about the data at rest."""
    if IN_TRANSIT not in wrong:
        raise OnlyPeople(f"Encryption at rest cannot be switched on. {A_NEW_ONE}")
    take_encrypted_connections(group)


def undo(group: str, _: object) -> None:
    """Take plain connections only."""
    take_plain_connections_only(group)


remediation = Remediation(
    resource=GROUP,
    named_by={"CreateReplicationGroup": named, "ModifyReplicationGroup": named},
    violation=violation,
    fix=fix,
    undo=undo,
    disruptive=True,
)
handler = remediation.handler
