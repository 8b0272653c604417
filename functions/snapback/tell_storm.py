"""Tell what a storm of events did in one alert for each remediation.

Why it matters: who gets five hundred e-mails reads none of them.

A remediation that has told StormAfter (5) alerts within ten minutes puts the rest into the queue Storms. Lambda gives them to this function five minutes later,
all at once. What it cannot tell stays in the queue, and after five tries becomes a dead letter. Nothing here is a fix, so there is nothing to undo.
"""

import json
from collections.abc import Mapping
from typing import Any

from snapback import storms


def handler(event: Mapping[str, Any], _: object) -> None:
    """Tell all alerts of the batch (https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html shows what it looks like)."""
    storms.tell(json.loads(record["body"]) for record in event["Records"])
