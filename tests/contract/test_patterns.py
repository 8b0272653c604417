"""A rule wakes its function for the events that it is for, and for nothing that only looks like them."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pytest

from local.replay.matching import matches
from snapback.engine import events
from snapback.engine.errors import UnreadableEvent
from snapback.engine.outcomes import Outcome
from tests.conftest import SETTINGS
from tests.harness.discovery import FIXERS, HANDLERS, Handler, without_version
from tests.harness.rules import Rule, complaint, rules
from tests.harness.scenario import ACCOUNT, REGION
from tests.harness.scheduler import schedules

Event = dict[str, Any]

CLOUDTRAIL = "AWS API Call via CloudTrail"

DEPLOYED = "CloudFormation Stack Status Change"

READ_BY_TYPE: Final = frozenset(
    {"Config Rules Compliance Change", "Security Hub Findings - Imported", "Security Hub Findings - Custom Action", "Findings Imported V2"}
)
"""Events that name a resource of any type the same way: the layer reads them, so they need no entry in `named_by`."""

RULES = rules()
SAMPLES = [pytest.param(handler, sample, id=sample) for handler in HANDLERS for sample in handler.samples]


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the functions that hear of whatever is done what they need to know their own."""
    for name in ("TOPIC_ARN", "ROLE_ARN"):
        monkeypatch.setenv(name, SETTINGS[name])
    Handler("cloudformation", "report_tampering").set_up(monkeypatch)


HEARS_TOO_MUCH = Handler("cloudformation", "report_tampering")
"""A pattern can ask how a name begins, but not that nothing more of another stack's name follows: what is not its stack's, this one leaves (its own test holds
that), though some of the samples are about `snapback-sample-function`."""


def rules_of(handler: Handler) -> list[Rule]:
    return [rule for rule in RULES if rule.function == handler.logical_id]


def hears_all_calls(handler: Handler) -> bool:
    """Tell whether it is who made a call that matters, and not which call."""
    return "*" in handler.remediation.named_by


def hears_all_types(handler: Handler) -> bool:
    """Tell whether it tells of findings of every type, so that none is missed that nobody knows yet."""
    return bool(getattr(handler.remediation, "once_per", None)) and any(name.endswith(" Finding") for name in handler.remediation.named_by)


def can_read(handler: Handler, event: Event) -> bool:
    """Tell whether the event names a resource to this remediation, as the layer reads it."""
    remediation = handler.remediation
    try:
        signal = events.read(event, events.Reading(remediation.resource, remediation.named_by, "", ACCOUNT, REGION, remediation.hears_failures))
    except UnreadableEvent:
        return False
    return signal.leave in (None, Outcome.ALREADY_OK)  # the latter: it looked through what the event names, and there is nothing


@pytest.mark.parametrize(("handler", "sample"), SAMPLES)
@pytest.mark.usefixtures("account")
def test_a_sample_wakes_its_own_function_once_and_another_only_if_that_can_read_it_too(handler: Handler, sample: str) -> None:
    event = handler.samples[sample]
    woken = [rule.function for rule in RULES if rule.matches(event)]
    assert woken.count(handler.logical_id) == 1, "one rule: with two, every event would be handled twice"
    others = [other for other in HANDLERS if other not in (handler, HEARS_TOO_MUCH) and other.logical_id in woken and other.hears(event)]
    assert [str(other) for other in others if not can_read(other, event)] == []


Change = Callable[[Event], object]


def put(path: str, value: object) -> Change:
    """Return the change that puts a value where the path leads; all but its last step must be there already."""

    def change(event: Event) -> None:
        *way, last = path.split(".")
        place: Any = event["detail"]
        for step in way:
            place = place[int(step)] if isinstance(place, list) else place[step]
        place[int(last) if isinstance(place, list) else last] = value

    return change


def spread(one: Change, other: Change) -> Change:
    """Return the change that makes two findings of one: each is wrong in another part, so that only together they have all that a rule asks for."""

    def change(event: Event) -> None:
        findings = event["detail"]["findings"]
        findings.append(copy.deepcopy(findings[0]))
        one(event)
        other({"detail": {"findings": findings[1:]}})

    return change


