"""`snapback`: what an operator types, against an account in memory in which the functions are Snapback's own."""

import io
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import boto3
import botocore.client
import pytest
from botocore.exceptions import ClientError, NoCredentialsError, ProfileNotFound, UnauthorizedSSOTokenError

from local.cli import __main__ as program
from local.cli import commands
from local.cli.stack import Stack
from snapback.engine import clients, decisions
from tests.contract.conftest import Broken, broken_by
from tests.harness import template
from tests.harness.account import Account
from tests.harness.discovery import FIXERS

ROLE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
ALARMS = {"HeldAlarm": "snapback-held", "DeafAlarm": "snapback-deaf"}
"""Of the stack; moto's CloudFormation makes none."""
FUNCTION = {"Runtime": "python3.12", "Handler": "h.h", "Code": {"ZipFile": "-"}, "Role": {"Fn::GetAtt": ["Role", "Arn"]}}
STACK = {
    "Parameters": {
        name: {"Type": "String", "Default": default} for name, default in (("Mode", "preview"), ("DisruptiveMode", "preview"), ("SwitchedOff", "none"))
    },
    "Resources": {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": ROLE}},
        "RevokeOpenIngress": {"Type": "AWS::Lambda::Function", "Properties": FUNCTION},
        "IsolateInstance": {"Type": "AWS::Lambda::Function", "Properties": FUNCTION},
        "SendDigest": {"Type": "AWS::Lambda::Function", "Properties": FUNCTION},
        "DeadLetters": {"Type": "AWS::SQS::Queue"},
        "Storms": {"Type": "AWS::SQS::Queue"},
    },
    "Outputs": {"JournalTable": {"Value": "journal"}, "Version": {"Value": "1.2.3"}},
}


class Operator:
    """Somebody at a terminal."""

    def __init__(self, broken: Broken, capsys: pytest.CaptureFixture[str]) -> None:
        self.broken = broken
        self.capsys = capsys
        self.payloads: list[dict[str, Any]] = []
        self.sessions: list[dict[str, Any]] = []
        self.refusal: Exception | None = None

    def session(self, **given: Any) -> "Operator":  # noqa: ANN401 - boto3's options
        self.sessions.append(given)
        if isinstance(self.refusal, ProfileNotFound):
            raise self.refusal
        return self

    def client(self, service: str, **_: Any) -> Any:  # noqa: ANN401 - a client of any service
        if isinstance(self.refusal, NoCredentialsError):
            raise self.refusal
        return self if service == "lambda" else boto3.client(service)  # type: ignore[call-overload]

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """Run the function as Lambda does; what it raises is in the answer."""
        assert FunctionName.startswith("snapback-RevokeOpenIngress-"), FunctionName
        if self.refusal:
            raise self.refusal
        self.payloads.append(json.loads(Payload))
        try:
            with redirect_stdout(io.StringIO()):  # to its own log
                answer: Any = self.broken.account.invoke(self.broken.remediation, json.loads(Payload))
        except Exception as error:  # noqa: BLE001 - as Lambda does with whatever a handler raises
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)}).encode())}
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}

    def types(self, *words: str) -> tuple[int, str, str]:
        """Return the exit status, and what was printed on both ways; none of it can move a cursor."""
        self.capsys.readouterr()
        try:
            status = program.main(words)
        except SystemExit as end:  # as argparse ends
            status = int(str(end.code))
        out, err = self.capsys.readouterr()
        assert all(char.isprintable() or char == "\n" for char in out + err)
        assert "Traceback" not in err
        return status, out, err

    def reads(self, *words: str) -> Any:  # noqa: ANN401 - any JSON
        """Return the answer for programs."""
        status, out, err = self.types(*words, "--json")
        assert (status, err) == (0, "")
        return json.loads(out)

    def is_told(self, *words: str, status: int = 2) -> str:
        """Return the one line with which a command ends that could not be carried out."""
        ended, out, err = self.types(*words)
        assert (ended, out) == (status, ""), (ended, out, err)
        assert err.startswith("snapback: ")
        assert err.count("\n") == 1
        return err


