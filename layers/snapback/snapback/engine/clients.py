"""Talking to AWS: one client per service, every write seen and, in preview, held back.

Handlers call `aws("ec2")` and get boto3's client for the function's own region, made at first use and kept for the life of the Lambda
environment. What a handler writes through it is noted in the current `Calls`; in preview the write is answered here, before it is sent.
What AWS leaves out of an answer is said when it is read (`answers`). Snapback's own calls (journal, topic) go through `platform`, which does none of this.

A call is a read only if its name says so (`Describe…`, `Get…`, `List…`): whatever is not known to be harmless is held back.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from snapback.engine import clock
from snapback.engine.answers import Answer
from snapback.engine.disclosure import disclosed

if TYPE_CHECKING:
    import boto3
    from botocore.model import OperationModel, Shape

    # To mypy, `aws("ec2")` is boto3's `Session().client("ec2")`: typed by boto3-stubs for every service.
    aws = boto3.session.Session().client
    platform = aws

_READ = re.compile(r"(Describe|Get|List|Head|BatchGet|Lookup|Search|GenerateCredentialReport|SimulatePrincipalPolicy)")

_CONNECT, _READ_ANSWER = 3, 10
"""Seconds. botocore's own 60 are as long as most functions live: one endpoint that hangs would end them before they could say so."""

_KEPT_BACK = 8
"""Seconds of the function's time in which no call about a resource begins: they are for the journal, so that the next attempt can go on at once."""


class OutOfTime(BotoCoreError):  # noqa: N818 - reads as what it is in the dead-letter queue
    """The call was not sent, because Lambda would end the function before its answer came."""

    fmt = "there is no time left for another call"


Unreachable = (NoConnection, HTTPClientError, OutOfTime)
"""No usable answer from AWS: cannot connect, timed out, cut off. Whether the call took effect is not known."""


class Call(NamedTuple):
    """One write that was sent, or in preview would have been."""

    service: str
    operation: str
    parameters: Mapping[str, Any]
    """As the handler gave them, with values that AWS's model marks as sensitive hidden."""

    def __str__(self) -> str:
        """Spell the call as boto3 would: `ec2.RevokeSecurityGroupIngress({...})`."""
        return f"{self.service}.{self.operation}({json.dumps(self.parameters, default=str, sort_keys=True)})"

    def as_json(self) -> dict[str, Any]:
        """Return the call as it stands in the journal and the alert's JSON."""
        return {"service": self.service, "operation": self.operation, "parameters": json.loads(json.dumps(self.parameters, default=str))}


@dataclass(eq=False, repr=False)
class Calls:
    """The writes of one fix. `preview` answers them here instead of sending them."""

    preview: bool = False
    made: list[Call] = field(default_factory=list)
    effective: list[Call] = field(default_factory=list)
    """Those that AWS did not refuse: they took effect, or nobody knows."""
    held_back: list["Sent"] = field(default_factory=list)
    """What would have been sent."""


_current = Calls()
_clients: dict[tuple[str, str | None, bool], Any] = {}


def is_dry_run() -> bool:
    """Tell whether writes are held back just now: then there is nothing to wait for."""
    return _current.preview


class Sent(NamedTuple):
    """One call as it is sent, secrets included: for the calls themselves, and for no log, journal or alert."""

    client: Any
    operation: str
    parameters: Mapping[str, Any]


@dataclass(eq=False, repr=False)
class _Asked:
    """The reads that are answered from memory, since one of several remediations that look at the same thing has asked."""

    since: float
    answers: dict[tuple[str, str, str, str], Answer] = field(default_factory=dict)


_asked: _Asked | None = None
_made: tuple[Sent, Answer] | None = None


@contextmanager
def asked_once() -> Iterator[None]:
    """Answer each read inside the block as it was answered before, until something is written: one look serves several remediations."""
    global _asked  # noqa: PLW0603 - a Lambda environment handles one event at a time
    _asked = _Asked(clock.now())
    try:
        yield
    finally:
        _asked = None


def asked_since() -> float:
    """Return from when on what is read now may be: the present time, unless reads are answered from memory."""
    return _asked.since if _asked else clock.now()


def ask_anew() -> None:
    """Forget what was read: time has passed, or something was written."""
    if _asked:
        _asked.since = clock.now()
        _asked.answers.clear()


@contextmanager
def made(sent: Sent, answer: Answer) -> Iterator[None]:
    """Count a call that was made before as made inside the block, and do not send what is a part of it."""
    global _made  # noqa: PLW0603 - a Lambda environment handles one event at a time
    _made = sent, answer
    try:
        yield
    finally:
        _made = None


def is_part(part: Mapping[str, Any], whole: Mapping[str, Any]) -> bool:
    """Tell whether a call with all of `whole` says what one with `part` would."""
    return all(key in whole and (value == whole[key] or (isinstance(value, list) and all(one in whole[key] for one in value))) for key, value in part.items())


