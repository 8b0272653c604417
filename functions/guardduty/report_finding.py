"""Tell people of every GuardDuty finding that no other remediation answers.

Problem: GuardDuty has found something. Severity: medium.

Why it matters: a finding that nobody sees is a break-in that goes on, and GuardDuty learns new types of findings all the time.

Told: each finding of Medium severity or more, of a type known or not, with what it concerns and what to do first; once, and again if its severity changes.
Sample findings are told as samples, one in an hour.
Leaves alone: what another remediation stops (`snapback.engine.findings` says which, docs/guardduty.md for each type) unless the deployment has switched
that off, archived findings, and those of Low severity.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Report, settings
from snapback.engine import findings


def facts(finding: Mapping[str, Any]) -> Sequence[dict[str, str]]:
    """Return what the finding says, unless another remediation answers it. None acts on samples, nor does what the deployment has switched off."""
    answering = {*findings.answered_by(finding)} - settings.words("SWITCHED_OFF")
    return findings.facts(finding) if findings.is_sample(finding) or not answering else []


remediation = Report(
    resource=findings.FINDING,
    named_by={"GuardDuty Finding": findings.concerned},
    facts=facts,
    once_per=findings.occasion,
)
handler = remediation.handler
