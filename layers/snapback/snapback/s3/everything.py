"""Everything of S3's type, by name: the buckets of the region, for those of others are put right there."""

from collections.abc import Mapping
from typing import Final

from snapback.engine.clients import aws
from snapback.engine.listing import Lister, each

ALL: Final[Mapping[str, Lister]] = {
    # To ask for a region is to be answered page by page (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html).
    "AWS::S3::Bucket": lambda: each(aws("s3"), "list_buckets", "Buckets", "Name", BucketRegion=aws("s3").meta.region_name)
}