@contextmanager
def watched(*, preview: bool) -> Iterator[Calls]:
    """Note every write made inside the block; with `preview`, none of them is sent."""
    global _current  # noqa: PLW0603 - a Lambda environment handles one event at a time
    before, _current = _current, Calls(preview=preview)
    if _made and not preview:
        call, _ = _made
        _note(dict(call.parameters), call.client.meta.service_model.operation_model(call.operation))
    try:
        yield _current
    finally:
        _current = before


if not TYPE_CHECKING:

    def aws(service: str, region_name: str | None = None) -> object:
        """Return the client of `service` whose writes are noted and, in preview, held back."""
        return _client(service, region_name, seen=True)

    def platform(service: str) -> object:
        """Return the client with which Snapback keeps its own journal and tells its own topic."""
        return _client(service, None, seen=False)


def _client(service: str, region: str | None, *, seen: bool) -> Any:  # noqa: ANN401 - typed above, for callers
    key = (service, region, seen)
    if key not in _clients:
        # Standard is three attempts in all, fewer once much fails. Said here and not in the functions' environment, which holds 4 KB.
        # https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
        patience = Config(connect_timeout=_CONNECT, read_timeout=_READ_ANSWER, retries={"mode": "standard"})
        _clients[key] = client = _session().create_client(service, region_name=region, config=patience)
        if seen:
            client.meta.events.register_last("provide-client-params.*.*", _note)
            client._make_api_call = partial(_ask, client)  # type: ignore[attr-defined]  # noqa: SLF001 - all its operations and pages go through this one method
            client.meta.events.register("after-call.*.*", _note_refusal)
            client.meta.events.register("before-send.*.*", _in_time)
            client.meta.events.register("before-call.*.*", _hold_back)  # type: ignore[arg-type]  # what it answers is taken, though the stubs say nothing of it
    return _clients[key]


def _ask(client: Any, operation: str, parameters: Mapping[str, Any]) -> Answer:  # noqa: ANN401 - any service's client
    """Make the call as the client itself does. Not in one of botocore's events: they see the answer, but cannot put another in its place."""
    model = client.meta.service_model.operation_model(operation)
    if _is_write(model):
        if _current.preview:
            _current.held_back.append(Sent(client, operation, parameters))
        elif _made and _made[0].client is client and _made[0].operation == operation and is_part(parameters, _made[0].parameters):
            return _made[1]
        else:
            ask_anew()
        return _really_ask(client, operation, parameters)
    if _asked is None or model.has_streaming_output:
        return _really_ask(client, operation, parameters)
    which = (client.meta.service_model.service_name, client.meta.region_name, operation, json.dumps(parameters, default=str, sort_keys=True))
    if which not in _asked.answers:
        _asked.answers[which] = _really_ask(client, operation, parameters)
    return _asked.answers[which]


def _really_ask(client: Any, operation: str, parameters: Mapping[str, Any]) -> Answer:  # noqa: ANN401 - any service's client
    answer = type(client)._make_api_call(client, operation, parameters)  # noqa: SLF001 - see where it is put
    return Answer(f"{client.meta.service_model.service_name}:{operation}", answer)


@cache
def _session() -> botocore.session.Session:
    """Return the session that makes boto3's clients. Not through boto3 itself: its import (resources, S3 transfers) takes as long as all the rest."""
    return botocore.session.Session()


def _is_write(model: "OperationModel") -> bool:
    return not _READ.match(model.name)


def _note(params: dict[str, Any], model: "OperationModel", **_: object) -> None:
    """Remember the call before botocore's own handlers rewrite its parameters."""
    if _is_write(model):
        call = Call(model.service_model.service_name, model.name, disclosed(params, model.input_shape))
        _current.made.append(call)
        _current.effective.append(call)


def _note_refusal(http_response: Any, model: "OperationModel", **_: object) -> None:  # noqa: ANN401 - botocore's answer, or a stand-in's
    """Remember that AWS refused the call, so that it changed nothing."""
    first_error = 300
    if _is_write(model) and http_response.status_code >= first_error and _current.effective:
        _current.effective.pop()


def _in_time(**_: object) -> None:
    """Send nothing, and send nothing again, for whose answer there is no time."""
    if clock.left() < _KEPT_BACK:
        raise OutOfTime


def _hold_back(model: "OperationModel", **_: object) -> tuple[Any, dict[str, Any]] | None:
    """Answer a write in preview: an HTTP 200 with a placeholder for everything the operation returns."""
    if not (_current.preview and _is_write(model)):
        return None
    from botocore.awsrequest import AWSResponse, HTTPHeaders  # noqa: PLC0415 - only previews need it

    answer = _placeholder(model.output_shape, "answer") if model.output_shape else {}
    return AWSResponse("preview:", 200, HTTPHeaders(), None), {**answer, "ResponseMetadata": {"HTTPStatusCode": 200}}


def _placeholder(shape: "Shape", name: str) -> Any:  # noqa: ANN401 - whatever the operation returns
    match shape.type_name:
        case "structure":
            return {member: _placeholder(inner, member) for member, inner in shape.members.items() if inner.type_name != "structure"}  # type: ignore[attr-defined]
        case "list":
            return []
        case "map":
            return {}
        case "integer" | "long" | "float" | "double":
            return 0
        case "boolean":
            return True
        case _:
            return f"({name} known once it is made)"
