"""Let a cache take encrypted connections, and tell of one that is not encrypted at rest.

Problem: A cache is not encrypted. Severity: medium.

Why it matters: what a cache holds, sessions and passwords among it, can otherwise be read by whoever sees its network or its backups.

Wrong when: a replication group of Valkey or Redis OSS is not encrypted in transit, or not at rest.
Fix: takes encrypted connections beside the others (TransitEncryptionMode preferred), so that every client goes on working. To let all clients use them, and
then to set the mode to required, is the second step, for people. Undo takes plain connections only, until the second step is taken.
It takes ElastiCache some minutes, and counts as made as soon as ElastiCache lists it as pending.
Leaves alone: what cannot be switched on is reported with what to do instead: encryption at rest, Redis OSS before 7.0.5, global datastores, and caches for
which other changes wait (they would be made along with it). A cache that is still being created is reported, too: Security Hub finds it later.
Class: disruptive, because encryption costs a cache speed.
"""

from snapback import Evidence, Remediation
from snapback.elasticache import caches
from snapback.engine.errors import OnlyPeople


def violation(group: str) -> Evidence:
    """Return which of the two kinds of encryption is missing."""
    live = caches.described(group)
    return caches.if_changeable(live, caches.missing_encryption(live))


def fix(group: str, wrong: Evidence) -> None:
    """Take encrypted connections; nothing can be done about the data at rest."""
    if caches.IN_TRANSIT not in wrong:
        raise OnlyPeople(f"Encryption at rest cannot be switched on. {caches.A_NEW_ONE}")
    caches.take_encrypted_connections(group)


def undo(group: str, _: object) -> None:
    """Take plain connections only."""
    caches.take_plain_connections_only(group)


remediation = Remediation(
    resource=caches.GROUP,
    named_by={"CreateReplicationGroup": caches.named, "ModifyReplicationGroup": caches.named},
    settles=("CreateReplicationGroup",),
    violation=violation,
    fix=fix,
    undo=undo,
    disruptive=True,
)
handler = remediation.handler
