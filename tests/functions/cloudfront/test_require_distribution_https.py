"""require_distribution_https: one word of a configuration that others change too, and every other byte as it was."""

import copy
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from functions.cloudfront.require_distribution_https import remediation
from tests.harness.account import Account, ApiCall, error
from tests.harness.cloudfront import distributions
from tests.harness.discovery import Handler
from tests.harness.scenario import Scenario

distributions.as_on_aws()

SAMPLE = "E1A2B3C4D5E6F7"
SECRET = "a-secret-that-the-origin-knows"


def behavior(policy: str, **more: Any) -> Any:  # noqa: ANN401 - AWS's shape
    methods = {"Quantity": 2, "Items": ["HEAD", "GET"], "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]}}
    return {"TargetOriginId": "web", "ViewerProtocolPolicy": policy, "AllowedMethods": methods, "Compress": True, "CachePolicyId": "658327ea", **more}


def distribution(default: str, more: Any = None, **others: str) -> str:  # noqa: ANN401 - AWS's shape
    """Make a distribution whose behaviors have these policies, and more in its configuration; return its id."""
    headers = {"Quantity": 1, "Items": [{"HeaderName": "X-Origin-Key", "HeaderValue": SECRET}]}
    origin = {"Id": "web", "DomainName": "origin.example.com", "OriginPath": "", "CustomHeaders": headers}
    origin |= {"CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only"}}
    ordered = [behavior(policy, PathPattern=f"{pattern}/*") for pattern, policy in others.items()]
    config: Any = {
        "CallerReference": f"made by a test {default} {others}",
        "Comment": "the shop",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": behavior(default),
        "CacheBehaviors": {"Quantity": len(ordered), "Items": ordered},
        **(more or {}),
    }
    return str(boto3.client("cloudfront").create_distribution(DistributionConfig=config)["Distribution"]["Id"])


def broken() -> str:
    distribution("allow-all", neighbour="allow-all")
    return distribution("allow-all", images="allow-all", api="https-only", docs="redirect-to-https")


def all_calls(account: Account) -> None:
    """Change what points to something of every kind that CloudFront then asks for in the caller's name."""
    edge = {"Quantity": 1, "Items": [{"LambdaFunctionARN": "arn:aws:lambda:us-east-1:111122223333:function:headers:3", "EventType": "viewer-request"}]}
    private = {"Id": "web", "DomainName": "internal.example.com", "VpcOriginConfig": {"VpcOriginId": "vo_1"}}
    logs = {"Enabled": True, "IncludeCookies": False, "Bucket": "logs.s3.amazonaws.com", "Prefix": ""}
    everything: list[dict[str, Any]] = [
        {"WebACLId": "arn:aws:wafv2:us-east-1:111122223333:global/webacl/shop/473e64fd-f30b-4765-81a0-62ad96dd167a"},
        {"WebACLId": "473e64fd-f30b-4765-81a0-62ad96dd167b"},
        {"DefaultCacheBehavior": behavior("allow-all", LambdaFunctionAssociations=edge), "Logging": logs},
        {"Origins": {"Quantity": 1, "Items": [private]}},
    ]
    for number, more in enumerate(everything):
        account.invoke(remediation, sample(distribution("allow-all", {"CallerReference": str(number), **more})))


def configuration(name: str) -> Any:  # noqa: ANN401 - AWS's shape
    return boto3.client("cloudfront").get_distribution_config(Id=name)["DistributionConfig"]


def state(name: str) -> dict[str, Any]:
    config = configuration(name)
    images, *others = config["CacheBehaviors"].pop("Items")
    touched = [one.pop("ViewerProtocolPolicy") for one in (config["DefaultCacheBehavior"], images)]
    everything = boto3.client("cloudfront").list_distributions()["DistributionList"]["Items"]
    neighbours = [configuration(one["Id"]) for one in everything if one["Id"] != name]
    return {"policies": touched, "configuration": config, "images": images, "behaviors": others, "neighbours": neighbours}


scenario = Scenario(sample=SAMPLE, broken=broken, state=state, touched=frozenset({"policies"}), environment={})


def sample(name: str) -> dict[str, Any]:
    return scenario.event(Handler("cloudfront", "require_distribution_https").samples["require_distribution_https"], name)


def comment(name: str, text: str) -> None:
    """Let somebody else change the configuration."""
    client = boto3.client("cloudfront")
    found = client.get_distribution_config(Id=name)
    client.update_distribution(Id=name, IfMatch=found["ETag"], DistributionConfig={**found["DistributionConfig"], "Comment": text})


