"""CloudFront's optimistic locking as on AWS: moto takes any ETag, and never gives another.

UpdateDistribution is refused with PreconditionFailed unless IfMatch is the ETag of the configuration as it is, and every update gives it a new one.
https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html
"""

from typing import Any

from moto.cloudfront.exceptions import CloudFrontException
from moto.cloudfront.models import CloudFrontBackend, random_id

_update = CloudFrontBackend.update_distribution


class PreconditionFailed(CloudFrontException):
    """Somebody else was faster."""

    def __init__(self) -> None:
        super().__init__("PreconditionFailed", "The request failed because it didn't meet the preconditions in one or more request-header fields.")


def as_on_aws() -> None:
    """Let an update need the latest ETag and make a new one."""
    CloudFrontBackend.update_distribution = _update_if_it_matches  # type: ignore[method-assign,assignment]  # in the place of moto's own


def _update_if_it_matches(backend: Any, dist_config: dict[str, Any], _id: str, if_match: str) -> Any:  # noqa: ANN401 - moto's
    if _id in backend.distributions and if_match != backend.distributions[_id].etag:
        raise PreconditionFailed
    distribution, location, _ = _update(backend, dist_config, _id, if_match)  # type: ignore[arg-type]  # moto takes it for a bool
    distribution.etag = random_id()
    return distribution, location, distribution.etag
