"""Take everybody out of the policy of a secret.

Why it matters: a secret that everybody may read is not one.

Wrong when: a statement of the secret's policy allows `*`, and no condition narrows that down to an account, organisation, resource or network, nor does a
statement of the policy that denies: what no stranger gets past is not open.
Fix: takes `*` out of the statement, which goes if it lets in nobody else, and the policy with the last one. Undo puts the policy back as it was, unless
it was changed since. Users and roles that were deleted go from both, as AWS takes no policy that names one; the alert lists them.
Leaves alone: every other statement, and accounts that are named. What was read while the secret was open is known: rotate it.
"""

from collections.abc import Sequence

from snapback import Remediation
from snapback.exemptions import OUTSIDE_ACCESS
from snapback.policies.openings import Opening, closed, opened, openings
from snapback.policies.verdicts import everybody
from snapback.secrets import arn_beside_policy, put_secret_policy, secret_policy


def violation(secret: str) -> Sequence[Opening]:
    """Return the policy, if it lets in everybody."""
    return openings(secret_policy(secret), everybody)


def fix(secret: str, seen: Sequence[Opening]) -> None:
    """Take everybody out of it."""
    put_secret_policy(secret, closed(secret_policy, secret, seen, everybody))


def undo(secret: str, seen: Sequence[Opening]) -> None:
    """Put it back."""
    put_secret_policy(secret, opened(seen))


remediation = Remediation(
    resource="AWS::SecretsManager::Secret",
    named_by={"PutResourcePolicy": "requestParameters.secretId", "Access Analyzer Finding": "resource"},
    problem=OUTSIDE_ACCESS,
    violation=violation,
    fix=fix,
    undo=undo,
    setting=secret_policy,
    resolve=arn_beside_policy,
    lags=True,
)
handler = remediation.handler
