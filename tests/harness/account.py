"""An AWS account in memory (moto) with Snapback's own parts in it, and Lambda's way of calling a handler."""

import copy
import copyreg
import hashlib
import json
import os
import re
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import botocore.client
import botocore.validate
from botocore.exceptions import ClientError, ParamValidationError, ReadTimeoutError
from moto.core.base_backend import BackendDict
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.moto_api._internal import mock_random
from moto.s3.models import FakeKey
from moto.sns.models import sns_backends
from moto.ssm.models import ParameterDict

from local.journal_table import JournalTable
from snapback.engine import clients, clock
from snapback.engine.remediation import Remediation
from snapback.engine.together import Together
from tests.harness import system_tags
from tests.harness.chance import BEGINNING, settle
from tests.harness.remembered import Beginning, Bookmark, Remembered
from tests.harness.scenario import ACCOUNT, REGION

# To copy an account is to copy what is in its services, not moto's registers of them, nor locks.
BackendDict.__deepcopy__ = lambda register, _: register  # type: ignore[attr-defined]
copyreg.pickle(type(threading.RLock()), lambda _: (threading.RLock, ()))
copyreg.pickle(threading.Condition, lambda _: (threading.Condition, ()))  # whose lock was copied, and the ways to it were not
copyreg.pickle(ParameterDict, lambda those: (ParameterDict, (those.account_id, those.region_name), vars(those), None, iter(those.items())))  # type: ignore[arg-type,return-value]
_copy_rule = SecurityGroupRule.__deepcopy__


def _copy_with_its_account(rule: SecurityGroupRule, memo: dict[int, Any]) -> Any:  # noqa: ANN401 - moto's own
    """Copy a rule of a security group, which would keep the account that it was copied from."""
    copied: Any = _copy_rule(rule, memo)
    copied.ec2_backend = memo.get(id(rule.ec2_backend), rule.ec2_backend)
    return copied


SecurityGroupRule.__deepcopy__ = _copy_with_its_account  # type: ignore[method-assign,assignment]
# Moto, when it is emptied, closes the files of all objects that there are: those of copies, too. Here each is closed when nobody has the object any more.
FakeKey.dispose = lambda key, garbage=False: key._value_buffer.close() if garbage else None  # type: ignore[method-assign,assignment]  # noqa: SLF001
_in_use: list[BackendDict[Any]] = BackendDict._instances  # type: ignore[misc]  # noqa: SLF001 - where moto lists the registers that have something in them

_READS = ("Describe", "Get", "BatchGet", "List", "Head", "Generate")


class Killed(BaseException):
    """The process is gone, in the middle of whatever it was doing."""


@dataclass(frozen=True)
class ApiCall:
    """One call that reached AWS, or tried to."""

    service: str
    operation: str
    parameters: Mapping[str, Any]
    own: bool
    """Snapback's own journal or topic, not the resource."""

    @property
    def is_write(self) -> bool:
        return not self.own and not self.is_read

    @property
    def is_read(self) -> bool:
        return self.operation.startswith(_READS)

    @property
    def is_recall(self) -> bool:
        """The journal is asked for the remembered good state, which belongs to the look of those who compare with it."""
        if not self.own or self.operation not in ("GetItem", "TransactGetItems"):
            return False
        asked = [self.parameters] if "Key" in self.parameters else [item["Get"] for item in self.parameters["TransactItems"]]
        return all(one["Key"]["pk"]["S"].startswith(("MEMORY#", "MEMORIES#")) for one in asked)


Interference = Callable[[ApiCall, int, Callable[[], Any]], Any]
"""Decides what becomes of the n-th call: gets the call, its number from 0, and the way to really make it."""


@dataclass
class Clock:
    """A clock that only moves when somebody waits."""

    time: float

    def now(self) -> float:
        return self.time

    def pause(self, seconds: float) -> None:
        self.time += seconds


@cache
def _timeouts() -> Mapping[str, float]:
    """Return the seconds that template.yaml gives the functions which need more than the others."""
    blocks = re.split(r"^  (?=[A-Z]\w+:$)", (Path(__file__).parents[2] / "template.yaml").read_text(), flags=re.MULTILINE)
    found = {block.partition(":")[0]: re.search(r"^      Timeout: (\d+)", block, re.MULTILINE) for block in blocks}
    return {name: float(timeout[1]) for name, timeout in found.items() if timeout}


