"""report_new_credentials: what somebody makes for somebody else is told, what people do for themselves is not."""

import copy
from typing import Any

import pytest

from functions.iam.report_new_credentials import remediation
from snapback.iam.new_credentials import CALLS
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.rules import rules

environment = {"BREAK_GLASS": "role/OrganizationAccountAccessRole,role/AWSReservedSSO_*"}

HANDLER = Handler("iam", "report_new_credentials")
RULES = [rule for rule in rules() if rule.function == HANDLER.logical_id]

FOR_ALICE: list[tuple[str, dict[str, Any], str]] = [
    ("CreateUser", {"userName": "alice"}, "The user alice was made"),
    ("UpdateAccessKey", {"userName": "alice", "accessKeyId": "AKIAEXAMPLE222222222", "status": "Active"}, "active again"),
    ("CreateLoginProfile", {"userName": "alice"}, "a password"),
    ("UpdateLoginProfile", {"userName": "alice"}, "another password"),
    ("EnableMFADevice", {"userName": "alice", "serialNumber": "arn:aws:iam::111122223333:mfa/phone"}, "MFA device"),
    ("ResetServiceSpecificCredential", {"userName": "alice", "serviceSpecificCredentialId": "ACCAEXAMPLE"}, "made anew"),
    ("UploadSSHPublicKey", {"userName": "alice"}, "SSH key"),
    ("UploadSigningCertificate", {"userName": "alice"}, "signing certificate"),
]

FOR_ALL: list[tuple[str, dict[str, Any], str]] = [
    (
        "CreateServiceSpecificCredential",
        {"userName": "BedrockAPIKey-x1", "serviceName": "bedrock.amazonaws.com"},
        "BedrockAPIKey-x1 was made for bedrock.amazonaws.com",
    ),
    ("CreateSAMLProvider", {"name": "okta", "sAMLMetadataDocument": "<xml/>"}, "okta"),
    ("UpdateSAMLProvider", {"sAMLProviderArn": "arn:aws:iam::111122223333:saml-provider/okta"}, "saml-provider/okta"),
    ("CreateOpenIDConnectProvider", {"url": "https://token.example.com"}, "token.example.com"),
    ("CreateOpenIDConnectProvider", {"url": "https://oidc.eks.us-east-1.amazonaws.com.example.com/id/1"}, "example.com"),
    ("AddClientIDToOpenIDConnectProvider", {"clientID": "app", "openIDConnectProviderArn": "arn:aws:iam::111122223333:oidc-provider/x"}, "app"),
    ("UpdateOpenIDConnectProviderThumbprint", {"openIDConnectProviderArn": "arn:aws:iam::111122223333:oidc-provider/x"}, "oidc-provider/x"),
    ("EnableOrganizationsRootSessions", {}, "as the root user of all accounts"),
]


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    HANDLER.set_up(monkeypatch)


def call(name: str, request: object, **changes: object) -> dict[str, Any]:
    event = copy.deepcopy(HANDLER.samples["report_new_credentials"])
    event["detail"] |= {"eventName": name, "requestParameters": request, "responseElements": None, **changes}
    return event


A_ROLE = {
    "type": "AssumedRole",
    "arn": "arn:aws:sts::111122223333:assumed-role/Developer/ci",
    "sessionContext": {"sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::111122223333:role/Developer", "userName": "Developer"}},
}


def all_calls(account: Account) -> None:
    account.deliver(remediation, HANDLER.samples["report_new_credentials"])
    account.deliver(remediation, call("CreateUser", {"userName": "helper"}, userIdentity=A_ROLE))


@pytest.mark.parametrize("name", [name for _, name in CALLS])
def test_each_call_of_the_table_wakes_the_function_once(name: str) -> None:
    assert [rule.matches(call(name, {})) for rule in RULES] == [True]
    assert [rule.matches(call(name, {}, errorCode="AccessDenied")) for rule in RULES] == [False]


@pytest.mark.parametrize(("name", "request_", "words"), [*FOR_ALICE, *FOR_ALL])
def test_what_somebody_makes_for_somebody_else_is_told(name: str, request_: Any, words: str, account: Account) -> None:  # noqa: ANN401
    assert account.deliver(remediation, call(name, request_)) == ["REPORTED"]
    [alert] = account.alerts()
    assert words in alert["before"][0]["What"]
    assert (alert["severity"], alert["actor"]["name"], alert["actor"]["address"]) == ("high", "mallory", "198.51.100.7")


def test_the_alert_names_the_key_that_was_made(account: Account) -> None:
    account.deliver(remediation, HANDLER.samples["report_new_credentials"])
    assert account.alerts()[0]["before"] == [
        {"What": "An access key was made for the user alice: AKIAEXAMPLE222222222."},
        {
            "DoFirst": "Ask who that was. If nobody answers for it: deactivate the access key AKIAEXAMPLE111111111 of mallory, "
            "and look at what else was done with it."
        },
    ]


@pytest.mark.parametrize(("name", "request_", "words"), FOR_ALICE[1:])
def test_what_people_do_for_themselves_is_not_told(name: str, request_: Any, words: str, account: Account) -> None:  # noqa: ANN401, ARG001
    for own in ({**request_, "userName": "mallory"}, {key: value for key, value in request_.items() if key != "userName"}):
        assert account.deliver(remediation, call(name, own)) == ["ALREADY_OK"]
    assert account.outcomes() == []


@pytest.mark.parametrize("request_", [None, {"userName": "mallory"}])
def test_who_rotates_an_own_key_is_not_told_of(request_: Any, account: Account) -> None:  # noqa: ANN401
    assert account.deliver(remediation, call("CreateAccessKey", request_)) == ["ALREADY_OK"]


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("UpdateAccessKey", {"userName": "alice", "status": "Inactive"}),
        ("CreateOpenIDConnectProvider", {"url": "https://oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"}),
    ],
    ids=["a key is deactivated", "a cluster's own provider"],
)
def test_what_lets_nobody_in_is_not_told(name: str, request_: Any, account: Account) -> None:  # noqa: ANN401
    assert account.deliver(remediation, call(name, request_)) == ["ALREADY_OK"]


def test_a_user_a_password_and_a_key_that_are_made_one_after_the_other_are_three_alerts_each_with_what_was_before(account: Account) -> None:
    for number, (name, request) in enumerate(
        [("CreateUser", {"userName": "alice"}), ("CreateLoginProfile", {"userName": "alice"}), ("CreateAccessKey", {"userName": "alice"})]
    ):
        event = call(name, request, eventID=f"record-{number}")
        assert account.deliver(remediation, {**event, "id": f"event-{number}"}) == ["REPORTED"]
    assert account.alerts()[-1]["before"][-2] == {"TheSameIdentityWithinADay": "CreateUser of iam.amazonaws.com; CreateLoginProfile of iam.amazonaws.com"}
