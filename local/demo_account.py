"""The local account of `make demo` and `make invoke`: Snapback is deployed in it, somebody listens to its topic, and every call is on record."""

import json
import shlex
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from local.account import ACCOUNT_ID, REPOSITORY, LocalAccount, LocalAccountError
from local.cli.stack import Stack, remediation_of
from local.remediations import SEVERAL, declared, logical_id
from snapback.engine.events import is_heard

STACK = "snapback"
_CONFIG = ("--config-file", str(REPOSITORY / "samconfig.toml"), "--config-env", "local")
PATIENCE = 240
"""Seconds to wait for a function; three at once start within two."""

OLD_KEY = "AKIAMADELONGAGO00000"
OLD_KEY_DAYS = 400
OLD_KEY_USER = "nightly-backup"


@dataclass(frozen=True)
class Alert:
    """What a subscriber got."""

    subject: str
    facts: Mapping[str, Any]
    """The JSON for programs."""
    at: float
    """When it lay in the queue, in seconds since 1970."""


@dataclass(frozen=True)
class Call:
    """One call that a function made, as the account's CloudTrail has it."""

    service: str
    operation: str
    parameters: Mapping[str, Any]

    @property
    def is_read(self) -> bool:
        """Tell whether the call only looks."""
        return self.operation.startswith(("Describe", "Get", "List"))

    def __str__(self) -> str:
        """Return `ec2.DescribeSecurityGroupRules`."""
        return f"{self.service}.{self.operation}"


