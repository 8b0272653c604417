"""The world on the stage: a few resources, the journal, the topic, the dead-letter queue; who acts in it; and all that happened."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from functions.snapback import send_digest
from local.journal_table import JournalTable
from snapback.engine import exemptions
from snapback.engine.remediation import Remediation
from tests.harness.account import ApiCall, Killed, error
from tests.harness.scenario import ACCOUNT, REGION
from tests.simulation.remediations import block_address, close_doors, close_new_doors, report_visit, switch_on
from tests.simulation.stage import Actor, Stage

GROUP, VPC, ADDRESS = "sg-0000000a", "vpc-0000000a", "198.51.100.7"
DAY = 24 * 3600
REMEDIATIONS: tuple[Remediation, ...] = (
    close_doors.remediation,
    close_new_doors.remediation,
    switch_on.remediation,
    block_address.remediation,
    report_visit.remediation,
)
RUNS = ((0.0,), (300.0,), (0.0, 20.0), (23 * 3600.0,), (-20.0,))
"""When a schedule gives its event, in seconds after it is due: on time, within its window, twice, after a day of tries, and a little early.

It is given once at least, within a minute in which it is due or later, and tried again for up to a day
(https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule.html); that it comes early is documented nowhere, and costs nothing to try.
"""


@dataclass(frozen=True)
class Happening:
    """Something that happened, in the order of all that happened."""

    at: int
    time: float
    actor: str
    turn: int
    what: str
    """decision, fix, undo, change, told, ended, began."""
    resource: str = ""
    fix: str = ""
    """The id under which it is written down."""
    outcome: str = ""
    remediation: str = ""
    was_wrong: bool | None = None
    """What the actor's last look at the resource showed."""
    is_exempt: bool = False
    """At this moment an exemption covered the resource."""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class World:
    """The account."""

    stage: Stage
    doors: dict[str, list[str]] = field(default_factory=dict)
    """Security group -> its open doors."""
    levels: dict[str, int] = field(default_factory=dict)
    """VPC -> the level of its protection: 0 is wrong."""
    addresses: set[str] = field(default_factory=set)
    """Attackers that are blocked."""
    attackers: set[str] = field(default_factory=set)
    table: JournalTable = field(default_factory=lambda: JournalTable("journal"))
    dead_letters: list[tuple[Remediation, Mapping[str, Any]]] = field(default_factory=list)
    failed_commands: list[tuple[Remediation, Mapping[str, Any]]] = field(default_factory=list)
    happened: list[Happening] = field(default_factory=list)
    is_real: bool = False
    is_backstage: bool = False
    queue: dict[str, str] = field(default_factory=dict)
    """The queue of storms: message id -> body."""
    scheduled: set[str] = field(default_factory=set)
    """The names of schedules that have not run yet."""
    busy_until: dict[str, float] = field(default_factory=dict)
    """Security group -> until when AWS is at work on it, and takes no change."""
    put_off: list[Mapping[str, Any]] = field(default_factory=list)
    """Alerts whose ids were put into the queue."""
    ticking: Remediation | None = None
    """What is to hear an hour's tick, once all is calm."""
    _number: int = 0

    # What is true.

    def wrong(self, resource: str) -> list[Any]:
        """Return what is wrong with the resource now."""
        if resource in self.doors:
            return list(self.doors[resource])
        if resource in self.levels:
            return [0] if self.levels[resource] == 0 else []
        return [resource] if resource in self.attackers - self.addresses else []

    @property
    def resources(self) -> list[str]:
        """Return what may be wrong."""
        return [*self.doors, *self.levels, *self.attackers]

    def has_to_notify(self, event: Mapping[str, Any]) -> bool:
        """Tell whether people have to hear of the event, whatever becomes of the resource."""
        return event.get("detail-type") == "Visit"

    def timeout(self, _: Remediation) -> float:
        """Return after how many seconds Lambda ends the function."""
        return _TIMEOUT

    def is_exempt(self, remediation: str, resource: str) -> bool:
        row = self.table.rows.get(f"EXEMPT#{remediation}")
        return bool(row and exemptions.exempting(resource, exemptions.parse(row["exemptions"]["S"]), self.stage.time))

    def note(self, what: str, actor: Actor, resource: str, **more: Any) -> None:  # noqa: ANN401 - a happening's members
        remediation = more.get("remediation", "")
        self.happened.append(
            Happening(
                at=len(self.happened),
                time=self.stage.time,
                actor=actor.name,
                turn=actor.turn,
                what=what,
                resource=resource,
                was_wrong=actor.saw.get(resource),
                is_exempt=bool(remediation) and self.is_exempt(remediation, resource),
                **more,
            )
        )

    # What AWS answers.

    def answer(self, call: ApiCall, actor: Actor, _: Callable[[], Any] | None = None) -> Any:  # noqa: ANN401 - any answer
        if call.service == "dynamodb":
            answer = self.table.answer(call.operation, call.parameters)
            self._note_decision(call, actor)
            return answer
        return {
            "CreateSchedule": self._schedule,
            "Publish": self._publish,
            "SendMessage": self._put_off,
            "DescribeSecurityGroupRules": self._describe_rules,
            "RevokeSecurityGroupIngress": self._revoke,
            "AuthorizeSecurityGroupIngress": self._authorize,
            "DescribeVpcs": self._describe_vpcs,
            "ModifyVpcTenancy": self._modify_vpc,
            "GetIPSet": self._get_ip_set,
            "UpdateIPSet": self._update_ip_set,
        }[call.operation](call.parameters, actor)

    def _note_decision(self, call: ApiCall, actor: Actor) -> None:
        """Note that the actor was given the right to write: what it asked of the journal took hold of the resource, or of the fix to be taken back."""
        for part in _parts(call) if "Write" in call.operation or "Update" in call.operation else []:
            key = _key(part)
            kind, _, rest = key.partition("#")
            row = self.table.rows.get(key, {})
            if kind == "RESOURCE" and "lease" in row:
                remediation, _, resource = rest.partition("#")
                self.note("decision", actor, resource, remediation=remediation, fix=row["holder"]["S"])
            elif kind == "FIX" and row.get("status", {}).get("S") == "UNDOING":
                self.note("decision", actor, str(json.loads(row["about"]["S"])["resource"]), remediation=row["remediation"]["S"], fix=rest)

    def _last_decision(self, actor: Actor, resource: str) -> Happening | None:
        return next(
            (one for one in reversed(self.happened) if one.what == "decision" and (one.actor, one.turn, one.resource) == (actor.name, actor.turn, resource)),
            None,
        )

    def _wrote(self, actor: Actor, resource: str, *, makes_wrong: bool) -> None:
        self.note_write(actor, resource, "undo" if makes_wrong else "fix")

    def note_write(self, actor: Actor, resource: str, what: str) -> None:
        """Note that the actor changed the resource: a fix, or an undo."""
        decision = self._last_decision(actor, resource)
        self.note(what, actor, resource, fix=decision.fix if decision else "", remediation=decision.remediation if decision else "")

    def _schedule(self, parameters: Mapping[str, Any], _: Actor) -> dict[str, str]:
        """Keep a schedule until it is due, and give its event to its function then: as a delivery, with Lambda's attempts and the dead-letter queue."""
        name, target = parameters["Name"], parameters["Target"]
        if name in self.scheduled:
            raise error("ConflictException", 409, "CreateSchedule")
        self.scheduled.add(name)
        at = datetime.strptime(parameters["ScheduleExpression"], "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC).timestamp()
        remediation = next(one for one in REMEDIATIONS if target["Arn"].endswith(f":snapback-{one.name}"))
        event = json.loads(target["Input"])
        runs = RUNS[self.stage.choose(len(RUNS))] if self.stage.faults else RUNS[0]
        self.stage.faults -= runs is not RUNS[0]
        for number, late in enumerate(runs):
            self._number += 1
            self.deliver(remediation, event, name=f"look {number + 1} by {name[:7]}", request=f"request {self._number}", at=at + late, schedule=name)
        return {"ScheduleArn": f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/clock/{name}"}

    def _publish(self, parameters: Mapping[str, Any], actor: Actor) -> dict[str, str]:
        return self._heard(json.loads(json.loads(parameters["Message"])["default"]), actor)

    def _put_off(self, parameters: Mapping[str, Any], actor: Actor) -> dict[str, str]:
        self._number += 1
        self.queue[f"message {self._number}"] = parameters["MessageBody"]
        facts = json.loads(self.table.rows[f"ALERT#{json.loads(parameters['MessageBody'])['alert']}"]["alert"]["S"])
        self.put_off.append(facts)
        self._note_alert("put off", facts, actor)
        return {"MessageId": f"message {self._number}"}

    def _heard(self, facts: Mapping[str, Any], actor: Actor) -> dict[str, str]:
        if facts["outcome"] == "DIGEST":
            for line in facts["before"]:
                told = (facts["remediation"], line["id"], line["outcome"], line["resource"])
                of_it = [one for one in self.put_off if (one["remediation"], one["id"], one["outcome"], one["resource"]["name"]) == told]
                self._note_alert("told", of_it[-1], actor)
        else:
            self._note_alert("told", facts, actor)
        return {"MessageId": "1"}

    def _note_alert(self, what: str, facts: Mapping[str, Any], actor: Actor) -> None:
        more = {"remediation": facts["remediation"], "fix": facts["id"], "outcome": facts["outcome"], "facts": facts}
        self.note(what, actor, facts["resource"]["name"], **more)

    def _describe_rules(self, parameters: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
        [group] = parameters["Filters"][0]["Values"]
        actor.saw[group] = bool(self.doors[group])
        return {"SecurityGroupRules": [{"SecurityGroupRuleId": door} for door in self.doors[group]]}

    def _revoke(self, parameters: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
        group, [door] = parameters["GroupId"], parameters["SecurityGroupRuleIds"]
        if self.busy_until.get(group, 0) > self.stage.time:
            raise error("OperationAborted", 409, "RevokeSecurityGroupIngress")
        if door not in self.doors[group]:
            raise error("InvalidSecurityGroupRuleId.NotFound", 400, "RevokeSecurityGroupIngress")
        self.doors[group] = [one for one in self.doors[group] if one != door]  # equal ones go together
        self._wrote(actor, group, makes_wrong=False)
        return {}

    def _authorize(self, parameters: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
        group = parameters["GroupId"]
        self.doors[group] = sorted([*self.doors[group], parameters["SourceSecurityGroupName"]])
        self._wrote(actor, group, makes_wrong=True)
        return {}

    def _describe_vpcs(self, parameters: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
        [vpc] = parameters["VpcIds"]
        actor.saw[vpc] = self.levels[vpc] == 0
        return {"Vpcs": [{"State": str(self.levels[vpc])}]}

    def _modify_vpc(self, parameters: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
        vpc, level = parameters["VpcId"], int(parameters["InstanceTenancy"])
        changes, self.levels[vpc] = self.levels[vpc] != level, level
        if changes:
            self._wrote(actor, vpc, makes_wrong=level == 0)
        return {}

    def _get_ip_set(self, parameters: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
        actor.saw[parameters["Id"]] = parameters["Id"] not in self.addresses
        return {"IPSet": {"Addresses": sorted(self.addresses)}}

    def _update_ip_set(self, parameters: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
        address = parameters["Id"]
        before = set(self.addresses)
        self.addresses = (self.addresses - {address}) | set(parameters["Addresses"])
        if self.addresses != before:
            self._wrote(actor, address, makes_wrong=not parameters["Addresses"])
        return {}

    def words(self, call: ApiCall) -> str:
        if call.operation in ("Publish", "SendMessage"):
            return f"tell {json.loads(json.loads(call.parameters['Message'])['default'])['outcome']}" if call.operation == "Publish" else "put off"
        if not call.own or call.service == "scheduler":
            return call.operation
        parts = _parts(call)
        keys = " ".join(_key(part).partition("#")[0] for part in parts)
        values = [part.get("ExpressionAttributeValues", {}) for part in parts]
        status = next((value[name]["S"] for value in values for name in (":status", ":undoing", ":undone") if name in value), "")
        return f"journal {call.operation} {keys} {status}".rstrip()

    # Who acts.

    def deliver(  # noqa: PLR0913 - all that a delivery has
        self, remediation: Remediation, event: Mapping[str, Any], *, name: str = "", request: str = "", at: float = 0, schedule: str = ""
    ) -> None:
        """Deliver an event as EventBridge and Lambda do: up to three attempts with the same request id, then the dead-letter queue.

        A schedule that gives it is gone from then on.
        """
        self._number += 1
        name, request = name or f"delivery {self._number} of {event['id']}", request or f"request {self._number}"

        def play() -> None:
            actor = self.stage.actor
            self.scheduled.discard(schedule)
            for wait in (0, 60, 120):
                self.stage.pause(wait)
                if self._attempt(actor, remediation, event, request) is not None:
                    return
            self.stage.tell(f"{name}: its attempts are used up: a dead letter")
            self.dead_letters.append((remediation, event))

        self.stage.enter(name, play, at=at)

    def command(
        self, remediation: Remediation, command: Mapping[str, Any] | Callable[[], Mapping[str, Any] | None], *, name: str = "operator", at: float = 0
    ) -> None:
        """Let an operator give a command; one that ends in an error is given again, once all is calm."""

        def play() -> None:
            actor, given = self.stage.actor, command() if callable(command) else command
            if given is None:
                return
            self.stage.step(f"gives {json.dumps(given)}")
            self._number += 1
            answer = self._attempt(actor, remediation, given, f"request {self._number}")
            if answer is None or "still_held" in answer or "give this command again" in answer.get("reason", ""):
                self.failed_commands.append((remediation, given))

        self.stage.enter(name, play, at=at)

    def digest(self, *, name: str = "digest", at: float = 0) -> None:
        """Give the queue of storms to its function, as Lambda does: what it does not report as failed is taken out, and if it fails all stay."""

        def play() -> None:
            actor = self.stage.actor
            self.stage.step("is given the queue of storms")
            self._begin(actor, _TIMEOUT)
            given = dict(self.queue)
            answer = self._invoke(actor, lambda: send_digest.handler({"Records": [{"messageId": one, "body": body} for one, body in given.items()]}, None))
            if answer is not None:
                failed = {one["itemIdentifier"] for one in answer["batchItemFailures"]}
                self.queue = {one: body for one, body in self.queue.items() if one not in given or one in failed}

        self.stage.enter(name, play, at=at)

    def act(self, name: str, *steps: tuple[str, Callable[[], object]], at: float = 0) -> None:
        """Let somebody change the world."""

        def play() -> None:
            for what, change in steps:
                self.stage.step(what)
                change()
                self.note("change", self.stage.actor, what)

        self.stage.enter(name, play, at=at)

    def _attempt(self, actor: Actor, remediation: Remediation, event: Mapping[str, Any], request: str) -> Mapping[str, Any] | None:
        """Invoke the function once; return its answer, or None if it failed or was ended."""
        self._begin(actor, self.timeout(remediation))
        context = Context(f"snapback-{remediation.name}", request, lambda: min(actor.deadline - self.stage.time, self.timeout(remediation)))
        self.note("began", actor, "", remediation=remediation.name, facts=event)
        answer = self._invoke(actor, lambda: remediation.handler(event, context))
        if answer is None:
            return None
        for outcome in answer.get("outcomes", [answer]):
            if "outcome" in outcome:
                self.stage.tell(f"{actor.name}: ends as {outcome['outcome']} {outcome.get('reason', '')}".rstrip()[:240])
                more = {"remediation": remediation.name, "fix": outcome.get("id", ""), "outcome": outcome["outcome"], "facts": {"event": event, **outcome}}
                self.note("ended", actor, outcome["resource"], **more)
        return answer

    def _begin(self, actor: Actor, timeout: float) -> None:
        actor.turn += 1
        actor.saw.clear()
        actor.faulted = False
        actor.deadline = self.stage.time + timeout

    def _invoke(self, actor: Actor, handle: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any] | None:
        """Let the function run; return its answer, or None if it failed or was ended."""
        try:
            return handle()
        except Killed:
            if self.stage.is_over:
                raise
            self.stage.tell(f"{actor.name}: is gone")
            return None
        except Exception as failure:  # noqa: BLE001 - as Lambda does with whatever a handler raises
            self.stage.tell(f"{actor.name}: fails with {type(failure).__name__}: {failure}"[:240])
            return None
        finally:
            actor.deadline = float("inf")

    # What time does.

    def let_pass(self, seconds: float) -> None:
        """Let time pass in which nobody acts; DynamoDB drops rows whose time is over."""
        self.stage.time += seconds
        self.table.rows = {key: row for key, row in self.table.rows.items() if float(row.get("expires", {"N": "inf"})["N"]) > self.stage.time}

    # Events.

    def event(self, detail_type: str, resource: str, event_id: str, **detail: str) -> dict[str, Any]:
        return {
            "id": event_id,
            "detail-type": detail_type,
            "source": "world",
            "account": ACCOUNT,
            "region": REGION,
            "time": datetime.fromtimestamp(self.stage.time, UTC).isoformat(),
            "detail": {"name": resource, **detail},
        }

    def call_event(self, name: str, resource: str, event_id: str) -> dict[str, Any]:
        """Return the record of a call, as CloudTrail and EventBridge have it."""
        detail = {
            "eventName": name,
            "eventSource": "ec2.amazonaws.com",
            "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/jo"},
            "requestParameters": {"name": resource},
        }
        return {**self.event("AWS API Call via CloudTrail", resource, event_id), "source": "aws.ec2", "detail": detail}

    def tick(self) -> dict[str, Any]:
        return {**self.event("Scheduled Event", "-", f"tick {self.stage.time}"), "source": "aws.scheduler"}

    def exemption(self, resource: str) -> dict[str, Any]:
        until = datetime.fromtimestamp(self.stage.time + 30 * DAY, UTC).date().isoformat()
        return {"exempt": {"resource": resource, "owner": "Jo", "reason": "needed", "until": until}}

    def switch(self, **settings: str) -> Callable[[], object]:
        """Return what deploys the function with other settings."""
        return lambda: os.environ.update(settings)


_TIMEOUT = 60


@dataclass(frozen=True)
class Context:
    """Lambda's context object."""

    function_name: str
    aws_request_id: str
    left: Callable[[], float]

    @property
    def invoked_function_arn(self) -> str:
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        return int(self.left() * 1000)


def _parts(call: ApiCall) -> list[Mapping[str, Any]]:
    if call.operation == "TransactWriteItems":
        return [part for item in call.parameters["TransactItems"] for part in item.values()]
    if call.operation == "BatchGetItem":
        return [{"Key": key} for asked in call.parameters["RequestItems"].values() for key in asked["Keys"]]
    return [call.parameters]


def _key(part: Mapping[str, Any]) -> str:
    return str(part["Key" if "Key" in part else "Item"]["pk"]["S"])
