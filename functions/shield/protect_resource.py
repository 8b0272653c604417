"""Protect a resource with Shield Advanced again whose protection was deleted.

Why it matters: without it the response team, the cost protection and the alarms of an attack are gone, and nobody notices before the attack.

Wrong when: a protection was deleted, the account is subscribed, and nothing else protects the resource.
Fix: protects the resource again, under the same name and tags. Undo deletes that protection.
Leaves alone: other protections, and accounts whose subscription has ended. Reported only: a protection that no hourly sweep has seen, for the event does not
say what it was for, and one whose resource is deleted, too. Its health checks (named in the alert) and its automatic response are for people to set again.
"""

from snapback import Evidence, Remediation, journal
from snapback.errors import OnlyPeople
from snapback.protections import all_ids, is_subscribed, protect, protection, remembered, unprotect


def violation(protection_id: str) -> Evidence:
    """Return the protection as it was remembered, if it is gone and the resource has no other."""
    if protection(ProtectionId=protection_id) or not is_subscribed():
        return []
    former = journal.recall(remediation.name, protection_id)
    if not former:
        raise OnlyPeople("no sweep has seen this protection, so nobody remembers what it was for: look at what is protected, and protect what is missing")
    return [] if protection(ResourceArn=former["ResourceArn"]) else [former]


def fix(_: str, gone: Evidence) -> None:
    """Make it again."""
    protect(gone[0])


def undo(_: str, gone: Evidence) -> None:
    """Delete it again."""
    unprotect(gone[0])


remediation = Remediation(
    resource="AWS::Shield::Protection",
    named_by={"DeleteProtection": "requestParameters.protectionId", "Scheduled Event": all_ids},
    violation=violation,
    fix=fix,
    undo=undo,
    remember=remembered,
)
handler = remediation.handler
