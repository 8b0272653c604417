"""Tell people when somebody makes a call that intruders are known for.

Problem: Somebody made a call that intruders are known for. Severity: high.

Why it matters: most of what an intruder does is no setting that could be put right; but some calls are made by hardly anybody else.

Told, of ways in: trust anchors and profiles of IAM Roles Anywhere, sessions that outlive their key (GetFederationToken), or that are root in an account of the
organisation (AssumeRoot), sign-ins of users without MFA, the serial console, another user data, role or layer for what runs, notebooks that run something else
when they start, administrators of EKS clusters, and whoever goes into three instances by EC2 Instance Connect or five by Session Manager within ten minutes;
and in IAM Identity Center assignments, members of groups, permission sets that make administrators, and whoever may sign people in.
Of data that is taken: exports of instances, images, databases and tables, mirrored traffic, buckets that are copied, and notifications, logs and shares of
Resource Access Manager that go to the accounts of others. Of blows: attempts to leave the organisation, invitations that are given and taken, accounts that are
made, closed or taken out, delegated administrators, regions that are switched on, contacts that are changed, domains that are given away, images, logs, backup
vaults and plans that are deleted, material that is taken from keys, stores of keys outside of AWS, buckets that encrypt by somebody else's key, take SSE-C
again or delete all within a week, and ten deletions or stops within ten minutes. Of what others are to pay for: models in Bedrock that are asked for, or tried
without the right to, and their log; e-mail that may be sent to anybody, or in another name; text messages; and quotas.
Each with who did it, from where and with what, how old that session was and whether it was begun with MFA, how new the user or role is where IAM says it, what
else of this kind the same identity did within a day, and what to do first. What is some people's or tools' daily work is told once a month for each role or
user, and so is each call of a tool that deploys (Terraform, say): what a client calls itself proves nothing, so it silences nobody.
Leaves alone: what CloudFormation or another service of AWS does; who may have administrator access (BreakGlass), but for people who come by IAM Identity
Center: who steals a session comes by it, too; and what another remediation hears and tells.
Refused calls are told where the attempt itself says enough: to leave the organisation, to close the account, to get at models or e-mail.
IAM Identity Center is heard where its calls are made and recorded: in the management account or that of its delegated administrator, in its own region.
Not heard: calls that only read, and what is written, read and deleted in buckets, tables and secrets (CloudTrail's data events).
"""

from snapback.cloudtrail.attack_steps import CALLS
from snapback.engine.steps import StepsReport

remediation = StepsReport(
    declared_in=__name__,
    steps=CALLS,
)
handler = remediation.handler
