"""restrict_role_trust: strangers go, one principal at a time, and the roles of AWS and of emergencies stay as they are."""

import json
from typing import Any

import boto3
import pytest

from functions.iam.restrict_role_trust import remediation
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.scenario import ACCOUNT, Scenario, saying

FRIEND, VENDOR, STRANGER = "222233334444", "555566667777", "999999999999"
OWN = f"arn:aws:iam::{ACCOUNT}:role/Deploy"
SERVICE = {"Sid": "Service", "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
GITHUB = "token.actions.githubusercontent.com"
OIDC = f"arn:aws:iam::{ACCOUNT}:oidc-provider/"
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/Okta"
SETTINGS = {"BREAK_GLASS": "role/BreakGlass,role/emergency-*", "TRUSTED_ACCOUNTS": FRIEND, "THIRD_PARTY_ACCOUNTS": VENDOR, "ORGANIZATION_ID": "o-abcdefghij"}


def trusts(principal: object, action: object = "sts:AssumeRole", **condition: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, **({"Condition": condition} if condition else {})}


def role(*statements: dict[str, Any], name: str = "Reader", path: str = "/") -> str:
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    boto3.client("iam").create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=document)
    return name


def trust_of(name: str = "Reader") -> list[dict[str, Any]]:
    document: Any = boto3.client("iam").get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    statements: list[dict[str, Any]] = document["Statement"]
    return statements


def broken() -> str:
    role(trusts({"AWS": STRANGER}), name="Another")
    return role(SERVICE, trusts({"AWS": ["*", OWN]}), trusts({"AWS": f"arn:aws:iam::{STRANGER}:root"}))


def state(name: str) -> dict[str, Any]:
    iam = boto3.client("iam")
    found: dict[str, Any] = iam.get_role(RoleName=name)["Role"]  # type: ignore[assignment]  # a dict of its own kind
    return {
        "trust": json.dumps(found.pop("AssumeRolePolicyDocument")),
        "role": found,
        "service": [one for one in trust_of(name) if one.get("Sid") == "Service"],
        "another": trust_of("Another"),
    }


scenario = Scenario(sample="snapback-sample-role", broken=broken, state=state, touched=frozenset({"trust"}), environment=SETTINGS)


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "enforce")
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


def deliver(account: Account, name: str = "Reader") -> list[str]:
    event = scenario.event(Handler("iam", "restrict_role_trust").samples["restrict_role_trust"], name)
    [put] = event["detail"]["requestParameters"].keys() & {"assumeRolePolicyDocument", "policyDocument"}
    return account.deliver(remediation, saying(event, **{put: json.dumps({"Version": "2012-10-17", "Statement": trust_of(name)})}))


def test_only_the_strangers_go_and_who_stands_beside_them_stays(account: Account) -> None:
    broken()
    assert deliver(account) == ["FIXED"]
    assert trust_of() == [SERVICE, trusts({"AWS": [OWN]})]


def web(host: str, claim: str, value: object, operator: str = "StringLike") -> dict[str, Any]:
    return trusts({"Federated": f"{OIDC}{host}"}, "sts:AssumeRoleWithWebIdentity", **{operator: {f"{host}:{claim}": value}})


