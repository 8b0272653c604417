"""What holds for every command, whatever the remediation: who may invoke a function gets no more than the command says."""

import json
import shlex
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from snapback.engine import decisions, notices
from snapback.engine.errors import CommandError, OnlyPeople, UnreadableEvent
from tests.contract.conftest import Broken, broken_by
from tests.contract.test_laws import SCHEMA
from tests.harness.account import FAULTS, Account, ApiCall, Context, Interference
from tests.harness.discovery import FIXERS, REPORTS


def give(broken: Broken, **command: object) -> Mapping[str, Any]:
    """Give the remediation's function a command, as an operator does."""
    return broken.account.invoke(broken.remediation, command)


def wish(broken: Broken, resource: str, *, days: int = 30) -> dict[str, str]:
    """Return an exemption as an operator writes it."""
    until = datetime.fromtimestamp(broken.account.clock.time + days * 24 * 3600, UTC).date().isoformat()
    return {"resource": resource, "owner": "Jo", "reason": "migration", "until": until}


def break_again(broken: Broken) -> None:
    """Let somebody break again what was fixed last, and a minute pass; from then on calls are counted."""
    broken.break_again()
    broken.account.clock.pause(60)
    broken.account.forget()


def test_what_no_event_has_told_of_cannot_be_released(broken: Broken) -> None:
    rows = broken.account.journal()
    with pytest.raises(CommandError, match="there is nothing to release"):
        give(broken, release=broken.resource)
    assert broken.account.writes == []
    assert broken.state() == broken.before
    assert broken.account.outcomes() == []
    assert broken.account.journal() == rows


def test_what_was_fixed_and_is_broken_again_is_not_held(open_group: Broken) -> None:
    open_group.deliver()
    break_again(open_group)
    with pytest.raises(CommandError, match="Nothing is held"):
        give(open_group, release=open_group.resource)
    assert open_group.account.writes == []


