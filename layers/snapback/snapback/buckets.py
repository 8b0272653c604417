"""Words for S3 buckets."""

from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from snapback.clients import aws, code_of
from snapback.events import NamedBy

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import PublicAccessBlockConfigurationTypeDef as Block

FULL_BLOCK: "Final[Block]" = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
"""The block that lets nothing be public (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html)."""


def bucket_calls(*event_names: str) -> dict[str, str]:
    """Return the entries of `named_by` for S3 calls: all of them name the bucket the same way."""
    return dict.fromkeys(event_names, "requestParameters.bucketName")


BUCKET_FINDINGS: Final[NamedBy] = {
    "GuardDuty Finding": "resource.s3BucketDetails[].name",  # Policy:S3/… has the resourceType AccessKey, and the bucket here
    "Macie Finding": "resourcesAffected.s3Bucket.name",
    "Access Analyzer Finding": "resource",
}


def public_access_block(bucket: str) -> "Block | None":
    """Return the bucket's four block settings, or None if it has none at all."""
    try:
        return aws("s3").get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    except ClientError as error:
        if code_of(error) == "NoSuchPublicAccessBlockConfiguration":
            return None
        raise
