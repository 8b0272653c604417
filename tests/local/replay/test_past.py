"""What the engine would have made of an event: its own words, its own claims, and nothing of it guessed."""

import importlib
import json
import os
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from local.replay import history as histories
from local.replay import past as pasts
from local.replay.envelope import Candidate, Unread
from local.replay.history import PEOPLE, PIPELINE, SERVICE, History, Whole
from local.replay.past import Heard, Past
from local.survey.template import environment
from snapback.engine import alerts, clients, clock
from snapback.engine.outcomes import Outcome
from snapback.engine.remediation import Remediation
from tests.harness.cloudtrail.event_history import record
from tests.harness.discovery import ROOT
from tests.local.replay.conftest import JUDGE

ACCOUNT, REGION = "111122223333", "us-east-1"
NOW = 1_790_000_000
DAY = 24 * 3600
HOUR = 3600
WOKEN = ("empty-default-security-group", "revoke-open-ingress")
TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.13.0"


def remediation(name: str) -> Remediation:
    [file] = (ROOT / "functions").glob(f"*/{name.replace('-', '_')}.py")
    found: Remediation = importlib.import_module(f"functions.{file.parent.name}.{file.stem}").remediation
    return found


def opened(group: str, at: float, number: int = 0, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - parts of a record
    permission = {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}
    request = {"groupId": group, "ipPermissions": {"items": [permission]}}
    return record("AuthorizeSecurityGroupIngress", at, number, requestParameters=request, responseElements={"_return": True}, **more)


def group(number: int) -> str:
    return f"sg-{number:017x}"


def candidates(*records: Mapping[str, Any]) -> Iterator[Candidate]:
    for one in records:
        candidate = JUDGE.candidate(one)
        assert candidate, one
        yield candidate


def replayed(tmp_path: Path, *source: Candidate | Unread, **settings: str) -> Whole:
    history = History(tmp_path)
    history.add(source)
    names = {name: remediation(name) for one in source if isinstance(one, Candidate) for name in {rule.remediation for rule in one.rules}}
    history.replay(Past(environment(settings, account=ACCOUNT, partition="aws")), names)
    whole = history.sum_up()
    history.end()
    assert not list(tmp_path.glob("history*")), "what waited is taken away"
    return whole


def test_a_change_is_put_right_at_most_once_and_told_at_most_once(tmp_path: Path) -> None:
    whole = replayed(tmp_path, *candidates(opened(group(1), NOW - DAY)))
    one = whole.figures["revoke-open-ingress"]
    assert (one.called, one.looks, one.resources, one.changes, one.messages, one.dead, one.skipped) == (1, 1, 1, 1, 1, Counter(), Counter())
    assert one.who == [("alice", "the AWS CLI", 1)]


def test_the_breaker_and_the_storm_come_in_as_in_a_deployed_stack(tmp_path: Path) -> None:
    """100 groups within a minute: 5 alerts by themselves, the rest of 20 fixes as a digest, 80 held, of which the first is told at once."""
    records = [opened(group(number), NOW - DAY + number * 0.5, number) for number in range(100)]
    one = replayed(tmp_path, *candidates(*records)).figures["revoke-open-ingress"]
    assert one.ends == {"FIXED": 20, "HELD": 80}
    assert (one.messages, one.digests, one.together) == (5 + 1 + 1, 1, 15 + 79)
    assert [(held.events, round(held.start), round(held.stop)) for held in one.held] == [(80, NOW - DAY + 10, NOW - DAY + 49)]


def test_the_same_resource_again_and_again_is_contested_and_the_pipeline_named(tmp_path: Path) -> None:
    records = [opened(group(1), NOW - DAY + number * 60, number, userAgent=TERRAFORM) for number in range(5)]
    whole = replayed(tmp_path, *candidates(*records))
    assert whole.figures["revoke-open-ingress"].ends == {"FIXED": 3, "CONTESTED": 2}
    [fight] = [one for one in whole.fights if one.remediation == "revoke-open-ingress"]
    assert (fight.resource, fight.who, fight.tool, fight.times, fight.last - fight.first) == (group(1), "alice", "Terraform", 5, 240)


def test_limits_are_those_that_a_deployment_would_have(tmp_path: Path) -> None:
    records = [opened(group(number), NOW - DAY + number, number) for number in range(40)]
    one = replayed(tmp_path, *candidates(*records), MaxFixesPerHour="40", StormAfter="40").figures["revoke-open-ingress"]
    assert (one.ends, one.messages, one.together) == ({"FIXED": 40}, 40, 0)


def test_people_pipelines_and_services_are_told_apart(tmp_path: Path) -> None:
    by_stack: dict[str, Any] = {"userIdentity": {"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"}, "userAgent": "autoscaling.amazonaws.com"}
    records = [opened(group(1), NOW - 3 * DAY), opened(group(2), NOW - 2 * DAY, userAgent=TERRAFORM), opened(group(3), NOW - DAY, **by_stack)]
    one = replayed(tmp_path, *candidates(*records)).figures["revoke-open-ingress"]
    assert one.by_kind == {PIPELINE: 1, SERVICE: 1, PEOPLE: 1}
    assert one.by_tool == {"Terraform": 1, "autoscaling.amazonaws.com": 1, "the AWS CLI": 1}


def test_what_would_be_left_is_left_in_the_engines_own_words(tmp_path: Path) -> None:
    records = [opened(group(1), NOW - DAY, 1, recipientAccountId=ACCOUNT, resources=[{"accountId": "444455556666"}])]
    one = replayed(tmp_path, *candidates(*records)).figures["revoke-open-ingress"]
    assert one.skipped == {("ELSEWHERE", "what was changed belongs to another account"): 1}
    assert (one.looks, one.changes, one.messages) == (0, 0, 0)


def test_what_cannot_be_read_is_a_dead_letter_with_its_reason_and_an_example(tmp_path: Path) -> None:
    broken = {**opened(group(1), NOW - DAY), "requestParameters": None}
    one = replayed(tmp_path, *candidates(broken, opened("sg-x; rm", NOW - DAY, 1))).figures["revoke-open-ingress"]
    assert sum(one.dead.values()) == 2
    assert any("came without its request" in why for why in one.dead)
    assert set(one.examples.values()) <= {broken["eventID"], opened("sg-x; rm", NOW - DAY, 1)["eventID"]}
    assert (one.changes, one.messages) == (0, 0)


def test_which_resource_it_is_that_only_aws_could_say_is_not_guessed(tmp_path: Path) -> None:
    event = json.loads((ROOT / "events/ec2/enable_flow_logs-delete.json").read_text())["detail"]
    one = replayed(tmp_path, *candidates({**event, "eventTime": "2026-01-01T00:00:00Z"})).figures["enable-flow-logs"]
    assert (one.unnamed, one.looks, one.dead) == (1, 0, Counter())


def test_reports_tell_what_they_would_have_told(tmp_path: Path) -> None:
    root: dict[str, Any] = {"userIdentity": {"type": "Root", "accountId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root"}}
    failed = [
        record("ConsoleLogin", NOW - DAY + number * 30, number, source="signin", eventType="AwsConsoleSignIn", responseElements={"ConsoleLogin": "Failure"})
        for number in range(12)
    ]
    whole = replayed(tmp_path, *candidates(record("CreateUser", NOW - DAY, source="iam", **root), *failed))
    assert (whole.figures["report-root-activity"].told, whole.figures["report-root-activity"].messages) == (1, 1)
    logins = whole.figures["report-failed-logins"]
    assert (logins.called, logins.told, logins.messages) == (12, 1, 1), "one burst"


def test_an_event_that_comes_twice_counts_once(tmp_path: Path) -> None:
    whole = replayed(tmp_path, *candidates(opened(group(1), NOW - DAY), opened(group(1), NOW - DAY), opened(group(2), NOW - DAY, 1)))
    assert (whole.candidates, whole.again, whole.figures["revoke-open-ingress"].called) == (2, 1, 2)


def test_of_events_without_an_id_the_whole_says_which_came_twice_and_an_id_counts_in_its_account_alone(tmp_path: Path) -> None:
    records = [opened(group(1), NOW - DAY, eventID=""), opened(group(1), NOW - DAY, eventID=""), opened(group(2), NOW - DAY, eventID="")]
    by_id = [opened(group(1), NOW - DAY), opened(group(1), NOW - DAY, awsRegion="eu-central-1"), opened(group(1), NOW - DAY, recipientAccountId="444455556666")]
    whole = replayed(tmp_path, *candidates(*records, *by_id))
    assert (whole.candidates, whole.again) == (4, 2)


def test_what_ends_it_loses_nothing_that_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def ended() -> Iterator[Candidate]:
        yield from candidates(*(opened(group(number), NOW - DAY, number) for number in range(3)))
        raise KeyboardInterrupt

    past, heard = Past(environment({}, account=ACCOUNT, partition="aws")), list[str]()

    def hear(of: Remediation, event: Mapping[str, Any], at: float) -> Heard:
        if len(heard) == 2:
            raise KeyboardInterrupt
        heard.append(event["id"])
        return Past.hear(past, of, event, at)

    monkeypatch.setattr(past, "hear", hear)
    history = History(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        history.add(ended())
    assert history.whole.candidates == 3
    revoke = remediation("revoke-open-ingress")
    with pytest.raises(KeyboardInterrupt):
        history.replay(past, dict.fromkeys(WOKEN, revoke))
    assert sum(one.resources for one in history.sum_up().figures.values()) == 2
    history.end()


def test_two_replays_in_one_directory_leave_each_other_alone(tmp_path: Path) -> None:
    one = History(tmp_path)
    one.add(candidates(opened(group(1), NOW - DAY)))
    other = History(tmp_path)
    other.end()
    one.replay(Past(environment({}, account=ACCOUNT, partition="aws")), {name: remediation(name) for name in WOKEN})
    assert one.sum_up().accounts == {(ACCOUNT, REGION): 1}
    one.end()


def test_all_that_is_written_into_the_journal_is_paid_for() -> None:
    cost = histories.Figures(called=1).cost
    for end in ("FIXED", "HELD", "CONTESTED", "REPORTED"):
        assert histories.Figures(called=1, ends=Counter({end: 1})).cost > cost


def test_the_order_in_which_a_source_gives_them_does_not_matter(tmp_path: Path) -> None:
    records = [opened(group(number % 7), NOW - DAY + number * 100, number) for number in range(60)]
    forwards, backwards = (replayed(tmp_path, *candidates(*several)) for several in (records, reversed(records)))
    assert forwards == backwards
    assert len(forwards.figures["revoke-open-ingress"].ends) > 1


def test_each_account_and_region_is_by_itself(tmp_path: Path) -> None:
    elsewhere = {"recipientAccountId": "444455556666"}
    records = [
        opened(group(number), NOW - DAY, number, awsRegion=region, **more)
        for number, (region, more) in enumerate([(REGION, {}), ("eu-central-1", {}), (REGION, elsewhere)] * 20)
    ]
    whole = replayed(tmp_path, *candidates(*records))
    assert whole.figures["revoke-open-ingress"].ends == {"FIXED": 60}
    assert len(whole.accounts) == 3


def test_what_a_source_could_not_read_stands_there(tmp_path: Path) -> None:
    assert replayed(tmp_path, Unread("a.json.gz", "it is cut off")).unread == [Unread("a.json.gz", "it is cut off")]


def test_the_engine_is_back_in_the_present_afterwards(tmp_path: Path) -> None:
    before = (clients._clients, clients._session, clock.now, clock.pause, alerts.notify, dict(os.environ))  # noqa: SLF001 - what it puts others in the place of
    replayed(tmp_path, *candidates(opened(group(1), NOW - DAY)))
    assert before == (clients._clients, clients._session, clock.now, clock.pause, alerts.notify, dict(os.environ))  # noqa: SLF001 - the same


def test_nothing_is_asked_of_aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.Endpoint.make_request", lambda *_, **__: pytest.fail("AWS was asked"))
    for file in sorted((ROOT / "events" / "ec2").glob("*.json")):
        event = json.loads(file.read_text())
        if "via CloudTrail" in event["detail-type"] and (candidate := JUDGE.candidate({**event["detail"], "eventTime": "2026-01-01T00:00:00Z"})):
            replayed(tmp_path, candidate)


def test_what_the_past_remembers_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pasts, "_TIDIED_EVERY", 30)
    revoke, where = remediation("revoke-open-ingress"), Past(environment({"MaxFixesPerHour": "100"}, account=ACCOUNT, partition="aws"))
    where.begin(ACCOUNT, REGION)
    [candidate] = candidates(opened(group(1), NOW))
    with where.here():
        for number in range(300):
            detail = {**candidate.event["detail"], "requestParameters": {"groupId": group(number)}}
            heard = where.hear(revoke, {**candidate.event, "id": f"event {number}", "detail": detail}, NOW + number * 300)
            assert heard.ends == [Outcome.FIXED]
    assert len(where._table.rows) < 60  # noqa: SLF001 - its size


def test_memory_does_not_grow_with_the_number_of_candidates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(histories, "_AT_ONCE", 50)
    [one] = candidates(opened(group(1), NOW - DAY))
    history = History(tmp_path)
    tracemalloc.start()
    history.add(one._replace(event={**one.event, "id": str(number)}) for number in range(1_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    history.end()
    assert peak < 700_000, "each takes 1 KB"


def test_a_report_tells_without_what_aws_would_have_said_besides(tmp_path: Path) -> None:
    [one] = candidates(record("LeaveOrganization", NOW - DAY, source="organizations", errorCode="AccessDenied"))
    figures = replayed(tmp_path, one).figures["report-attack-steps"]
    assert (figures.told, figures.messages, figures.unnamed, figures.dead) == (1, 1, 0, Counter())
