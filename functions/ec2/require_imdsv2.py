"""Require session tokens (IMDSv2) for an instance's metadata.

Problem: An instance's metadata can be read without a token. Severity: high.

Why it matters: without tokens, a web application that can be made to fetch an address hands out the credentials of its instance's role.

Wrong when: the instance's metadata can be read, and without a token (HttpTokens is optional).
Fix: HttpTokens becomes required. Undo makes it optional again.
Leaves alone: every other metadata option (hop limit, endpoint, IPv6, tags), instances whose metadata endpoint is off, and terminated ones.
Class: disruptive, because software that cannot ask for a token, or that is further away than the hop limit, loses its credentials.
"""

from snapback import Setting
from snapback.ec2.instances import metadata_tokens, set_metadata_tokens

remediation = Setting(
    declared_in=__name__,
    resource="AWS::EC2::Instance",
    named_by={
        "RunInstances": "responseElements.instancesSet.items[].instanceId",
        "ModifyInstanceMetadataOptions": "requestParameters.instanceId",
    },
    settles=("RunInstances",),
    reader=metadata_tokens,
    wrong={"HttpTokens": "optional"},
    wanted={"HttpTokens": "required"},
    writer=set_metadata_tokens,
    disruptive=True,
)
handler = remediation.handler
