"""restrict_identity_pool: one switch, and the rest of the pool is given back with it."""

from collections.abc import Callable, Mapping
from typing import Any

import boto3
import pytest

from functions.cognito.restrict_identity_pool import remediation
from tests.harness.account import Account, ApiCall
from tests.harness.discovery import Handler
from tests.harness.scenario import Scenario

SAMPLE = "us-east-1:12345678-1234-1234-1234-123456789012"


def pool(*, guests: bool = True) -> str:
    made = boto3.client("cognito-identity").create_identity_pool(
        IdentityPoolName="shop",
        AllowUnauthenticatedIdentities=guests,
        SupportedLoginProviders={"accounts.google.com": "111122223333-example.apps.googleusercontent.com"},
        DeveloperProviderName="login.shop.example",
        OpenIdConnectProviderARNs=["arn:aws:iam::111122223333:oidc-provider/login.example.com"],
        CognitoIdentityProviders=[{"ProviderName": "cognito-idp.us-east-1.amazonaws.com/us-east-1_Ex", "ClientId": "shop", "ServerSideTokenCheck": True}],
        SamlProviderARNs=["arn:aws:iam::111122223333:saml-provider/example"],
        IdentityPoolTags={"team": "blue"},
    )
    return str(made["IdentityPoolId"])


def broken() -> str:
    return pool()


def state(name: str) -> Mapping[str, Any]:
    answer: Any = boto3.client("cognito-identity").describe_identity_pool(IdentityPoolId=name)
    return {part: value for part, value in answer.items() if part != "ResponseMetadata"}


scenario = Scenario(sample=SAMPLE, broken=broken, state=state, touched=frozenset({"AllowUnauthenticatedIdentities"}), environment={})


@pytest.fixture(autouse=True)
def enforce(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "enforce")


def event(name: str) -> dict[str, Any]:
    return scenario.event(Handler("cognito", "restrict_identity_pool").samples["restrict_identity_pool"], name)


def test_all_that_the_pool_has_is_given_back_with_the_switch(account: Account) -> None:
    """On AWS the update replaces the whole pool. moto keeps what is left out, and does not know AllowClassicFlow: so the call itself is looked at."""
    name = pool()

    def with_classic_flow(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        return {**really(), "AllowClassicFlow": True} if call.operation == "DescribeIdentityPool" else really()

    with account.interfered(with_classic_flow):
        assert account.deliver(remediation, event(name)) == ["FIXED"]
    [update] = account.writes
    assert update.parameters == {**state(name), "AllowClassicFlow": True, "AllowUnauthenticatedIdentities": False}


def test_a_pool_that_cloudformation_made_is_given_back_without_the_tags_that_are_aws_s_own(account: Account) -> None:
    name = pool()
    aws_own = {"aws:cloudformation:stack-name": "shop", "aws:cloudformation:logical-id": "Guests"}

    def made_by_a_stack(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        answer = really()
        return {**answer, "IdentityPoolTags": {**answer["IdentityPoolTags"], **aws_own}} if call.operation == "DescribeIdentityPool" else answer

    with account.interfered(made_by_a_stack):
        assert account.deliver(remediation, event(name)) == ["FIXED"]
        [alert] = account.alerts()
        assert account.invoke(remediation, {"undo": alert["id"]})["outcome"] == "UNDONE"
    assert [update.parameters["IdentityPoolTags"] for update in account.writes] == [{"team": "blue"}, {"team": "blue"}]


def test_a_pool_without_guests_is_not_wrong(account: Account) -> None:
    assert account.deliver(remediation, event(pool(guests=False))) == ["ALREADY_OK"]


def test_a_pool_that_is_gone_is_an_outcome(account: Account) -> None:
    assert account.deliver(remediation, event(SAMPLE)) == ["GONE"]
