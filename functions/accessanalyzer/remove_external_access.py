"""Take access from everybody and from accounts that are not trusted, as soon as a call gives it or Access Analyzer finds it.

Problem: Somebody outside has access. Severity: high.

Why it matters: a policy that lets in others is seldom written on purpose, and what is shared with a stranger is copied within seconds.

Wrong when: everybody, or an account that is neither this one nor one of TrustedAccounts, has access to a KMS key, a bucket, a queue, a topic, a secret,
a Lambda function or layer, an ECR repository, an event bus, a machine image or a snapshot (EBS, RDS). An account that is named stays only if a condition or a
denial asks for something of yours (an account of yours, the organisation OrganizationId); everybody is narrowed down by any fixed organisation, resource or
network. The record of a call is heard within seconds, and the resource is looked at if by the record somebody from outside was let in.
Fix: takes just those principals out of the policy, or off the snapshot. Undo brings them back, unless the access was changed since; principals that do not
exist any more (`AIDA…`), which AWS refuses, are left out by both, and the alert names them. A topic that let in nobody else lets in this account then.
Leaves alone: AWS services, also by the accounts with which load balancers and CloudFront write their logs into a bucket, and the grants that services make;
roles, and what a call opens to everybody where another remediation closes it at once (public buckets, secrets, keys, functions, images, snapshots); whole
organisations with which an image is shared, unless OrganizationId is set and it is another.
Reported only: all other types of resources (the calls of file systems, tables and backup vaults are heard, too), keys that nobody in the account could manage
any more, and grants of KMS keys; and where Access Analyzer has found something, ACLs and access points of buckets, and everybody from a place of which nobody
can tell whose it is.
Told once: somebody from outside was let in, for a moment only, and somebody else has taken that back before Snapback looked; of what has a remediation against
everybody, that one tells it.
Class: disruptive, because an account that nobody has named as trusted may be a partner's, whose work stops.
At once, because what is shared with a stranger is copied within seconds.
"""

from snapback import Evidence, Remediation
from snapback.accessanalyzer.external_access import access, doubtful_access, give_back, outside_access, take_away
from snapback.accessanalyzer.sharing_calls import CALLS, opened, shared_with_outsiders
from snapback.engine.events import ANY_FINDING
from snapback.engine.exemptions import OUTSIDE_ACCESS


def violation(arn: str) -> Evidence:
    """Return the access that outsiders have."""
    return outside_access(arn)


def fix(arn: str, wrong: Evidence) -> None:
    """Take it away."""
    take_away(arn, wrong)


def undo(arn: str, wrong: Evidence) -> None:
    """Give it back."""
    give_back(arn, wrong)


remediation = Remediation(
    resource=ANY_FINDING,
    named_by={"Access Analyzer Finding": "resource", **dict.fromkeys(CALLS, shared_with_outsiders)},
    problem=OUTSIDE_ACCESS,
    violation=violation,
    fix=fix,
    undo=undo,
    setting=access,
    lags=True,
    disruptive=True,
    wider={"Access Analyzer": doubtful_access},
    opened=opened,
)
handler = remediation.handler
