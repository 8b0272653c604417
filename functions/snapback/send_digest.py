"""Tell what a storm of events did in one alert for each remediation.

Why it matters: who gets five hundred e-mails reads none of them.

A remediation that has told StormAfter (5) alerts within ten minutes puts the rest off: into the journal, and their ids into the queue Storms. Lambda gives
those to this function five minutes later, all at once. What it cannot tell stays in the queue, message by message; the alarm "untold" rings if that lasts.
What is not of Snapback's making is logged as FORGED and set aside; the alarm "forged" rings. Nothing here is a fix, so there is nothing to undo.
"""

from collections.abc import Mapping
from typing import Any

from snapback.engine import digests


def handler(event: Mapping[str, Any], _: object) -> dict[str, list[dict[str, str]]]:
    """Tell all alerts of the batch; return the messages that are to stay (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html)."""
    return {"batchItemFailures": [{"itemIdentifier": message} for message in digests.notify(event["Records"])]}
