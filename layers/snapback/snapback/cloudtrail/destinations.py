"""Words for where a trail's files go, and whether they come there and stay: a trail that logs and cannot write is as silent as one that is stopped.

The bucket is its owners' affair, and may be another account's. So what is wrong with it is told, never changed.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from botocore.exceptions import ClientError

from snapback.cloudtrail.trail_states import own_trails
from snapback.engine import clock
from snapback.engine.clients import aws
from snapback.engine.errors import NothingLeft
from snapback.engine.events import request_of
from snapback.engine.names import shown
from snapback.engine.refusals import code_of

_KEPT: Final = 90
"""Days for which files of a trail should be there at least: within them most intrusions are noticed, and CloudTrail's own event history ends with them.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
"""

_OFTEN: Final = 3600
"""Seconds within which CloudTrail surely writes again where it can: it does so about every five minutes.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
"""


def undelivered(arn: str) -> str:
    """Return in words what CloudTrail cannot deliver of the trail; empty if it delivers all.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html
    """
    status: Mapping[str, Any] = aws("cloudtrail").get_trail_status(Name=arn)
    places = (("LatestDelivery", "its bucket"), ("LatestCloudWatchLogsDelivery", "its log group"))
    failed = [f"{place} ({shown(status[f'{what}Error'])})" for what, place in places if _fails(status, what)]
    if not failed or not status["IsLogging"]:
        return ""
    return f"the trail logs, and CloudTrail says that it cannot write to {' nor to '.join(failed)}: no record comes there until that is put right"


def _fails(status: Mapping[str, Any], what: str) -> bool:
    """Tell whether the latest that is known of a delivery is that it failed: AWS documents nowhere that an error goes once CloudTrail writes again."""
    written = status.get(f"{what}Time")
    return bool(status.get(f"{what}Error")) and (written is None or clock.now() - written.timestamp() > _OFTEN)


def trails_into(record: Mapping[str, Any]) -> Sequence[str]:
    """Return the trails of this region that write into the bucket that a call names."""
    if not (found := own_trails(into=str(request_of(record).get("bucketName")))):
        raise NothingLeft("no trail of this region writes into that bucket")
    return found


def short_lived(arn: str) -> str:
    """Return in words that the trail's bucket forgets its files early; empty if it does not, or is not shown: another account's.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleExpiration.html
    """
    bucket = aws("cloudtrail").get_trail(Name=arn)["Trail"]["S3BucketName"]
    try:
        rules: Sequence[Mapping[str, Any]] = aws("s3").get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    except ClientError as error:
        if code_of(error) in ("NoSuchLifecycleConfiguration", "NoSuchBucket", "AccessDenied"):
            return ""
        raise
    early = [rule for rule in rules if rule["Status"] == "Enabled" and _expires_early(rule.get("Expiration", {}))]
    if not early:
        return ""
    names = ", ".join(sorted(shown(rule.get("ID", "without a name")) for rule in early))
    return f"a lifecycle rule of its bucket {bucket} deletes files before they are {_KEPT} days old: {names}. Whether it means the trail's is left to you"


def _expires_early(expiration: Mapping[str, Any]) -> bool:
    """Tell whether files go early; on a day of the calendar go all that are there by then."""
    return "Date" in expiration or expiration.get("Days", _KEPT) < _KEPT
