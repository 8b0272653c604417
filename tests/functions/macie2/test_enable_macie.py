"""enable_macie: off or paused, it comes back as it was."""

from dataclasses import replace
from typing import Any

import boto3

from functions.macie2.enable_macie import remediation
from snapback.engine import memory
from tests.harness import regions
from tests.harness.account import Account, error
from tests.harness.discovery import Handler
from tests.harness.macie2 import macie_sessions
from tests.harness.scenario import ACCOUNT, Scenario

macie_sessions.as_on_aws()

REMEMBERED = {"status": "ENABLED", "findingPublishingFrequency": "ONE_HOUR"}


def enable(region: str | None = None) -> Any:  # noqa: ANN401 - a client
    client = boto3.client("macie2", region_name=region)
    client.enable_macie(status="ENABLED", findingPublishingFrequency="ONE_HOUR")
    return client


def broken() -> str:
    enable("eu-west-1")
    enable().disable_macie()
    memory.learn(remediation.name, {ACCOUNT: REMEMBERED})
    return ACCOUNT


def paused() -> str:
    enable("eu-west-1")
    enable().update_macie_session(status="PAUSED")
    return ACCOUNT


def state(_: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for region in ("us-east-1", "eu-west-1"):
        client = boto3.client("macie2", region_name=region)
        try:
            session = client.get_macie_session()
        except client.exceptions.AccessDeniedException:
            found[region] = None
        else:
            found[region] = [session["status"], session["findingPublishingFrequency"]]
    return found


scenario = Scenario(sample=ACCOUNT, broken=broken, state=state, touched=frozenset({"us-east-1"}), environment={})


variants = {"paused": replace(scenario, broken=paused)}


def event(sample: str = "enable_macie") -> dict[str, Any]:
    return Handler("macie2", "enable_macie").samples[sample]


def all_calls(account: Account) -> None:
    """Resume Macie, and pause it again."""
    paused()
    [outcome] = account.invoke(remediation, event("enable_macie-pause"))["outcomes"]
    account.invoke(remediation, {"undo": outcome["id"]})


def test_it_is_enabled_as_it_was(account: Account) -> None:
    broken()
    assert account.deliver(remediation, event()) == ["FIXED"]
    assert state(ACCOUNT)["us-east-1"] == ["ENABLED", "ONE_HOUR"]


def test_where_nobody_remembers_it_is_enabled_as_aws_does(account: Account) -> None:
    assert account.deliver(remediation, event()) == ["FIXED"]
    assert [call.parameters.keys() - {"clientToken"} for call in account.writes] == [{"status"}]


def test_to_be_denied_the_look_does_not_count_as_off(account: Account) -> None:
    with account.interfered(lambda call, _, really: (_ for _ in ()).throw(error("AccessDeniedException", 403, "x")) if not call.own else really()):
        assert account.deliver(remediation, event()) == ["FAILED"]
    assert account.writes == []


def test_the_sweep_remembers_it_and_leaves_regions_alone_in_which_it_was_never_seen_on(account: Account) -> None:
    assert account.deliver(remediation, event("enable_macie-sweep")) == ["ALREADY_OK"]
    assert account.writes == []
    enable()
    assert account.deliver(remediation, event("enable_macie-sweep")) == ["ALREADY_OK"]
    assert memory.recall(remediation.name, ACCOUNT) == REMEMBERED


def test_in_a_region_without_macie_the_sweep_finds_nothing_every_hour_and_no_dead_letter_comes_of_it(account: Account) -> None:
    with account.interfered(regions.without("macie2")):
        assert account.deliver(remediation, event("enable_macie-sweep")) == ["ALREADY_OK"]
    assert account.dead_letters == []


def test_where_macie_was_seen_on_the_sweep_says_that_it_cannot_be_reached(account: Account) -> None:
    memory.learn(remediation.name, {ACCOUNT: REMEMBERED})
    with account.interfered(regions.without("macie2")):
        account.deliver(remediation, event("enable_macie-sweep"))
    assert [why for _, why in account.dead_letters if "Could not connect to the endpoint" in why]
