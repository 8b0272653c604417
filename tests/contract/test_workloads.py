"""What is made unasked stops nothing that works: no workload, no pipeline, no delivery of logs, no sign-in, no stack."""

import re
from typing import Any

import pytest

from tests.contract.conftest import SITUATIONS, broken_by
from tests.harness.account import Account
from tests.harness.discovery import FIXERS, Handler
from tests.harness.workloads import USES, Use

BESIDE_EACH_OTHER = [
    pytest.param(handler, use, id=f"{handler} - {use.who}")
    for handler in SITUATIONS
    for use in USES
    if use.of == handler.remediation.resource and (not use.sample or handler.stem + use.sample in handler.samples)
]


@pytest.fixture(autouse=True)
def as_deployed(monkeypatch: pytest.MonkeyPatch, account: Account) -> Account:
    """Give the modes that template.yaml has by default."""
    monkeypatch.setenv("MODE", "enforce")
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    return account


@pytest.mark.parametrize(("handler", "use"), BESIDE_EACH_OTHER)
def test_what_others_do_with_a_resource_works_after_each_fix_that_is_made_unasked(
    handler: Handler, use: Use, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = broken_by(handler, account, monkeypatch)
    use.begin(broken.resource)
    if not use.works(broken.resource):  # this resource cannot be used so, whatever we do
        assert handler.stem != use.at
        return
    broken.deliver(broken.event(f"{handler.stem}{use.sample}"))
    assert account.dead_letters == []
    assert use.works(broken.resource), f"{use.page}: {account.writes}"


def test_each_use_is_tried_at_a_remediation_that_could_stop_it() -> None:
    tried = [(param.values[0].stem, param.values[1]) for param in BESIDE_EACH_OTHER]  # type: ignore[union-attr]  # a Handler
    assert [use.who for use in USES if (use.at, use) not in tried] == []
    assert all(use.page.startswith("https://docs.aws.amazon.com/") for use in USES)


TAKEN_AWAY = re.compile(r"^(Delete|Stop|Disable|Schedule|Cancel|Detach)")
OF_WHAT_STAYS = re.compile(r"(BlockPublicAccess|PublicAccessBlock|BucketEncryption|BucketPolicy|KeyRotation|NetworkAclEntry|RetentionPolicy)$")
"""Settings of what goes on to exist: what it does to others that they are put back is seen above."""


def _deleting() -> list[Any]:
    return [
        pytest.param(handler, name, id=name)
        for handler in FIXERS
        for name, sample in handler.samples.items()
        if TAKEN_AWAY.match(event_name := sample["detail"].get("eventName", "")) and not OF_WHAT_STAYS.search(event_name)
        if not handler.takes_off(sample)  # without a fix before, nothing is there to be taken away
    ]


@pytest.mark.parametrize(("handler", "sample"), _deleting())
def test_what_a_stack_takes_away_stays_away(handler: Handler, sample: str, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-delete-stack.html."""
    broken = broken_by(handler, account, monkeypatch)
    event = broken.event(sample)
    event["detail"]["userIdentity"] = {**event["detail"].get("userIdentity", {}), "invokedBy": "cloudformation.amazonaws.com"}
    assert broken.deliver(event) == ["WOULD_FIX"]
    assert broken.state() == broken.before
