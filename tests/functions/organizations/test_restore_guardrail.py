"""restore_guardrail: attached, enabled and emptied policies, and only those that have to be."""

import json
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto.organizations.models import organizations_backends

from functions.organizations.restore_guardrail import remediation
from snapback.engine import memory
from snapback.organizations.guardrails import contents
from tests.harness.account import Account, operations
from tests.harness.discovery import Handler
from tests.harness.scenario import ACCOUNT, Scenario

POLICY, OTHER, UNIT = "p-abcd1234", "p-other123", "ou-abcd-1234abcd"
SCP: Any = "SERVICE_CONTROL_POLICY"
DENY = '{ "Version": "2012-10-17",\n "Statement": {"Effect": "Deny", "Action": "cloudtrail:StopLogging", "Resource": "*"} }'
ALLOW_ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
SETTINGS = {"GUARDRAILS": f"{POLICY}:{UNIT}"}


def set_up() -> None:
    """Make an organisation with two attached policies, and give them the ids that are in the samples; moto makes ids of its own."""
    organizations = boto3.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType=SCP)
    unit = organizations.create_organizational_unit(ParentId=root, Name="workloads")["OrganizationalUnit"]["Id"]
    made = [organizations.create_policy(Content=DENY, Description="", Name=name, Type=SCP)["Policy"]["PolicySummary"]["Id"] for name in ("guardrail", "other")]
    backend = organizations_backends[ACCOUNT]["aws"]
    next(one for one in backend.ou if one.id == unit).id = UNIT
    for was, name in zip(made, (POLICY, OTHER), strict=True):
        backend.get_policy_by_id(was).id = name
        organizations.attach_policy(PolicyId=name, TargetId=UNIT)


def detach(policy: str = POLICY) -> None:
    boto3.client("organizations").detach_policy(PolicyId=policy, TargetId=UNIT)


def disable() -> None:
    """Disable the type. AWS then detaches all policies of it; moto leaves them attached."""
    organizations = boto3.client("organizations")
    for policy in (POLICY, OTHER):
        detach(policy)
    organizations.disable_policy_type(RootId=organizations.list_roots()["Roots"][0]["Id"], PolicyType=SCP)


def empty() -> None:
    boto3.client("organizations").update_policy(PolicyId=POLICY, Content=ALLOW_ALL)


def broken() -> str:
    set_up()
    detach()
    return ACCOUNT


def state(_: str) -> dict[str, Any]:
    organizations = boto3.client("organizations")
    targets = {one: [target["TargetId"] for target in organizations.list_targets_for_policy(PolicyId=one)["Targets"]] for one in (POLICY, OTHER)}
    return {
        "attached": targets[POLICY],
        "content": organizations.describe_policy(PolicyId=POLICY)["Policy"]["Content"],
        "types": [one["Type"] for one in organizations.list_roots()["Roots"][0]["PolicyTypes"]],
        "other": [targets[OTHER], organizations.describe_policy(PolicyId=OTHER)["Policy"]["Content"]],
    }


scenario = Scenario(sample=ACCOUNT, broken=broken, state=state, touched=frozenset({"attached"}), environment=SETTINGS)


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


def event(name: str = "restore_guardrail") -> dict[str, Any]:
    return Handler("organizations", "restore_guardrail").samples[name]


def remember(account: Account) -> None:
    assert account.deliver(remediation, event("restore_guardrail-sweep")) == ["ALREADY_OK"]


def all_at_once() -> str:
    """Let a sweep have seen the policy, then empty it, detach it and disable its type."""
    set_up()
    memory.learn(remediation.name, {ACCOUNT: contents()})
    empty()
    disable()
    return ACCOUNT


variants = {"all at once": replace(scenario, broken=all_at_once, touched=frozenset({"attached", "content", "types"}))}


def test_steps_are_taken_in_the_order_that_aws_asks_for_and_back_in_the_opposite_one(account: Account) -> None:
    all_calls(account)
    steps = ["organizations:UpdatePolicy", "organizations:EnablePolicyType", "organizations:AttachPolicy"]
    back = ["organizations:DetachPolicy", "organizations:DisablePolicyType", "organizations:UpdatePolicy"]
    assert operations(account.writes) == [*steps, *back]


