"""Switch a bucket's public access block fully on.

Problem: A bucket's public access block is not all on. Severity: high.

Why it matters: a bucket that is open to the world is the most common way in which data leaks out of AWS.

Wrong when: one of the bucket's four block settings is off, or the bucket has none, whether or not anything is public now (its policy, its ACLs, its access
points): the block keeps all of them closed, S3 itself judges what they open, and the next policy may be another.
Fix: all four on. Undo puts the four settings back, or removes the block where there was none.
Leaves alone: the bucket policy, the ACLs and the objects. They stay as they are and only lose their public effect. Access points have blocks of their own,
which are left alone, too: the strictest of theirs, the bucket's and the account's counts, so this one closes them as well.
Told with the fix: accounts that the policy lets in by name, as the block does not keep them out; or whom it shuts out with everybody else.
Told once: a policy or an ACL let in everybody, for a moment only, and somebody else has taken that back before Snapback looked.
Class: safe, because only strangers come in this way: of a policy that does not let in everybody, whoever is named goes on as before, and so do CloudFront by
OAC and services that write logs in any case. Disruptive for a bucket with a website configuration, whose visitors are strangers; for RestrictPublicBuckets,
where a policy that lets in everybody lets in others besides, by name or on a condition (another account, trusted or not, CloudFront by OAI, the account of a
load balancer that writes logs): S3 shuts them out, too, so people are asked first; and for what closes nothing but refuses calls of whoever is still making it:
for one that was just made, or whose block was just put another way, before its policy or ACL lets anybody in (an object's own ACL is not looked at); and, where
one does or may, for the two settings that only refuse to have such a policy or ACL put again. The two that close it go on at once. Once a threat was found all
go on without asking, but for a website and for such others.
At once, because a bucket is open to the world from the moment that it is made so.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Remediation
from snapback.engine.events import Signal
from snapback.policies.openings import let_in_by
from snapback.policies.verdicts import everybody
from snapback.s3.buckets import (
    BUCKET_FINDINGS,
    FULL_BLOCK,
    bucket_calls,
    bucket_policy,
    is_open_by_acl,
    is_website,
    lets_in_still,
    opened_to_everybody,
    public_access_block,
    set_public_access_block,
    shut_out_with_everybody,
)

CLOSING = ("IgnorePublicAcls", "RestrictPublicBuckets")
"""The settings that keep strangers out of what is there, by its ACLs and by its policy; the other two refuse calls that would let them in.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-options
"""

MAKING = ("CreateBucket", "PutBucketPublicAccessBlock")
"""The calls with which a stack begins that goes on to put the policy of a website, and that let in nobody by themselves."""

OPENING = ("PutBucketPolicy", "PutBucketAcl", "PutObjectAcl")
"""The calls by which somebody may be let in, and which may come again from the same stack or script."""


def violation(bucket: str) -> Sequence[dict[str, Any]]:
    """Return the block as it is, if it is not fully on, with the settings to switch on; apart from each other those that close the bucket to everybody now."""
    block = public_access_block(bucket)
    if block == FULL_BLOCK:
        return []
    off = [name for name in FULL_BLOCK if not (block or {}).get(name)]
    if is_website(bucket):
        return [{"PublicAccessBlock": block, "Off": off, "IsWebsite": True}]
    policy = bucket_policy(bucket)
    open_now: dict[str, Any] = {"LetsInEverybody": True} if let_in_by(policy, everybody) or is_open_by_acl(bucket) else {}
    others = shut_out_with_everybody(policy)
    asked = CLOSING[1:] if others else ()
    parts: list[dict[str, Any]] = [
        {"Off": [name for name in off if name in CLOSING and name not in asked]},
        {"Off": [name for name in off if name in asked], "ShutsOut": others},
        {"Off": [name for name in off if name not in CLOSING], "OnlyRefuses": True},
    ]
    return [{"PublicAccessBlock": block, **part, **open_now} for part in parts if part["Off"]]


def may_stop_its_maker(wrong: Mapping[str, Any], signal: Signal) -> bool:
    """Tell whether it serves a website, others than everybody get in, or whoever makes it may go on with a call that would be refused."""
    if "IsWebsite" in wrong or "ShutsOut" in wrong:
        return True
    if signal.is_threat:
        return False
    if "OnlyRefuses" in wrong:
        return "LetsInEverybody" in wrong or signal.source in (*MAKING, *OPENING)
    return "LetsInEverybody" not in wrong and signal.source in MAKING


def fix(bucket: str, wrong: Sequence[dict[str, Any]]) -> None:
    """Switch on what is to be switched on now."""
    to_switch_on = [name for one in wrong for name in one["Off"]]
    block: Any = {name: name in to_switch_on or bool((wrong[0]["PublicAccessBlock"] or {}).get(name)) for name in FULL_BLOCK}
    set_public_access_block(bucket, block)


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
    contained="Bucket closed",
    undo=undo,
    opened=opened_to_everybody,
    disruptive=may_stop_its_maker,
    lags=True,
    stays=lets_in_still,
)
handler = remediation.handler
