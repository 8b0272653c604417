"""Words for certificates of AWS Certificate Manager: who renews one of which kind, and what is left to people.

https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from snapback.engine import clock
from snapback.engine.clients import aws
from snapback.engine.refusals import code_of, is_refused

_DAY = 24 * 3600


def named_in_finding(finding: Mapping[str, Any]) -> str:
    """Return the ARN of the certificate that a finding of Security Hub is about."""
    arns: list[str] = [resource["Id"] for resource in finding["Resources"] if ":certificate/" in resource["Id"]]
    return arns[0]


def outlook(arn: str, days: int) -> Mapping[str, Any] | None:
    """Return what kind of certificate it is, by how many resources it is used, and what a person has to do; None if it now has more than these days.

    If AWS does not show the certificate, that is all there is to say: its expiry is worth telling anyway.
    https://docs.aws.amazon.com/acm/latest/APIReference/API_DescribeCertificate.html
    """
    try:
        found: Mapping[str, Any] = aws("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    except ClientError as error:
        if not is_refused(error):
            raise
        return {"Kind": f"not known: DescribeCertificate says {code_of(error)}", "ToDo": "Look at it in the console of AWS Certificate Manager."}
    # The renewal's status cannot tell: a success of years ago stands there until the next renewal begins, if one does.
    if "NotAfter" in found and found["NotAfter"].timestamp() - clock.now() > (days + 2) * _DAY:
        return None
    used = len(found.get("InUseBy", []))
    kind, to_do = _kind_and_work(found, arn)
    reason = found.get("RenewalSummary", {}).get("RenewalStatusReason") or found.get("FailureReason")
    return {"Kind": kind, "InUseBy": used, "ToDo": to_do, **({"RenewalFails": reason} if reason else {})}


def _kind_and_work(found: Mapping[str, Any], arn: str) -> tuple[str, str]:
    is_renewed_by_acm = found.get("RenewalEligibility") == "ELIGIBLE"
    match found.get("Type"), _methods(found):
        case "IMPORTED", _:
            return (
                "imported",
                f"ACM cannot renew it. Get a new one, and put it in its place: aws acm import-certificate --certificate-arn {arn}",
            )
        case "PRIVATE", _ if is_renewed_by_acm:
            return "private", "ACM renews it. Where it was exported to, people have to export and install the new one: aws acm export-certificate."
        case _, _ if not is_renewed_by_acm:
            kind = "private" if found.get("Type") == "PRIVATE" else "issued by Amazon"
            return kind, "ACM renews it only while something uses it, or once it was exported. Attach it where it is needed, or delete it."
        case _, ["EMAIL"]:
            domains = ", ".join(option["DomainName"] for option in _waiting(found)) or found.get("DomainName")
            return "issued by Amazon, validated by mail", f"The owner of {domains} must approve the renewal in the mail from AWS, before it expires."
        case _, ["HTTP"]:
            return "issued by Amazon, validated by CloudFront", "CloudFront renews it while the domain's traffic comes to it: check where the domain points to."
        case _:
            records = [option.get("ResourceRecord", {}) for option in _waiting(found)]
            missing = "; ".join(f"{record['Name']} CNAME {record['Value']}" for record in records if record)
            to_do = (
                f"Put into DNS what ACM waits for, and it renews by itself: {missing}"
                if missing
                else "ACM renews it by itself; of DNS records, it misses none."
            )
            return "issued by Amazon, validated by DNS", to_do


def _options(found: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    options: Sequence[Mapping[str, Any]] = found.get("RenewalSummary", {}).get("DomainValidationOptions") or found.get("DomainValidationOptions", [])
    return options


def _waiting(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [option for option in _options(found) if option.get("ValidationStatus") != "SUCCESS"]


def _methods(found: Mapping[str, Any]) -> list[str]:
    return sorted({str(option.get("ValidationMethod")) for option in _options(found)})
