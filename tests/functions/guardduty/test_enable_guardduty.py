"""enable_guardduty: what was on is on again, and nothing that never was."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import pytest

from functions.guardduty.enable_guardduty import remediation
from snapback.engine import memory
from snapback.guardduty import detectors as detector_words
from tests.harness.account import Account, ApiCall, error, operations
from tests.harness.discovery import Handler
from tests.harness.guardduty import detectors
from tests.harness.scenario import ACCOUNT, Scenario

detectors.as_on_aws()

FEATURES: Any = [
    {"Name": "S3_DATA_EVENTS", "Status": "ENABLED"},
    {"Name": "RUNTIME_MONITORING", "Status": "ENABLED", "AdditionalConfiguration": [{"Name": "EC2_AGENT_MANAGEMENT", "Status": "ENABLED"}]},
]
OFF: Any = [{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]


def set_up(region: str | None = None) -> str:
    """Let GuardDuty detect; return the detector's id."""
    client = boto3.client("guardduty", region_name=region)
    return client.create_detector(Enable=True, FindingPublishingFrequency="FIFTEEN_MINUTES", Features=FEATURES)["DetectorId"]


def remembered() -> str:
    set_up("eu-west-1")
    detector = set_up()
    memory.learn(remediation.name, {ACCOUNT: detector_words.detector()})
    return detector


def broken() -> str:
    boto3.client("guardduty").update_detector(DetectorId=remembered(), Enable=False, FindingPublishingFrequency="SIX_HOURS", Features=OFF)
    return ACCOUNT


def deleted() -> str:
    boto3.client("guardduty").delete_detector(DetectorId=remembered())
    return ACCOUNT