def timeout_of(remediation: str) -> float:
    """Return after how many seconds Lambda ends the remediation's function."""
    return _timeouts().get("".join(word.capitalize() for word in remediation.split("-")), 60.0)


@dataclass
class Context:
    """Lambda's context object."""

    function_name: str
    aws_request_id: str
    seconds_left: float = 55
    region: str = REGION

    @property
    def invoked_function_arn(self) -> str:
        return f"arn:aws:lambda:{self.region}:{ACCOUNT}:function:{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds_left * 1000)


@dataclass
class Account:
    """The account: what was called, what was told, what was written down."""

    clock: Clock
    calls: list[ApiCall] = field(default_factory=list)
    interference: Interference | None = None
    dead_letters: list[tuple[Any, str]] = field(default_factory=list)
    table: JournalTable = field(default_factory=lambda: JournalTable("journal"))
    remembered: Remembered = field(init=False)
    requests: int = 0
    """How many invocations there were: each has an id of its own, the same in every run."""

    def set_up(self) -> None:
        self.table.rows.clear()
        sns_backends[ACCOUNT][REGION].create_topic("alerts")
        Remembered.now = self.remembered = Remembered(set_clock=self._set_clock)

    def _set_clock(self, to: float) -> float:
        said, self.clock.time = self.clock.time, to
        return said

    def tear_down(self) -> None:
        """Empty the account, to begin again within one test, as others begin: what they have made and asked need not be made and asked again."""
        self.let_go()
        self.clock.time, self.requests = BEGINNING, 0
        settle()
        BackendDict.reset()
        self.forget()
        self.dead_letters.clear()

    @staticmethod
    def let_go() -> None:
        """Moto is emptied next: nobody need see any more what is in it."""
        Remembered.now = None

    def keep(self) -> Callable[[], None]:
        """Remember the account as it is now; return what brings it back to that, as often as is wanted: sooner than making all of it anew.

        From here on nothing but calls may change it: what is asked or written again in the same state is answered from memory. Even now a copy answers, and
        not what was copied: of a set they may give the members in another order.
        """
        kept = self.kept()
        if not self.remembered.beginning:
            self.remembered.go_to(kept.mark)
        return lambda: kept.bring_back(self)

    def kept(self) -> "Kept":
        """Return the account as it is now, for this test or others to begin with."""
        mark = self.remembered.bookmark() or Bookmark(Beginning(bringing_moto_back()))
        return Kept(mark, copy.deepcopy(dict(sns_backends)), copy.deepcopy(self.table.rows), self.clock.time, self.requests)

    @property
    def writes(self) -> list[ApiCall]:
        return [call for call in self.calls if call.is_write]

    def invoke(self, remediation: Remediation | Together, event: object, *, request: str = "") -> dict[str, Any]:
        """Invoke the handler once, as `aws lambda invoke` does."""
        return remediation.handler(event, Context(f"snapback-{remediation.name}", request or self._request(), timeout_of(remediation.name) - 5))

    def deliver(self, remediation: Remediation | Together, event: object) -> list[str]:
        """Deliver the event as EventBridge and Lambda do: up to three attempts with the same request id, then the dead-letter queue. Return the outcomes."""
        request = self._request()
        reason = ""
        for wait in (0, 60, 120):
            self.clock.pause(wait)
            try:
                answer = self.invoke(remediation, event, request=request)
            except Killed:
                reason = "killed"
            except Exception as error:  # noqa: BLE001 - as Lambda does with whatever a handler raises
                reason = f"{type(error).__name__}: {error}"
            else:
                return [outcome["outcome"] for outcome in answer["outcomes"]]
        self.dead_letters.append((event, reason))
        return []

    def _request(self) -> str:
        self.requests += 1
        return str(uuid.UUID(int=self.requests, version=4))

    def alerts(self) -> list[dict[str, Any]]:
        """Return what the topic's subscribers have heard so far: the alerts for programs."""
        topic = next(topic for arn, topic in sns_backends[ACCOUNT][REGION].topics.items() if arn.endswith(":alerts"))
        published = [(json.loads(message), subject) for _, message, subject, *_ in topic.sent_notifications]
        return [{**json.loads(message["default"]), "subject": subject, "text": message["email"]} for message, subject in published]

    def outcomes(self) -> list[str]:
        """Return the outcomes that the subscriber has heard."""
        return [alert["outcome"] for alert in self.alerts()]

    def make_storm_queue(self) -> None:
        boto3.client("sqs").create_queue(QueueName="storms")

    def put_off(self) -> list[dict[str, Any]]:
        """Take out of the queue what is to be told together: the alerts in the journal that its messages name."""
        queue, taken = os.environ["STORM_QUEUE"], []
        while messages := boto3.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            taken += [json.loads(self.table.rows[f"ALERT#{json.loads(message['Body'])['alert']}"]["alert"]["S"]) for message in messages]
        return taken

    def journal(self) -> list[dict[str, Any]]:
        return boto3.client("dynamodb").scan(TableName="journal")["Items"]

    def forget(self) -> None:
        """Start counting calls afresh."""
        self.calls.clear()

    @contextmanager
    def interfered(self, interference: Interference) -> Iterator[None]:
        self.forget()
        self.interference = interference
        try:
            yield
        finally:
            self.interference = None


