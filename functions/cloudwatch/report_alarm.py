"""Tell of Snapback's own alarms.

Problem: An alarm of Snapback itself rings. Severity: high.

Why it matters: an event in the dead-letter queue is a problem that nobody has put right.

Told when: an alarm of this stack goes into the state ALARM. CloudWatch itself cannot write to the topic, which is encrypted with the key that AWS manages.
Leaves alone: alarms of others, and the way back to OK.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Report

_FIRST: Mapping[str, str] = {
    "dead-letters": "Read the letter: its ErrorMessage says why. Settle that, then have its event handled again (the runbook, Dead letters).",
    "dead-letters-expire": "Have the letters handled again before they are lost (the runbook, Dead letters).",
    "errors": "Look into the log for the function and its error. What could not be handled becomes a dead letter, of which another alarm tells.",
    "held": "Find the alerts HELD and CONTESTED, or run `snapback list --waiting`. Look at what is held, then release it.",
    "late": "See on the dashboard whether functions are throttled. What is open was open for so long, and may be still.",
    "forged": "Find out in CloudTrail who may send messages to the queue Storms. Until then, believe no digest.",
    "undelivered": "See in the topic's delivery log which subscriber does not get alerts, and why. Read what it missed: `snapback list`.",
    "untold": "Look into the log of SendDigest. What waits is listed by `snapback list`.",
    "deaf": (
        "Look into the log of SendCanary for what was missing, a trail or a rule mostly (the runbook, Snapback may be deaf). "
        "Until then perhaps nothing is put right."
    ),
}
"""How the name of an alarm ends -> what a person does first."""


def facts(alarm: Mapping[str, Any]) -> Sequence[Mapping[str, str]]:
    """Return what the alarm says of itself, and what to do first."""
    name, about = str(alarm["alarmName"]), str(alarm.get("configuration", {}).get("description", ""))
    first = next((text for end, text in _FIRST.items() if name.endswith(f"-{end}")), "Read what the runbook says of it (The alarms).")
    what = {"What": f"The alarm {name} rings{f': {about}' if about else ''}".removesuffix(".")}
    return [what, {"Why": str(alarm["state"]["reason"])}, {"DoFirst": first}]


remediation = Report(
    resource="AWS::CloudWatch::Alarm",
    named_by={"CloudWatch Alarm State Change": "alarmName"},
    facts=facts,
)
handler = remediation.handler
