"""What intruders do is answered as docs/threats.md says: each technique is replayed, and nothing of a day's work is."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pytest
from botocore.loaders import Loader

from local.threats import PAGE, render
from snapback.cloudtrail import attack_steps
from snapback.engine.steps import Step
from snapback.iam import new_credentials
from tests.contract.conftest import broken_by
from tests.functions.cloudtrail import test_restore_trail
from tests.harness.account import Account
from tests.harness.discovery import HANDLERS, Handler
from tests.harness.rules import rules
from tests.harness.threats import ATTACK, INTRUSIONS, STRATUS, STRENGTH, Call, Intrusion, Technique

RULES = rules()
BY_STEM = {handler.stem: handler for handler in HANDLERS}

ENDS: Final = {"FIXED": "put right", "WOULD_FIX": "asked", "REPORTED": "told"}


def a_trails_bucket_that_forgets() -> dict[str, Any]:
    test_restore_trail.remembered()
    return test_restore_trail.expire(1)


HEALTHY: Final = {"cloudtrail/restore_trail-lifecycle": a_trails_bucket_that_forgets}
"""Samples that are about something besides what the scenario breaks: what makes the account for them and returns the event."""

SAMPLE = Handler("cloudtrail", "report_attack_steps").samples["report_attack_steps-user_data"]


def recorded(call: Call, number: int) -> dict[str, Any]:
    """Return the record of a call by somebody who has a stolen session."""
    event = copy.deepcopy(SAMPLE)
    event |= {"source": f"aws.{call.service}", "id": f"event-{number}"}
    refused = {"errorCode": call.error} if call.error else {}
    event["detail"] |= {"eventSource": f"{call.service}.amazonaws.com", "eventName": call.name, "requestParameters": call.request, "responseElements": None}
    event["detail"] |= {"eventID": f"record-{number}", **refused, **call.more}
    return event


def woken_by(event: Mapping[str, Any]) -> list[Handler]:
    woken = [rule.function for rule in RULES if rule.matches(event)]
    return [handler for function in woken for handler in HANDLERS if handler.logical_id == function and handler.hears(event)]


def ends_of_calls(technique: Technique, account: Account, patch: pytest.MonkeyPatch) -> dict[str, str]:
    """Deliver the technique's own events to everybody whom they wake; return what became of it, by whom."""
    found: dict[str, str] = {}
    for number, call in enumerate(event for event in technique.events if isinstance(event, Call)):
        event = recorded(call, number)
        for handler in woken_by(event):
            handler.set_up(patch)
            for outcome in account.deliver(handler.remediation, event):
                found |= {handler.stem: ENDS[outcome]} if outcome in ENDS else {}
    return found


def end_of_sample(sample: str, account: Account, patch: pytest.MonkeyPatch) -> dict[str, str]:
    """Deliver a sample with the resource that its scenario makes to the remediation that it is of; return what became of it."""
    service, _, file = sample.partition("/")
    handler = Handler(service, file.partition("-")[0])
    assert handler in woken_by(handler.samples[file])
    if sample in HEALTHY:
        outcomes = account.deliver(handler.remediation, HEALTHY[sample]())
    elif handler.is_report:
        handler.set_up(patch)
        outcomes = account.deliver(handler.remediation, handler.samples[file])
    else:
        broken = broken_by(handler, account, patch)
        outcomes = broken.deliver(broken.event(file))
    return dict.fromkeys([handler.stem], ENDS[outcomes[0]]) if outcomes[0] in ENDS else {}


