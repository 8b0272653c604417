"""Require session tokens (IMDSv2) for an instance's metadata.

Why it matters: without tokens, a web application that can be made to fetch an address hands out the credentials of its instance's role.

Wrong when: the instance's metadata can be read, and without a token (HttpTokens is optional).
Fix: HttpTokens becomes required. Undo makes it optional again.
Leaves alone: every other metadata option (hop limit, endpoint, IPv6, tags), instances whose metadata endpoint is off, and terminated ones. Software that
cannot ask for a token, or that is further away than the hop limit, loses its credentials: therefore only shown unless DisruptiveMode says enforce.
"""

from collections.abc import Sequence

from snapback import Remediation, aws
from snapback.ec2.instances import started


def violation(instance_id: str) -> Sequence[dict[str, str]]:
    """Return the option, if tokens are optional."""
    options = started(instance_id)["MetadataOptions"]
    return [{"HttpTokens": "optional"}] if options["HttpTokens"] == "optional" and options["HttpEndpoint"] != "disabled" else []


def fix(instance_id: str, _: object) -> None:
    """Require them; what is not given stays as it is."""
    aws("ec2").modify_instance_metadata_options(InstanceId=instance_id, HttpTokens="required")


def undo(instance_id: str, _: object) -> None:
    """Make them optional again."""
    aws("ec2").modify_instance_metadata_options(InstanceId=instance_id, HttpTokens="optional")


remediation = Remediation(
    resource="AWS::EC2::Instance",
    named_by={
        "RunInstances": "responseElements.instancesSet.items[].instanceId",
        "ModifyInstanceMetadataOptions": "requestParameters.instanceId",
    },
    violation=violation,
    fix=fix,
    undo=undo,
    disruptive=True,
)
handler = remediation.handler