ARCHIVED_FINDING = put("findings.0.RecordState", "ARCHIVED")
PASSED_FINDING = put("findings.0.Compliance.Status", "PASSED")
PASSED_V2 = put("findings.0.compliance.status_id", 1)
RESOLVED_V2 = put("findings.0.status", "Resolved")

SECURITY_HUB: Mapping[str, Change] = {
    "passed": PASSED_FINDING,
    "not available": put("findings.0.Compliance.Status", "NOT_AVAILABLE"),
    "archived": ARCHIVED_FINDING,
    "suppressed": put("findings.0.Workflow.Status", "SUPPRESSED"),
    "resolved": put("findings.0.Workflow.Status", "RESOLVED"),
    "of another control": put("findings.0.Compliance.SecurityControlId", "Another.1"),
    "about another resource": put("findings.0.Resources.0.Type", "AwsAnotherThing"),
    "one passed and one archived": spread(PASSED_FINDING, ARCHIVED_FINDING),
}

NEAR_MISSES: Mapping[str, Mapping[str, Change]] = {
    CLOUDTRAIL: {
        "that failed": put("errorCode", "AccessDenied"),
        "of another name": put("eventName", "AnotherCall"),
        "to another service": put("eventSource", "another.amazonaws.com"),
    },
    "Config Rules Compliance Change": {
        "compliant": put("newEvaluationResult.complianceType", "COMPLIANT"),
        "not applicable": put("newEvaluationResult.complianceType", "NOT_APPLICABLE"),
        "of another rule": put("configRuleName", "another-rule"),
        "about another resource": put("resourceType", "AWS::Another::Thing"),
    },
    "Security Hub Findings - Imported": SECURITY_HUB,
    "Security Hub Findings - Custom Action": SECURITY_HUB,
    "Findings Imported V2": {
        "passed": PASSED_V2,
        "suppressed": put("findings.0.status", "Suppressed"),
        "resolved": RESOLVED_V2,
        "of another control": put("findings.0.compliance.control", "Another.1"),
        "about another resource": put("findings.0.resources.0.type", "AWS::Another::Thing"),
        "one passed and one resolved": spread(PASSED_V2, RESOLVED_V2),
    },
    "GuardDuty Finding": {
        "archived": put("service.archived", value=True),
        "of another type": put("type", "Another:Thing/Finding"),
    },
    "Inspector2 Finding": {
        "closed": put("status", "CLOSED"),
        "suppressed": put("status", "SUPPRESSED"),
        "of High severity": put("severity", "HIGH"),
    },
    "Macie Finding": {
        "archived": put("archived", value=True),
        "of another type": put("type", "Another:Thing/Finding"),
    },
    "Access Analyzer Finding": {
        "archived": put("status", "ARCHIVED"),
        "resolved": put("status", "RESOLVED"),
        "about another resource": put("resourceType", "AWS::Another::Thing"),
    },
    "CloudWatch Alarm State Change": {
        "back to normal": put("state.value", "OK"),
        "without data": put("state.value", "INSUFFICIENT_DATA"),
        "of somebody else": put("alarmName", "another-alarm"),
    },
    "RDS DB Instance Event": {
        "of another kind": put("EventID", "RDS-EVENT-0002"),
    },
    "RDS DB Cluster Event": {
        "of another kind": put("EventID", "RDS-EVENT-0002"),
    },
    "ACM Certificate Approaching Expiration": {
        "on a day between": put("DaysToExpiry", 29),
    },
    "AWS Health Event": {
        "of another service": put("service", "EC2"),
        "of another kind": put("eventTypeCode", "AWS_ANOTHER_KIND"),
    },
    "Trusted Advisor Check Item Refresh Notification": {
        "of another check": put("check-name", "Another Check"),
        "all well": put("status", "OK"),
    },
    DEPLOYED: {
        "of another stack": put("stack-id", "arn:aws:cloudformation:us-east-1:111122223333:stack/another/0f3c1b0e-7e8c-4f6e-8a60-7f9b2f1f3a11"),
        "that failed": put("status-details.status", "ROLLBACK_COMPLETE"),
    },
    "Scheduled Event": {
        "of another schedule": lambda event: event.update(resources=["arn:aws:scheduler:us-east-1:111122223333:schedule/snapback-Clock-EXAMPLE/another"]),
    },
}
"""Detail-type -> what turns an event into one that no rule may match."""

