"""Snapback in many accounts: alerts can go to a security account's topic, and the template needs no macro, so that StackSets can deploy it."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from moto.sns.models import sns_backends

from local.package import _LONGEST_NAME, for_stacksets
from snapback.engine.alerts import VERSION
from snapback.engine.outcomes import TOLD, Outcome
from snapback.policies.verdicts import outsiders
from tests.conftest import SETTINGS
from tests.contract.conftest import Broken, broken_by
from tests.harness.account import ACCOUNT, REGION, Account
from tests.harness.discovery import ROOT, Handler
from tests.harness.permissions import statements
from tests.harness.template import MOST_BYTES, MOST_RESOURCES, packaged, resolved, source

TOPIC = "arn:aws:sns:us-east-1:999988887777:snapback"
KEY = "arn:aws:kms:us-east-1:999988887777:key/mrk-1234abcd12ab34cd56ef1234567890ab"
ELSEWHERE = {"AlertsTopic": "999988887777:snapback", "AlertEmail": "jo@example.com"}
OWN = resolved({"Ref": "Alerts"})


def exists(resource: str, parameters: dict[str, str]) -> bool:
    """Tell whether the resource is made with those parameters."""
    made = {"Fn::If": [source()["Resources"][resource]["Condition"], "made", "not"]}
    return bool(resolved(made, parameters) == "made")


def told(parameters: dict[str, str]) -> set[str]:
    """Return every topic that functions are pointed to, may publish to, and that people are pointed to."""
    topic = source()["Globals"]["Function"]["Environment"]["Variables"]["TOPIC_ARN"]
    [tell] = [statement for statement in statements("Shared", parameters) if statement["Sid"] == "Tell"]
    return {resolved(topic, parameters), tell["Resource"], resolved(source()["Outputs"]["AlertsTopic"]["Value"], parameters)}


def test_by_default_the_stack_has_a_topic_of_its_own() -> None:
    assert exists("Alerts", {})
    assert told({}) == {OWN}
    assert not exists("AlertEmailSubscription", {})
    assert exists("AlertEmailSubscription", {"AlertEmail": "jo@example.com"})


def test_with_a_topic_of_another_account_all_alerts_go_there_and_none_is_made() -> None:
    assert not exists("Alerts", ELSEWHERE)
    assert not exists("AlertEmailSubscription", ELSEWHERE)
    assert told(ELSEWHERE) == {TOPIC}


@pytest.mark.parametrize(("parameter", "value"), [("AlertsTopic", "999988887777:snapback"), ("AlertsKey", KEY.partition("us-east-1:")[2])])
def test_those_parameters_name_one_topic_and_one_key(parameter: str, value: str) -> None:
    form = source()["Parameters"][parameter]["AllowedPattern"]
    assert re.fullmatch(form, value)
    assert not any(re.fullmatch(form, wide) for wide in ("*", f"{value}*", value.replace("999988887777", "*"), TOPIC))


ACCOUNTS = [f"{number:012}" for number in range(162)]


def test_a_list_of_accounts_that_does_not_fit_is_refused_at_deploy_with_a_sentence_that_says_what_does() -> None:
    trusted = source()["Parameters"]["TrustedAccounts"]
    assert re.fullmatch(trusted["AllowedPattern"], ",".join(ACCOUNTS[:135]))
    assert len(",".join(ACCOUNTS[:135])) <= trusted["MaxLength"] < len(",".join(ACCOUNTS))
    assert "135 at most" in trusted["ConstraintDescription"]
    assert "OrganizationId" in trusted["ConstraintDescription"]


def test_whoever_is_named_beside_the_organisation_needs_no_place_in_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLE_ARN", SETTINGS["ROLE_ARN"])
    monkeypatch.setenv("TRUSTED_ACCOUNTS", "")
    monkeypatch.setenv("ORGANIZATION_ID", "o-example1234")
    named = {"Effect": "Allow", "Principal": {"AWS": [f"arn:aws:iam::{one}:root" for one in ACCOUNTS]}, "Action": "sqs:SendMessage", "Resource": "*"}
    assert len(outsiders(named)) == len(ACCOUNTS)
    assert outsiders({**named, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-example1234"}}}) == []
    assert len(outsiders({**named, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-another1234"}}})) == len(ACCOUNTS)


PAGE = (ROOT / "docs" / "organisation.md").read_text()


def test_the_page_names_parameters_that_there_are_with_values_that_they_take() -> None:
    parameters = source()["Parameters"]
    given = re.findall(r"ParameterKey=(\w+),ParameterValue=([^\s,]+)", PAGE) + re.findall(r"`(Alerts\w+)=([^`.]+)[^`]*`", PAGE)
    assert {name for name, _ in given} >= {"AlertsKey", "AlertsTopic", "Mode", "OrganizationId"}
    assert {name for name, _ in given} | set(re.findall(r"ParameterKey=(\w+),UsePreviousValue", PAGE)) <= parameters.keys()
    known = {name for part in ("Conditions", "Parameters", "Resources") for name in source()[part]}
    assert set(re.findall(r"`([A-Z][a-z]+[A-Z][A-Za-z]+)`", PAGE)) <= known
    for name, value in given:
        form = parameters[name].get("AllowedPattern", ".*")
        assert value in parameters[name].get("AllowedValues", [value])
        assert re.fullmatch(form, value.replace("/mrk-", "/" + KEY.rpartition("/")[2]))


def test_the_page_says_of_outcomes_and_alerts_what_the_code_does(bucket: Broken) -> None:
    outcomes = {Outcome[name] for name in re.findall(r"\b[A-Z]{4,}(?:_[A-Z]+)*\b", PAGE) if name in Outcome.__members__}
    assert outcomes == {Outcome.ALREADY_OK, Outcome.ELSEWHERE, Outcome.EXEMPT, Outcome.FAILED, Outcome.GONE}
    assert outcomes & TOLD == {Outcome.FAILED}, "but for that one case none of these is told"
    bucket.deliver()
    [alert] = bucket.account.alerts()
    assert alert["version"] == VERSION
    assert all(alert[part] for part in ("id", "before", "actor", "calls", "after")), "what was wrong, who, which calls, what is now"
    assert "undo" in str(alert["commands"]), "how to take it back"
    [topic] = sns_backends[ACCOUNT][REGION].topics.values()
    assert {"remediation", "outcome"} <= (topic.sent_notifications[0][3] or {}).keys(), "by which subscribers filter"


def test_the_page_says_how_names_of_stack_sets_are_cut_and_who_may_deploy() -> None:
    assert f"{_LONGEST_NAME} characters at most" in PAGE
    assert f"first {len('StackSet-') + _LONGEST_NAME + 1} characters" in PAGE
    assert f"`{'role/stacksets-exec-*'}`" in PAGE
    assert "role/stacksets-exec-*" in source()["Parameters"]["BreakGlass"]["Default"].split(",")


def test_nothing_else_needs_the_stacks_own_topic() -> None:
    """CloudFormation refuses a reference to a resource that is not made."""
    parts = {name: block for name, block in source()["Resources"].items() if "Condition" not in block or exists(name, ELSEWHERE)}
    for part in (parts, source()["Globals"], source()["Outputs"]):
        assert OWN in json.dumps(resolved_all(part, {}))
        assert OWN not in json.dumps(resolved_all(part, ELSEWHERE))


def resolved_all(value: Any, parameters: dict[str, str]) -> Any:  # noqa: ANN401 - any part of a template
    """Return the topics that are left in the value once its conditions are decided."""
    match value:
        case {"Ref": "Alerts"} | {"Fn::If": ["HasOwnTopic", _, _]}:
            return resolved(value, parameters)
        case dict():
            return [resolved_all(inner, parameters) for inner in value.values()]
        case list():
            return [resolved_all(inner, parameters) for inner in value]
        case _:
            return None


@pytest.mark.parametrize(("key", "expected"), [("", []), (KEY.partition("us-east-1:")[2], [KEY])])
def test_the_topics_key_may_be_used_through_sns_alone(key: str, expected: list[str]) -> None:
    using = [one for one in statements("Shared", {**ELSEWHERE, "AlertsKey": key}) if "kms" in json.dumps(one["Action"])]
    assert [one["Resource"] for one in using] == expected
    assert all(set(one["Condition"]["StringEquals"]["kms:ViaService"]) == {"sns.us-east-1.amazonaws.com"} for one in using)


@pytest.fixture
def bucket(account: Account, monkeypatch: pytest.MonkeyPatch) -> Broken:
    return broken_by(Handler("s3", "encrypt_bucket"), account, monkeypatch)


def call_between_accounts(broken: Broken, *, caller: str, recipient: str, owners: list[str]) -> dict[str, Any]:
    """Return the copy for one of two accounts of a call that CloudTrail records in both."""
    samples = [broken.event(sample) for sample in broken.handler.samples]
    event = next(sample for sample in samples if sample["detail-type"] == "AWS API Call via CloudTrail")
    event["detail"] |= {"sharedEventID": "8e1f3a11-0001-4f6e-8a60-7f9b2f1f3a11", "recipientAccountId": recipient}
    event["detail"]["resources"] = [{"accountId": owner, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{broken.resource}"} for owner in owners]
    event["detail"]["userIdentity"] |= {"accountId": caller}
    return event


OURS, OTHER = "111122223333", "999988887777"


@pytest.mark.parametrize(
    ("caller", "recipient", "owners", "outcome"),
    [
        pytest.param(OTHER, OURS, [OURS], "FIXED", id="the owner's copy"),
        pytest.param(OURS, OURS, [OTHER], "ELSEWHERE", id="the caller's copy"),
        pytest.param(OURS, OTHER, [OURS], "ELSEWHERE", id="another account's copy"),
        pytest.param(OURS, OURS, [OTHER, OURS], "FIXED", id="a call about resources of both"),
        pytest.param(OURS, OURS, [], "FIXED", id="a call that names no owner"),
    ],
)
def test_of_a_call_between_accounts_only_the_owners_copy_leads_to_a_fix(bucket: Broken, caller: str, recipient: str, owners: list[str], outcome: str) -> None:
    assert bucket.deliver(call_between_accounts(bucket, caller=caller, recipient=recipient, owners=owners)) == [outcome]
    assert bool(bucket.account.calls) is (outcome == "FIXED")


@pytest.mark.parametrize(("part", "value"), [("AwsAccountId", OTHER), ("Region", "eu-west-1")], ids=["a member's finding", "another region's finding"])
def test_what_an_administrator_or_an_aggregation_region_hears_of_others_is_left_to_them(bucket: Broken, part: str, value: str) -> None:
    event = bucket.event("encrypt_bucket-securityhub")
    event["detail"]["findings"][0][part] = value
    assert bucket.deliver(event) == ["ELSEWHERE"]
    assert bucket.account.calls == []


@pytest.fixture(scope="module")
def stackset() -> dict[str, Any]:
    """Return what `make package` writes."""
    return for_stacksets(packaged(), "example-snapback")


def test_the_template_for_stacksets_needs_no_macro(stackset: dict[str, Any]) -> None:
    assert "Transform" not in stackset
    assert "Fn::Transform" not in json.dumps(stackset)
    assert [name for name, resource in stackset["Resources"].items() if resource["Type"].startswith("AWS::Serverless")] == []


def test_the_template_for_stacksets_is_within_the_limits(stackset: dict[str, Any]) -> None:
    assert len(stackset["Resources"]) < MOST_RESOURCES
    assert len(json.dumps(stackset)) < MOST_BYTES


def test_each_region_takes_the_code_from_its_own_bucket(stackset: dict[str, Any]) -> None:
    properties = [resource.get("Properties", {}) for resource in stackset["Resources"].values()]
    code = [one[part] for one in properties for part in ("Code", "Content") if part in one]
    assert code
    assert all(one["S3Bucket"] == {"Fn::Sub": "example-snapback-${AWS::Region}"} and one["S3Key"] for one in code)


def test_each_stack_of_a_stack_set_has_its_own_runbooks_address_in_the_layer_so_that_another_address_publishes_new_versions(stackset: dict[str, Any]) -> None:
    [described] = [one["Properties"]["Description"] for one in stackset["Resources"].values() if one["Type"] == "AWS::Lambda::LayerVersion"]
    assert "RunbookUrl=https://wiki.example/;" in resolved(described, {"RunbookUrl": "https://wiki.example/"})


def test_the_patterns_for_snapbacks_own_parts_hold_where_cloudformation_cuts_a_stack_sets_names(stackset: dict[str, Any]) -> None:
    cut = "StackSet-snapback-0f3c1b0e"  # the uuid and all before it would be too long
    patterns = [json.dumps(one["Properties"]["EventPattern"]) for one in stackset["Resources"].values() if "EventPattern" in one.get("Properties", {})]
    own = [pattern for pattern in patterns if "StackSet-" in pattern]
    assert len(own) == len(["Trigger", "TriggerByRecords", "TriggerByAlerts"]), "by ReportTampering"
    assert all(cut.startswith(prefix) for pattern in own for prefix in re.findall(r"StackSet-[\w-]+", pattern))
    assert not any("${AWS::StackName}-" in pattern for pattern in patterns)


def test_a_stack_sets_name_that_would_be_cut_is_refused() -> None:
    with pytest.raises(SystemExit, match="14 characters"):
        for_stacksets(packaged(), "example-snapback", "snapback-for-all-of-us")


def test_no_region_or_account_is_written_into_the_template_for_stacksets(stackset: dict[str, Any]) -> None:
    text = json.dumps({**stackset, "Conditions": {}, "Parameters": {}})
    assert "111122223333" not in text
    assert "us-east-1" not in text


def test_cloudformations_linter_has_nothing_against_the_template_for_stacksets(stackset: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "stackset.json"
    file.write_text(json.dumps(stackset))
    linter = Path(sys.executable).parent / "cfn-lint"
    found = subprocess.run([linter, "--regions", "us-east-1", "--", file], capture_output=True, text=True, check=False)  # noqa: S603 - our own linter
    assert found.stdout == ""
    assert found.returncode == 0
