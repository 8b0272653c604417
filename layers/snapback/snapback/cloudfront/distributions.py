"""Words for CloudFront's distributions: how viewers may connect, changed while others change the same configuration."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from botocore.exceptions import ClientError

from snapback.engine import clock
from snapback.engine.clients import aws
from snapback.engine.errors import OnlyPeople
from snapback.engine.refusals import code_of

Behavior = Mapping[str, str | None]
"""A cache behavior, by its path pattern (None for the default one), and its policy for viewers."""

ALLOW_ALL: Final = "allow-all"
REDIRECT: Final = "redirect-to-https"

_STALE: Final = frozenset({"InvalidIfMatchVersion", "PreconditionFailed"})
"""What CloudFront says of an ETag that is not the latest."""

_AGAIN = (0.0, 0.1, 0.3, 0.7, 1.5)
"""Seconds to wait before each try, while others change the distribution. After the last one the event is tried again by Lambda."""


def viewer_policies(distribution: str) -> list[Behavior]:
    """Return all cache behaviors, the default one first; raises `NoSuchDistribution` if there is no such distribution.

    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_GetDistributionConfig.html
    """
    return _policies(aws("cloudfront").get_distribution_config(Id=distribution)["DistributionConfig"])


def clear_behaviors(distribution: str) -> list[Behavior]:
    """Return the cache behaviors that let viewers use HTTP.

    Raises `OnlyPeople` if there are some, but no certificate for the distribution's own names: old ones may have names without it, and HTTPS would fail there.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
    """
    config = aws("cloudfront").get_distribution_config(Id=distribution)["DistributionConfig"]
    found = [one for one in _policies(config) if one["ViewerProtocolPolicy"] == ALLOW_ALL]
    names, certificate = config.get("Aliases", {}).get("Items", []), config.get("ViewerCertificate", {})
    if found and names and not (certificate.get("ACMCertificateArn") or certificate.get("IAMCertificateId")):
        raise OnlyPeople("it has alternate domain names and no certificate for them, so over HTTPS viewers would be warned off: give it one first")
    return found


def set_viewer_policy(distribution: str, behaviors: Sequence[Behavior], *, before: str, after: str) -> None:
    """Change the policy of these behaviors, where it is still `before`; the rest of the configuration is sent back as it came.

    The configuration is replaced as a whole, under the ETag with which it was read: if somebody else has changed it in between, begin again.
    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html
    """
    patterns = [behavior["PathPattern"] for behavior in behaviors]
    for wait in _AGAIN:
        clock.pause(wait)
        answer = aws("cloudfront").get_distribution_config(Id=distribution)
        config = answer["DistributionConfig"]
        concerned = [one for one in _behaviors(config) if one.get("PathPattern") in patterns and one["ViewerProtocolPolicy"] == before]
        if not concerned:
            return
        for behavior in concerned:
            behavior["ViewerProtocolPolicy"] = after
        try:
            aws("cloudfront").update_distribution(Id=distribution, IfMatch=answer["ETag"], DistributionConfig=config)
        except ClientError as error:
            if code_of(error) not in _STALE or wait == _AGAIN[-1]:
                raise
        else:
            return


def _policies(config: Mapping[str, Any]) -> list[Behavior]:
    return [{"PathPattern": one.get("PathPattern"), "ViewerProtocolPolicy": one["ViewerProtocolPolicy"]} for one in _behaviors(config)]


def _behaviors(config: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    further = config["CacheBehaviors"]
    return [config["DefaultCacheBehavior"], *(further["Items"] if further["Quantity"] else [])]
