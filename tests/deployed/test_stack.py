"""The template as users deploy it: the real sam build and sam deploy, EventBridge, roles, topic, journal and dead-letter queue of a local account."""

import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from local import selftest
from local.account import REPOSITORY
from local.cli.stack import Stack
from local.demo_account import STACK, DemoAccount
from local.demo_stories import FURTHER_STORIES, STORIES, Broken, Story, live, open_ssh
from tests.harness.discovery import CHORES, HANDLERS


@pytest.fixture(scope="module")
def deployed() -> Iterator[DemoAccount]:
    with DemoAccount(retry_seconds=0.2) as account:
        [vpc, *_] = account.client("ec2").describe_vpcs()["Vpcs"]
        account.deploy(lambda _: None, CanaryVpc=vpc["VpcId"], AlertEmail="on-call@example.com")
        yield account


def rows(account: DemoAccount) -> dict[str, dict[str, Any]]:
    """Return the journal's fixes, by their id."""
    found = account.client("dynamodb").scan(TableName=account.output("JournalTable"))["Items"]
    return {row["pk"]["S"].removeprefix("FIX#"): row for row in found if row["pk"]["S"].startswith("FIX#")}


@pytest.mark.parametrize("story", [*STORIES, *FURTHER_STORIES], ids=lambda story: story.function)
def test_a_problem_is_put_right_written_down_and_told_and_nothing_else_is_touched(deployed: DemoAccount, story: Story) -> None:
    broken = story.make_broken(deployed)
    before = story.describe(deployed, broken.name)
    deployed.alerts(0)
    outcome = story.outcome(deployed.deliver(live((REPOSITORY / "events" / story.event).read_text(), broken)))
    assert outcome["outcome"] == "FIXED"
    assert story.describe(deployed, broken.name) == story.should_be(before)
    [alert] = deployed.alerts(1)
    assert alert.facts["outcome"] == "FIXED"
    assert alert.facts["resource"]["name"] == broken.name
    assert rows(deployed)[outcome["id"]]["status"]["S"] == "FIXED"


def of_now(event: str, bucket: str) -> dict[str, Any]:
    return live((REPOSITORY / "events" / "s3" / f"{event}.json").read_text(), Broken(bucket, {"snapback-sample-bucket": bucket})) | {"id": str(uuid.uuid4())}


