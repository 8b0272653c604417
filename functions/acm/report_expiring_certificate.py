"""Tell people that a certificate expires soon, and what is left for them to do.

Problem: A certificate is about to expire. Severity: medium.

Why it matters: on the day after, nobody can reach what uses it any more.

Told: 45, 30, 14, 7, 3 and 1 days before (ACM says it every day, of public certificates from the 30th on; the rule hears those), with the kind of
certificate, how many resources use it, and what keeps it from being renewed. ACM renews by itself what it can; whatever is left needs a person: an
import, a mail to approve, a DNS record. Once a week is left, the severity is high.
Security Hub's finding (ACM.1) is told once, however often it is sent again.
Leaves alone: certificates that have been renewed meanwhile.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Report
from snapback.acm.certificates import named_in_finding, outlook

FIRST_SAID = 45
"""Days before the expiry from which ACM speaks of it. Security Hub's parameter says 30 unless somebody has set it, and its findings do not repeat it."""

_DAYS_OF_A_WEEK = 7


def facts(detail: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return what is known of the certificate."""
    if "findings" in detail:
        known = outlook(named_in_finding(detail["findings"][0]), FIRST_SAID)
        return [known] if known else []
    known = outlook(detail["resources"][0], detail["DaysToExpiry"])
    domain, left = detail.get("CommonName", ""), detail["DaysToExpiry"]
    what = f"The certificate{f' of {domain}' if domain else ''} expires in {left} days"
    return [{"What": what, "Domain": domain, "DaysLeft": left, **known}] if known else []


def worse(evidence: Sequence[Mapping[str, Any]]) -> str:
    """Return that it is high once a week is left or less."""
    left = evidence[0].get("DaysLeft") if evidence else None
    return "high" if isinstance(left, int) and left <= _DAYS_OF_A_WEEK else ""


remediation = Report(
    resource="AWS::CertificateManager::Certificate",
    named_by={"ACM Certificate Approaching Expiration": "resources[0]"},
    facts=facts,
    worse=worse,
    once_per=lambda detail: str(detail["findings"][0]["Id"] if "findings" in detail else detail["id"]),
)
handler = remediation.handler
