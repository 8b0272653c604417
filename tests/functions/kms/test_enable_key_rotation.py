"""enable_key_rotation: keys that KMS can rotate are rotated, and all others are left alone."""

from typing import Any

import boto3
import pytest
from moto.kms.models import kms_backends

from functions.kms.enable_key_rotation import remediation
from tests.harness.account import Account, ApiCall, operations
from tests.harness.discovery import Handler
from tests.harness.kms import kms_keys
from tests.harness.scenario import ACCOUNT, REGION, Scenario

kms_keys.as_on_aws()

SAMPLE = "1234abcd-12ab-34cd-56ef-1234567890ab"


def key(**parameters: Any) -> str:  # noqa: ANN401 - as CreateKey takes them
    return boto3.client("kms").create_key(**parameters)["KeyMetadata"]["KeyId"]


def broken() -> str:
    key(Description="not rotated either")
    boto3.client("kms").enable_key_rotation(KeyId=key(Description="rotated"))
    return key(Description="orders")


def state(key_id: str) -> dict[str, Any]:
    kms = boto3.client("kms")
    rotated = {one["KeyId"]: kms.get_key_rotation_status(KeyId=one["KeyId"])["KeyRotationEnabled"] for one in kms.list_keys()["Keys"]}
    return {
        "rotation": rotated.pop(key_id),
        "key": kms.describe_key(KeyId=key_id)["KeyMetadata"],
        "policy": kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"],
        "others": rotated,
    }


scenario = Scenario(sample=SAMPLE, broken=broken, state=state, touched=frozenset({"rotation"}), environment={})


def event(key_id: str) -> dict[str, Any]:
    return scenario.event(Handler("kms", "enable_key_rotation").samples["enable_key_rotation"], key_id)


def test_a_period_that_kms_still_shows_is_kept(account: Account) -> None:
    key_id = key()

    def with_period(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401 - any answer
        answer = really()
        return {**answer, "RotationPeriodInDays": 90} if call.operation == "GetKeyRotationStatus" else answer

    with account.interfered(with_period):
        assert account.deliver(remediation, event(key_id)) == ["FIXED"]
    assert [call.parameters for call in account.writes] == [{"KeyId": key_id, "RotationPeriodInDays": 90}]


def test_without_one_kms_chooses_the_period(account: Account) -> None:
    key_id = key()
    account.deliver(remediation, event(key_id))
    assert [call.parameters for call in account.writes] == [{"KeyId": key_id}]


def test_the_primary_of_a_multi_region_key_is_rotated(account: Account) -> None:
    assert account.deliver(remediation, event(key(MultiRegion=True))) == ["FIXED"]


@pytest.mark.parametrize(
    "parameters",
    [
        pytest.param({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}, id="asymmetric"),
        pytest.param({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}, id="HMAC"),
        pytest.param({"Origin": "EXTERNAL"}, id="imported material"),
    ],
)
def test_a_key_that_kms_cannot_rotate_is_left_alone_and_not_even_asked_for(account: Account, parameters: Any) -> None:  # noqa: ANN401
    account.forget()
    assert account.deliver(remediation, event(key(**parameters))) == ["ALREADY_OK"]
    assert set(operations(account.calls)) <= {"kms:DescribeKey", "dynamodb:GetItem"}


@pytest.mark.parametrize(("part", "value"), [("key_state", "Disabled"), ("key_state", "PendingDeletion"), ("key_manager", "AWS")])
def test_a_key_that_is_out_of_use_or_of_aws_is_left_alone(account: Account, part: str, value: str) -> None:
    key_id = key()
    setattr(kms_backends[ACCOUNT][REGION].keys[key_id], part, value)
    assert account.deliver(remediation, event(key_id)) == ["ALREADY_OK"]


def test_a_replica_is_left_to_its_primary(account: Account) -> None:
    primary = key(MultiRegion=True)
    kms_backends[ACCOUNT][REGION].keys[primary].multi_region_configuration["MultiRegionKeyType"] = "REPLICA"
    assert account.deliver(remediation, event(primary)) == ["ALREADY_OK"]


def test_a_key_that_is_gone_is_an_outcome(account: Account) -> None:
    assert account.deliver(remediation, event(SAMPLE)) == ["GONE"]
