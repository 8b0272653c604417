"""restart_trail: a stopped trail runs again, started where it is at home, whoever names it how."""

from typing import Any

import boto3
import pytest

from functions.cloudtrail.restart_trail import remediation
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.scenario import ACCOUNT, REGION, Scenario

NAME = "management-events"
ARN = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{NAME}"


def trail(name: str, region: str = REGION, *, everywhere: bool = False) -> str:
    """Make a trail that logs; return its ARN."""
    boto3.client("s3").create_bucket(Bucket="a-bucket-for-trails")
    cloudtrail = boto3.client("cloudtrail", region_name=region)
    arn = cloudtrail.create_trail(Name=name, S3BucketName="a-bucket-for-trails", IsMultiRegionTrail=everywhere)["TrailARN"]
    cloudtrail.start_logging(Name=arn)
    return arn


def stop(arn: str) -> str:
    boto3.client("cloudtrail", region_name=arn.split(":")[3]).stop_logging(Name=arn)
    return arn


def logs(arn: str) -> bool:
    return boto3.client("cloudtrail", region_name=arn.split(":")[3]).get_trail_status(Name=arn)["IsLogging"]


def broken() -> str:
    trail("data-events")
    stop(trail("tried-once"))
    return stop(trail(NAME))


def state(arn: str) -> dict[str, Any]:
    trails = boto3.client("cloudtrail").describe_trails()["trailList"]
    return {
        "logging": logs(arn),
        "trails": sorted(trails, key=repr),
        "others": {one["Name"]: logs(one["TrailARN"]) for one in trails if one["TrailARN"] != arn},
    }


scenario = Scenario(sample=ARN, broken=broken, state=state, touched=frozenset({"logging"}), environment={})


def event(name: object) -> dict[str, Any]:
    sample = Handler("cloudtrail", "restart_trail").samples["restart_trail"]
    return {**sample, "detail": {**sample["detail"], "requestParameters": {"name": name}}}


def test_a_trail_that_logs_is_left_alone(account: Account) -> None:
    trail(NAME)
    assert account.deliver(remediation, event(NAME)) == ["ALREADY_OK"]
    assert account.writes == []


def test_a_trail_of_another_region_is_looked_at_started_and_stopped_there(account: Account) -> None:
    arn = stop(trail("europe", "eu-west-1", everywhere=True))
    [outcome] = account.invoke(remediation, event(arn))["outcomes"]
    assert outcome["outcome"] == "FIXED"
    assert logs(arn)
    account.invoke(remediation, {"undo": outcome["id"]})
    assert not logs(arn)


def test_a_name_means_the_trail_of_that_name_and_no_other(account: Account) -> None:
    stop(trail(f"{NAME}-2"))
    stop(trail(NAME))
    assert account.deliver(remediation, event(NAME)) == ["FIXED"]
    assert logs(ARN)
    assert not logs(f"{ARN}-2")


def test_a_trail_has_one_name_whoever_names_it_how(account: Account) -> None:
    stop(trail(NAME))
    account.invoke(remediation, {"exempt": {"resource": ARN, "owner": "Jo", "reason": "migration", "until": "2027-01-01"}})
    assert account.deliver(remediation, event(NAME)) == ["EXEMPT"]
    assert account.deliver(remediation, event(ARN)) == ["EXEMPT"]


@pytest.mark.parametrize("name", ["unheard-of", f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/unheard-of"])
def test_a_stopped_trail_that_is_gone_by_now_is_told_as_high(account: Account, name: str) -> None:
    trail(NAME)
    assert account.deliver(remediation, event(name)) == ["REPORTED"]
    [alert] = account.alerts()
    assert alert["severity"] == "high"
    assert "there is nothing to change; StopLogging is left to you" in alert["reason"]


def test_an_organisations_trail_is_left_to_the_account_that_it_belongs_to(account: Account) -> None:
    foreign = f"arn:aws:cloudtrail:{REGION}:999999999999:trail/organisation"
    assert account.deliver(remediation, event(foreign)) == ["ELSEWHERE"]
    assert account.calls == []


def test_under_sam_local_the_account_is_not_known_and_no_trail_counts_as_anothers(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SAM_LOCAL", "true")
    monkeypatch.setenv("ROLE_ARN", "")
    stop(trail(NAME))
    assert account.deliver(remediation, event(ARN)) == ["FIXED"]


def test_a_name_that_can_be_none_reaches_no_call(account: Account) -> None:
    assert account.deliver(remediation, event("x; rm -rf /")) == []
    assert "is not a name" in account.dead_letters[0][1]
    assert account.calls == []


@pytest.mark.parametrize("name", [NAME, ARN])
def test_an_operator_may_give_name_or_arn_to_the_preview_command(account: Account, name: str) -> None:
    stop(trail(NAME))
    shown = account.invoke(remediation, {"preview": name})
    assert shown["wrong"] == [{"TrailARN": ARN, "HomeRegion": REGION}]
    assert [call["operation"] for call in shown["calls"]] == ["StartLogging"]
    assert not logs(ARN)
