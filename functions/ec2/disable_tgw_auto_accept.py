"""Stop a transit gateway from accepting attachments of other accounts by itself.

Why it matters: whoever the gateway is shared with could put a network of theirs onto yours, and nobody would have looked at it.

Wrong when: AutoAcceptSharedAttachments is on.
Fix: switches it off. Undo switches it on.
Leaves alone: attachments that were accepted already, requests that wait (a person accepts them, now as later), and every other option of the gateway.
"""

from collections.abc import Sequence

from snapback import Remediation
from snapback.ec2.transit_gateways import options, set_auto_accept


def violation(gateway: str) -> Sequence[dict[str, str]]:
    """Return the option, if it is on."""
    found = options(gateway)
    return [{"AutoAcceptSharedAttachments": "enable"}] if found and found["AutoAcceptSharedAttachments"] == "enable" else []


def fix(gateway: str, _: object) -> None:
    """Switch it off."""
    set_auto_accept(gateway, "disable")


def undo(gateway: str, _: object) -> None:
    """Switch it on."""
    set_auto_accept(gateway, "enable")


remediation = Remediation(
    resource="AWS::EC2::TransitGateway",
    named_by={
        "CreateTransitGateway": "responseElements.transitGateway.transitGatewayId",
        "ModifyTransitGateway": "requestParameters.transitGatewayId",
    },
    violation=violation,
    fix=fix,
    undo=undo,
)
handler = remediation.handler
