"""Take everybody out of the policy of a secret.

Problem: Everybody is let in by a secret's policy. Severity: critical.

Why it matters: a secret that everybody may read is not one.

Wrong when: a statement of the secret's policy allows `*`, and no condition narrows that down to an account, organisation, resource or network, nor does a
statement of the policy that denies: what no stranger gets past is not open.
Fix: takes `*` out of the statement, which goes if it lets in nobody else, and the policy with the last one. Undo puts the policy back as it was, unless
it was changed since. Users and roles that were deleted go from both, as AWS takes no policy that names one; the alert lists them.
Leaves alone: every other statement, and accounts that are named. What was read while the secret was open is known: rotate it.
Told once: everybody, or an account that is not trusted, was let in, for a moment only, and somebody else has taken that back before Snapback looked.
Class: safe, because only strangers come in this way: whoever is named, this account's own principals and AWS services go on as before.
"""

from snapback.policies.resource_policies import ResourcePolicy
from snapback.secretsmanager.secrets import arn_beside_policy, put_secret_policy, secret_policy

remediation = ResourcePolicy(
    declared_in=__name__,
    resource="AWS::SecretsManager::Secret",
    named_by={"PutResourcePolicy": "requestParameters.secretId", "Access Analyzer Finding": "resource"},
    reader=secret_policy,
    writer=put_secret_policy,
    given_as="resourcePolicy",
    resolve=arn_beside_policy,
    lags=True,
)
handler = remediation.handler
