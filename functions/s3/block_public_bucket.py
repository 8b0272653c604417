"""Switch a bucket's public access block fully on.

Why it matters: a bucket that is open to the world is the most common way in which data leaks out of AWS.

Wrong when: one of the bucket's four block settings is off, or the bucket has none; whether anything is public now (its policy, its ACLs, its access points)
is not asked: the block keeps all of them closed, S3 itself judges what they open, and the next policy may be another.
Fix: all four on. Undo puts the four settings back, or removes the block where there was none.
Leaves alone: the bucket policy, the ACLs and the objects. They stay as they are and only lose their public effect. Access points have blocks of their own,
which are left alone, too: the strictest of theirs, the bucket's and the account's counts, so this one closes them as well.
Told with the fix: accounts that the policy lets in by name, trusted or not, as the block does not keep them out.
Told once: a policy or an ACL let in everybody, for a moment only, and somebody else has taken that back before Snapback looked.
Class: safe, because only strangers come in this way: whoever is named, CloudFront by OAC or OAI, and services that write logs go on as before; disruptive
for a bucket with a website configuration, whose visitors are strangers.
At once, because a bucket is open to the world from the moment that it is made so.
"""

from collections.abc import Sequence
from typing import Any

from snapback import Remediation
from snapback.s3.buckets import (
    BUCKET_FINDINGS,
    FULL_BLOCK,
    bucket_calls,
    is_website,
    lets_in_still,
    opened_to_everybody,
    public_access_block,
    set_public_access_block,
)


def violation(bucket: str) -> Sequence[dict[str, Any]]:
    """Return the block as it is, if it is not fully on, and that the bucket is a website, if it is."""
    block = public_access_block(bucket)
    return [] if block == FULL_BLOCK else [{"PublicAccessBlock": block, **({"IsWebsite": True} if is_website(bucket) else {})}]


def fix(bucket: str, _: object) -> None:
    """Switch all four settings on."""
    set_public_access_block(bucket, FULL_BLOCK)


def undo(bucket: str, before: Sequence[dict[str, Any]]) -> None:
    """Put the former settings back, or remove the block where there was none."""
    set_public_access_block(bucket, before[0]["PublicAccessBlock"])


remediation = Remediation(
    resource="AWS::S3::Bucket",
    named_by={
        **bucket_calls("PutBucketPublicAccessBlock", "DeleteBucketPublicAccessBlock", "PutBucketPolicy", "PutBucketAcl", "PutObjectAcl", "CreateBucket"),
        **BUCKET_FINDINGS,
    },
    violation=violation,
    fix=fix,
    undo=undo,
    opened=opened_to_everybody,
    disruptive=lambda wrong, _: "IsWebsite" in wrong,
    lags=True,
    stays=lets_in_still,
)
handler = remediation.handler
