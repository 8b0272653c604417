"""Stop offering an endpoint service to every AWS account.

Problem: Every AWS account may use an endpoint service. Severity: high.

Why it matters: whoever may connect to the service reaches what runs behind it, from an account that nobody here knows.

Wrong when: the principal `*` is among those who may make endpoints for the service. That is a list of principals, without conditions and denials, so `*` is
everybody; that connections have to be accepted keeps out nobody whom somebody accepts.
Fix: removes that principal. Undo adds it again; a tag on that one permission is lost.
Leaves alone: principals that are named, and connections that were accepted already: look at them, and reject those that you do not know.
Class: safe, because connections that exist and principals that are named go on as before: only accounts that nobody named cannot make new endpoints.
"""

from collections.abc import Sequence

from snapback import Remediation, aws


def violation(service: str) -> Sequence[dict[str, str]]:
    """Return the principal `*`, if it is allowed."""
    pages = aws("ec2").get_paginator("describe_vpc_endpoint_service_permissions").paginate(ServiceId=service)
    principals = [allowed["Principal"] for page in pages for allowed in page["AllowedPrincipals"]]
    return [{"Principal": "*"}] if "*" in principals else []


def fix(service: str, _: object) -> None:
    """Remove it."""
    aws("ec2").modify_vpc_endpoint_service_permissions(ServiceId=service, RemoveAllowedPrincipals=["*"])


def undo(service: str, _: object) -> None:
    """Add it again."""
    aws("ec2").modify_vpc_endpoint_service_permissions(ServiceId=service, AddAllowedPrincipals=["*"])


remediation = Remediation(
    resource="AWS::EC2::VPCEndpointService",
    named_by={"ModifyVpcEndpointServicePermissions": "requestParameters.serviceId"},
    violation=violation,
    fix=fix,
    undo=undo,
)
handler = remediation.handler
