"""Security Hub's findings and what customers may change of them, which moto lacks: kept in moto's own hub, so that they come and go with it.

https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchUpdateFindings.html and API_BatchUpdateFindingsV2.html
"""

import copy
import json
from collections.abc import Mapping
from typing import Any

from moto.securityhub import urls
from moto.securityhub.exceptions import SecurityHubClientError
from moto.securityhub.models import Finding, securityhub_backends
from moto.securityhub.responses import SecurityHubResponse

from tests.harness.scenario import ACCOUNT, REGION

_OCSF = "OCSF"
_STATUS = {1: "New", 2: "In Progress", 3: "Suppressed", 4: "Resolved", 5: "Archived"}


def as_on_aws() -> None:
    """Let findings be updated, in either form."""
    for path in ("findings/batchupdate", "findingsv2/batchupdatev2"):
        urls.url_paths[f"{{0}}/{path}$"] = SecurityHubResponse.dispatch
    response: Any = SecurityHubResponse
    response.batch_update_findings = _update
    response.batch_update_findings_v2 = _update_ocsf


def import_from(event: Mapping[str, Any]) -> None:
    """Put the event's findings into the account's hub."""
    hub = securityhub_backends[ACCOUNT][REGION]
    hub.enabled = True
    for finding in copy.deepcopy(event["detail"]["findings"]):
        hub.findings.append(Finding(finding["Id"], finding) if "Id" in finding else Finding(_OCSF, finding))


def current() -> list[dict[str, Any]]:
    """Return the findings as they are in the hub."""
    return [finding.data for finding in securityhub_backends[ACCOUNT][REGION].findings]


def are_resolved() -> list[bool]:
    return [(finding["Workflow"]["Status"] if "Workflow" in finding else finding["status"]).upper() == "RESOLVED" for finding in current()]


def _kept(response: Any) -> list[Finding]:  # noqa: ANN401 - moto's
    backend = response.securityhub_backend
    if not backend.enabled:
        raise SecurityHubClientError("InvalidAccessException", f"Account {backend.account_id} is not subscribed to AWS Security Hub")
    found: list[Finding] = backend.findings
    return found


def _update(response: Any) -> str:  # noqa: ANN401
    asked = json.loads(response.body)
    processed, unprocessed = [], []
    for identifier in asked["FindingIdentifiers"]:
        found = [one.data for one in _kept(response) if one.id == identifier["Id"] and one.data["ProductArn"] == identifier["ProductArn"]]
        for finding in found:
            finding |= {part: asked[part] for part in ("Note", "Workflow") if part in asked}
        if found:
            processed.append(identifier)
        else:
            unprocessed.append({"FindingIdentifier": identifier, "ErrorCode": "FindingNotFound", "ErrorMessage": "Finding Not Found"})
    return json.dumps({"ProcessedFindings": processed, "UnprocessedFindings": unprocessed})


def _update_ocsf(response: Any) -> str:  # noqa: ANN401
    asked = json.loads(response.body)
    processed, unprocessed = [], []
    for identifier in asked["FindingIdentifiers"]:
        found = [one.data for one in _kept(response) if one.id == _OCSF and _identifier(one.data) == identifier]
        for finding in found:
            finding |= {"status_id": asked["StatusId"], "status": _STATUS[asked["StatusId"]], "comment": asked["Comment"]}
        if found:
            processed.append({"FindingIdentifier": identifier})
        else:
            unprocessed.append({"FindingIdentifier": identifier, "ErrorCode": "ResourceNotFoundException", "ErrorMessage": "Finding Not Found"})
    return json.dumps({"ProcessedFindings": processed, "UnprocessedFindings": unprocessed})


def _identifier(finding: Mapping[str, Any]) -> dict[str, str]:
    return {
        "CloudAccountUid": finding["cloud"]["account"]["uid"],
        "FindingInfoUid": finding["finding_info"]["uid"],
        "MetadataProductUid": finding["metadata"]["product"]["uid"],
    }
