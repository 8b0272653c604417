"""Tell people when somebody makes a way in for somebody else.

Problem: Somebody made a way in for somebody else. Severity: high.

Why it matters: whoever has got in by a stolen key makes another one first, for the day on which the stolen one is gone.

Told: that somebody made a user; made an access key for another user, or such a key active again; gave another user a password for the console, an MFA device,
an SSH key or a signing certificate; made a credential for one service (an API key of Bedrock, say); made or changed a provider of identities; or let the
management account work as root in all others. Each with who did it, from where and with what, how old that session was and whether it was begun with MFA, how
new the user or role is where IAM says it, what else of this kind the same identity did within a day, and what to do first.
Of a tool that deploys (Terraform, say) each call is told once a month for its role, not each time: what a client calls itself proves nothing, so it silences
nobody.
Leaves alone: what people do for themselves, as to rotate their own key; what CloudFormation or another service of AWS does; the providers of EKS clusters; and
who may have administrator access (BreakGlass), but for people who come by IAM Identity Center: who steals a session comes by it, too. Groups, policies and
trust are detach_admin_policy's and restrict_role_trust's.
Not heard: calls that were refused. What is made in IAM Identity Center itself is report_attack_steps's.
"""

from snapback.engine.steps import StepsReport
from snapback.iam.new_credentials import CALLS

remediation = StepsReport(
    declared_in=__name__,
    steps=CALLS,
)
handler = remediation.handler