def test_what_is_sent_back_is_what_came_but_for_the_policies_that_were_wrong(account: Account) -> None:
    name = broken()
    expected = copy.deepcopy(configuration(name))
    expected["DefaultCacheBehavior"]["ViewerProtocolPolicy"] = expected["CacheBehaviors"]["Items"][0]["ViewerProtocolPolicy"] = "redirect-to-https"
    account.deliver(remediation, sample(name))
    [write] = account.writes
    assert write.parameters["DistributionConfig"] == expected


def test_a_distribution_without_other_behaviors_is_read_as_well(account: Account) -> None:
    name = distribution("allow-all")
    assert account.deliver(remediation, sample(name)) == ["FIXED"]


@pytest.mark.parametrize("policy", ["https-only", "redirect-to-https"])
@pytest.mark.usefixtures("account")
def test_refusing_http_is_as_right_as_redirecting_it(policy: str) -> None:
    assert remediation.violation(distribution(policy)) == []


def test_what_somebody_else_changes_in_between_stays_while_it_is_fixed_and_undone(account: Account) -> None:
    name = broken()
    said: list[str] = []

    def meddle(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        if call.operation == "UpdateDistribution" and len(account.writes) == 1:
            said.append(f"changed {len(said)}")
            comment(name, said[-1])
        return really()

    with account.interfered(meddle):
        assert account.deliver(remediation, sample(name)) == ["FIXED"]
    assert configuration(name)["Comment"] == "changed 0"
    with account.interfered(meddle):
        assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDONE"
    assert configuration(name)["Comment"] == "changed 1"
    assert state(name)["policies"] == ["allow-all", "allow-all"]


def test_a_distribution_that_never_holds_still_is_tried_a_bounded_number_of_times_and_kept_as_a_dead_letter(account: Account) -> None:
    name = broken()

    def meddle(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        if call.operation == "UpdateDistribution":
            comment(name, f"change {len(account.calls)}")
        return really()

    with account.interfered(meddle):
        assert account.deliver(remediation, sample(name)) == []
    assert "PreconditionFailed" in account.dead_letters[0][1]
    assert len(account.writes) == 3 * 5


def test_a_stricter_policy_since_the_fix_is_not_undone(account: Account) -> None:
    name = broken()
    account.deliver(remediation, sample(name))
    found = boto3.client("cloudfront").get_distribution_config(Id=name)
    found["DistributionConfig"]["DefaultCacheBehavior"]["ViewerProtocolPolicy"] = "https-only"
    boto3.client("cloudfront").update_distribution(Id=name, IfMatch=found["ETag"], DistributionConfig=found["DistributionConfig"])
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDO_REFUSED"


def test_a_header_that_only_the_origin_may_know_is_written_nowhere(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.deliver(remediation, sample(broken()))
    said = capsys.readouterr()
    assert SECRET not in f"{account.alerts()} {account.journal()} {said.out} {said.err}"


def test_a_distribution_that_is_gone_is_an_outcome(account: Account) -> None:
    assert account.deliver(remediation, sample(SAMPLE)) == ["GONE"]


CERTIFICATE = {
    "ACMCertificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/1",
    "SSLSupportMethod": "sni-only",
    "MinimumProtocolVersion": "TLSv1.2_2021",
}


@pytest.mark.parametrize(("certificate", "outcome"), [({"CloudFrontDefaultCertificate": True}, "REPORTED"), (CERTIFICATE, "FIXED")])
def test_names_without_a_certificate_are_left_to_people(certificate: dict[str, Any], outcome: str, account: Account) -> None:
    named = {"Aliases": {"Quantity": 1, "Items": ["www.example.com"]}, "ViewerCertificate": certificate}
    assert account.deliver(remediation, sample(distribution("allow-all", named))) == [outcome]


@pytest.mark.parametrize("code", ["PreconditionFailed", "InvalidIfMatchVersion"])
def test_whatever_cloudfront_calls_a_stale_etag_the_update_begins_again(code: str, account: Account) -> None:
    name = broken()
    refusals = iter([error(code, 412 if code == "PreconditionFailed" else 400, "UpdateDistribution")])

    def refuse(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        if call.operation == "UpdateDistribution" and (refusal := next(refusals, None)):
            raise refusal
        return really()

    with account.interfered(refuse):
        assert account.deliver(remediation, sample(name)) == ["FIXED"]
