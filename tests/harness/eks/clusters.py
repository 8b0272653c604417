"""EKS's UpdateClusterConfig as on AWS: moto forgets whatever a change does not name, and takes a change that changes nothing.

https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateClusterConfig.html
"""

from typing import Any

from moto.eks.exceptions import InvalidParameterException
from moto.eks.models import EKSBackend

_update = EKSBackend.update_cluster_config


def as_on_aws() -> None:
    """Let a change keep what it does not name, and be refused if it changes nothing."""
    EKSBackend.update_cluster_config = _merge  # type: ignore[method-assign,assignment]  # in the place of moto's own


def _merge(backend: Any, name: str, resources_vpc_config: dict[str, Any] | None, **others: Any) -> Any:  # noqa: ANN401 - moto's
    cluster = backend.clusters.get(name)
    if cluster and resources_vpc_config:
        resources_vpc_config = {**cluster.resources_vpc_config, **resources_vpc_config}
        if resources_vpc_config == cluster.resources_vpc_config:
            raise InvalidParameterException(clusterName=name, message="Cluster is already at the desired configuration")
    return _update(backend, name=name, resources_vpc_config=resources_vpc_config or {}, **others)
