"""Tell people when the root user of the account signs in, tries to, or calls an API.

Why it matters: root can do everything, cannot be restricted, and should never be needed from one day to the next.

Told: each sign-in, each failed sign-in and each call by root, with where it came from and whether MFA was used.
Leaves alone: what AWS services do on root's behalf.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Report


def facts(record: Mapping[str, Any]) -> Sequence[dict[str, str]]:
    """Return what root did."""
    identity = record["userIdentity"]
    if identity.get("type") != "Root" or str(identity.get("invokedBy", "")).endswith(".amazonaws.com"):
        return []
    call, error = record["eventName"], record.get("errorCode") or record.get("errorMessage")
    sign_in = (record.get("responseElements") or {}).get("ConsoleLogin") if call == "ConsoleLogin" else None
    mfa = (record.get("additionalEventData") or {}).get("MFAUsed", "not said")
    if sign_in == "Success":
        return [{"What": "The root user signed in to the console", "MFA": mfa}]
    if call == "ConsoleLogin":
        return [{"What": "Somebody tried to sign in as the root user and failed", "Why": error or "not said", "MFA": mfa}]
    done = f"The root user called {call} of {record['eventSource']}"
    return [{"What": f"{done} and was refused", "Why": error} if error else {"What": done}]


remediation = Report(
    resource="AWS::::Account",
    named_by={"*": "recipientAccountId || userIdentity.accountId"},
    facts=facts,
)
handler = remediation.handler
