"""CloudFront's distributions as on AWS: moto takes any ETag, never gives another, and forgets what it does not know of a configuration.

UpdateDistribution is refused with PreconditionFailed unless IfMatch is the ETag of the configuration as it is, and every update gives it a new one. It replaces
the whole configuration: what is left out is gone, and what is sent is answered from then on.
https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html
"""

import copy
from typing import Any

from moto.cloudfront.exceptions import CloudFrontException
from moto.cloudfront.models import CloudFrontBackend, random_id

_create = CloudFrontBackend.create_distribution
_update = CloudFrontBackend.update_distribution
_get = CloudFrontBackend.get_distribution_config


class PreconditionFailed(CloudFrontException):
    """Somebody else was faster."""

    def __init__(self) -> None:
        super().__init__("PreconditionFailed", "The request failed because it didn't meet the preconditions in one or more request-header fields.")


def as_on_aws() -> None:
    """Let an update need the latest ETag and make a new one, and let a configuration keep all that was sent."""
    CloudFrontBackend.create_distribution = _create_as_sent  # type: ignore[method-assign,assignment]  # in the place of moto's own
    CloudFrontBackend.update_distribution = _update_if_it_matches  # type: ignore[method-assign,assignment]
    CloudFrontBackend.get_distribution_config = _answer_as_sent  # type: ignore[method-assign,assignment]


def _create_as_sent(backend: Any, distribution_config: dict[str, Any], tags: Any) -> Any:  # noqa: ANN401 - moto's
    sent = copy.deepcopy(distribution_config)
    distribution, location, etag = _create(backend, distribution_config, tags)
    vars(distribution)["as_sent"] = sent
    return distribution, location, etag


def _update_if_it_matches(backend: Any, dist_config: dict[str, Any], _id: str, if_match: str) -> Any:  # noqa: ANN401 - moto's
    if _id in backend.distributions and if_match != backend.distributions[_id].etag:
        raise PreconditionFailed
    sent = copy.deepcopy(dist_config)
    distribution, location, _ = _update(backend, dist_config, _id, if_match)  # type: ignore[arg-type]  # moto takes it for a bool
    vars(distribution)["as_sent"], distribution.etag = sent, random_id()
    return distribution, location, distribution.etag


def _answer_as_sent(backend: Any, distribution_id: str) -> Any:  # noqa: ANN401 - moto's
    """Answer what was sent, with what moto adds where nothing was."""
    config, etag = _get(backend, distribution_id)
    return {**vars(config), **backend.distributions[distribution_id].as_sent}, etag
