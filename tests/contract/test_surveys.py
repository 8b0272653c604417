"""A survey by the deployed function: of everything of its type, in parts where time is short, shown once, told together; and it never fixes."""

from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from snapback.engine import clock, commands, digests, fixes, journal, surveys
from snapback.engine.disclosure import disclosed, known_by
from snapback.engine.errors import CommandError, SeveralFailed
from snapback.engine.invocation import Invocation
from snapback.engine.remediation import Remediation
from tests.contract.conftest import Broken, broken_by
from tests.contract.test_commands import give, wish
from tests.contract.test_tags import GOOD
from tests.harness.account import Account, Context, error
from tests.harness.discovery import FIXERS, HANDLERS
from tests.harness.scheduler import schedules

schedules.as_on_aws()

DAY = 24 * 3600


@pytest.fixture
def group(open_group: Broken) -> Broken:
    open_group.account.make_storm_queue()
    open_group.account.forget()
    return open_group


def open_groups(number: int) -> list[str]:
    ec2 = boto3.client("ec2")
    made = [ec2.create_security_group(GroupName=f"open {one}", Description="-")["GroupId"] for one in range(number)]
    for one in made:
        ec2.authorize_security_group_ingress(GroupId=one, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")
    return made


def found(answer: Mapping[str, Any]) -> list[str]:
    return [one["resource"] for one in answer["outcomes"]]


def test_hundreds_are_told_in_one_message_from_which_one_can_be_applied(group: Broken) -> None:
    groups = sorted([*open_groups(30), group.resource])
    answer = give(group, survey=True)
    assert (answer["found"], found(answer)) == ({"WOULD_FIX": 31}, groups)
    assert group.account.outcomes() == []
    url = boto3.client("sqs").get_queue_url(QueueName="storms")["QueueUrl"]
    messages: list[dict[str, Any]] = []
    while some := boto3.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        messages += [{"messageId": one["MessageId"], "body": one["Body"]} for one in some]
    digests.notify(messages)
    [digest] = group.account.alerts()
    assert (digest["outcome"], digest["headline"], digest["before_count"]) == ("DIGEST", "31 WOULD_FIX at once", 31)
    assert "apply" in digest["commands"]
    [applied] = give(group, apply=digest["before"][0]["id"])["outcomes"]
    assert applied["outcome"] == "FIXED"


def test_no_breaker_counts_what_is_only_shown(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")
    open_groups(3)
    assert give(group, survey=True)["found"] == {"WOULD_FIX": 4}
    assert group.deliver() == ["FIXED"], "and it counts for none"


@pytest.mark.parametrize("mode", ["preview", "enforce"])
def test_nothing_is_changed_in_any_mode(group: Broken, mode: str) -> None:
    give(group, mode=mode)
    group.account.forget()
    assert give(group, survey=True)["found"] == {"WOULD_FIX": 1}
    assert group.account.writes == []


def test_what_is_off_is_not_looked_at(group: Broken) -> None:
    give(group, mode="off")
    with pytest.raises(CommandError, match=r"is off since .* nothing was looked at"):
        give(group, survey=True)


def test_what_the_deployment_has_switched_off_is_not_looked_at(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODE", "off")
    with pytest.raises(CommandError, match="is off by the deployment"):
        give(group, survey=True)


def test_what_is_exempt_is_neither_shown_nor_told(group: Broken) -> None:
    give(group, exempt=wish(group, group.resource))
    assert give(group, survey=True)["found"] == {"EXEMPT": 1}
    assert group.account.put_off() == []


def test_what_a_tag_exempts_is_not_shown_and_what_has_not_opted_in_says_so(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READ_TAGS", "opt-in")
    assert give(group, survey=True)["found"] == {"WOULD_FIX": 1}
    [told] = group.account.put_off()
    shown = journal.read(told["id"])
    assert shown
    assert "opted in" in shown.notes["opt-in"]
    boto3.client("ec2").create_tags(Resources=[group.resource], Tags=[{"Key": "snapback:exempt", "Value": GOOD}])
    assert give(group, survey=True)["found"] == {"EXEMPT": 1}


def test_what_was_put_right_since_and_is_there_again_is_shown_again(bucket: Broken) -> None:
    bucket.account.make_storm_queue()
    [first] = give(bucket, survey=True)["outcomes"]
    bucket.account.clock.pause(60)
    assert bucket.deliver() == ["FIXED"]
    bucket.break_again()
    bucket.account.clock.pause(60)
    [second] = give(bucket, survey=True)["outcomes"]
    assert (second["outcome"], second["calls"]) == ("WOULD_FIX", first["calls"])
    assert second["id"] != first["id"]
    assert give(bucket, survey=True)["found"] == {"HANDLED": 1}
    assert give(bucket, apply=second["id"])["outcomes"][0]["outcome"] == "FIXED"


class _Running(Context):
    """A function whose time runs out."""

    until = 0.0

    def get_remaining_time_in_millis(self) -> int:
        return round((self.until - clock.now()) * 1000)


def in_part(group: Broken, event: object, request: str, *, each: float = 15, broken: str = "none") -> dict[str, Any]:
    """Invoke the function, of which each look takes so many seconds of its time, and that at one group fails."""

    def takes_long(call: Any, _: int, really: Any) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "DescribeSecurityGroupRules":
            group.account.clock.pause(each)
        if call.operation.startswith("DescribeSecurityGroup") and broken in str(call.parameters):
            raise error("InternalError", 500, call.operation)
        return really()

    context = _Running("snapback-revoke-open-ingress", request)
    context.until = clock.now() + 55
    with group.account.interfered(takes_long):
        return group.remediation.handler(event, context)


def test_with_no_time_left_it_says_how_to_go_on_and_in_parts_everything_is_seen_once(group: Broken) -> None:
    groups = sorted([*open_groups(4), group.resource])
    event: object = {"survey": True}
    seen: list[str] = []
    for part in range(20):
        answer = in_part(group, event, str(part))
        seen += found(answer)
        if "left" not in answer:
            break
        assert answer["go_on_with"]["survey"].keys() == {"after"}
        event = answer["go_on_with"]
    assert seen == groups
    assert sorted(alert["resource"]["name"] for alert in group.account.put_off()) == groups


def test_where_there_is_a_clock_it_goes_on_by_itself(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    schedules.switch_on(monkeypatch)
    groups = sorted([*open_groups(4), group.resource])
    answer = in_part(group, {"survey": True, "by": "Jo"}, "first")
    assert "it goes on by itself at" in answer["reason"]
    assert answer["left"]
    rest = schedules.run_next(group.account, group.remediation)
    assert len(found(answer)) + len(rest) == len(groups)
    assert sorted(alert["resource"]["name"] for alert in group.account.put_off()) == groups


def test_what_the_clock_has_asked_for_and_goes_on_with_no_more_is_no_answer_that_nobody_reads(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    schedules.switch_on(monkeypatch)
    open_groups(4)
    monkeypatch.setenv("CLOCK", schedules.CLOCK.replace(schedules.GROUP, "another"))
    answer = in_part(group, {"survey": True}, "a person's")
    assert "could not be arranged" in answer["reason"]
    look = {"resource": "sg-0", "number": 1, "why": "survey", "due": group.account.clock.time}
    with pytest.raises(SeveralFailed, match="could not be arranged"):
        in_part(group, {"survey": True, "look": look}, "the clock's")


def test_one_that_cannot_be_looked_at_before_the_rest_is_told_and_the_rest_arranged_once(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Lambda would try again would arrange the rest again."""
    schedules.switch_on(monkeypatch)
    groups = sorted([*open_groups(4), group.resource])
    with monkeypatch.context() as patch:
        patch.setattr(surveys, "_TOLD", 0)
        with pytest.raises(SeveralFailed):
            in_part(group, {"survey": True}, "first", broken=groups[0])
    assert schedules.schedules() == [], "of many failures the retry arranges the rest"
    answer = in_part(group, {"survey": True}, "first", broken=groups[0])
    assert (answer["found"]["REPORTED"], len(schedules.schedules())) == (1, 1)
    schedules.run_next(group.account, group.remediation)
    told = {alert["resource"]["name"]: alert for alert in group.account.put_off()}
    assert sorted(told) == groups
    assert told[groups[0]]["outcome"] == "REPORTED"
    assert "a survey could not look at it, and goes on with the others (DescribeSecurityGroup" in told[groups[0]]["reason"]


def test_where_not_even_one_can_be_looked_at_it_does_not_go_on_for_ever(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    schedules.switch_on(monkeypatch)
    with pytest.raises(CommandError, match="takes all the time that the function has"):
        group.remediation.handler({"survey": True}, Context("snapback-revoke-open-ingress", "one", 15))
    assert schedules.schedules() == []


def test_one_that_cannot_be_looked_at_keeps_back_no_other_and_is_not_hidden(group: Broken) -> None:
    [other] = open_groups(1)

    def broken_for_one(call: Any, _: int, really: Any) -> Any:  # noqa: ANN401 - any answer
        if call.operation.startswith("DescribeSecurityGroup") and other in str(call.parameters):
            raise error("InternalError", 500, call.operation)
        return really()

    with group.account.interfered(broken_for_one), pytest.raises(SeveralFailed, match=f"1 of .* {other}"):
        give(group, survey=True)
    assert [alert["resource"]["name"] for alert in group.account.put_off()] == [group.resource]


def test_a_list_that_is_refused_is_said(group: Broken) -> None:
    def refused(call: Any, _: int, really: Any) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "DescribeSecurityGroups" and "GroupIds" not in call.parameters:
            raise error("UnauthorizedOperation", 403, call.operation)
        return really()

    with group.account.interfered(refused), pytest.raises(CommandError, match="what there is cannot be listed: DescribeSecurityGroups says"):
        give(group, survey=True)


def test_what_was_told_and_not_written_down_is_told_again_and_never_lost(group: Broken) -> None:
    def cut_off(call: Any, _: int, really: Any) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "PutItem" and str(call.parameters["Item"]["pk"]["S"]).startswith("FIX#"):
            raise error("InternalServerError", 500, call.operation)
        return really()

    with group.account.interfered(cut_off), pytest.raises(SeveralFailed):
        give(group, survey=True)
    assert give(group, survey=True)["found"] == {"WOULD_FIX": 1}
    assert len({alert["id"] for alert in group.account.put_off()}) == 1, "under the same id, so that a digest has it once"


def test_what_no_entry_has_room_for_is_told_as_that_and_not_applied(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    [one] = give(group, survey=True)["outcomes"]
    shown = journal.read(one["id"])
    assert shown
    group.account.put_off()
    group.account.clock.pause(DAY)
    with monkeypatch.context() as patch:
        patch.setattr(fixes, "_LARGEST_EVIDENCE", 10)
        assert give(group, survey=True)["found"] == {"REPORTED": 1}
        [told] = [alert for alert in group.account.put_off() if alert["id"] != shown.id]
        assert (told["outcome"], "too much to be taken back in one piece" in told["reason"]) == ("REPORTED", True)
    monkeypatch.setattr(fixes, "_LARGEST_EVIDENCE", 10)
    boto3.client("dynamodb").delete_item(TableName="journal", Key={"pk": {"S": f"FIX#{shown.id}"}})
    with pytest.raises(CommandError, match=r"is not applied: .* more than a journal entry holds; nothing was changed"):
        give(group, apply={"resource": group.resource, "shown": known_by_of(shown)})


def test_what_was_put_right_by_hand_and_is_wrong_again_is_shown_again_after_a_day(group: Broken) -> None:
    ids = []
    for hours, found_now in ((0, "WOULD_FIX"), (23, "HANDLED"), (1, "WOULD_FIX"), (0, "HANDLED")):
        group.account.clock.pause(hours * 3600)
        answer = give(group, survey=True)
        assert answer["found"] == {found_now: 1}
        ids += [one["id"] for one in answer["outcomes"]]
    assert len(set(ids)) == 2
    assert give(group, apply=ids[1])["outcomes"][0]["outcome"] == "FIXED"


def test_what_could_not_be_told_is_told_by_the_next_survey(group: Broken) -> None:
    def untold(call: Any, _: int, really: Any) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "SendMessage":
            raise error("InternalFailure", 500, call.operation)
        return really()

    with group.account.interfered(untold), pytest.raises(SeveralFailed):
        give(group, survey=True)
    assert give(group, survey=True)["found"] == {"WOULD_FIX": 1}
    assert [alert["outcome"] for alert in group.account.put_off()] == ["WOULD_FIX"]


@pytest.mark.parametrize("given", [False, "all", 1, {}, {"after": ""}, {"after": 7}, {"after": "a", "to": "b"}, ["sg"]])
def test_what_is_no_survey_is_refused(group: Broken, given: object) -> None:
    with pytest.raises(CommandError, match="a survey is asked for by true"):
        give(group, survey=given)


def test_each_remediation_can_look_at_all_there_is_or_says_in_a_sentence_why_not() -> None:
    """By what stands in the handlers: nothing is asked."""
    for one in HANDLERS:
        if not _can_look(one.remediation):
            with pytest.raises(CommandError, match=r"nothing to look through|cannot be listed"):
                commands.obey(one.remediation, {"apply": {"resource": "any", "shown": "0" * 64}}, Invocation.of(Context("a-function", "one")))
    cannot = {str(one) for one in HANDLERS if not _can_look(one.remediation)}
    assert {str(one) for one in HANDLERS if one.is_report} <= cannot
    others = {one for one in cannot if one in {str(fixer) for fixer in FIXERS}}
    assert others == {
        *("accessanalyzer/remove_external_access", "awslambda/contain_function", "ec2/isolate_instance", "ecs/stop_task", "iam/deactivate_exposed_key"),
        *("iam/quarantine_user", "iam/revoke_role_sessions", "wafv2/block_attacker_ip"),
    }


def _can_look(remediation: Remediation) -> bool:
    try:
        surveys.lister_for(remediation)
    except CommandError:
        return False
    return True


@pytest.fixture
def bucket(account: Account, monkeypatch: pytest.MonkeyPatch) -> Broken:
    return broken_by(next(one for one in FIXERS if one.stem == "block_public_bucket"), account, monkeypatch)


@pytest.mark.parametrize(
    ("wished", "said"),
    [
        ({"resource": "a-bucket"}, "what a survey showed is named by"),
        ({"resource": "a-bucket", "shown": "short"}, "what a survey showed is named by"),
        ({"resource": "a-bucket", "shown": 7}, "what a survey showed is named by"),
        ({"resource": "a-bucket", "shown": "0" * 64, "colour": "safe"}, "what a survey showed is named by"),
        ({"resource": ["a-bucket"], "shown": "0" * 64}, "is not a name that"),
        ({"resource": "../other", "shown": "0" * 64}, "is not a name that"),
    ],
)
def test_what_says_nothing_of_a_survey_is_not_applied(bucket: Broken, wished: object, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        give(bucket, apply=wished)
    assert bucket.account.writes == []


def test_an_attempt_to_apply_that_was_cut_off_is_finished_by_the_same_command(group: Broken) -> None:
    [one] = give(group, survey=True)["outcomes"]
    shown = journal.read(one["id"])
    assert shown
    sum_ = known_by_of(shown)

    def cut_off(call: Any, _: int, really: Any) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "RevokeSecurityGroupIngress":
            really()
            raise error("InternalError", 500, call.operation)
        return really()

    with group.account.interfered(cut_off), pytest.raises(Exception, match="InternalError"):
        give(group, apply={"resource": group.resource, "shown": sum_})
    group.account.clock.pause(120)
    [again] = give(group, apply={"resource": group.resource, "shown": sum_})["outcomes"]
    assert again["outcome"] == "FIXED"
    assert not group.is_wrong


def known_by_of(shown: fixes.Fix) -> str:
    return known_by(disclosed(list(shown.evidence)), list(shown.calls))
