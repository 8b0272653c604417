"""AWS, read-only: the layer's own clients, with a guard before the network that lets no write through, and with the same question asked once.

The layer's `aws("ec2")` makes its clients of a session. Inside `Reader.here()` it is a session of the survey's own, whose every request passes the guard.
"""

import json
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import botocore.session
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from snapback.engine import clients, clock
from snapback.engine.answers import Answer
from snapback.engine.errors import SnapbackError

_PATIENT: Final = Config(retries={"mode": "adaptive", "total_max_attempts": 8})
"""A client that AWS throttles sends fewer calls for a while: each service has its client, and so its own pace.

https://docs.aws.amazon.com/boto3/latest/guide/retries.html
"""

_SHORTLY: Final = Config(retries={"total_max_attempts": 2}, connect_timeout=5, read_timeout=10)
"""For what is asked when something else has not answered."""

_KEPT: Final = 512
"""Answers that are remembered at once: those about a resource, and what is asked again for each of a type."""

_ASKED_ANEW: Final = ("Generate",)
"""Reads that are asked until they are done: IAM's credential report."""


class WriteRefused(SnapbackError):  # noqa: N818 - reads as what it is
    """Something tried to write. A survey never does, so this is a defect: it ends the survey."""


class NotRemembered(SnapbackError):  # noqa: N818
    """Snapback's journal was asked, and there is none."""


class _NoJournal:
    """Stands in the place of the client for the journal."""

    def __getattr__(self, _: str) -> Any:  # noqa: ANN401 - as a client's methods
        raise NotRemembered("only a deployed Snapback remembers it")


@dataclass
class Reader:
    """The clients of one region, their answers, and how many calls were sent."""

    credentials: Any = None
    """As boto3's session has them; None for whatever the environment gives."""
    region: str | None = None
    calls: Counter[str] = field(default_factory=Counter)
    """Service -> calls that were sent, those that were sent again not counted."""
    _clients: dict[Any, Any] = field(default_factory=dict)
    _answers: "OrderedDict[str, Answer | ClientError]" = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        """Make the session."""
        self._session = botocore.session.Session()
        if isinstance(self.credentials, Mapping):
            self._session.set_credentials(*self.credentials.values())
        elif isinstance(self.credentials, Credentials):
            self._session._credentials = self.credentials  # type: ignore[attr-defined]  # noqa: SLF001 - those that renew themselves: by a session of their own, which the guard does not see
        if self.region:
            self._session.set_config_variable("region", self.region)
        self._session.set_default_client_config(_PATIENT)
        self._session.get_component("event_emitter").register_first("before-send.*.*", guard)
        self._clients["dynamodb", None, False] = _NoJournal()

    @contextmanager
    def here(self) -> Iterator[None]:
        """Let all that the layer asks inside the block be asked by this reader."""
        former = (clients._clients, clients._session, clients._ask, clock.pause)  # noqa: SLF001 - the layer has no other door, and needs none in Lambda
        self._wait = clock.pause
        clients._clients, clients._ask = self._clients, self._asked  # noqa: SLF001 - the same
        clients._session = lambda: self._session  # type: ignore[assignment]  # noqa: SLF001 - the same
        clock.pause = self._pause
        try:
            yield
        finally:
            clients._clients, clients._session, clients._ask, clock.pause = former  # noqa: SLF001 - the same

    def ask_who_asks(self) -> None:
        """Ask STS in this region, which answers whomever it knows, whatever may be denied. Raises what it says, or that there is no way to it.

        https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
        """
        self.calls["sts"] += 1
        sts: Any = self._session.create_client("sts", config=_SHORTLY)
        sts.get_caller_identity()

    def forget(self) -> None:
        """Forget all answers."""
        self._answers.clear()

    def _pause(self, seconds: float) -> None:
        """Wait, for something that is to be another then."""
        if seconds:  # many begin by waiting for nothing
            self.forget()
        self._wait(seconds)

    def _asked(self, client: Any, operation: str, parameters: Mapping[str, Any]) -> Answer:  # noqa: ANN401 - any service's client
        """Return the answer of a while ago, if the same was asked then."""
        service = client.meta.service_model.service_name
        if not is_read(operation):
            if not clients.is_dry_run():
                raise WriteRefused(f"a survey writes nothing, and {service}.{operation} was about to be called")
            return _ask(client, operation, parameters)
        if operation.startswith(_ASKED_ANEW):
            return self._sent(client, service, operation, parameters)
        key = _key(service, operation, parameters, client.meta.region_name)
        if key not in self._answers:
            try:
                self._answers[key] = self._sent(client, service, operation, parameters)
            except ClientError as error:
                self._answers[key] = error
            self._make_room()
        self._answers.move_to_end(key)
        found = self._answers[key]
        if isinstance(found, ClientError):
            raise found.with_traceback(None)
        return Answer(found.where, found)  # another, for whoever changes what it has got

    def keep(self, service: str, operation: str, parameters: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Keep an answer that is known without the call, until it is asked for or there is no more room."""
        region = clients._client(service, None, seen=True).meta.region_name  # noqa: SLF001 - the client that would be asked
        self._answers[_key(service, operation, parameters, region)] = Answer(f"{service}:{operation}", answer)
        self._make_room()

    def _make_room(self) -> None:
        if len(self._answers) > _KEPT:
            self._answers.popitem(last=False)

    def _sent(self, client: Any, service: str, operation: str, parameters: Mapping[str, Any]) -> Answer:  # noqa: ANN401 - any service's client
        self.calls[service] += 1
        return _ask(client, operation, parameters)


_ask = clients._ask  # noqa: SLF001 - as it is outside of a reader


def _key(service: str, operation: str, parameters: Mapping[str, Any], region: str) -> str:
    return json.dumps([service, region, operation, parameters], sort_keys=True, default=str)


def is_read(operation: str) -> bool:
    """Tell whether it is a read by its name, as the layer has it."""
    return bool(clients._READ.match(operation))  # noqa: SLF001 - the layer's own word for it


def guard(event_name: str, **_: object) -> None:
    """Refuse a request that is no read: the last thing before the network, whoever makes it.

    Raises `WriteRefused`. `GenerateCredentialReport` is the one that passes without being a read in AWS's own words: it changes nothing that anybody made.
    """
    operation = event_name.rpartition(".")[2]
    if not is_read(operation):
        raise WriteRefused(f"a survey writes nothing, and {event_name.removeprefix('before-send.')} was about to be sent")
