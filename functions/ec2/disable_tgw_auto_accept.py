"""Stop a transit gateway from accepting attachments of other accounts by itself.

Problem: A transit gateway accepts other accounts' networks. Severity: high.

Why it matters: whoever the gateway is shared with could put a network of theirs onto yours, and nobody would have looked at it.

Wrong when: AutoAcceptSharedAttachments is on.
Fix: switches it off. Undo switches it on.
Leaves alone: attachments that were accepted already, requests that wait (a person accepts them, now as later), and every other option of the gateway.
Class: disruptive, because the deployments of accounts that the gateway is shared with wait until somebody accepts.
"""

from snapback import Setting
from snapback.ec2.transit_gateways import auto_accept, set_auto_accept

remediation = Setting(
    declared_in=__name__,
    resource="AWS::EC2::TransitGateway",
    named_by={
        "CreateTransitGateway": "responseElements.transitGateway.transitGatewayId",
        "ModifyTransitGateway": "requestParameters.transitGatewayId",
    },
    settles=("CreateTransitGateway",),
    reader=auto_accept,
    wrong={"AutoAcceptSharedAttachments": "enable"},
    wanted={"AutoAcceptSharedAttachments": "disable"},
    writer=set_auto_accept,
    disruptive=True,
)
handler = remediation.handler
