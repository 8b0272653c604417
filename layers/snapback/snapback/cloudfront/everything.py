"""Everything of CloudFront's type, by name."""

from collections.abc import Iterator, Mapping
from typing import Final

from snapback.engine.clients import aws
from snapback.engine.listing import Lister


def distributions() -> Iterator[str]:
    """Yield the ids of all distributions; a list of none has no `Items`.

    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ListDistributions.html
    """
    pages = aws("cloudfront").get_paginator("list_distributions").paginate()
    return (one["Id"] for page in pages for one in page["DistributionList"].get("Items", []))


ALL: Final[Mapping[str, Lister]] = {"AWS::CloudFront::Distribution": distributions}