@pytest.mark.parametrize("mode", ["preview", "enforce"])
@pytest.mark.parametrize("technique", STRATUS, ids=lambda one: one.name)
def test_each_technique_ends_as_the_page_says(technique: Technique, mode: str, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MODE", "DISRUPTIVE_MODE"):
        monkeypatch.setenv(name, mode)
    with monkeypatch.context() as patch:
        found = ends_of_calls(technique, account, patch)
    for sample in (event for event in technique.events if isinstance(event, str)):
        account.tear_down()
        account.set_up()
        with monkeypatch.context() as patch:
            found |= end_of_sample(sample, account, patch)
    strongest = max(found.values(), key=lambda end: STRENGTH[end], default="silent")
    assert strongest == (technique.default if mode == "preview" else technique.enforced), found
    assert found.keys() <= set(technique.by)
    assert bool(found) is bool(technique.by)


def test_of_forty_six_techniques_thirty_one_are_answered_unless_anything_is_set_and_fifteen_are_rightly_silent() -> None:
    silent = [one for one in STRATUS if one.default == "silent"]
    assert (len(STRATUS), len(silent)) == (46, 15)
    assert all(one.limit for one in silent), "and the page says why"


def test_each_technique_is_one_of_attacks_and_whoever_answers_it_answers_that() -> None:
    known = {one.id for one in ATTACK}
    assert len(known) == len(ATTACK)
    assert {technique for one in STRATUS for technique in one.attack} <= known
    answerers = {stem for one in ATTACK for stem in one.by} | {stem for one in STRATUS for stem in one.by}
    assert answerers <= BY_STEM.keys()
    assert all(one.by or one.limit for one in ATTACK), "where nobody answers, the page says why"


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text() == render(), "make catalogue"


REPORTS: Final = ("report_attack_steps", "report_new_credentials", "report_tampering")


def told_of(calls: Sequence[tuple[Call, Mapping[str, object]]], account: Account, patch: pytest.MonkeyPatch, *, every: float) -> list[str]:
    """Deliver the calls to the reports that they wake, one in so many seconds; return what was told. What is beside a call stands in its record."""
    for number, (call, changes) in enumerate(calls):
        event = recorded(call, number)
        event["detail"] |= changes
        for handler in woken_by(event):
            if handler.stem in REPORTS:
                handler.set_up(patch)
                account.deliver(handler.remediation, event)
        account.clock.pause(every)
    return [alert["before"][0]["What"] for alert in account.alerts()]


@pytest.mark.parametrize("intrusion", INTRUSIONS, ids=lambda one: one.title)
def test_of_an_intrusion_people_are_told_step_by_step_with_what_was_before(intrusion: Intrusion, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    told = told_of([(call, {}) for call in intrusion.calls], account, monkeypatch, every=30)
    assert [word for word, what in zip(intrusion.told, told, strict=True) if word not in what] == []
    assert len(told) == 1 or any("TheSameIdentityWithinADay" in fact for fact in account.alerts()[-1]["before"])


def test_whoever_else_answers_an_intrusion_is_one_of_ours_and_the_page_says_what_is_not_heard() -> None:
    assert {stem for one in INTRUSIONS for stem in one.also} <= BY_STEM.keys()
    assert all(one.silent for one in INTRUSIONS)


TERRAFORM: Final[dict[str, Any]] = {"userAgent": "APN/1.0 HashiCorp/1.0 Terraform/1.9.5 (+https://www.terraform.io) terraform-provider-aws/5.70.0"}

A_DAY: Final[list[tuple[Call, dict[str, Any]]]] = [
    # A pipeline deploys all day
    *((Call("lambda", "UpdateFunctionCode20150331v2", {"functionName": f"f-{one}"}), {}) for one in range(40)),
    *((Call("lambda", "UpdateFunctionConfiguration20150331v2", {"functionName": f"f-{one}", "timeout": 5}), TERRAFORM) for one in range(20)),
    *((Call("lambda", "CreateFunction20150331", {"functionName": f"g-{one}", "runtime": "python3.13"}), TERRAFORM) for one in range(10)),
    *((Call("s3", "PutBucketEncryption", {"bucketName": f"b-{one}", "ServerSideEncryptionConfiguration": {"Rule": {}}}), TERRAFORM) for one in range(10)),
    *((Call("s3", "DeleteBucket", {"bucketName": f"b-{one}"}), TERRAFORM) for one in range(3)),
    *((Call("ec2", "DeregisterImage", {"imageId": f"ami-{one}"}), {}) for one in range(12)),
    *((Call("ec2", "TerminateInstances", {"instancesSet": {"items": [{"instanceId": f"i-{one}"}]}}), {}) for one in range(8)),
    # A provider of identities keeps the groups of Identity Center as its own
    *((Call("identitystore", "CreateGroupMembership", {"groupId": "g-1", "memberId": {"userId": f"u-{one}"}}), {}) for one in range(30)),
    *((Call("s3", "PutBucketPolicy", {"bucketName": f"b-{one}"}), TERRAFORM) for one in range(10)),
    # People work
    *((Call("ssm", "StartSession", {"target": f"i-{one % 2}"}), {}) for one in range(15)),
    *((Call("ec2-instance-connect", "SendSSHPublicKey", {"instanceId": "i-0"}), {}) for _ in range(15)),
    *((Call("ec2", "ModifyInstanceAttribute", {"instanceId": "i-0", "instanceType": {"value": "m5.large"}}), {}) for _ in range(5)),
    *(
        (Call("iam", "CreateAccessKey"), {"userIdentity": {"type": "IAMUser", "userName": f"u-{one}", "arn": f"arn:aws:iam::111122223333:user/u-{one}"}})
        for one in range(5)
    ),
    # Services and stacks work in people's names
    *(
        (call, {"userIdentity": {**SAMPLE["detail"]["userIdentity"], "invokedBy": service}})
        for call, service in (
            *((Call("ec2", "TerminateInstances", {}), "autoscaling.amazonaws.com") for _ in range(30)),
            *((Call("iam", "CreateUser", {"userName": "ses-smtp"}), "cloudformation.amazonaws.com") for _ in range(3)),
            *((Call("backup", "DeleteRecoveryPoint", {}), "backup.amazonaws.com") for _ in range(30)),
        )
    ),
]
"""Calls of a day's work, each by whom; the sample's session where nobody else is named."""


def test_of_a_days_work_people_hear_of_a_few_things_at_most(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    told = told_of(A_DAY, account, monkeypatch, every=120)
    assert [what.partition(":")[0].partition(" u-0")[0] for what in told] == ["An image was deregistered", "The user"], "each once a month"
    assert not account.dead_letters


MODELS: Final[Mapping[str, Sequence[str]]] = {
    "bedrock": ("bedrock", "bedrock-runtime"),
    "sso": ("sso-admin",),
    "servicequotas": ("service-quotas",),
    "ses": ("ses", "sesv2"),
}
"""Of the sources of records that are not called as AWS's model of their API: what that is called."""

_OF_THE_DIRECTORY: Final = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiamidentitycenterdirectory.html"

NO_OPERATION: Final[Mapping[tuple[str, str], str]] = {
    **{("sso-directory", name): _OF_THE_DIRECTORY for service, name in attack_steps.CALLS if service == "sso-directory"},
    **{
        ("sso", name): "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiamidentitycenter.html"
        for name in ("AssociateDirectory", "DisassociateDirectory")
    },
    ("bedrock", "PutFoundationModelEntitlement"): "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html",
    ("signin", "ConsoleLogin"): "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html",
}
"""Calls that no model has, and the page that names them."""


@pytest.mark.parametrize("calls", [attack_steps.CALLS, new_credentials.CALLS], ids=["attack_steps", "new_credentials"])
def test_each_call_of_which_people_are_told_is_one_that_aws_has(calls: Mapping[tuple[str, str], Step]) -> None:
    operations = {service: _operations(MODELS.get(service, (service,))) for service in {service for service, _ in calls} - {"signin", "sso-directory"}}
    assert {(service, name) for service, name in calls if name not in operations.get(service, ())} <= NO_OPERATION.keys()


def _operations(models: Sequence[str]) -> set[str]:
    return {name for model in models for name in Loader().load_service_model(model, "service-2")["operations"]}
