"""Take everybody out of the policy of a secret.

Why it matters: a secret that everybody may read is not one.

Wrong when: a statement of the secret's policy allows `*`, and no condition narrows that down to an account, organisation, resource or network, nor does a
statement of the policy that denies: what no stranger gets past is not open.
Fix: takes `*` out of the statement, which goes if it lets in nobody else, and the policy with the last one. Undo puts the policy back as it was, unless
it was changed since. Users and roles that were deleted go from both, as AWS takes no policy that names one; the alert lists them.
Leaves alone: every other statement, and accounts that are named. What was read while the secret was open is known: rotate it.
Told once: everybody, or an account that is not trusted, was let in, for a moment only, and somebody else has taken that back before Snapback looked.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Remediation
from snapback.engine.events import request_of
from snapback.engine.exemptions import OUTSIDE_ACCESS
from snapback.policies.openings import Opening, as_it_was, closed, let_in_by, openings, shut_in
from snapback.policies.verdicts import everybody, outsiders
from snapback.secretsmanager.secrets import arn_beside_policy, put_secret_policy, secret_policy


def violation(secret: str) -> Sequence[Opening]:
    """Return the policy, if it lets in everybody."""
    return openings(secret_policy(secret), everybody)


def opened(record: Mapping[str, Any]) -> Sequence[Opening]:
    """Return whom the policy that a call has put lets in: everybody, and accounts that are not trusted."""
    return let_in_by(request_of(record).get("resourcePolicy"), outsiders)


def shut(secret: str, opened: Sequence[Opening]) -> Sequence[Opening]:
    """Return whom of them the live policy lets in no more."""
    return shut_in(secret_policy(secret), opened, outsiders)


def fix(secret: str, seen: Sequence[Opening]) -> None:
    """Take everybody out of it."""
    put_secret_policy(secret, closed(secret_policy, secret, seen, everybody))


def undo(secret: str, seen: Sequence[Opening]) -> None:
    """Put it back."""
    put_secret_policy(secret, as_it_was(seen))


remediation = Remediation(
    resource="AWS::SecretsManager::Secret",
    named_by={"PutResourcePolicy": "requestParameters.secretId", "Access Analyzer Finding": "resource"},
    problem=OUTSIDE_ACCESS,
    violation=violation,
    fix=fix,
    undo=undo,
    opened=opened,
    shut=shut,
    also_shut_by=["remove-external-access"],
    setting=secret_policy,
    resolve=arn_beside_policy,
    lags=True,
)
handler = remediation.handler
