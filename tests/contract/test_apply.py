"""What holds for applying what a preview showed, whatever the remediation: exactly those calls, or none."""

import contextlib
import dataclasses
import itertools
import json
import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from snapback.engine import clients, digests, journal
from snapback.engine.errors import CommandError, ResourceBusy, SnapbackError
from tests.contract.conftest import Broken, broken_by
from tests.contract.test_commands import break_again, deny, give, retry_of, wish
from tests.contract.test_laws import SCHEMA
from tests.harness.account import FAULTS, Account, ApiCall, Killed, error, fault_at
from tests.harness.discovery import FIXERS


def only_show(monkeypatch: pytest.MonkeyPatch) -> None:
    for mode in ("MODE", "DISRUPTIVE_MODE"):
        monkeypatch.setenv(mode, "preview")


def previewed(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Let the problem be shown in preview; return the payload of the command that applies it, as it stands in the alert."""
    only_show(monkeypatch)
    assert broken.deliver() == ["WOULD_FIX"]
    alert = broken.account.alerts()[-1]
    SCHEMA.validate({part: value for part, value in alert.items() if part not in ("subject", "text")})
    assert "snapback apply sb-" in alert["text"]
    broken.account.clock.pause(3600)
    broken.account.forget()
    return payload_of(alert, "apply")


def payload_of(alert: Mapping[str, Any], command: str) -> dict[str, Any]:
    """Return the payload of a command that the alert offers."""
    words = shlex.split(alert["commands"][command])
    found: dict[str, Any] = json.loads(words[words.index("--payload") + 1])
    return found


def open_further(group: Broken) -> None:
    """Let somebody open a further port, of which no event tells."""
    boto3.client("ec2").authorize_security_group_ingress(GroupId=group.resource, IpProtocol="tcp", FromPort=3389, ToPort=3389, CidrIp="0.0.0.0/0")


def outcomes_of(answer: Mapping[str, Any]) -> list[str]:
    """Return how a command ended for each resource."""
    return [one["outcome"] for one in answer["outcomes"]]


def test_what_was_shown_can_be_applied_in_preview_makes_the_calls_that_were_shown_and_can_be_taken_back(
    broken: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply = previewed(broken, monkeypatch)
    shown = journal.read(str(apply["apply"]))
    assert shown
    [ended] = give(broken, **{**apply, "by": "Jo"})["outcomes"]
    assert ended["outcome"] == "FIXED"
    assert [(call["service"], call["operation"]) for call in shown.calls] == [(call.service, call.operation) for call in broken.account.writes]
    assert list(shown.calls) == ended["calls"]
    assert not broken.is_wrong
    assert broken.scenario.neighbours(broken.state()) == broken.scenario.neighbours(broken.before)
    alert = broken.account.alerts()[-1]
    SCHEMA.validate({part: value for part, value in alert.items() if part not in ("subject", "text")})
    assert (alert["outcome"], alert["trigger"]["from"]) == ("FIXED", f"an operator's apply of {shown.id} by Jo, as they say")
    assert (alert["actor"] or {}).get("text") == (broken.account.alerts()[-2]["actor"] or {}).get("text"), "who changed it is still said"
    if broken.remediation.undo:
        assert give(broken, undo=ended["id"])["outcome"] == "UNDONE"
        assert broken.state() == broken.before


def test_an_apply_costs_its_own_calls_the_reading_of_what_was_shown_and_a_claim_a_publish_and_a_record(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = previewed(broken, monkeypatch)
    give(broken, **apply)
    own = [call.operation for call in broken.account.calls if call.own and not call.is_recall]
    assert own == ["GetItem", "TransactWriteItems", "Publish", "GetItem", "TransactWriteItems"]


def test_what_was_applied_is_not_applied_again_whatever_happens_to_it(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = previewed(broken, monkeypatch)
    assert outcomes_of(give(broken, **apply)) == ["FIXED"]
    if broken.remediation.undo:
        break_again(broken)
    broken.account.forget()
    assert outcomes_of(give(broken, **apply)) == ["HANDLED"]
    assert broken.account.writes == []
    assert broken.account.outcomes() == ["WOULD_FIX", "FIXED"]


def test_what_was_applied_and_is_broken_again_is_shown_again_and_can_be_applied_again(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = previewed(broken, monkeypatch)
    give(broken, **apply)
    if broken.remediation.undo is None:
        return
    break_again(broken)
    assert [broken.deliver(broken.event(event_id=one)) for one in ("again", "and again")] == [["WOULD_FIX"], ["HANDLED"]]
    further = payload_of(broken.account.alerts()[-1], "apply")
    assert further != apply
    assert outcomes_of(give(broken, **further)) == ["FIXED"]
    assert not broken.is_wrong


def test_what_is_right_by_now_is_not_applied(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = previewed(broken, monkeypatch)
    broken.remediation.fix(broken.resource, broken.remediation.violation(broken.resource))  # by somebody of whom no event tells
    rows, state = broken.account.journal(), broken.state()
    broken.account.forget()
    with pytest.raises(CommandError, match="the resource shows no problem now"):
        give(broken, **apply)
    assert broken.account.writes == []
    assert (broken.state(), broken.account.journal(), broken.account.outcomes()) == (state, rows, ["WOULD_FIX"])


def test_what_is_wrong_otherwise_by_now_is_not_applied_and_the_refusal_says_what_is_wrong_now(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = previewed(open_group, monkeypatch)
    open_further(open_group)
    open_group.account.forget()
    with pytest.raises(CommandError, match=r"is not applied, and nothing was changed: the resource shows .*3389.* now, and was shown with .*22"):
        give(open_group, **apply)
    assert open_group.account.writes == []


def test_what_would_call_something_else_by_now_is_not_applied(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = previewed(open_group, monkeypatch)
    row = open_group.account.table.rows[f"FIX#{apply['apply']}"]
    row["outcome"]["S"] = row["outcome"]["S"].replace(open_group.resource, "sg-0123456789abcdef0")
    with pytest.raises(CommandError, match="the calls would be others than those shown"):
        give(open_group, **apply)
    assert open_group.account.writes == []


def test_what_is_applied_is_judged_by_the_settings_by_which_it_was_shown(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = previewed(open_group, monkeypatch)
    monkeypatch.setenv("ADMIN_PORTS", "5432")
    assert outcomes_of(give(open_group, **apply)) == ["FIXED"]


def test_an_apply_passes_every_guard(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = previewed(open_group, monkeypatch)
    give(open_group, exempt=wish(open_group, open_group.resource))
    assert outcomes_of(give(open_group, **apply)) == ["EXEMPT"]
    give(open_group, unexempt=open_group.resource)
    for limit, outcome in (("MAX_FIXES_PER_RESOURCE", "CONTESTED"), ("MAX_FIXES_PER_HOUR", "HELD")):
        with monkeypatch.context() as patch:
            patch.setenv(limit, "1")
            assert outcomes_of(give_after_a_fix(open_group, apply, limit)) == [outcome]
            assert payload_of(open_group.account.alerts()[-1], "apply") == apply, "once it is released, it can be applied"
    assert open_group.account.writes == []
    assert open_group.state() == open_group.before
    open_group.account.clock.pause(3600)
    assert outcomes_of(give(open_group, **apply)) == ["FIXED"]


def give_after_a_fix(broken: Broken, apply: Mapping[str, Any], limit: str) -> Mapping[str, Any]:
    """Give the command where the register of this limit says that there was a fix just now."""
    name = broken.remediation.name
    key = f"BREAKER#{name}" if limit == "MAX_FIXES_PER_HOUR" else f"RESOURCE#{name}#{broken.resource}"
    broken.account.table.rows[key] = {"pk": {"S": key}, "fix1": {"N": str(broken.account.clock.time)}}
    answer = give(broken, **apply)
    del broken.account.table.rows[key]
    return answer


def test_an_apply_waits_for_who_is_at_work_on_the_resource(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = previewed(open_group, monkeypatch)
    key = f"RESOURCE#{open_group.remediation.name}#{open_group.resource}"
    open_group.account.table.rows[key] = {"pk": {"S": key}, "lease": {"N": str(open_group.account.clock.time + 300)}}
    with pytest.raises(ResourceBusy):
        give(open_group, **apply)
    assert open_group.account.writes == []


def test_an_old_threat_is_not_applied_but_held_for_a_person_who_looks_again(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = broken_by(next(handler for handler in FIXERS if handler.stem == "isolate_instance"), account, monkeypatch)
    apply = previewed(broken, monkeypatch)
    account.clock.pause(24 * 3600)
    assert outcomes_of(give(broken, **apply)) == ["HELD"]
    assert account.writes == []
    assert broken.state() == broken.before
    assert outcomes_of(give(broken, release=broken.resource)) == ["WOULD_FIX"]
    assert outcomes_of(give(broken, **payload_of(account.alerts()[-1], "apply"))) == ["FIXED"]


def test_only_what_was_shown_can_be_applied_and_by_its_own_remediation(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    for made_up in ("sb-0000000000000000", "AN ID FROM ABOVE", open_group.resource, None):
        with pytest.raises(CommandError, match="has shown nothing"):
            give(open_group, apply=made_up)
    open_group.deliver()
    with pytest.raises(CommandError, match="ended as FIXED: only what was shown"):
        give(open_group, apply=open_group.account.alerts()[-1]["id"])
    break_again(open_group)
    apply = previewed(open_group, monkeypatch)
    other = next(handler for handler in FIXERS if handler.stem == "empty_default_security_group")
    with pytest.raises(CommandError, match="has shown nothing"):
        open_group.account.invoke(other.remediation, apply)
    assert open_group.account.writes == []


def test_what_is_being_told_cannot_be_applied_yet(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = previewed(open_group, monkeypatch)
    open_group.account.table.rows[f"FIX#{apply['apply']}"]["status"] = {"S": "CLAIMED"}
    with pytest.raises(CommandError, match="is being told at this moment"):
        give(open_group, **apply)
    assert open_group.account.writes == []


def test_an_apply_that_aws_refuses_can_be_tried_again_in_preview_by_the_command_in_its_alert(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = previewed(broken, monkeypatch)
    with broken.account.interfered(deny(lambda call: call.is_write)):
        [outcome] = outcomes_of(give(broken, **apply))
    assert outcome in ("FAILED", "PARTIAL", "UNVERIFIED")
    assert outcomes_of(give(broken, **apply)) == ["HANDLED"]
    again = retry_of(broken.account.alerts()[-1])
    assert outcomes_of(give(broken, **again)) == ["FIXED"]
    assert not broken.is_wrong
    with pytest.raises(CommandError, match="nothing to try again"):
        give(broken, **again)


def test_what_an_apply_has_left_can_be_tried_again(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = previewed(open_group, monkeypatch)

    def only_the_first(group: str, rules: Sequence[Mapping[str, Any]]) -> None:
        open_group.remediation.fix(group, rules[:1] if clients._current.preview is False else rules)  # noqa: SLF001 - a dry run shows all of it

    halfway = dataclasses.replace(open_group.remediation, fix=only_the_first)
    assert outcomes_of(open_group.account.invoke(halfway, apply)) == ["PARTIAL"]
    assert outcomes_of(give(open_group, **retry_of(open_group.account.alerts()[-1]))) == ["FIXED"]
    assert not open_group.is_wrong


def test_an_apply_that_was_cut_off_between_two_calls_is_gone_on_with(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    def one_by_one(group: str, rules: Sequence[Mapping[str, Any]]) -> None:
        for rule in rules:
            open_group.remediation.fix(group, [rule])

    patient = dataclasses.replace(open_group.remediation, fix=one_by_one)
    only_show(monkeypatch)
    open_group.account.deliver(patient, open_group.event())
    apply = payload_of(open_group.account.alerts()[-1], "apply")

    def kill(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        return FAULTS["killed just after"](call, really) if call.is_write else really()

    with open_group.account.interfered(kill), contextlib.suppress(Killed):
        open_group.account.invoke(patient, apply)
    assert len(open_group.account.writes) == 1
    open_group.account.clock.pause(600)
    assert outcomes_of(open_group.account.invoke(patient, apply)) == ["FIXED"]
    assert not open_group.is_wrong


def test_a_call_that_has_the_present_time_in_it_is_made_with_the_later_one(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    account.clock.pause(300 * 24 * 3600)  # to after the sample's time
    broken = broken_by(next(handler for handler in FIXERS if handler.stem == "revoke_role_sessions"), account, monkeypatch)
    apply = previewed(broken, monkeypatch)
    assert outcomes_of(give(broken, **apply)) == ["FIXED"]
    now = datetime.fromtimestamp(account.clock.time, UTC).strftime("%Y-%m-%dT%H:%M")
    assert f'"aws:TokenIssueTime": "{now}' in json.dumps(broken.state()["revoked"])


def test_an_apply_is_recorded_though_the_preview_is_kept_no_more(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = previewed(open_group, monkeypatch)
    rows = open_group.account.table.rows

    def forget(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "Publish":
            del rows[f"FIX#{apply['apply']}"]
        return really()

    with open_group.account.interfered(forget):
        assert outcomes_of(give(open_group, **apply)) == ["FIXED"]
    assert [row["status"]["S"] for key, row in rows.items() if key.startswith("FIX#")] == ["FIXED"]


def test_a_preview_that_aws_refuses_offers_no_apply(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    only_show(monkeypatch)

    def refused_fix(*_: object) -> None:
        raise error("AccessDeniedException", 403, "DescribeSomething")

    blind = dataclasses.replace(open_group.remediation, fix=refused_fix)
    assert open_group.account.deliver(blind, open_group.event()) == ["WOULD_FIX"]
    alert = open_group.account.alerts()[-1]
    assert "apply" not in alert["commands"]
    with pytest.raises(CommandError, match="AWS refuses it"):
        open_group.account.invoke(blind, {"apply": alert["id"]})


def test_what_a_tag_has_exempted_meanwhile_is_not_applied(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = previewed(open_group, monkeypatch)
    monkeypatch.setenv("READ_TAGS", "on")
    until = datetime.fromtimestamp(open_group.account.clock.time + 3600, UTC).date().isoformat()
    exempt = f"remediation={open_group.remediation.name} owner=jo until={until} reason=test"
    boto3.client("ec2").create_tags(Resources=[open_group.resource], Tags=[{"Key": "snapback:exempt", "Value": exempt}])
    open_group.account.forget()
    assert outcomes_of(give(open_group, **apply)) == ["EXEMPT"]
    assert open_group.account.writes == []


@pytest.mark.parametrize("kind", ["denied", "timed out after it took effect", "killed just after"])
def test_an_apply_that_goes_wrong_at_any_call_ends_once_and_truly_when_it_is_given_again(broken: Broken, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    apply, account = previewed(broken, monkeypatch), broken.account
    begin_again = account.keep()
    for number in itertools.count():
        begin_again()
        with account.interfered(fault_at(number, kind)), contextlib.suppress(Exception, Killed):
            give(broken, **apply)
        calls = list(account.calls)
        if number >= len(calls):
            break
        where = f"{kind} at {calls[number].service}:{calls[number].operation}"
        account.clock.pause(1_000)  # no function lives longer, nor does its lease
        assert set(outcomes_of(give(broken, **apply))) <= {"FIXED", "HANDLED", "PARTIAL"}, where
        told = account.outcomes()[1:]
        assert told, f"{where}: somebody hears of it"
        assert not ("FIXED" in told and broken.is_wrong), f"{where}: what is told is true"
        assert set(told) <= {"FIXED"} or kind == "denied", f"{where}: {told}"
        rows = [row for row in account.journal() if row["pk"]["S"].startswith("FIX#")]
        assert not [row for row in rows if row["status"]["S"] == "CLAIMED"], f"{where}: nothing stays half made"
        assert [row["pk"]["S"] for row in rows if "applied" in row] == [f"FIX#{apply['apply']}"], where
    assert number >= len(["read", "look", "claim", "fix", "look", "publish", "read", "record"]), "the fault reached every call of the way"


@pytest.mark.parametrize("kind", ["killed just before", "killed just after"])
def test_the_retry_of_an_apply_that_was_cut_off_finishes_and_tells_it(open_group: Broken, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    apply, account = previewed(open_group, monkeypatch), open_group.account

    def kill(call: ApiCall, _: int, really: Callable[[], object]) -> object:
        return FAULTS[kind](call, really) if call.is_write else really()

    with account.interfered(kill), contextlib.suppress(Killed):
        give(open_group, **apply)
    account.clock.pause(1_000)
    [cut_off] = [row["pk"]["S"].removeprefix("FIX#") for row in account.journal() if row.get("status", {}).get("S") == "CLAIMED"]
    assert outcomes_of(give(open_group, retry=cut_off)) == ["FIXED"]
    assert account.outcomes() == ["WOULD_FIX", "FIXED"]
    assert not [row for row in account.journal() if row.get("status", {}).get("S") == "CLAIMED"]
    assert outcomes_of(give(open_group, **apply)) == ["HANDLED"]


def test_two_applies_at_once_end_in_one_fix_and_one_alert(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    apply, account = previewed(broken, monkeypatch), broken.account
    begin_again = account.keep()
    for number in itertools.count():
        begin_again()
        met: list[int] = []

        def meet(_: ApiCall, at: int, really: Callable[[], Any], number: int = number, met: list[int] = met) -> Any:  # noqa: ANN401 - any answer
            if at == number and not met:
                met.append(at)
                with contextlib.suppress(SnapbackError):  # the first is at work
                    give(broken, **apply)
            return really()

        with account.interfered(meet), contextlib.suppress(CommandError):  # the other has done it
            give(broken, **apply)
        if not met:
            break
        assert account.outcomes() == ["WOULD_FIX", "FIXED"], f"at call {number}"
        assert not broken.is_wrong
    assert number > len(["read", "look", "claim"])


def test_in_a_storm_the_digest_has_the_command_that_applies_one(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORM_AFTER", "1")
    open_group.account.make_storm_queue()
    only_show(monkeypatch)
    open_group.deliver()
    open_group.remediation.fix(open_group.resource, open_group.remediation.violation(open_group.resource))
    open_further(open_group)
    assert open_group.deliver(open_group.event(event_id="another")) == ["WOULD_FIX"]
    messages = boto3.client("sqs").receive_message(QueueUrl=os.environ["STORM_QUEUE"])["Messages"]
    assert digests.notify([{"messageId": one["MessageId"], "body": one["Body"]} for one in messages]) == []
    digest = open_group.account.alerts()[-1]
    SCHEMA.validate({part: value for part, value in digest.items() if part not in ("subject", "text")})
    assert "APPLY ONE" in digest["text"]
    assert payload_of(digest, "apply")["apply"] == "AN ID FROM ABOVE"
    assert outcomes_of(give(open_group, apply=digest["before"][0]["id"])) == ["FIXED"]
