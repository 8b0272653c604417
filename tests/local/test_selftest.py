"""`make selftest`: who has just deployed reads in a sentence whether Snapback hears and is heard."""

import io
import json
from typing import Any

import boto3
import pytest

from local import selftest

ROLE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
CANARY = {
    "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": ROLE}},
    "SendCanary": {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.12",
            "Handler": "send_canary.handler",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Code": {"ZipFile": "def handler(*_): pass"},
        },
    },
}
NO_CANARY = {"JournalTable": {"Type": "AWS::SQS::Queue"}}


class Lambda:
    """Lambda, in which the canary's function ends as it is told to."""

    def __init__(self, answer: Any, error: str = "") -> None:  # noqa: ANN401 - any JSON
        self.answer = {"Payload": io.BytesIO(json.dumps(answer).encode()), **({"FunctionError": error} if error else {})}
        self.invoked: list[str] = []
        self.patience = 0.0

    def client(self, service: str, **options: Any) -> Any:  # noqa: ANN401 - a client of any service
        if service != "lambda":
            return boto3.client(service)  # type: ignore[call-overload]
        self.patience = options["config"].read_timeout
        assert options["config"].retries["total_max_attempts"] == 1, "a second try would open the group while the first waits"
        return self

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's names
        assert json.loads(Payload) == {}
        self.invoked.append(FunctionName)
        return self.answer


def deploy(resources: dict[str, Any]) -> None:
    boto3.client("cloudformation").create_stack(StackName="snapback", TemplateBody=json.dumps({"Resources": resources}), Capabilities=["CAPABILITY_IAM"])


@pytest.fixture
def deployed(account: Any) -> None:  # noqa: ANN401, ARG001 - the account in memory, which is needed and not looked at
    deploy(CANARY)


@pytest.mark.usefixtures("deployed")
def test_a_canary_that_is_heard_is_good_news(capsys: pytest.CaptureFixture[str]) -> None:
    lambda_ = Lambda({"outcome": "HEARD", "missing": [], "seconds": 93})
    assert selftest.run(lambda_.client, "snapback") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "All is well: after 93 seconds it was closed, and told."
    [function] = lambda_.invoked
    assert function.startswith("snapback-SendCanary")
    assert lambda_.patience > 600, "as long as the function may take"


@pytest.mark.usefixtures("deployed")
def test_what_was_missing_is_said_and_where_to_read_on(capsys: pytest.CaptureFixture[str]) -> None:
    missing = ["the opened port was not closed", "no alert of it arrived at the topic"]
    assert selftest.run(Lambda({"outcome": "UNHEARD", "missing": missing, "seconds": 570}).client, "snapback") == 1
    said = capsys.readouterr().out
    assert all(one in said for one in missing)
    assert "docs/runbook.md" in said


@pytest.mark.usefixtures("deployed")
def test_a_canary_that_was_heard_and_held_is_not_taken_for_deafness(capsys: pytest.CaptureFixture[str]) -> None:
    missing = ["the opened port was not closed: it ended as HELD, for revoke-open-ingress has made 20 fixes within an hour, the most that it may"]
    assert selftest.run(Lambda({"outcome": "UNHEARD", "missing": missing, "seconds": 40, "answer": "HELD"}).client, "snapback") == 1
    said = capsys.readouterr().out
    assert "it ended as HELD" in said
    assert "deaf" not in said


@pytest.mark.usefixtures("deployed")
def test_a_canary_that_fails_itself_is_not_taken_for_deafness(capsys: pytest.CaptureFixture[str]) -> None:
    failed = Lambda({"errorType": "ClientError", "errorMessage": "not authorized\x1b[2J"}, error="Unhandled")
    assert selftest.run(failed.client, "snapback") == 1
    said = capsys.readouterr().out
    assert "The canary itself failed: ClientError: not authorized" in said
    assert "\x1b" not in said
    assert "deaf" not in said


@pytest.mark.usefixtures("deployed")
def test_a_function_that_was_cut_off_by_its_timeout_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    # What Lambda answers then: https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
    cut_off = Lambda({"errorMessage": "2026-11-24T03:09:00.000Z 7bf73129 Task timed out after 600.00 seconds"}, error="Unhandled")
    assert selftest.run(cut_off.client, "snapback") == 1
    assert "timed out after 600.00 seconds" in capsys.readouterr().out


def test_a_stack_without_a_canary_is_told_how_to_get_one(account: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ANN401, ARG001
    deploy(NO_CANARY)
    lambda_ = Lambda({})
    monkeypatch.setattr(boto3, "Session", lambda: lambda_)
    assert selftest.main(["snapback"]) == 2
    assert "CanaryVpc=vpc-" in capsys.readouterr().err
    assert lambda_.invoked == []


def test_a_stack_that_is_not_there_is_said_in_a_sentence(account: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ANN401, ARG001
    monkeypatch.setattr(boto3, "Session", lambda: Lambda({}))
    assert selftest.main(["snapback"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("snapback cannot be tried: ")
    assert "does not exist" in said


@pytest.mark.parametrize("arguments", [[], [""]])
def test_it_asks_for_the_stack(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert selftest.main(arguments) == 2
    assert "STACK=" in capsys.readouterr().err
