"""Fill me in: say in one sentence what this puts right.

Problem: What is wrong, in a short sentence. Severity: medium.

Why it matters: what happens, and to whom, where nobody puts it right.

Wrong when: the state of the live resource that is wrong, whatever the event says.
Fix: the smallest change that puts it right. Undo takes exactly that back.
Leaves alone: all that somebody may ask about. Reported only: what only people can put right.
Class: safe, because it stops no workload, pipeline, log delivery or sign-in; or disruptive, because of what.
"""

from snapback import Evidence, Remediation
from snapback.engine.refusals import try_each


def violation(resource: str) -> Evidence:
    """Return what is wrong with the live resource: an item for each step that puts it right, with all that its undo needs."""
    raise NotImplementedError(f"fill me in: look at {resource}")


def fix(resource: str, steps: Evidence) -> None:
    """Take the steps. One that AWS refuses does not stop the others."""
    try_each(steps, lambda step: take(resource, step))


def undo(resource: str, steps: Evidence) -> None:
    """Take them back, the last first."""
    try_each(reversed(steps), lambda step: take_back(resource, step))


def take(resource: str, step: object) -> None:
    """Take one step."""
    raise NotImplementedError(f"fill me in: put {step} of {resource} right")


def take_back(resource: str, step: object) -> None:
    """Take it back."""
    raise NotImplementedError(f"fill me in: bring {step} of {resource} back")


remediation = Remediation(
    resource="AWS::Fill::MeIn",
    named_by={"FillMeIn": "requestParameters.fillMeIn"},
    violation=violation,
    fix=fix,
    undo=undo,
)
handler = remediation.handler