@dataclass(frozen=True)
class Kept:
    """An account at some moment: moto, what was published and written down, and the clock."""

    mark: Bookmark
    published: dict[str, Any]
    rows: dict[str, Any]
    time: float
    requests: int

    def bring_back(self, account: Account) -> None:
        """Let the account be as it was then; moto when it is asked something new."""
        account.table.rows, account.clock.time, account.requests = copy.deepcopy(self.rows), self.time, self.requests
        account.forget()
        account.dead_letters.clear()
        _put([(sns_backends, self.published)])
        account.remembered.go_to(self.mark)


def bringing_moto_back() -> Callable[[], None]:
    """Return what brings moto back to how it is now: all but the topics, on which is what was published since."""
    kept, chance = copy.deepcopy([(service, dict(service)) for service in _in_use if service is not sns_backends]), mock_random.getstate()

    def bring_back() -> None:
        for service in [service for service in _in_use if service is not sns_backends]:
            service.clear()
            _in_use.remove(service)
        _put(kept)
        mock_random.setstate(chance)

    return bring_back


def _put(kept: Sequence[tuple[BackendDict[Any], dict[str, Any]]]) -> None:
    for service, accounts in copy.deepcopy(kept):
        service.clear()
        service.update(accounts)
        if not any(service is one for one in _in_use):
            _in_use.append(service)