def state(_: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for region in ("us-east-1", "eu-west-1"):
        client = boto3.client("guardduty", region_name=region)
        answers: list[Any] = [client.get_detector(DetectorId=identity) for identity in client.list_detectors()["DetectorIds"]]
        for answer in answers:
            for part in ("CreatedAt", "UpdatedAt", "ResponseMetadata"):
                answer.pop(part)
            for feature in answer["Features"]:
                feature.pop("UpdatedAt")
        found[region] = answers
    return found


scenario = Scenario(sample=ACCOUNT, broken=broken, state=state, touched=frozenset({"us-east-1"}), environment={})


variants = {"deleted": replace(scenario, broken=deleted)}


def event(sample: str = "enable_guardduty") -> dict[str, Any]:
    return Handler("guardduty", "enable_guardduty").samples[sample]


def all_calls(account: Account) -> None:
    """Make a deleted detector again, and delete it; it looked for malware, too."""
    boto3.client("guardduty").update_detector(DetectorId=remembered(), Features=[{"Name": "EBS_MALWARE_PROTECTION", "Status": "ENABLED"}])
    memory.learn(remediation.name, {ACCOUNT: detector_words.detector()})
    boto3.client("guardduty").delete_detector(DetectorId=boto3.client("guardduty").list_detectors()["DetectorIds"][0])
    [outcome] = account.invoke(remediation, event("enable_guardduty-delete"))["outcomes"]
    account.invoke(remediation, {"undo": outcome["id"]})


def test_a_deleted_detector_is_made_again_as_it_was(account: Account) -> None:
    detector = remembered()
    before = state(ACCOUNT)
    boto3.client("guardduty").delete_detector(DetectorId=detector)
    assert account.deliver(remediation, event("enable_guardduty-delete")) == ["FIXED"]
    assert operations(account.writes) == ["guardduty:CreateDetector"]
    assert state(ACCOUNT) == before


def test_a_deleted_detector_that_nobody_remembers_is_told_to_people(account: Account) -> None:
    assert account.deliver(remediation, event("enable_guardduty-delete")) == ["REPORTED"]
    assert "enable GuardDuty by hand" in account.alerts()[0]["reason"]
    assert account.writes == []


def test_a_suspended_detector_is_resumed_without_any_memory(account: Account) -> None:
    boto3.client("guardduty").update_detector(DetectorId=set_up(), Enable=False)
    assert account.deliver(remediation, event()) == ["FIXED"]
    assert [sorted(call.parameters) for call in account.writes] == [["DetectorId", "Enable"]]


@pytest.mark.parametrize("suspended", [True, False])
def test_the_sweep_leaves_regions_alone_in_which_guardduty_was_never_seen_on(suspended: bool, account: Account) -> None:  # noqa: FBT001 - a case of the test
    if suspended:
        boto3.client("guardduty").create_detector(Enable=False)
    assert account.deliver(remediation, event("enable_guardduty-sweep")) == ["ALREADY_OK"]
    assert (account.writes, account.outcomes()) == ([], [])


def test_the_sweep_remembers_what_is_on_and_what_came_on_since(account: Account) -> None:
    detector = set_up()
    login_events: Any = [{"Name": "RDS_LOGIN_EVENTS", "Status": "ENABLED"}]
    nothing: Any = []
    for more in (nothing, login_events):
        boto3.client("guardduty").update_detector(DetectorId=detector, Features=more)
        assert account.deliver(remediation, event("enable_guardduty-sweep")) == ["ALREADY_OK"]
    boto3.client("guardduty").update_detector(DetectorId=detector, Features=[{"Name": "RDS_LOGIN_EVENTS", "Status": "DISABLED"}])
    account.forget()
    assert account.deliver(remediation, event()) == ["FIXED"]
    assert [call.parameters["Features"] for call in account.writes] == [[{"Name": "RDS_LOGIN_EVENTS", "Status": "ENABLED"}]]


def test_what_is_published_sooner_and_detected_besides_is_left_alone(account: Account) -> None:
    detector = remembered()
    boto3.client("guardduty").update_detector(DetectorId=detector, Features=[{"Name": "LAMBDA_NETWORK_LOGS", "Status": "ENABLED"}])
    assert account.deliver(remediation, event()) == ["ALREADY_OK"]


def test_an_agent_that_was_switched_on_since_stays_on_when_another_one_comes_back(account: Account) -> None:
    def runtime(eks: str, ecs: str) -> Any:  # noqa: ANN401 - a feature
        agents = [{"Name": name, "Status": status} for name, status in (("EKS_ADDON_MANAGEMENT", eks), ("ECS_FARGATE_AGENT_MANAGEMENT", ecs))]
        return {"Name": "RUNTIME_MONITORING", "Status": "ENABLED", "AdditionalConfiguration": agents}

    client = boto3.client("guardduty")
    detector = client.create_detector(Enable=True, Features=[runtime("ENABLED", "DISABLED")])["DetectorId"]
    account.deliver(remediation, event("enable_guardduty-sweep"))
    client.update_detector(DetectorId=detector, Features=[runtime("DISABLED", "ENABLED")])
    before = state(ACCOUNT)
    account.forget()
    assert account.deliver(remediation, event()) == ["FIXED"]
    assert [call.parameters["Features"] for call in account.writes] == [[runtime("ENABLED", "ENABLED")]]
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDONE"
    assert state(ACCOUNT) == before


@pytest.mark.parametrize(("eks", "sent"), [("ENABLED", "EKS_RUNTIME_MONITORING"), ("DISABLED", "RUNTIME_MONITORING")])
def test_of_the_two_kinds_of_runtime_monitoring_the_one_that_was_on_is_made_again(eks: str, sent: str, account: Account) -> None:
    client: Any = boto3.client("guardduty")
    detector = client.create_detector(Enable=True, Features=[{"Name": "EKS_RUNTIME_MONITORING", "Status": eks}])["DetectorId"]
    account.deliver(remediation, event("enable_guardduty-sweep"))
    client.delete_detector(DetectorId=detector)
    account.deliver(remediation, event("enable_guardduty-delete"))
    [made] = account.writes
    assert [feature["Name"] for feature in made.parameters["Features"] if "RUNTIME" in feature["Name"]] == [sent]


def refuse_malware_protection(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
    """Refuse as GuardDuty does where its service-linked role may not be made."""
    if {"Name": "EBS_MALWARE_PROTECTION", "Status": "ENABLED"} in call.parameters.get("Features", []):
        raise error("BadRequestException", 400, call.operation)
    return really()


def with_malware_protection() -> str:
    detector = remembered()
    boto3.client("guardduty").update_detector(DetectorId=detector, Features=[{"Name": "EBS_MALWARE_PROTECTION", "Status": "ENABLED"}])
    memory.learn(remediation.name, {ACCOUNT: detector_words.detector()})
    return detector


def plans() -> dict[str, str]:
    """Return the detector's status and its protection plans."""
    client = boto3.client("guardduty")
    found: Any = client.get_detector(DetectorId=client.list_detectors()["DetectorIds"][0])
    return {"Detector": found["Status"], **{feature["Name"]: feature["Status"] for feature in found["Features"]}}


@pytest.mark.parametrize("is_deleted", [True, False])
def test_one_refused_plan_does_not_keep_the_detector_and_the_other_plans_off(is_deleted: bool, account: Account) -> None:  # noqa: FBT001 - a case of the test
    detector, client = with_malware_protection(), boto3.client("guardduty")
    before = plans()
    off: Any = [{"Name": name, "Status": "DISABLED"} for name in ("S3_DATA_EVENTS", "EBS_MALWARE_PROTECTION")]
    if is_deleted:
        client.delete_detector(DetectorId=detector)
    else:
        client.update_detector(DetectorId=detector, Enable=False, Features=off)
    with account.interfered(refuse_malware_protection):
        assert account.deliver(remediation, event("enable_guardduty-delete" if is_deleted else "enable_guardduty")) == ["PARTIAL"]
    assert plans() == {**before, "EBS_MALWARE_PROTECTION": "DISABLED"}
    assert "BadRequestException" in account.alerts()[0]["reason"]


def test_a_plan_that_is_refused_alone_is_told_as_failed(account: Account) -> None:
    boto3.client("guardduty").update_detector(DetectorId=with_malware_protection(), Features=[{"Name": "EBS_MALWARE_PROTECTION", "Status": "DISABLED"}])
    with account.interfered(refuse_malware_protection):
        assert account.deliver(remediation, event()) == ["FAILED"]
    assert len(account.writes) == 1


def test_an_undo_does_not_delete_a_detector_to_which_somebody_has_added_a_plan_since(account: Account) -> None:
    deleted()
    [outcome] = account.invoke(remediation, event("enable_guardduty-delete"))["outcomes"]
    client = boto3.client("guardduty")
    [detector] = client.list_detectors()["DetectorIds"]
    client.update_detector(DetectorId=detector, Features=[{"Name": "RDS_LOGIN_EVENTS", "Status": "ENABLED"}])
    assert account.invoke(remediation, {"undo": outcome["id"], "reason": "it costs too much"})["outcome"] == "UNDO_REFUSED"
    assert client.list_detectors()["DetectorIds"] == [detector]
