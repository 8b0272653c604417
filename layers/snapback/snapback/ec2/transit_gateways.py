"""Words for transit gateways, which take a while to be made and to be changed.

https://docs.aws.amazon.com/vpc/latest/tgw/tgw-transit-gateways.html
"""

from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from snapback.engine import clock
from snapback.engine.answers import the_one
from snapback.engine.clients import aws
from snapback.engine.errors import StillChanging
from snapback.engine.refusals import code_of

_UNSETTLED: Final = ("pending", "modifying")

_PATIENCE: Final = (1.0, 2.0, 4.0, 6.0, 7.0)
"""Seconds between looks at a gateway that is being made or changed: together half of what a look before and a look after the fix may take."""


def auto_accept(gateway: str) -> Mapping[str, str]:
    """Return whether attachments from other accounts are accepted by themselves (`AutoAcceptSharedAttachments`); nothing if the gateway is being deleted.

    While it is made or changed AWS does not say which options it will have, so that is waited for.

    Raises `StillChanging` if that takes long: it passes by itself, and the event is tried again.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeTransitGateways.html
    """
    for wait in (*_PATIENCE, None):
        found = the_one(aws("ec2").describe_transit_gateways(TransitGatewayIds=[gateway])["TransitGateways"])
        if found["State"] not in _UNSETTLED:
            return {"AutoAcceptSharedAttachments": found["Options"]["AutoAcceptSharedAttachments"]} if found["State"] == "available" else {}
        if wait:
            clock.pause(wait)
    raise StillChanging(f"{gateway} is still {found['State']}")


def set_auto_accept(gateway: str, wanted: Any) -> None:  # noqa: ANN401 - what `auto_accept` returns
    """Set that; every option that is not named stays.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyTransitGateway.html
    """
    try:
        aws("ec2").modify_transit_gateway(TransitGatewayId=gateway, Options=wanted)
    except ClientError as error:
        if code_of(error) == "IncorrectState":
            raise StillChanging(f"{gateway} is being changed by somebody else") from error
        raise
