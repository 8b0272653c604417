"""Words for Security Hub's findings: which of them led here, and telling Security Hub that they are put right.

Off unless the parameter ResolveFindings is on. A finding is resolved only once everything that it names was seen to be right, the outcome is written down
and people are told; so whatever becomes of this call, the fix and its alert stand.

Security Hub opens a resolved finding again when its control has passed and fails anew. If the problem is back (or an undo brings it back) before the control
was ever seen to pass, the finding stays resolved: then only the other sources (CloudTrail) tell of it.
https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchUpdateFindings.html and, for findings in OCSF, API_BatchUpdateFindingsV2.html
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from snapback.engine import refusals, settings
from snapback.engine.case import Case
from snapback.engine.clients import platform
from snapback.engine.errors import FindingsBusy
from snapback.engine.events import HubFinding
from snapback.engine.names import shown

logger = Logger(service="snapback")

ANSWERED: Final = frozenset(
    {
        "CloudFront.3",
        "CloudTrail.6",
        "CloudTrail.7",
        "Cognito.2",
        "DocumentDB.3",
        "DocumentDB.5",
        "DynamoDB.2",
        "DynamoDB.6",
        "EC2.1",
        "EC2.2",
        "EC2.6",
        "EC2.7",
        "EC2.8",
        "EC2.15",
        "EC2.23",
        "EC2.182",
        "EKS.1",
        "ELB.5",
        "ELB.6",
        "KMS.3",
        "KMS.4",
        "KMS.5",
        "Neptune.3",
        "Neptune.4",
        "RDS.1",
        "RDS.2",
        "RDS.7",
        "RDS.8",
        "S3.1",
        "S3.2",
        "S3.3",
        "S3.5",
        "S3.8",
        "S3.9",
        "S3.14",
        "S3.17",
        "SecretsManager.1",
    }
)
"""Controls to which a fix is the whole answer. Findings of others are left to Security Hub, which closes them itself when it has looked again.

Left out is what asks for more than a fix gives: other ports (EC2.19), what was never there (CloudTrail.2), MFA itself (IAM.5), or what a parameter decides
(MaxKeyAge: IAM.3). To call such a finding resolved would hide what is still wrong.
https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-controls-reference.html
"""

_PASSING = frozenset({"ConcurrentUpdateError", "ConflictException", "InternalFailure", "InternalServerException"})
"""Error codes, of the call or of one finding in its answer, that pass by themselves."""

_RESOLVED = 4
"""The same in OCSF (https://schema.ocsf.io/objects/finding_info: status_id)."""

_LONGEST_NOTE = 512


def resolvable(findings: Sequence[HubFinding]) -> list[HubFinding]:
    """Return the findings that may be resolved if all that they name is put right: none if that is switched off."""
    found = [finding for finding in findings if _can_be_resolved(finding)]
    return found if found and settings.is_on("RESOLVE_FINDINGS") else []


def resolve(findings: Sequence[HubFinding], cases: Mapping[object, Case]) -> None:
    """Resolve the findings of which every resource is right now, and at least one was put right; `cases` are by the names in the event.

    A refused call is logged and counted: trying again is no use. An error that passes is raised, for Lambda to try again.
    """
    put_right = [finding for finding in resolvable(findings) if _is_put_right([cases.get(name) for name in finding.names])]
    for is_ocsf in (False, True):
        some = [finding for finding in put_right if finding.is_ocsf is is_ocsf]
        fixed = [cases[name] for finding in some for name in finding.names if cases[name].is_fixed]
        if some:
            _resolve(some, fixed, is_ocsf=is_ocsf)


def _can_be_resolved(finding: HubFinding) -> bool:
    """Tell whether it is whole, and its control's question one that a fix answers."""
    return finding.control in ANSWERED and bool(finding.names) and all(isinstance(part, str) and part.strip() for part in finding.identifier.values())


def _is_put_right(cases: Sequence[Case | None]) -> bool:
    return all(case and case.is_right for case in cases) and any(case and case.is_fixed for case in cases)


def _resolve(some: Sequence[HubFinding], fixed: Sequence[Case], *, is_ocsf: bool) -> None:
    """Send one update for all: an event, which holds 256 KB, has no more findings than one update takes."""
    remediation = fixed[0].remediation.name
    ids = ", ".join(dict.fromkeys(case.fix.id for case in fixed))
    note = shown(f"Put right by {remediation}, and seen to be right: {ids}", _LONGEST_NOTE)
    identifiers: Any = [dict(finding.identifier) for finding in some]
    hub = platform("securityhub")
    try:
        if is_ocsf:
            unprocessed: Sequence[Any] = hub.batch_update_findings_v2(FindingIdentifiers=identifiers, Comment=note, StatusId=_RESOLVED)["UnprocessedFindings"]
        else:
            text = {"Text": note, "UpdatedBy": "Snapback"}
            unprocessed = hub.batch_update_findings(FindingIdentifiers=identifiers, Note=text, Workflow={"Status": "RESOLVED"})["UnprocessedFindings"]  # type: ignore[arg-type]  # a note
    except ClientError as error:
        code = refusals.code_of(error)
        if code in _PASSING or not refusals.is_refused(error):
            raise
        unprocessed = [{"ErrorCode": code}] * len(some)
    codes = [shown(one.get("ErrorCode")) for one in unprocessed]
    if set(codes) & _PASSING:
        raise FindingsBusy(f"Security Hub could not resolve all findings now: {', '.join(sorted(set(codes)))}")
    if codes:
        logger.warning("findings not resolved", remediation=remediation, fixes=ids, codes=sorted(set(codes)), number=len(codes))