class DemoAccount(LocalAccount):
    """A local account with a past, in which CloudTrail is on.

    The past is an access key made 400 days ago. No API makes a key older than it is, so the account starts from a saved state in which the key stands with its
    date: ministack's own way (PERSIST_STATE) of coming back with what it knew. Nothing in Snapback is changed or told another time for it.
    """

    def _server_environ(self, home: Path) -> dict[str, str]:
        state = home / "state"
        state.mkdir()
        made = (datetime.now(UTC) - timedelta(days=OLD_KEY_DAYS)).strftime("%Y-%m-%dT%H:%M:%SZ")
        key = {"UserName": OLD_KEY_USER, "AccessKeyId": OLD_KEY, "SecretAccessKey": "made-up", "Status": "Active", "CreateDate": made}
        keys = {"__scoped__": True, "data": {f"{ACCOUNT_ID}\0{OLD_KEY!r}": key}}
        (state / "iam.json").write_text(json.dumps({"access_keys": keys}))
        return {**super()._server_environ(home), "PERSIST_STATE": "1", "CLOUDTRAIL_RECORDING": "1"}

    def deploy(self, say: Callable[[str], object], **parameters: str) -> None:
        """Build and deploy the template as a user does, with further parameters of it; subscribe a queue to its topic."""
        with tempfile.TemporaryDirectory(prefix="snapback-build-") as folder:
            say(f"sam build ({self.python_runtime})")
            self.build(Path(folder))
            say("sam deploy")
            self.put_up(Path(folder), **parameters)
        self.subscribe()

    def build(self, folder: Path) -> None:
        """Build the template into a folder."""
        self.sam("build", *_CONFIG, *self._parameters(), "--build-dir", str(folder))

    def put_up(self, folder: Path, **parameters: str) -> None:
        """Deploy what was built there, or update the stack, with the environment `local` of samconfig.toml and further parameters of the template."""
        self.sam("deploy", *_CONFIG, *self._parameters(**parameters), "--template-file", str(folder / "template.yaml"))

    def _parameters(self, **further: str) -> list[str]:
        given = {"Mode": "enforce", "DisruptiveMode": "enforce", "PythonRuntime": self.python_runtime, **further}
        return ["--parameter-overrides", " ".join(f"{name}={value}" for name, value in given.items())]

    def subscribe(self) -> None:
        """Let the queue of a security team listen to the topic."""
        topic = self.output("AlertsTopic")
        self._queue = self.client("sqs").create_queue(QueueName="security-team")["QueueUrl"]
        arn = self.client("sqs").get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.client("sqs").set_queue_attributes(QueueUrl=self._queue, Attributes={"Policy": policy})
        self.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def output(self, name: str) -> str:
        """Return one of the stack's outputs."""
        stack = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
        return next(output["OutputValue"] for output in stack["Outputs"] if output["OutputKey"] == name)

    def deliver(self, *events: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Send events through EventBridge, wait for all functions that hear them, and return the outcomes that they logged."""
        before = len(self.outcomes())
        heard = self.send(*events)
        if deaf := [event["detail-type"] for event, rules in zip(events, heard, strict=True) if not rules]:
            raise LocalAccountError(f"No rule of the template hears these events: {deaf}")
        expected = Counter(one for event, rules in zip(events, heard, strict=True) for rule in rules for one in self._hearing(rule, event))

        def ended() -> list[Mapping[str, Any]]:  # others may still be busy with something else
            return [outcome for outcome in self.outcomes()[before:] if outcome["remediation"] in expected]

        self._wait(lambda: Counter(outcome["remediation"] for outcome in ended()) >= expected, "the functions to end")
        return ended()

    def _hearing(self, rule: str, event: Mapping[str, Any]) -> list[str]:
        """Return the remediations that hear an event by a rule: `snapback-RevokeOpenIngressTrigger-968ADEC7D7ACB` is named for its function and its event."""
        functions = [logical for logical, _ in Stack(self.client, STACK).resources("AWS::Lambda::Function")]
        name = max((name for name in functions if rule.startswith(f"{STACK}-{name}")), key=len)
        file = next((file for file in SEVERAL if logical_id(file.stem) == name), None)
        return [one.name for one in declared(file) if is_heard(event, one.named_by, one.controls)] if file else [remediation_of(name)]

    def invoke(self, function: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Invoke a function by its name in the template or its full name, and return its answer; raise if it failed."""
        if not function.startswith(f"{STACK}-"):
            found = self.client("cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId=function)
            function = found["StackResourceDetail"]["PhysicalResourceId"]
        answer = self.client("lambda").invoke(FunctionName=function, Payload=json.dumps(payload).encode())
        body: Mapping[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise LocalAccountError(f"{function} failed: {body.get('errorType')}: {body.get('errorMessage')}")
        return body

    def obey(self, command: str) -> Mapping[str, Any]:
        """Do what an alert's `aws lambda invoke` command does, which needs the AWS CLI, and return the answer."""
        parts = shlex.split(command)
        return self.invoke(parts[parts.index("--function-name") + 1], json.loads(parts[parts.index("--payload") + 1]))

    def outcomes(self) -> list[Mapping[str, Any]]:
        """Return the outcomes in the functions' log, oldest first."""
        lines = [json.loads(line) for line in self.log_lines("outcome") if line.startswith("{")]
        return [line for line in lines if "outcome" in line and "remediation" in line and "_aws" not in line]

    def runs(self) -> int:
        """Return how often functions have run to their end since the account began, however they ended."""
        return sum(line.startswith("REPORT ") for line in self.log_lines("REPORT"))

    def log_lines(self, word: str) -> list[str]:
        """Return all lines with that word that the functions have logged, oldest first."""
        pages = self.client("logs").get_paginator("filter_log_events").paginate(logGroupName=f"/snapback/{STACK}", filterPattern=word)
        return [event["message"] for event in sorted((event for page in pages for event in page["events"]), key=lambda event: event["timestamp"])]

    def wait_for_runs(self, number: int) -> None:
        """Wait until functions have run to their end so many times."""
        self._wait(lambda: self.runs() >= number, f"{number} runs of functions", patience=300)

    def alerts(self, number: int) -> list[Alert]:
        """Return the alerts that have come in; wait until there are so many."""
        alerts: list[Alert] = []

        def all_there() -> bool:
            alerts.extend(self._received())
            return len(alerts) >= number

        self._wait(all_there, f"{number} alerts")
        return alerts

    def _received(self) -> Iterator[Alert]:
        while messages := self.client("sqs").receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10, AttributeNames=["SentTimestamp"]).get("Messages"):
            for message in messages:
                self.client("sqs").delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
                envelope = json.loads(message["Body"])
                yield Alert(envelope["Subject"], json.loads(envelope["Message"]), int(message["Attributes"]["SentTimestamp"]) / 1000)

    def calls(self, since: float) -> list[Call]:
        """Return the calls that functions have made since then, oldest first."""
        found: dict[str, tuple[datetime, Call]] = {}
        for second in range(int(since), int(time.time()) + 1):  # ministack answers with the 50 newest and no further page, so: second by second
            start = datetime.fromtimestamp(second, UTC)
            for event in self.client("cloudtrail").lookup_events(StartTime=start, EndTime=start + timedelta(seconds=1))["Events"]:
                if event["EventTime"].timestamp() >= since and event["AccessKeyId"].startswith("ASIA"):  # the credentials of a role
                    found[event["EventId"]] = (event["EventTime"], _call(event["CloudTrailEvent"]))
        return [call for _, call in sorted(found.values(), key=lambda one: one[0])]

    def emails(self) -> Sequence[str]:
        """Return the texts that the functions gave SNS for e-mail, newest first.

        The local account delivers no e-mail, but its CloudTrail keeps all that was published (that of AWS keeps no message).
        """
        events = self.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "EventSource", "AttributeValue": "sns.amazonaws.com"}])["Events"]
        published = [call for call in (_call(event["CloudTrailEvent"]) for event in events) if call.operation == "Publish"]
        messages = [json.loads(call.parameters["Message"]) for call in published]
        return [message["email"] for message in messages]

    def _wait(self, ready: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
        deadline = time.monotonic() + patience
        while not ready():
            if time.monotonic() > deadline:
                log = "\n".join(self.log.read_text(errors="replace").splitlines()[-25:])
                raise LocalAccountError(f"Waited {patience:.0f} seconds for {what}, in vain.\n{log}")
            time.sleep(0.5)


def _call(event: str) -> Call:
    record = json.loads(event)
    parameters = record["requestParameters"]
    return Call(record["eventSource"].partition(".")[0], parameters.get("Action") or record["eventName"], parameters)
