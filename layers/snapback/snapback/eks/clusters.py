"""Words for EKS clusters: from where their API server can be reached. EKS takes minutes for a change, and shows it when it is done."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from snapback.engine import clock
from snapback.engine.clients import aws
from snapback.engine.errors import StillChanging
from snapback.policies.addresses import is_half_of_world

_EVERYWHERE = ["0.0.0.0/0"]
"""From where a cluster can be reached unless something else is said; an answer that leaves the blocks out is taken to say so."""

_IN_CHANGE = frozenset({"CREATING", "PENDING", "UPDATING"})

_WHILE_IN_CHANGE = (0.0, *(15.0,) * 54)
"""Seconds to wait before each look: a little less than the quarter of an hour that a Lambda function has. Then the event is tried again by Lambda."""


def endpoint(cluster: str) -> Mapping[str, Any]:
    """Return from where the API server can be reached; wait while EKS changes the cluster, as it shows the former state until it is done.

    Raises `ClientError` ResourceNotFoundException if there is no such cluster, and for one that is being deleted: EKS refuses to change it any more.
    https://docs.aws.amazon.com/eks/latest/APIReference/API_VpcConfigResponse.html
    """
    for wait in _WHILE_IN_CHANGE:
        clock.pause(wait)
        found = aws("eks").describe_cluster(name=cluster)["cluster"]
        if found["status"] == "DELETING":
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "it is being deleted"}}, "DescribeCluster")
        if found["status"] not in _IN_CHANGE:
            config = found["resourcesVpcConfig"]
            switches = {key: config[key] for key in ("endpointPrivateAccess", "endpointPublicAccess")}
            return {**switches, "publicAccessCidrs": config.get("publicAccessCidrs", _EVERYWHERE)}
    raise StillChanging(f"EKS is still at work on the cluster {cluster}")


def kept_inside(reachable: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return from where the API server should be reached: from the cluster's own network only if now anybody may, else as it is."""
    return {"endpointPrivateAccess": True, "endpointPublicAccess": False} if _is_open_to_world(reachable) else reachable


def set_endpoint(cluster: str, wanted: Mapping[str, Any]) -> None:
    """Set from where the API server can be reached, if it is not so already: EKS refuses a change that changes nothing.

    https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateClusterConfig.html
    """
    now = endpoint(cluster)
    if {**now, **wanted} != now:
        aws("eks").update_cluster_config(name=cluster, resourcesVpcConfig=dict(wanted))


def _is_open_to_world(reachable: Mapping[str, Any]) -> bool:
    """Tell whether anybody can reach the API server, or half of the internet: of IPv4 or of IPv6."""
    return bool(reachable["endpointPublicAccess"]) and any(map(is_half_of_world, reachable["publicAccessCidrs"]))