def watch(account: Account, make: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap botocore's one method through which all calls go."""

    def make_api_call(client: botocore.client.BaseClient, operation: str, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any answer
        sent = dict(parameters)
        ours = [key for key, one in clients._clients.items() if one is client]  # noqa: SLF001 - to tell Snapback's calls from the test's own
        is_seen = bool(ours and ours[0][2])

        def pass_over(status: int) -> None:
            """Let the layer see a call that is answered from memory as it sees one that is sent."""
            if is_seen:
                model = client.meta.service_model.operation_model(operation)
                clients._note(sent, model)  # noqa: SLF001 - what botocore calls
                clients._in_time()  # noqa: SLF001
                clients._note_refusal(SimpleNamespace(status_code=status), model)  # noqa: SLF001

        def really() -> Any:  # noqa: ANN401
            service = client.meta.service_model.service_name
            if service == "dynamodb" and account.table.answers(operation, sent):
                _check(client, operation, sent)
                return account.table.answer(operation, sent)
            if service == "sns" and operation == "Publish" and sent["TopicArn"] in sns_backends[ACCOUNT][REGION].topics:
                return _publish(client, sent)
            ask, later = partial(make, client, operation), partial(make, _own_client(service, client.meta.region_name), operation)
            return account.remembered.answer(client, operation, sent, now=account.clock.time, really=ask, later=later, passed_over=pass_over)

        def really_as_on_aws() -> Any:  # noqa: ANN401
            system_tags.refuse(client.meta.service_model.service_name, operation, sent)
            return really()

        if not ours:
            return really()
        call = ApiCall(client.meta.service_model.service_name, operation, sent, own=not is_seen)
        if call.is_write and clients._current.preview:  # noqa: SLF001 - held back before it is sent: it reaches nobody, and changes nothing
            return make(client, operation, sent)
        number = len(account.calls)
        account.calls.append(call)
        return account.interference(call, number, really_as_on_aws) if account.interference else really_as_on_aws()

    return make_api_call


def _own_client(service: str, region: str) -> Any:  # noqa: ANN401 - any service's
    """Return the tests' own client: the layer sees nothing of what it does, and what fakes a service has hooks on it."""
    named = {} if region == REGION else {"region_name": region}
    return boto3.client(service, **named)  # type: ignore[call-overload]


def _publish(client: botocore.client.BaseClient, sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the alert to moto's topic by the shortest way: every second write of the laws is one."""
    _check(client, "Publish", sent)
    attributes = {name: {"Type": value["DataType"], "Value": value["StringValue"]} for name, value in sent["MessageAttributes"].items()}
    topic = sns_backends[ACCOUNT][REGION]
    message = topic.publish(
        sent["Message"], sent["TopicArn"], subject=sent["Subject"], message_attributes=attributes, message_structure=sent["MessageStructure"]
    )
    return {"MessageId": message}


_checked: set[bytes] = set()


def _check(client: botocore.client.BaseClient, operation: str, parameters: Mapping[str, Any]) -> None:
    """Check the parameters as botocore does before it sends them; what has passed once passes again."""
    asked = hashlib.sha256(f"{client.meta.service_model.service_name} {operation} {parameters!r}".encode()).digest()
    if asked in _checked:
        return
    shape = client.meta.service_model.operation_model(operation).input_shape
    assert shape
    report = botocore.validate.ParamValidator().validate(parameters, shape)
    if report.has_errors():
        raise ParamValidationError(report=report.generate_report())
    _checked.add(asked)


def error(code: str, status: int, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "made by a test"}, "ResponseMetadata": {"HTTPStatusCode": status}}, operation)  # type: ignore[typeddict-item]


def _throttled(call: ApiCall, _: Callable[[], Any]) -> Any:  # noqa: ANN401
    raise error("ThrottlingException", 400, call.operation)


def _denied(call: ApiCall, _: Callable[[], Any]) -> Any:  # noqa: ANN401
    raise error("AccessDeniedException", 403, call.operation)


def _server_error(call: ApiCall, _: Callable[[], Any]) -> Any:  # noqa: ANN401
    raise error("InternalFailure", 500, call.operation)


def _timed_out_before(_: ApiCall, __: Callable[[], Any]) -> Any:  # noqa: ANN401
    raise ReadTimeoutError(endpoint_url="https://aws.test")


def _timed_out_after(_: ApiCall, really: Callable[[], Any]) -> Any:  # noqa: ANN401
    really()
    raise ReadTimeoutError(endpoint_url="https://aws.test")


def _killed_before(_: ApiCall, __: Callable[[], Any]) -> Any:  # noqa: ANN401
    raise Killed


def _killed_after(_: ApiCall, really: Callable[[], Any]) -> Any:  # noqa: ANN401
    really()
    raise Killed


FAULTS: Mapping[str, Callable[[ApiCall, Callable[[], Any]], Any]] = {
    "throttled": _throttled,
    "denied": _denied,
    "server error": _server_error,
    "timed out before it took effect": _timed_out_before,
    "timed out after it took effect": _timed_out_after,
    "killed just before": _killed_before,
    "killed just after": _killed_after,
}


def fault_at(number: int, kind: str) -> Interference:
    """Return an interference in which only the call of that number goes wrong."""

    def interfere(call: ApiCall, n: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        return FAULTS[kind](call, really) if n == number else really()

    return interfere


def paged(operation: str, key: str, size: int, *, token: str = "NextToken") -> Interference:
    """Return an interference that answers in pages, as AWS does where moto gives everything at once."""

    def interfere(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        if call.operation != operation:
            return really()
        start = int(call.parameters.get(token, 0))
        call.parameters.pop(token, None)  # type: ignore[attr-defined]  # a dict of our own
        everything = really()
        more = {token: str(start + size)} if start + size < len(everything[key]) else {}
        return {**everything, key: everything[key][start : start + size], "IsTruncated": bool(more), **more}

    return interfere


def operations(calls: Sequence[ApiCall]) -> list[str]:
    return [f"{call.service}:{call.operation}" for call in calls]


__all__ = ["ACCOUNT", "FAULTS", "REGION", "Account", "ApiCall", "Clock", "Killed", "clock", "fault_at", "operations", "paged", "watch"]
