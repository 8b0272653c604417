"""block_public_documents: the account's own setting blocks, and an undo brings back the value or the default."""

from typing import Any

import boto3
import pytest

from functions.ssm.block_public_documents import remediation
from snapback.ssm.shared_documents import PUBLIC_SHARING
from tests.harness.account import ACCOUNT, Account, operations
from tests.harness.discovery import Handler
from tests.harness.scenario import Scenario
from tests.harness.ssm import service_settings

service_settings.as_on_aws()

OTHER = "/ssm/parameter-store/high-throughput-enabled"


def setting(value: str | None) -> str:
    """Set it; None leaves AWS's default."""
    ssm = boto3.client("ssm")
    ssm.update_service_setting(SettingId=OTHER, SettingValue="true")
    if value:
        ssm.update_service_setting(SettingId=PUBLIC_SHARING, SettingValue=value)
    return ACCOUNT


def state(_: str) -> dict[str, Any]:
    ssm = boto3.client("ssm")
    return {name: ssm.get_service_setting(SettingId=name)["ServiceSetting"] for name in (PUBLIC_SHARING, OTHER)}


scenario = Scenario(sample=ACCOUNT, broken=lambda: setting("Enable"), state=state, touched=frozenset({PUBLIC_SHARING}), environment={})


def event() -> dict[str, Any]:
    return Handler("ssm", "block_public_documents").samples["block_public_documents"]


def all_calls(account: Account) -> None:
    """Where nobody had set it, an undo resets it."""
    setting(None)
    fix_and_undo(account)


def fix_and_undo(account: Account) -> None:
    [outcome] = account.invoke(remediation, event())["outcomes"]
    assert outcome["outcome"] == "FIXED"
    account.forget()
    assert account.invoke(remediation, {"undo": outcome["id"]})["outcome"] == "UNDONE"


@pytest.mark.parametrize(("value", "call"), [("Enable", "ssm:UpdateServiceSetting"), (None, "ssm:ResetServiceSetting")], ids=["set", "default"])
def test_undo_brings_back_the_value_or_the_default(account: Account, value: str | None, call: str) -> None:
    setting(value)
    before = state(ACCOUNT)
    fix_and_undo(account)
    assert operations(account.writes) == [call]
    assert state(ACCOUNT) == before


def test_a_block_that_is_there_is_right(account: Account) -> None:
    setting("Disable")
    assert account.deliver(remediation, event()) == ["ALREADY_OK"]
