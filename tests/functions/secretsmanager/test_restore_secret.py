"""restore_secret: a secret can be read again, and an undo never brings its end nearer."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto.secretsmanager.models import secretsmanager_backends

from functions.secretsmanager.restore_secret import remediation
from snapback.engine import clock
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.scenario import ACCOUNT, REGION, Scenario

SAMPLE = "arn:aws:secretsmanager:us-east-1:111122223333:secret:snapback/sample-a1b2c3"
NAME, OTHER = "a/secret-of-a-test", "another/secret-of-a-test"
DAY = timedelta(days=1)


def secret(days: int | None = None, name: str = NAME, **more: Any) -> str:  # noqa: ANN401 - as CreateSecret takes them
    """Make a secret; if days are given, one whose deletion was scheduled a minute ago."""
    manager = boto3.client("secretsmanager")
    arn = manager.create_secret(Name=name, SecretString="in a test", **more)["ARN"]
    if days:
        manager.delete_secret(SecretId=arn, RecoveryWindowInDays=days)
        kept: Any = secretsmanager_backends[ACCOUNT][REGION].secrets[arn]
        kept.deleted_date = clock.now() - 60 + days * DAY.total_seconds()
    return arn


def broken() -> str:
    secret(20, OTHER)
    return secret(12, Tags=[{"Key": "team", "Value": "blue"}])


def days_left(described: Any) -> int | None:  # noqa: ANN401 - what DescribeSecret answers
    """Return the days until the deletion, counted in whole days as Secrets Manager counts them."""
    date = described.get("DeletedDate")
    return round((date - datetime.fromtimestamp(clock.now(), UTC)) / DAY) if date else None


def state(arn: str) -> dict[str, Any]:
    manager = boto3.client("secretsmanager")
    this, other = manager.describe_secret(SecretId=arn), manager.describe_secret(SecretId=OTHER)
    unchanging = ("ARN", "Name", "Tags", "VersionIdsToStages")
    return {
        "deletion": days_left(this),
        "secret": {name: this.get(name) for name in unchanging},
        "other": (days_left(other), {name: other.get(name) for name in unchanging}),
    }


scenario = Scenario(
    sample=SAMPLE,
    broken=broken,
    state=state,
    touched=frozenset({"deletion"}),
    environment={},
    also_named=lambda _: {'"secretId": "snapback/sample"': f'"secretId": "{NAME}"'},
)


def event(arn: str) -> dict[str, Any]:
    return scenario.event(Handler("secretsmanager", "restore_secret").samples["restore_secret"], arn)


def test_a_secret_has_one_name_whoever_names_it(account: Account) -> None:
    arn = secret(12)
    named = event(arn)
    named["detail"]["requestParameters"]["secretId"] = NAME
    account.deliver(remediation, named)
    assert account.alerts()[0]["resource"]["name"] == arn


@pytest.mark.parametrize(
    ("window", "days_later", "expected"),
    [
        pytest.param(30, 0, 30, id="at once"),
        pytest.param(30, 9.5, 21, id="a part of a day counts as a whole, so that the secret does not go sooner"),
        pytest.param(7, 5, 7, id="Secrets Manager waits for seven days at least"),
        pytest.param(7, 8, 30, id="a date that is over gives the longest time"),
    ],
)
def test_an_undo_days_later_deletes_the_secret_on_the_former_date_or_later(account: Account, window: int, days_later: float, expected: int) -> None:
    [outcome] = account.invoke(remediation, event(secret(window)))["outcomes"]
    account.clock.pause(days_later * 24 * 3600)
    account.forget()
    account.invoke(remediation, {"undo": outcome["id"]})
    assert [call.parameters.get("RecoveryWindowInDays") for call in account.writes] == [expected]


def test_a_secret_that_was_deleted_at_once_is_gone(account: Account) -> None:
    arn = secret()
    boto3.client("secretsmanager").delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
    assert account.deliver(remediation, event(arn)) == ["GONE"]


def test_a_secret_that_an_aws_service_owns_is_left_alone(account: Account) -> None:
    arn = secret(12, Tags=[{"Key": "aws:secretsmanager:owningService", "Value": "rds"}])
    assert account.deliver(remediation, event(arn)) == ["ALREADY_OK"]
    assert account.writes == []


def test_the_evidence_says_in_utc_when_the_secret_would_have_gone_and_nothing_of_what_is_in_it(account: Account) -> None:
    [evidence] = remediation.violation(secret(12))
    date = datetime.fromisoformat(evidence["ScheduledDeletion"])
    assert date.utcoffset() == timedelta(0)
    assert abs(date - datetime.fromtimestamp(account.clock.time, UTC) - 12 * DAY) < timedelta(minutes=2)
    assert list(evidence) == ["ScheduledDeletion"]
