"""Let only your own principals call AWS through a VPC endpoint.

Problem: Everybody's keys work through a VPC endpoint. Severity: medium.

Why it matters: through an endpoint that is open to every principal, whoever is on your network carries your data out with the keys of an account of theirs.

Wrong when: a statement of the endpoint's policy allows every principal on every resource, and no condition names an organisation or an account, nor does a
statement of the policy that denies all others. The policy that AWS gives by default is one of those.
Fix: such statements are only for principals of this account, or of the organisation OrganizationId; for services of AWS and unsigned calls, which have no
account; and, for S3, for the buckets from which ECR's images and AWS's replication agents come, and for those into which custom resources and wait
conditions answer CloudFormation. Undo puts the former policy back as it was. Users and roles that were deleted go from both, as no policy may name one; the
alert lists them.
Leaves alone: statements for named resources, denials, endpoints without a policy, and those that an AWS service made. Reported only: endpoints for STS.
Class: disruptive, because whoever calls with keys of other accounts, or with links that others have signed (partners, CodeArtifact), is refused.
"""

from snapback import Evidence, Remediation, settings
from snapback.ec2.endpoint_policies import open_policy, policy_of, restricted, write_policy


def violation(endpoint: str) -> Evidence:
    """Return the policy, if it is open."""
    return open_policy(endpoint)


def fix(endpoint: str, wrong: Evidence) -> None:
    """Add the condition."""
    write_policy(endpoint, restricted(wrong[0], settings.optional("ORGANIZATION_ID")))


def undo(endpoint: str, before: Evidence) -> None:
    """Put the former policy back."""
    write_policy(endpoint, before[0]["PolicyDocument"])


remediation = Remediation(
    resource="AWS::EC2::VPCEndpoint",
    named_by={
        "CreateVpcEndpoint": "responseElements.vpcEndpoint.vpcEndpointId",
        "ModifyVpcEndpoint": "requestParameters.vpcEndpointId",
    },
    settles=("CreateVpcEndpoint",),
    violation=violation,
    fix=fix,
    undo=undo,
    setting=policy_of,
    disruptive=True,
)
handler = remediation.handler
