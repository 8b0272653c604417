"""block_public_images: the block is on again, and what AWS shows late is neither missed nor called fixed."""

from typing import Any

from functions.ec2.block_public_images import remediation
from tests.harness.account import ACCOUNT, Account
from tests.harness.discovery import Handler
from tests.harness.ec2 import sharing_blocks
from tests.harness.ec2.sharing_blocks import blocks
from tests.harness.scenario import Scenario

sharing_blocks.as_on_aws()

MINUTES = 60


def broken() -> str:
    blocks().images = "unblocked"
    return ACCOUNT


def state(_: str) -> dict[str, Any]:
    return {"images": blocks().images_shown, "snapshots": blocks().snapshots}


scenario = Scenario(sample=ACCOUNT, broken=broken, state=state, touched=frozenset({"images"}), environment={})


def sample(name: str = "block_public_images") -> dict[str, Any]:
    return Handler("ec2", "block_public_images").samples[name]


def sweep(event_id: str) -> dict[str, Any]:
    return {**sample("block_public_images-sweep"), "id": event_id}


def test_a_fix_that_does_not_show_yet_is_told_as_unverified_and_is_not_made_again(account: Account) -> None:
    broken()
    blocks().delay = 9 * MINUTES
    assert account.deliver(remediation, sample()) == ["UNVERIFIED"]
    assert [call.operation for call in account.writes] == ["EnableImageBlockPublicAccess"]
    account.clock.pause(15 * MINUTES)
    account.forget()
    assert account.deliver(remediation, sweep("the next")) == ["ALREADY_OK"]
    assert account.writes == []
    assert account.outcomes() == ["UNVERIFIED"]


def test_a_block_whose_end_does_not_show_yet_is_found_by_the_sweep(account: Account) -> None:
    blocks().images, blocks().delay = "block-new-sharing", 9 * MINUTES
    blocks().set_images("unblocked")
    assert account.deliver(remediation, sample()) == ["ALREADY_OK"]
    account.clock.pause(15 * MINUTES)
    blocks().delay = 0
    assert account.deliver(remediation, sweep("the next")) == ["FIXED"]
    assert blocks().images_shown == "block-new-sharing"


def test_an_undo_that_does_not_show_yet_can_be_given_again(account: Account) -> None:
    broken()
    [outcome] = account.invoke(remediation, sample())["outcomes"]
    blocks().delay = 9 * MINUTES
    assert account.invoke(remediation, {"undo": outcome["id"]})["outcome"] == "UNVERIFIED"
    account.clock.pause(15 * MINUTES)
    assert account.invoke(remediation, {"undo": outcome["id"]})["outcome"] == "UNDONE"


def test_a_state_that_the_organisation_holds_is_left_to_people(account: Account) -> None:
    broken()
    blocks().managed_by = "declarative-policy"
    assert account.deliver(remediation, sample()) == ["REPORTED"]
    assert account.writes == []
