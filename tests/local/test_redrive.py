"""`make redrive`: what schedules and rules could not give to a function that is gone goes to the one that has its remediation now."""

import io
import json
from contextlib import redirect_stdout
from typing import Any

import boto3
import pytest

from functions.dynamodb.set_table import together
from local.cli.stack import Stack
from local.redrive import Redrive
from tests.contract.conftest import Broken, broken_by
from tests.harness.account import Account
from tests.harness.discovery import Handler

ROLE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
STACK = {
    "Resources": {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": ROLE}},
        "SetTable": {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Runtime": "python3.12", "Handler": "h.h", "Code": {"ZipFile": "-"}, "Role": {"Fn::GetAtt": ["Role", "Arn"]}},
        },
        "DeadLetters": {"Type": "AWS::SQS::Queue"},
    },
    "Outputs": {"DeadLetterQueue": {"Value": {"Ref": "DeadLetters"}}, "Together": {"Value": "set-table: enable-table-backups, enable-table-protection"}},
}


class Deployed:
    """The stack, whose function is Snapback's own."""

    def __init__(self, broken: Broken) -> None:
        self.broken = broken
        boto3.client("cloudformation").create_stack(StackName="snapback", TemplateBody=json.dumps(STACK), Capabilities=["CAPABILITY_IAM"])
        self.redrive = Redrive(Stack(self.client, "snapback"))

    def client(self, service: str, **_: Any) -> Any:  # noqa: ANN401 - a client of any service
        if service == "lambda":
            return self
        client = boto3.client(service)  # type: ignore[call-overload]
        client.meta.events.register("provide-client-params.sqs.ReceiveMessage", lambda params, **_: {**params, "WaitTimeSeconds": 0})  # the clock stands still
        return client

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """Run the function as Lambda does."""
        assert FunctionName.startswith("snapback-SetTable-")
        with redirect_stdout(io.StringIO()):  # to its own log
            answer = self.broken.account.invoke(together, json.loads(Payload))
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}

    def cannot_reach(self, function: str, event: object) -> None:
        """Put into the queue what the Scheduler could not deliver (https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html)."""
        said = {"ERROR_MESSAGE": f"Function not found: {function}", "TARGET_ARN": f"arn:aws:lambda:us-east-1:111122223333:function:{function}"}
        attributes: Any = {name: {"DataType": "String", "StringValue": value} for name, value in said.items()}
        boto3.client("sqs").send_message(QueueUrl=self.redrive.queue, MessageBody=json.dumps(event), MessageAttributes=attributes)


@pytest.fixture
def deployed(account: Account, monkeypatch: pytest.MonkeyPatch) -> Deployed:
    return Deployed(broken_by(Handler("dynamodb", "enable_table_backups"), account, monkeypatch))


def look(deployed: Deployed, why: str) -> dict[str, Any]:
    account = deployed.broken.account
    return {"resource": deployed.broken.resource, "number": 1, "why": why, "due": account.clock.time}


@pytest.mark.parametrize("why", ["settling", "exemption"])
def test_a_later_look_of_a_function_that_is_gone_goes_to_the_one_that_has_its_remediation_now(deployed: Deployed, why: str) -> None:
    broken = deployed.broken
    event = broken.event() if why == "settling" else {"exemption_ended": {"resource": broken.resource, "until": "2026-11-24"}}
    deployed.cannot_reach("snapback-EnableTableBackups-1A2B3C4D5E6F", {**event, "look": look(deployed, why)})
    assert deployed.redrive.run(look=False) == (1, 0)
    assert not broken.is_wrong
    assert [alert["remediation"] for alert in broken.account.alerts()] == ["enable-table-backups"], "the other remediation of that function was not asked"


@pytest.mark.parametrize("function", ["snapback-DoSomething-1A2B3C4D5E6F", "another-EnableTableBackups-1A2B3C4D5E6F", "EnableTableBackups"])
def test_a_letter_for_a_function_that_was_never_of_this_stack_stays(deployed: Deployed, function: str, capsys: pytest.CaptureFixture[str]) -> None:
    deployed.cannot_reach(function, {**deployed.broken.event(), "look": look(deployed, "settling")})
    assert deployed.redrive.run(look=False) == (0, 1)
    assert "no function of this stack, so it stays" in capsys.readouterr().out
    assert deployed.broken.is_wrong