def all_calls(account: Account) -> None:
    """Put back all three at once, and take it back."""
    all_at_once()
    before = state(ACCOUNT)
    [outcome] = account.invoke(remediation, event("restore_guardrail-disable"))["outcomes"]
    assert outcome["outcome"] == "FIXED"
    assert state(ACCOUNT) == {"attached": [UNIT], "content": DENY, "types": [SCP], "other": [[], DENY]}
    assert account.invoke(remediation, {"undo": outcome["id"]})["outcome"] == "UNDONE"
    assert state(ACCOUNT) == before


def test_a_policy_that_was_emptied_detached_and_its_type_disabled_is_put_back_and_taken_back(account: Account) -> None:
    all_calls(account)


def test_what_was_never_seen_is_told_and_nothing_is_half_done(account: Account) -> None:
    set_up()
    empty()
    detach()
    before = state(ACCOUNT)
    assert account.deliver(remediation, event("restore_guardrail-update")) == ["REPORTED"]
    assert state(ACCOUNT) == before


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]}), id="denies something else"),
        pytest.param(json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}), id="allows only something"),
    ],
)
def test_a_change_that_still_restricts_is_told_and_is_remembered_once_it_is_accepted(account: Account, content: str) -> None:
    set_up()
    remember(account)
    good = memory.recall(remediation.name, ACCOUNT)
    boto3.client("organizations").update_policy(PolicyId=POLICY, Content=content)
    assert account.deliver(remediation, event("restore_guardrail-update")) == ["REPORTED"]
    assert memory.recall(remediation.name, ACCOUNT) == good
    account.invoke(remediation, {"accept": ACCOUNT, "reason": "rewritten"})
    assert memory.recall(remediation.name, ACCOUNT) == {POLICY: content, f"accounts of {UNIT}": []}


def test_an_account_that_is_moved_out_of_a_guarded_unit_is_told_and_one_that_is_moved_in_is_learnt(account: Account) -> None:
    set_up()
    organizations = boto3.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    inner = organizations.create_organizational_unit(ParentId=UNIT, Name="inner")["OrganizationalUnit"]["Id"]
    moved = organizations.create_account(AccountName="app", Email="app@example.com")["CreateAccountStatus"]["AccountId"]
    remember(account)
    organizations.move_account(AccountId=moved, SourceParentId=root, DestinationParentId=inner)
    assert account.deliver(remediation, event("restore_guardrail-move")) == ["ALREADY_OK"]
    remember(account)
    organizations.move_account(AccountId=moved, SourceParentId=inner, DestinationParentId=root)
    assert account.deliver(remediation, {**event("restore_guardrail-move"), "id": "out"}) == ["REPORTED"]
    assert moved in str(account.alerts()[0]["before"])
    assert account.writes == []


def test_what_is_no_guardrail_is_left_alone(account: Account) -> None:
    set_up()
    detach(OTHER)
    assert account.deliver(remediation, event()) == ["ALREADY_OK"]


@pytest.mark.parametrize("sample", ["restore_guardrail", "restore_guardrail-disable", "restore_guardrail-sweep"])
def test_without_guardrails_nothing_is_even_looked_at(account: Account, monkeypatch: pytest.MonkeyPatch, sample: str) -> None:
    monkeypatch.setenv("GUARDRAILS", "")
    assert account.deliver(remediation, event(sample)) == ["ALREADY_OK"]
    assert [call for call in account.calls if not call.own] == []


def test_a_deleted_policy_is_told_and_the_others_are_put_back(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    broken()
    monkeypatch.setenv("GUARDRAILS", f"{POLICY}:{UNIT}, p-gone1234:{UNIT}")
    assert account.deliver(remediation, event()) == ["PARTIAL"]
    assert "p-gone1234 does not exist any more" in account.alerts()[0]["reason"]
    assert state(ACCOUNT)["attached"] == [UNIT]
    assert account.deliver(remediation, {**event(), "id": "another"}) == ["REPORTED"]


def test_an_undo_does_not_empty_a_guardrail_that_somebody_has_written_anew_since(account: Account) -> None:
    set_up()
    memory.learn(remediation.name, {ACCOUNT: contents()})
    empty()
    [outcome] = account.invoke(remediation, event())["outcomes"]
    theirs = DENY.replace("StopLogging", "*")
    boto3.client("organizations").update_policy(PolicyId=POLICY, Content=theirs)
    assert account.invoke(remediation, {"undo": outcome["id"], "reason": "it is in the way"})["outcome"] == "UNDO_REFUSED"
    assert state(ACCOUNT)["content"] == theirs