NEAR_MISSES_OF_ANY_CALL: Mapping[str, Change] = {
    "by somebody else": put("userIdentity.type", "AssumedRole"),
    "by a service": put("eventType", "AwsServiceEvent"),
}

NEAR_MISSES_OF_OWN_PARTS: Mapping[str, Mapping[str, Change]] = {
    CLOUDTRAIL: {
        "that failed": put("errorCode", "AccessDenied"),
        "that only reads": put("readOnly", value=True),
        "that writes data": put("eventCategory", "Data"),
        "about another's part": put(
            "requestParameters", dict.fromkeys(("functionName", "name", "queueUrl", "roleName", "stackName", "tableName", "topicArn"), "another")
        ),
    },
    "CloudFormation Stack Status Change": {
        "of another stack": put("stack-id", "arn:aws:cloudformation:us-east-1:111122223333:stack/another/0f3c1b0e-7e8c-4f6e-8a60-7f9b2f1f3a11"),
        "that was taken back": put("status-details.status", "UPDATE_ROLLBACK_COMPLETE"),
    },
}
"""The same for the function that hears of whatever is done to the stack's own parts."""

NEAR_MISSES_OF_ANY_TYPE: Mapping[str, Mapping[str, Change]] = {
    "GuardDuty Finding": {"archived": put("service.archived", value=True), "of Low severity": put("severity", 3.9)},
    "Macie Finding": {"archived": put("archived", value=True), "of Medium severity": put("severity.description", "Medium")},
}
"""The same for functions that tell of findings of every type, known or not."""

EVERYWHERE: Mapping[str, Change] = {
    "from another source": lambda event: event.update({"source": "aws.another", "detail-type": f"{event['detail-type']} of another kind"}),
}


BY_A_LIST: Final = (Handler("cloudtrail", "report_attack_steps"), Handler("iam", "report_new_credentials"))
"""They hear many calls, some of which others hear as well, and some of which failed: their tables say which, and their own tests hold those to the rules."""

NEAR_MISSES_OF_A_LIST: Mapping[str, Change] = {
    "of another name": put("eventName", "AnotherCall"),
    "that a service made": put("userIdentity.invokedBy", "autoscaling.amazonaws.com"),
}


def near(handler: Handler, event: Event) -> Mapping[str, Change]:
    if handler in BY_A_LIST:
        return NEAR_MISSES_OF_A_LIST
    if handler.stem == "report_tampering":
        return NEAR_MISSES_OF_OWN_PARTS[event["detail-type"]]
    if hears_all_calls(handler):
        return NEAR_MISSES_OF_ANY_CALL
    known = NEAR_MISSES_OF_ANY_TYPE if hears_all_types(handler) else NEAR_MISSES
    return known.get(event["detail-type"]) or NEAR_MISSES.get(event["detail-type"], {})


def near_misses() -> list[Any]:
    return [
        pytest.param(event, change, id=f"{sample} {what}")
        for handler in HANDLERS
        for sample, event in handler.samples.items()
        for what, change in {**near(handler, event), **EVERYWHERE}.items()
    ]


@pytest.mark.parametrize(("handler", "sample"), SAMPLES)
def test_for_every_kind_of_event_it_is_known_what_only_looks_like_it(handler: Handler, sample: str) -> None:
    assert near(handler, handler.samples[sample])


