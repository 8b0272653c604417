"""What moto has answered before to the same question in the same state of the account, so that it need not work it out anew.

A law that lets each call of a fix go wrong, one after the other and in every way, asks the same thing thousands of times, and so do all the laws that begin
with the same broken resource: each answer costs moto milliseconds. A state has a name here: the one that it began from, and what has been written since. Who
asks or writes the same in a state of that name gets a copy of the same answer, or the same refusal. Moto itself is left behind, and catches up only when
somebody asks what nobody has asked before. That holds where reading changes nothing and writing has no chance in it: what a state is made of by a write is
drawn by its name. tests/contract/test_remembered.py looks whether remembered answers are the real ones, and end in the same account.
"""

import contextlib
import copy
import hashlib
import itertools
import json
import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto.core.base_backend import BackendDict
from moto.moto_api._internal import mock_random

_READS = ("Describe", "Get", "BatchGet", "List", "Head")
_MOVING_ON = ("ecs", "eks")
"""Services in which moto moves on a little whenever it is looked at (https://docs.getmoto.org/en/latest/docs/configuration/state_transition/models.html)."""
_numbers = itertools.count(1)


@dataclass
class Beginning:
    """A state of the account from which tests begin, and all that is known of what comes after it."""

    bring_back: Callable[[], None] = lambda: None
    """Brings moto to this state."""
    name: str = field(default_factory=lambda: f"state {next(_numbers)}")
    answers: dict[str, bytes] = field(default_factory=dict)
    refusals: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class _Write:
    """A write since the beginning."""

    make: Callable[[Mapping[str, Any]], Any]
    parameters: Mapping[str, Any]
    state: str
    time: float


@dataclass(frozen=True)
class Bookmark:
    """A state, by the way that led there."""

    beginning: Beginning
    writes: tuple[_Write, ...] = ()


@dataclass
class Remembered:
    """The answers of one test, or nothing where it has not said where it begins."""

    set_clock: Callable[[float], float]
    """Sets the account's clock to that time, and returns what it said."""
    beginning: Beginning | None = None
    """None as long as answers are not remembered."""
    is_untouched: bool = True
    """Nobody has called anything, or looked into moto, since the account was set up."""
    _writes: list[_Write] = field(default_factory=list)
    _seen_by_moto: int | None = 0
    """How many of the writes moto has seen; None if it is in no state that leads there."""
    _is_asking: bool = False

    now: ClassVar["Remembered | None"] = None
    """The one of the test that is running."""

    def bookmark(self) -> Bookmark | None:
        return Bookmark(self.beginning, tuple(self._writes)) if self.beginning else None

    def go_to(self, mark: Bookmark) -> None:
        """Answer from here on as in this state; moto is brought there when it is needed."""
        self.is_untouched = False
        self.beginning, self._writes = mark.beginning, list(mark.writes)
        self._seen_by_moto = None

    def forget(self) -> None:
        """Answer from moto alone from here on."""
        self.catch_up()
        self.beginning = None

    def touch(self) -> None:
        """Let somebody who looks into moto see what is; he may change it there, of which no name would tell."""
        if not self._is_asking:
            self.is_untouched = False
            self.forget()

    def answer(  # noqa: PLR0913 - all that a call is
        self,
        client: BaseClient,
        operation: str,
        parameters: Mapping[str, Any],
        *,
        now: float,
        really: Callable[[Mapping[str, Any]], Any],
        later: Callable[[Mapping[str, Any]], Any],
        passed_over: Callable[[int], object],
    ) -> Any:  # noqa: ANN401 - any answer
        """Return what AWS answers, or raise what it refuses.

        `really` makes the call now. `later` makes it for moto to catch up, when the layer may be at something else, in a preview say. `passed_over` is told the
        status of what is not sent, as botocore would have said it.
        """
        self.is_untouched = False
        if not (beginning := self.beginning):
            return self._ask(really, parameters)
        service = client.meta.service_model.service_name
        state = self._writes[-1].state if self._writes else beginning.name
        name = _digest(f"{state} {service} {client.meta.region_name} {operation} {now} {json.dumps(parameters, default=repr)}")
        is_known = self.knows(beginning, name)
        if not is_known:
            self.catch_up()
        if not self.is_read(service, operation):
            self._writes.append(_Write(later, copy.deepcopy(parameters), name, now))
            if not is_known:
                self._seen_by_moto = len(self._writes)
                mock_random.seed(name)
        if not is_known:
            return self.learn(beginning, name, really, parameters)
        is_refused = name in beginning.refusals
        said: dict[str, Any] = pickle.loads(beginning.refusals[name] if is_refused else beginning.answers[name])  # noqa: S301 - what `learn` dumped
        passed_over(said["ResponseMetadata"]["HTTPStatusCode"])
        if is_refused:
            raise client.exceptions.from_code(said["Error"]["Code"])(said, operation)  # type: ignore[operator]  # each client has classes of its own
        return said

    def knows(self, beginning: Beginning, name: str) -> bool:
        """Tell whether that has been asked before."""
        return name in beginning.answers or name in beginning.refusals

    @staticmethod
    def is_read(service: str, operation: str) -> bool:
        return operation.startswith(_READS) and service not in _MOVING_ON

    def catch_up(self) -> None:
        """Bring moto to the state of which we speak."""
        if not self.beginning:
            return
        if self._seen_by_moto is None:
            with self._asking():
                self.beginning.bring_back()
            self._seen_by_moto = 0
        for write in self._writes[self._seen_by_moto :]:
            now = self.set_clock(write.time)
            mock_random.seed(write.state)
            with contextlib.suppress(ClientError):  # as it was refused before
                self._ask(write.make, copy.deepcopy(write.parameters))
            self.set_clock(now)
        self._seen_by_moto = len(self._writes)

    def learn(self, beginning: Beginning, name: str, really: Callable[[Mapping[str, Any]], Any], parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401
        """Ask moto, and remember what it says."""
        try:
            answer = self._ask(really, parameters)
        except ClientError as refusal:
            beginning.refusals[name] = pickle.dumps(refusal.response)
            raise
        beginning.answers[name] = pickle.dumps(answer)
        return answer

    def _ask(self, really: Callable[[Mapping[str, Any]], Any], parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401
        with self._asking():
            return really(parameters)

    @contextlib.contextmanager
    def _asking(self) -> Iterator[None]:
        was, self._is_asking = self._is_asking, True
        try:
            yield
        finally:
            self._is_asking = was


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]


_look_into = BackendDict.__getitem__


def _touching(register: BackendDict[Any], account: str) -> Any:  # noqa: ANN401 - moto's own
    if Remembered.now and register.service_name != "sns":  # in which people's alerts are read
        Remembered.now.touch()
    return _look_into(register, account)


BackendDict.__getitem__ = _touching  # type: ignore[method-assign]
