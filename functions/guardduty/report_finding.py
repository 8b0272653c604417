"""Tell people of every GuardDuty finding that no other remediation answers.

Problem: GuardDuty has found something. Severity: medium.

Why it matters: a finding that nobody sees is a break-in that goes on, and GuardDuty learns new types of findings all the time.

Told: each finding of Medium severity or more, of a type known or not, with what it concerns and what to do first; once, and again if its severity changes.
Sample findings are told as samples, one in an hour.
Leaves alone: what another remediation stops (`snapback.engine.findings` says which, docs/guardduty.md for each type), archived findings, and
those of Low severity.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Report
from snapback.engine import findings


def facts(finding: Mapping[str, Any]) -> Sequence[dict[str, str]]:
    """Return what the finding says, unless another remediation answers it. None acts on samples."""
    return findings.facts(finding) if findings.is_sample(finding) or not findings.answered_by(finding) else []


remediation = Report(
    resource=findings.FINDING,
    named_by={"GuardDuty Finding": findings.concerned},
    facts=facts,
    once_per=findings.occasion,
)
handler = remediation.handler
