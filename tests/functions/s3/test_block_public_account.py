"""block_public_account: the account's own block is fully on, and its buckets keep theirs."""

from typing import Any

import boto3
import pytest

from functions.s3.block_public_account import remediation
from snapback.s3.buckets import FULL_BLOCK, account_public_access_block
from tests.harness.account import ACCOUNT, Account, error
from tests.harness.discovery import Handler
from tests.harness.s3 import buckets
from tests.harness.scenario import Scenario

buckets.as_on_aws()

BUCKET = "a-bucket-of-a-test"
HALF: Any = {**FULL_BLOCK, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}


def block(settings: Any) -> str:  # noqa: ANN401 - a PublicAccessBlockConfiguration
    s3, control = boto3.client("s3"), boto3.client("s3control")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=HALF)
    if settings:
        control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=settings)
    return ACCOUNT


def state(account: str) -> dict[str, Any]:
    bucket = boto3.client("s3").get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    return {"account": account_public_access_block(account), "bucket": bucket}


scenario = Scenario(sample=ACCOUNT, broken=lambda: block(HALF), state=state, touched=frozenset({"account"}), environment={})


def all_calls(account: Account) -> None:
    """Where there was no block, undo removes it."""
    block(None)
    fix_and_undo(account)


def fix_and_undo(account: Account) -> None:
    [outcome] = account.invoke(remediation, Handler("s3", "block_public_account").samples["block_public_account"])["outcomes"]
    assert outcome["outcome"] == "FIXED"
    assert account_public_access_block(ACCOUNT) == FULL_BLOCK
    assert account.invoke(remediation, {"undo": outcome["id"]})["outcome"] == "UNDONE"


@pytest.mark.parametrize("setting", FULL_BLOCK)
@pytest.mark.usefixtures("account")
def test_one_setting_that_is_off_is_enough(setting: str) -> None:
    block({**FULL_BLOCK, setting: False})
    assert remediation.violation(ACCOUNT)


@pytest.mark.parametrize("settings", [HALF, None], ids=["half on", "none"])
def test_undo_brings_the_former_block_back(account: Account, settings: Any) -> None:  # noqa: ANN401
    block(settings)
    fix_and_undo(account)
    assert account_public_access_block(ACCOUNT) == settings


def test_a_refusal_by_the_organisation_is_told(account: Account) -> None:
    block(HALF)

    def refuse(call: Any, _: int, really: Any) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "PutPublicAccessBlock":
            raise error("AccessDenied", 403, call.operation)
        return really()

    with account.interfered(refuse):
        assert account.deliver(remediation, Handler("s3", "block_public_account").samples["block_public_account"]) == ["FAILED"]
