"""Words for CloudTrail's trails.

A trail can be named by its ARN everywhere, and by its bare name in the region where it was made: its home. It is started and stopped only there.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartLogging.html
"""

import os
from collections.abc import Mapping
from typing import Final

from snapback.engine import settings
from snapback.engine.clients import aws
from snapback.engine.errors import BelongsElsewhere
from snapback.engine.names import checked

TRAIL: Final = "AWS::CloudTrail::Trail"

Trail = Mapping[str, str]
"""Where a trail is: its `TrailARN` and its `HomeRegion`."""


def arn_of_trail(name_or_arn: str) -> str | None:
    """Return the trail's ARN, so that it has one name whoever names it. None if this region is home to no trail of that name.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
    """
    name = checked(TRAIL, name_or_arn)
    if name.startswith("arn:"):
        return name
    trails = aws("cloudtrail").describe_trails(trailNameList=[name])["trailList"]
    return next((trail["TrailARN"] for trail in trails if trail["Name"] == name), None)


def located(name_or_arn: str) -> Trail:
    """Return where the trail is. Raises `BelongsElsewhere` if it is another account's: an organisation's trail, seen from a member.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html
    """
    arn = arn_of_trail(name_or_arn)
    if arn is None:  # whoever asks for its status hears from AWS that it does not exist
        return {"TrailARN": name_or_arn, "HomeRegion": aws("cloudtrail").meta.region_name}
    _, _, _, home, owner, _ = arn.split(":")
    if owner != _own_account(owner):
        raise BelongsElsewhere(f"the trail belongs to account {owner}; only that account can start it")
    return {"TrailARN": arn, "HomeRegion": home}


def is_logging(trail: Trail) -> bool:
    """Tell whether the trail records.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html
    """
    return aws("cloudtrail", region_name=trail["HomeRegion"]).get_trail_status(Name=trail["TrailARN"])["IsLogging"]


def _own_account(unknown: str) -> str:
    """Return the account of this function's role; under `sam local`, which does not know it, the account that counts as its own."""
    return unknown if os.environ.get("AWS_SAM_LOCAL") == "true" else settings.text("ROLE_ARN").split(":")[4]
