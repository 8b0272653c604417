"""Switch on the versioning of a bucket, so that overwritten and deleted objects can be had back.

Problem: A bucket keeps no old versions. Severity: low.

Why it matters: without versions, whoever overwrites or deletes an object, by mistake or for ransom, has destroyed it.

Wrong when: versioning was suspended, or never switched on.
Fix: Enabled. Undo suspends it. A bucket that never had versioning can never be without again: after an undo it is Suspended, which keeps no versions either,
but a delete in it leaves a delete marker, and the versions made meanwhile stay and cost until they are deleted.
Leaves alone: new buckets, until a control or a call to PutBucketVersioning speaks of them, as versions cost; the rules that expire versions; and MFA delete.
Reported only: a suspended bucket with MFA delete, whose versioning nobody but the root user with their MFA device may change.
Class: disruptive, because a template may want it suspended, and whoever empties the bucket without its versions can no longer delete it, nor can its stack.
"""

from collections.abc import Mapping, Sequence

from snapback import Remediation, aws
from snapback.engine.errors import OnlyPeople
from snapback.s3.buckets import bucket_calls, versioning


def violation(bucket: str) -> Sequence[Mapping[str, str]]:
    """Return the versioning as it is, if it is not Enabled."""
    current = versioning(bucket)
    return [] if current.get("Status") == "Enabled" else [{"Status": current.get("Status", "never enabled"), "MFADelete": current.get("MFADelete", "Disabled")}]


def fix(bucket: str, before: Sequence[Mapping[str, str]]) -> None:
    """Switch it on."""
    if before[0]["MFADelete"] == "Enabled":
        raise OnlyPeople("the bucket has MFA delete, so the root user has to switch versioning on, with their MFA device (PutBucketVersioning with MFA)")
    aws("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


def undo(bucket: str, _: object) -> None:
    """Suspend it: there is no way back to a bucket that never had versions."""
    aws("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})


remediation = Remediation(
    resource="AWS::S3::Bucket",
    named_by=bucket_calls("PutBucketVersioning"),
    violation=violation,
    fix=fix,
    undo=undo,
    lags=True,
    disruptive=True,
)
handler = remediation.handler
