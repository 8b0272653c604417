"""Deny requests to a bucket that are not encrypted in transit.

Problem: A bucket answers requests without TLS. Severity: medium.

Why it matters: without such a statement S3 also answers over plain HTTP, and what it answers can be read on the way.

Wrong when: no statement of the bucket policy denies everybody every request without TLS, to the bucket and all its objects.
Fix: adds that one statement, under a Sid of its own. Undo takes just that statement out again and keeps what others have edited since.
Leaves alone: the buckets that LogBucket, LbLogBucket and FlowLogBucket name, and every other statement of the policy, to the byte. Only users and roles that
were deleted go, from the fix and the undo, as AWS takes no policy that names one; the alert lists them. Reported only: a policy that lets everybody in while
a public access block forbids putting such a policy, as block_public_bucket makes it: AWS refuses to put it again, also with this statement, and an undo then
says what to take back first.
Class: safe where the statement joins a policy that is there, because AWS's services and SDKs use TLS; disruptive where it would be the bucket's first
policy, for a stack that brings its own would be refused, and where plain HTTP may be in use: a website configuration, a policy that lets in requests which
nobody has signed (also from one network only), or CloudFront, which asks S3 in the protocol that its viewer has used.
"""

from collections.abc import Sequence
from typing import Any

from snapback import Remediation
from snapback.policies.documents import statements, unused_sid, with_statement, without_statements
from snapback.policies.openings import deleted, puttable
from snapback.s3.buckets import bucket_calls, bucket_policy, denies_without_tls, deny_without_tls, is_website, lets_in_still, own_log_buckets, put_policy_again
from snapback.s3.plain_http import lets_in_unsigned, may_be_cloudfront


def violation(bucket: str) -> Sequence[dict[str, Any]]:
    """Return the Sid of the statement that is missing, and principals that the policy names and that do not exist any more, if there are any."""
    if bucket in own_log_buckets():
        return []
    document = bucket_policy(bucket) or "{}"
    if any(denies_without_tls(statement, bucket) for statement in statements(document)):
        return []
    gone = deleted(document)
    return [{"MissingStatement": unused_sid(document, "SnapbackRequireTLS"), **({"Deleted": gone} if gone else {}), **beside(bucket, document)}]


def beside(bucket: str, document: str) -> dict[str, bool]:
    """Return what makes the statement more than one among others: it would be the first, or plain HTTP may be in use."""
    found = statements(document)
    may_be = {
        "IsFirst": not found,
        "LetsInUnsigned": any(map(lets_in_unsigned, found)),
        "LetsInCloudFront": any(map(may_be_cloudfront, found)),
        "IsWebsite": is_website(bucket),
    }
    return {what: True for what, is_so in may_be.items() if is_so}


def fix(bucket: str, missing: Sequence[dict[str, Any]]) -> None:
    """Add the statement."""
    document = bucket_policy(bucket)
    added = with_statement(document and puttable(document), deny_without_tls(bucket, missing[0]["MissingStatement"]))
    put_policy_again(bucket, added, "take out of it whom the block keeps out anyway, and this statement is added to what you put")


def undo(bucket: str, missing: Sequence[dict[str, Any]]) -> None:
    """Take the statement out again."""
    if document := bucket_policy(bucket):
        sid = missing[0]["MissingStatement"]
        kept = without_statements(document, lambda statement: statement.get("Sid") == sid)
        way_out = f"take back block_public_bucket or block_public_account first, or put a policy without both everybody and {sid}"
        put_policy_again(bucket, kept and puttable(kept), way_out)


remediation = Remediation(
    resource="AWS::S3::Bucket",
    named_by=bucket_calls("PutBucketPolicy", "DeleteBucketPolicy", "CreateBucket"),
    settles=("CreateBucket",),
    violation=violation,
    fix=fix,
    undo=undo,
    lags=True,
    stays=lets_in_still,
    disruptive=lambda wrong, _: bool({"IsFirst", "LetsInUnsigned", "LetsInCloudFront", "IsWebsite"} & wrong.keys()),
)
handler = remediation.handler
