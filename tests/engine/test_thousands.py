"""A pipeline makes thousands at once: the clock's quota is met, nothing is lost, and people get a handful of messages.

The Scheduler takes 250 new schedules a second in its smaller regions, and refuses the rest of that second
(https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html). Lambda gives what failed again after one minute and after two more
(https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html).
"""

import heapq
import io
import itertools
import json
import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import botocore.client
import pytest
from botocore.exceptions import ClientError

from functions.snapback import send_digest
from local.journal_table import JournalTable
from snapback.engine import clock
from tests.conftest import SETTINGS
from tests.harness.account import error
from tests.harness.scenario import ACCOUNT, REGION
from tests.simulation.remediations import close_new_doors

MANY = 1200
A_SECOND = 250
"""New schedules that the Scheduler takes in a second."""
ATTEMPTS = (60.0, 120.0)
"""Seconds until Lambda tries again what has failed."""
BEGINNING = 1_800_000_000.0

DEPLOYED = {
    "MAX_FIXES_PER_HOUR": "20",
    "STORM_AFTER": "5",
    "CLOCK": "clock clock-role dead-letters",
    "SETTLE_MINUTES": "10",
    "WARN_MINUTES": "0",
    "DISRUPTIVE_WARN_MINUTES": "0",
    "POWERTOOLS_METRICS_DISABLED": "true",
}


