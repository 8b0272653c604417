"""report_expiring_certificate: the right words for each kind, on six days and not every day."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.acm.report_expiring_certificate import remediation
from tests.harness.account import FAULTS, Account, ApiCall, Interference
from tests.harness.discovery import Handler
from tests.harness.rules import rules

SAMPLE = Handler("acm", "report_expiring_certificate").samples["report_expiring_certificate"]
RECORD = {"Name": "_a.example.com.", "Type": "CNAME", "Value": "_b.acm-validations.aws."}
USED = {"InUseBy": [f"arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/web/{number}" for number in range(2)]}
DNS = {"DomainName": "example.com", "ValidationMethod": "DNS", "ValidationStatus": "PENDING_VALIDATION", "ResourceRecord": RECORD}
MAIL = {"DomainName": "example.com", "ValidationMethod": "EMAIL", "ValidationStatus": "PENDING_VALIDATION"}
HTTP = {"DomainName": "example.com", "ValidationMethod": "HTTP", "ValidationStatus": "PENDING_VALIDATION"}
AMAZON = {"Type": "AMAZON_ISSUED", "RenewalEligibility": "ELIGIBLE", **USED}


def waiting(option: dict[str, Any], **summary: str) -> dict[str, Any]:
    done = {**option, "DomainName": "www.example.com", "ValidationStatus": "SUCCESS"}
    return {"RenewalSummary": {"RenewalStatus": "PENDING_VALIDATION", "DomainValidationOptions": [done, option], **summary}}


def described(certificate: dict[str, Any]) -> Interference:
    """Return an interference in which ACM describes that certificate (https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html)."""

    def interfere(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation != "DescribeCertificate":
            return really()
        assert call.parameters == {"CertificateArn": SAMPLE["resources"][0]}
        return {"Certificate": {"CertificateArn": SAMPLE["resources"][0], "DomainName": "example.com", "InUseBy": [], **certificate}}

    return interfere


@pytest.mark.parametrize(
    ("certificate", "kind", "words"),
    [
        ({"Type": "IMPORTED", "RenewalEligibility": "INELIGIBLE", **USED}, "imported", "aws acm import-certificate --certificate-arn arn:aws:acm:"),
        ({"Type": "PRIVATE", "RenewalEligibility": "ELIGIBLE", **USED}, "private", "export and install the new one"),
        ({"Type": "PRIVATE", "RenewalEligibility": "INELIGIBLE"}, "private", "only while something uses it"),
        ({"Type": "AMAZON_ISSUED", "RenewalEligibility": "INELIGIBLE", "DomainValidationOptions": [DNS]}, "issued by Amazon", "only while something uses it"),
        ({**AMAZON, **waiting(DNS)}, "issued by Amazon, validated by DNS", "_a.example.com. CNAME _b.acm-validations.aws."),
        (
            {**AMAZON, "DomainValidationOptions": [{**DNS, "ValidationStatus": "SUCCESS"}]},
            "issued by Amazon, validated by DNS",
            "of DNS records, it misses none",
        ),
        ({**AMAZON, **waiting(MAIL)}, "issued by Amazon, validated by mail", "The owner of example.com must approve"),
        ({**AMAZON, **waiting(HTTP)}, "issued by Amazon, validated by CloudFront", "where the domain points to"),
    ],
)
def test_the_alert_says_which_kind_it_is_and_what_a_person_has_to_do(account: Account, certificate: dict[str, Any], kind: str, words: str) -> None:
    with account.interfered(described(certificate)):
        assert account.deliver(remediation, SAMPLE) == ["REPORTED"]
    [fact] = account.alerts()[0]["before"]
    assert (fact["Kind"], fact["Domain"], fact["DaysLeft"], fact["InUseBy"]) == (kind, "example.com", 30, len(certificate.get("InUseBy", [])))
    assert words in fact["ToDo"]


def test_what_keeps_acm_from_renewing_it_is_said(account: Account) -> None:
    with account.interfered(described({**AMAZON, **waiting(DNS, RenewalStatus="FAILED", RenewalStatusReason="CAA_ERROR")})):
        account.deliver(remediation, SAMPLE)
    assert account.alerts()[0]["before"][0]["RenewalFails"] == "CAA_ERROR"


@pytest.mark.parametrize(("days", "outcome"), [(395, "ALREADY_OK"), (30, "REPORTED"), (29, "REPORTED")])
def test_only_a_certificate_that_has_been_renewed_since_is_not_told(account: Account, days: int, outcome: str) -> None:
    """An old success says nothing: it stands there until the next renewal begins."""
    ends = datetime.fromtimestamp(account.clock.time, UTC) + timedelta(days=days)
    with account.interfered(described({**AMAZON, "NotAfter": ends, "RenewalSummary": {"RenewalStatus": "SUCCESS", "DomainValidationOptions": []}})):
        assert account.deliver(remediation, SAMPLE) == [outcome]


def test_a_certificate_that_may_not_be_looked_at_is_told_anyway(account: Account) -> None:
    def denied(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        return FAULTS["denied"](call, really) if call.service == "acm" else really()

    with account.interfered(denied):
        assert account.deliver(remediation, SAMPLE) == ["REPORTED"]
    assert account.alerts()[0]["before"][0]["Kind"] == "not known: DescribeCertificate says AccessDeniedException"


def test_acm_says_it_every_day_and_six_of_them_are_heard() -> None:
    def wakes(days: int) -> bool:
        event = {**SAMPLE, "detail": {**SAMPLE["detail"], "DaysToExpiry": days}}
        return any(rule.function == "ReportExpiringCertificate" and rule.matches(event) for rule in rules())

    assert [days for days in range(46) if wakes(days)] == [1, 3, 7, 14, 30, 45]
