"""Protect a resource with Shield Advanced again whose protection was deleted.

Problem: A resource has lost its Shield protection. Severity: medium.

Why it matters: without it the response team, the cost protection and the alarms of an attack are gone, and nobody notices before the attack.

Wrong when: a protection was deleted, the account is subscribed, and nothing else protects the resource.
Fix: protects the resource again, under the same name and tags, but for those that begin with aws:, which nobody can give. Undo deletes that protection.
Leaves alone: other protections, and accounts whose subscription has ended. Reported only: a protection that no sweep has seen (one right after a deployment,
then one an hour), for the event does not say what it was for, and one whose resource is deleted, too. Its health checks (named in the alert) and its automatic
response are for people to set again.
Class: safe, because a protection that was there stops nothing by being there again, and disruptive where CloudFormation made the call: a stack that is
deleted or replaces what it owns would find it back.
"""

from snapback import Evidence, Remediation
from snapback.engine import memory, switches
from snapback.engine.errors import OnlyPeople
from snapback.engine.events import by_stack
from snapback.shield.protections import is_subscribed, live_ids, protect, protection, state_of, unprotect


def violation(protection_id: str) -> Evidence:
    """Return the protection as it was remembered, if it is gone and the resource has no other."""
    if protection(ProtectionId=protection_id) or not is_subscribed():
        return []
    former = memory.recall(remediation.name, protection_id)
    if not former:
        raise OnlyPeople("no sweep has seen this protection, so nobody remembers what it was for: look at what is protected, and protect what is missing")
    return [] if protection(ResourceArn=former["ResourceArn"]) else [former]


def fix(_: str, gone: Evidence) -> None:
    """Make it again."""
    protect(gone[0])


def undo(_: str, gone: Evidence) -> None:
    """Delete it again."""
    unprotect(gone[0])


def sweep(_: object) -> list[str]:
    """Return the ids of protections that are not as remembered, gone ones included; what is new is remembered."""
    live = switches.where_there_is_one(live_ids, seen=lambda: memory.names(remediation.name)) or []
    states = {one: state for one in live if (state := state_of(one)) is not None}
    return memory.worth_a_look(remediation.name, states)


remediation = Remediation(
    resource="AWS::Shield::Protection",
    named_by={"DeleteProtection": "requestParameters.protectionId", "Scheduled Event": sweep},
    violation=violation,
    fix=fix,
    undo=undo,
    remember=state_of,
    disruptive=by_stack,
)
handler = remediation.handler
