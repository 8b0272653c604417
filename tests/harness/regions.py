"""Regions that do not have a service: its endpoint has no address there. moto answers for every service in every region.

https://docs.aws.amazon.com/general/latest/gr/rande.html
"""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import EndpointConnectionError

from tests.harness.account import ApiCall, Interference


def without(service: str) -> Interference:
    """Let botocore find no address for the service's endpoint."""

    def interfere(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.service == service:
            raise EndpointConnectionError(endpoint_url=f"https://{service}.us-gov-west-1.amazonaws.com")
        return really()

    return interfere
