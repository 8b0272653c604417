"""The engine's own promises, each in the story in which it was once broken."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HTTPHeaders
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from snapback.engine import clients, clock, decisions
from snapback.engine.errors import CommandError
from tests.contract.conftest import Broken, broken_by
from tests.harness.account import FAULTS, Account, ApiCall, Killed
from tests.harness.discovery import FIXERS, Handler
from tests.harness.scheduler import schedules

DAY = 24 * 3600


def _handler(stem: str) -> Handler:
    return next(handler for handler in FIXERS if handler.stem == stem)


@pytest.fixture
def open_group(account: Account, monkeypatch: pytest.MonkeyPatch) -> Broken:
    return broken_by(_handler("revoke_open_ingress"), account, monkeypatch)


@pytest.fixture
def attacker(account: Account, monkeypatch: pytest.MonkeyPatch) -> Broken:
    return broken_by(_handler("block_attacker_ip"), account, monkeypatch)


def always(kind: str, where: Callable[[ApiCall], bool]) -> Callable[[ApiCall, int, Callable[[], Any]], Any]:
    """Return an interference in which every such call goes wrong."""
    return lambda call, _, really: FAULTS[kind](call, really) if where(call) else really()


def is_publish(call: ApiCall) -> bool:
    return call.operation == "Publish"


def is_write(call: ApiCall) -> bool:
    return call.is_write


def _exempt(broken: Broken) -> None:
    wish = {"resource": broken.resource, "owner": "Jo", "reason": "needed", "until": "2099-01-01"}
    until = datetime.fromtimestamp(broken.account.clock.time + 30 * DAY, UTC).date().isoformat()
    broken.account.invoke(broken.remediation, {"exempt": {**wish, "until": until}})


def test_a_dead_letter_that_has_written_nothing_asks_for_exemptions_again(open_group: Broken) -> None:
    account = open_group.account
    with account.interfered(always("throttled", is_write)):
        assert open_group.deliver() == []
    _exempt(open_group)
    assert open_group.deliver() == ["EXEMPT"]
    assert open_group.is_wrong


def test_a_dead_letter_that_has_written_nothing_is_held_while_people_are_told_that_all_is_held(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")
    with open_group.account.interfered(always("throttled", is_write)):
        assert open_group.deliver() == []
    assert open_group.deliver(open_group.event(event_id="another")) == ["HELD"]
    assert open_group.deliver() == ["HELD"]
    assert open_group.is_wrong
    released = open_group.account.invoke(open_group.remediation, {"release": open_group.resource})
    assert [one["outcome"] for one in released["outcomes"]] == ["FIXED"]


def test_a_retry_needs_no_second_place_among_the_fixes_of_the_hour(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")
    monkeypatch.setenv("MAX_FIXES_PER_RESOURCE", "1")
    attempts = iter([True, True])
    with open_group.account.interfered(always("throttled", lambda call: call.is_write and next(attempts, False))):
        assert open_group.deliver() == ["FIXED"]


def test_a_fix_that_was_never_told_is_told_when_its_letter_is_redriven(open_group: Broken) -> None:
    with open_group.account.interfered(always("killed just before", is_publish)):
        assert open_group.deliver() == []
    assert open_group.account.outcomes() == []
    open_group.account.clock.pause(2 * DAY)
    assert open_group.deliver() == ["FIXED"]
    assert open_group.account.outcomes() == ["FIXED"]


def test_what_is_held_is_told_once_the_topic_is_back(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")
    account = open_group.account
    with account.interfered(always("throttled", is_write)):
        open_group.deliver()
    with account.interfered(always("server error", is_publish)):
        assert open_group.deliver(open_group.event(event_id="another")) == []
    assert open_group.deliver(open_group.event(event_id="a third")) == ["HELD"]
    assert account.outcomes() == ["HELD"]


@pytest.mark.parametrize("pause", [600, 3 * DAY], ids=["minutes later", "days later"])
def test_what_is_half_made_can_be_taken_back(open_group: Broken, pause: float) -> None:
    account = open_group.account
    with account.interfered(always("killed just after", is_write)), pytest.raises(Killed):
        account.invoke(open_group.remediation, open_group.event())
    account.clock.pause(pause)
    [row] = [row["pk"]["S"] for row in account.journal() if row["pk"]["S"].startswith("FIX#")]
    assert account.invoke(open_group.remediation, {"undo": row.removeprefix("FIX#")})["outcome"] == "UNDONE"
    assert open_group.state() == open_group.before
    assert account.outcomes() == ["UNDONE"]


def test_what_is_half_made_is_told_in_preview_and_not_gone_on_with(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    account = open_group.account
    with account.interfered(always("killed just after", is_write)), pytest.raises(Killed):
        account.invoke(open_group.remediation, open_group.event())
    monkeypatch.setenv("MODE", "preview")
    account.clock.pause(120)
    account.forget()
    [outcome] = open_group.deliver()
    assert outcome in ("PARTIAL", "FIXED")
    assert account.writes == []
    assert account.alerts()[0]["id"]


def test_an_old_threat_is_told_and_acted_on_only_when_a_person_says_so(attacker: Broken) -> None:
    event = attacker.event()
    attacker.account.clock.pause(2 * DAY)
    assert attacker.deliver(event) == ["HELD"]
    assert attacker.is_wrong
    [alert] = attacker.account.alerts()
    assert "more than a day old" in alert["reason"]
    released = attacker.account.invoke(attacker.remediation, {"release": attacker.resource})
    assert [one["outcome"] for one in released["outcomes"]] == ["FIXED"]


def _tick(broken: Broken) -> list[str]:
    return broken.deliver(schedules.tick(broken.remediation, broken.account.clock.time))


def test_a_tick_of_the_rules_that_there_were_before_the_schedules_does_the_same(attacker: Broken) -> None:
    """One may have waited in the dead-letter queue: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html."""
    attacker.deliver()
    attacker.account.clock.pause(25 * 3600)
    former = {"source": "aws.events", "resources": ["arn:aws:events:us-east-1:111122223333:rule/snapback-BlockAttackerIpHourly-EXAMPLE"]}
    assert attacker.deliver({**schedules.tick(attacker.remediation, attacker.account.clock.time), **former, "version": "0"}) == ["UNDONE"]


def test_the_end_of_a_block_does_not_lift_a_later_one(attacker: Broken) -> None:
    attacker.deliver()
    [first] = attacker.account.alerts()
    undo = attacker.remediation.undo
    assert undo
    undo(attacker.resource, first["before"])  # a person unblocks it
    attacker.account.clock.pause(20 * 3600)
    assert attacker.deliver(attacker.event(event_id="again")) == ["FIXED"]
    attacker.account.clock.pause(5 * 3600)
    assert _tick(attacker) == []
    assert not attacker.is_wrong
    attacker.account.clock.pause(20 * 3600)
    assert _tick(attacker) == ["UNDONE"]


def test_a_block_that_is_longer_than_the_journal_keeps_things_still_ends(attacker: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLOCK_HOURS", "720")
    monkeypatch.setenv("JOURNAL_DAYS", "7")
    attacker.deliver()
    attacker.account.clock.pause(721 * 3600)
    now = attacker.account.clock.time
    attacker.account.table.rows = {key: row for key, row in attacker.account.table.rows.items() if float(row.get("expires", {"N": "inf"})["N"]) > now}
    assert _tick(attacker) == ["UNDONE"]


def test_a_conditional_write_whose_answer_was_lost_is_known_again_when_the_sdk_repeats_it(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")

    def twice(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.own and call.operation in ("UpdateItem", "PutItem"):
            really()
        return really()

    with open_group.account.interfered(always("throttled", is_write)):
        open_group.deliver()
    with open_group.account.interfered(twice):
        assert open_group.deliver(open_group.event(event_id="another")) == ["HELD"]
        _exempt(open_group)
    assert open_group.account.outcomes() == ["HELD", "EXEMPTED"]


def test_an_undo_that_is_refused_grants_no_exemption_and_is_told(open_group: Broken) -> None:
    open_group.deliver()
    [alert] = open_group.account.alerts()
    with open_group.account.interfered(always("denied", is_write)):
        assert open_group.account.invoke(open_group.remediation, {"undo": alert["id"]})["outcome"] == "UNDO_REFUSED"
    assert open_group.account.outcomes() == ["FIXED", "UNDO_REFUSED"]
    assert decisions.exemptions_of(open_group.remediation.problem or open_group.remediation.name) == []


def test_to_end_an_exemption_that_is_not_there_says_so(open_group: Broken) -> None:
    with pytest.raises(CommandError, match="no exemption of its own"):
        open_group.account.invoke(open_group.remediation, {"unexempt": open_group.resource})
    assert open_group.account.outcomes() == []


def test_a_function_that_lives_long_can_be_retried_though_its_lease_has_not_run_out(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = broken_by(_handler("block_attacker_ip"), account, monkeypatch)
    first = iter([True])
    with account.interfered(always("killed just before", lambda call: call.is_write and next(first, False))):
        assert broken.deliver() == ["FIXED"]


def test_a_conflict_at_the_record_is_tried_again_at_once(open_group: Broken) -> None:
    conflict = iter([True])

    def meet(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "TransactWriteItems" and "Update" in call.parameters["TransactItems"][0] and next(conflict, False):
            raise ClientError(
                {"Error": {"Code": "TransactionCanceledException", "Message": ""}, "CancellationReasons": [{"Code": "TransactionConflict"}]},
                call.operation,
            )
        return really()

    with open_group.account.interfered(meet):
        assert open_group.deliver() == ["FIXED"]
    assert open_group.account.outcomes() == ["FIXED"]


def test_a_refused_write_and_one_look_at_an_old_state_is_not_taken_for_right(open_group: Broken) -> None:
    looks = iter(range(100))

    def stale(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.is_write:
            return FAULTS["denied"](call, really)
        if call.operation == "DescribeSecurityGroupRules" and next(looks) == 1:
            return {"SecurityGroupRules": []}
        return really()

    with open_group.account.interfered(stale):
        assert open_group.deliver() == ["FAILED"]


def test_no_call_hangs_for_as_long_as_the_function_lives(open_group: Broken) -> None:
    open_group.deliver()
    for client in clients._clients.values():  # noqa: SLF001 - all that were made
        assert client.meta.config.connect_timeout <= 3
        assert client.meta.config.read_timeout <= 10


@pytest.mark.parametrize(("service", "operation"), [("sts", "get_caller_identity"), ("dynamodb", "describe_limits"), ("sns", "list_topics")])
def test_a_call_that_gets_no_good_answer_is_sent_three_times_in_all(service: Any, operation: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401 - any service
    monkeypatch.delenv("AWS_MAX_ATTEMPTS")  # by which tests send each call once
    monkeypatch.setattr(clients, "_clients", {})
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    sent = []

    def broken_down(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        sent.append(request.url)
        return AWSResponse("https://aws.example/", 503, HTTPHeaders(), SimpleNamespace(stream=list))

    client = clients.platform(service)
    client.meta.events.register_first(f"before-send.{service}.*", broken_down)
    with pytest.raises(ClientError):
        getattr(client, operation)()
    assert len(sent) == 3


def test_no_call_is_sent_for_whose_answer_there_is_no_time(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "left", lambda: 5.0)
    with pytest.raises(clients.OutOfTime):
        open_group.remediation.violation(open_group.resource)
    assert issubclass(clients.OutOfTime, BotoCoreError)
    assert not issubclass(clients.OutOfTime, ReadTimeoutError)


def _rows(broken: Broken, kind: str) -> list[dict[str, Any]]:
    return [row for row in broken.account.journal() if row["pk"]["S"].startswith(f"{kind}#")]


def test_a_block_that_could_not_be_looked_at_again_still_ends(attacker: Broken) -> None:
    looks = iter(range(100))
    with attacker.account.interfered(always("denied", lambda call: call.operation == "GetIPSet" and next(looks) > 1)):
        assert attacker.deliver() == ["UNVERIFIED"]
    assert not attacker.is_wrong
    attacker.account.clock.pause(25 * 3600)
    assert _tick(attacker) == ["UNDONE"]


def test_what_an_attempt_began_is_told_though_the_next_cannot_even_resolve_the_name(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    trail = broken_by(_handler("restart_trail"), account, monkeypatch)
    event = trail.event()
    event["detail"]["requestParameters"]["name"] = "management-events"
    with account.interfered(always("killed just before", is_publish)), pytest.raises(Killed):
        account.invoke(trail.remediation, event)
    account.clock.pause(120)
    with account.interfered(always("denied", lambda call: call.operation == "DescribeTrails")):
        assert account.deliver(trail.remediation, event) == ["UNVERIFIED"]
    assert account.outcomes() == ["UNVERIFIED"]
    assert [row["status"]["S"] for row in _rows(trail, "FIX")] == ["UNVERIFIED"]


def test_further_news_of_a_finding_that_was_fixed_and_cut_off_before_the_alert_is_told_by_its_retry(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = broken_by(_handler("isolate_instance"), account, monkeypatch)
    instance.deliver()
    undo = instance.remediation.undo
    assert undo
    undo(instance.resource, instance.evidence(account.alerts()[0]["id"]))
    news = instance.event(event_id="further news")
    with account.interfered(always("killed just before", is_publish)), pytest.raises(Killed):
        account.invoke(instance.remediation, news)
    account.clock.pause(120)
    assert instance.deliver(news) == ["FIXED"]
    assert account.outcomes() == ["FIXED", "FIXED"]


def test_an_attempt_that_was_cut_off_is_not_gone_on_with_once_people_were_told_that_the_resource_is_contested(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_RESOURCE", "1")
    bucket = broken_by(_handler("block_public_bucket"), account, monkeypatch)
    event, undo = bucket.event(), bucket.remediation.undo
    assert undo
    wrong = bucket.remediation.violation(bucket.resource)
    with account.interfered(always("server error", is_publish)), pytest.raises(ClientError):
        account.invoke(bucket.remediation, event, request="one")
    undo(bucket.resource, wrong)
    account.clock.pause(60)
    assert bucket.deliver(bucket.event(event_id="again")) == ["CONTESTED"]
    account.forget()
    account.clock.pause(60)
    [ended] = account.invoke(bucket.remediation, event, request="one")["outcomes"]
    assert ended["outcome"] == "UNVERIFIED"
    assert account.writes == []
    assert account.outcomes() == ["CONTESTED", "UNVERIFIED"]


def test_a_resource_is_not_contested_because_two_times_fall_into_one_millisecond(open_group: Broken) -> None:
    account, undo = open_group.account, open_group.remediation.undo
    assert undo
    open_group.deliver()
    undo(open_group.resource, open_group.evidence(account.alerts()[-1]["id"]))
    row = account.table.rows[f"RESOURCE#{open_group.remediation.name}#{open_group.resource}"]
    account.clock.time = float(row["released"]["N"]) + 2.0004  # DynamoDB compares milliseconds
    assert open_group.deliver(open_group.event(event_id="another")) == ["FIXED"]


def test_an_undo_that_was_begun_long_ago_does_not_write_over_what_others_did_since(open_group: Broken) -> None:
    account = open_group.account
    open_group.deliver()
    [alert] = account.alerts()
    with account.interfered(always("killed just before", is_write)), pytest.raises(Killed):
        account.invoke(open_group.remediation, {"undo": alert["id"]})
    undo = open_group.remediation.undo
    assert undo
    undo(open_group.resource, open_group.evidence(alert["id"])[:1])  # meanwhile somebody opens one of the ports again
    since = open_group.state()
    account.clock.pause(DAY)
    assert account.invoke(open_group.remediation, {"undo": alert["id"]})["outcome"] == "UNDO_REFUSED"
    assert open_group.state() == since
