"""Storms: what is more than a few alerts of one remediation is told as one, and nothing is lost."""

import json
import os
import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from jsonschema import Draft202012Validator
from moto.sns.models import sns_backends

from functions.ec2.revoke_open_ingress import remediation
from functions.snapback import send_digest
from snapback.engine import digests, notices
from tests.engine.test_alerts import forms
from tests.functions.ec2.test_revoke_open_ingress import scenario
from tests.harness.account import ACCOUNT, REGION, Account, ApiCall, error, operations
from tests.harness.discovery import ROOT, Handler
from tests.harness.permissions import grants
from tests.harness.template import of_type, resolved, resources

SAMPLE = Handler("ec2", "revoke_open_ingress").samples["revoke_open_ingress"]
STORM = Handler("snapback", "send_digest").samples["send_digest"]
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs" / "alert.schema.json").read_text()))


@pytest.fixture(autouse=True)
def settings(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORM_AFTER", "5")
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "20")
    monkeypatch.setenv("ADMIN_PORTS", scenario.environment["ADMIN_PORTS"])
    account.make_storm_queue()


def fix_many(account: Account, number: int, first: int = 0) -> list[str]:
    """Let so many security groups be opened, one after the other; return how it ended."""
    outcomes = []
    for one in range(first, first + number):
        group = boto3.client("ec2").create_security_group(GroupName=f"group-{one}", Description="-")["GroupId"]
        boto3.client("ec2").authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")
        outcomes += account.deliver(remediation, scenario.event(SAMPLE, group, event_id=f"event {one}"))
    return outcomes


def published_together(account: Account) -> list[dict[str, Any]]:
    """Give what waits to the function, as Lambda does; return what was put off."""
    waiting = account.put_off()
    publish(*waiting)
    return waiting


def message(body: object, number: int = 0) -> dict[str, str]:
    """Return a message of the queue as Lambda gives it."""
    return {"messageId": f"message-{number}", "body": body if isinstance(body, str) else json.dumps(body)}


def publish(*alerts: Mapping[str, Any]) -> dict[str, Any]:
    """Put these alerts off, and give their messages to the function; return its answer."""
    records = [message({"alert": notices.put_off(alert)}, number) for number, alert in enumerate(alerts)]
    return send_digest.handler({"Records": records}, None)


def test_a_few_are_told_one_by_one_and_the_rest_as_one(account: Account) -> None:
    assert set(fix_many(account, 15)) == {"FIXED"}
    assert account.outcomes() == ["FIXED"] * 5
    waiting = published_together(account)
    assert len(waiting) == 10
    assert account.outcomes() == [*["FIXED"] * 5, "DIGEST"]
    digest = account.alerts()[-1]
    assert {line["id"] for line in digest["before"]} == {alert["id"] for alert in waiting}
    assert digest["reason"].startswith("10 FIXED; from 20")
    assert "HELD" not in digest["reason"], "no word is explained that is not there"
    assert digest["subject"] == "HIGH 111122223333: 10 FIXED at once: The internet can reach an administration port (10 resources)"
    SCHEMA.validate({part: value for part, value in digest.items() if part not in ("subject", "text")})


