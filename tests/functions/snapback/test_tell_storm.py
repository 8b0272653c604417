"""Storms: what is more than a few alerts of one remediation is told as one, and nothing is lost."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from jsonschema import Draft202012Validator
from moto.sns.models import sns_backends

from functions.ec2.revoke_open_ingress import remediation
from functions.snapback import tell_storm
from tests.functions.ec2.test_revoke_open_ingress import scenario
from tests.harness.account import ACCOUNT, REGION, Account, ApiCall, Context, error, operations
from tests.harness.discovery import ROOT, Handler
from tests.harness.permissions import grants

SAMPLE = Handler("ec2", "revoke_open_ingress").samples["revoke_open_ingress"]
STORM = Handler("snapback", "tell_storm").samples["tell_storm"]
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


def tell_together(account: Account) -> list[dict[str, Any]]:
    """Give what waits to the function, as Lambda does; return what was put off."""
    waiting = account.put_off()
    tell_storm.handler({"Records": [{"body": json.dumps(alert)} for alert in waiting]}, Context("tell-storm", ""))
    return waiting


def test_a_few_are_told_one_by_one_and_the_rest_as_one(account: Account) -> None:
    assert set(fix_many(account, 15)) == {"FIXED"}
    assert account.told() == ["FIXED"] * 5
    waiting = tell_together(account)
    assert len(waiting) == 10
    assert account.told() == [*["FIXED"] * 5, "DIGEST"]
    digest = account.heard()[-1]
    assert {line["id"] for line in digest["before"]} == {alert["id"] for alert in waiting}
    assert digest["reason"].startswith("10 FIXED; from 20")
    assert digest["subject"].startswith("[Snapback] DIGEST revoke-open-ingress 10 FIXED in 111122223333 us-east-1")
    SCHEMA.validate({part: value for part, value in digest.items() if part not in ("subject", "text")})


def test_each_of_them_can_be_taken_back_by_the_command_of_the_digest(account: Account) -> None:
    fix_many(account, 7)
    tell_together(account)
    digest = account.heard()[-1]
    assert '"undo": "AN ID FROM ABOVE"' in digest["commands"]["undo"]
    assert digest["commands"]["undo"] in digest["text"]
    for line in digest["before"]:
        assert line["id"] in digest["text"]
        assert account.invoke(remediation, {"undo": line["id"]})["outcome"] == "UNDONE"
    assert account.told()[-2:] == ["UNDONE", "UNDONE"], "what a person does is told at once"


def test_after_ten_quiet_minutes_they_are_told_one_by_one_again(account: Account) -> None:
    fix_many(account, 8)
    assert account.told() == ["FIXED"] * 5
    account.clock.pause(601)
    fix_many(account, 3, first=8)
    assert account.told() == ["FIXED"] * 8


def test_the_breaker_holds_in_a_storm_too_and_is_told_at_once(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "8")
    assert fix_many(account, 10) == [*["FIXED"] * 8, "HELD", "HELD"]
    assert account.told() == [*["FIXED"] * 5, "HELD"]


def test_what_could_not_even_be_looked_at_is_told_together_too(account: Account) -> None:
    def refuse(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.own:
            return really()
        raise error("UnauthorizedOperation", 403, call.operation)

    with account.interfered(refuse):
        assert fix_many(account, 30) == ["FAILED"] * 30
    assert account.told() == ["FAILED"] * 5
    tell_together(account)
    digest = account.heard()[-1]
    assert (digest["severity"], digest["before_count"]) == ("high", 25)


def test_a_fix_in_a_storm_costs_no_more_than_one_more_question(account: Account) -> None:
    fix_many(account, 5)
    account.forget()
    fix_many(account, 1, first=5)
    own = [call for call in account.calls if call.own]
    assert operations(own) == ["dynamodb:TransactWriteItems"] * 3 + ["sqs:SendMessage"]


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
    failed = {**other, "id": "", "outcome": "FAILED", "severity": "high", "resource": {"type": "AWS::IAM::User", "name": "jo"}, "commands": {}}
    another = {**one, "remediation": "require-mfa"}
    tell_storm.handler({"Records": [{"body": json.dumps(alert)} for alert in (one, failed, one, another)]}, None)
    first, second = account.heard()[-2:]
    assert [line["outcome"] for line in first["before"]] == ["FAILED", "FIXED"], "and what came twice stands once"
    assert (second["remediation"], second["before_count"]) == ("require-mfa", 1)


def test_a_digest_of_ten_thousand_is_cut_and_sent(account: Account) -> None:
    fix_many(account, 6)
    [alert] = account.put_off()
    many = [{**alert, "id": f"sb-{number:016x}", "resource": {**alert["resource"], "name": f"sg-{number:017x}"}} for number in range(10_000)]
    tell_storm.handler({"Records": [{"body": json.dumps(one)} for one in many]}, None)
    digest = account.heard()[-1]
    assert digest["before_count"] == 10_000
    assert "... and 9900 more" in digest["text"]


def test_a_digest_of_the_longest_names_there_are_still_fits_into_a_message(account: Account) -> None:
    fix_many(account, 6)
    [alert] = account.put_off()
    named = [{**alert, "id": f"sb-{number:016x}", "resource": {**alert["resource"], "name": f"{number:04}" + "'\"" * 1022}} for number in range(500)]
    tell_storm.handler({"Records": [{"body": json.dumps(one)} for one in named]}, None)
    [topic] = sns_backends[ACCOUNT][REGION].topics.values()
    assert len(topic.sent_notifications[-1][1].encode()) < 262_144, "what SNS takes"
    assert account.heard()[-1]["before_count"] == 500


def test_the_sample_is_told_as_one(account: Account) -> None:
    tell_storm.handler(STORM, None)
    [digest] = account.heard()
    assert [line["resource"] for line in digest["before"]] == ["sg-0123456789abcdef0", "sg-0fedcba9876543210"]
    SCHEMA.validate({part: value for part, value in digest.items() if part not in ("subject", "text")})
    for record in STORM["Records"]:
        SCHEMA.validate(json.loads(record["body"]))


def test_if_it_cannot_be_told_the_queue_keeps_it(account: Account) -> None:
    fix_many(account, 6)
    waiting = account.put_off()

    def refuse(call: ApiCall, _: int, __: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        raise error("Throttled", 429, call.operation)

    with account.interfered(refuse), pytest.raises(ClientError):
        tell_storm.handler({"Records": [{"body": json.dumps(alert)} for alert in waiting]}, None)


def test_it_may_do_what_lambda_does_with_the_queue_in_its_name_and_nothing_else() -> None:
    allowed = {grant.action for grant in grants("TellStorm", {})}
    # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    assert allowed == {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}
