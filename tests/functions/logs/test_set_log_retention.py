"""set_log_retention: young groups get a retention, and no event that is there is ever lost by it."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from functions.logs.set_log_retention import remediation
from tests.harness.account import Account, ApiCall
from tests.harness.discovery import Handler
from tests.harness.scenario import ACCOUNT, REGION, Scenario

NAME = "/aws/lambda/orders"
ARN = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{NAME}"
SETTINGS = {"RETENTION_DAYS": "365"}
DAY = 24 * 3600


def group(name: str = NAME, days: Any = None) -> str:  # noqa: ANN401 - one of AWS's numbers
    boto3.client("logs").create_log_group(logGroupName=name)
    if days:
        boto3.client("logs").put_retention_policy(logGroupName=name, retentionInDays=days)
    return name


def broken() -> str:
    group(f"{NAME}-archive")
    group("/aws/lambda/short", 7)
    return group()


def state(name: str) -> dict[str, Any]:
    groups = {one["logGroupName"]: one for one in boto3.client("logs").describe_log_groups()["logGroups"]}
    return {"retention": groups[name].pop("retentionInDays", None), "groups": groups}


scenario = Scenario(sample=NAME, broken=broken, state=state, touched=frozenset({"retention"}), environment=SETTINGS)


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


def event(sample: str = "set_log_retention") -> dict[str, Any]:
    return Handler("logs", "set_log_retention").samples[sample]


@pytest.mark.parametrize("days", [1, 7, 3653])
def test_a_retention_of_any_length_is_left_alone(days: int, account: Account) -> None:
    group(days=days)
    assert account.deliver(remediation, event()) == ["ALREADY_OK"]
    assert account.writes == []


@pytest.mark.parametrize(("age", "outcome"), [(350, "FIXED"), (352, "REPORTED"), (4000, "REPORTED")])
def test_a_group_that_may_hold_older_events_is_left_to_people(age: int, outcome: str, account: Account) -> None:
    account.clock.time = boto3.client("logs").describe_log_groups(logGroupNamePrefix=group())["logGroups"][0]["creationTime"] / 1000
    account.clock.pause(age * DAY)
    assert account.deliver(remediation, event()) == [outcome]
    assert bool(account.writes) is (outcome == "FIXED")


@pytest.mark.parametrize("name", [NAME, ARN, f"{ARN}:*"])
def test_a_group_has_one_name_whoever_names_it_how(name: str, account: Account) -> None:
    group()
    account.invoke(remediation, {"exempt": {"resource": NAME, "owner": "Jo", "reason": "audit", "until": "2027-01-01"}})
    assert account.deliver(remediation, {**event(), "detail": {**event()["detail"], "requestParameters": {"logGroupName": name}}}) == ["EXEMPT"]


def test_a_group_that_is_gone_is_an_outcome_even_if_another_begins_like_it(account: Account) -> None:
    group(f"{NAME}-2")
    assert account.deliver(remediation, event()) == ["GONE"]
    assert account.writes == []


def test_a_group_that_only_delivers_is_left_alone_as_it_keeps_events_for_a_day_and_no_longer(account: Account) -> None:
    group()

    def of_the_class_delivery(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        if call.operation == "PutRetentionPolicy":
            raise ClientError({"Error": {"Code": "InvalidParameterException", "Message": "not for this log group class"}}, call.operation)
        answer = really()
        return {**answer, "logGroups": [{**one, "logGroupClass": "DELIVERY"} for one in answer["logGroups"]]} if "logGroups" in answer else answer

    with account.interfered(of_the_class_delivery):
        assert account.deliver(remediation, event()) == ["ALREADY_OK"]
    assert account.alerts() == []
