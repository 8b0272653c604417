"""restrict_document: nobody but the accounts named by number is left, and they keep what they had."""

import json
from typing import Any

import boto3

from functions.ssm.restrict_document import remediation
from snapback.ssm.shared_documents import PUBLIC_SHARING, sharing
from tests.harness.account import Account, ApiCall
from tests.harness.discovery import Handler
from tests.harness.scenario import ACCOUNT, Scenario, saying
from tests.harness.ssm import document_sharing, service_settings

document_sharing.as_on_aws()
service_settings.as_on_aws()

DOCUMENT, OTHER = "a-document-of-a-test", "another-document-of-a-test"
PARTNER, NEWCOMER = "444455556666", "777788889999"
CONTENT = json.dumps({"schemaVersion": "2.2", "mainSteps": [{"action": "aws:runShellScript", "name": "run", "inputs": {"runCommand": ["true"]}}]})


def share(name: str, account: str, version: str = "$DEFAULT") -> None:
    boto3.client("ssm").modify_document_permission(Name=name, PermissionType="Share", AccountIdsToAdd=[account], SharedDocumentVersion=version)


def document(*accounts: str) -> str:
    for name in (DOCUMENT, OTHER):
        boto3.client("ssm").create_document(Name=name, Content=CONTENT, DocumentType="Command")
    share(OTHER, "all", "$LATEST")
    share(DOCUMENT, PARTNER, "$LATEST")
    for account in accounts:
        share(DOCUMENT, account, "$ALL")
    return DOCUMENT


def state(name: str) -> dict[str, Any]:
    return {
        "everybody": [one for one in sharing(name) if one["AccountId"] == "all"],
        "partners": [one for one in sharing(name) if one["AccountId"] != "all"],
        "other": sharing(OTHER),
    }


scenario = Scenario(
    sample="snapback-sample-document",
    broken=lambda: document("all"),
    state=state,
    touched=frozenset({"everybody"}),
    environment={"TRUSTED_ACCOUNTS": ""},
)


def event() -> dict[str, Any]:
    return scenario.event(Handler("ssm", "restrict_document").samples["restrict_document"], DOCUMENT)


def test_the_evidence_says_which_version_was_shared(account: Account) -> None:
    document("all")
    account.deliver(remediation, event())
    assert account.alerts()[0]["before"] == [{"AccountId": "all", "SharedDocumentVersion": "$ALL"}]


def test_a_document_shared_with_accounts_by_number_is_left_alone(account: Account) -> None:
    document(NEWCOMER)
    assert account.deliver(remediation, saying(event(), accountIdsToAdd=[NEWCOMER])) == ["ALREADY_OK"]


def test_an_undo_is_refused_if_the_sharing_was_changed_since(account: Account) -> None:
    document("all")
    [outcome] = account.invoke(remediation, event())["outcomes"]
    share(DOCUMENT, NEWCOMER)
    assert account.invoke(remediation, {"undo": outcome["id"]})["outcome"] == "UNDO_REFUSED"
    assert [one["AccountId"] for one in sharing(DOCUMENT)] == [PARTNER, NEWCOMER]


def test_everybody_is_found_on_any_page_and_in_any_spelling(account: Account) -> None:
    document()

    def paged(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401 - any answer
        if call.operation != "DescribeDocumentPermission":
            return really()
        if "NextToken" not in call.parameters:
            return {**really(), "NextToken": "more"}
        return {"AccountIds": ["All"], "AccountSharingInfoList": [{"AccountId": "All", "SharedDocumentVersion": "$LATEST"}]}

    with account.interfered(paged):
        assert account.deliver(remediation, event()) == ["UNVERIFIED"], "it is still shown after the fix"
    assert [call.parameters["AccountIdsToRemove"] for call in account.writes] == [["all"]]


def test_a_document_that_is_gone_is_an_outcome(account: Account) -> None:
    assert account.deliver(remediation, saying(event(), accountIdsToAdd=[ACCOUNT])) == ["GONE"]


def test_an_undo_that_the_block_of_public_sharing_forbids_says_which_fix_to_take_back_first(account: Account) -> None:
    document("all")
    [fixed] = account.invoke(remediation, event())["outcomes"]
    boto3.client("ssm").update_service_setting(SettingId=PUBLIC_SHARING, SettingValue="Disable")
    refused = account.invoke(remediation, {"undo": fixed["id"]})
    assert refused["outcome"] == "UNDO_REFUSED"
    assert "take back block_public_documents first" in refused["reason"]
    boto3.client("ssm").reset_service_setting(SettingId=PUBLIC_SHARING)
    assert account.invoke(remediation, {"undo": fixed["id"]})["outcome"] == "UNDONE"
