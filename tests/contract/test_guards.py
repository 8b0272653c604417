"""Each guard of the engine, in the shortest story that needs it (tests/mutants takes them away, one at a time)."""

import contextlib
import dataclasses
import itertools
import json
import random
import shlex
import time
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from snapback.engine import clock, counts, decisions, fixes, journal, names, notices
from snapback.engine.errors import CommandError, EvidenceTooLarge, ResourceBusy, SeveralFailed, UnreadableEvent
from snapback.engine.fixes import Evidence, Fix
from snapback.engine.journal import Standing
from snapback.engine.outcomes import Outcome
from tests.contract.conftest import Broken, broken_by
from tests.harness.account import FAULTS, Account, ApiCall, Context, Interference, Killed, error, operations
from tests.harness.discovery import FIXERS, Handler
from tests.harness.scheduler import schedules

HOUR, DAY = 3600, 24 * 3600


def _broken(stem: str, account: Account, monkeypatch: pytest.MonkeyPatch) -> Broken:
    return broken_by(next(handler for handler in FIXERS if handler.stem == stem), account, monkeypatch)


@pytest.fixture
def group(account: Account, monkeypatch: pytest.MonkeyPatch) -> Broken:
    return _broken("revoke_open_ingress", account, monkeypatch)


@pytest.fixture
def trail(account: Account, monkeypatch: pytest.MonkeyPatch) -> Broken:
    return _broken("restart_trail", account, monkeypatch)


@pytest.fixture
def instance(account: Account, monkeypatch: pytest.MonkeyPatch) -> Broken:
    return _broken("isolate_instance", account, monkeypatch)


def preview_all(monkeypatch: pytest.MonkeyPatch) -> None:
    for mode in ("MODE", "DISRUPTIVE_MODE"):
        monkeypatch.setenv(mode, "preview")


def is_write(call: ApiCall) -> bool:
    return call.is_write


def is_publish(call: ApiCall) -> bool:
    return call.operation == "Publish"


def is_transaction(call: ApiCall) -> bool:
    return call.operation == "TransactWriteItems"


def is_record(call: ApiCall) -> bool:
    return is_transaction(call) and "Update" in call.parameters["TransactItems"][0]


def is_claim(call: ApiCall) -> bool:
    return is_transaction(call) and "Put" in call.parameters["TransactItems"][0]


def always(kind: str, where: Callable[[ApiCall], bool]) -> Interference:
    return lambda call, _, really: FAULTS[kind](call, really) if where(call) else really()


def once(kind: str, where: Callable[[ApiCall], bool]) -> Interference:
    """Let the first such call go wrong."""
    first = iter([kind])
    return lambda call, _, really: FAULTS[kind](call, really) if where(call) and next(first, None) else really()


