"""`make redrive`: what schedules and rules could not give to a function that is gone goes to the one that has its remediation now."""

import io
import json
from contextlib import redirect_stdout
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

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


def seen_and_hidden(deployed: Deployed) -> tuple[int, int]:
    """Return how many letters others see in the queue, and how many are hidden."""
    deployed.broken.account.clock.pause(1)
    told = boto3.client("sqs").get_queue_attributes(QueueUrl=deployed.redrive.queue, AttributeNames=["All"])["Attributes"]
    return int(told["ApproximateNumberOfMessages"]), int(told["ApproximateNumberOfMessagesNotVisible"])


def refuse_once(client: Any, operation: str) -> None:  # noqa: ANN401 - a client of any service
    left = [operation]

    def refuse(**_: Any) -> None:  # noqa: ANN401 - whatever botocore tells of the call
        if left:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not authorized"}}, left.pop())

    client.meta.events.register(f"before-call.sqs.{operation}", refuse)


def two_letters(deployed: Deployed) -> None:
    for event in (deployed.broken.event(), deployed.broken.event(event_id="another")):
        deployed.cannot_reach("snapback-EnableTableBackups-1A2B3C4D5E6F", {**event, "look": look(deployed, "settling")})


def test_a_letter_that_cannot_be_taken_off_the_queue_keeps_no_other_and_all_that_stays_is_seen_again(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    two_letters(deployed)
    refuse_once(deployed.redrive.sqs, "DeleteMessage")
    assert deployed.redrive.run(look=False) == (1, 1)
    assert "not authorized: the letter stays" in capsys.readouterr().out
    assert seen_and_hidden(deployed) == (1, 0)
    assert deployed.redrive.troubles == 1


def test_what_was_received_and_never_came_to_its_turn_is_given_back(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(**_: Any) -> None:  # noqa: ANN401 - as a person's Ctrl-C while the first one is handled
        raise KeyboardInterrupt

    two_letters(deployed)
    monkeypatch.setattr(deployed, "invoke", stopped)
    with pytest.raises(KeyboardInterrupt):
        deployed.redrive.run(look=False)
    assert seen_and_hidden(deployed) == (2, 0)


def test_a_letter_that_cannot_be_given_back_keeps_no_other_hidden_and_is_told(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    two_letters(deployed)
    refuse_once(deployed.redrive.sqs, "ChangeMessageVisibility")
    assert deployed.redrive.run(look=True) == (0, 2)
    assert seen_and_hidden(deployed) == (1, 1)
    assert "1 of the letters that stay are hidden for up to 30 minutes" in capsys.readouterr().out


@pytest.mark.parametrize("resources", [5, {"arn": 1}, [5, None], None, "arn:aws:scheduler:us-east-1:111122223333:schedule/a/b"])
def test_a_tick_that_names_no_schedule_is_for_nobody_and_keeps_no_other(deployed: Deployed, resources: object) -> None:
    boto3.client("sqs").send_message(QueueUrl=deployed.redrive.queue, MessageBody=json.dumps({"detail-type": "Scheduled Event", "resources": resources}))
    assert deployed.redrive.run(look=False) == (0, 1)
    assert seen_and_hidden(deployed) == (1, 0)
