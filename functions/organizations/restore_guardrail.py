"""Put back a policy of the organisation that was detached, disabled or emptied.

Problem: A guardrail of the organisation is gone or empty. Severity: high.

Why it matters: a guardrail is what even the administrators of an account cannot get around. Without it, every account is on its own.

Wrong when: a policy of the parameter Guardrails is not attached where it has to be, its type is disabled, or it allows everything and denies nothing.
Fix: attaches it, enables the type, and puts back what it said when the last hourly sweep saw it. Undo detaches, disables and empties it again,
if nobody has changed what it says or where it is attached since.
Leaves alone: policies that are not in Guardrails (which is empty unless set). Reported only: a policy that was deleted, as a new one has another id; every
other change of what one says, and accounts that were moved out of a guarded unit, since the last sweep saw it: whether that is good nobody can tell from
outside (`accept` if it is). Works in the management account only.
Class: safe, because what works did so under the policy: it was in force when the last sweep looked, and disruptive where CloudFormation made the call: a
stack that is deleted or replaces what it owns would find it back.
"""

from collections.abc import Sequence

from snapback import Remediation
from snapback.engine import memory
from snapback.engine.events import account_calls, by_stack
from snapback.organizations.guardrails import Wrong, as_they_are, good_state, put_back, take_back, weaknesses


def violation(_: str) -> Sequence[Wrong]:
    """Return what is wrong with the guardrails."""
    return weaknesses()


def fix(account: str, wrong: Sequence[Wrong]) -> None:
    """Put back what they said, then put them in force."""
    is_emptied = any("Emptied" in item for item in wrong)
    put_back(wrong, memory.recall(remediation.name, account) if is_emptied else None)


def undo(_: str, wrong: Sequence[Wrong]) -> None:
    """Take all of that back, the last first."""
    take_back(wrong)


remediation = Remediation(
    resource="AWS::::Account",
    named_by={**account_calls("DeletePolicy", "DetachPolicy", "DisablePolicyType", "MoveAccount", "UpdatePolicy"), "Scheduled Event": "account"},
    violation=violation,
    fix=fix,
    undo=undo,
    setting=lambda _: as_they_are(),
    remember=lambda _: good_state(),
    disruptive=by_stack,
)
handler = remediation.handler
