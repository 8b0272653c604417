"""Deactivate an access key that is known to be in the wrong hands.

Problem: An access key is in the wrong hands. Severity: critical.

Why it matters: a key found in a public place is used within minutes, and whoever has it is you.

Wrong when: AWS Health or Trusted Advisor says that the key is exposed, or suspects that it is compromised, or GuardDuty that a user's key is misused (also on
data in buckets, and in a sequence of attacks), and the key is active.
Fix: the key becomes Inactive. Undo makes it Active again.
Taken off: who makes such a key active again otherwise than by undo is told as high, and asked about.
Leaves alone: the user's other keys, and sessions that were begun with the key before (GetSessionToken, GetFederationToken): they go on for up to 36 hours,
and the alert says until when, and how they are shut out. Reported only: the root user's keys and the temporary keys of role sessions, which nobody else can
deactivate, and what Health says of the account or its console without naming a key. News that Health has closed an event, or calls a key resolved, changes
nothing.
Class: safe where AWS says that the key was found exposed (AWS Health's AWS_RISK_CREDENTIALS_EXPOSED; Trusted Advisor's Exposed and Potentially compromised),
because then it is a stranger's as much as its owner's, and AWS may limit the account by itself: this is the one exception from the rule that safe stops
nothing, as what uses the key stops. Disruptive where AWS only suspects it by how it is used (Trusted Advisor's Suspected) or says anything else of it, where
GuardDuty finds its use unusual, which its owner's may be, where somebody has made it active again, and where a person's command asks for it.
"""

from collections.abc import Sequence

from snapback import Remediation
from snapback.engine.findings import accused_keys
from snapback.iam.keys import activate, active_key, deactivate, keys_at_risk, sessions_of_key

TAKEN_OFF_BY = "UpdateAccessKey"

LIES_OPEN = frozenset(
    {
        "AWS Health AWS_RISK_CREDENTIALS_EXPOSED",
        "Trusted Advisor Exposed Access Keys: Exposed",
        "Trusted Advisor Exposed Access Keys: Potentially compromised",
    }
)
"""What says that the key was found where anybody could read it. Of the check's three words "Suspected" means irregular use alone: "it has not been identified
as exposed on the Internet".

https://docs.aws.amazon.com/awssupport/latest/user/security-checks.html#exposed-access-keys
"""


def violation(key_id: str) -> Sequence[dict[str, str]]:
    """Return the key and its user, if it is active."""
    return active_key(key_id)


def fix(_: str, keys: Sequence[dict[str, str]]) -> None:
    """Make it inactive."""
    deactivate(keys[0]["UserName"], keys)


def undo(_: str, keys: Sequence[dict[str, str]]) -> None:
    """Make it active again."""
    activate(keys[0]["UserName"], keys)


remediation = Remediation(
    resource="AWS::IAM::AccessKey",
    named_by={
        "AWS Health Event": keys_at_risk,
        "Trusted Advisor Check Item Refresh Notification": '"check-item-detail"."Access Key ID"',
        "GuardDuty Finding": accused_keys,
        TAKEN_OFF_BY: "requestParameters.accessKeyId",
    },
    violation=violation,
    fix=fix,
    contained="Key deactivated",
    undo=undo,
    lags=True,
    disruptive=lambda _, signal: signal.source not in LIES_OPEN,
    taken_off_by=[TAKEN_OFF_BY],
    stays=sessions_of_key,
)
handler = remediation.handler
