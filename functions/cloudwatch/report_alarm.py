"""Tell of Snapback's own alarms.

Problem: An alarm of Snapback itself rings. Severity: high.

Why it matters: an event in the dead-letter queue is a problem that nobody has put right.

Told when: an alarm of this stack goes into the state ALARM. CloudWatch itself cannot write to the topic, which is encrypted with the key that AWS manages.
Leaves alone: alarms of others, and the way back to OK.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Report


def facts(alarm: Mapping[str, Any]) -> Sequence[Mapping[str, str]]:
    """Return what the alarm says of itself."""
    return [{"Alarm": alarm["alarmName"], "About": alarm.get("configuration", {}).get("description", ""), "Why": alarm["state"]["reason"]}]


remediation = Report(
    resource="AWS::CloudWatch::Alarm",
    named_by={"CloudWatch Alarm State Change": "alarmName"},
    facts=facts,
)
handler = remediation.handler
