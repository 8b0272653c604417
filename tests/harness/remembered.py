"""What moto has answered before to the same question in the same state of the account, so that it need not work it out anew.

A law that lets each call of a fix go wrong, one after the other and in every way, asks the same thing thousands of times: each answer costs moto milliseconds.
A state has a name here: the one that it began from, and what has been written since. Who asks the same in a state of that name gets a copy of the same answer,
or the same refusal. That holds only where reading changes nothing and writing has no chance in it: what a state is made of by a write is drawn by its name, and
tests/contract/test_remembered.py looks whether remembered answers are the real ones, and end in the same account.
"""

import hashlib
import json
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto.moto_api._internal import mock_random

_READS = ("Describe", "Get", "BatchGet", "List", "Head")
_MOVING_ON = ("ecs", "eks")
"""Services in which moto moves on a little whenever it is looked at (https://docs.getmoto.org/en/latest/docs/configuration/state_transition/models.html)."""
_READ_BY_NOBODY = ("Publish",)
"""What an alert leaves in the account, no handler asks for."""


@dataclass
class Remembered:
    """The answers of one test, or nothing where no state has been named."""

    state: str = ""
    """The name of the account's state; empty as long as answers are not remembered."""
    answers: dict[str, bytes] = field(default_factory=dict)
    refusals: dict[str, bytes] = field(default_factory=dict)
    _states: int = 0

    def name_state(self) -> str:
        """Give the account's state of this moment a name, if it has none, and return it."""
        if not self.state:
            self._states += 1
            self.state = f"state {self._states}"
        return self.state

    def forget(self) -> None:
        self.state = ""

    def answer(self, client: BaseClient, operation: str, parameters: Mapping[str, Any], now: float, ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        """Return what AWS answers, or raise what it refuses."""
        if not self.state:
            return ask()
        service = client.meta.service_model.service_name
        name = f"{self.state} {service} {client.meta.region_name} {operation} {now} {json.dumps(parameters, default=repr)}"
        if not self.is_read(service, operation):
            self._change(name, operation)
            return ask()
        if name in self.refusals:
            refusal = pickle.loads(self.refusals[name])  # noqa: S301 - what has been dumped here
            raise client.exceptions.from_code(refusal["Error"]["Code"])(refusal, operation)  # type: ignore[operator]  # each client has classes of its own
        if name not in self.answers:
            self._ask(name, ask)
        return pickle.loads(self.answers[name])  # noqa: S301 - what has been dumped here

    @staticmethod
    def is_read(service: str, operation: str) -> bool:
        return operation.startswith(_READS) and service not in _MOVING_ON

    def _change(self, name: str, operation: str) -> None:
        if operation in _READ_BY_NOBODY:
            return
        self.state = hashlib.sha256(name.encode()).hexdigest()
        mock_random.seed(self.state)

    def _ask(self, name: str, ask: Callable[[], Any]) -> None:
        try:
            self.answers[name] = pickle.dumps(ask())
        except ClientError as refusal:
            self.refusals[name] = pickle.dumps(refusal.response)
            raise
