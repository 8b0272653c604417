"""remove_finding_filter: what a filter archived is told again, and the filter itself stays."""

from typing import Any

import boto3

from functions.guardduty.remove_finding_filter import remediation
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.guardduty import finding_filters
from tests.harness.scenario import Scenario

finding_filters.as_on_aws()

SAMPLE = "12abc34d567e8fa901bc2d34e56789f0"
NAME = "suppress-scans"
CRITERIA: Any = {"Criterion": {"type": {"Equals": ["Recon:EC2/Portscan"]}}}


def made(action: Any = "ARCHIVE") -> str:  # noqa: ANN401 - one of two words
    """Make a filter and its neighbours; return the detector, of which an event's filter has the id in its name."""
    client = boto3.client("guardduty")
    detector = client.create_detector(Enable=True)["DetectorId"]
    client.create_filter(DetectorId=detector, Name=NAME, Action=action, FindingCriteria=CRITERIA, Rank=2, Description="noise")
    client.create_filter(DetectorId=detector, Name="view", Action="NOOP", FindingCriteria=CRITERIA)
    client.create_filter(DetectorId=detector, Name=f"{NAME}-2", Action="ARCHIVE", FindingCriteria=CRITERIA)
    return f"{detector}/{NAME}"


def filter_of(resource: str, name: str) -> dict[str, Any]:
    found: Any = boto3.client("guardduty").get_filter(DetectorId=resource.partition("/")[0], FilterName=name)
    return {part: value for part, value in found.items() if part != "ResponseMetadata"}


def state(resource: str) -> dict[str, Any]:
    about = filter_of(resource, NAME)
    return {"action": about.pop("Action"), "about": about, "others": [filter_of(resource, name) for name in ("view", f"{NAME}-2")]}


scenario = Scenario(
    sample=f"{SAMPLE}/{NAME}",
    broken=made,
    state=state,
    touched=frozenset({"action"}),
    environment={},
    also_named=lambda resource: {SAMPLE: resource.partition("/")[0]},
)


def event(detector: str, sample: str = "remove_finding_filter") -> dict[str, Any]:
    return scenario.event(Handler("guardduty", "remove_finding_filter").samples[sample], f"{detector}/{NAME}")


def test_a_filter_that_only_filters_is_left_alone(account: Account) -> None:
    detector, _, _ = made("NOOP").partition("/")
    assert account.deliver(remediation, event(detector)) == ["ALREADY_OK"]
    assert account.writes == []


def test_only_the_action_is_sent(account: Account, monkeypatch: Any) -> None:  # noqa: ANN401 - pytest's
    monkeypatch.setenv("DISRUPTIVE_MODE", "enforce")
    detector, _, _ = made().partition("/")
    assert account.deliver(remediation, event(detector)) == ["FIXED"]
    assert [dict(call.parameters) for call in account.writes] == [{"DetectorId": detector, "FilterName": NAME, "Action": "NOOP"}]


def test_as_deployed_it_tells_of_the_filter_and_changes_nothing(account: Account, monkeypatch: Any) -> None:  # noqa: ANN401
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    detector, _, _ = made().partition("/")
    assert account.deliver(remediation, event(detector, "remove_finding_filter-update")) == ["WOULD_FIX"]
    assert account.outcomes() == ["WOULD_FIX"]
    assert filter_of(detector, NAME)["Action"] == "ARCHIVE"


def test_a_filter_that_is_gone_is_an_outcome(account: Account) -> None:
    detector, _, _ = made().partition("/")
    boto3.client("guardduty").delete_filter(DetectorId=detector, FilterName=NAME)
    assert account.deliver(remediation, event(detector)) == ["GONE"]
