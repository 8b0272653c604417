"""alerts: understood at three in the morning, within SNS's limits, whatever is in them."""

import json
import re
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from jsonschema import Draft202012Validator
from moto.sns.models import sns_backends

from snapback.engine import fixes, wording
from snapback.engine.outcomes import TOLD, Outcome
from tests.contract.conftest import Broken, broken_by
from tests.harness.account import Account, ApiCall
from tests.harness.discovery import HANDLERS, ROOT, Handler
from tests.harness.scenario import ACCOUNT, REGION

LIMIT = 262_144


def forms(which: int = -1) -> dict[str, str]:
    """Return the forms of one of the messages that the topic got, and check that SNS would have taken it."""
    _, message, subject, chosen, *_ = sns_backends[ACCOUNT][REGION].topics[f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"].sent_notifications[which]
    assert chosen, "SNS counts the attributes, too: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"
    assert len((message + str(subject) + json.dumps(chosen)).encode()) < LIMIT
    found: dict[str, str] = json.loads(message)
    return found


def attributes() -> dict[str, str]:
    """Return the attributes of the last message, by which subscribers choose."""
    _, _, _, given, *_ = sns_backends[ACCOUNT][REGION].topics[f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"].sent_notifications[-1]
    found: Any = given
    return {name: str(value["Value"] if isinstance(value, dict) and "Value" in value else value) for name, value in found.items()}


def wrong_with(broken: Broken, monkeypatch: pytest.MonkeyPatch, evidence: list[dict[str, Any]], **more: Any) -> None:  # noqa: ANN401 - parts of a remediation
    """Let something else be wrong with the resource, until the fix."""
    is_fixed: list[bool] = []
    own = {"name": broken.remediation.name, "summary": "A summary.", "disruptive": False, "violation": lambda _: [] if is_fixed else evidence}
    for part, value in {**own, "fix": lambda *_: is_fixed.append(True), **more}.items():
        monkeypatch.setitem(broken.remediation.__dict__, part, value)


@pytest.fixture
def broken(account: Account, monkeypatch: pytest.MonkeyPatch) -> Broken:
    return broken_by(Handler("ec2", "revoke_open_ingress"), account, monkeypatch)


def test_the_mail_says_in_this_order_what_who_how_and_what_to_do(broken: Broken) -> None:
    broken.deliver(broken.event("revoke_open_ingress-flat"))
    [alert] = broken.account.alerts()
    parts = [
        "Fixed:\nThe internet can reach an administration port.",
        "Severity: high. Needs you: no. But it comes back with the next deployment (see WHO).",
        broken.resource,
        "WHAT WAS WRONG",
        "FromPort=22 ToPort=22 CidrIpv4=0.0.0.0/0",
        "\n\nWHO\n",
        "role Deploy (session jenkins-42) from 198.51.100.7 with Terraform",
        "will make the change again with its next deployment",
        "WHAT WAS DONE",
        "ec2.RevokeSecurityGroupIngress",
        "\n\nNOW\n",
        "\n\nWHAT YOU CAN DO\n",
        "snapback undo sb-",
        "\n\nLOOK\n",
        "https://us-east-1.console.aws.amazon.com/ec2/home?region=us-east-1#SecurityGroup:groupId=sg-",
        "THE SAME BY THE AWS CLI",
        f'"undo": "{alert["id"]}"',
        "Exempt: leave this resource alone:\n  aws lambda invoke",
        "REFERENCE",
    ]
    places = [alert["text"].find(part) for part in parts]
    assert -1 not in places, parts[places.index(-1)]
    assert places == sorted(places)


def test_the_undo_command_works_as_it_stands_in_the_alert(broken: Broken) -> None:
    broken.deliver()
    [alert] = broken.account.alerts()
    import shlex  # noqa: PLC0415 - as a shell would read it

    words = shlex.split(alert["commands"]["undo"])
    assert words[words.index("--cli-read-timeout") + 1] == "0", "the AWS CLI gives a command again after a minute, while the function is at work"
    payload = json.loads(words[words.index("--payload") + 1])
    assert broken.account.invoke(broken.remediation, payload)["outcome"] == "UNDONE"
    assert words[words.index("--function-name") + 1] == "snapback-revoke-open-ingress"


def test_the_subject_is_short_ascii_and_says_severity_account_and_matter_first(broken: Broken) -> None:
    broken.deliver()
    [alert] = broken.account.alerts()
    assert alert["subject"] == f"HIGH {ACCOUNT}: Fixed: The internet can reach an administration port ({broken.resource})"[:100]


def test_an_alert_about_a_thousand_wrong_things_is_cut_and_says_so(account: Account, broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [{"SecurityGroupRuleId": f"sgr-{n:017}", "IpProtocol": "tcp", "CidrIpv4": "0.0.0.0/0", "Description": "x" * 200} for n in range(700)]
    looks: list[Any] = [many, many, []]
    monkeypatch.setitem(broken.remediation.__dict__, "violation", lambda _: looks.pop(0) if len(looks) > 1 else looks[0])
    monkeypatch.setitem(broken.remediation.__dict__, "fix", lambda *_: None)
    monkeypatch.setitem(broken.remediation.__dict__, "name", "revoke-open-ingress")
    monkeypatch.setitem(broken.remediation.__dict__, "summary", "A summary.")
    monkeypatch.setitem(broken.remediation.__dict__, "disruptive", False)  # noqa: FBT003 - a value
    looks.pop(0)
    broken.deliver()
    [alert] = account.alerts()
    assert alert["before_count"] == 700
    assert len(alert["before"]) == 20
    assert "and 680 more" in alert["text"]
    [topic] = sns_backends[ACCOUNT][REGION].topics.values()
    assert all(len(message.encode()) < LIMIT for _, message, *_ in topic.sent_notifications)


def test_subscribers_can_filter_by_outcome_and_severity(broken: Broken) -> None:
    boto3.client("sqs").create_queue(QueueName="pager")
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"
    policy = json.dumps({"needs_person": ["true"]})
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:pager"
    boto3.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"FilterPolicy": policy})
    broken.deliver()
    url = boto3.client("sqs").get_queue_url(QueueName="pager")["QueueUrl"]
    assert "Messages" not in boto3.client("sqs").receive_message(QueueUrl=url), "FIXED is not high"


def test_over_https_the_alert_is_also_a_custom_notification_for_chat_channels(broken: Broken) -> None:
    broken.deliver()
    [(_, message, *_)] = sns_backends[ACCOUNT][REGION].topics[f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"].sent_notifications
    web, program = json.loads(json.loads(message)["https"]), json.loads(json.loads(message)["default"])
    assert web["alert"] == program, "all that the others get"
    assert (web["version"], web["source"], web["content"]["textType"]) == ("1.0", "custom", "client-markdown")
    assert web["content"]["title"] == json.loads(message)["sms"]
    assert any("undo" in step for step in web["content"]["nextSteps"])
    assert web["metadata"]["threadId"] == program["dedup_key"] == f"{ACCOUNT}/{REGION}/revoke-open-ingress/{broken.resource}"
    assert len(web["content"]["description"].splitlines()) <= 4, "three lines, and the links"


@pytest.mark.parametrize(
    ("policy", "hears"),
    [
        ({"needs_person": ["true"], "severity": ["critical", "high"]}, False),
        ({"severity": ["high", "medium", "low"], "service": ["ec2", "s3"]}, True),
        ({"outcome": [{"anything-but": ["WOULD_FIX"]}], "account": [ACCOUNT]}, True),
    ],
    ids=str,
)
def test_the_readmes_filter_policies_let_through_what_they_say(broken: Broken, policy: dict[str, Any], hears: bool) -> None:  # noqa: FBT001 - it does or not
    assert json.dumps(policy) in (ROOT / "docs" / "operating.md").read_text()
    sqs, sns = boto3.client("sqs"), boto3.client("sns")
    queue = sqs.create_queue(QueueName="subscriber")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:subscriber"
    sns.subscribe(TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts", Protocol="sqs", Endpoint=arn, Attributes={"FilterPolicy": json.dumps(policy)})
    broken.deliver()
    assert ("Messages" in sqs.receive_message(QueueUrl=queue)) is hears


@pytest.mark.parametrize(
    "nasty", ['"' * 5_000, "\\" * 5_000, "\u20ac\u202e" * 2_500, "`" * 5_000, "<" * 5_000], ids=["quotes", "backslashes", "euros", "backticks", "tags"]
)
def test_no_alert_is_larger_than_sns_takes_whatever_is_in_it(broken: Broken, monkeypatch: pytest.MonkeyPatch, nasty: str) -> None:
    wrong = [{"Description": f"{number} {nasty}"[:1_300], nasty[:9]: nasty[:100]} for number in range(30)]
    seen = [wrong]
    wrong_with(broken, monkeypatch, wrong, violation=lambda _: seen[-1], setting=lambda _: nasty, fix=lambda *_: seen.append(wrong[1:]))
    event = broken.event()
    event["id"] = event["time"] = nasty
    event["detail"].setdefault("userIdentity", {})["arn"] = nasty
    event["detail"]["userAgent"] = nasty
    assert broken.deliver(event) == ["PARTIAL"]
    told = forms()
    assert broken.resource in told["email"], "who and where stay, whatever is cut"
    assert re.search(r"STILL WRONG\n(  - .*\n)*  \.\.\. and \d+ more", told["email"]), "and that more of it is wrong"
    assert json.loads(told["default"])["before_count"] == 30
    assert "undo" in json.loads(told["default"])["commands"]


def test_nothing_that_an_event_says_makes_a_link_or_calls_somebody_in_chat(broken: Broken) -> None:
    event = broken.event()
    event["detail"]["userAgent"] = "[click](https://evil.test)"
    event["detail"].setdefault("userIdentity", {})["userName"] = "```\n<!channel> <https://evil.test|click>"
    broken.deliver(event)
    content = json.loads(forms()["https"])["content"]
    own = [f"<{link}|" for link in broken.account.alerts()[0]["links"].values()]
    description = content["description"]
    for link in own:
        description = description.replace(link, "")
    assert not any(mark in description for mark in ("<", "`", "](", "\n\n"))


def test_evidence_and_what_it_is_now_hide_what_calls_hide(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Condition": {"StringEquals": {"sts:ExternalId": "hunter2"}}}
    document = json.dumps({"Statement": [statement]})
    wrong = [{"Policy": document, "Statement": statement}]
    wrong_with(broken, monkeypatch, wrong, fix=lambda *_: None)
    shown = broken.account.invoke(broken.remediation, {"preview": broken.resource})
    assert shown["wrong"]
    assert "hunter2" not in json.dumps(shown)
    wrong_with(broken, monkeypatch, wrong, setting=lambda _: document)
    broken.deliver()
    assert "hunter2" not in json.dumps(forms())
    assert "document of" in broken.account.alerts()[0]["after"]


def test_no_row_of_the_journal_is_larger_than_dynamodb_takes(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    huge = [{"Rule": f"{number:04}", "Description": "\u20ac" * 40} for number in range(900)]
    seen = [huge]
    wrong_with(broken, monkeypatch, huge, violation=lambda _: seen[-1], setting=lambda _: huge, fix=lambda *_: seen.append(huge[1:]))
    event = broken.event()
    event["id"] = "x" * 100_000
    event["detail"]["userIdentity"] = {"arn": "x" * 100_000, "sessionContext": {"sessionIssuer": {"arn": "x" * 100_000}}}
    assert broken.deliver(event) == ["PARTIAL"]
    [row] = [row for row in broken.account.journal() if row["pk"]["S"].startswith("FIX#")]
    assert len(json.dumps(row, ensure_ascii=False).encode()) < 400_000
    fix = fixes.from_row(row)
    assert (list(fix.left), fix.changed) == (huge[1:], huge[:1]), "all that an undo needs is in it"
    assert fix.after == fixes.comparable(huge)
    assert fix.after != fixes.comparable(huge[1:])


@pytest.fixture
def instance(account: Account, monkeypatch: pytest.MonkeyPatch) -> Broken:
    return broken_by(Handler("ec2", "isolate_instance"), account, monkeypatch)


@pytest.mark.parametrize(
    ("mode", "outcome", "headline"),
    [("enforce", "FIXED", "Isolated. Now investigate:"), ("preview", "WOULD_FIX", "NOT contained: preview, nothing was changed. Investigate.")],
)
def test_the_alert_of_a_fix_that_answers_a_finding_is_about_the_threat_first_and_as_severe_as_that(
    mode: str, outcome: str, headline: str, instance: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MODE", "DISRUPTIVE_MODE"):
        monkeypatch.setenv(name, mode)
    assert instance.deliver() == [outcome]
    [alert] = instance.account.alerts()
    assert alert["severity"] == "high", "a person has to find out how it came about, whatever became of the instance"
    assert alert["text"].startswith(headline)
    told, finding = alert["finding"], instance.event()["detail"]
    assert (told["type"], told["title"], told["arn"], told["id"]) == tuple(finding[part] for part in ("type", "title", "arn", "id"))
    assert (told["severity_score"], alert["severity_score"]) == (finding["severity"] * 10, finding["severity"] * 10)
    assert alert["needs_person"]
    assert told["first_steps"].startswith("What Snapback can cut off is cut off" if outcome == "FIXED" else "Look at what runs on the instance")
    assert all(part in alert["text"] for part in ("\n\nFINDING\n", finding["title"], told["first_steps"], "Seen: once, first at 2026-11-24 03:00:00 UTC"))
    assert alert["text"].index("FINDING") < alert["text"].index("STEPS TO CONTAIN IT, AND WHAT WAS BEFORE")
    assert "WRONG" not in alert["text"], "the steps of a fix are no problem"


def test_a_threat_of_medium_severity_is_no_reason_to_wake_anybody(instance: Broken) -> None:
    event = instance.event()
    event["detail"]["severity"] = 5
    instance.deliver(event)
    [alert] = instance.account.alerts()
    assert alert["severity"] == "medium"


def test_a_finding_that_cannot_be_read_keeps_back_no_alert(instance: Broken) -> None:
    event = instance.event()
    event["detail"]["severity"] = "high"
    assert instance.deliver(event) == ["FIXED"]
    [alert] = instance.account.alerts()
    assert (alert["finding"], alert["severity"]) == (None, "high"), "as the manual says of the problem"


def test_the_alert_of_what_no_threat_has_led_to_has_no_finding(broken: Broken) -> None:
    broken.deliver()
    [alert] = broken.account.alerts()
    assert (alert["finding"], alert["severity"], alert["needs_person"]) == (None, "high", False)


def test_version_1_goes_on_as_it_was_for_who_asks_for_it(instance: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERTS", "1.0   ")
    instance.deliver()
    former = json.loads(forms()["default"])
    Draft202012Validator(json.loads((ROOT / "docs" / "alert-1.0.schema.json").read_text())).validate(former)
    assert (former["version"], former["severity"], former["disruptive"], former["finding"][0]["Severity"]) == ("1.0", "high", "true", "High (8)")
    assert {"heard", "told_at"} <= former.keys()
    assert "needs_person" not in attributes()


def test_severity_is_that_of_the_problem_however_it_ended(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODE", "preview")
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    broken.deliver()
    [alert] = broken.account.alerts()
    assert (alert["outcome"], alert["severity"], alert["severity_score"], alert["needs_person"]) == ("WOULD_FIX", "high", 70, True)
    assert "WHAT IS WRONG" in alert["text"]
    assert "WHAT WAS WRONG" not in alert["text"], "it is not over"


def test_the_account_has_its_alias_and_the_resource_its_owner_where_tags_are_read(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERTS", "2.0 prod cost-center ")
    monkeypatch.setenv("READ_TAGS", "on")
    boto3.client("ec2").create_tags(Resources=[broken.resource], Tags=[{"Key": "cost-center", "Value": "payments"}])
    broken.deliver()
    [alert] = broken.account.alerts()
    assert (alert["owner"], alert["account_alias"]) == ("payments", "prod")
    assert alert["subject"].startswith("HIGH prod: Fixed: ")
    assert attributes()["owner"] == "payments"
    assert len(attributes()) <= 10, "SQS takes ten with raw delivery: https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html"


def test_alerts_of_one_matter_have_one_key_and_those_of_another_another(broken: Broken) -> None:
    broken.deliver()
    broken.account.invoke(broken.remediation, {"undo": broken.account.alerts()[0]["id"], "reason": "x"})
    fixed, undone = broken.account.alerts()
    assert "An operator's undo" in undone["text"]
    assert "an operator's undo" not in undone["text"], "once is enough"
    assert fixed["dedup_key"] == undone["dedup_key"] == f"{ACCOUNT}/{REGION}/revoke-open-ingress/{broken.resource}"
    assert fixed["resource"]["arn"] == f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{broken.resource}"
    assert fixed["trigger"]["cloudtrail_event_id"] == broken.event()["detail"]["eventID"]


def test_a_role_is_known_by_its_arn_where_the_trigger_spells_it_and_by_none_that_could_be_anothers(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    role = broken_by(Handler("iam", "restrict_role_trust"), account, monkeypatch)
    made, changed = role.event("restrict_role_trust"), role.event("restrict_role_trust", event_id="another")
    arn = f"arn:aws:iam::{ACCOUNT}:role/service-role/{role.resource}"
    made["detail"]["responseElements"] = {"role": {"roleName": role.resource, "arn": arn}}
    changed["detail"]["responseElements"] = {"role": {"arn": f"arn:aws:iam::{ACCOUNT}:role/service-role/another"}}
    found = []
    for event in (made, changed):
        assert role.deliver(event) == ["FIXED"]
        found.append(account.alerts()[-1]["resource"]["arn"])
        role.break_again()
        account.clock.pause(4000)
    assert found == [arn, None]


@pytest.mark.parametrize(("days", "severity"), [(30, "medium"), (7, "high")])
def test_a_certificate_is_told_as_high_once_a_week_is_left(account: Account, days: int, severity: str) -> None:
    event = json.loads((ROOT / "events" / "acm" / "report_expiring_certificate.json").read_text())
    event["detail"]["DaysToExpiry"] = days
    account.deliver(Handler("acm", "report_expiring_certificate").remediation, event)
    [alert] = account.alerts()
    assert (alert["severity"], alert["needs_person"]) == (severity, True)


def test_a_report_says_in_its_first_lines_what_happened_and_what_to_do(account: Account) -> None:
    event = json.loads((ROOT / "events" / "iam" / "report_new_credentials.json").read_text())
    account.deliver(Handler("iam", "report_new_credentials").remediation, event)
    [alert] = account.alerts()
    what = next(item["What"] for item in alert["before"] if "What" in item)
    assert alert["subject"].startswith(f"HIGH {ACCOUNT}: {what[:40]}")
    assert alert["text"].startswith(f"Please look at this:\nSomebody made a way in for somebody else.\n{what}\n")
    assert "\n\nDO FIRST\n  Ask who that was." in alert["text"]


def test_a_report_says_what_happened_once_and_what_is_known_besides_in_words(account: Account) -> None:
    handler = Handler("cloudtrail", "report_attack_steps")
    event = handler.samples["report_attack_steps-user_data"]
    account.deliver(handler.remediation, event)
    account.deliver(handler.remediation, {**event, "id": "another", "detail": {**event["detail"], "eventID": "another"}})
    alert = account.alerts()[-1]
    assert alert["text"].count(alert["before"][0]["What"]) == 1
    assert "Needs you: yes. Snapback has changed nothing." in alert["text"]
    assert "MORE ABOUT IT\n  Session: It began" in alert["text"]
    assert "\n  The same identity within a day: ModifyInstanceAttribute of ec2.amazonaws.com" in alert["text"]


def test_what_leaves_an_intruder_at_work_is_offered_after_what_is_known_and_never_in_chat(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = broken_by(Handler("ec2", "isolate_instance"), account, monkeypatch)
    instance.deliver()
    [alert] = account.alerts()
    assert set(alert["commands"]) == {"undo", "exempt", "silence"}
    first, _, last = alert["text"].partition("IF IT IS A FALSE ALARM\n")
    assert "snapback " not in first
    assert [word for word in ("snapback undo", "snapback exempt", "snapback silence") if word not in last] == []
    card = json.loads(forms()["https"])
    assert not [word for word in ("silence", "exempt") if word in json.dumps(card["content"])]
    assert "exempt" not in card["metadata"]["additionalContext"], "nor is there a button"
    assert card["content"]["nextSteps"][-1].startswith("If it is a false alarm: Undo: `snapback undo")


@pytest.mark.parametrize(
    ("mode", "headline"),
    [
        ("enforce", "Key deactivated, but something stays. Now investigate"),
        ("preview", "NOT contained: preview, nothing was changed. Investigate"),
    ],
)
def test_a_threat_that_is_told_without_a_finding_says_what_to_do_first(mode: str, headline: str, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    first = "Treat it as a break-in under way:"
    for name in ("MODE", "DISRUPTIVE_MODE"):
        monkeypatch.setenv(name, mode)
    broken_by(Handler("iam", "deactivate_exposed_key"), account, monkeypatch).deliver()
    [alert] = account.alerts()
    assert (alert["threat"], alert["finding"], alert["headline"]) == (True, None, headline), "AWS Health says no more"
    assert ("what stays is said above" in alert["text"]) is ("something stays" in headline)
    assert f"\n\nDO FIRST\n  {first}" in alert["text"]
    assert json.loads(forms()["https"])["content"]["nextSteps"][0].startswith(first)


@pytest.mark.parametrize("rights", [1, 5], ids=["the first", "one that is not shown"])
def test_of_what_is_put_right_in_part_nobody_is_told_that_all_of_it_is_wrong_and_undo_comes_last(
    rights: int, broken: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = [{"Rule": number} for number in range(30)]
    seen = [wrong]
    left = wrong[1:] if rights == 1 else wrong[:-rights]
    wrong_with(broken, monkeypatch, wrong, violation=lambda _: seen[-1], fix=lambda *_: seen.append(left))
    assert broken.deliver() == ["PARTIAL"]
    [alert] = broken.account.alerts()
    assert (alert["left_count"], len(alert["left"])) == (len(left), 20)
    assert "All of it." not in alert["text"]
    assert f"... and {len(left) - 20} more; the journal has them all" in alert["text"]
    assert alert["text"].index("snapback retry") < alert["text"].index("snapback undo"), "which opens again what is shut"


def test_steps_of_the_fix_of_a_network_acl_are_not_told_as_what_is_wrong(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    acl = broken_by(Handler("ec2", "remove_open_acl_entry"), account, monkeypatch)
    assert acl.deliver() == ["FIXED"]
    [alert] = account.alerts()
    assert "\n\nSTEPS TO PUT IT RIGHT, AND WHAT WAS BEFORE\n  - Deny=" in alert["text"]
    assert "WRONG" not in alert["text"]


def test_what_it_is_now_is_said_in_words_before_its_value(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    broken_by(Handler("awslambda", "contain_function"), account, monkeypatch).deliver()
    [alert] = account.alerts()
    assert "\n\nNOW\n  Looked again: it is done. What was open or running before may last for a while.\n  As it is: 0\n" in alert["text"]


def test_a_mere_yes_is_not_told_as_a_value(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    broken_by(Handler("wafv2", "block_attacker_ip"), account, monkeypatch).deliver()
    [alert] = account.alerts()
    assert alert["after"] is True, "for programs"
    assert "\n\nNOW\n  Looked again: it is done. What was open or running before may last for a while.\n\n" in alert["text"]


def test_in_chat_the_end_of_awss_sentence_is_never_cut_off(broken: Broken) -> None:
    role = "arn:aws:sts::111122223333:assumed-role/snapback-RevokeOpenIngressRole-1A2B3C4D5E6F/snapback-revoke-open-ingress"
    group = f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{broken.resource}"
    why = "with an explicit deny in a service control policy"
    said = f"User: {role} is not authorized to perform: ec2:RevokeSecurityGroupIngress on resource: {group} {why}"

    def refuse(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation != "RevokeSecurityGroupIngress":
            return really()
        refused: Any = {"Error": {"Code": "UnauthorizedOperation", "Message": said}, "ResponseMetadata": {"HTTPStatusCode": 403}}
        raise ClientError(refused, call.operation)

    with broken.account.interfered(refuse):
        assert broken.deliver() == ["FAILED"]
    reason = json.loads(forms()["https"])["content"]["description"].splitlines()[2]
    assert reason.startswith("AWS refuses it: RevokeSecurityGroupIngress says UnauthorizedOperation")
    assert why in reason
    assert said in broken.account.alerts()[0]["text"]


def test_of_an_attack_sequence_the_subject_says_whom_it_is_about(account: Account) -> None:
    event = json.loads((ROOT / "events" / "guardduty" / "report_finding-sequence.json").read_text())
    account.deliver(Handler("guardduty", "report_finding").remediation, event)
    [alert] = account.alerts()
    assert alert["subject"].startswith(f"CRITICAL {ACCOUNT}: Investigate: Potential credential compromise of IAMUser/alice")


@pytest.mark.parametrize(("setting", "outcome"), [("MAX_FIXES_PER_HOUR", "HELD"), ("MAX_FIXES_PER_RESOURCE", "CONTESTED")])
def test_of_what_the_journal_does_not_have_no_alert_says_that_it_has(setting: str, outcome: str, broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(setting, "1")
    broken.deliver()
    broken.break_again()
    broken.account.clock.pause(60)
    wrong_with(broken, monkeypatch, [{"Rule": number, "Description": "x" * 2_000} for number in range(30)])
    assert broken.deliver(broken.event(event_id="another")) == [outcome]
    fixed, told = broken.account.alerts()
    rows = {row["pk"]["S"] for row in broken.account.journal()}
    assert [(alert["in_journal"], f"FIX#{alert['id']}" in rows) for alert in (fixed, told)] == [(True, True), (False, False)]
    assert f"{fixed['id']} in the journal" in fixed["text"]
    assert f"{told['id']} in the log" in told["text"]
    assert "... and 10 more\n" in told["text"]
    assert "the journal" not in json.dumps(told), "which would be looked up in vain"


@pytest.mark.parametrize("outcome", sorted(TOLD))
def test_no_subject_drops_that_something_stays(outcome: Outcome) -> None:
    told: dict[str, Any] = {
        "outcome": outcome,
        "severity": "high",
        "account_alias": "",
        "account": ACCOUNT,
        "finding": None,
        "before": [],
        "problem": "A problem",
    }
    contains = {handler.remediation.contained for handler in HANDLERS}
    heads = {wording.headline({**told, "threat": threat}, contained=word, stays=True) for threat in (True, False) for word in contains}
    stays = {head for head in {*heads, wording.of_what_was_taken_off(outcome, stays=True)} if "something stays" in head}
    assert bool(stays) is (outcome is Outcome.FIXED)
    for head in stays:
        assert ", but something stays: A problem" in wording.subject({**told, "headline": head, "resource": {"name": "sg-1"}}), head
