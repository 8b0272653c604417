"""Keep every alert of Snapback in S3, a line of JSON in a file of its own, where Athena reads it as a table.

The file is named by what the alert says, not by how it came, so one that comes twice is kept once. What has a column stands by itself; the whole alert is in
the column `alert`. Nothing is left out: an alert in OCSF or of another version is kept as it came, with the columns that it has.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from typing import Any, Final

import boto3

COLUMNS: Final = (
    *("id", "outcome", "severity", "needs_person", "threat", "remediation", "service", "account", "region", "dedup_key", "told_at", "title", "reason"),
    "owner",
)
"""Members of an alert that are columns of the table (template.yaml); `resource`, `resource_type` and `alert` are the others."""


class NoAlertError(Exception):
    """What came is no JSON of Snapback."""


def row_of(message: str) -> dict[str, Any]:
    """Return a line of the table. Raises `NoAlertError`."""
    try:
        alert = json.loads(message)
        facts = alert.get("unmapped", alert)
        resource = facts["resource"]
        return {
            **{name: facts.get(name) for name in COLUMNS},
            "resource": resource["name"],
            "resource_type": resource["type"],
            "alert": json.dumps(alert, sort_keys=True),
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NoAlertError(f"this is no alert of Snapback: {type(error).__name__}") from error


def key_of(row: Mapping[str, Any], prefix: str) -> str:
    """Return the file's name: `alerts/day=2026-11-24/<hash>.json`. Raises `NoAlertError` if the alert does not say when it was told."""
    day = str(row["told_at"])[:10]
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
        raise NoAlertError("the alert does not say when it was told")
    same = hashlib.sha256(str(row["alert"]).encode()).hexdigest()[:32]
    return f"{prefix}/day={day}/{same}.json"


def handler(event: Mapping[str, Any], _: Any) -> list[str]:  # noqa: ANN401 - Lambda's context
    """Write what SNS brings; return the files' names. What S3 refuses is raised: Lambda tries again."""
    written = []
    for record in event["Records"]:
        row = row_of(record["Sns"]["Message"])
        key = key_of(row, os.environ["PREFIX"])
        line = json.dumps(row, sort_keys=True) + "\n"
        boto3.client("s3").put_object(Bucket=os.environ["BUCKET"], Key=key, Body=line.encode(), ContentType="application/json")
        written.append(key)
    return written