@pytest.mark.parametrize(("event", "change"), near_misses())
def test_what_only_looks_like_an_event_wakes_nobody(event: Event, change: Change) -> None:
    missed = copy.deepcopy(event)
    change(missed)
    assert missed != event
    of_another_type = missed["detail"].get("type") != event["detail"].get("type")
    whatever = [handler for handler in HANDLERS if hears_all_calls(handler) or (of_another_type and hears_all_types(handler))]
    rightly = {handler.logical_id for handler in whatever if can_read(handler, missed)}
    if event["id"] in {sample["id"] for one in BY_A_LIST for sample in one.samples.values()}:
        rightly |= {rule.function for rule in RULES if rule.matches(event)} - {one.logical_id for one in BY_A_LIST}
    else:
        rightly |= {one.logical_id for one in BY_A_LIST}
    if event["id"] in {
        sample["id"] for sample in HEARS_TOO_MUCH.samples.values()
    }:  # whoever the call itself wakes looks at the resource, not at what makes it a blow against Snapback
        rightly |= {rule.function for rule in RULES if rule.matches(event)} - {HEARS_TOO_MUCH.logical_id}
    else:
        rightly.add(HEARS_TOO_MUCH.logical_id)
    assert [str(rule) for rule in RULES if rule.matches(missed) and rule.function not in rightly] == []


ALTERNATIVES = [
    pytest.param(handler, part, id=f"{handler.stem}-{'/'.join(map(str, part['source']))}-{'/'.join(part['detail-type'])}")
    for handler in HANDLERS
    for rule in rules_of(handler)
    for part in rule.alternatives
]


@pytest.mark.parametrize(("handler", "part"), ALTERNATIVES)
def test_every_part_of_a_rule_is_shown_to_match_by_a_sample(handler: Handler, part: Mapping[str, Any]) -> None:
    assert any(matches(part, event) for one in handler.together for event in one.samples.values())


MADE_BY: Final = {
    "a person": "{}",
    "a conformance pack": "{}-conformance-pack-a1b2c3d4e",
    "an organisation": "OrgConfigRule-{}-dbgzf8ba",
}
"""Who makes a Config rule -> how it is named then, after the name that whoever wanted it gave it: by default AWS's own.

https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html shows such names. Those of Security Hub
(`securityhub-…`) and of Control Tower (`AWSControlTower_AWS-GR_…`) are names of their own, which a rule lists where there is such a control.
"""

CONFIG_RULES = [
    pytest.param(handler, name["prefix"], id=f"{handler.stem}-{name['prefix']}")
    for handler in HANDLERS
    for rule in rules_of(handler)
    for part in rule.alternatives
    for name in part.get("detail", {}).get("configRuleName", [])
    if not name["prefix"].startswith(("AWSControlTower_", "OrgConfigRule-", "securityhub-"))
]


@pytest.mark.parametrize("maker", MADE_BY)
@pytest.mark.parametrize(("handler", "name"), CONFIG_RULES)
def test_a_config_rule_is_heard_whoever_has_made_it(handler: Handler, name: str, maker: str) -> None:
    assert wakes(handler, MADE_BY[maker].format(name))


@pytest.mark.parametrize(
    ("service", "stem", "name"),
    [
        ("ec2", "revoke_open_ingress", "AWSControlTower_AWS-GR_RESTRICTED_COMMON_PORTS"),
        ("ec2", "revoke_open_ingress", "AWSControlTower_AWS-GR_RESTRICTED_SSH"),
        ("s3", "block_public_bucket", "AWSControlTower_AWS-GR_S3_BUCKET_PUBLIC_READ_PROHIBITED"),
        ("s3", "block_public_bucket", "AWSControlTower_AWS-GR_S3_BUCKET_PUBLIC_WRITE_PROHIBITED"),
    ],
)
def test_the_rules_of_control_tower_are_heard_by_whoever_hears_their_twins(service: str, stem: str, name: str) -> None:
    """Hold the names of https://docs.aws.amazon.com/controltower/latest/controlreference/strongly-recommended-controls.html."""
    assert wakes(Handler(service, stem), name)


def wakes(handler: Handler, config_rule: str) -> bool:
    [sample] = [event for event in handler.samples.values() if event["detail-type"] == "Config Rules Compliance Change"]
    named = {**sample, "detail": {**sample["detail"], "configRuleName": config_rule}}
    return [rule.function for rule in rules_of(handler) if rule.matches(named)] == [handler.logical_id]


