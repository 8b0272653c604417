"""enable_secret_rotation: what was switched off is on again with the same rules, and the current value stays current."""

from typing import Any

import boto3
import pytest

from functions.secretsmanager.enable_secret_rotation import remediation
from tests.harness.account import Account, ApiCall
from tests.harness.discovery import Handler
from tests.harness.scenario import Scenario
from tests.harness.secretsmanager import rotations

rotations.as_on_aws()

SAMPLE = "arn:aws:secretsmanager:us-east-1:111122223333:secret:snapback/sample-a1b2c3"
NAME, OTHER = "a/secret-of-a-test", "another/secret-of-a-test"
FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:rotate-orders"


def secret(name: str = NAME, *, days: int | None = 30, **more: Any) -> str:  # noqa: ANN401 - as CreateSecret takes them
    """Make a secret whose rotation was set up and is switched off; one without, if no days are given."""
    manager = boto3.client("secretsmanager")
    arn = manager.create_secret(Name=name, SecretString="in a test", **more)["ARN"]
    if days:
        manager.rotate_secret(SecretId=arn, RotationLambdaARN=FUNCTION, RotationRules={"AutomaticallyAfterDays": days}, RotateImmediately=False)
        manager.cancel_rotate_secret(SecretId=arn)
    return arn


def broken() -> str:
    secret(OTHER, days=7)
    return secret(Tags=[{"Key": "team", "Value": "blue"}])


def described(name: str) -> tuple[bool, dict[str, Any]]:
    answer = boto3.client("secretsmanager").describe_secret(SecretId=name)
    kept = ("ARN", "Tags", "VersionIdsToStages", "RotationLambdaARN", "RotationRules")
    return bool(answer.get("RotationEnabled")), {part: answer.get(part) for part in kept}


def state(arn: str) -> dict[str, Any]:
    enabled, secret = described(arn)
    return {
        "rotates": enabled,
        "secret": secret,
        "value": boto3.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"],
        "other": described(OTHER),
    }


scenario = Scenario(
    sample=SAMPLE,
    broken=broken,
    state=state,
    touched=frozenset({"rotates"}),
    environment={},
    also_named=lambda _: {'"secretId": "snapback/sample"': f'"secretId": "{NAME}"'},
)


def event(arn: str) -> dict[str, Any]:
    return scenario.event(Handler("secretsmanager", "enable_secret_rotation").samples["enable_secret_rotation"], arn)


def described_with(**more: Any) -> Any:  # noqa: ANN401 - an interference
    """Return an interference in which AWS says more of the secret than moto does."""

    def interfere(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401
        answer = really()
        return {**answer, **more} if call.operation == "DescribeSecret" else answer

    return interfere


def test_a_schedule_is_given_back_without_the_days_that_aws_works_out_from_it(account: Account) -> None:
    rules = {"AutomaticallyAfterDays": 10, "Duration": "2h", "ScheduleExpression": "rate(10 days)"}
    arn = secret()
    with account.interfered(described_with(RotationRules=rules)):
        assert account.deliver(remediation, event(arn)) == ["FIXED"]
        [call] = account.writes
    given = call.parameters
    assert given["RotationRules"] == {"Duration": "2h", "ScheduleExpression": "rate(10 days)"}
    assert (given["RotationLambdaARN"], given["RotateImmediately"]) == (FUNCTION, False)


def test_a_rotation_that_was_never_set_up_is_reported_once_a_day(account: Account) -> None:
    arn = secret(days=None)
    assert [account.deliver(remediation, {**event(arn), "id": str(number)}) for number in range(3)] == [["REPORTED"]] * 3
    assert account.outcomes() == ["REPORTED"]
    assert "never set up" in account.alerts()[0]["reason"]
    assert account.writes == []


def test_of_a_managed_external_secret_it_is_not_said_that_it_lacks_a_function(account: Account) -> None:
    arn = secret(days=None)
    partner = {"Type": "SalesforceClientSecret", "ExternalSecretRotationRoleArn": "arn:aws:iam::111122223333:role/rotates"}
    with account.interfered(described_with(**partner, RotationRules={"AutomaticallyAfterDays": 30})):
        assert account.deliver(remediation, event(arn)) == ["REPORTED"]
    assert "managed external secret" in account.alerts()[0]["reason"]
    assert account.writes == []


@pytest.mark.parametrize("more", [{"OwningService": "rds"}, {"DeletedDate": "2026-12-01"}], ids=["owned by a service", "waiting for its deletion"])
def test_a_secret_that_is_not_ours_to_rotate_is_left_alone(account: Account, more: Any) -> None:  # noqa: ANN401
    arn = secret()
    with account.interfered(described_with(**more)):
        assert account.deliver(remediation, event(arn)) == ["ALREADY_OK"]


def test_a_replica_is_left_to_its_primary(account: Account) -> None:
    arn = secret()
    with account.interfered(described_with(PrimaryRegion="eu-west-1")):
        assert account.deliver(remediation, event(arn)) == ["ELSEWHERE"]
        assert account.writes == []
