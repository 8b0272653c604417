"""protect_resource: what was protected is protected again, if somebody remembers what it was."""

from collections.abc import Callable
from typing import Any

import boto3
from moto.shield.models import shield_backends

from functions.shield.protect_resource import remediation
from snapback.engine import clock, memory
from snapback.shield.protections import state_of
from tests.harness import regions
from tests.harness.account import ACCOUNT, Account, ApiCall, error, operations
from tests.harness.discovery import Handler
from tests.harness.scenario import Scenario
from tests.harness.scheduler import schedules
from tests.harness.shield import subscriptions as shield

shield.as_on_aws()

BALANCER = f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:loadbalancer/app/web/0123456789abcdef"
OTHER = f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:loadbalancer/app/api/fedcba9876543210"
TAGS: Any = [{"Key": "team", "Value": "blue"}]


def protect(resource: str, name: str) -> str:
    return str(boto3.client("shield").create_protection(Name=name, ResourceArn=resource, Tags=TAGS)["ProtectionId"])


def protected() -> str:
    """Subscribe, and protect two resources; return the id of one protection."""
    boto3.client("shield").create_subscription()
    protect(OTHER, "api")
    return protect(BALANCER, "web")


def delete(protection_id: str) -> str:
    boto3.client("shield").delete_protection(ProtectionId=protection_id)
    return protection_id


def broken() -> str:
    protection_id = protected()
    memory.learn(remediation.name, {protection_id: state_of(protection_id)})
    return delete(protection_id)


def state(_: str) -> dict[str, Any]:
    client = boto3.client("shield")
    parts: dict[str, Any] = {"web": None, "api": None}
    for one in client.list_protections()["Protections"]:
        tags = client.list_tags_for_resource(ResourceARN=one["ProtectionArn"])["Tags"]
        parts[one["Name"]] = {"for": one["ResourceArn"], "tags": tags}
    return parts


scenario = Scenario(sample="8f1e2d3c-4b5a-6978-8f9e-0a1b2c3d4e5f", broken=broken, state=state, touched=frozenset({"web"}), environment={})


def event(protection_id: str) -> dict[str, Any]:
    return scenario.event(Handler("shield", "protect_resource").samples["protect_resource"], protection_id)


def sweep() -> dict[str, Any]:
    return schedules.tick(remediation, clock.now())


def all_calls(account: Account) -> None:
    """Remember what is protected."""
    protected()
    account.deliver(remediation, sweep())


def test_what_the_sweep_has_seen_is_protected_again_under_its_name_and_tags(account: Account) -> None:
    protection_id = protected()
    assert account.deliver(remediation, sweep()) == ["ALREADY_OK"]
    delete(protection_id)
    assert account.deliver(remediation, event(protection_id)) == ["FIXED"]
    assert state("")["web"] == {"for": BALANCER, "tags": TAGS}


def test_tags_that_only_aws_can_give_are_left_out(account: Account) -> None:
    protection_id = protected()
    arn = boto3.client("shield").describe_protection(ProtectionId=protection_id)["Protection"]["ProtectionArn"]
    boto3.client("shield").tag_resource(ResourceARN=arn, Tags=[{"Key": "aws:cloudformation:stack-name", "Value": "web"}])
    account.deliver(remediation, sweep())
    delete(protection_id)
    assert account.deliver(remediation, event(protection_id)) == ["FIXED"]
    assert state("")["web"] == {"for": BALANCER, "tags": TAGS}


def test_a_protection_that_nobody_remembers_is_left_to_people(account: Account) -> None:
    protection_id = delete(protected())
    assert account.deliver(remediation, event(protection_id)) == ["REPORTED"]
    assert "protect what is missing" in account.alerts()[0]["reason"]
    assert account.writes == []


def test_what_somebody_protected_anew_meanwhile_is_left_alone(account: Account) -> None:
    protection_id = broken()
    protect(BALANCER, "web-2")
    assert account.deliver(remediation, event(protection_id)) == ["ALREADY_OK"]


def test_without_a_subscription_nothing_is_protected_and_nothing_is_listed(account: Account) -> None:
    protection_id = broken()
    shield_backends[ACCOUNT]["aws"].subscription = None
    assert account.deliver(remediation, event(protection_id)) == ["ALREADY_OK"]
    assert account.deliver(remediation, sweep()) == ["ALREADY_OK"]
    assert memory.names(remediation.name) == [], "what was protected is nothing to look for any more"
    account.forget()
    assert account.deliver(remediation, {**sweep(), "id": "the next"}) == ["ALREADY_OK"]
    assert operations([call for call in account.calls if not call.own]) == ["shield:GetSubscriptionState"]


def test_a_resource_that_was_deleted_with_its_protection_is_not_told_as_a_failure(account: Account) -> None:
    protection_id = broken()

    def gone(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "CreateProtection":
            raise error("ResourceNotFoundException", 400, call.operation)
        return really()

    with account.interfered(gone):
        assert account.deliver(remediation, event(protection_id)) == ["REPORTED"]
    assert "nothing to protect" in account.alerts()[0]["reason"]


def test_a_protection_that_goes_while_the_sweep_looks_is_remembered_as_it_was(account: Account) -> None:
    protection_id = protected()
    seen = 0

    def deleted_after_the_verdict(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        nonlocal seen
        answer = really()
        if call.operation == "DescribeProtection" and call.parameters.get("ProtectionId") == protection_id:
            seen += 1
            if seen == 1:
                delete(protection_id)
        return answer

    with account.interfered(deleted_after_the_verdict):
        account.deliver(remediation, sweep())
    assert memory.recall(remediation.name, protection_id)["Name"] == "web"
    assert account.deliver(remediation, {**event(protection_id), "id": "its deletion"}) == ["FIXED"]


def test_in_a_partition_without_shield_the_sweep_finds_nothing_every_hour_and_no_dead_letter_comes_of_it(account: Account) -> None:
    with account.interfered(regions.without("shield")):
        assert account.deliver(remediation, sweep()) == ["ALREADY_OK"]
    assert account.dead_letters == []


def test_where_a_protection_was_seen_the_sweep_says_that_shield_cannot_be_reached(account: Account) -> None:
    broken()
    with account.interfered(regions.without("shield")):
        account.deliver(remediation, sweep())
    assert [why for _, why in account.dead_letters if "Could not connect to the endpoint" in why]