@dataclass
class Region:
    """What Snapback meets: groups with open doors, the clock, the journal, the topic; all in the order of time."""

    time: float = BEGINNING
    open: set[str] = field(default_factory=set)
    table: JournalTable = field(default_factory=lambda: JournalTable("journal"))
    coming: list[tuple[float, int, Mapping[str, Any], int]] = field(default_factory=list)
    """Invocations: when, a number, the event, and how many attempts have failed."""
    scheduled: Counter[int] = field(default_factory=Counter)
    """Second -> new schedules that were taken in it."""
    refused: int = 0
    windows: list[float] = field(default_factory=list)
    dead_letters: list[Mapping[str, Any]] = field(default_factory=list)
    outcomes: list[tuple[str, str]] = field(default_factory=list)
    told: list[Mapping[str, Any]] = field(default_factory=list)
    queue: list[str] = field(default_factory=list)
    _number: Iterator[int] = field(default_factory=lambda: itertools.count())  # noqa: PLW0108 - mypy takes the class for no function

    def invoke(self, event: Mapping[str, Any], *, at: float, failed: int = 0) -> None:
        heapq.heappush(self.coming, (at, next(self._number), event, failed))

    def go_on(self) -> None:
        """Let all that comes come."""
        while self.coming:
            at, number, event, failed = heapq.heappop(self.coming)
            self.time = max(self.time, at)
            try:
                answer = close_new_doors.remediation.handler(event, _Context(f"request {number}"))
            except ClientError:
                if failed < len(ATTEMPTS):
                    self.invoke(event, at=self.time + ATTEMPTS[failed], failed=failed + 1)
                else:
                    self.dead_letters.append(event)
                continue
            self.outcomes += [(one["resource"], one["outcome"]) for one in answer["outcomes"]]

    def answer(self, client: Any, operation: str, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any client, any answer
        if client.meta.service_model.service_name == "dynamodb":
            return self.table.answer(operation, parameters)
        return {
            "CreateSchedule": self._schedule,
            "Publish": self._publish,
            "SendMessage": self._put_off,
            "DescribeSecurityGroupRules": self._describe,
            "RevokeSecurityGroupIngress": self._revoke,
        }[operation](parameters)

    def _schedule(self, given: Mapping[str, Any]) -> dict[str, str]:
        second = int(self.time)
        if self.scheduled[second] >= A_SECOND:
            self.refused += 1
            raise error("ThrottlingException", 429, "CreateSchedule")
        self.scheduled[second] += 1
        due = datetime.strptime(given["ScheduleExpression"], "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC).timestamp()
        window = given["FlexibleTimeWindow"].get("MaximumWindowInMinutes", 0) * 60
        at = due + window * (self.scheduled.total() % 100) / 100
        self.windows.append(at)
        self.invoke(json.loads(given["Target"]["Input"]), at=at)
        return {"ScheduleArn": "arn"}

    def _publish(self, given: Mapping[str, Any]) -> dict[str, str]:
        self.told.append(json.loads(json.loads(given["Message"])["default"]))
        return {"MessageId": "1"}

    def _put_off(self, given: Mapping[str, Any]) -> dict[str, str]:
        self.queue.append(given["MessageBody"])
        return {"MessageId": "1"}

    def _revoke(self, given: Mapping[str, Any]) -> dict[str, str]:
        self.open.discard(given["GroupId"])
        return {}

    def _describe(self, given: Mapping[str, Any]) -> dict[str, Any]:
        [group] = given["Filters"][0]["Values"]
        return {"SecurityGroupRules": [{"SecurityGroupRuleId": "door"}] if group in self.open else []}

    def digest(self) -> None:
        """Give all that waits to the function that tells it together."""
        records = [{"messageId": str(number), "body": body} for number, body in enumerate(self.queue)]
        assert send_digest.handler({"Records": records}, None) == {"batchItemFailures": []}
        self.queue.clear()


@dataclass(frozen=True)
class _Context:
    aws_request_id: str
    function_name: str = "snapback-close-new-doors"
    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:snapback-close-new-doors"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@pytest.fixture
def region(monkeypatch: pytest.MonkeyPatch) -> Iterator[Region]:
    found = Region()
    for name, value in {**SETTINGS, **DEPLOYED}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(clock, "now", lambda: found.time)
    monkeypatch.setattr(clock, "pause", lambda _: None)
    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", lambda *call: found.answer(*call))  # noqa: PLW0108 - a method of the client's
    level = logging.getLogger("snapback").level
    logging.getLogger("snapback").setLevel(logging.CRITICAL)
    with redirect_stdout(io.StringIO()):
        yield found
    logging.getLogger("snapback").setLevel(level)


def make(region: Region, *, a_second: int) -> list[str]:
    """Let a pipeline make many groups, each open to the world."""
    groups = [f"sg-{number:08x}" for number in range(MANY)]
    region.open = set(groups)
    for number, group in enumerate(groups):
        at = BEGINNING + number / a_second
        detail = {
            "eventName": "CreateDoors",
            "eventSource": "ec2.amazonaws.com",
            "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/terraform"},
            "requestParameters": {"name": group},
        }
        event = {
            "id": f"the making of {group}",
            "detail-type": "AWS API Call via CloudTrail",
            "source": "aws.ec2",
            "account": ACCOUNT,
            "region": REGION,
            "time": datetime.fromtimestamp(at, UTC).isoformat(),
            "detail": detail,
        }
        region.invoke(event, at=at)
    return groups


def heard_of(region: Region) -> set[str]:
    """Return the groups that people were told of, by name or in a digest."""
    rows = [row for key, row in region.table.rows.items() if key.startswith("ALERT#")]
    together = {json.loads(row["alert"]["S"])["resource"]["name"] for row in rows}
    return together | {alert["resource"]["name"] for alert in region.told}


def test_all_of_what_is_made_at_once_is_looked_at_and_told_in_a_handful_of_messages(region: Region) -> None:
    groups = make(region, a_second=2 * A_SECOND)
    region.go_on()
    region.digest()
    assert region.refused, "the quota was met"
    assert region.dead_letters == []
    last = dict(region.outcomes)
    assert set(last) == set(groups)
    assert Counter(last.values()) == {"FIXED": 20, "HELD": MANY - 20}
    assert {group for group, outcome in last.items() if outcome == "FIXED"} == set(groups) - region.open
    assert heard_of(region) >= set(groups)
    assert len(region.told) <= 10, Counter(alert["outcome"] for alert in region.told)
    assert max(Counter(map(int, region.windows)).values()) <= MANY / 50, "they do not all run in one second"


def test_what_the_clock_takes_at_no_attempt_is_a_dead_letter_and_done_once_that_is_given_again(region: Region) -> None:
    groups = make(region, a_second=MANY)
    region.open = set(groups[:10])  # its maker has put the others right
    region.go_on()
    assert len(region.dead_letters) == MANY - 3 * A_SECOND
    while region.dead_letters:
        letters, region.dead_letters = region.dead_letters, []
        for number, letter in enumerate(letters):
            region.invoke(letter, at=region.time + 3600 + number / A_SECOND)
        region.go_on()
    assert set(dict(region.outcomes)) == set(groups)
    assert Counter(dict(region.outcomes).values()) == {"FIXED": 10, "ALREADY_OK": MANY - 10}
    assert not region.open