def test_a_refused_release_names_what_is_held(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")
    open_group.deliver()
    break_again(open_group)
    assert open_group.deliver(open_group.event(event_id="another")) == ["HELD"]
    with pytest.raises(CommandError, match=f"Held are {open_group.resource}"):
        give(open_group, release="sg-0123456789abcdef0")
    assert open_group.account.writes == []


def test_what_is_contested_can_be_released_once(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_RESOURCE", "1")
    open_group.deliver()
    break_again(open_group)
    assert open_group.deliver(open_group.event(event_id="another")) == ["CONTESTED"]
    assert [one["outcome"] for one in give(open_group, release=open_group.resource)["outcomes"]] == ["FIXED"]
    break_again(open_group)
    with pytest.raises(CommandError, match="nothing to release"):
        give(open_group, release=open_group.resource)
    assert open_group.account.writes == []


def test_what_is_contested_again_within_the_hour_of_its_alert_can_be_released(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_RESOURCE", "1")
    open_group.deliver()
    break_again(open_group)
    open_group.account.clock.pause(1800)
    assert open_group.deliver(open_group.event(event_id="another")) == ["CONTESTED"]
    open_group.account.clock.pause(1800)
    assert open_group.deliver(open_group.event(event_id="there is room again")) == ["FIXED"]
    break_again(open_group)
    assert open_group.deliver(open_group.event(event_id="and again")) == ["CONTESTED"]
    assert [one["outcome"] for one in give(open_group, release=open_group.resource)["outcomes"]] == ["FIXED"]


def test_a_release_of_what_is_contested_can_be_given_again_after_a_failure(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_RESOURCE", "1")
    open_group.deliver()
    break_again(open_group)
    assert open_group.deliver(open_group.event(event_id="another")) == ["CONTESTED"]
    throttled = FAULTS["throttled"]
    with open_group.account.interfered(lambda call, _, really: throttled(call, really) if call.is_write else really()), pytest.raises(Exception, match="again"):
        give(open_group, release=open_group.resource)
    open_group.account.clock.pause(60)
    assert [one["outcome"] for one in give(open_group, release=open_group.resource)["outcomes"]][-1] == "FIXED"


def test_more_can_be_held_and_released_than_one_row_of_the_journal_holds(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")
    monkeypatch.setattr(notices, "_MOST_HELD", 1)
    open_group.account.make_storm_queue()
    open_group.deliver()
    break_again(open_group)
    notices.hold(open_group.remediation.name, "sg-0123456789abcdef0")
    assert notices.first_notice(f"{open_group.remediation.name}#HELD", "before", "sg-0123456789abcdef0")
    notices.notice_sent(f"{open_group.remediation.name}#HELD")
    assert open_group.deliver(open_group.event(event_id="another")) == ["HELD"]
    assert notices.held(open_group.remediation.name) == ["sg-0123456789abcdef0"]
    assert give(open_group, release=open_group.resource)["outcomes"][0]["outcome"] == "FIXED"
    with pytest.raises(CommandError, match="Nothing is held"):
        give(open_group, release=open_group.resource)


def test_what_a_wrong_exemption_let_through_can_be_handled_once_it_has_ended(open_group: Broken) -> None:
    give(open_group, exempt=wish(open_group, open_group.resource))
    assert open_group.deliver() == ["EXEMPT"]
    assert [one["outcome"] for one in give(open_group, release=open_group.resource)["outcomes"]] == ["EXEMPT"]
    give(open_group, unexempt=open_group.resource)
    assert [one["outcome"] for one in give(open_group, release=open_group.resource)["outcomes"]] == ["FIXED"]
    break_again(open_group)
    with pytest.raises(CommandError, match="nothing to release"):
        give(open_group, release=open_group.resource)
    assert open_group.account.writes == []


def test_an_exemption_until_the_last_day_that_there_is_is_refused_in_words(open_group: Broken) -> None:
    with pytest.raises(CommandError, match="'until' must be a date such as 2027-01-31"):
        give(open_group, exempt={**wish(open_group, open_group.resource), "until": "9999-12-31"})


def test_an_undo_exempts_though_somebody_else_grants_an_exemption_at_that_moment(open_group: Broken) -> None:
    open_group.deliver()
    [fix] = [alert["id"] for alert in open_group.account.alerts()]
    between = iter([True])

    def grant(call: ApiCall, _: int, really: Callable[[], object]) -> object:
        if call.operation == "TransactWriteItems" and "EXEMPT#" in repr(call.parameters) and next(between, False):
            give(open_group, exempt=wish(open_group, "sg-b*"))
        return really()

    with open_group.account.interfered(grant):
        assert give(open_group, undo=fix)["outcome"] == "UNDONE"
    assert {one.resource for one in decisions.exemptions_of(open_group.remediation.name)} == {"sg-b*", open_group.resource}
    assert open_group.deliver(open_group.event(event_id="another")) == ["EXEMPT"]


def test_a_retry_of_what_wrote_nothing_leaves_no_row_that_nobody_can_read(open_group: Broken) -> None:
    account = open_group.account

    def kill(call: ApiCall, _: int, really: Callable[[], object]) -> object:
        return FAULTS["killed just before"](call, really) if call.is_write else really()

    with account.interfered(kill):
        open_group.deliver()
    account.clock.pause(1_000)
    [cut_off] = [row["pk"]["S"].removeprefix("FIX#") for row in account.journal() if row.get("status", {}).get("S") == "CLAIMED"]
    assert [one["outcome"] for one in give(open_group, retry=cut_off)["outcomes"]] == ["FIXED"]
    assert all("evidence" in row for row in account.journal() if row["pk"]["S"].startswith("FIX#"))


def retry_of(alert: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload of the command to try again that the alert offers."""
    words = shlex.split(alert["commands"]["retry"])
    found: dict[str, Any] = json.loads(words[words.index("--payload") + 1])
    return found


def deny(where: Callable[[ApiCall], bool]) -> Interference:
    """Return an interference in which AWS refuses every such call."""
    return lambda call, _, really: FAULTS["denied"](call, really) if where(call) else really()


@pytest.mark.parametrize("refused", ["the look", "the fix"])
def test_what_aws_refused_can_be_tried_again_by_the_command_in_its_alert_and_only_once(broken: Broken, refused: str) -> None:
    with broken.account.interfered(deny((lambda call: not call.own) if refused == "the look" else (lambda call: call.is_write))):
        [outcome] = broken.deliver()
    assert outcome in ("FAILED", "PARTIAL", "UNVERIFIED")
    alert = next(alert for alert in broken.account.alerts() if alert["outcome"] == outcome)
    SCHEMA.validate({part: value for part, value in alert.items() if part not in ("subject", "text")})
    assert "snapback retry sb-" in alert["text"]
    assert give(broken, **retry_of(alert))["outcomes"][-1]["outcome"] == "FIXED"
    assert not broken.is_wrong
    assert broken.account.outcomes()[-1] == "FIXED"
    if broken.remediation.undo:
        break_again(broken)
    broken.account.forget()
    with pytest.raises(CommandError, match="nothing to try again"):
        give(broken, **retry_of(alert))
    assert broken.account.writes == []


def test_what_was_never_tried_cannot_be_tried_again(broken: Broken) -> None:
    for made_up in ("sb-0000000000000000", broken.resource):
        with pytest.raises(CommandError, match="has made no attempt"):
            give(broken, retry=made_up)
    assert broken.account.writes == []
    assert broken.state() == broken.before
    assert broken.account.outcomes() == []


def refused(broken: Broken) -> dict[str, Any]:
    """Let AWS refuse the fix; return the payload of the command to try again."""
    with broken.account.interfered(deny(lambda call: call.is_write)):
        assert broken.deliver() == ["FAILED"]
    broken.account.forget()
    return retry_of(broken.account.alerts()[-1])


def test_a_retry_is_refused_to_another_remediation(open_group: Broken) -> None:
    again = refused(open_group)
    other = next(handler for handler in FIXERS if handler.stem == "empty_default_security_group")
    with pytest.raises(CommandError, match="has made no attempt"):
        open_group.account.invoke(other.remediation, again)
    assert open_group.account.writes == []


def test_what_a_later_event_has_put_right_is_not_tried_again(open_group: Broken) -> None:
    again = refused(open_group)
    assert open_group.deliver(open_group.event(event_id="another")) == ["FIXED"]
    break_again(open_group)
    with pytest.raises(CommandError, match="ended as FIXED"):
        give(open_group, **again)
    assert open_group.account.writes == []


def test_a_retry_passes_every_guard(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    again = refused(open_group)
    give(open_group, exempt=wish(open_group, open_group.resource))
    assert [one["outcome"] for one in give(open_group, **again)["outcomes"]] == ["EXEMPT"]
    give(open_group, unexempt=open_group.resource)
    with monkeypatch.context() as patch:
        patch.setenv("MAX_FIXES_PER_RESOURCE", "1")
        assert [one["outcome"] for one in give(open_group, **again)["outcomes"]] == ["CONTESTED"]
    with monkeypatch.context() as patch:
        patch.setenv("MAX_FIXES_PER_HOUR", "1")
        assert [one["outcome"] for one in give(open_group, **again)["outcomes"]] == ["HELD"]
    with monkeypatch.context() as patch:
        patch.setenv("MODE", "preview")
        patch.setenv("DISRUPTIVE_MODE", "preview")
        assert [one["outcome"] for one in give(open_group, **again)["outcomes"]] == ["WOULD_FIX"]
    assert open_group.state() == open_group.before
    assert [one["outcome"] for one in give(open_group, **again)["outcomes"]] == ["FIXED"]


def test_a_retry_that_fails_is_offered_again(open_group: Broken) -> None:
    again = refused(open_group)
    with open_group.account.interfered(deny(lambda call: call.is_write)):
        assert [one["outcome"] for one in give(open_group, **again)["outcomes"]] == ["FAILED"]
    further = retry_of(open_group.account.alerts()[-1])
    assert further != again
    assert [one["outcome"] for one in give(open_group, **further)["outcomes"]] == ["FIXED"]


def test_a_report_has_nothing_to_try_again(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = REPORTS[0]
    handler.set_up(monkeypatch)
    account.deliver(handler.remediation, next(iter(handler.samples.values())))
    [alert] = account.alerts()
    assert "retry" not in alert["commands"]
    with pytest.raises(CommandError, match="changes nothing"):
        account.invoke(handler.remediation, {"retry": alert["id"]})


def test_an_undo_that_failed_offers_the_undo_again_and_no_retry_of_the_fix(open_group: Broken) -> None:
    open_group.deliver()
    with open_group.account.interfered(deny(lambda call: call.is_write)):
        assert give(open_group, undo=open_group.account.alerts()[0]["id"])["outcome"] == "UNDO_REFUSED"
    alert = open_group.account.alerts()[-1]
    SCHEMA.validate({part: value for part, value in alert.items() if part not in ("subject", "text")})
    assert "undo" in alert["commands"]
    assert "retry" not in alert["commands"]


def test_what_was_written_before_only_people_could_go_on_is_told_and_can_be_taken_back(broken: Broken) -> None:
    writes = iter(range(100))

    def stop(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.is_write and next(writes) == 1:
            raise OnlyPeople("the rest is for people")
        return really()

    with broken.account.interfered(stop):
        [outcome] = broken.deliver()
    if next(writes) <= 1:  # it writes once
        assert outcome == "FIXED"
        return
    assert outcome in ("PARTIAL", "UNVERIFIED")
    alert = broken.account.alerts()[-1]
    assert any(reason in alert["reason"] for reason in ("the rest is for people", "AWS refuses it"))  # what AWS has refused besides is said first
    if broken.remediation.undo:
        give(broken, undo=alert["id"])
        assert broken.state() == broken.before


OTHERWISE = {
    "ADMIN_PORTS": ["443"],
    "BREAK_GLASS": ["role/*,user/*", ""],
    "ORGANIZATION_ID": ["", "o-another000"],
    "TRUSTED_ACCOUNTS": ["", "999999999999,444455556666,123456789012"],
    "THIRD_PARTY_ACCOUNTS": ["", "999999999999,444455556666,123456789012"],
    "NEVER_BLOCK": ["0.0.0.0/0,::/0", ""],
    "GUARDED_ALARMS": ["another-*", ""],
    "GUARDRAILS": ["p-another0", ""],
    "TLS_POLICY": ["ELBSecurityPolicy-TLS13-1-3-2021-06"],
}
"""What an operator might set instead, for what is neither a number nor a name."""


def otherwise(name: str, value: str) -> list[str]:
    """Return other values of a setting: less and more of a number, or none of what may be left out."""
    return OTHERWISE.get(name, ["1", "3000"] if value.isdecimal() else ["", "something-else"])


def test_what_was_fixed_can_be_taken_back_whatever_an_operator_sets_meanwhile(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    if broken.remediation.undo is None or not broken.scenario.environment:
        return
    broken.deliver()
    [alert] = broken.account.alerts()
    back = broken.account.keep()
    for name, value in broken.scenario.environment.items():
        for other in otherwise(name, value):
            back()
            with monkeypatch.context() as patch:
                patch.setenv(name, other)
                undone = give(broken, undo=alert["id"])
            assert (undone["outcome"], undone.get("reason", "").startswith("no reason given")) == ("UNDONE", True), f"{name}={other}: {undone}"
            assert broken.state() == broken.before, f"{name}={other}"


def test_an_undo_follows_the_settings_of_the_fix_and_the_next_event_those_of_today(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    open_group.deliver()
    monkeypatch.setenv("ADMIN_PORTS", "5432")
    assert give(open_group, undo=open_group.account.alerts()[0]["id"])["outcome"] == "UNDONE"
    assert open_group.state() == open_group.before
    open_group.account.clock.pause(8 * 24 * 3600)
    assert open_group.deliver(open_group.event(event_id="another")) == ["ALREADY_OK"]


COMMANDS: Mapping[str, Callable[[Broken], Mapping[str, object]]] = {
    "undo": lambda broken: {"undo": broken.account.alerts()[0]["id"]},
    "exempt": lambda broken: {"exempt": wish(broken, broken.resource)},
    "retry": refused,
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_told_with_who_gives_it_as_they_say(open_group: Broken, command: str) -> None:
    if command == "undo":
        open_group.deliver()
    given = COMMANDS[command](open_group)
    give(open_group, **{**given, "by": "Jo <b>`x`\n"})
    alert = open_group.account.alerts()[-1]
    assert "<" not in alert["trigger"]["from"]
    assert ", as they say" in alert["trigger"]["from"]
    assert "as they say" in alert["text"]
    SCHEMA.validate({part: value for part, value in alert.items() if part not in ("subject", "text")})


def test_a_command_that_was_pasted_without_a_name_is_told_without_one(open_group: Broken) -> None:
    give(open_group, exempt=wish(open_group, open_group.resource), by="YOUR NAME")
    assert open_group.account.alerts()[0]["trigger"]["from"] == "an operator"


def test_who_gives_a_command_is_told_where_lambda_knows_it(open_group: Broken) -> None:
    context = Context("snapback-revoke-open-ingress", "a request")
    context.identity = SimpleNamespace(cognito_identity_id="us-east-1:11111111-2222-3333-4444-555555555555")  # type: ignore[attr-defined]  # where an app invokes
    open_group.remediation.handler({"exempt": wish(open_group, open_group.resource), "by": "Jo"}, context)
    heard = open_group.account.alerts()[0]["trigger"]["from"]
    assert heard == "an operator by us-east-1:11111111-2222-3333-4444-555555555555 and Jo, as they say"


def test_an_exemption_says_what_it_covers_under_the_name_that_the_journal_knows(broken: Broken) -> None:
    answer = give(broken, exempt=wish(broken, broken.resource))
    assert f"It covers {answer['resource']}" in answer["reason"]
    assert f"It covers {answer['resource']}" in broken.account.alerts()[-1]["reason"]
    assert answer["resource"] in [one.resource for one in decisions.exemptions_of(broken.remediation.problem or broken.remediation.name)]
    assert broken.deliver() == ["EXEMPT"]


def test_an_exemption_by_an_arn_covers_the_name_and_says_so(open_group: Broken) -> None:
    arn = f"arn:aws:ec2:us-east-1:111122223333:security-group/{open_group.resource}"
    answer = give(open_group, exempt=wish(open_group, arn))
    assert f"It covers {open_group.resource}, which is what {arn} names" in answer["reason"]
    assert open_group.deliver() == ["EXEMPT"]


def test_an_exemption_by_the_name_that_people_use_covers_what_the_journal_knows_otherwise(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = broken_by(next(handler for handler in FIXERS if handler.stem == "restart_trail"), account, monkeypatch)
    name = broken.resource.rpartition("/")[2]
    answer = give(broken, exempt=wish(broken, name))
    assert answer["resource"].endswith(f":trail/{name}")
    assert f"which is what {name} names" in answer["reason"]
    assert broken.deliver() == ["EXEMPT"]
    with pytest.raises(CommandError, match="known by its ARN"):
        give(broken, exempt=wish(broken, f"{name[:3]}*"))


def test_an_exemption_by_the_beginning_of_names_says_what_waits_that_it_covers(open_group: Broken) -> None:
    answer = give(open_group, exempt=wish(open_group, "sg-*"))
    assert "none that is known now" in answer["reason"]
    assert open_group.deliver() == ["EXEMPT"]
    assert open_group.resource in give(open_group, exempt=wish(open_group, "sg-*"))["reason"]
    with pytest.raises(CommandError, match="known by its name"):
        give(open_group, exempt=wish(open_group, "arn:aws:ec2:*"))


def test_what_was_renamed_is_not_exempt_by_its_old_name(open_group: Broken) -> None:
    with pytest.raises(CommandError, match="there is no"):
        give(open_group, exempt=wish(open_group, "sg-0123456789abcdef0"))
    assert open_group.account.outcomes() == []


@pytest.mark.parametrize("part", ["owner", "reason"])
def test_an_exemption_as_it_stands_in_the_alert_is_refused_until_somebody_answers_for_it(part: str, open_group: Broken) -> None:
    open_group.deliver()
    [alert] = open_group.account.alerts()
    words = shlex.split(alert["commands"]["exempt"])
    pasted = json.loads(words[words.index("--payload") + 1])["exempt"]
    pasted |= {"owner": "Jo", "reason": "migration"} | {part: pasted[part]}
    with pytest.raises(CommandError, match=f"'{part}' is still"):
        give(open_group, exempt=pasted)
    assert open_group.account.outcomes() == ["FIXED"]


def test_an_undo_as_it_stands_in_the_alert_gives_no_reason(open_group: Broken) -> None:
    open_group.deliver()
    assert give(open_group, undo=open_group.account.alerts()[0]["id"], reason="WHY")["reason"].startswith("no reason given")


@pytest.mark.parametrize(("word", "meant"), [("prevew", "preview"), ("Undo", "undo"), ("realease", "release"), ("exmept", "exempt")])
def test_a_command_that_is_spelled_wrong_is_refused_with_the_nearest_and_all_there_are(word: str, meant: str, open_group: Broken) -> None:
    with pytest.raises(UnreadableEvent, match=f"there is no command {word}: is '{meant}' meant\\? There are apply, survey, undo, "):
        open_group.account.invoke(open_group.remediation, {word: open_group.resource})
    assert open_group.account.calls == []


def at_hand(command: str) -> str:
    """Return the payload's word that an alert's shell command gives."""
    words = shlex.split(command)
    payload: dict[str, str] = json.loads(words[words.index("--payload") + 1])
    return next(iter(payload.values()))


@pytest.mark.parametrize("given", ["<ID>", "sb-...", "...", "ID", "$ID", ""])
@pytest.mark.parametrize("command", ["apply", "undo", "retry"])
def test_what_stands_for_an_id_is_refused_as_that(open_group: Broken, command: str, given: str) -> None:
    with pytest.raises(CommandError, match=r"stands for an id: put the real one in its place\. Nothing was changed"):
        give(open_group, **{command: given})
    assert open_group.account.calls == [], "nothing is looked up for it"


@pytest.mark.parametrize("given", ["<RESOURCE>", "...", "RESOURCE"])
@pytest.mark.parametrize("command", ["release", "unexempt", "preview", "accept"])
def test_what_stands_for_a_resource_is_refused_as_that(open_group: Broken, command: str, given: str) -> None:
    with pytest.raises(CommandError, match="stands for a resource: put the real one in its place"):
        give(open_group, **{command: given})
    with pytest.raises(CommandError, match="stands for a resource"):
        give(open_group, exempt=wish(open_group, given))
    assert open_group.account.outcomes() == []


@pytest.mark.parametrize("part", ["owner", "reason"])
@pytest.mark.parametrize("given", ["YOUR NAME", "why", "<owner>", "..."])
def test_nobody_answers_for_an_exemption_in_words_that_stand_for_others(open_group: Broken, part: str, given: str) -> None:
    with pytest.raises(CommandError, match="say who answers for it, and why"):
        give(open_group, exempt={**wish(open_group, open_group.resource), part: given})
    assert decisions.exemptions_of(open_group.remediation.name) == []


def test_an_id_of_another_remediation_is_refused_with_the_one_whose_it_is(open_group: Broken) -> None:
    open_group.deliver()
    fix = open_group.account.alerts()[-1]["id"]
    other = next(handler for handler in FIXERS if handler.stem == "empty_default_security_group")
    for command in ("apply", "undo", "retry"):
        with pytest.raises(CommandError, match=f"It is revoke-open-ingress's .FIXED {open_group.resource}.: give it to that function"):
            open_group.account.invoke(other.remediation, {command: fix})
        with pytest.raises(CommandError, match="An id is sb- and sixteen characters"):
            open_group.account.invoke(other.remediation, {command: fix[:-1]})


def test_an_exemption_that_there_is_not_is_refused_with_the_nearest_and_those_in_force(open_group: Broken) -> None:
    give(open_group, exempt=wish(open_group, open_group.resource))
    almost = f"{open_group.resource[:-1]}{'0' if open_group.resource[-1] != '0' else '1'}"
    with pytest.raises(CommandError, match=rf"so nothing was changed\. Do you mean {open_group.resource}\? In force are {open_group.resource}"):
        give(open_group, unexempt=almost)
    give(open_group, unexempt=open_group.resource)
    with pytest.raises(CommandError, match="In force are none"):
        give(open_group, unexempt=open_group.resource)


def test_a_silence_that_there_is_not_is_not_said_to_have_ended(open_group: Broken) -> None:
    kind = "UnauthorizedAccess:EC2/SSHBruteForce"
    give(open_group, silence={**wish(open_group, "-"), "finding": kind})
    heard = open_group.account.outcomes()
    with pytest.raises(CommandError, match=rf"has not silenced UnauthorizedAccess:EC2/SSHBruteForc, so nothing was changed\. Do you mean {kind}\?"):
        give(open_group, unsilence=kind[:-1])
    assert open_group.account.outcomes() == heard
    give(open_group, unsilence=kind)
    assert decisions.exemptions_of(open_group.remediation.name) == []


def test_a_mode_that_there_is_not_is_refused_with_the_one_that_holds(open_group: Broken) -> None:
    with pytest.raises(CommandError, match=r"Do you mean preview.* Nothing was changed: none was chosen"):
        give(open_group, mode="previw")
    give(open_group, mode="off", by="Jo")
    with pytest.raises(CommandError, match=r"Nothing was changed: off since .*, by Jo"):
        give(open_group, mode="on")


def test_what_a_decision_is_about_that_is_no_resource_has_no_arn_and_no_page(open_group: Broken) -> None:
    account = open_group.account
    give(open_group, mode="off")
    give(open_group, exempt=wish(open_group, "sg-0a*"))
    give(open_group, silence={**wish(open_group, "-"), "finding": "Backdoor:EC2/X"})
    assert [(alert["resource"]["arn"], "resource" in alert["links"]) for alert in account.alerts()] == [(None, False)] * 3
    give(open_group, mode="default")
    open_group.deliver()
    assert account.alerts()[-1]["resource"]["arn"].endswith(open_group.resource)
    assert "resource" in account.alerts()[-1]["links"]


def test_each_decision_of_a_person_is_told_with_the_command_that_ends_it(open_group: Broken) -> None:
    account = open_group.account
    open_group.deliver()
    give(open_group, undo=account.alerts()[-1]["id"], reason="a test")
    undone = account.alerts()[-1]
    assert at_hand(undone["commands"]["unexempt"]) == open_group.resource
    give(open_group, unexempt=at_hand(undone["commands"]["unexempt"]))
    assert "unexempt" not in account.alerts()[-1]["commands"], "what has ended cannot be ended"
    give(open_group, exempt=wish(open_group, open_group.resource))
    exempted = account.alerts()[-1]
    assert at_hand(exempted["commands"]["unexempt"]) == open_group.resource
    assert "exempt" not in exempted["commands"]
    assert "End the exemption:\n  snapback unexempt" in exempted["text"]
    assert "\n  sent at" in exempted["text"]
    give(open_group, silence={**wish(open_group, "-"), "finding": "Backdoor:EC2/X"})
    assert at_hand(account.alerts()[-1]["commands"]["unsilence"]) == "Backdoor:EC2/X"
    give(open_group, mode="off")
    assert at_hand(account.alerts()[-1]["commands"]["mode"]) == "default"
    give(open_group, mode="default")
    assert "mode" not in account.alerts()[-1]["commands"]
    for alert in account.alerts():
        SCHEMA.validate({part: value for part, value in alert.items() if part not in ("subject", "text")})


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ({"undo": "sb-0123456789abcdef", "reson": "x"}, "no reson. Do you mean reason?"),
        ({"undo": "sb-0123456789abcdef", "apply": "sb-0123456789abcdef"}, "nothing was changed"),
        ({"exempt": {"resource": "sg-0123456789abcdef0", "owner": "Jo", "reason": "x", "untill": "2027-01-01"}}, "no untill. Do you mean until?"),
        ({"unexempt": "typo"}, "so nothing was changed. In force are none"),
        ({"preview": "sg-0123456789abcdef0"}, "there is no sg-0123456789abcdef0"),
        (
            {"exempt": {"resource": "sg-0123456789abcdef0", "owner": "Jo", "reason": "x", "until": "2026-12-31"}},
            "there is no sg-0123456789abcdef0, and nothing was changed",
        ),
    ],
    ids=str,
)
def test_a_command_with_a_wrong_word_or_name_is_refused_and_says_what_there_is(open_group: Broken, command: Mapping[str, Any], said: str) -> None:
    with pytest.raises(CommandError) as refused:
        give(open_group, **command)
    assert said in str(refused.value)
    assert open_group.account.outcomes() == []
    assert open_group.account.journal() == []


def test_a_fix_that_was_taken_back_can_be_made_again_by_the_command_in_the_alert(open_group: Broken) -> None:
    assert open_group.deliver() == ["FIXED"]
    give(open_group, undo=open_group.account.alerts()[-1]["id"], reason="x")
    undone = open_group.account.alerts()[-1]
    assert "Fix it again, which ends the exemption" in undone["text"]
    again = give(open_group, retry=at_hand(undone["commands"]["retry"]))
    assert [one["outcome"] for one in again["outcomes"]] == ["FIXED"]
    assert not open_group.is_wrong
    assert decisions.exemptions_of("revoke-open-ingress") == []
    with pytest.raises(CommandError, match="there is nothing to try again"):
        give(open_group, retry=at_hand(undone["commands"]["retry"]))


def test_to_make_a_fix_again_ends_no_exemption_that_a_person_has_granted(open_group: Broken) -> None:
    open_group.deliver()
    undone = open_group.account.alerts()[-1]["id"]
    give(open_group, undo=undone, reason="x")
    give(open_group, exempt=wish(open_group, open_group.resource))
    assert give(open_group, retry=undone)["outcomes"][-1]["outcome"] == "EXEMPT"
    assert open_group.is_wrong


def test_each_decision_says_what_is_so_now(open_group: Broken) -> None:
    headlines = []
    for command in ({"exempt": wish(open_group, open_group.resource)}, {"unexempt": open_group.resource}, {"mode": "off"}, {"mode": "default"}):
        give(open_group, **command)
        headlines.append(open_group.account.alerts()[-1]["headline"])
    assert [one.partition(",")[0] for one in headlines] == [
        "Exempt from now on",
        "The exemption has ended",
        "Switched OFF by a person: nothing is done about this",
        "The class's mode holds again",
    ]


def test_when_an_exemption_is_ended_that_kept_a_problem_the_alert_offers_to_handle_that(open_group: Broken) -> None:
    give(open_group, exempt=wish(open_group, open_group.resource))
    assert open_group.deliver() == ["EXEMPT"]
    give(open_group, unexempt=open_group.resource)
    assert give(open_group, release=at_hand(open_group.account.alerts()[-1]["commands"]["release"]))["outcomes"][0]["outcome"] == "FIXED"
