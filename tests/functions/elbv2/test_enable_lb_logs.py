"""enable_lb_logs: logs go where the parameter says, and without it nothing is pretended."""

from typing import Any

import pytest

from functions.elbv2.enable_lb_logs import remediation
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.elbv2.load_balancers import attributes, load_balancer, set_attributes, tags
from tests.harness.scenario import Scenario

SAMPLE = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/web/0123456789abcdef"
ENABLED, BUCKET, PREFIX = "access_logs.s3.enabled", "access_logs.s3.bucket", "access_logs.s3.prefix"
SETTINGS = {"LB_LOG_BUCKET": "central-logs"}


def broken() -> str:
    """Make one that once logged to another bucket: a bucket that was named can be named again, ELB takes no empty name."""
    arn = load_balancer("web")
    set_attributes(arn, access_logs__s3__enabled="false", access_logs__s3__bucket="former-logs", access_logs__s3__prefix="web")
    return arn


def state(arn: str) -> dict[str, Any]:
    own = attributes(arn)
    return {"logs": [own.pop(ENABLED), own.pop(BUCKET)], "attributes": own, "tags": tags(arn)}


scenario = Scenario(sample=SAMPLE, broken=broken, state=state, touched=frozenset({"logs"}), environment=SETTINGS)


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


def sample(arn: str, *, event_id: str = "") -> dict[str, Any]:
    return scenario.event(Handler("elbv2", "enable_lb_logs").samples["enable_lb_logs"], arn, event_id=event_id)


def test_an_undo_never_gives_elb_an_empty_bucket(account: Account) -> None:
    """It answers "The value of 'access_logs.s3.bucket' cannot be empty"."""
    arn = load_balancer("web")
    account.deliver(remediation, sample(arn))
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDONE"
    assert attributes(arn)[ENABLED] == "false"
    assert account.writes[-1].parameters["Attributes"] == [{"Key": ENABLED, "Value": "false"}]


def test_without_a_bucket_it_is_told_once_a_day_and_nothing_is_changed(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LB_LOG_BUCKET", "")
    arn = broken()
    assert account.deliver(remediation, sample(arn)) == ["REPORTED"]
    assert account.deliver(remediation, sample(arn, event_id="another")) == ["REPORTED"]
    [alert] = account.alerts()
    assert "LbLogBucket" in alert["reason"]
    assert account.writes == []


def test_logging_to_any_bucket_is_right_and_another_bucket_since_the_fix_is_not_undone(account: Account) -> None:
    arn = broken()
    account.deliver(remediation, sample(arn))
    set_attributes(arn, access_logs__s3__bucket="their-logs")
    assert remediation.violation(arn) == []
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDO_REFUSED"
    assert [attributes(arn)[one] for one in (ENABLED, BUCKET, PREFIX)] == ["true", "their-logs", "web"]


@pytest.mark.parametrize("kind", ["net", "gwy"])
def test_other_kinds_are_left_alone(account: Account, kind: str) -> None:
    assert account.deliver(remediation, sample(SAMPLE.replace("/app/", f"/{kind}/"))) == ["ALREADY_OK"]
    assert [call for call in account.calls if not call.own] == []
