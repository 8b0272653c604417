"""contain_function: no new invocation begins, and what was reserved comes back."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import pytest

from functions.awslambda.contain_function import remediation
from local.intrinsics import physical_name
from tests.harness.account import Account, ApiCall, error, operations
from tests.harness.awslambda import lambda_functions
from tests.harness.discovery import Handler
from tests.harness.scenario import Scenario
from tests.harness.template import HERE, resolved

lambda_functions.as_on_aws()

STACK_ID = resolved({"Ref": "AWS::StackId"})
OF_A_STACK_SET = "StackSet-snapback-1b2c3d4e-5f60-7182-93a4-b5c6d7e8f901"

SAMPLE = Handler("awslambda", "contain_function").samples["contain_function"]

ROLE = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


def make(name: str, reserved: int | None = None) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): ...")
    roles = boto3.client("iam").list_roles()["Roles"]
    role = roles[0]["Arn"] if roles else boto3.client("iam").create_role(RoleName="function", AssumeRolePolicyDocument=ROLE)["Role"]["Arn"]
    boto3.client("lambda").create_function(FunctionName=name, Runtime="python3.13", Role=role, Handler="app.handler", Code={"ZipFile": packed.getvalue()})
    if reserved is not None:
        boto3.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)
    return name


def concurrency(name: str) -> Any:  # noqa: ANN401 - a number or None
    return boto3.client("lambda").get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions")


def provide(name: str, **amounts: int) -> str:
    """Keep environments ready for aliases of the function, each of a version of its own."""
    client = boto3.client("lambda")
    for alias, amount in amounts.items():
        version = client.publish_version(FunctionName=name)["Version"]
        client.create_alias(FunctionName=name, Name=alias, FunctionVersion=version)
        client.put_provisioned_concurrency_config(FunctionName=name, Qualifier=alias, ProvisionedConcurrentExecutions=amount)
    return name


def provided(name: str) -> dict[str, int]:
    pages = boto3.client("lambda").get_paginator("list_provisioned_concurrency_configs").paginate(FunctionName=name)
    found = [one for page in pages for one in page["ProvisionedConcurrencyConfigs"]]
    return {one["FunctionArn"].rpartition(":")[2]: one["RequestedProvisionedConcurrentExecutions"] for one in found}


def broken() -> str:
    make("resize-videos", 5)
    make("resize-images-2")
    return make("resize-images")


def kept_ready() -> str:
    """Make it with more than one alias that keeps environments ready, and as much reserved as that needs."""
    provide(make("resize-images-2", 5), live=4)
    return provide(make("resize-images", 8), live=5, next=3)


def state(name: str) -> dict[str, Any]:
    configuration = {key: value for key, value in boto3.client("lambda").get_function_configuration(FunctionName=name).items() if key != "ResponseMetadata"}
    others = {other: [concurrency(other), provided(other)] for other in functions() if other != name}
    return {"concurrency": [concurrency(name), provided(name)], "configuration": configuration, "others": others}


def functions() -> list[str]:
    return [function["FunctionName"] for function in boto3.client("lambda").list_functions()["Functions"]]


scenario = Scenario(sample="resize-images", broken=broken, state=state, touched=frozenset({"concurrency"}), environment={"STACK_ID": STACK_ID})

variants = {"with provisioned concurrency": replace(scenario, broken=kept_ready)}


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACK_ID", STACK_ID)


def all_calls(account: Account) -> None:
    """Stop one that keeps environments ready, and take that back."""
    kept_ready()
    [outcome] = account.invoke(remediation, SAMPLE)["outcomes"]
    account.invoke(remediation, {"undo": outcome["id"]})


def test_undo_brings_a_former_reservation_back(account: Account) -> None:
    make("resize-images", 7)
    assert account.deliver(remediation, SAMPLE) == ["FIXED"]
    assert concurrency("resize-images") == 0
    account.invoke(remediation, {"undo": account.alerts()[0]["id"]})
    assert concurrency("resize-images") == 7


def test_an_undo_is_refused_if_somebody_has_reserved_anew_since(account: Account) -> None:
    make("resize-images")
    account.deliver(remediation, SAMPLE)
    boto3.client("lambda").put_function_concurrency(FunctionName="resize-images", ReservedConcurrentExecutions=2)
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDO_REFUSED"
    assert concurrency("resize-images") == 2


@pytest.mark.parametrize("stack", ["snapback", "snapback-of-the-platform-team-7", OF_A_STACK_SET])
def test_a_function_of_snapback_itself_is_only_reported_also_where_cloudformation_has_cut_its_name(
    stack: str, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STACK_ID", resolved({"Ref": "AWS::StackId"}, place=HERE._replace(stack=stack)))
    own = make(physical_name("AWS::Serverless::Function", "DeactivateUnusedCredentials", stack))
    event = json.loads(json.dumps(SAMPLE).replace("resize-images", own))
    assert account.deliver(remediation, event) == ["REPORTED"]
    assert concurrency(own) is None
    assert "deploy it again" in account.alerts()[0]["reason"]


def test_a_function_whose_name_only_begins_like_the_stack_is_stopped(account: Account) -> None:
    make("snapback-webshop")
    event = json.loads(json.dumps(SAMPLE).replace("resize-images", "snapback-webshop"))
    assert account.deliver(remediation, event) == ["FIXED"]
    assert concurrency("snapback-webshop") == 0


def test_what_was_seen_in_a_function_that_is_gone_is_told(account: Account) -> None:
    assert account.deliver(remediation, SAMPLE) == ["REPORTED"]


def test_a_function_with_provisioned_concurrency_is_stopped_all_the_same_and_gets_it_back(account: Account) -> None:
    provide(make("resize-images"), live=2)
    assert account.deliver(remediation, SAMPLE) == ["FIXED"]
    assert operations(account.writes) == ["lambda:DeleteProvisionedConcurrencyConfig", "lambda:PutFunctionConcurrency"]
    assert (concurrency("resize-images"), provided("resize-images")) == (0, {})
    account.forget()
    account.invoke(remediation, {"undo": account.alerts()[0]["id"]})
    assert operations(account.writes) == ["lambda:DeleteFunctionConcurrency", "lambda:PutProvisionedConcurrencyConfig"]
    assert (concurrency("resize-images"), provided("resize-images")) == (None, {"live": 2})


@pytest.mark.parametrize(("refusals", "outcome"), [(3, ["FIXED"]), (1000, [])])
def test_while_somebody_updates_the_function_it_is_tried_again(refusals: int, outcome: list[str], account: Account) -> None:
    make("resize-images")
    refused: list[ApiCall] = []

    def refuse(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "PutFunctionConcurrency" and len(refused) < refusals:
            refused.append(call)
            raise error("ResourceConflictException", 409, call.operation)
        return really()

    with account.interfered(refuse):
        assert account.deliver(remediation, SAMPLE) == outcome
    assert account.outcomes() == outcome
    assert ["somebody is updating" in reason for _, reason in account.dead_letters] == ([] if outcome else [True])
