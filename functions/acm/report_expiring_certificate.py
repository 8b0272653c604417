"""Tell people that a certificate expires soon, and what is left for them to do.

Why it matters: on the day after, nobody can reach what uses it any more.

Told: 45, 30, 14, 7, 3 and 1 days before (ACM says it every day, of public certificates from the 30th on; the rule hears those), with the kind of
certificate, how many resources use it, and what keeps it from being renewed. ACM renews by itself what it can; whatever is left needs a person: an
import, a mail to approve, a DNS record.
Leaves alone: certificates that have been renewed meanwhile.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Report
from snapback.certificates import outlook


def facts(detail: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return what is known of the certificate."""
    known = outlook(detail["resources"][0], detail["DaysToExpiry"])
    return [{"Domain": detail.get("CommonName", ""), "DaysLeft": detail["DaysToExpiry"], **known}] if known else []


remediation = Report(
    resource="AWS::CertificateManager::Certificate",
    named_by={"ACM Certificate Approaching Expiration": "resources[0]"},
    facts=facts,
)
handler = remediation.handler