@pytest.fixture
def operator(account: Account, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Operator:
    broken = broken_by(next(handler for handler in FIXERS if handler.stem == "revoke_open_ingress"), account, monkeypatch)
    boto3.client("cloudformation").create_stack(StackName="snapback", TemplateBody=json.dumps(STACK), Capabilities=["CAPABILITY_IAM"])
    for name in ALARMS.values():
        boto3.client("cloudwatch").put_metric_alarm(AlarmName=name, ComparisonOperator="LessThanThreshold", EvaluationPeriods=1, Threshold=1)
        boto3.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="OK", StateReason="a test")
    made = Stack.resources

    def resources(stack: Stack, kind: str) -> Iterator[tuple[str, str]]:
        yield from ALARMS.items() if kind == "AWS::CloudWatch::Alarm" else made(stack, kind)

    monkeypatch.setattr(Stack, "resources", resources)
    operator = Operator(broken, capsys)
    monkeypatch.setattr(boto3, "Session", operator.session)
    return operator


def previewed(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let the problem be shown; return the id of the preview."""
    monkeypatch.setenv("MODE", "preview")
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    assert operator.broken.deliver() == ["WOULD_FIX"]
    return str(operator.broken.account.alerts()[-1]["id"])


def fixed(operator: Operator) -> str:
    assert operator.broken.deliver() == ["FIXED"]
    return str(operator.broken.account.alerts()[-1]["id"])


def held(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let the breaker hold the resource; return its name."""
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")
    fixed(operator)
    operator.broken.break_again()
    operator.broken.account.clock.pause(60)
    assert operator.broken.deliver(operator.broken.event(event_id="another")) == ["HELD"]
    return operator.broken.resource


def test_what_was_told_and_what_waits_is_listed_with_the_command_that_answers_it(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    resource = held(operator, monkeypatch)
    lines = operator.reads("list")
    assert [(one["outcome"], one["resource"], one["next"]) for one in lines] == [("HELD", resource, "release"), ("FIXED", resource, "")]
    assert [one["outcome"] for one in operator.reads("list", "--waiting")] == ["HELD"]
    assert [one["outcome"] for one in operator.reads("list", "--outcome", "fixed", "--remediation", "RevokeOpenIngress")] == ["FIXED"]
    assert operator.reads("list", "--remediation", "isolate_instance") == []
    _, out, _ = operator.types("list")
    assert out.splitlines()[0].split() == ["WHEN", "(UTC)", "OUTCOME", "REMEDIATION", "RESOURCE", "ID", "NEXT"]
    assert out.splitlines()[1].endswith("release")


def test_what_is_older_is_not_listed_but_what_is_held_waits(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    held(operator, monkeypatch)
    operator.broken.account.clock.pause(25 * 3600)
    assert [one["outcome"] for one in operator.reads("list")] == ["HELD"]
    assert operator.reads("list", "--hours", "1") == []
    assert [one["outcome"] for one in operator.reads("list", "--hours", "48")] == ["HELD", "FIXED"]


def test_what_is_contested_waits_until_it_is_released(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_RESOURCE", "1")
    fixed(operator)
    operator.broken.break_again()
    operator.broken.account.clock.pause(60)
    assert operator.broken.deliver(operator.broken.event(event_id="another")) == ["CONTESTED"]
    assert [one["outcome"] for one in operator.reads("list", "--waiting")] == ["CONTESTED"]
    status, out, _ = operator.types("release", operator.broken.resource)
    assert (status, out.split()[0]) == (0, "FIXED")
    assert operator.reads("list", "--waiting") == []


def test_a_preview_waits_is_shown_whole_and_is_applied_once(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = previewed(operator, monkeypatch)
    assert [(one["id"], one["next"]) for one in operator.reads("list", "--waiting")] == [(shown, "apply")]
    data = operator.reads("show", shown)
    assert data["outcome"] == "WOULD_FIX"
    assert data["can"] == ["apply"]
    assert data["calls"][0]["operation"] == "RevokeSecurityGroupIngress"
    _, out, _ = operator.types("show", shown)
    assert "What would be called:\n  - ec2.RevokeSecurityGroupIngress " in out
    assert f"Now: snapback apply {shown}" in out
    status, out, _ = operator.types("apply", shown, "--by", "Jo")
    assert (status, out.split()[:2]) == (0, ["FIXED", operator.broken.resource])
    assert operator.payloads == [{"apply": shown, "by": "Jo"}]
    assert not operator.broken.is_wrong
    assert operator.reads("list", "--waiting") == []
    assert operator.reads("show", shown)["can"] == []


def test_a_fix_is_taken_back_with_its_reason(operator: Operator) -> None:
    fix = fixed(operator)
    assert f"Now: snapback undo {fix} --reason WHY" in operator.types("show", fix)[1]
    status, out, _ = operator.types("undo", fix, "--reason", "the vendor needs it")
    assert (status, out.split()[0]) == (0, "UNDONE")
    assert operator.broken.is_wrong
    [payload] = operator.payloads
    assert payload["reason"] == "the vendor needs it"
    assert payload["by"] == boto3.client("sts").get_caller_identity()["Arn"], "who does not say is told by their credentials"
    assert "the vendor needs it" in operator.reads("show", fix)["undone"]


def test_an_undo_that_is_refused_ends_with_the_functions_reason(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = previewed(operator, monkeypatch)
    status, out, _ = operator.types("undo", shown, "--reason", "a try")
    assert status == 1
    assert "there is nothing to take back" in out


def test_what_aws_refused_is_tried_again(operator: Operator) -> None:
    def deny(call: Any, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.is_write:
            raise ClientError({"Error": {"Code": "UnauthorizedOperation", "Message": "no"}}, call.operation)
        return really()

    with operator.broken.account.interfered(deny):
        assert operator.broken.deliver() == ["FAILED"]
    [line] = operator.reads("list", "--waiting")
    assert line["next"] == "retry"
    status, out, _ = operator.types("retry", line["id"])
    assert (status, out.split()[0]) == (0, "FIXED")
    assert operator.reads("list", "--waiting") == []


def test_a_resource_is_exempted_for_days_by_its_name_or_by_an_id_and_ended_again(operator: Operator) -> None:
    fix = fixed(operator)
    resource = operator.broken.resource
    for named in (fix, resource):
        status, out, _ = operator.types("exempt", named, "--for", "7d", "--reason", "vendor test", "--owner", "Jo")
        assert (status, out.split()[:2]) == (0, ["EXEMPTED", f"{resource}:"])
        assert operator.payloads[-1]["exempt"]["resource"] == resource
        assert [(one.resource, one.owner, one.reason) for one in decisions.exemptions_of("revoke-open-ingress")] == [(resource, "Jo", "vendor test")]
        assert decisions.exemptions_of("revoke-open-ingress")[0].ends == pytest.approx(operator.broken.account.clock.time + 7 * 24 * 3600, abs=1)
    operator.broken.break_again()
    assert operator.broken.deliver(operator.broken.event(event_id="another")) == ["EXEMPT"]
    assert operator.types("unexempt", resource)[0] == 0
    assert decisions.exemptions_of("revoke-open-ingress") == []


def test_what_was_changed_is_accepted_by_its_name_or_by_an_id(operator: Operator) -> None:
    fix, resource = fixed(operator), operator.broken.resource
    for named in (resource, fix):
        assert "remembers nothing" in operator.is_told("accept", named, "--reason", "moved", "--by", "Jo", status=1)
        assert operator.payloads[-1] == {"accept": resource, "reason": "moved", "by": "Jo"}
    assert "say it in words" in operator.is_told("accept", fix, "--reason", "WHY")


def test_a_finding_is_silenced_for_days_and_heard_of_again(operator: Operator) -> None:
    finding, of = "UnauthorizedAccess:EC2/SSHBruteForce", ("--remediation", "RevokeOpenIngress")
    assert operator.types("silence", finding, "--for", "7d", "--reason", "a test", "--owner", "Jo", *of)[0] == 0
    [silence] = decisions.exemptions_of("revoke-open-ingress")
    assert (silence.is_silence, silence.owner, silence.reason) == (True, "Jo", "a test")
    assert operator.types("unsilence", finding, *of)[0] == 0
    assert decisions.exemptions_of("revoke-open-ingress") == []
    assert "has not silenced" in operator.is_told("unsilence", finding, *of, status=1)
    assert "there is no remediation report-finding" in operator.is_told("silence", finding, "--for", "7d", "--reason", "a test")


def test_what_is_held_is_released_without_naming_who_holds_it(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    resource = held(operator, monkeypatch)
    status, out, _ = operator.types("release", resource)
    assert (status, out.split()[:2]) == (0, ["FIXED", resource])
    assert not operator.broken.is_wrong
    assert operator.reads("list", "--waiting") == []


def test_a_mode_is_chosen_and_shown(operator: Operator) -> None:
    assert "For no remediation was a mode chosen." in operator.types("mode")[1]
    status, out, _ = operator.types("mode", "RevokeOpenIngress", "off", "--by", "Jo")
    assert (status, out.split()[0]) == (0, "CHOSEN")
    assert operator.broken.deliver() == ["OFF"]
    assert operator.reads("mode", "revoke_open_ingress")["chosen"]["revoke-open-ingress"]["mode"] == "off"
    assert "revoke-open-ingress: off since" in operator.types("mode")[1]
    assert "isolate-instance: none was chosen" in operator.types("mode", "isolate-instance")[1]
    assert operator.reads("status")["off"] == ["revoke-open-ingress"]


def deployed_with(off: str) -> None:
    given: list[Any] = [{"ParameterKey": "SwitchedOff", "ParameterValue": off}]
    boto3.client("cloudformation").update_stack(StackName="snapback", TemplateBody=json.dumps(STACK), Parameters=given, Capabilities=["CAPABILITY_IAM"])


def test_what_the_deployment_has_switched_off_is_said_so(operator: Operator) -> None:
    deployed_with("revoke-open-ingress,deactivate-stale-key")
    assert "off by the deployment (SwitchedOff)" in operator.types("mode", "RevokeOpenIngress")[1]
    assert operator.reads("mode")["off_by_deployment"] == ["deactivate-stale-key", "revoke-open-ingress"]
    status = operator.reads("status")
    assert (status["well"], status["off"]) == (True, ["deactivate-stale-key", "revoke-open-ingress"]), "one of them is not in this region"
    assert "revoke-open-ingress (by the deployment)" in operator.types("status")[1]


def test_a_name_by_which_nothing_is_switched_off_is_not_well(operator: Operator) -> None:
    deployed_with("revoke-open-ingres,report-finding")
    ended, out, _ = operator.types("status")
    assert ended == 1
    assert "SwitchedOff names no remediation: report-finding, revoke-open-ingres\n" in out
    assert "none" in next(line for line in out.splitlines() if line.startswith("off:"))


def test_when_all_is_well_the_status_says_so(operator: Operator) -> None:
    status, out, _ = operator.types("status")
    assert status == 0
    assert out.startswith("All is well.\n")
    assert "version 1.2.3" in out
    data = operator.reads("status")
    assert (data["canary"], data["dead_letters"], data["queue"], data["alarms"]) == ("heard", 0, 0, [])


def test_what_is_not_well_is_named_and_is_the_exit_status(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    resource = held(operator, monkeypatch)
    boto3.client("cloudwatch").set_alarm_state(AlarmName="snapback-deaf", StateValue="ALARM", StateReason="a test")
    queue = boto3.client("cloudformation").describe_stack_resource(StackName="snapback", LogicalResourceId="DeadLetters")
    boto3.client("sqs").send_message(QueueUrl=queue["StackResourceDetail"]["PhysicalResourceId"], MessageBody="{}")
    status, out, _ = operator.types("status", "--json")
    data = json.loads(out)
    assert status == 1
    assert (data["well"], data["alarms"], data["canary"], data["dead_letters"]) == (False, ["snapback-deaf"], "NOT HEARD", 1)
    assert data["held"] == [resource]
    boto3.client("cloudwatch").delete_alarms(AlarmNames=["snapback-held"])
    assert "snapback-held is gone" in operator.types("status")[1]


def test_a_single_thing_amiss_is_not_well(operator: Operator) -> None:
    boto3.client("cloudwatch").set_alarm_state(AlarmName="snapback-held", StateValue="ALARM", StateReason="a test")
    assert operator.types("status")[0] == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("show", "<ID>"), "stands for an id"),
        (("show", "sb-1"), "in the journal of snapback, which is empty"),
        (("apply", "ID"), "put the real one in its place"),
        (("undo", "sb-...", "--reason", "a test"), "put the real one in its place"),
        (("release", "RESOURCE"), "put the real one in its place"),
        (("mode", "<REMEDIATION>", "off"), "put the real one in its place"),
        (("undo", "sb-1", "--reason", ""), "there is no sb-1"),
        (("mode", "revoke-open-ingres", "off"), "do you mean revoke-open-ingress?"),
        (("mode", "send-digest", "off"), "there is no remediation send-digest"),
        (("mode", "revoke-open-ingress", "enforced"), "do you mean enforce?"),
        (("mode", "off"), "of which remediation?"),
        (("release", "sg-0123456789abcdef0"), "nothing of the name sg-0123456789abcdef0 is held or contested"),
        (("exempt", "sg-0123456789abcdef0", "--for", "7d", "--reason", "a test"), "is known from no remediation"),
        (("lits",), "do you mean list?"),
        (("list", "--outcome", "WOULDFIX"), "do you mean WOULD_FIX?"),
        (("list", "--hours", "many"), "hours are a number"),
        (("exempt", "sg-1", "--for", "ever", "--reason", "a test"), "such as 7d"),
        (("exempt", "sg-1", "--reason", "a test"), "--for"),
        ((), "COMMAND"),
        (("status", "--stack", "snapbak"), "do you mean snapback?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "-",
)
def test_what_cannot_be_asked_is_said_in_a_line_with_the_nearest_right_word(operator: Operator, words: tuple[str, ...], says: str) -> None:
    assert says in operator.is_told(*words)
    assert operator.payloads == []


def test_a_stack_of_others_is_not_taken_for_one(operator: Operator) -> None:
    boto3.client("cloudformation").create_stack(StackName="web", TemplateBody=json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}))
    assert "the stack web has no output JournalTable: it is not one of Snapback" in operator.is_told("list", "--stack", "web")
    assert ". There are snapback. Name it" in operator.is_told("list", "--stack", "production"), "and it is not proposed"


@pytest.mark.parametrize(("variable", "value"), [("AWS_ENDPOINT_URL", "nowhere"), ("AWS_REGION", "not a region"), ("AWS_REGION", "")])
def test_surroundings_that_make_no_sense_are_said_in_a_line(tmp_path: Path, variable: str, value: str) -> None:
    root = Path(__file__).parents[2]
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": "us-east-1", variable: value}
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": f"{root}/layers/snapback", **keys}
    done = subprocess.run([sys.executable, "-m", "local.cli", "list"], check=False, cwd=root, env=environ, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("snapback: ")
    assert done.stderr.count("\n") == 1


def test_an_id_that_is_not_there_names_the_nearest(operator: Operator) -> None:
    fix = fixed(operator)
    assert f"do you mean {fix}?" in operator.is_told("apply", fix[:-1])
    assert f"do you mean {fix}?" in operator.is_told("show", f"{fix}0")


def test_words_that_stand_in_an_alert_for_a_person_are_not_told_to_everybody(operator: Operator) -> None:
    fix = fixed(operator)
    assert "say it in words" in operator.is_told("undo", fix, "--reason", "WHY")
    assert "say it in words" in operator.is_told("exempt", fix, "--for", "1d", "--reason", "a test", "--owner", "YOUR NAME")
    assert operator.payloads == []


def test_a_command_that_the_function_refuses_ends_with_its_own_sentence(operator: Operator) -> None:
    fix = fixed(operator)
    assert "only what was shown as WOULD_FIX can be applied, and nothing was changed" in operator.is_told("apply", fix, status=1)
    assert "there is nothing to release" in operator.is_told("release", "sg-0123456789abcdef0", "--remediation", "revoke-open-ingress", status=1)
    status, out, err = operator.types("apply", fix, "--json")
    assert (status, out) == (1, "")
    assert "only what was shown" in json.loads(err)["error"]


def test_a_function_that_is_switched_off_says_so(operator: Operator) -> None:
    fix = fixed(operator)
    operator.refusal = ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "Rate Exceeded."}}, "Invoke")
    assert "at its limit, or switched off" in operator.is_told("undo", fix, "--reason", "a test", status=1)


@pytest.mark.parametrize(
    ("refusal", "says"),
    [
        (
            ClientError({"Error": {"Code": "ExpiredTokenException", "Message": "The security token included in the request is expired"}}, "Invoke"),
            "have expired",
        ),
        (
            ClientError({"Error": {"Code": "UnrecognizedClientException", "Message": "The security token is invalid."}}, "Invoke"),
            "does not know these credentials",
        ),
        (
            ClientError({"Error": {"Code": "AccessDeniedException", "Message": "jo is not authorized to perform: lambda:InvokeFunction"}}, "Invoke"),
            "lambda:InvokeFunction",
        ),
        (ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, "Invoke"), "try again in a minute"),
        (ClientError({"Error": {"Code": "Odd\x1b[2J", "Message": "odd\x1b[2J\nindeed"}}, "Invoke"), "Odd\\x1b[2J"),
        (NoCredentialsError(), "name a --profile"),
        (ProfileNotFound(profile="nobody"), "nobody"),
        (UnauthorizedSSOTokenError(), "sign in again"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_aws_or_the_way_to_it_refuses_is_a_line_that_says_what_to_do(operator: Operator, refusal: Exception, says: str) -> None:
    fix = fixed(operator)
    operator.refusal = refusal
    assert says in operator.is_told("undo", fix, "--reason", "a test")


def test_nothing_that_an_event_says_reaches_the_terminal_as_it_is(operator: Operator) -> None:
    fix = fixed(operator)
    row = operator.broken.account.table.rows[f"FIX#{fix}"]
    about = json.loads(row["about"]["S"])
    row["about"]["S"] = json.dumps({**about, "resource": "sg-1\x1b]0;owned\x07\r\u202e", "event_id": "e\x9b2J"})
    for words in (("list",), ("show", fix)):
        assert "owned" in operator.types(*words)[1]  # `types` looks at every character
    assert operator.reads("show", fix)["resource"].startswith("sg-1\x1b"), "a program gets it as it is, in JSON"


@pytest.mark.parametrize(
    "chosen",
    [
        *([f"--{part}", "other"] for part in ("resource", "severity", "service", "owner", "class", "remediation")),
        ["--all"],
        ["--yes"],
    ],
    ids=" ".join,
)
def test_apply_of_an_id_takes_no_word_that_chooses_of_a_survey(operator: Operator, chosen: list[str]) -> None:
    assert f"apply takes an id alone: {chosen[0]}" in operator.is_told("apply", "sb-1", *chosen)


@pytest.mark.parametrize("status", ["CLAIMED", "UNDOING"])
def test_an_attempt_that_was_cut_off_waits_for_a_person_and_one_at_work_does_not(operator: Operator, status: str) -> None:
    fix = fixed(operator)
    operator.broken.account.table.rows[f"FIX#{fix}"]["status"] = {"S": status}
    assert operator.reads("list", "--waiting") == []
    operator.broken.account.clock.pause(901)
    assert [(one["id"], one["next"]) for one in operator.reads("list", "--waiting")] == [(fix, "look")]


@pytest.mark.parametrize("broken", [{"about": {"S": "{"}}, {"status": {"S": "ODD"}}, {"evidence": {"N": "1"}}], ids=str)
def test_a_row_that_cannot_be_read_is_named_and_keeps_nothing_from_being_listed(operator: Operator, broken: Mapping[str, Any]) -> None:
    fix = fixed(operator)
    rows = operator.broken.account.table.rows
    rows["FIX#sb-odd"] = {**rows[f"FIX#{fix}"], "pk": {"S": "FIX#sb-odd"}, **broken}
    _, out, _ = operator.types("list")
    assert fix in out
    assert "FIX#sb-odd cannot be read" in out
    [odd] = [one for one in operator.reads("list", "--waiting") if one["id"] == "sb-odd"]
    assert odd["next"] == "look"
    assert odd["reason"].startswith("it cannot be read: ")
    status, out, _ = operator.types("status")
    assert status == 1
    assert "rows that cannot be read: FIX#sb-odd" in out
    assert "is not as Snapback writes it" in operator.is_told("show", "sb-odd")


def test_profile_and_region_are_taken_as_the_aws_cli_takes_them_before_the_command_and_after(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    operator.types("--profile", "dev", "list")
    operator.types("list", "--profile", "dev", "--region", "us-west-2")
    operator.types("list")
    named = [(one["profile_name"], one["region_name"]) for one in operator.sessions]
    assert named == [("dev", "eu-central-1"), ("dev", "us-west-2"), (None, "eu-central-1")]


@pytest.mark.parametrize("words", [("--help",), *((name, "--help") for name in commands.COMMANDS)], ids=" ".join)
def test_every_command_has_a_help_that_says_what_an_exit_status_means(operator: Operator, words: tuple[str, ...]) -> None:
    status, out, _ = operator.types(*words)
    assert status == 0
    assert "exit status" in out
    assert "--profile" in out


def test_the_policy_in_the_documentation_is_what_the_command_calls(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Besides `lambda:InvokeFunction`, which it says at another place, and `sts:GetCallerIdentity`, which nobody needs to be allowed."""
    text = (Path(__file__).parents[2] / "docs" / "operating.md").read_text().partition("### The command")[2]
    policy = json.loads(text.partition("```json\n")[2].partition("```")[0])
    allowed = {action for statement in policy for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])}
    called: set[str] = set()
    make = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]  # noqa: SLF001 - the one way that all calls go

    def noted(client: botocore.client.BaseClient, operation: str, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any answer
        if not any(client is one for one in clients._clients.values()):  # noqa: SLF001 - those of the functions
            called.add(f"{client.meta.service_model.service_name}:{operation}")
        return make(client, operation, parameters)

    resource = held(operator, monkeypatch)
    fix = operator.reads("list", "--outcome", "FIXED")[0]["id"]
    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", noted)
    for words in (
        "list",
        "status",
        "mode",
        f"show {fix}",
        f"show {fix}0",
        f"release {resource}",
        f"undo {fix} --reason x",
        f"exempt {fix} --for 1d --reason x",
    ):
        operator.types(*words.split())
    assert called - {"sts:GetCallerIdentity"} == allowed


def test_it_runs_without_the_settings_of_a_function(tmp_path: Path) -> None:
    """In an environment of its own, as `python -m local.cli` and as it is installed, where there are no credentials."""
    root = Path(__file__).parents[2]
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": "us-east-1"}
    command = [sys.executable, "-m", "local.cli", "status"]
    done = subprocess.run(command, check=False, cwd=root, env={**environ, "PYTHONPATH": f"{root}/layers/snapback"}, capture_output=True, text=True)  # noqa: S603 - ours
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "snapback: Unable to locate credentials: sign in (aws configure, aws sso login), or name a --profile\n"


def test_it_is_installed_with_all_that_it_needs(tmp_path: Path) -> None:
    """As pip lays it out: the packages that pyproject.toml names, and nothing else of this repository."""
    root = Path(__file__).parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text())
    folders = project["tool"]["setuptools"]["package-dir"]
    for package in project["tool"]["setuptools"]["packages"]:
        whole, _, rest = package.partition(".")
        (tmp_path / whole / rest).mkdir(parents=True, exist_ok=True)
        for file in (root / folders[whole] / rest).glob("*.py"):
            (tmp_path / whole / rest / file.name).write_text(file.read_text())
    module, _, function = project["project"]["scripts"]["snapback"].partition(":")
    command = [sys.executable, "-c", f"import sys; from {module} import {function}; sys.exit({function}(['list', '--help']))"]
    done = subprocess.run(command, check=False, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True)  # noqa: S603 - ours
    assert (done.returncode, done.stderr) == (0, "")
    assert "usage: snapback list" in done.stdout


def test_the_version_that_a_stack_tells_is_the_projects(operator: Operator) -> None:  # noqa: ARG001
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert template.source()["Outputs"]["Version"]["Value"] == project["version"]


def test_the_pieces_of_the_journal_are_asked_page_by_page(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB gives a megabyte at once: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Scan.html#Scan.Pagination."""
    fixed(operator)
    table, asked = operator.broken.account.table, []
    whole = table.answer

    def in_pages(operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        if operation != "Scan":
            return whole(operation, parameters)
        asked.append(parameters)
        keys = sorted(table.rows)
        rest = [key for key in keys if key > parameters.get("ExclusiveStartKey", {"pk": {"S": ""}})["pk"]["S"]]
        more = {"LastEvaluatedKey": {"pk": {"S": rest[0]}}} if len(rest) > 1 else {}
        return {"Items": [table.rows[key] for key in rest[:1]], **more}

    monkeypatch.setattr(table, "answer", in_pages)
    assert [one["outcome"] for one in operator.reads("list")] == ["FIXED"]
    assert len(asked) == len(table.rows)
