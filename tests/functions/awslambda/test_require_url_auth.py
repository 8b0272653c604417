"""require_url_auth: a URL asks who calls, and nothing else of it changes."""

from typing import Any

import boto3
import pytest

from functions.awslambda.require_url_auth import remediation
from tests.harness.account import Account
from tests.harness.awslambda import lambda_functions
from tests.harness.discovery import Handler
from tests.harness.scenario import Scenario

lambda_functions.as_on_aws()

NAME = "orders"


def url(auth: str = "NONE", **qualifier: str) -> None:
    cors: Any = {"AllowOrigins": ["https://example.com"], "MaxAge": 60}
    boto3.client("lambda").create_function_url_config(FunctionName=NAME, AuthType=auth, Cors=cors, InvokeMode="RESPONSE_STREAM", **qualifier)  # type: ignore[arg-type]


def url_of(**qualifier: str) -> dict[str, Any]:
    found = boto3.client("lambda").get_function_url_config(FunctionName=NAME, **qualifier)
    return {key: value for key, value in found.items() if key != "ResponseMetadata"}


def broken() -> str:
    lambda_functions.function(NAME, alias="PROD")
    url()
    url(Qualifier="PROD")
    boto3.client("lambda").add_permission(
        FunctionName=NAME, StatementId="FunctionURLAllowPublicAccess", Action="lambda:InvokeFunctionUrl", Principal="*", FunctionUrlAuthType="NONE"
    )
    return NAME


def state(_: str) -> dict[str, Any]:
    found = url_of()
    return {
        "auth": found.pop("AuthType"),
        "url": found,
        "alias": url_of(Qualifier="PROD"),
        "policy": boto3.client("lambda").get_policy(FunctionName=NAME)["Policy"],
    }


scenario = Scenario(sample="snapback-sample-function", broken=broken, state=state, touched=frozenset({"auth"}), environment={})


@pytest.fixture(autouse=True)
def enforced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "enforce")


def event(name: str = NAME, **parameters: str) -> dict[str, Any]:
    found = scenario.event(Handler("awslambda", "require_url_auth").samples["require_url_auth"], name)
    found["detail"]["requestParameters"] |= parameters
    return found


def test_the_url_of_an_alias_is_one_of_its_own(account: Account) -> None:
    broken()
    before = url_of()
    assert account.deliver(remediation, event(qualifier="PROD")) == ["FIXED"]
    assert (url_of(), url_of(Qualifier="PROD")["AuthType"]) == (before, "AWS_IAM")


def test_the_name_of_the_call_may_carry_the_version_of_the_api(account: Account) -> None:
    broken()
    found = event()
    found["detail"]["eventName"] = "UpdateFunctionUrlConfig20211031"
    assert account.deliver(remediation, found) == ["FIXED"]


def test_a_url_that_asks_already_is_left_alone(account: Account) -> None:
    lambda_functions.function(NAME)
    url("AWS_IAM")
    assert account.deliver(remediation, event()) == ["ALREADY_OK"]
    assert account.writes == []


def test_a_url_that_is_gone_is_gone(account: Account) -> None:
    lambda_functions.function(NAME)
    assert account.deliver(remediation, event()) == ["GONE"]
