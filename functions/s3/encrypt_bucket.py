"""Encrypt a bucket's new objects with a KMS key by default.

Problem: A bucket does not encrypt with a KMS key by default. Severity: medium.

Why it matters: with a KMS key, reading an object needs a permission of its own, and every use of the key is in CloudTrail.

Wrong when: the bucket's default encryption is not SSE-KMS (or the double DSSE-KMS).
Fix: SSE-KMS with the key BucketKmsKey, or AWS's own key for S3 if none is given, and an S3 Bucket Key to keep KMS calls few. Undo puts the former
setting back as a whole.
Leaves alone: which kinds of encryption the bucket refuses (BlockedEncryptionTypes), objects that are there already (they keep the encryption they have), and
any bucket that already uses KMS, whatever the key. Also LogBucket, LbLogBucket and FlowLogBucket, into which Snapback itself has logs written: S3 and ELB write
none into a bucket with KMS.
Class: disruptive, because S3's and load balancers' logs, readers by CloudFront, other accounts and replication need rights to the key that nobody has given
them.
"""

from collections.abc import Sequence
from typing import Any

from snapback import Remediation, settings
from snapback.s3.buckets import bucket_calls, default_encryption, is_with_kms, own_log_buckets, set_default_encryption, with_kms


def violation(bucket: str) -> Sequence[dict[str, Any]]:
    """Return the default encryption as it is, if it is not with KMS."""
    if bucket in own_log_buckets():
        return []
    current = default_encryption(bucket)
    return [] if is_with_kms(current) else [{"DefaultEncryption": current}]


def fix(bucket: str, before: Sequence[dict[str, Any]]) -> None:
    """Set SSE-KMS."""
    set_default_encryption(bucket, with_kms(before[0]["DefaultEncryption"], settings.optional("BUCKET_KMS_KEY")))


def undo(bucket: str, before: Sequence[dict[str, Any]]) -> None:
    """Put the former setting back, or none where there was none."""
    set_default_encryption(bucket, before[0]["DefaultEncryption"])


remediation = Remediation(
    resource="AWS::S3::Bucket",
    named_by=bucket_calls("PutBucketEncryption", "DeleteBucketEncryption", "CreateBucket"),
    settles=("CreateBucket",),
    violation=violation,
    fix=fix,
    undo=undo,
    setting=default_encryption,
    lags=True,
    disruptive=True,
)
handler = remediation.handler
