"""Take everybody out of the policy of a secret.

Problem: Everybody is let in by a secret's policy. Severity: critical.

Why it matters: a secret that everybody may read is not one.

Wrong when: a statement of the secret's policy allows `*`, and no condition narrows that down to an account, organisation, resource or network, nor does a
statement of the policy that denies: what no stranger gets past is not open.
Fix: leaves the statement to this account's own principals (aws:PrincipalAccount), whom it lets in whatever their IAM policies say; where it also names others,
takes `*` out of it. Undo puts the policy back as it was, unless it was changed since. Users and roles that were deleted go from both, as AWS takes no policy
that names one; the alert lists them.
Leaves alone: every other statement, and accounts that are named. What was read while the secret was open is known: rotate it.
Told once: everybody, or an account that is not trusted, was let in, for a moment only, and somebody else has taken that back before Snapback looked.
Class: safe, because only strangers come in this way: whoever is named and this account's own principals go on as before; a service of AWS's that came in by `*`
and is named nowhere does not. Where the statement names others beside `*`, who of this account has no right to the secret otherwise loses it, too.
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
