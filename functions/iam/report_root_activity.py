"""Tell people when the root user of the account signs in, tries to, or calls an API.

Problem: Root was used, or somebody tried to. Severity: high.

Why it matters: root can do everything, cannot be restricted, and should never be needed from one day to the next.

Told: each sign-in, each failed sign-in and each call that writes, with where it came from and whether MFA was used; and that root reads, once an hour for
each key or session, for a page of the console makes dozens of such calls. The calls of root in the console are those of a person.
Leaves alone: what AWS services do on root's behalf.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Report
from snapback.engine.events import account_calls

CONSOLE = "signin.amazonaws.com"
"""Stands as `invokedBy` in some of the calls that a person makes in the console."""

OWN_NAME = "AWS ROOT USER"
"""What IAM calls the root user where it has a user's name to give: with its MFA devices."""

DO_FIRST = "Ask whoever holds root whether it was them. If not: recover it, change its password and MFA, delete its keys, and look at what it did."


def facts(record: Mapping[str, Any]) -> Sequence[dict[str, str]]:
    """Return what root did."""
    identity = record["userIdentity"]
    invoked_by = str(identity.get("invokedBy", ""))
    if identity.get("type") != "Root" or (invoked_by.endswith(".amazonaws.com") and invoked_by != CONSOLE):
        return []
    call, error = record["eventName"], record.get("errorCode") or record.get("errorMessage")
    sign_in = (record.get("responseElements") or {}).get("ConsoleLogin") if call == "ConsoleLogin" else None
    mfa = (record.get("additionalEventData") or {}).get("MFAUsed", "not said")
    if sign_in == "Success":
        without = " WITHOUT MFA" if mfa == "No" else ""
        return [{"What": f"The root user signed in to the console{without}", "MFA": mfa}, {"DoFirst": DO_FIRST}]
    if call == "ConsoleLogin":
        return [{"What": "Somebody tried to sign in as the root user and failed", "Why": error or "not said", "MFA": mfa}, {"DoFirst": DO_FIRST}]
    if call == "DeactivateMFADevice" and not error and (record.get("requestParameters") or {}).get("userName") == OWN_NAME:
        return [{"What": "The root user's own MFA device was taken off: root signs in without it from now on"}, {"DoFirst": DO_FIRST}]
    done = f"The root user called {call} of {record['eventSource']}"
    if _reads(record):
        done += "; what it reads besides within this hour is not told again"
    return [{"What": f"{done} and was refused", "Why": error} if error else {"What": done}, {"DoFirst": DO_FIRST}]


def told_once(record: Mapping[str, Any]) -> str:
    """Return what is told once: the event, or of the calls that read those of one key within an hour."""
    if not _reads(record):
        return str(record["eventID"])
    identity = record["userIdentity"]
    return f"reads by {identity.get('accessKeyId') or identity.get('principalId')} in {record['eventTime'][:13]}"


def _reads(record: Mapping[str, Any]) -> bool:
    return record.get("readOnly") in (True, "true")


remediation = Report(
    resource="AWS::::Account",
    named_by=account_calls("*"),
    facts=facts,
    once_per=told_once,
)
handler = remediation.handler
