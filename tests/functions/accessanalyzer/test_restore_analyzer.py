"""restore_analyzer: an analyzer that was deleted is there again as it was, and one that nobody has seen is left to people."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from functions.accessanalyzer.restore_analyzer import remediation
from snapback.accessanalyzer.analyzers import as_made
from snapback.engine import memory
from tests.harness.accessanalyzer import analyzers
from tests.harness.account import ACCOUNT, Account, ApiCall, operations
from tests.harness.discovery import Handler
from tests.harness.scenario import Scenario

analyzers.answer()

RULES: Any = [
    {"ruleName": "public-site", "filter": {"resource": {"eq": ["arn:aws:s3:::a-public-site"]}, "isPublic": {"eq": ["true"]}}},
    {"ruleName": "partner", "filter": {"principal.AWS": {"contains": ["999999999999"]}}},
]


def set_up() -> None:
    """Have analyzers of two types."""
    client = boto3.client("accessanalyzer")
    client.create_analyzer(analyzerName="unused", type="ACCOUNT_UNUSED_ACCESS", configuration={"unusedAccess": {"unusedAccessAge": 90}})
    client.create_analyzer(analyzerName="account", type="ACCOUNT", archiveRules=RULES)


def deleted() -> str:
    boto3.client("accessanalyzer").delete_analyzer(analyzerName="account")
    return ACCOUNT


def broken() -> str:
    set_up()
    memory.learn(remediation.name, {ACCOUNT: as_made()})
    return deleted()


def rules_of(name: str) -> list[Any]:
    pages = boto3.client("accessanalyzer").get_paginator("list_archive_rules").paginate(analyzerName=name)
    return [{"ruleName": rule["ruleName"], "filter": rule["filter"]} for page in pages for rule in page["archiveRules"]]


def state(_: str) -> dict[str, Any]:
    pages = boto3.client("accessanalyzer").get_paginator("list_analyzers").paginate()
    found = {one["name"]: one for page in pages for one in page["analyzers"]}
    return {
        "account": {name: (one["type"], rules_of(name)) for name, one in found.items() if one["type"] == "ACCOUNT"},
        "others": {name: one for name, one in found.items() if one["type"] != "ACCOUNT"},
    }


scenario = Scenario(sample=ACCOUNT, broken=broken, state=state, touched=frozenset({"account"}), environment={})


def event(sample: str = "restore_analyzer", event_id: str = "one") -> dict[str, Any]:
    return {**Handler("accessanalyzer", "restore_analyzer").samples[sample], "id": event_id}


def sweep(event_id: str = "a sweep") -> dict[str, Any]:
    return event("restore_analyzer-sweep", event_id)


def test_what_was_deleted_is_put_back_with_its_archive_rules(account: Account) -> None:
    broken()
    account.forget()
    assert account.deliver(remediation, event()) == ["FIXED"]
    assert state(ACCOUNT)["account"] == {"account": ("ACCOUNT", RULES)}
    assert operations(account.writes) == ["accessanalyzer:CreateAnalyzer"]


def test_the_sweep_remembers_what_is_there_and_another_once_that_is_accepted(account: Account) -> None:
    set_up()
    account.forget()
    assert account.deliver(remediation, sweep()) == ["ALREADY_OK"]
    assert account.writes == []
    deleted()
    boto3.client("accessanalyzer").create_analyzer(analyzerName="another", type="ACCOUNT")
    assert account.deliver(remediation, sweep("the next")) == ["REPORTED"]
    account.invoke(remediation, {"accept": ACCOUNT, "reason": "renamed"})
    boto3.client("accessanalyzer").delete_analyzer(analyzerName="another")
    assert account.deliver(remediation, event()) == ["FIXED"]
    assert state(ACCOUNT)["account"] == {"another": ("ACCOUNT", [])}


def test_the_sweep_puts_back_what_was_deleted_unheard(account: Account) -> None:
    broken()
    assert account.deliver(remediation, sweep()) == ["FIXED"]


def test_where_no_analyzer_was_ever_seen_nobody_misses_one_until_one_is_deleted(account: Account) -> None:
    assert account.deliver(remediation, sweep()) == ["ALREADY_OK"]
    assert account.deliver(remediation, event()) == ["REPORTED"]
    [alert] = account.alerts()
    assert "no analyzer of this account has been seen" in alert["reason"]
    assert account.writes == []


def test_the_analyzer_of_an_organisation_is_enough_and_is_not_remembered_as_the_accounts(account: Account) -> None:
    boto3.client("accessanalyzer").create_analyzer(analyzerName="all", type="ORGANIZATION")
    assert account.deliver(remediation, sweep()) == ["ALREADY_OK"]
    boto3.client("accessanalyzer").delete_analyzer(analyzerName="all")
    assert account.deliver(remediation, event()) == ["REPORTED"]


def test_an_analyzer_of_another_kind_is_not_enough(account: Account) -> None:
    broken()
    assert state(ACCOUNT)["others"].keys() == {"unused"}
    assert account.deliver(remediation, event()) == ["FIXED"]


def test_an_undo_does_not_delete_what_somebody_has_made_since(account: Account) -> None:
    broken()
    account.deliver(remediation, event())
    deleted()
    account.clock.pause(60)
    boto3.client("accessanalyzer").create_analyzer(analyzerName="account", type="ACCOUNT")
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDO_REFUSED"
    assert state(ACCOUNT)["account"] == {"account": ("ACCOUNT", [])}


def test_an_analyzer_that_goes_while_the_sweep_looks_does_not_replace_the_good_memory(account: Account) -> None:
    set_up()
    account.deliver(remediation, sweep())
    good = memory.recall(remediation.name, ACCOUNT)
    account.forget()
    looks: list[ApiCall] = []

    def deleted_after_the_verdict(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "ListAnalyzers" and "nextToken" not in call.parameters:
            looks.append(call)
            if len(looks) == 2:
                deleted()
        return really()

    with account.interfered(deleted_after_the_verdict):
        assert account.deliver(remediation, sweep("the next")) == ["FIXED"], "at Lambda's next try"
    assert memory.recall(remediation.name, ACCOUNT) == good


@pytest.mark.parametrize("managed_by", [None, "securityhub.amazonaws.com"])
def test_a_services_own_analyzer_is_not_remembered(account: Account, managed_by: str | None) -> None:
    set_up()

    def described(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        answer = really()
        if call.operation == "ListAnalyzers" and managed_by:
            answer = {**answer, "analyzers": [{**one, "managedBy": managed_by} for one in answer["analyzers"]]}
        return answer

    with account.interfered(described):
        account.deliver(remediation, sweep())
    assert bool(memory.recall(remediation.name, ACCOUNT)) is not bool(managed_by)