STRANGE = {
    "everybody": trusts("*"),
    "everybody with a password": trusts({"AWS": "*"}, StringEquals={"sts:ExternalId": "hush"}),
    "another account": trusts({"AWS": STRANGER}),
    "another account with a password": trusts({"AWS": STRANGER}, StringEquals={"sts:ExternalId": "hush"}),
    "a third party without a password": trusts({"AWS": f"arn:aws:iam::{VENDOR}:root"}),
    "a third party with any password": trusts({"AWS": VENDOR}, StringLike={"sts:ExternalId": "*"}),
    "everybody of another account": trusts({"AWS": "*"}, StringEquals={"aws:PrincipalAccount": STRANGER}),
    "GitHub, for whomever": web(GITHUB, "aud", "sts.amazonaws.com"),
    "GitHub, any repository": web(GITHUB, "sub", "repo:*"),
    "GitHub, any organisation that begins so": web(GITHUB, "sub", "repo:octo*"),
    "GitHub, one good and one bad": web(GITHUB, "sub", ["repo:octo/app:*", "*"]),
    "GitHub, any subject but one": web(GITHUB, "sub", "repo:octo/app:*", "StringNotLike"),
    "another provider, any audience": web("oidc.eks.us-east-1.amazonaws.com/id/ABC", "aud", "*"),
    "a provider of another account": trusts(
        {"Federated": f"arn:aws:iam::{STRANGER}:oidc-provider/oidc.example.com"},
        "sts:AssumeRoleWithWebIdentity",
        StringEquals={"oidc.example.com:sub": "jo"},
    ),
    "GitHub, a subject that begins with a star": web(GITHUB, "sub", "*:octo/app:*"),
    "GitHub, for a mark": web(GITHUB, "sub", "?epo:octo/app:*"),
    "GitHub, two operators of which none tells whom": trusts(
        {"Federated": f"{OIDC}{GITHUB}"},
        "sts:AssumeRoleWithWebIdentity",
        StringEquals={f"{GITHUB}:aud": "sts.amazonaws.com"},
        StringLike={f"{GITHUB}:sub": "repo:*"},
    ),
    "GitLab, for whomever": web("gitlab.com", "aud", "https://gitlab.com"),
    "Terraform, any organisation": web("app.terraform.io", "sub", "organization:*:project:x"),
    "Buildkite, for whomever": web("agent.buildkite.com", "aud", "sts.amazonaws.com"),
    "CircleCI, of no organisation": web("oidc.circleci.com", "aud", "sts.amazonaws.com"),
    "Entra, all tenants": web("login.microsoftonline.com/common/v2.0", "aud", "api://app"),
    "Entra, personal accounts": web("login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0", "aud", "api://app"),
    "Google, any application": web("accounts.google.com", "aud", "*"),
    # The audience of a service account's token is whatever the account asks for; IAM calls it oaud.
    "Google, any service account": web("accounts.google.com", "oaud", "sts.amazonaws.com", "StringEquals"),
    "everybody from an address that is the world": trusts("*", IpAddress={"aws:SourceIp": "0.0.0.0/0"}),
    "another account from an address": trusts({"AWS": STRANGER}, IpAddress={"aws:SourceIp": "203.0.113.7"}),
    "another account of an organisation": trusts({"AWS": STRANGER}, StringEquals={"aws:PrincipalOrgID": "o-zyxwvutsrq"}),
    "everybody of another organisation": trusts("*", StringEquals={"aws:PrincipalOrgID": "o-zyxwvutsrq"}),
    "another provider, any subject": web("oidc.eks.us-east-1.amazonaws.com/id/ABC", "sub", "*"),
    "SAML without an audience": trusts({"Federated": SAML}, "sts:AssumeRoleWithSAML"),
    "Cognito, any pool": trusts({"Federated": "cognito-identity.amazonaws.com"}, "sts:AssumeRoleWithWebIdentity"),
}

