"""restrict_snapshot: the group `all` goes, accounts that were named stay."""

from typing import Any

import boto3
import pytest

from functions.ec2.restrict_snapshot import remediation
from tests.harness.account import Account, ApiCall, Killed
from tests.harness.discovery import Handler
from tests.harness.ec2 import sharing_blocks, snapshots
from tests.harness.ec2.sharing_blocks import blocks
from tests.harness.scenario import Scenario, saying

sharing_blocks.as_on_aws()


def broken() -> str:
    ec2 = boto3.client("ec2")
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume, Description="of a test")["SnapshotId"]
    for who in ({"GroupNames": ["all"]}, {"UserIds": ["222233334444"]}):
        ec2.modify_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", **who)  # type: ignore[arg-type]
    return snapshot


def state(snapshot: str) -> dict[str, Any]:
    ec2 = boto3.client("ec2")
    allowed = ec2.describe_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")["CreateVolumePermissions"]
    return {
        "groups": [one["Group"] for one in allowed if "Group" in one],
        "accounts": [one["UserId"] for one in allowed if "UserId" in one],
        "description": ec2.describe_snapshots(SnapshotIds=[snapshot])["Snapshots"][0]["Description"],
    }


snapshots.as_on_aws()

scenario = Scenario(sample="snap-0123456789abcdef0", broken=broken, state=state, touched=frozenset({"groups"}), environment={"TRUSTED_ACCOUNTS": ""})


@pytest.mark.usefixtures("account")
def test_sharing_with_named_accounts_is_not_wrong() -> None:
    snapshot = broken()
    boto3.client("ec2").modify_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="remove", GroupNames=["all"])
    assert remediation.violation(snapshot) == []


def test_a_finding_about_the_account_is_answered_for_each_public_snapshot_and_told_after_a_crash(account: Account) -> None:
    """Security Hub's EC2.1 names none. A retry finds no more what was put right before the crash, and tells it all the same."""
    snapshots_of_ours = [broken(), broken()]
    event = Handler("ec2", "restrict_snapshot").samples["restrict_snapshot-securityhub"]
    crashes = iter([True])

    def crash(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401
        if call.operation == "Publish" and next(crashes, False):
            raise Killed
        return really()

    account.forget()
    with account.interfered(crash):
        assert account.deliver(remediation, event) == ["FIXED", "FIXED"]
    assert sorted(alert["resource"]["name"] for alert in account.alerts()) == sorted(snapshots_of_ours)
    assert account.deliver(remediation, {**event, "id": "another"}) == ["ALREADY_OK", "ALREADY_OK"]


def test_a_finding_about_an_account_without_public_snapshots_needs_no_fix(account: Account) -> None:
    assert account.deliver(remediation, Handler("ec2", "restrict_snapshot").samples["restrict_snapshot-securityhub"]) == ["ALREADY_OK"]


def test_a_snapshot_that_is_gone_is_an_outcome(account: Account) -> None:
    event = Handler("ec2", "restrict_snapshot").samples["restrict_snapshot"]
    assert account.deliver(remediation, saying(event, createVolumePermission={"remove": {"items": [{"group": "all"}]}})) == ["GONE"]


def test_an_undo_that_the_block_of_public_sharing_forbids_says_which_fix_to_take_back_first(account: Account) -> None:
    snapshot = broken()
    [fixed] = account.invoke(remediation, scenario.event(Handler("ec2", "restrict_snapshot").samples["restrict_snapshot"], snapshot))["outcomes"]
    blocks().snapshots = "block-all-sharing"
    refused = account.invoke(remediation, {"undo": fixed["id"]})
    assert refused["outcome"] == "UNDO_REFUSED"
    assert "ModifySnapshotAttribute says OperationNotPermitted: Block public access" in refused["reason"]
    assert "take back block_public_snapshots first" in refused["reason"]
    blocks().snapshots = "unblocked"
    assert account.invoke(remediation, {"undo": fixed["id"]})["outcome"] == "UNDONE"
    assert state(snapshot)["groups"] == ["all"]
