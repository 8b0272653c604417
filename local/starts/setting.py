"""Fill me in: say in one sentence what this puts right.

Problem: What is wrong, in a short sentence. Severity: medium.

Why it matters: what happens, and to whom, where nobody puts it right.

Wrong when: the state of the live resource that is wrong, whatever the event says.
Fix: the smallest change that puts it right. Undo takes exactly that back.
Leaves alone: all that somebody may ask about. Reported only: what only people can put right.
Class: safe, because it stops no workload, pipeline, log delivery or sign-in; or disruptive, because of what.
"""

from collections.abc import Mapping
from typing import Any

from snapback import Setting


def reader(resource: str) -> Mapping[str, Any]:
    """Return the setting as it is, by AWS's own names for its parts; nothing where the resource has no such setting."""
    raise NotImplementedError(f"fill me in: read the setting of {resource}")


def writer(resource: str, wanted: Mapping[str, Any]) -> None:
    """Set those parts, and nothing else of the resource."""
    raise NotImplementedError(f"fill me in: set {wanted} of {resource}")


remediation = Setting(
    declared_in=__name__,
    resource="AWS::Fill::MeIn",
    named_by={"FillMeIn": "requestParameters.fillMeIn"},
    reader=reader,
    wanted={"FillMeIn": True},
    writer=writer,
)
handler = remediation.handler