KNOWN = {
    "this account": trusts({"AWS": ACCOUNT}),
    "a trusted account": trusts({"AWS": f"arn:aws:iam::{FRIEND}:role/x"}),
    "everybody of a trusted account": trusts({"AWS": "*"}, StringEquals={"aws:PrincipalAccount": FRIEND}),
    "everybody of an organisation": trusts("*", StringEquals={"aws:PrincipalOrgID": "o-abcdefghij"}),
    "a third party with a password": trusts({"AWS": VENDOR}, StringEquals={"sts:ExternalId": ["one", "two"]}),
    "a principal that is gone": trusts({"AWS": "AROAEXAMPLE1111111111"}),
    "a service": SERVICE,
    "GitHub, one repository": web(GITHUB, "sub", "repo:octo/app:ref:refs/heads/main", "StringEquals"),
    "GitHub, one organisation": web(GITHUB, "sub", "repo:octo/*"),
    "GitHub, one workflow": web(GITHUB, "job_workflow_ref", "octo/app/.github/workflows/x.yml@*"),
    "GitHub, one owner": web(GITHUB, "repository_owner", "octo", "StringEquals"),
    "GitHub, for all values": web(GITHUB, "sub", "repo:octo/app:*", "ForAllValues:StringLike"),
    "Terraform, one organisation": web("app.terraform.io", "sub", "organization:octo:project:*"),
    "EKS, one namespace": web("oidc.eks.us-east-1.amazonaws.com/id/ABC", "sub", "system:serviceaccount:prod:*"),
    "EKS, for whomever on the cluster": web("oidc.eks.us-east-1.amazonaws.com/id/ABC", "aud", "sts.amazonaws.com", "StringEquals"),
    "CircleCI, our organisation": web("oidc.circleci.com/org/1a2b3c4d", "aud", "1a2b3c4d", "StringEquals"),
    "Bitbucket, our workspace": web("api.bitbucket.org/2.0/workspaces/octo/pipelines-config/identity/oidc", "aud", "ari:cloud:bitbucket::workspace/1"),
    "Entra, our tenant": web("sts.windows.net/1a2b3c4d-1111-2222-3333-444455556666/", "aud", "api://app", "StringEquals"),
    "Entra, our tenant, second version": web("login.microsoftonline.com/1a2b3c4d-1111-2222-3333-444455556666/v2.0", "aud", "api://app"),
    "a GitLab of our own": web("gitlab.example.com", "aud", "https://gitlab.example.com", "StringEquals"),
    "GitLab, one group": web("gitlab.com", "sub", "project_path:octo/*"),
    "Google, one application": web("accounts.google.com", "aud", "1234567890", "StringEquals"),
    "Amazon, one user": web("www.amazon.com", "user_id", "amzn1.account.EXAMPLE", "StringEquals"),
    "Facebook, one user": web("graph.facebook.com", "id", "1234567890", "StringEquals"),
    "GitHub, two operators of which one tells whom": trusts(
        {"Federated": f"{OIDC}{GITHUB}"},
        "sts:AssumeRoleWithWebIdentity",
        StringEquals={f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": "repo:octo/app:ref:refs/heads/main"},
        StringLike={f"{GITHUB}:sub": "*"},
    ),
    "an account of our organisation": trusts({"AWS": STRANGER}, StringEquals={"aws:PrincipalOrgID": "o-abcdefghij"}),
    "SAML with an audience": trusts({"Federated": SAML}, "sts:AssumeRoleWithSAML", StringEquals={"SAML:aud": "https://signin.aws.amazon.com/saml"}),
    "SAML that only passes tags": trusts({"Federated": SAML}, ["sts:TagSession", "sts:SetSourceIdentity"]),
    "Cognito, one pool": trusts(
        {"Federated": "cognito-identity.amazonaws.com"},
        "sts:AssumeRoleWithWebIdentity",
        StringEquals={"cognito-identity.amazonaws.com:aud": "us-east-1:12345678-abcd"},
    ),
    "a denial": {**trusts("*"), "Effect": "Deny"},
}


@pytest.mark.parametrize("statement", STRANGE.values(), ids=STRANGE)
def test_a_stranger_goes_and_comes_back_with_an_undo(account: Account, statement: dict[str, Any]) -> None:
    role(SERVICE, statement)
    assert deliver(account) == ["FIXED"]
    assert trust_of() == [SERVICE]
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDONE"
    assert trust_of() == [SERVICE, statement]


@pytest.mark.parametrize("statement", KNOWN.values(), ids=KNOWN)
def test_who_is_known_stays(account: Account, statement: dict[str, Any]) -> None:
    role(statement)
    assert deliver(account) == ["ALREADY_OK"]
    assert account.writes == []


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}},
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"StringEquals": {"aws:SourceVpc": "vpc-0123456789abcdef0"}},
    ],
)
def test_everybody_from_somewhere_that_nobody_can_place_is_told(account: Account, condition: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ORGANIZATION_ID")
    role(SERVICE, trusts("*", **condition))
    assert deliver(account) == ["REPORTED"]
    assert "OrganizationId" in account.alerts()[0]["reason"]
    assert account.writes == []


def test_github_is_asked_for_whom_by_a_denial_as_well(account: Account) -> None:
    denial = {**web(GITHUB, "sub", "repo:octo/*", "StringNotLike"), "Effect": "Deny"}
    role(web(GITHUB, "aud", "sts.amazonaws.com"), denial)
    assert deliver(account) == ["ALREADY_OK"]


def test_a_principal_that_was_deleted_is_left_out_by_fix_and_undo_and_told_of(account: Account) -> None:
    gone = "AROAEXAMPLE1111111111"
    role(SERVICE, trusts({"AWS": ["*", OWN, gone]}))
    assert deliver(account) == ["FIXED"]
    assert trust_of() == [SERVICE, trusts({"AWS": [OWN]})]
    assert account.alerts()[0]["before"][0]["Deleted"] == [gone]
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDONE"
    assert trust_of() == [SERVICE, trusts({"AWS": ["*", OWN]})]


def test_where_no_statement_would_be_left_allow_becomes_deny(account: Account) -> None:
    role(trusts({"AWS": "*"}), trusts({"AWS": STRANGER}))
    before = trust_of()
    assert deliver(account) == ["FIXED"]
    assert trust_of() == [{**one, "Effect": "Deny"} for one in before]
    account.invoke(remediation, {"undo": account.alerts()[0]["id"]})
    assert trust_of() == before


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("AWSServiceRoleForSupport", "/aws-service-role/support.amazonaws.com/"),
        ("AWSReservedSSO_Admin_0123456789abcdef", "/aws-reserved/sso.amazonaws.com/"),
        ("BreakGlass", "/"),
        ("emergency-1", "/"),
    ],
)
def test_roles_of_aws_and_of_emergencies_are_left_alone(account: Account, name: str, path: str) -> None:
    role(trusts({"Federated": SAML}, "sts:AssumeRoleWithSAML"), trusts({"AWS": STRANGER}), name=name, path=path)
    assert deliver(account, name) == ["ALREADY_OK"]
    assert account.writes == []


def test_a_finding_names_the_role_by_an_arn_with_a_path(account: Account) -> None:
    role(trusts("*"), name="deep", path="/a/b/")
    event = Handler("iam", "restrict_role_trust").samples["restrict_role_trust-accessanalyzer"]
    event["detail"]["resource"] = f"arn:aws:iam::{ACCOUNT}:role/a/b/deep"
    assert account.deliver(remediation, event) == ["FIXED"]


def test_an_undo_is_refused_if_somebody_has_edited_the_trust_since(account: Account) -> None:
    broken()
    deliver(account)
    later = json.dumps({"Version": "2012-10-17", "Statement": [SERVICE]})
    boto3.client("iam").update_assume_role_policy(RoleName="Reader", PolicyDocument=later)
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDO_REFUSED"
    assert trust_of() == [SERVICE]
