"""The stage: actors that take turns at every call to AWS, faults, and a time that moves only when nobody acts or somebody lets it.

Each actor is a thread, and only the one that was handed the baton runs; so a run is what its choices say, and the same choices give the same run.
"""

import contextlib
import functools
import io
import logging
import math
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol

import botocore.client
from botocore.exceptions import ClientError, ReadTimeoutError

from snapback.engine import clients, clock
from tests.conftest import SETTINGS
from tests.harness.account import FAULTS, ApiCall, Killed
from tests.simulation.choices import Choices

START = 1_800_000_000.0
_LONGEST = 1_500
"""Turns after which a run is given up: no story is that long."""

LOST_ANSWER = "took effect, its answer was lost, and the SDK sent it again"

Fault = Callable[[ApiCall, Callable[[], Any]], Any]


def _sent_again(call: ApiCall, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
    """DynamoDB knows a transaction that the SDK sends again by its token; any other conditional write meets its own first try."""
    answer = really()
    return answer if call.operation == "TransactWriteItems" else really()


KINDS: Mapping[str, Fault] = {**FAULTS, LOST_ANSWER: _sent_again}


def _held_baton() -> threading.Lock:
    baton = threading.Lock()
    baton.acquire()
    return baton


class World(Protocol):
    """What is on the stage."""

    is_real: bool
    """Its resources are moto's."""
    is_backstage: bool
    """What is called now is called by the simulation itself."""

    def answer(self, call: ApiCall, actor: "Actor", make: Callable[[], Any] | None = None) -> Any:  # noqa: ANN401 - any answer
        """Answer a call, and remember it; `make` really makes it, where that is possible."""

    def words(self, call: ApiCall) -> str:
        """Say what a call is, in the words of the story."""


@dataclass(eq=False)
class Actor:
    """Somebody who acts: an invocation of a function with its retries, an operator, a person."""

    name: str
    play: Callable[[], None]
    stage: "Stage"
    wakes: float = 0
    deadline: float = float("inf")
    """When Lambda ends the function."""
    about_to: ApiCall | str = "begin"
    is_done: bool = False
    faulted: bool = False
    """Something went wrong since the attempt began."""
    turn: int = 0
    """Counts its attempts: what belongs to one is not told for the other."""
    saw: dict[str, bool] = field(default_factory=dict)
    """Resource -> whether the last look of this attempt showed it wrong."""
    order: str = ""
    """What is to become of the next step: nothing in particular, or a kind of fault."""
    calls: clients.Calls = field(default_factory=clients.Calls)
    """What the layer notes of its writes: each Lambda environment has its own."""
    left: Callable[[], float] = lambda: math.inf
    """What the layer knows of the time that is left: the same."""
    baton: threading.Lock = field(default_factory=_held_baton)

    def __post_init__(self) -> None:
        threading.Thread(target=self._live, daemon=True).start()

    def _live(self) -> None:
        self.baton.acquire()
        try:
            if not self.stage.is_over:
                self.play()
        except Killed:
            pass
        except BaseException as failure:  # noqa: BLE001 - raised by the stage, in its own thread
            self.stage.failure = failure
        self.is_done = True
        self.stage.leave(self)

    def wait_for_turn(self, about_to: ApiCall | str) -> str:
        """Let others go on; return what is to become of the next step, once it is this actor's turn."""
        self.about_to = about_to
        self.stage.pass_on(self)
        if self.stage.is_over or self.stage.time >= self.deadline:
            raise Killed
        return self.order


@dataclass(eq=False)
class Stage:
    """One run."""

    choose: Choices
    faults: int = 0
    """How many may happen."""
    switches: int = 0
    """How often somebody else may go on before an actor has come to its end."""
    kinds: Sequence[str] = tuple(KINDS)
    time: float = START
    story: list[str] = field(default_factory=list)
    actors: list[Actor] = field(default_factory=list)
    world: Any = None
    is_over: bool = False
    playing: Actor | None = None
    failure: BaseException | None = None
    turns: int = 0
    _curtain: threading.Lock = field(default_factory=_held_baton)
    _spells: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)

    def enter(self, name: str, play: Callable[[], None], *, at: float = 0) -> Actor:
        actor = Actor(name, play, self, wakes=max(at, self.time))
        self.actors.append(actor)
        return actor

    def tell(self, line: str) -> None:
        self.story.append(f"{self.time - START:>9.1f} s  {line}")

    def run(self) -> None:
        """Let them all act until they are done."""
        try:
            if first := self._whose_turn():
                self._hand_to(first)
                self._curtain.acquire()
            if self.failure:
                raise self.failure
        finally:
            self._end()

    def _end(self) -> None:
        """Let no thread stay behind."""
        self.is_over = True
        for actor in self.actors:
            if not actor.is_done:
                actor.baton.release()
                self._curtain.acquire()
        self.actors.clear()
        self.is_over, self.playing = False, None

    def pass_on(self, actor: Actor) -> None:
        """Hand the baton to whoever is to go on, and wait until it comes back (called in the actor's thread)."""
        if self.is_over:
            return
        following = self._whose_turn()
        if following is actor:
            return
        actor.calls, actor.left = clients._current, clock._left  # noqa: SLF001
        if following:
            self._hand_to(following)
        else:
            self._curtain.release()
        actor.baton.acquire()

    def leave(self, actor: Actor) -> None:
        """Hand the baton on for the last time."""
        following = None if self.is_over or self.failure else self._whose_turn()
        if following and following is not actor:
            self._hand_to(following)
        else:
            self._curtain.release()

    def _hand_to(self, actor: Actor) -> None:
        clients._current, clock._left = actor.calls, actor.left  # noqa: SLF001
        actor.baton.release()

    def _whose_turn(self) -> Actor | None:
        """Choose who goes on, and what is to become of the next step; nobody, once all are done or the run is given up."""
        while live := [actor for actor in self.actors if not actor.is_done]:
            self.turns += 1
            if self.turns > _LONGEST:
                self.failure = AssertionError("the run has no end")
                return None
            if following := self._next(self.playing, live):
                self.playing = following
                following.order = self._what_becomes_of(following)
                return following
        return None

    def _next(self, current: Actor | None, live: Sequence[Actor]) -> Actor | None:
        """Choose who goes on; nobody: then time has passed."""
        ready = [actor for actor in live if actor.wakes <= self.time]
        sleeping = [actor for actor in live if actor.wakes > self.time]
        goes_on = current in ready
        if goes_on and not self.switches:
            return current
        options: list[Actor | None] = [current] if goes_on else []
        options += [actor for actor in ready if actor is not current]
        options += [None] if sleeping else []
        chosen = options[self.choose(len(options))]
        self.switches -= goes_on and chosen is not current
        if chosen is None:
            self.time = min(actor.wakes for actor in sleeping)
        return chosen

    def _what_becomes_of(self, actor: Actor) -> str:
        """Choose whether the actor's next call goes wrong, and how: once, or each time that it is tried again."""
        if not isinstance(actor.about_to, ApiCall):
            return ""
        where = (actor.name, self.world.words(actor.about_to))
        if where in self._spells:
            kind, left = self._spells.pop(where)
            if left > 1:
                self._spells[where] = (kind, left - 1)
            return kind
        if not self.faults:
            return ""
        can_be_sent_again = (actor.about_to.own and "Write" in actor.about_to.operation) or "ConditionExpression" in actor.about_to.parameters
        kinds = [kind for kind in self.kinds if kind != LOST_ANSWER or can_be_sent_again]
        chosen = self.choose(1 + 2 * len(kinds))
        if not chosen:
            return ""
        self.faults -= 1
        kind, times = kinds[(chosen - 1) // 2], (1, 3)[(chosen - 1) % 2]
        if times > 1:
            self._spells[where] = (kind, times - 1)
        return kind

    # What the actors do, in their own threads.

    @property
    def actor(self) -> Actor:
        assert self.playing
        return self.playing

    def step(self, what: str) -> None:
        """Let others go first, if it is chosen so; then say what happens."""
        self.actor.wait_for_turn(what)
        self.tell(f"{self.actor.name}: {what}")

    def pause(self, seconds: float) -> None:
        actor = self.actor
        if seconds > 0:
            actor.wakes = self.time + seconds
            actor.wait_for_turn("wait")

    def call(self, call: ApiCall, model: Any = None, make: Callable[[], Any] | None = None) -> Any:  # noqa: ANN401 - any answer
        """Answer an actor's call. `model`: the operation's, if the layer is to note the call here; `make`: really makes it, and notes it."""
        actor = self.actor
        kind = actor.wait_for_turn(call)
        said = f"{actor.name}: {self.world.words(call)}"

        def really() -> Any:  # noqa: ANN401
            if model:
                clients._note(dict(call.parameters), model)  # noqa: SLF001
            try:
                return self.world.answer(call, actor, make)
            except ClientError:
                if model:
                    clients._note_refusal(_Refused, model)  # noqa: SLF001
                raise

        if not kind:
            try:
                answer = really()
            except Exception as error:
                self.tell(f"{said} -> {error}"[:200])
                raise
            self.tell(said)
            return answer
        self.tell(f"{said} -> {kind.upper()}")
        actor.faulted = True
        return KINDS[kind](call, really)


class _Refused:
    status_code = 400


class _Nowhere(io.TextIOBase):
    """Where the metrics of thousands of runs go."""

    def write(self, text: str) -> int:
        return len(text)


_now_playing: list[Stage] = []


_real: list[Callable[..., Any]] = []
"""botocore's own method, while another stands in for it."""


def _answer(client: Any, operation: str, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any client, any answer
    """Stand in for botocore's one method through which all calls go; what the layer does around it is done."""
    key = next((key for key, one in clients._clients.items() if one is client), None)  # noqa: SLF001 - as the harness tells them apart
    if key is None or not _now_playing or (_now_playing[-1].world.is_backstage and key[2]):
        return _real[-1](client, operation, dict(parameters))
    stage, seen = _now_playing[-1], key[2]
    model = client.meta.service_model.operation_model(operation)
    call = ApiCall(model.service_model.service_name, operation, dict(parameters), own=not seen)
    if stage.world.is_backstage:
        return stage.world.table.answer(operation, parameters)
    if not seen:
        return stage.call(call)
    is_held_back = clients._current.preview and clients._is_write(model)  # noqa: SLF001
    if stage.world.is_real:
        really = functools.partial(_real[-1], client, operation, dict(parameters))
        return really() if is_held_back else stage.call(call, make=really)
    if is_held_back:
        clients._note(dict(parameters), model)  # noqa: SLF001
        held_back = clients._hold_back(model)  # noqa: SLF001
        return held_back[1] if held_back else {}
    return stage.call(call, model)


def _time() -> float:
    return _now_playing[-1].time if _now_playing else START


def _pause(seconds: float) -> None:
    if _now_playing:
        _now_playing[-1].pause(seconds)


@contextmanager
def on_stage(scene: AbstractContextManager[None] | None = None) -> Iterator[None]:
    """Let everything that calls AWS or waits in this process do it on the stage."""
    before, levels = dict(os.environ), logging.getLogger("snapback").level
    held = (botocore.client.BaseClient._make_api_call, clock.now, clock.pause, clock._left)  # type: ignore[attr-defined]  # noqa: SLF001
    os.environ.update({**SETTINGS, "POWERTOOLS_METRICS_DISABLED": "true"})
    logging.getLogger("snapback").setLevel(logging.CRITICAL)
    _real.append(held[0])
    botocore.client.BaseClient._make_api_call = _answer  # type: ignore[attr-defined]  # noqa: SLF001
    clock.now, clock.pause, clock._left = _time, _pause, lambda: math.inf  # noqa: SLF001
    try:
        with contextlib.redirect_stdout(_Nowhere()), scene or nullcontext():
            yield
    finally:
        botocore.client.BaseClient._make_api_call, clock.now, clock.pause, clock._left = held  # type: ignore[attr-defined]  # noqa: SLF001
        _real.pop()
        logging.getLogger("snapback").setLevel(levels)
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def playing(stage: Stage) -> Iterator[None]:
    """Let this stage be the one."""
    calls = clients._current  # noqa: SLF001
    _now_playing.append(stage)
    try:
        yield
    finally:
        _now_playing.pop()
        clients._current = calls  # noqa: SLF001


__all__ = ["START", "Actor", "Killed", "ReadTimeoutError", "Stage", "on_stage", "playing"]
