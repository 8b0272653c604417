"""Stop giving AWS credentials to guests of an identity pool.

Problem: Guests of an identity pool get AWS credentials. Severity: medium.

Why it matters: the id of a pool stands in every app that uses it. With guests let in, whoever reads it there has AWS credentials of the pool's guest role.

Wrong when: the pool allows unauthenticated identities. The trust policy of its guest role is not asked: it lets in guests of this pool by design, and what
they may do is another question (for roles that trust more, there is `restrict_role_trust`).
Fix: switches that off. Undo switches it on again.
Leaves alone: everything else of the pool, its roles and the identities that it has given out; credentials that guests have already work until they end.
Class: disruptive, because whether an app lives on its guests nobody can tell from outside.
At once, because guests get credentials from the moment that the pool is there.
"""

from snapback import Setting
from snapback.cognito.identity_pools import guests, set_guests

remediation = Setting(
    declared_in=__name__,
    resource="AWS::Cognito::IdentityPool",
    named_by={"CreateIdentityPool": "responseElements.identityPoolId", "UpdateIdentityPool": "requestParameters.identityPoolId"},
    reader=guests,
    wanted={"AllowUnauthenticatedIdentities": False},
    writer=set_guests,
    disruptive=True,
)
handler = remediation.handler
