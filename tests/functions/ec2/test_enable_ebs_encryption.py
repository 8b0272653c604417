"""enable_ebs_encryption: the default of this account and region goes on, and what is there stays."""

from typing import Any

import boto3

from functions.ec2.enable_ebs_encryption import remediation
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.scenario import ACCOUNT, Scenario


def broken() -> str:
    boto3.client("ec2").create_volume(AvailabilityZone="us-east-1a", Size=1)
    boto3.client("ec2", region_name="eu-west-1").disable_ebs_encryption_by_default()
    return ACCOUNT


def state(_: str) -> dict[str, Any]:
    return {
        "default": boto3.client("ec2").get_ebs_encryption_by_default()["EbsEncryptionByDefault"],
        "default elsewhere": boto3.client("ec2", region_name="eu-west-1").get_ebs_encryption_by_default()["EbsEncryptionByDefault"],
        "volumes": boto3.client("ec2").describe_volumes()["Volumes"],
    }


scenario = Scenario(sample=ACCOUNT, broken=broken, state=state, touched=frozenset({"default"}), environment={})


def test_a_default_that_is_on_again_needs_no_fix(account: Account) -> None:
    broken()
    boto3.client("ec2").enable_ebs_encryption_by_default()
    assert account.deliver(remediation, Handler("ec2", "enable_ebs_encryption").samples["enable_ebs_encryption"]) == ["ALREADY_OK"]
    assert account.writes == []
