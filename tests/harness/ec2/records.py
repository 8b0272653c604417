"""Records of EC2's younger calls: their requests and answers stand in wrappers (`ModifyTransitGatewayRequest`), and in some records they do not."""

from typing import Any


def without_wrappers(event: dict[str, Any]) -> dict[str, Any]:
    """Take the wrappers away; return the event."""
    for part in ("requestParameters", "responseElements"):
        [event["detail"][part]] = event["detail"][part].values()
    return event
