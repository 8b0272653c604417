"""The real remediations on the stage: the same actors, faults and promises, with moto in the place of the small world's few resources."""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import ClientError
from moto import mock_aws

from snapback.engine import clients, exemptions, findings, names, refusals
from snapback.engine.errors import OnlyPeople
from snapback.engine.remediation import Remediation, Report
from tests.harness import system_tags
from tests.harness.account import ApiCall, bringing_moto_back, timeout_of
from tests.harness.chance import settle
from tests.harness.discovery import Handler
from tests.harness.scenario import ACCOUNT, REGION
from tests.simulation.stage import Actor, Stage
from tests.simulation.world import World


@dataclass(eq=False)
class Scene:
    """A real remediation with its broken resource, as its own test makes it."""

    handler: Handler
    resource: str = ""
    bring_back: Callable[[], None] = lambda: None

    @contextmanager
    def set(self) -> Iterator[None]:
        """Make the account; `bring_back` makes it what it was."""
        with mock_aws(config={"core": {"reset_boto3_session": False, "mock_credentials": False}}):
            settle()
            self.resource = ACCOUNT if self.handler.is_report else self.handler.scenario.broken()
            self.bring_back = bringing_moto_back()
            yield


@dataclass(eq=False)
class Reality(World):
    """The account of a scene."""

    stage: Stage
    scene: Scene = field(kw_only=True)
    remediation: Remediation = field(init=False)
    is_backstage: bool = False
    """What is called now is called by the simulation itself."""
    evidence: Sequence[Mapping[str, Any]] = ()
    """What was wrong in the beginning."""
    _doing: dict[str, str] = field(default_factory=dict)
    """Actor -> fix or undo."""

    def __post_init__(self) -> None:
        self.stage.world = self
        self.scene.bring_back()
        self.remediation = real = self.scene.handler.remediation
        if not isinstance(real, Report):
            assert real.undo
            self.remediation = replace(real, violation=self._seen(real.violation), fix=self._done("fix", real.fix), undo=self._done("undo", real.undo))
        self.evidence = self.wrong(self.scene.resource)

    def _seen(self, look: Callable[[str], Any]) -> Callable[[str], Any]:
        @functools.wraps(look)
        def seen(resource: str) -> Any:  # noqa: ANN401 - evidence
            found = list(look(resource))
            self.stage.actor.saw[resource] = bool(found)
            return found

        return seen

    def _done(self, what: str, change: Callable[[str, Any], object]) -> Callable[[str, Any], object]:
        @functools.wraps(change)
        def done(resource: str, evidence: Any) -> object:  # noqa: ANN401 - evidence
            self._doing[self.stage.actor.name] = what
            return change(resource, evidence)

        return done

    @contextmanager
    def backstage(self) -> Iterator[None]:
        before, self.is_backstage = self.is_backstage, True
        try:
            with clients.watched(preview=False):
                yield
        finally:
            self.is_backstage = before

    def wrong(self, resource: str) -> list[Any]:
        if self.scene.handler.is_report or resource != self.scene.resource:
            return []
        with self.backstage():
            try:
                return list(self.scene.handler.remediation.violation(resource))
            except OnlyPeople as error:
                return [str(error)]
            except ClientError as error:
                if not refusals.is_gone(error):
                    raise
                return []

    @property
    def resources(self) -> list[str]:
        return [self.scene.resource]

    def break_again(self) -> None:
        """Let somebody make it as wrong as it was."""
        with self.backstage():
            undo = self.scene.handler.remediation.undo
            if undo and not self.wrong(self.scene.resource):
                undo(self.scene.resource, self.evidence)

    def is_exempt(self, remediation: str, resource: str) -> bool:
        row = self.table.rows.get(f"EXEMPT#{self.remediation.problem or remediation}")
        named = [resource, *names.other_names(self.remediation.resource, resource, account=ACCOUNT, region=REGION)]
        granted = exemptions.parse(row["exemptions"]["S"]) if row else []
        return any(exemptions.exempting(name, granted, self.stage.time) for name in named)

    def has_to_notify(self, event: Mapping[str, Any]) -> bool:
        is_finding = event.get("detail-type") == "GuardDuty Finding"
        return is_finding and (self.scene.handler.is_report or self.remediation.name in findings.answered_by(event["detail"]))

    def timeout(self, remediation: Remediation) -> float:
        return timeout_of(remediation.name)

    def answer(self, call: ApiCall, actor: Actor, make: Callable[[], Any] | None = None) -> Any:  # noqa: ANN401 - any answer
        if call.own or make is None:
            return super().answer(call, actor)
        system_tags.refuse(call.service, call.operation, call.parameters)
        if not call.is_write:
            return make()
        before = self._state()
        answer = make()
        if before != self._state():
            self.note_write(actor, self.scene.resource, self._doing.get(actor.name, "fix"))
        return answer

    def _state(self) -> dict[str, Any]:
        scenario = self.scene.handler.scenario
        with self.backstage():
            return {part: value for part, value in scenario.state(self.scene.resource).items() if part in scenario.touched}

    def real_event(self, event_id: str, **detail: str) -> dict[str, Any]:
        """Return the remediation's sample event about the resource, as if it happened now."""
        handler = self.scene.handler
        sample = handler.samples[handler.stem]
        event: dict[str, Any] = sample if handler.is_report else handler.scenario.event(sample, self.scene.resource)
        return {**event, "id": event_id, "detail": {**event["detail"], **detail}}
