"""Asking EC2 for a transit gateway that does not exist: AWS refuses, where moto answers an empty list.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.transit_gateway import TransitGatewayBackend

_describe = TransitGatewayBackend.describe_transit_gateways


def as_on_aws() -> None:
    """Let moto refuse ids that are no gateway's."""
    backend: Any = TransitGatewayBackend
    backend.describe_transit_gateways = _describe_or_refuse


def _describe_or_refuse(backend: Any, filters: Any, transit_gateway_ids: list[str] | None) -> Any:  # noqa: ANN401 - moto's
    for gateway in transit_gateway_ids or []:
        if gateway not in backend.transit_gateways:
            raise EC2ClientError("InvalidTransitGatewayID.NotFound", f"Transit Gateway {gateway} was deleted or does not exist.")
    return _describe(backend, filters, transit_gateway_ids)