def before(where: Callable[[ApiCall], bool], act: Callable[[], object], *, nth: int = 0) -> Interference:
    """Let something happen just before the first such call, or the nth after it."""
    numbers = iter(range(1000))

    def interfere(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if where(call) and next(numbers) == nth:
            act()
        return really()

    return interfere


def held_at_the_next(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have it put right and broken again, with no further fix left for this hour."""
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")
    group.deliver()
    group.break_again()
    group.account.clock.pause(60)


def try_once(broken: Broken, event: object) -> None:
    """Invoke it for the event, whatever comes of it."""
    with contextlib.suppress(ClientError, BotoCoreError, ResourceBusy, Killed):
        broken.account.invoke(broken.remediation, event)


def outcome_of(broken: Broken, event: object, *, request: str = "") -> str:
    [ended] = broken.account.invoke(broken.remediation, event, request=request)["outcomes"]
    return str(ended["outcome"])


def statuses(broken: Broken) -> list[str]:
    return [row["status"]["S"] for row in broken.account.journal() if row["pk"]["S"].startswith("FIX#")]


def exempt(broken: Broken, resource: str = "") -> None:
    wish = {"resource": resource or broken.resource, "owner": "Jo", "reason": "needed", "until": "2026-12-31"}
    broken.account.invoke(broken.remediation, {"exempt": wish})


def in_force(broken: Broken) -> list[str]:
    return [one.resource for one in decisions.exemptions_of(broken.remediation.problem or broken.remediation.name)]


# The claim.


def test_an_event_that_was_handled_is_not_handled_again_though_the_problem_is_back(group: Broken) -> None:
    group.deliver()
    group.break_again()
    group.account.clock.pause(60)
    assert group.deliver() == ["HANDLED"]
    assert group.is_wrong


def test_an_exemption_that_is_granted_while_others_are_read_still_holds(group: Broken) -> None:
    exempt(group, "sg-another*")
    with group.account.interfered(before(is_claim, lambda: exempt(group), nth=1)):
        assert group.deliver() == ["EXEMPT"]
    assert group.is_wrong


def test_the_hour_of_the_breaker_is_a_whole_one(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")
    group.deliver()
    group.break_again()
    group.account.clock.pause(HOUR - 60)
    assert group.deliver(group.event(event_id="another")) == ["HELD"]


def test_a_resource_is_contested_for_a_whole_hour_and_no_longer(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_RESOURCE", "1")
    group.deliver()
    group.break_again()
    group.account.clock.pause(HOUR - 60)
    assert group.deliver(group.event(event_id="another")) == ["CONTESTED"]
    group.account.clock.pause(61)
    assert group.deliver(group.event(event_id="a third")) == ["FIXED"]


def test_a_storm_lasts_for_ten_minutes(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORM_AFTER", "1")
    group.account.make_storm_queue()
    group.deliver()
    group.break_again()
    group.account.clock.pause(590)
    assert group.deliver(group.event(event_id="another")) == ["FIXED"]
    assert group.account.outcomes() == ["FIXED"]
    group.break_again()
    group.account.clock.pause(601)
    assert group.deliver(group.event(event_id="a third")) == ["FIXED"]
    assert group.account.outcomes() == ["FIXED", "FIXED"]


def test_what_is_fixed_for_the_canary_is_told_alone_in_a_storm_too_or_it_would_call_snapback_deaf(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORM_AFTER", "1")
    group.account.make_storm_queue()
    group.deliver()
    opening: Any = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": names.CANARY}]}
    boto3.client("ec2").authorize_security_group_ingress(GroupId=group.resource, IpPermissions=[opening])
    assert group.deliver(group.event(event_id="another")) == ["FIXED"]
    assert group.account.outcomes() == ["FIXED", "FIXED"]


def test_the_same_request_at_the_same_moment_is_a_second_delivery_and_no_retry(group: Broken) -> None:
    event = group.event()

    def second() -> None:
        with pytest.raises(ResourceBusy):
            group.account.invoke(group.remediation, event, request="one")

    with group.account.interfered(before(is_write, second)):
        assert outcome_of(group, event, request="one") == "FIXED"
    assert group.account.outcomes() == ["FIXED"]


def test_a_look_that_may_be_older_than_the_last_fix_is_taken_again(account: Account) -> None:
    def claimed(number: int, looked_at: float) -> Standing:
        fix = Fix(f"sb-{number}", "a-remediation", "a resource", f"event {number}", f"request {number}", evidence=[{"Wrong": True}])
        standing = journal.claim(fix, looked_at=looked_at, lease=60).standing
        if standing is Standing.CLAIMED:
            journal.record(fix, Outcome.FIXED)
        return standing

    assert claimed(1, account.clock.time) is Standing.CLAIMED
    assert claimed(2, account.clock.time + 1) is Standing.BUSY, "as long as clocks may differ"
    assert claimed(3, account.clock.time + 3) is Standing.CLAIMED


def test_a_fix_that_came_between_and_was_told_is_not_told_again(group: Broken) -> None:
    first = group.event()
    with group.account.interfered(always("killed just before", is_write)):
        try_once(group, first)
    group.account.clock.pause(120)
    assert group.deliver(group.event(event_id="another")) == ["FIXED"]
    group.account.clock.pause(120)
    assert outcome_of(group, first) == "ALREADY_OK"
    assert group.account.outcomes() == ["FIXED"]


def test_a_fix_that_came_between_and_was_of_something_else_hides_nothing(group: Broken) -> None:
    first = group.event()
    with group.account.interfered(always("killed just before", is_publish)):
        try_once(group, first)
    boto3.client("ec2").authorize_security_group_ingress(GroupId=group.resource, IpProtocol="tcp", FromPort=3389, ToPort=3389, CidrIp="0.0.0.0/0")
    group.account.clock.pause(120)
    assert group.deliver(group.event(event_id="another")) == ["FIXED"]
    group.account.clock.pause(120)
    assert outcome_of(group, first) == "FIXED"
    assert group.account.outcomes() == ["FIXED", "FIXED"]


def test_a_fix_that_came_between_and_was_never_told_hides_nothing(group: Broken) -> None:
    first, other = group.event(), group.event(event_id="another")
    with group.account.interfered(always("killed just before", is_write)):
        try_once(group, first)
    group.account.clock.pause(120)
    with group.account.interfered(always("killed just before", is_publish)):
        try_once(group, other)
    group.account.clock.pause(120)
    assert outcome_of(group, first) == "FIXED"


def test_a_resource_is_free_for_the_next_event_as_soon_as_the_last_is_recorded(group: Broken) -> None:
    group.deliver()
    group.break_again()
    group.account.clock.pause(5)
    assert outcome_of(group, group.event(event_id="another")) == "FIXED"


def test_a_resource_is_free_for_the_next_event_as_soon_as_work_on_it_has_failed(group: Broken) -> None:
    with group.account.interfered(always("throttled", is_write)):
        try_once(group, group.event())
    group.account.clock.pause(5)
    assert outcome_of(group, group.event(event_id="another")) == "FIXED"


def test_a_resource_is_free_for_the_next_event_as_soon_as_a_fix_is_taken_back(group: Broken) -> None:
    group.deliver()
    group.account.invoke(group.remediation, {"undo": group.account.alerts()[0]["id"]})
    group.account.invoke(group.remediation, {"unexempt": group.resource})
    group.account.clock.pause(5)
    assert outcome_of(group, group.event(event_id="another")) == "FIXED"


def test_a_claim_that_is_refused_at_its_second_attempt_stays_nowhere(group: Broken) -> None:
    with group.account.interfered(always("throttled", is_write)):
        group.deliver()
    exempt(group)
    assert group.deliver() == ["EXEMPT"]
    assert statuses(group) == []


def test_a_dead_letter_that_has_written_nothing_is_contested_once_people_were_told_so(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_RESOURCE", "1")
    with group.account.interfered(always("throttled", is_write)):
        group.deliver()
    assert group.deliver(group.event(event_id="another")) == ["CONTESTED"]
    assert group.deliver() == ["CONTESTED"]
    assert group.is_wrong


def test_a_letter_that_is_redriven_after_two_hours_needs_a_place_among_the_fixes_of_this_one(trail: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")
    first = trail.event()
    with trail.account.interfered(always("throttled", is_write)):
        trail.deliver(first)
    trail.account.clock.pause(2 * HOUR)
    assert trail.deliver(trail.event(event_id="another")) == ["FIXED"]
    trail.break_again()
    trail.account.clock.pause(60)
    assert trail.deliver(first) == ["HELD"]


def test_work_by_which_nobody_goes_on_ends_as_a_dead_letter(group: Broken) -> None:
    key = f"RESOURCE#{group.remediation.name}#{group.resource}"
    group.account.table.rows[key] = {"pk": {"S": key}, "lease": {"N": str(group.account.clock.time + DAY)}}
    assert group.deliver() == []
    [(_, reason)] = group.account.dead_letters
    assert reason.startswith("ResourceBusy")
    assert group.account.writes == []


def test_what_there_is_too_little_time_for_is_not_begun(group: Broken) -> None:
    with pytest.raises(ResourceBusy, match="too little time"):
        group.remediation.handler(group.event(), Context("snapback-revoke-open-ingress", "one", seconds_left=11))
    assert (group.account.writes, statuses(group)) == ([], [])


def test_no_two_wait_for_exactly_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    random.seed(1)
    for _ in range(10):
        clock.pause(10)
    assert len(set(waited)) == 10
    assert all(8 <= wait <= 12 for wait in waited)


def test_one_resource_that_fails_keeps_no_other_from_its_turn(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    key = _broken("deactivate_exposed_key", account, monkeypatch)
    iam = boto3.client("iam")
    [other] = [one["AccessKeyId"] for one in iam.list_access_keys(UserName="alice")["AccessKeyMetadata"] if one["AccessKeyId"] != key.resource]
    event = key.event()
    event["detail"]["affectedEntities"] = [{"entityValue": one} for one in (key.resource, other)]
    with account.interfered(always("throttled", lambda call: call.is_write and call.parameters["AccessKeyId"] == key.resource)):
        assert key.deliver(event) == []
    assert not key.remediation.violation(other)
    assert account.dead_letters[0][1].startswith("SeveralFailed: 1 of 2")


def test_a_change_that_is_so_young_that_a_look_may_miss_it_is_looked_for_again(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    key = _broken("deactivate_exposed_key", account, monkeypatch)
    first = iter([True])

    def stale(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        answer = really()
        if call.operation == "ListAccessKeys" and next(first, None):
            return {**answer, "AccessKeyMetadata": [{**one, "Status": "Inactive"} for one in answer["AccessKeyMetadata"]]}
        return answer

    with account.interfered(stale):
        assert key.deliver() == ["FIXED"]


# What was begun.


def test_what_is_half_made_is_left_as_it_is_once_the_resource_is_exempt(instance: Broken) -> None:
    event = instance.event()
    with instance.account.interfered(once("killed just after", is_write)):
        try_once(instance, event)
    exempt(instance)
    instance.account.clock.pause(120)
    instance.account.forget()
    assert outcome_of(instance, event) == "PARTIAL"
    assert instance.account.writes == []
    assert "exempt until" in instance.account.alerts()[-1]["reason"]


def deliver_while_somebody_else_starts_it(trail: Broken) -> list[str]:
    """Deliver the event while AWS refuses our write, and somebody else makes it at that moment."""

    def meanwhile(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if not call.is_write:
            return really()
        boto3.client("cloudtrail").start_logging(Name=trail.resource)
        raise error("AccessDeniedException", 403, call.operation)

    with trail.account.interfered(meanwhile):
        return trail.deliver()


def test_what_somebody_else_put_right_while_our_call_was_refused_is_not_told_as_our_fix(trail: Broken) -> None:
    assert deliver_while_somebody_else_starts_it(trail) == ["ALREADY_OK"]
    assert trail.account.outcomes() == []


@pytest.mark.parametrize("own", ["timed out before it took effect", "killed just after"])
def test_what_an_earlier_attempt_put_right_is_told_as_ours_though_the_rest_was_somebody_elses(group: Broken, own: str) -> None:
    def one_by_one(name: str, rules: Evidence) -> None:
        for rule in rules:
            group.remediation.fix(name, [rule])

    patient = dataclasses.replace(group.remediation, fix=one_by_one)
    sent = itertools.count()

    def meddle(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if not call.is_write:
            return really()
        match next(sent):
            case 0 if own == "killed just after":
                return FAULTS[own](call, really)
            case 0:
                return really()
            case 1 if own != "killed just after":
                raise error("RequestLimitExceeded", 503, call.operation)
        boto3.client("ec2").revoke_security_group_ingress(GroupId=group.resource, SecurityGroupRuleIds=call.parameters["SecurityGroupRuleIds"])
        raise error("UnauthorizedOperation", 403, call.operation)

    assert len(group.remediation.violation(group.resource)) == len(["SSH", "RDP"])
    with group.account.interfered(meddle):
        assert group.account.deliver(patient, group.event()) == ["FIXED"]
    [alert] = group.account.alerts()
    assert "a part of it was put right by somebody else" in alert["reason"]
    assert group.account.invoke(group.remediation, {"undo": alert["id"]})["outcome"] == "UNDONE"


@pytest.mark.parametrize(("reason", "times"), [("ThrottlingError", 1), ("TransactionConflict", 5)])
def test_what_ends_by_itself_ends_though_its_record_was_given_up_at_first(account: Account, monkeypatch: pytest.MonkeyPatch, reason: str, times: int) -> None:
    attacker, left = _broken("block_attacker_ip", account, monkeypatch), itertools.count()

    def cancel(call: ApiCall, _: int, really: Callable[[], object]) -> object:
        items = call.parameters.get("TransactItems", [])
        if not any("EXPIRY#" in json.dumps(item) for item in items) or next(left) >= times:
            return really()
        reasons = [{"Code": reason if "EXPIRY#" in json.dumps(item) else "None"} for item in items]
        said = {"Error": {"Code": "TransactionCanceledException", "Message": "-"}, "CancellationReasons": reasons}
        raise ClientError(said, call.operation)  # type: ignore[arg-type]  # as botocore gives it

    with account.interfered(cancel):
        attacker.deliver()
    assert account.outcomes() == ["FIXED"]
    account.clock.pause(10 * clock.DAY)
    assert account.deliver(attacker.remediation, schedules.tick(attacker.remediation, account.clock.time)) == ["UNDONE"]


def test_what_is_held_in_preview_is_told_as_what_was_shown(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    preview_all(monkeypatch)
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")
    group.deliver()
    boto3.client("ec2").authorize_security_group_ingress(GroupId=group.resource, IpProtocol="tcp", FromPort=22, ToPort=23, CidrIp="0.0.0.0/0")
    assert group.deliver(group.event(event_id="another")) == ["HELD"]
    assert "has shown 1 problems within an hour" in group.account.alerts()[-1]["reason"]


def test_a_record_whose_answer_fails_is_sent_again_at_once(group: Broken) -> None:
    with group.account.interfered(once("server error", is_record)):
        assert outcome_of(group, group.event()) == "FIXED"
    assert (group.account.outcomes(), statuses(group)) == (["FIXED"], ["FIXED"])


@pytest.mark.parametrize("at", range(3))
def test_a_preview_that_is_delivered_twice_at_once_is_told_once(group: Broken, at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    preview_all(monkeypatch)
    with group.account.interfered(before(lambda call: call.own, lambda: try_once(group, group.event(event_id="another")), nth=at)):
        try_once(group, group.event())
    assert group.account.outcomes() == ["WOULD_FIX"]


@pytest.mark.parametrize("at", range(3))
def test_a_report_that_is_delivered_twice_at_once_is_told_once(account: Account, at: int) -> None:
    handler = Handler("guardduty", "report_finding")
    event = handler.samples["report_finding"]

    def second() -> None:
        with contextlib.suppress(ResourceBusy):
            account.invoke(handler.remediation, event)

    with account.interfered(before(lambda call: call.own, second, nth=at)):
        second()
    assert account.outcomes() == ["REPORTED"]


# What is told.


def test_what_is_held_is_told_once_by_two_that_find_it_so_at_once(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    held_at_the_next(group, monkeypatch)
    with group.account.interfered(before(is_publish, lambda: try_once(group, group.event(event_id="a third")))):
        try_once(group, group.event(event_id="another"))
    assert group.account.outcomes() == ["FIXED", "HELD"]


def test_what_could_not_be_told_is_told_by_whoever_comes_next(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    held_at_the_next(group, monkeypatch)
    with group.account.interfered(always("server error", is_publish)):
        try_once(group, group.event(event_id="another"))
    group.account.clock.pause(1)
    assert outcome_of(group, group.event(event_id="a third")) == "HELD"
    assert group.account.outcomes() == ["FIXED", "HELD"]


def test_of_what_is_held_no_more_stands_in_one_row_than_that_can_hold(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "_MOST_HELD", 2)
    for number in range(5):
        account.clock.pause(1)
        notices.first_notice("a-remediation#HELD", f"request {number}", f"resource {number}")
    assert notices.held("a-remediation") == ["resource 0", "resource 1"]
    assert all(notices.is_held("a-remediation", f"resource {number}") for number in range(5)), "the others have rows of their own"


def test_a_silence_is_of_what_is_told_besides_a_fix_too(instance: Broken) -> None:
    [event] = [event for sample in instance.handler.samples if (event := instance.event(sample))["detail-type"] == "GuardDuty Finding"][:1]
    exempt(instance)
    wish = {"finding": event["detail"]["type"], "owner": "Jo", "reason": "known", "until": "2026-12-31"}
    instance.account.invoke(instance.remediation, {"silence": wish})
    assert instance.deliver(event) == ["EXEMPT"]
    assert instance.account.outcomes() == ["EXEMPTED", "EXEMPTED"]


def test_the_end_of_a_silence_is_told_once_by_two_that_find_it_so_at_once(account: Account) -> None:
    handler = Handler("guardduty", "report_finding")
    sample = handler.sample("")

    def event(name: str) -> dict[str, Any]:
        return {**sample, "id": name, "detail": {**sample["detail"], "id": name}}

    account.invoke(handler.remediation, {"silence": {"finding": sample["detail"]["type"], "owner": "Jo", "reason": "noise here", "for": "1h"}})
    account.clock.pause(7_200)

    def is_forgotten(call: ApiCall) -> bool:
        return call.operation == "PutItem" and "EXEMPT#" in json.dumps(call.parameters)

    with account.interfered(before(is_forgotten, lambda: account.deliver(handler.remediation, event("b" * 32)))):
        assert account.deliver(handler.remediation, event("a" * 32)) == ["REPORTED"]
    assert sorted(account.outcomes()) == ["EXEMPTED", "EXEMPTED", "REPORTED", "REPORTED"], "granted, ended, and both findings"


# Commands.


def test_a_release_that_fails_forgets_nothing_and_can_be_given_again(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    held_at_the_next(group, monkeypatch)
    assert group.deliver(group.event(event_id="another")) == ["HELD"]
    with group.account.interfered(always("throttled", is_write)), pytest.raises(SeveralFailed):
        group.account.invoke(group.remediation, {"release": group.resource})
    assert notices.held(group.remediation.name) == [group.resource]
    group.account.clock.pause(60)
    group.account.invoke(group.remediation, {"release": group.resource})
    assert notices.held(group.remediation.name) == []
    assert not group.is_wrong


def test_what_a_release_has_no_time_for_is_still_held_and_the_answer_says_so(group: Broken) -> None:
    notices.hold(group.remediation.name, group.resource)
    answer = group.remediation.handler({"release": group.resource}, Context("snapback-revoke-open-ingress", "one", seconds_left=15))
    assert answer["still_held"] == [group.resource]
    assert notices.held(group.remediation.name) == [group.resource]
    assert group.is_wrong


def test_an_undo_of_another_remediations_fix_is_refused(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    group.deliver()
    bucket = _broken("block_public_bucket", group.account, monkeypatch)
    with pytest.raises(CommandError, match="has made no fix"):
        group.account.invoke(bucket.remediation, {"undo": group.account.alerts()[0]["id"]})
    assert group.account.writes == []


def test_an_undo_is_refused_if_the_resource_has_changed_since(group: Broken) -> None:
    group.deliver()
    boto3.client("ec2").authorize_security_group_ingress(GroupId=group.resource, IpProtocol="tcp", FromPort=3389, ToPort=3389, CidrIp="0.0.0.0/0")
    group.account.forget()
    answer = group.account.invoke(group.remediation, {"undo": group.account.alerts()[0]["id"]})
    assert answer["outcome"] == "UNDO_REFUSED"
    assert "has changed since the fix" in answer["reason"]
    assert group.account.writes == []


@pytest.mark.parametrize(("pause", "outcome"), [(600, "UNDONE"), (1000, "UNDO_REFUSED")])
def test_an_undo_that_was_cut_off_asks_after_a_quarter_of_an_hour_who_has_changed_the_resource_since(group: Broken, pause: float, outcome: str) -> None:
    group.deliver()
    undo = {"undo": group.account.alerts()[0]["id"]}
    with group.account.interfered(always("killed just before", is_write)), pytest.raises(Killed):
        group.account.invoke(group.remediation, undo)
    boto3.client("ec2").authorize_security_group_ingress(GroupId=group.resource, IpProtocol="tcp", FromPort=3389, ToPort=3389, CidrIp="0.0.0.0/0")
    group.account.clock.pause(pause)
    assert group.account.invoke(group.remediation, undo)["outcome"] == outcome


def test_of_two_undos_at_once_one_is_told_to_come_again(group: Broken) -> None:
    group.deliver()
    undo = {"undo": group.account.alerts()[0]["id"]}
    with group.account.interfered(before(is_transaction, lambda: group.account.invoke(group.remediation, undo))), pytest.raises(ResourceBusy):
        group.account.invoke(group.remediation, undo)
    assert group.account.outcomes() == ["FIXED", "UNDONE"]
    assert group.state() == group.before


def test_nothing_is_taken_back_while_somebody_is_at_work_on_the_resource(group: Broken) -> None:
    group.deliver()
    undo = {"undo": group.account.alerts()[0]["id"]}
    boto3.client("ec2").authorize_security_group_ingress(GroupId=group.resource, IpProtocol="tcp", FromPort=3389, ToPort=3389, CidrIp="0.0.0.0/0")
    group.account.clock.pause(60)

    def take_back() -> None:
        with pytest.raises(ResourceBusy):
            group.account.invoke(group.remediation, undo)

    with group.account.interfered(before(is_publish, take_back)):
        assert group.deliver(group.event(event_id="another")) == ["FIXED"]
    assert group.account.outcomes() == ["FIXED", "FIXED"]


def test_an_undo_that_is_not_seen_is_told_and_exempts_nothing(group: Broken) -> None:
    group.deliver()

    def swallow(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        return {} if call.is_write else really()

    with group.account.interfered(swallow):
        assert group.account.invoke(group.remediation, {"undo": group.account.alerts()[0]["id"]})["outcome"] == "UNVERIFIED"
    assert group.account.outcomes() == ["FIXED", "UNVERIFIED"]
    assert in_force(group) == []


def test_an_undo_that_is_cut_off_before_its_alert_is_told_and_exempt_when_it_is_given_again(group: Broken) -> None:
    group.deliver()
    undo = {"undo": group.account.alerts()[0]["id"]}
    with group.account.interfered(always("killed just before", is_publish)), pytest.raises(Killed):
        group.account.invoke(group.remediation, undo)
    assert in_force(group) == []
    group.account.clock.pause(60)
    assert group.account.invoke(group.remediation, undo)["outcome"] == "UNDONE"
    assert group.account.outcomes() == ["FIXED", "UNDONE"]
    assert in_force(group) == [group.resource]


def test_a_new_exemption_leaves_the_others_as_they_are(group: Broken) -> None:
    for resource in ("sg-a*", "sg-b*"):
        exempt(group, resource)
    group.deliver()
    group.account.invoke(group.remediation, {"undo": group.account.alerts()[-1]["id"]})
    assert in_force(group) == ["sg-a*", "sg-b*", group.resource]


def test_of_two_exemptions_that_are_granted_at_once_none_is_lost(group: Broken) -> None:
    first = iter([True])
    with (
        group.account.interfered(before(lambda call: call.operation == "PutItem" and next(first, False), lambda: exempt(group, "sg-b*"))),
        pytest.raises(ClientError, match="conditional"),
    ):
        exempt(group, "sg-a*")
    exempt(group, "sg-a*")
    assert sorted(in_force(group)) == ["sg-a*", "sg-b*"]
    assert group.account.outcomes() == ["EXEMPTED", "EXEMPTED"]


# What each outcome costs (docs/guarantees.md): its own calls are the remediation's, these are the journal's and the topic's.


def own(broken: Broken) -> list[str]:
    return [name.partition(":")[2] for name in operations([call for call in broken.account.calls if call.own])]


def test_a_fix_and_a_preview_cost_a_claim_an_alert_and_a_record(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    for mode in ("preview", "enforce"):
        for which in ("MODE", "DISRUPTIVE_MODE"):
            monkeypatch.setenv(which, mode)
        group.account.forget()
        group.deliver(group.event(event_id=mode))
        assert own(group) == ["TransactWriteItems", "Publish", "TransactWriteItems"]


@pytest.mark.parametrize(
    ("limit", "outcome", "first"),
    [
        ("MAX_FIXES_PER_HOUR", "HELD", ["UpdateItem", "UpdateItem", "Publish", "UpdateItem", "UpdateItem"]),
        ("MAX_FIXES_PER_RESOURCE", "CONTESTED", ["UpdateItem", "UpdateItem", "Publish", "UpdateItem"]),
    ],
)
def test_what_is_held_or_contested_costs_a_question_its_notes_and_an_alert_and_the_next_in_that_hour_no_alert(
    limit: str, outcome: str, first: list[str], group: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(limit, "1")
    group.deliver()
    group.break_again()
    group.account.clock.pause(60)
    costs = []
    for event_id in ("another", "a third"):
        group.account.forget()
        assert group.deliver(group.event(event_id=event_id)) == [outcome]
        costs.append(own(group))
    assert costs == [["TransactWriteItems", *first], ["TransactWriteItems", "UpdateItem", "UpdateItem"]]


def test_an_undo_costs_two_reads_two_transactions_and_an_alert(group: Broken) -> None:
    group.deliver()
    [alert] = group.account.alerts()
    group.account.forget()
    group.account.invoke(group.remediation, {"undo": alert["id"]})
    assert own(group) == ["GetItem", "TransactWriteItems", "Publish", "GetItem", "TransactWriteItems"]


def test_an_exempt_resource_costs_one_question_and_any_other_one_more_while_an_exemption_is_in_force(group: Broken) -> None:
    exempt(group, "sg-another*")
    group.account.forget()
    group.deliver()
    assert own(group) == [*["TransactWriteItems"] * 2, "Publish", "TransactWriteItems"]
    group.break_again()
    exempt(group)
    group.account.clock.pause(60)
    group.account.forget()
    assert group.deliver(group.event(event_id="another")) == ["EXEMPT"]
    assert own(group) == ["TransactWriteItems", "UpdateItem"]


def test_what_leads_to_nothing_costs_nothing(group: Broken) -> None:
    failed, own_change, elsewhere = (group.event(event_id=str(number)) for number in range(3))
    failed["detail"]["errorCode"] = "Client.UnauthorizedOperation"
    own_change["detail"]["userIdentity"] = {
        "type": "AssumedRole",
        "sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::111122223333:role/snapback-function"}},
    }
    elsewhere["region"] = elsewhere["detail"]["awsRegion"] = "eu-west-1"
    assert [group.deliver(event) for event in (failed, own_change, elsewhere)] == [["NO_CHANGE"], ["OWN_CHANGE"], ["ELSEWHERE"]]
    assert group.account.calls == []


def test_something_else_that_is_wrong_by_the_time_of_a_retry_is_told_as_left(group: Broken) -> None:
    event = group.event()
    with group.account.interfered(always("killed just before", is_publish)):
        try_once(group, event)
    boto3.client("ec2").authorize_security_group_ingress(GroupId=group.resource, IpProtocol="tcp", FromPort=3389, ToPort=3389, CidrIp="0.0.0.0/0")
    group.account.clock.pause(120)
    assert outcome_of(group, event) == "PARTIAL"
    [alert] = group.account.alerts()
    assert [rule["FromPort"] for rule in alert["left"]] == [3389]


def test_what_a_release_finishes_is_told_with_the_event_that_began_it(group: Broken) -> None:
    event = group.event()
    with group.account.interfered(always("killed just before", is_publish)):
        try_once(group, event)
    group.account.clock.pause(120)
    notices.hold(group.remediation.name, group.resource)
    group.account.invoke(group.remediation, {"release": group.resource})
    [alert] = group.account.alerts()
    assert (alert["outcome"], alert["trigger"]["event"], alert["trigger"]["from"]) == ("FIXED", event["id"], event["detail"]["eventName"])
    assert alert["actor"]


def test_evidence_that_is_larger_than_a_row_stops_the_fix(account: Account) -> None:
    fix = Fix("sb-1", "a-remediation", "a resource", "the event", "a request", evidence=[{"Wrong": "x" * 300_001}])
    with pytest.raises(EvidenceTooLarge, match="nothing was changed"):
        journal.claim(fix, looked_at=account.clock.time, lease=60)


def test_what_is_too_large_to_be_taken_back_is_told_with_a_part_of_it_and_left(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixes, "_LARGEST_EVIDENCE", 10)
    assert [group.deliver(group.event(event_id=one)) for one in ("one", "another")] == [["REPORTED"]] * 2
    [alert] = group.account.alerts()
    assert (alert["headline"], alert["needs_person"], len(alert["before"])) == ("NOT fixed: only people can", True, 2)
    assert "wrong in 2 places, too much to be taken back in one piece. Put a part of it right by hand" in alert["reason"]
    assert not group.account.dead_letters
    assert not group.account.writes


def test_what_was_begun_before_the_mode_was_preview_is_finished_and_told_by_its_retry(instance: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    event = instance.event()
    with instance.account.interfered(once("killed just after", is_write)):
        try_once(instance, event)
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    instance.account.clock.pause(120)
    instance.account.forget()
    assert outcome_of(instance, event) == "PARTIAL"
    assert instance.account.writes == []
    assert statuses(instance) == ["PARTIAL"]


def test_what_disrupts_follows_its_own_mode(trail: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = _broken("isolate_instance", trail.account, monkeypatch)
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    assert (instance.deliver(), trail.deliver()) == (["WOULD_FIX"], ["FIXED"])
    monkeypatch.setenv("DISRUPTIVE_MODE", "enforce")
    monkeypatch.setenv("MODE", "preview")
    assert instance.deliver(instance.event(event_id="another")) == ["FIXED"]


def test_of_a_problem_that_is_safe_to_put_right_in_one_part_and_not_in_another_only_the_first_is_put_right(
    group: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    narrow, wide = group.remediation.violation(group.resource)
    assert group.deliver() == ["PARTIAL"]
    assert group.remediation.violation(group.resource) == [wide]
    assert [group.deliver(group.event(event_id=one)) for one in ("another", "and another")] == [["WOULD_FIX"], ["HANDLED"]]
    partial, shown = group.account.alerts()
    assert (partial["before"], partial["left"], partial["disruptive"]) == ([narrow], [wide], False)
    assert (shown["before"], shown["disruptive"]) == ([wide], True)
    assert "only shown" in partial["reason"]
    assert group.account.invoke(group.remediation, {"undo": partial["id"]})["outcome"] == "UNDONE"
    assert group.state() == group.before


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("where", [is_transaction, is_write, is_publish], ids=["claim", "fix", "alert"])
def test_the_part_that_is_safe_is_put_right_and_told_whatever_goes_wrong_once(
    group: Broken, where: Callable[[ApiCall], bool], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    _, wide = group.remediation.violation(group.resource)
    event = group.event()
    with group.account.interfered(once(kind, where)):
        try_once(group, event)
    group.account.clock.pause(120)
    try_once(group, event)
    told = group.account.outcomes()
    if (where, kind) == (is_write, "denied"):
        assert (told, statuses(group)) == (["FAILED"], ["FAILED"])
    else:
        assert group.remediation.violation(group.resource) == [wide]
        assert set(told) == {"PARTIAL"}
        assert statuses(group) == ["PARTIAL"]


def test_where_a_person_has_chosen_that_all_is_put_right_a_look_at_an_old_state_does_not_make_a_part_of_it(
    group: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    group.account.invoke(group.remediation, {"mode": "enforce", "by": "Jo"})
    wide = group.remediation.violation(group.resource)[1:]
    violation, old = group.remediation.violation, iter([wide])

    def late(one: str) -> Any:  # noqa: ANN401 - Evidence
        return violation(one) or next(old, [])

    monkeypatch.setitem(group.remediation.__dict__, "violation", late)
    monkeypatch.setitem(group.remediation.__dict__, "name", "revoke-open-ingress")
    monkeypatch.setitem(group.remediation.__dict__, "summary", "A summary.")
    assert group.deliver() == ["FIXED"]


def by_stack(event: dict[str, Any]) -> dict[str, Any]:
    """Return the event as CloudTrail has it where CloudFormation made the call."""
    said = {"userIdentity": {"type": "AssumedRole", "invokedBy": "cloudformation.amazonaws.com"}, "userAgent": "cloudformation.amazonaws.com"}
    return {**event, "id": "by a stack", "detail": {**event["detail"], **said}}


def test_what_its_stack_deletes_comes_back_only_when_a_person_says_so_whatever_sweeps_find(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    deleted = _broken("restore_trail", account, monkeypatch)
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    assert deleted.deliver(by_stack(deleted.event("restore_trail-delete"))) == ["WOULD_FIX"]
    for day in range(3):
        account.clock.pause(DAY)
        assert deleted.deliver(deleted.event("restore_trail-sweep", event_id=f"sweep {day}")) == ["WOULD_FIX"]
        assert deleted.deliver(deleted.event("restore_trail-securityhub", event_id=f"finding {day}")) == ["HANDLED"]
    assert deleted.state() == deleted.before


def test_a_user_agent_does_not_make_a_stack(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    deleted = _broken("restore_trail", account, monkeypatch)
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    event = deleted.event()
    event["detail"]["userAgent"] = "cloudformation.amazonaws.com"
    assert deleted.deliver(event) == ["FIXED"]


def test_further_news_of_a_reported_finding_is_not_told_again(account: Account) -> None:
    handler = Handler("guardduty", "report_finding")
    for event_id in ("first", "further news"):
        account.deliver(handler.remediation, {**handler.samples["report_finding"], "id": event_id})
    assert account.outcomes() == ["REPORTED"]


def test_no_claim_is_taken_back_while_somebody_is_at_work_under_it(group: Broken) -> None:
    event = group.event()

    def meanwhile() -> None:
        exempt(group)
        assert outcome_of(group, event) == "EXEMPT"

    with group.account.interfered(before(is_write, meanwhile)):
        assert outcome_of(group, event) == "FIXED"
    group.account.clock.pause(60)
    assert group.account.invoke(group.remediation, {"undo": group.account.alerts()[-1]["id"]})["outcome"] == "UNDONE"


def test_a_release_takes_nothing_from_who_is_at_work(group: Broken) -> None:
    notices.hold(group.remediation.name, group.resource)

    def meanwhile() -> None:
        with pytest.raises(SeveralFailed, match="at work"):
            group.account.invoke(group.remediation, {"release": group.resource})

    with group.account.interfered(before(is_write, meanwhile)):
        assert outcome_of(group, group.event()) == "FIXED"
    group.account.clock.pause(60)
    assert group.account.invoke(group.remediation, {"undo": group.account.alerts()[-1]["id"]})["outcome"] == "UNDONE"


def test_two_events_never_work_on_a_resource_at_the_same_time(group: Broken) -> None:
    def meanwhile() -> None:
        with pytest.raises(ResourceBusy):
            group.account.invoke(group.remediation, group.event(event_id="another"))
        assert group.is_wrong

    with group.account.interfered(before(is_write, meanwhile)):
        assert outcome_of(group, group.event()) == "FIXED"


# Guards that no story had needed before.


def undone_by_hand(broken: Broken, wrong: Any) -> None:  # noqa: ANN401 - evidence
    """Break again what no alert has told of yet."""
    assert broken.remediation.undo
    broken.remediation.undo(broken.resource, wrong)


def let_rows_expire(account: Account) -> None:
    """Let DynamoDB delete what has expired, as it does within days."""
    account.table.rows = {key: row for key, row in account.table.rows.items() if float(row.get("expires", {"N": "inf"})["N"]) > account.clock.time}


def tick(broken: Broken) -> list[str]:
    return broken.deliver(schedules.tick(broken.remediation, broken.account.clock.time))


def cancelled(code: str, where: Callable[[ApiCall], bool], *, always: bool = False) -> Interference:
    """Let DynamoDB cancel the first such transaction, or all, for that reason."""
    first = iter([True])

    def interfere(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if where(call) and (always or next(first, False)):
            raise ClientError({"Error": {"Code": "TransactionCanceledException", "Message": ""}, "CancellationReasons": [{"Code": code}]}, call.operation)
        return really()

    return interfere


@pytest.mark.parametrize("stem", ["restrict_snapshot", "restrict_key_policy", "isolate_instance"])
def test_what_has_written_goes_past_no_exemption_under_whichever_name_that_is_kept(stem: str, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = _broken(stem, account, monkeypatch)
    event, wrong = broken.event(), broken.remediation.violation(broken.resource)
    with account.interfered(always("timed out after it took effect", is_write)):
        try_once(broken, event)
    undone_by_hand(broken, wrong)
    exempt(broken)
    account.clock.pause(120)
    account.forget()
    assert outcome_of(broken, event) == "UNVERIFIED"
    assert account.writes == []
    assert "exempt until" in account.alerts()[-1]["reason"]


def test_what_people_were_told_before_an_attempt_began_does_not_keep_it_from_being_finished(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = _broken("block_public_bucket", account, monkeypatch)
    bucket.deliver()
    bucket.break_again()
    account.clock.pause(60)
    with monkeypatch.context() as patch:
        patch.setenv("MAX_FIXES_PER_RESOURCE", "1")
        assert bucket.deliver(bucket.event(event_id="another")) == ["CONTESTED"]
    account.clock.pause(2 * HOUR)
    event, wrong = bucket.event(event_id="a third"), bucket.remediation.violation(bucket.resource)
    with account.interfered(always("timed out after it took effect", is_write)):
        try_once(bucket, event)
    undone_by_hand(bucket, wrong)
    account.clock.pause(120)
    assert outcome_of(bucket, event) == "FIXED"


def test_half_made_work_is_left_once_people_were_told_that_it_is_held_however_many_are(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")
    monkeypatch.setattr(notices, "_MOST_HELD", 1)
    account.make_storm_queue()
    bucket = _broken("block_public_bucket", account, monkeypatch)
    event, wrong, all_held = bucket.event(), bucket.remediation.violation(bucket.resource), f"{bucket.remediation.name}#HELD"
    assert notices.first_notice(all_held, "before", "another-bucket")
    notices.notice_sent(all_held)
    account.clock.pause(60)
    with account.interfered(always("timed out after it took effect", is_write)):
        try_once(bucket, event)
    undone_by_hand(bucket, wrong)
    account.clock.pause(60)
    assert bucket.deliver(bucket.event(event_id="another")) == ["HELD"]
    assert notices.held(bucket.remediation.name) == ["another-bucket"], "there is no room for a second one in this row"
    account.clock.pause(60)
    account.forget()
    assert outcome_of(bucket, event) == "UNVERIFIED"
    assert account.writes == []
    assert "told that it is held" in account.alerts()[-1]["reason"]


def test_a_claim_that_meets_others_at_its_rows_is_asked_again(group: Broken) -> None:
    with group.account.interfered(cancelled("TransactionConflict", is_claim)):
        assert outcome_of(group, group.event()) == "FIXED"
    assert group.account.outcomes() == ["FIXED"]


def test_a_claim_that_is_refused_for_a_reason_that_nobody_knows_is_none(group: Broken) -> None:
    with group.account.interfered(cancelled("ItemCollectionSizeLimitExceeded", is_claim, always=True)):
        assert group.deliver() == []
    [(_, reason)] = group.account.dead_letters
    assert reason.startswith("JournalError")
    assert group.is_wrong


def test_who_finds_the_resource_just_fixed_by_another_looks_again_and_calls_it_not_contested(group: Broken) -> None:
    with group.account.interfered(before(is_claim, group.deliver)):
        assert outcome_of(group, group.event(event_id="another")) == "ALREADY_OK"
    assert group.account.outcomes() == ["FIXED"]


def test_what_another_attempt_has_finished_and_told_meanwhile_is_not_told_again(group: Broken) -> None:
    event = group.event()
    with group.account.interfered(always("killed just before", is_publish)):
        try_once(group, event)
    group.account.clock.pause(120)
    with group.account.interfered(before(is_transaction, lambda: outcome_of(group, event))):
        assert outcome_of(group, event) == "ALREADY_OK"
    assert group.account.outcomes() == ["FIXED"]


def test_a_claim_under_which_somebody_has_finished_meanwhile_is_not_taken_back(group: Broken) -> None:
    event = group.event()
    with group.account.interfered(always("killed just before", is_write)):
        try_once(group, event)
    group.account.clock.pause(120)
    notices.hold(group.remediation.name, group.resource)

    def is_withdrawal(call: ApiCall) -> bool:
        return is_transaction(call) and "Delete" in call.parameters["TransactItems"][0]

    with group.account.interfered(before(is_withdrawal, lambda: outcome_of(group, event))), pytest.raises(SeveralFailed, match="at work"):
        group.account.invoke(group.remediation, {"release": group.resource})
    assert (group.account.outcomes(), statuses(group)) == (["FIXED"], ["FIXED"])


def test_an_alert_names_the_calls_of_all_attempts(instance: Broken) -> None:
    second = iter([False, True])
    with instance.account.interfered(always("throttled", lambda call: is_write(call) and next(second, False))):
        assert instance.deliver() == ["FIXED"]
    sent = [call.operation for call in instance.account.writes]
    told = [call["operation"] for call in instance.account.alerts()[0]["calls"]]
    assert sorted(told) == sorted([*sent[:1], *sent[2:]]), "all but the one that was throttled"


@pytest.mark.parametrize(("code", "status"), [("ThrottlingException", 400), ("SomethingNew", 503), ("SomethingNew", 429)])
def test_a_look_that_fails_for_now_is_taken_again(group: Broken, code: str, status: int) -> None:
    first = iter([True])

    def fail(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if not call.own and next(first, False):
            raise error(code, status, call.operation)
        return really()

    with group.account.interfered(fail):
        assert group.deliver() == ["FIXED"]
    assert group.account.outcomes() == ["FIXED"]


def test_what_there_is_no_time_to_look_at_again_is_not_called_fixed(group: Broken) -> None:
    context = Context("snapback-revoke-open-ingress", "one")

    def last(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        answer = really()
        context.seconds_left = 5 if call.is_write else context.seconds_left
        return answer

    with group.account.interfered(last):
        [ended] = group.remediation.handler(group.event(), context)["outcomes"]
    assert (ended["outcome"], group.account.outcomes()) == ("UNVERIFIED", ["UNVERIFIED"])


def test_what_somebody_else_put_right_cannot_be_taken_back(trail: Broken) -> None:
    assert deliver_while_somebody_else_starts_it(trail) == ["ALREADY_OK"]
    trail.account.forget()
    [fix] = [row["pk"]["S"].removeprefix("FIX#") for row in trail.account.journal() if row["pk"]["S"].startswith("FIX#")]
    assert trail.account.invoke(trail.remediation, {"undo": fix})["outcome"] == "UNDO_REFUSED"
    assert trail.account.writes == []


def test_a_door_is_told_though_a_fix_that_came_too_late_for_it_has_seen_it_too(group: Broken) -> None:
    def shut(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.is_write:
            boto3.client("ec2").revoke_security_group_ingress(GroupId=group.resource, SecurityGroupRuleIds=call.parameters["SecurityGroupRuleIds"])
            raise error("InvalidSecurityGroupRuleId.NotFound", 400, call.operation)
        return really()

    with group.account.interfered(shut):
        assert group.deliver(group.event("revoke_open_ingress-config")) == ["ALREADY_OK"]
    assert group.account.outcomes() == []
    assert group.deliver() == ["REPORTED"]


def test_further_news_of_a_threat_is_no_news_for_as_long_as_the_journal_remembers(instance: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNAL_DAYS", "90")
    exempt(instance)
    for event_id in ("first", "further news"):
        assert instance.deliver(instance.event(event_id=event_id)) == ["EXEMPT"]
        assert instance.account.outcomes() == ["EXEMPTED", "REPORTED"]
        instance.account.clock.pause(30 * DAY)
        let_rows_expire(instance.account)


def test_what_is_asked_for_later_is_kept_until_then(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    held_at_the_next(group, monkeypatch)
    fixed_at = group.account.clock.time - 60
    assert group.deliver(group.event(event_id="another")) == ["HELD"]
    exempt(group)
    kept = {row["pk"]["S"].partition("#")[0]: float(row["expires"]["N"]) if "expires" in row else None for row in group.account.journal()}
    assert kept["EXEMPT"] is None, "only a person ends an exemption before its date"
    assert (kept["FIX"] or 0) >= fixed_at + 365 * DAY, "for an undo"
    assert (kept["NOTICE"] or 0) >= fixed_at + 14 * DAY, "for a release"
    for counted in ("RESOURCE", "BREAKER"):
        assert (kept[counted] or 0) > fixed_at + HOUR, counted


def test_what_was_contested_days_ago_cannot_be_released(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_RESOURCE", "1")
    group.deliver()
    group.break_again()
    group.account.clock.pause(60)
    assert group.deliver(group.event(event_id="another")) == ["CONTESTED"]
    group.account.clock.pause(3 * DAY)
    with pytest.raises(CommandError, match="nothing to release"):
        group.account.invoke(group.remediation, {"release": group.resource})


def another_group(account: Account, name: str) -> str:
    ec2 = boto3.client("ec2")
    made = ec2.create_security_group(GroupName=name, Description="-")["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=made, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")
    account.forget()
    return made


def hold(group: Broken, *others: str) -> None:
    for other in others:
        event = group.scenario.event(group.handler.samples["revoke_open_ingress"], other, event_id=f"opening {other}")
        assert group.deliver(event) == ["HELD"]


def test_what_is_held_in_preview_can_be_released_in_preview(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    preview_all(monkeypatch)
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")
    group.deliver()
    other = another_group(group.account, "other")
    hold(group, other)
    assert [one["outcome"] for one in group.account.invoke(group.remediation, {"release": other})["outcomes"]] == ["WOULD_FIX"]


def test_what_is_held_anew_while_the_rest_is_released_stays_held(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")
    group.account.make_storm_queue()
    group.deliver()
    first, second = (another_group(group.account, name) for name in ("first", "second"))
    hold(group, first, second)
    group.account.clock.pause(60)
    assert [one["outcome"] for one in group.account.invoke(group.remediation, {"release": first})["outcomes"]] == ["FIXED", "HELD"]
    assert notices.held(group.remediation.name) == [second]


@pytest.fixture
def address(account: Account, monkeypatch: pytest.MonkeyPatch) -> Broken:
    return _broken("block_attacker_ip", account, monkeypatch)


def test_who_has_blocked_it_last_is_known_until_the_block_ends(address: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLOCK_HOURS", "720")
    address.deliver()
    undone_by_hand(address, address.evidence(address.account.alerts()[0]["id"]))
    address.account.clock.pause(20 * HOUR)
    assert address.deliver(address.event(event_id="again")) == ["FIXED"]
    address.account.clock.pause(701 * HOUR)
    let_rows_expire(address.account)
    assert tick(address) == []
    assert not address.is_wrong


@pytest.mark.parametrize("how", ["denied", "swallowed"])
def test_a_block_whose_end_does_not_take_ends_at_a_later_tick(address: Broken, how: str) -> None:
    address.deliver()
    address.account.clock.pause(25 * HOUR)

    def hinder(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.is_write:
            return FAULTS["denied"](call, really) if how == "denied" else {}
        return really()

    with address.account.interfered(hinder):
        assert tick(address) == ([] if how == "denied" else ["UNVERIFIED"])
    address.account.clock.pause(HOUR)
    assert tick(address) == ["UNDONE"]


def test_an_event_is_no_command_whatever_it_says_besides(group: Broken) -> None:
    wish = {"resource": group.resource, "owner": "Jo", "reason": "needed", "until": "2026-12-31"}
    assert group.deliver({**group.event(), "exempt": wish}) == ["FIXED"]
    assert in_force(group) == []


@pytest.mark.parametrize(("stem", "beginning"), [("revoke_open_ingress", "arn:aws:ec2:*"), ("restart_trail", "management*")])
def test_the_beginning_of_a_name_that_nothing_can_have_exempts_nothing_and_is_refused(
    stem: str, beginning: str, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = _broken(stem, account, monkeypatch)
    with pytest.raises(CommandError, match="would cover nothing"):
        exempt(broken, beginning)
    assert account.outcomes() == []


LEFT: dict[str, tuple[str, dict[str, Any], str]] = {
    "a call that reads": ("", {"readOnly": True}, "NO_CHANGE"),
    "a call that reads, as some services spell it": ("", {"readOnly": "true"}, "NO_CHANGE"),
    "a call in another account": ("", {"recipientAccountId": "444455556666"}, "ELSEWHERE"),
    "Config: compliant": ("-config", {"newEvaluationResult": {"complianceType": "COMPLIANT"}}, "NO_CHANGE"),
    "Config: of another account": ("-config", {"awsAccountId": "444455556666"}, "ELSEWHERE"),
    "Config: of another region": ("-config", {"awsRegion": "eu-west-1"}, "ELSEWHERE"),
    "GuardDuty: archived": ("-guardduty", {"service": {"archived": True}}, "NO_CHANGE"),
    "GuardDuty: a sample": ("-guardduty", {"service": {"additionalInfo": {"sample": True}}}, "NO_CHANGE"),
    "GuardDuty: of another account": ("-guardduty", {"accountId": "444455556666"}, "ELSEWHERE"),
    "Macie: archived": ("-macie", {"archived": True}, "NO_CHANGE"),
    "Macie: a sample": ("-macie", {"sample": True}, "NO_CHANGE"),
    "Macie: of another account": ("-macie", {"accountId": "444455556666"}, "ELSEWHERE"),
    "Access Analyzer: archived": ("-accessanalyzer", {"status": "ARCHIVED"}, "NO_CHANGE"),
    "Access Analyzer: deleted": ("-accessanalyzer", {"isDeleted": True}, "NO_CHANGE"),
    "Access Analyzer: of another account": ("-accessanalyzer", {"accountId": "444455556666"}, "ELSEWHERE"),
}
"""What an event may say that makes it none to act on: the sample of block_public_bucket, what is changed in it, and the outcome."""


@pytest.mark.parametrize("what", LEFT)
def test_what_is_over_harmless_or_somebody_elses_is_left_and_told_to_nobody(what: str, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = _broken("block_public_bucket", account, monkeypatch)
    sample, said, outcome = LEFT[what]
    event = bucket.event(f"block_public_bucket{sample}")
    assert bucket.deliver({**event, "detail": {**event["detail"], **said}}) == [outcome]
    assert (account.calls, account.outcomes()) == ([], [])
    assert bucket.deliver(event) == ["FIXED"], "which is what makes the difference"


def test_the_command_that_silences_a_finding_is_one_word_of_the_shell_whatever_its_id_says(account: Account) -> None:
    handler = Handler("guardduty", "report_finding")
    event = handler.samples["report_finding"]
    event["detail"]["id"] = nasty = "1'; aws iam create-user --user-name eve #'$(id)`id`"
    account.deliver(handler.remediation, event)
    words = shlex.split(account.alerts()[0]["commands"]["silence"])
    assert json.loads(words[words.index("--payload") + 1])["silence"]["finding"] == nasty
    assert "create-user" not in words


def test_what_an_event_says_of_itself_forges_no_line_of_an_alert(group: Broken) -> None:
    nasty = "<!channel>\r\nFORGED\x1b[2J\u202e`"
    event = group.event(event_id=nasty)
    event["time"] = nasty
    event["detail"]["userAgent"] = event["detail"]["sourceIPAddress"] = nasty
    event["detail"]["userIdentity"] = {"type": "IAMUser", "userName": nasty}
    assert group.deliver(event) == ["FIXED"]
    [alert] = group.account.alerts()
    said = [alert["trigger"]["from"], alert["trigger"]["event"], alert["reason"], alert["actor"]["text"]]
    assert alert["trigger"]["at"] is None
    assert all(text.isascii() and not set(text) & set("<>`\r\n\x1b") for text in said)
    assert "\nFORGED" not in alert["text"]


def test_what_aws_left_out_of_an_answer_is_not_taken_for_nothing(group: Broken) -> None:
    def leave_out(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        answer = really()
        for rule in answer["SecurityGroupRules"] if call.operation == "DescribeSecurityGroupRules" else []:
            del rule["IsEgress"]
        return answer

    with group.account.interfered(leave_out):
        assert group.deliver() == []
    [(_, reason)] = group.account.dead_letters
    assert reason.startswith("IncompleteAnswer: ")
    assert group.account.writes == []


def test_what_is_held_is_told_at_once_amid_a_storm_of_what_no_claim_has_counted(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORM_AFTER", "1")
    group.account.make_storm_queue()
    assert [counts.is_storm(group.remediation.name) for _ in range(2)] == [False, True]
    held_at_the_next(group, monkeypatch)
    assert group.deliver(group.event(event_id="another")) == ["HELD"]
    assert group.account.outcomes() == ["FIXED", "HELD"]


def test_what_only_begins_like_a_name_is_none() -> None:
    with pytest.raises(UnreadableEvent):
        names.checked("AWS::EC2::SecurityGroup", "sg-0123456789abcdef0 and more")


def test_what_was_found_right_at_a_retry_is_settled(group: Broken) -> None:
    with group.account.interfered(always("denied", is_write)):
        assert group.deliver() == ["FAILED"]
    attempt, wrong = group.account.alerts()[0]["id"], group.remediation.violation(group.resource)
    group.remediation.fix(group.resource, wrong)
    assert [one["outcome"] for one in group.account.invoke(group.remediation, {"retry": attempt})["outcomes"]] == ["ALREADY_OK"]
    undone_by_hand(group, wrong)
    with pytest.raises(CommandError, match="is settled"):
        group.account.invoke(group.remediation, {"retry": attempt})


def test_a_threat_whose_half_made_answer_was_taken_back_is_told_by_the_next_attempt(instance: Broken) -> None:
    event = instance.event()
    with instance.account.interfered(once("killed just after", is_write)), contextlib.suppress(Killed):
        instance.account.invoke(instance.remediation, event, request="the request")
    [row] = [row for row in instance.account.journal() if row["pk"]["S"].startswith("FIX#")]
    instance.account.clock.pause(400)
    assert instance.account.invoke(instance.remediation, {"undo": row["pk"]["S"].removeprefix("FIX#")})["outcome"] == "UNDONE"
    assert instance.account.invoke(instance.remediation, event, request="the request")["outcomes"][0]["outcome"] == "HANDLED"
    assert instance.account.outcomes() == ["UNDONE", "REPORTED"]
    assert "GuardDuty" in instance.account.alerts()[-1]["reason"]


def test_who_takes_back_what_is_being_finished_just_now_is_told_to_come_again(instance: Broken) -> None:
    event = instance.event()
    with instance.account.interfered(once("killed just after", is_write)), contextlib.suppress(Killed):
        instance.account.invoke(instance.remediation, event, request="the request")
    [row] = [row for row in instance.account.journal() if row["pk"]["S"].startswith("FIX#")]
    fix_id = row["pk"]["S"].removeprefix("FIX#")
    instance.account.clock.pause(400)

    def finish() -> None:
        instance.account.interference = None
        instance.account.invoke(instance.remediation, event, request="the request")

    with instance.account.interfered(before(lambda call: not call.own, finish, nth=3)), pytest.raises(ResourceBusy, match="being finished just now"):
        instance.account.invoke(instance.remediation, {"undo": fix_id})
    assert instance.account.outcomes() == ["FIXED"]
    assert instance.account.invoke(instance.remediation, {"undo": fix_id})["outcome"] == "UNDONE"


def test_what_a_later_version_has_written_besides_can_be_read_and_taken_back_after_a_rollback(group: Broken) -> None:
    group.deliver()
    fix_id = group.account.alerts()[0]["id"]
    row = group.account.table.rows[f"FIX#{fix_id}"]
    for part in ("about", "outcome"):
        row[part] = {"S": json.dumps({**json.loads(row[part]["S"]), "of_a_later_version": True})}
    assert group.account.invoke(group.remediation, {"undo": fix_id})["outcome"] == "UNDONE"
    assert group.state() == group.before
