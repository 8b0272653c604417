"""enable_securityhub: the hub comes back with the standards that it had, and no others."""

from collections.abc import Callable
from typing import Any

import boto3

from functions.securityhub.enable_securityhub import remediation
from snapback.engine import memory
from snapback.securityhub import hubs as hub_words
from tests.harness.account import Account, ApiCall, error, operations, paged
from tests.harness.discovery import Handler
from tests.harness.scenario import ACCOUNT, REGION, Scenario
from tests.harness.securityhub import hubs

hubs.as_on_aws()

STANDARDS: Any = [
    {"StandardsArn": "arn:aws:securityhub:us-east-1::standards/aws-foundational-security-best-practices/v/1.0.0"},
    {"StandardsArn": "arn:aws:securityhub:us-east-1::standards/cis-aws-foundations-benchmark/v/3.0.0"},
]


def set_up(region: str | None = None) -> Any:  # noqa: ANN401 - a client
    client = boto3.client("securityhub", region_name=region)
    client.enable_security_hub(EnableDefaultStandards=False)
    client.batch_enable_standards(StandardsSubscriptionRequests=STANDARDS)
    return client


def remembered() -> Any:  # noqa: ANN401 - a client
    set_up("eu-west-1")
    client = set_up()
    memory.learn(remediation.name, {ACCOUNT: hub_words.hub()})
    return client


def broken() -> str:
    remembered().disable_security_hub()
    return ACCOUNT


def standards_of(client: Any) -> list[str]:  # noqa: ANN401
    return sorted(one["StandardsArn"] for one in client.get_enabled_standards()["StandardsSubscriptions"])


def state(_: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for region in ("us-east-1", "eu-west-1"):
        client = boto3.client("securityhub", region_name=region)
        try:
            client.describe_hub()
        except client.exceptions.InvalidAccessException:
            found[region] = None
        else:
            found[region] = standards_of(client)
    return found


scenario = Scenario(sample=ACCOUNT, broken=broken, state=state, touched=frozenset({"us-east-1"}), environment={})


def event(sample: str = "enable_securityhub") -> dict[str, Any]:
    return Handler("securityhub", "enable_securityhub").samples[sample]


def without_standards() -> None:
    client = remembered()
    arns = [one["StandardsSubscriptionArn"] for one in client.get_enabled_standards()["StandardsSubscriptions"]]
    client.batch_disable_standards(StandardsSubscriptionArns=arns)


def all_calls(account: Account) -> None:
    """Give a hub without standards those that it had, and take them from it again."""
    without_standards()
    [outcome] = account.invoke(remediation, event("enable_securityhub-sweep"))["outcomes"]
    account.invoke(remediation, {"undo": outcome["id"]})


def test_the_hub_comes_back_with_its_standards_and_without_the_default_ones(account: Account) -> None:
    broken()
    assert account.deliver(remediation, event()) == ["FIXED"]
    assert operations(account.writes) == ["securityhub:EnableSecurityHub", "securityhub:BatchEnableStandards"]
    assert account.writes[0].parameters["EnableDefaultStandards"] is False
    assert state(ACCOUNT)["us-east-1"] == [one["StandardsArn"] for one in STANDARDS]


def test_where_nobody_remembers_the_hub_alone_comes_back(account: Account) -> None:
    assert account.deliver(remediation, event()) == ["FIXED"]
    assert state(ACCOUNT)["us-east-1"] == []


def test_a_hub_that_lost_all_its_standards_gets_them_back_and_undo_takes_them_again(account: Account) -> None:
    without_standards()
    [outcome] = account.invoke(remediation, event("enable_securityhub-sweep"))["outcomes"]
    assert outcome["outcome"] == "FIXED"
    assert account.invoke(remediation, {"undo": outcome["id"]})["outcome"] == "UNDONE"
    assert state(ACCOUNT)["us-east-1"] == []


def test_a_hub_that_gave_up_one_standard_is_left_alone_told_and_remembered_so_once_that_is_accepted(account: Account) -> None:
    client = remembered()
    client.batch_disable_standards(StandardsSubscriptionArns=[client.get_enabled_standards()["StandardsSubscriptions"][0]["StandardsSubscriptionArn"]])
    assert account.deliver(remediation, event("enable_securityhub-sweep")) == ["REPORTED"]
    assert len(memory.recall(remediation.name, ACCOUNT)["Standards"]) == len(STANDARDS)
    account.invoke(remediation, {"accept": ACCOUNT, "reason": "one is enough"})
    assert len(memory.recall(remediation.name, ACCOUNT)["Standards"]) == 1


def test_standards_on_later_pages_are_remembered_too(account: Account) -> None:
    set_up()
    with account.interfered(paged("GetEnabledStandards", "StandardsSubscriptions", 1)):
        assert account.deliver(remediation, event("enable_securityhub-sweep")) == ["ALREADY_OK"]
    assert memory.recall(remediation.name, ACCOUNT)["Standards"] == STANDARDS


def test_the_sweep_leaves_regions_alone_in_which_it_was_never_seen_on(account: Account) -> None:
    assert account.deliver(remediation, event("enable_securityhub-sweep")) == ["ALREADY_OK"]
    assert account.writes == []


def test_a_standard_that_is_refused_keeps_neither_the_hub_nor_the_others_off(account: Account) -> None:
    broken()

    def refuse(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "BatchEnableStandards" and STANDARDS[0] in call.parameters["StandardsSubscriptionRequests"]:
            raise error("InvalidInputException", 400, call.operation)
        return really()

    with account.interfered(refuse):
        assert account.deliver(remediation, event()) == ["PARTIAL"]
    assert state(ACCOUNT)["us-east-1"] == [STANDARDS[1]["StandardsArn"]]
    assert "InvalidInputException" in account.alerts()[0]["reason"]
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDONE"
    assert state(ACCOUNT)["us-east-1"] is None


def test_an_undo_does_not_take_the_standards_with_it_that_somebody_has_added_since(account: Account) -> None:
    without_standards()
    client = boto3.client("securityhub")
    [outcome] = account.invoke(remediation, event("enable_securityhub-sweep"))["outcomes"]
    added: Any = {"StandardsArn": f"arn:aws:securityhub:{REGION}::standards/nist-800-53/v/5.0.0"}
    client.batch_enable_standards(StandardsSubscriptionRequests=[added])
    before = standards_of(client)
    assert account.invoke(remediation, {"undo": outcome["id"], "reason": "it costs too much"})["outcome"] == "UNDO_REFUSED"
    assert standards_of(client) == before
