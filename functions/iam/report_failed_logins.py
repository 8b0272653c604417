"""Tell people when sign-ins to the console fail one after the other.

Problem: Many sign-ins to the console have failed. Severity: medium.

Why it matters: one failure is a typing error; many within minutes are somebody who tries passwords.

Told: that FailedLogins sign-ins of IAM users (5 unless changed) failed within FailedLoginMinutes (10), whichever users they were; once, until it has been
quiet for as long. They are counted in each region by itself, for AWS records a sign-in where it was made.
Leaves alone: root, whose every failure report_root_activity tells; and people who sign in elsewhere, with an identity provider or IAM Identity Center.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Report, settings
from snapback.engine import counts
from snapback.engine.events import account_calls

DO_FIRST = (
    "Look in CloudTrail at ConsoleLogin of these minutes: which users, from which addresses, and whether one succeeded in the end. "
    "Of a user who has, and who does not answer for it: take the password and the keys, and look at what was done. See that all of them have MFA."
)


def facts(record: Mapping[str, Any]) -> Sequence[dict[str, str]]:
    """Return that there were too many, if this one makes it so."""
    failed = (record.get("responseElements") or {}).get("ConsoleLogin") == "Failure"
    if not failed or record["eventName"] != "ConsoleLogin" or record["userIdentity"].get("type") != "IAMUser":
        return []
    number, minutes = settings.number("FAILED_LOGINS"), settings.number("FAILED_LOGIN_MINUTES")
    event = hashlib.sha256(record["eventID"].encode()).hexdigest()[:16]
    if not counts.is_burst(remediation.name, event, number=number, seconds=minutes * 60):
        return []
    return [
        {"What": f"{number} sign-ins to the console failed within {minutes} minutes; the latest is the one that this alert is about"},
        {"DoFirst": DO_FIRST},
    ]


remediation = Report(
    resource="AWS::::Account",
    named_by=account_calls("*"),
    facts=facts,
)
handler = remediation.handler