def test_a_stack_that_makes_a_bucket_and_then_its_policy_is_not_fought_and_what_is_still_wrong_is_put_right_later(deployed: DemoAccount) -> None:
    s3, bucket = deployed.client("s3"), "made-by-a-stack"
    statement = {"Sid": "Own", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "s3:GetObject"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": f"arn:aws:s3:::{bucket}/*"}]}
    template = {"Resources": {"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": bucket, "PolicyDocument": policy}}}}
    s3.create_bucket(Bucket=bucket)  # what the stack does first, and of which Snapback hears before the stack goes on
    deployed.alerts(0)

    def ended(outcomes: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        return {outcome["remediation"]: outcome["outcome"] for outcome in outcomes if outcome["remediation"] != "block-public-bucket"}

    assert ended(deployed.deliver(of_now("require_bucket_tls-create", bucket))) == {"encrypt-bucket": "DEFERRED", "require-bucket-tls": "DEFERRED"}
    deployed.client("cloudformation").create_stack(StackName="of-others", TemplateBody=json.dumps(template))
    deployed.client("cloudformation").get_waiter("stack_create_complete").wait(StackName="of-others", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    assert ended(deployed.deliver(of_now("require_bucket_tls", bucket)))["require-bucket-tls"] == "DEFERRED"
    assert [one["Sid"] for one in json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]] == ["Own"]
    before, runs = len(deployed.outcomes()), deployed.runs()
    assert deployed.move_on(minutes=11) == 2
    deployed.wait_for_runs(runs + 2)
    # Once plain HTTP is denied, no function can look at the bucket any more: that is how they speak to the local account.
    assert ended(deployed.outcomes()[before:])["require-bucket-tls"] == "UNVERIFIED"
    assert [one["Sid"] for one in json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]] == ["Own", "SnapbackRequireTLS1"]
    assert [one for one in deployed.client("scheduler").list_schedules()["Schedules"] if not one["Name"].startswith(f"{STACK}-")] == [], "only sweeps are left"
    assert len(deployed.alerts(2)) == 2, "of what was still wrong; how encrypt-bucket ends hangs on who comes first"


DENIED_BY_MISTAKE = {
    "block-attacker-ip": "the local account asks for a grant on the ARN of a web ACL, where it is an IP set",
    "restrict-document": "it asks for a grant on another ARN than that of the document (tests/contract holds the grant to AWS's own table of resource types)",
    "stop-task": "the same, for the ARN of the task",
    "restrict-snapshot": "it asks for a grant on a snapshot's ARN with an account in it, which those of snapshots have not",
}
"""Functions whose calls the local account denies by mistake."""


def unreadable() -> dict[str, Any]:
    event: dict[str, Any] = json.loads((REPOSITORY / "events/ec2/revoke_open_ingress.json").read_text())
    event["detail"]["requestParameters"] = {"omitted": True, "originalSize": 200_000, "reason": "requestParameters too large"}
    event["detail"]["responseElements"] = None
    return event


def test_an_event_that_cannot_be_read_ends_in_the_dead_letter_queue_with_the_reason(deployed: DemoAccount) -> None:
    event = unreadable()
    assert deployed.send(event) != [[]]
    queue = deployed.output("DeadLetterQueue")
    messages: list[Any] = []

    def received() -> bool:
        messages.extend(deployed.client("sqs").receive_message(QueueUrl=queue, MessageAttributeNames=["All"]).get("Messages", []))
        return bool(messages)

    deployed._wait(received, "the dead letter")  # noqa: SLF001 - the account's own way of waiting with a bound
    [message] = messages
    assert json.loads(message["Body"]) == event
    assert "requestParameters too large" in message["MessageAttributes"]["ErrorMessage"]["StringValue"]


def test_an_alarm_of_the_stack_reaches_the_subscribers(deployed: DemoAccount) -> None:
    event = json.loads((REPOSITORY / "events/cloudwatch/report_alarm.json").read_text())
    assert [outcome["outcome"] for outcome in deployed.deliver(event)] == ["REPORTED"]
    assert [alert.facts["outcome"] for alert in deployed.alerts(1)] == ["REPORTED"]


def test_a_sweep_is_given_by_its_schedule_in_words_that_its_function_reads(deployed: DemoAccount) -> None:
    [schedule] = deployed.client("scheduler").list_schedules(NamePrefix=f"{STACK}-RestartRecorderHourlySweep")["Schedules"]
    sample = json.loads((REPOSITORY / "events/config/restart_recorder-sweep.json").read_text())
    [outcome] = deployed.deliver({**sample, "resources": [schedule["Arn"]]})
    assert (outcome["remediation"], outcome["trigger"], outcome["outcome"]) == ("restart-recorder", "Scheduled Event", "ALREADY_OK"), outcome


def test_every_function_is_woken_by_its_sample_event_and_denied_no_call_by_its_role(deployed: DemoAccount) -> None:
    samples = [(handler.logical_id, handler.samples[handler.stem]) for handler in HANDLERS]
    events = [event for _, event in samples if event["detail-type"] != "Scheduled Event"]
    woken, before = set(), len(deployed.outcomes())
    for start in range(0, len(events), 10):  # all at once are eighty processes that start at the same time
        runs = deployed.runs()
        heard = [rule for rules in deployed.send(*events[start : start + 10]) for rule in rules]
        woken |= {rule.removeprefix(f"{STACK}-").rpartition("-")[0] for rule in heard}
        deployed.wait_for_runs(runs + len(heard))
    runs = deployed.runs()
    deployed.wait_for_runs(runs + deployed.move_on(minutes=20))  # for those that wait until what was made has settled
    assert woken >= {f"{name}Trigger" for name, event in samples if event in events}
    denied = {
        line["remediation"]: line["reason"]
        for line in deployed.outcomes()[before:]
        if re.search("AccessDenied|UnauthorizedOperation|not authorized", line.get("reason", ""))
    }
    assert {name: why for name, why in denied.items() if name not in DENIED_BY_MISTAKE} == {}
    # What a function ends with where something is missing from the layer; an event that no function could handle would end so, too.
    missing = re.findall(
        r"^(?:botocore\.model\.\w+|\w*(?:Import|ModuleNotFound|Attribute|Key|Name|Type)Error|[\w.]+\.(?:Unknown|Data)\w+Error): .*", log(deployed), re.MULTILINE
    )
    assert missing == []


def log(account: DemoAccount) -> str:
    return account.log.read_text(errors="replace")


def open_group(account: DemoAccount, number: int) -> str:
    group = account.client("ec2").create_security_group(GroupName=f"storm-{number}", Description="-")["GroupId"]
    account.client("ec2").authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")
    return group


def test_what_is_too_much_to_be_told_one_by_one_is_told_together(deployed: DemoAccount) -> None:
    deployed.alerts(0)
    many = [Broken(group, {"sg-0123456789abcdef0": group}) for group in map(partial(open_group, deployed), range(7))]
    ended = deployed.deliver(*[live((REPOSITORY / "events" / open_ssh.event).read_text(), broken) for broken in many])
    ids = {outcome["id"] for outcome in ended if outcome["outcome"] == "FIXED"}
    assert len(ids) == len(many)
    told: set[str] = set()
    digests = 0
    while not told >= ids:
        for alert in deployed.alerts(1):
            told |= {alert.facts["id"], *(line["id"] for line in alert.facts["before"] if "id" in line)} - {""}
            digests += alert.facts["outcome"] == "DIGEST"
    assert digests, "the local account does not wait for more, as AWS does: there may be several"


def test_a_failed_call_wakes_nobody(deployed: DemoAccount) -> None:
    event = json.loads((REPOSITORY / "events/ec2/revoke_open_ingress.json").read_text())
    event["detail"]["errorCode"] = "Client.UnauthorizedOperation"
    assert deployed.send(event) == [[]]


def canary(account: DemoAccount, *, seconds: int) -> str:
    """Return the canary's group; its function has so many seconds from now on, and waits for half a minute less, as it would with that timeout on AWS."""
    stack = Stack(account.client, STACK)
    [(_, function)] = [found for found in stack.resources("AWS::Lambda::Function") if found[0] == "SendCanary"]
    account.client("lambda").update_function_configuration(FunctionName=function, Timeout=seconds)
    [(_, group)] = [found for found in stack.resources("AWS::EC2::SecurityGroup") if found[0] == "CanaryGroup"]
    account.alerts(0)
    return group


def selftest_while(account: DemoAccount, group: str, happens: Callable[[], object]) -> int:
    """Run `make selftest`; let something happen once it has opened the group. Return its exit code."""
    with ThreadPoolExecutor() as pool:
        running = pool.submit(selftest.run, account.client, STACK)
        account._wait(lambda: running.done() or is_open(account, group), "the canary to open its group")  # noqa: SLF001 - the account's own way of waiting with a bound
        happens()
        return running.result()


def is_open(account: DemoAccount, group: str) -> bool:
    rules = account.client("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    return any(not rule["IsEgress"] for rule in rules)


def opening(group: str) -> dict[str, Any]:
    """Return what CloudTrail tells of the opening: the local account makes no events of calls."""
    return live((REPOSITORY / "events" / open_ssh.event).read_text(), Broken(group, {"sg-0123456789abcdef0": group}))


def alerted_by_mail(account: DemoAccount, alert: Mapping[str, Any]) -> bool:
    """Tell whether the filter of the stack's own e-mail subscription lets the alert through: SNS's rules for the two operators that it has."""
    topic = account.output("AlertsTopic")
    [mail] = [one for one in account.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] if one["Protocol"] == "email"]
    policy = json.loads(account.client("sns").get_subscription_attributes(SubscriptionArn=mail["SubscriptionArn"])["Attributes"]["FilterPolicy"])
    assert policy.keys() == {"resource"}
    [but] = policy["resource"]
    return bool(alert["resource"]["name"] != but["anything-but"])


def test_the_canary_is_closed_and_told_and_nobody_gets_mail(deployed: DemoAccount, capsys: pytest.CaptureFixture[str]) -> None:
    group = canary(deployed, seconds=240)
    assert selftest_while(deployed, group, lambda: deployed.send(opening(group))) == 0, capsys.readouterr()
    assert "All is well" in capsys.readouterr().out
    assert not is_open(deployed, group)
    [alert] = deployed.alerts(1)
    assert (alert.facts["outcome"], alert.facts["resource"]["name"]) == ("FIXED", group)
    assert not alerted_by_mail(deployed, alert.facts)


def test_a_rule_that_is_disabled_is_told_and_the_canary_is_closed_all_the_same(deployed: DemoAccount, capsys: pytest.CaptureFixture[str]) -> None:
    group = canary(deployed, seconds=50)
    [(_, rule)] = [found for found in Stack(deployed.client, STACK).resources("AWS::Events::Rule") if found[0] == "RevokeOpenIngressTrigger"]
    deployed.client("events").disable_rule(Name=rule)
    try:
        assert selftest_while(deployed, group, lambda: deployed.send(opening(group))) == 1
    finally:
        deployed.client("events").enable_rule(Name=rule)
    assert "Snapback may be deaf" in capsys.readouterr().out
    assert not is_open(deployed, group)
    [alert] = deployed.alerts(1)
    assert (alert.facts["remediation"], alert.facts["outcome"], alert.facts["severity"]) == ("send-canary", "REPORTED", "high")
    assert alerted_by_mail(deployed, alert.facts)


def all_functions(account: DemoAccount) -> list[Any]:
    return [function for page in account.client("lambda").get_paginator("list_functions").paginate() for function in page["Functions"]]


def test_the_stack_is_updated_in_place_and_leaves_nothing_when_it_is_deleted() -> None:
    with DemoAccount() as account:
        account.deploy(lambda _: None)
        before = {function["FunctionName"] for function in all_functions(account)}
        parameters = f"Mode=preview DisruptiveMode=preview PythonRuntime={account.python_runtime}"
        config = ["--config-file", str(REPOSITORY / "samconfig.toml"), "--config-env", "local"]
        account.sam("deploy", *config, "--parameter-overrides", parameters)
        functions = all_functions(account)
        not_made = ["SendCanary, for which the parameter CanaryVpc is not set"]
        assert len(functions) == len({handler.logical_id for handler in (*HANDLERS, *CHORES)}) - len(not_made)
        assert {function["FunctionName"] for function in functions} == before
        assert {function["Environment"]["Variables"]["MODE"] for function in functions} == {"preview"}
        aliases = [alias for name in before for alias in account.client("lambda").list_aliases(FunctionName=name)["Aliases"]]
        live = [account.client("lambda").get_function_configuration(FunctionName=alias["AliasArn"]) for alias in aliases]
        assert [version["Environment"]["Variables"]["MODE"] for version in live] == ["preview"] * 3, "what the rules call is what was set"
        account.sam("delete", "--stack-name", STACK, "--no-prompts", "--region", "us-east-1")
        assert all_functions(account) == []
        assert account.client("events").list_rules()["Rules"] == []
        assert account.client("dynamodb").list_tables()["TableNames"] == []
        assert [role["RoleName"] for role in account.client("iam").list_roles()["Roles"] if role["RoleName"].startswith(STACK)] == []
