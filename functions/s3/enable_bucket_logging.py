"""Switch on the access log of a bucket.

Problem: A bucket has no access log. Severity: medium.

Why it matters: without it nobody can say afterwards who read which object, from where.

Wrong when: S3 writes no access log of the bucket, and the parameter LogBucket names the bucket for such logs. While it is empty, nothing counts as wrong.
Fix: S3 writes the log into LogBucket, under the bucket's name. Undo switches it off again.
Leaves alone: buckets whose log goes anywhere else, LogBucket itself, whose own log would grow by itself for ever, and the buckets that LbLogBucket and
FlowLogBucket name. LogBucket is not changed either: its policy must let logging.s3.amazonaws.com put objects, or no log arrives. It must be in the same
region as the bucket; if not, AWS refuses, which is told.
Class: safe, because S3 serves on whatever becomes of the log.
"""

from collections.abc import Sequence
from typing import Any

from snapback import Remediation, aws, settings
from snapback.s3.buckets import access_log, bucket_calls, own_log_buckets


def violation(bucket: str) -> Sequence[dict[str, Any]]:
    """Return that there is no log, if there is to be one."""
    if not settings.optional("LOG_BUCKET") or bucket in own_log_buckets():
        return []
    return [{"AccessLog": None}] if access_log(bucket) is None else []


def fix(bucket: str, _: object) -> None:
    """Have the log written."""
    log: Any = {"TargetBucket": settings.text("LOG_BUCKET"), "TargetPrefix": f"{bucket}/"}
    aws("s3").put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": log})


def undo(bucket: str, _: object) -> None:
    """Have it no longer written."""
    aws("s3").put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})


remediation = Remediation(
    resource="AWS::S3::Bucket",
    named_by=bucket_calls("PutBucketLogging"),
    violation=violation,
    fix=fix,
    undo=undo,
    setting=access_log,
    lags=True,
)
handler = remediation.handler
