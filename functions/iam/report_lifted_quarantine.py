"""Tell people when AWS's own quarantine is taken off a user.

Problem: AWS's quarantine was taken off a user. Severity: high.

Why it matters: AWS attaches AWSCompromisedKeyQuarantine to a user whose access key lies open. Whoever has stolen the key detaches it, where they may.

Told: who detached which of these policies from whom. Detach it, as AWS's case says, once the key is deactivated or deleted and all that was done with it is
known.
Leaves alone: Snapback's own denials, which quarantine_user and deactivate_exposed_key put back; other policies of the user.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Report
from snapback.engine.events import account_calls, request_of


def facts(record: Mapping[str, Any]) -> Sequence[dict[str, str]]:
    """Return which policy was detached, and what to do first (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV3.html)."""
    request = request_of(record)
    detached = str(request["policyArn"]).rpartition("/")[2]
    if not detached.startswith("AWSCompromisedKeyQuarantine"):
        return []
    steps = (
        "See that each access key of the user that AWS's case names is deactivated or deleted. If one is not: attach the policy again, and deactivate the key."
    )
    user = str(request["userName"])
    return [{"What": f"AWS's quarantine was taken off the user {user}"}, {"Detached": detached, "From": user}, {"DoFirst": steps}]


remediation = Report(
    resource="AWS::::Account",
    named_by=account_calls("DetachUserPolicy"),
    facts=facts,
)
handler = remediation.handler
