"""block_public_snapshots: the strongest block, and back to whichever weaker state there was."""

from typing import Any

import pytest

from functions.ec2.block_public_snapshots import remediation
from tests.harness.account import ACCOUNT, Account, operations
from tests.harness.discovery import Handler
from tests.harness.ec2 import sharing_blocks
from tests.harness.ec2.sharing_blocks import blocks
from tests.harness.scenario import Scenario

sharing_blocks.as_on_aws()


def broken(state: str = "unblocked") -> str:
    blocks().snapshots = state
    return ACCOUNT


def state(_: str) -> dict[str, Any]:
    return {"snapshots": blocks().snapshots, "images": blocks().images_shown}


scenario = Scenario(sample=ACCOUNT, broken=broken, state=state, touched=frozenset({"snapshots"}), environment={})


def event() -> dict[str, Any]:
    return Handler("ec2", "block_public_snapshots").samples["block_public_snapshots"]


def all_calls(account: Account) -> None:
    """Go there and back from both of the weaker states."""
    for former in ("unblocked", "block-new-sharing"):
        broken(former)
        [outcome] = account.invoke(remediation, {**event(), "id": former})["outcomes"]
        account.invoke(remediation, {"undo": outcome["id"]})
        assert blocks().snapshots == former
        account.invoke(remediation, {"unexempt": ACCOUNT})


def test_an_undo_puts_back_whichever_weaker_state_there_was(account: Account) -> None:
    all_calls(account)
    assert operations(account.writes) == [
        "ec2:EnableSnapshotBlockPublicAccess",
        "ec2:DisableSnapshotBlockPublicAccess",
        "ec2:EnableSnapshotBlockPublicAccess",
        "ec2:EnableSnapshotBlockPublicAccess",
    ]


@pytest.mark.usefixtures("account")
def test_the_strongest_state_is_right() -> None:
    assert remediation.violation(broken("block-all-sharing")) == []


def test_a_state_that_the_organisation_holds_is_left_to_people(account: Account) -> None:
    broken()
    blocks().managed_by = "declarative-policy"
    assert account.deliver(remediation, event()) == ["REPORTED"]
    assert "declarative policy of the organisation" in account.alerts()[0]["reason"]
    assert account.writes == []
