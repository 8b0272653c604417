"""Tell people of what Macie finds at High severity.

Problem: Macie has found exposed data. Severity: high.

Why it matters: whose data lies where it should not is for its owner to decide, and often the law sets a time to say so.

Told: each finding of High severity once: sensitive data in an object, and buckets shared with or copied to accounts that are not yours.
Leaves alone: public buckets, which block_public_bucket answers, archived findings, and those of Medium and Low severity. No data is shown: Macie's events
hold none.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Report

DO_FIRST = (
    "Find out who can read the bucket and whether the data should be there at all. If not: deny reading the object, move it to where it belongs, and look "
    "in CloudTrail's data events at who has read it."
)


def facts(finding: Mapping[str, Any]) -> Sequence[dict[str, str]]:
    """Return what was found, and where."""
    bucket, thing = finding["resourcesAffected"]["s3Bucket"], finding["resourcesAffected"].get("s3Object") or {}
    found = ((finding.get("classificationDetails") or {}).get("result") or {}).get("sensitiveData") or []
    kinds = ", ".join(f"{kind.get('category')} ({kind.get('totalCount')})" for kind in found)
    exposure = str((bucket.get("publicAccess") or {}).get("effectivePermission", "not said"))
    sample = {"Sample": "yes: somebody had Macie make it up"} if finding.get("sample") in (True, "true") else {}
    return [
        {"Finding": str(finding["type"]), **sample, "Severity": str(finding["severity"]["description"]), "Times": str(finding.get("count", "not said"))},
        {"Title": str(finding.get("title", "")), "Description": str(finding.get("description", ""))},
        {"Bucket": str(bucket["name"]), "Public": exposure, **({"Object": str(thing["key"])} if thing.get("key") else {})},
        *([{"SensitiveData": kinds}] if kinds else []),
        {"DoFirst": DO_FIRST},
    ]


remediation = Report(
    resource="AWS::Macie::Finding",
    named_by={"Macie Finding": "resourcesAffected.s3Bucket.name"},
    facts=facts,
    once_per=lambda finding: str(finding["id"]),
)
handler = remediation.handler
