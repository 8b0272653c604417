"""S3's buckets as AWS keeps them, and what AWS refuses of them: moto's own lies about that, put right at this one place.

A new bucket has the whole public access block on, its objects are its owner's (no ACLs), and it encrypts with SSE-S3, which is also what DeleteBucketEncryption
leaves. https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketEncryption.html

While the bucket's or the account's block says so, no policy or ACL can be put that lets everybody in.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html

A rule of default encryption may also say which kinds of encryption are refused, and AWS keeps that.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionRule.html

The versioning of a bucket with Object Lock, or with replication, cannot be suspended.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html
"""

import json
from collections.abc import Mapping
from typing import Any

import boto3
from moto.core.responses import ActionResult
from moto.s3 import responses
from moto.s3.exceptions import CrossLocationLoggingProhibited, S3ClientError
from moto.s3.models import PublicAccessBlock, S3Backend
from moto.s3.responses import S3Response
from moto.s3control.models import s3control_backends

from tests.harness.scenario import ACCOUNT

Policy = Mapping[str, Any]

_NARROWS = frozenset(
    {
        "aws:principalorgid",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)
"""Keys of which a fixed value makes a statement for everybody one that is not public, as AWS's page on the meaning of "public" lists them."""

_SSE_S3: Mapping[str, Any] = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": "false"}

_NEW = {"create_bucket", "delete_bucket_encryption", "put_bucket_acl", "put_bucket_policy", "put_bucket_versioning"}
_moto: dict[str, Any] = {name: getattr(S3Backend, name) for name in _NEW}


def as_on_aws() -> None:
    """Let new buckets be as they are since 2023, and what AWS refuses be refused."""
    backend: Any = S3Backend
    backend.create_bucket, backend.delete_bucket_encryption = _create_bucket, _reset_encryption
    backend.put_bucket_acl, backend.put_bucket_policy, backend.put_bucket_versioning = _put_acl, _put_policy, _put_versioning
    response: Any = S3Response
    response.get_bucket_encryption = _get_encryption
    its_module: Any = responses
    its_module.bucket_policy_is_public = is_public
    CrossLocationLoggingProhibited.__init__ = _cross_location  # type: ignore[method-assign,assignment]


def is_public(policy: bytes | str) -> bool:
    """Tell whether S3 calls the policy public: a statement lets everybody in, and no condition with a fixed value says from where or for whom."""
    found: Policy = json.loads(policy)
    statements = found["Statement"]
    return any(_lets_everybody_in(one) for one in (statements if isinstance(statements, list) else [statements]))


def open_for_policies(bucket: str) -> None:
    """Switch off, of the bucket's block, what forbids public policies: the first step of whoever makes a bucket public."""
    off: Any = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}
    boto3.client("s3").put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=off)


def _lets_everybody_in(statement: Policy) -> bool:
    principal = statement.get("Principal")
    named = list(principal.values()) if isinstance(principal, Mapping) else [principal]
    everybody = any("*" in (one if isinstance(one, list) else [one]) for one in named)
    fixed = any(
        key.lower() in _NARROWS and all(_is_fixed(str(value)) for value in (values if isinstance(values, list) else [values]))
        for operator, keys in statement.get("Condition", {}).items()
        if not operator.startswith(("StringNot", "ArnNot", "NotIp", "Null"))
        for key, values in keys.items()
    )
    return statement["Effect"] == "Allow" and everybody and not fixed


def _is_fixed(value: str) -> bool:
    return not any(sign in value for sign in "*?$") and not value.endswith("/0")


def _create_bucket(backend: Any, *named: Any, **others: Any) -> Any:  # noqa: ANN401 - moto's
    bucket = _moto["create_bucket"](backend, *named, **others)
    bucket.public_access_block = PublicAccessBlock(*["true"] * 4)
    bucket.ownership_rule = "BucketOwnerEnforced"
    _reset_encryption(backend, bucket.name)
    return bucket


def _reset_encryption(backend: Any, bucket_name: str) -> None:  # noqa: ANN401 - moto's
    backend.get_bucket(bucket_name).encryption = {"Rule": dict(_SSE_S3)}


def _get_encryption(response: Any) -> Any:  # noqa: ANN401 - moto's
    response.data["Action"] = "GetBucketEncryption"
    # moto keeps none for a bucket that was made before this bridge was there; S3 knows no bucket without.
    kept = response.backend.get_bucket_encryption(response.bucket_name) or {"Rule": _SSE_S3}
    rule = dict(kept["Rule"])
    rule["BucketKeyEnabled"] = rule.get("BucketKeyEnabled") == "true"
    if blocked := rule.get("BlockedEncryptionTypes"):
        kinds = blocked["EncryptionType"]
        rule["BlockedEncryptionTypes"] = {"EncryptionType": kinds if isinstance(kinds, list) else [kinds]}
    return response.serialized(ActionResult({"ServerSideEncryptionConfiguration": {"Rules": [rule]}}))


def _put_policy(backend: Any, bucket_name: str, policy: bytes) -> None:  # noqa: ANN401 - moto's
    if is_public(policy) and _blocks(backend, bucket_name, "block_public_policy"):
        raise _denied("s3:PutBucketPolicy", bucket_name, "public policies are blocked by the BlockPublicPolicy")
    _moto["put_bucket_policy"](backend, bucket_name, policy)


def _put_acl(backend: Any, bucket_name: str, acl: Any) -> None:  # noqa: ANN401 - moto's
    if backend.get_bucket(bucket_name).ownership_rule == "BucketOwnerEnforced" and acl:
        raise S3ClientError("AccessControlListNotSupported", "The bucket does not allow ACLs")
    if acl and acl.public_read and _blocks(backend, bucket_name, "block_public_acls"):
        raise _denied("s3:PutBucketAcl", bucket_name, "public access control lists (ACLs) are blocked by the BlockPublicAcls")
    _moto["put_bucket_acl"](backend, bucket_name, acl)


def _put_versioning(backend: Any, bucket_name: str, status: str) -> None:  # noqa: ANN401 - moto's
    bucket = backend.get_bucket(bucket_name)
    if status == "Suspended" and (bucket.object_lock_enabled or getattr(bucket, "replication", None)):
        what = "An Object Lock" if bucket.object_lock_enabled else "A replication"
        raise S3ClientError("InvalidBucketState", f"{what} configuration is present on this bucket, so the versioning state cannot be changed.")
    _moto["put_bucket_versioning"](backend, bucket_name, status)


def _blocks(backend: Any, bucket_name: str, setting: str) -> bool:  # noqa: ANN401 - moto's
    of_account = s3control_backends[ACCOUNT]["aws"].public_access_block
    return any(block is not None and getattr(block, setting) for block in (backend.get_bucket(bucket_name).public_access_block, of_account))


def _denied(action: str, bucket_name: str, why: str) -> S3ClientError:
    return S3ClientError(
        "AccessDenied",
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/a-role/a-session is not authorized to perform: {action} "
        f'on resource: "arn:aws:s3:::{bucket_name}" because {why} block public access setting.',
    )


def _cross_location(refusal: Any) -> None:  # noqa: ANN401 - moto's
    """Spell the code as AWS does, with two t."""
    S3ClientError.__init__(refusal, "CrossLocationLoggingProhibitted", "Cross S3 location logging not allowed. ")
