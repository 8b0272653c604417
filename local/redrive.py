"""Give the events of the dead-letter queue to their functions once more.

    make redrive STACK=snapback            handle them; a letter is taken off the queue once every function that hears it has ended without an error
    make redrive STACK=snapback LOOK=1     say only what lies there, why, and for whom

SQS cannot do it: StartMessageMoveTask moves messages back to a queue, and these did not come from one
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html). A letter from Lambda does not say which function gave up
on it, so it goes to each whose rule the event matches: EventBridge itself is asked (TestEventPattern). That is harmless. Live state decides and the guards ask
everything anew, so a function that has handled the event before answers HANDLED or ALREADY_OK. A tick names its schedule, and a letter from a rule or a
schedule its function; if that is gone because its remediation shares a function with others now (docs/adr/0027-several.md), the letter goes to that one,
and says which is meant.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.cli.stack import Stack, StackError, remediation_of
from snapback.engine.events import is_tick
from snapback.engine.names import shown
from snapback.engine.refusals import code_of

_HOLD = 1800
"""Seconds for which a letter in hand is hidden from others."""

_SEEN_AGAIN = ("MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight")
"""What SQS says of a letter that is hidden no more: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html."""

_PATIENCE = 910
"""Seconds to wait for a function, which may take 900."""


@dataclass(frozen=True)
class Letter:
    """A message of the dead-letter queue."""

    id: str
    event: Any
    """The event, or None if the message holds no JSON."""
    reason: str
    target: str
    """ARN of the function that a rule or a schedule could not reach; empty in letters from Lambda."""

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> "Letter":
        """Read a message: Lambda's attributes (ErrorMessage), or those of EventBridge and its Scheduler (ERROR_MESSAGE, TARGET_ARN).

        https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
        """
        attributes = {name: one.get("StringValue", "") for name, one in message.get("MessageAttributes", {}).items()}
        reasons = (attributes[name] for name in ("ErrorMessage", "ERROR_MESSAGE", "ERROR_CODE", "ErrorCode") if attributes.get(name))
        try:
            event = json.loads(message["Body"])
        except ValueError:
            event = None
        return cls(message["MessageId"], event, next(reasons, "no reason given"), attributes.get("TARGET_ARN", ""))

    def __str__(self) -> str:
        """Return `AuthorizeSecurityGroupIngress of 2026-11-24T03:09:00Z (event 7bf7…)`."""
        if not isinstance(self.event, Mapping) or "detail-type" not in self.event:
            return f"no event: {shown(json.dumps(self.event))}"
        detail = self.event.get("detail")
        name = detail.get("eventName") if isinstance(detail, Mapping) else None
        return f"{shown(name or self.event['detail-type'])} of {shown(self.event.get('time'))} (event {shown(self.event.get('id'))})"


def _function_in(arn: str) -> str:
    """Return `NAME` of `arn:aws:lambda:us-east-1:111122223333:function:NAME` or `…:NAME:alias`; nothing if it is another ARN."""
    return (arn.split(":")[6:] or [""])[0]


class Redrive:
    """The dead-letter queue of a stack, and who its letters are for."""

    def __init__(self, stack: Stack) -> None:
        """Take the stack."""
        self.stack = stack
        self.sqs = stack.client("sqs")
        self.events = stack.client("events")
        # One try only: a function that fails keeps its letter, and says why at once.
        self.lambda_ = stack.client("lambda", config=Config(read_timeout=_PATIENCE, retries={"total_max_attempts": 1}))
        self.queue = stack.output("DeadLetterQueue")
        self.functions = {physical: logical for logical, physical in stack.resources("AWS::Lambda::Function")}
        self.in_hand: dict[str, str] = {}
        """Letters that are hidden from others, with the receipt by which each is given back."""
        self.troubles = 0
        """How many letters could not be looked at, taken off the queue or given back."""

    def run(self, *, look: bool) -> tuple[int, int]:
        """Handle all letters, or only look at them; return how many were taken off the queue, and how many stay."""
        taken = kept = 0
        try:
            for letter in map(self.readdressed, self.letters()):
                print(f"\n{letter}\n  came here because of: {shown(letter.reason, 500)}")
                try:
                    is_taken = self.done_with(letter, look=look)
                except (ClientError, BotoCoreError) as error:  # what it was about may be so of this letter alone
                    print(f"  {shown(str(error), 500)}: the letter stays")
                    self.troubles += 1
                    is_taken = False
                taken, kept = taken + is_taken, kept + (not is_taken)
        finally:
            self.give_back()
        return taken, kept

    def done_with(self, letter: Letter, *, look: bool) -> bool:
        """Handle a letter, or only say for whom it is; tell whether it was taken off the queue."""
        names = self.functions_for(letter)
        print(f"  for: {', '.join(self.functions[name] for name in names) or 'no function of this stack, so it stays'}")
        ended = [] if look else [self.handled(name, letter) for name in names]  # one that fails does not keep the event from the next
        if not ended or not all(ended):
            return False
        self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=self.in_hand[letter.id])
        del self.in_hand[letter.id]
        return True

    def give_back(self) -> None:
        """Let others see again what was not taken off the queue, also what was received and never came to its turn. Only at the end: so none is met twice."""
        hidden = 0
        for receipt in self.in_hand.values():
            try:
                self.sqs.change_message_visibility(QueueUrl=self.queue, ReceiptHandle=receipt, VisibilityTimeout=0)
            except (ClientError, BotoCoreError) as error:
                if isinstance(error, ClientError) and code_of(error) in _SEEN_AGAIN:
                    continue
                hidden += 1
                why = shown(str(error), 500)
        if hidden:
            self.troubles += hidden
            print(f"\n{hidden} of the letters that stay are hidden for up to {_HOLD // 60} minutes, and then there again: {why}")
        self.in_hand.clear()

    def letters(self) -> Iterator[Letter]:
        """Yield each letter once; hide it from others meanwhile."""
        met: set[str] = set()
        wanted: dict[str, Any] = {"MessageAttributeNames": ["All"], "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1, "VisibilityTimeout": _HOLD}
        while messages := self.sqs.receive_message(QueueUrl=self.queue, **wanted).get("Messages"):
            self.in_hand |= {message["MessageId"]: message["ReceiptHandle"] for message in messages}
            fresh = [message for message in messages if message["MessageId"] not in met]
            if not fresh:
                return
            met |= {message["MessageId"] for message in fresh}
            yield from map(Letter.of, fresh)

    def readdressed(self, letter: Letter) -> Letter:
        """Address a letter to a function that is gone to the one that has its remediation now, beside others, and say which is meant."""
        gone = _function_in(letter.target)
        if not isinstance(letter.event, Mapping) or gone in self.functions or not gone.startswith(f"{self.stack.name}-"):
            return letter
        remediation = remediation_of(gone.removeprefix(f"{self.stack.name}-").rpartition("-")[0])  # CloudFormation's name: STACK-LogicalId-RANDOM
        if remediation not in self._sharing:
            return letter
        arn = letter.target.split(":")[:6]
        return replace(letter, target=":".join([*arn, self._sharing[remediation]]), event={**letter.event, "remediation": remediation})

    @cached_property
    def _sharing(self) -> Mapping[str, str]:
        """Return remediation -> function, of those that share one."""
        return {one: name for one, name in self.stack.functions().items() if remediation_of(self.functions[name]) != one}

    def functions_for(self, letter: Letter) -> list[str]:
        """Return the functions of the stack that should have handled the letter's event."""
        event = letter.event
        if not isinstance(event, Mapping):
            return []
        if letter.target:
            return [name for name in [_function_in(letter.target)] if name in self.functions]
        if "detail-type" not in event:
            return []  # an operator's command that was sent asynchronously, say: it does not tell to whom
        if is_tick(event):
            resources = event.get("resources")
            found = [self._function_of(one) for one in resources if isinstance(one, str)] if isinstance(resources, list) else []
        else:
            found = [target for pattern, targets in self._rules if self._hears(pattern, event) for target in targets]
        return sorted({name for name in found if name in self.functions}, key=self.functions.__getitem__)

    @cached_property
    def _schedules(self) -> Mapping[str, str]:
        """Return the stack's schedules, also such as somebody has deleted: name -> logical id."""
        return {physical: logical for logical, physical in self.stack.resources("AWS::Scheduler::Schedule")}

    def _function_of(self, schedule: str) -> str:
        """Return the function of a sweep by its schedule's ARN; nothing if the stack has no such schedule. SAM names a schedule after its function.

        https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources-function.html
        """
        logical = self._schedules.get(schedule.rpartition("/")[2], "")
        return max((name for name, one in self.functions.items() if logical.startswith(one)), key=lambda name: len(self.functions[name]), default="")

    @cached_property
    def _rules(self) -> list[tuple[str, list[str]]]:
        """Return the stack's rules: pattern, functions."""
        rules = []
        for _, name in self.stack.resources("AWS::Events::Rule"):
            pattern = self.events.describe_rule(Name=name).get("EventPattern")
            if pattern:  # before there were schedules, rules ran by the clock
                targets = self.events.list_targets_by_rule(Rule=name)["Targets"]
                rules.append((pattern, [_function_in(target["Arn"]) for target in targets]))
        return rules

    def _hears(self, pattern: str, event: Mapping[str, Any]) -> bool:
        try:
            result: bool = self.events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"]
        except ClientError as error:
            if code_of(error) not in ("InvalidEventPatternException", "ValidationException"):
                raise
            return False  # not an event that EventBridge could have delivered
        return result

    def handled(self, name: str, letter: Letter) -> bool:
        """Give the event to a function and wait; print how it ended, and tell whether it ended without an error."""
        function = self.functions[name]
        try:
            answer = self.lambda_.invoke(FunctionName=name, Payload=json.dumps(letter.event).encode())
            body = json.loads(answer["Payload"].read())
        except (ClientError, BotoCoreError) as error:
            off = isinstance(error, ClientError) and code_of(error) == "TooManyRequestsException"
            print(f"  {function}: {'switched off or at its limit' if off else shown(str(error), 500)}: the letter stays")
            return False
        if "FunctionError" in answer:
            print(f"  {function}: failed again: {shown(body.get('errorType'))}: {shown(body.get('errorMessage'), 500)}: the letter stays")
            return False
        for outcome in body.get("outcomes", []):
            print(f"  {function}: {outcome['outcome']} {shown(outcome.get('resource', ''))} {shown(outcome.get('reason', ''), 300)}".rstrip())
        return True


def main(arguments: list[str]) -> int:
    """Redrive the letters of a stack; return the exit code: 1 if any stays that was to be handled, or could not be looked at."""
    if not arguments or not arguments[0]:
        print("Of which stack? make redrive STACK=snapback [LOOK=1]", file=sys.stderr)
        return 2
    look = arguments[1:] == ["look"]
    try:
        redrive = Redrive(Stack(boto3.Session().client, arguments[0]))
        taken, kept = redrive.run(look=look)
    except (BotoCoreError, ClientError, StackError) as error:
        print(f"The dead letters of {arguments[0]} cannot be redriven: {error}", file=sys.stderr)
        return 1
    print(f"\n{kept} dead letters" if look else f"\n{taken} handled and taken off the queue, {kept} left there")
    return 1 if redrive.troubles or (kept and not look) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