def test_a_digest_links_to_what_the_operators_runbook_says_of_digests(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERTS", "2.0   https://wiki.example/runbook")
    fix_many(account, 6)
    published_together(account)
    link = "https://wiki.example/runbook#digest-and-alerts-that-stay-untold"
    told = forms()
    assert json.loads(told["default"])["links"] == {"runbook": link}
    assert f"\n  The runbook:\n  {link}\n" in told["email"]
    assert f"<{link}|runbook>" in json.loads(told["https"])["content"]["description"]


def test_each_of_them_can_be_taken_back_by_the_command_of_the_digest(account: Account) -> None:
    fix_many(account, 7)
    published_together(account)
    digest = account.alerts()[-1]
    assert '"undo": "AN ID FROM ABOVE"' in digest["commands"]["undo"]
    assert "\n  snapback undo 'AN ID FROM ABOVE' --reason WHY --region us-east-1\n" in digest["text"].partition("THE SAME BY THE AWS CLI")[0]
    assert digest["commands"]["undo"] in digest["text"]
    for line in digest["before"]:
        assert line["id"] in digest["text"]
        assert account.invoke(remediation, {"undo": line["id"]})["outcome"] == "UNDONE"
    assert account.outcomes()[-2:] == ["UNDONE", "UNDONE"], "what a person does is told at once"


def test_after_ten_quiet_minutes_they_are_told_one_by_one_again(account: Account) -> None:
    fix_many(account, 8)
    assert account.outcomes() == ["FIXED"] * 5
    account.clock.pause(601)
    fix_many(account, 3, first=8)
    assert account.outcomes() == ["FIXED"] * 8


def test_the_breaker_holds_in_a_storm_too_and_is_told_at_once(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "8")
    assert fix_many(account, 10) == [*["FIXED"] * 8, "HELD", "HELD"]
    assert account.outcomes() == [*["FIXED"] * 5, "HELD"]


def test_what_could_not_even_be_looked_at_is_told_together_too(account: Account) -> None:
    def refuse(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.own:
            return really()
        raise error("UnauthorizedOperation", 403, call.operation)

    with account.interfered(refuse):
        assert fix_many(account, 30) == ["FAILED"] * 30
    assert account.outcomes() == ["FAILED"] * 5
    published_together(account)
    digest = account.alerts()[-1]
    assert (digest["severity"], digest["before_count"]) == ("high", 25)


def test_a_fix_in_a_storm_costs_no_more_than_one_more_question_and_one_row(account: Account) -> None:
    fix_many(account, 5)
    account.forget()
    fix_many(account, 1, first=5)
    own = [call for call in account.calls if call.own]
    assert operations(own) == [*["dynamodb:TransactWriteItems"] * 2, "dynamodb:PutItem", "sqs:SendMessage", "dynamodb:TransactWriteItems"]


@pytest.mark.parametrize("code", ["AccessDenied", "AWS.SimpleQueueService.NonExistentQueue"])
def test_what_cannot_be_put_off_is_tried_again(code: str, account: Account) -> None:
    fix_many(account, 5)
    failing = iter([code])

    def interfere(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "SendMessage" and (once := next(failing, None)):
            raise error(once, 403, call.operation)
        return really()

    with account.interfered(interfere):
        assert fix_many(account, 1, first=5) == ["FIXED"]
    assert len(account.put_off()) == 1


def test_each_remediation_has_its_own_digest_and_what_needs_a_person_stands_first(account: Account) -> None:
    fix_many(account, 7)
    [one, other] = account.put_off()
    release = """aws lambda invoke --function-name require-mfa --payload '{"release": "jo"}' /dev/stdout"""
    held = {
        **other,
        "id": "",
        "outcome": "HELD",
        "headline": "NOT fixed: held until you decide",
        "needs_person": True,
        "resource": {"type": "AWS::IAM::User", "name": "jo"},
        "commands": {"release": release},
    }
    another = {**one, "remediation": "require-mfa"}
    publish(one, held, one, another)
    first, second = account.alerts()[-2:]
    assert [line["outcome"] for line in first["before"]] == ["HELD", "FIXED"], "and what came twice stands once"
    assert first["commands"]["release"] == release
    assert f"\n  {release}" in first["text"]
    assert "HELD: NOT fixed, held until you decide" in first["reason"], "who has never heard the word"
    places = [first["text"].index(part) for part in ("\n\nOUTCOMES\n", "\n\nRELEASE, once you have looked", "\n\nEACH RESOURCE", "\n\nTHE SAME BY")]
    assert places == sorted(places), "the list may be long"
    assert (second["remediation"], second["before_count"]) == ("require-mfa", 1)


@pytest.mark.parametrize(
    ("outcomes", "first"),
    [(["FIXED", "FIXED"], "What Snapback can cut off is cut off."), (["FIXED", "HELD"], "Treat it as a break-in under way:")],
    ids=["all contained", "one not"],
)
def test_a_digest_of_threats_says_what_to_do_by_whether_all_of_them_are_contained(account: Account, outcomes: list[str], first: str) -> None:
    fix_many(account, 7)
    alerts = account.put_off()
    publish(*({**alert, "threat": True, "outcome": outcome} for alert, outcome in zip(alerts, outcomes, strict=True)))
    assert f"\n\nDO FIRST\n  {first}" in account.alerts()[-1]["text"]


def test_a_digest_says_of_which_resource_something_stays_and_what(account: Account) -> None:
    fix_many(account, 7)
    right, wrong = account.put_off()
    why = "It still lets in 999999999999 by name."
    publish(right, {**wrong, "headline": "Fixed, but something stays", "needs_person": True, "reason": why})
    digest = account.alerts()[-1]
    assert digest["needs_person"]
    assert [line.get("reason") for line in digest["before"]] == [why, None], "which no journal entry has"
    assert f"{wrong['id']} at {wrong['told_at'][11:19]}\n    {why}\n" in digest["text"]
    assert "\n\nDO FIRST\n  Look at what stays" in digest["text"]


def test_of_a_digest_of_threats_that_is_cut_nobody_says_that_all_are_contained(account: Account) -> None:
    fix_many(account, 6)
    [alert] = account.put_off()
    publish(*({**alert, "id": f"sb-{number:016x}", "threat": True} for number in range(1_000)))
    digest = account.alerts()[-1]
    assert digest["before_count"] > len(digest["before"])
    assert "\n\nDO FIRST\n  Treat it as a break-in under way:" in digest["text"]


def test_a_digest_of_ten_thousand_is_cut_and_sent(account: Account) -> None:
    fix_many(account, 6)
    [alert] = account.put_off()
    many = [{**alert, "id": f"sb-{number:016x}", "resource": {**alert["resource"], "name": f"sg-{number:017x}"}} for number in range(10_000)]
    publish(*many)
    digest = account.alerts()[-1]
    assert digest["before_count"] == 10_000
    assert "... and 9900 more" in digest["text"]


def test_a_digest_of_the_longest_names_there_are_still_fits_into_a_message(account: Account) -> None:
    fix_many(account, 6)
    [alert] = account.put_off()
    long = {**alert, "headline": "Fixed, but something stays", "reason": "'\"" * 1000}
    named = [{**long, "id": f"sb-{number:016x}", "resource": {**alert["resource"], "name": f"{number:04}" + "'\"" * 1022}} for number in range(500)]
    publish(*named)
    [topic] = sns_backends[ACCOUNT][REGION].topics.values()
    assert len(topic.sent_notifications[-1][1].encode()) < 262_144, "what SNS takes"
    assert account.alerts()[-1]["before_count"] == 500


def test_the_sample_is_told_as_one(account: Account) -> None:
    fix_many(account, 7)
    kept = [json.dumps(alert) for alert in account.put_off()]
    for record, alert in zip(STORM["Records"], kept, strict=True):
        account.table.rows[f"ALERT#{json.loads(record['body'])['alert']}"] = {
            "pk": {"S": f"ALERT#{json.loads(record['body'])['alert']}"},
            "alert": {"S": alert},
        }
    assert send_digest.handler(STORM, None) == {"batchItemFailures": []}
    digest = account.alerts()[-1]
    assert [line["id"] for line in digest["before"]] == [json.loads(alert)["id"] for alert in kept]
    SCHEMA.validate({part: value for part, value in digest.items() if part not in ("subject", "text")})


def test_the_message_in_the_queue_says_nothing_but_an_id(account: Account) -> None:
    fix_many(account, 6)
    [one] = boto3.client("sqs").receive_message(QueueUrl=os.environ["STORM_QUEUE"])["Messages"]
    assert re.fullmatch(r'\{"alert": "sb-[0-9a-f]{16}"\}', one["Body"])


FORGED = {
    "an alert of somebody's own": {"id": "sb-0000000000000001", "outcome": "FIXED", "commands": {"undo": "rm -rf /"}},
    "an id that the journal does not know": {"alert": "sb-00000000deadbeef"},
    "more than an id": {"alert": "sb-00000000deadbeef", "text": "all is well"},
    "another row of the journal": {"alert": "../FIX#sb-00000000deadbeef"},
    "no text": {"alert": 7},
    "a list": [],
    "no JSON": "hello",
    "nothing": "",
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_a_message_that_is_not_of_snapbacks_making_is_set_aside_and_the_others_are_told(
    forged: object, account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    fix_many(account, 6)
    [alert] = account.put_off()
    true = message({"alert": notices.put_off(alert)}, 1)
    assert send_digest.handler({"Records": [message(forged), true]}, None) == {"batchItemFailures": []}
    assert account.outcomes()[-1] == "DIGEST"
    assert [line["id"] for line in account.alerts()[-1]["before"]] == [alert["id"]]
    assert [vars(line)["message_id"] for line in caplog.records if line.message == digests.FORGED] == ["message-0"]


def test_the_log_line_of_a_forged_message_is_what_the_alarm_counts() -> None:
    [metric] = [one for one in of_type("AWS::Logs::MetricFilter").values() if one["Properties"]["MetricTransformations"][0]["MetricName"] == "Forged"]
    assert metric["Properties"]["FilterPattern"] == f'{{ $.message = "{digests.FORGED}" }}'


def test_what_cannot_be_told_stays_in_the_queue_and_keeps_nothing_else_from_being_told(account: Account) -> None:
    fix_many(account, 6)
    [alert] = account.put_off()
    another = {**alert, "remediation": "require-mfa"}

    def refuse_one(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "Publish" and "require-mfa" in call.parameters["MessageAttributes"]["remediation"]["StringValue"]:
            raise error("Throttled", 429, call.operation)
        return really()

    with account.interfered(refuse_one):
        assert publish(another, alert) == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}
    assert account.outcomes()[-1] == "DIGEST"


def test_if_the_journal_cannot_be_read_the_queue_keeps_all(account: Account) -> None:
    fix_many(account, 6)
    [alert] = account.put_off()

    def refuse(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "BatchGetItem":
            raise error("ProvisionedThroughputExceededException", 400, call.operation)
        return really()

    with account.interfered(refuse), pytest.raises(ClientError):
        publish(alert)


def test_what_the_journal_does_not_give_at_once_is_asked_for_again(account: Account) -> None:
    fix_many(account, 6)
    [alert] = account.put_off()
    asked = []

    def give_part(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation != "BatchGetItem":
            return really()
        asked.append(call)
        return {"Responses": {}, "UnprocessedKeys": call.parameters["RequestItems"]} if len(asked) == 1 else really()

    with account.interfered(give_part):
        assert publish(alert) == {"batchItemFailures": []}
    assert (len(asked), account.outcomes()[-1]) == (2, "DIGEST")


def test_nobody_but_the_stacks_own_roles_may_put_messages_in_and_nobody_but_its_function_may_take_them_out() -> None:
    policy = resources()["StormsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert [(one["Effect"], one["Principal"]) for one in policy] == [("Deny", "*")] * 2
    puts, takes = (one["Condition"] for one in policy)
    roles = [one["Name"] for one in resources().values() if one["Type"] == "AWS::IAM::Role"]
    allowed = puts["ArnNotLike"]["aws:PrincipalArn"]
    assert all(fnmatchcase(f"arn:aws:iam::111122223333:role/{role}", allowed) for role in roles)
    assert not fnmatchcase("arn:aws:iam::111122223333:role/Admin", allowed)
    assert takes["ArnNotEquals"]["aws:PrincipalArn"] == resolved({"Fn::GetAtt": ["SendDigestRole", "Arn"]})


def test_it_may_do_what_lambda_does_with_the_queue_in_its_name_and_read_the_journal() -> None:
    allowed = {grant.action for grant in grants("SendDigest", {})}
    # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    assert allowed == {"dynamodb:BatchGetItem", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}
