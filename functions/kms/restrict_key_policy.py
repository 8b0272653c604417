"""Take everybody out of the policy of a KMS key.

Problem: Everybody is let in by a KMS key's policy. Severity: critical.

Why it matters: whoever may use a key, in whatever account, can read what was encrypted with it, or manage it.

Wrong when: a statement of the key policy allows `*`, and no condition narrows that down to an account, organisation, resource or network, nor does a
statement of the policy that denies: what no stranger gets past is not open.
Fix: leaves the statement to this account's own principals (aws:PrincipalAccount), whom it lets in whatever their IAM policies say; where it also names others,
takes `*` out of it. Undo puts the policy back as it was, unless it was changed since. Users and roles that were deleted go from both, as AWS takes no policy
that names one; the alert lists them.
Leaves alone: every other statement, accounts that are named, and grants: of those for a stranger remove_external_access hears.
Reported only: a key that nobody in the account could manage any more.
Told once: everybody, or an account that is not trusted, was let in, for a moment only, and somebody else has taken that back before Snapback looked.
Class: safe, because only strangers come in this way: whoever is named and this account's own principals go on as before; a service of AWS's that came in by `*`
and is named nowhere does not. Where the statement names others beside `*`, who of this account has no right to the key otherwise loses it, too.
At once, because strangers may use the key from the moment that it is there.
"""

from snapback.kms.kms_keys import key_policy, put_key_policy, still_managed
from snapback.policies.resource_policies import ResourcePolicy

remediation = ResourcePolicy(
    declared_in=__name__,
    resource="AWS::KMS::Key",
    named_by={"PutKeyPolicy": "requestParameters.keyId", "CreateKey": "responseElements.keyMetadata.keyId"},
    reader=key_policy,
    writer=put_key_policy,
    given_as="policy",
    acceptable=still_managed,
    lags=True,
)
handler = remediation.handler