HEAR_SOME = [handler for handler in HANDLERS if not hears_all_calls(handler)]


@pytest.mark.parametrize("handler", HEAR_SOME, ids=str)
def test_the_calls_that_wake_a_function_are_those_that_its_remediation_knows(handler: Handler) -> None:
    in_rules = {name for part in parts_of(handler) if CLOUDTRAIL in part["detail-type"] for name in part["detail"]["eventName"]}
    known = {
        name for one in handler.together for name in one.remediation.named_by if " " not in name and name != events.ACCOUNT
    }  # a detail-type is more than one word
    assert {without_version(name) for name in in_rules} == known, "CloudTrail puts API versions behind some names; the layer takes them off"


@pytest.mark.parametrize("handler", HEAR_SOME, ids=str)
def test_the_other_events_that_wake_a_function_are_those_that_its_remediation_knows(handler: Handler) -> None:
    in_rules = {detail_type for part in parts_of(handler) for detail_type in part["detail-type"]} - READ_BY_TYPE - {CLOUDTRAIL}
    in_rules -= {DEPLOYED} if any(rule.pattern is None for rule in rules_of(handler)) else set()  # to who has a sweep it is one
    if any(rule.pattern is None for rule in rules_of(handler)):
        in_rules.add("Scheduled Event")
    known = {name for one in handler.together for name in one.remediation.named_by if " " in name}
    if handler.remediation.expires_after:  # the layer itself takes back what has expired, at every tick
        known.add("Scheduled Event")
    assert in_rules == known


def parts_of(handler: Handler) -> Sequence[Mapping[str, Any]]:
    return [part for rule in rules_of(handler) for part in rule.alternatives]


PATTERNS = [pytest.param(rule.pattern, id=str(rule)) for rule in RULES if rule.pattern is not None]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_is_one_that_eventbridge_takes(pattern: Mapping[str, Any]) -> None:
    assert complaint(pattern) is None, "how long it may be, test_quotas says"


def test_an_array_matches_only_if_one_of_its_objects_has_it_all() -> None:
    """Hold the matcher itself to what https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-arrays.html says."""
    pattern = {"detail": {"findings": {"Status": ["FAILED"], "State": ["ACTIVE"]}}}
    event = {
        "source": "aws.test",
        "detail-type": "test",
        "detail": {"findings": [{"Status": "FAILED", "State": "ARCHIVED"}, {"Status": "FAILED", "State": "ACTIVE"}]},
    }
    assert matches(pattern, event)
    event["detail"] = {"findings": [{"Status": "FAILED", "State": "ARCHIVED"}, {"Status": "PASSED", "State": "ACTIVE"}]}
    assert not matches(pattern, event)


SWEEPS_LATER: Final = frozenset({"protect_resource"})
"""Shield's protections, of which its sweep looks at each: an account has many or none, and a deletion that no sweep has seen is told."""

REMEMBERS = [
    handler
    for handler in FIXERS
    if handler.remediation.remember and any(rule.pattern is None for rule in rules_of(handler)) and handler.stem not in SWEEPS_LATER
]


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE"])
@pytest.mark.parametrize("handler", REMEMBERS, ids=str)
def test_who_remembers_a_good_state_sweeps_for_the_first_time_as_soon_as_the_stack_stands(handler: Handler, status: str) -> None:
    event = copy.deepcopy(handler.samples[f"{handler.stem}-deployed"])
    event["detail"]["status-details"]["status"] = status
    assert [rule.function for rule in rules_of(handler) if rule.matches(event)] == [handler.logical_id]
    remediation = handler.remediation
    sweep = schedules.tick(remediation, 0)
    table = {**remediation.named_by, "Scheduled Event": lambda _: ["something"]}
    reading = events.Reading(remediation.resource, table, "", ACCOUNT, REGION)
    first, hourly = (events.read(one, reading) for one in (event, sweep))
    assert (first.is_sweep, first.source, first.named) == (True, hourly.source, hourly.named)
