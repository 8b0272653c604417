"""Fill me in: say in one sentence what people are told.

Problem: What is wrong, in a short sentence. Severity: medium.

Why it matters: what happens, and to whom, where nobody hears of it.

Told: what, how often, and what to do first.
Leaves alone: all that somebody may ask about.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Report


def facts(detail: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return what people should know of the event; nothing if it is not worth telling."""
    return [{"What": f"{detail['eventName']} was called", "DoFirst": "fill me in"}]


remediation = Report(
    resource="AWS::Fill::MeIn",
    named_by={"FillMeIn": "requestParameters.fillMeIn"},
    facts=facts,
)
handler = remediation.handler
