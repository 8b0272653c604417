"""Whatever CloudFormation and the services refuse for being too long or too many stays a tenth below AWS's default quota, with names of real length.

Measured with the names that AWS gives (the stack's, twelve characters behind each, account and region): as samconfig's `dev` and `prod`, with every parameter
at its longest under long names, and as a stack set.
"""

import itertools
import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import pytest

from local.intrinsics import Place
from local.package import for_stacksets
from tests.harness.discovery import FIXERS, ROOT
from tests.harness.template import packaged, resources, source, text, transformed

ROOM = 0.9
"""So much of a quota may be used."""

LONGEST_REGION = "ap-southeast-1"
"""No region's name is longer (https://docs.aws.amazon.com/general/latest/gr/rande.html), but for `us-isob-east-1` and its like, which are as long."""

FEW_RULES = frozenset({"af-south-1", "eu-south-1"})


class Deployment(NamedTuple):
    """One way to deploy the template."""

    name: str
    place: Place
    parameters: Mapping[str, str]
    is_stack_set: bool = False


def _of_samconfig(environment: str) -> Deployment:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())[environment]
    given = dict(pair.split("=", 1) for pair in config["deploy"]["parameters"]["parameter_overrides"].split())
    return Deployment(environment, Place(stack=config["global"]["parameters"]["stack_name"], region=LONGEST_REGION), given)


ACCOUNTS = ",".join(f"{number:012}" for number in range(135))
LONGEST: Mapping[str, str] = {
    "AdminPorts": "65530,65531,65532,65533,65534,65535",
    "AlarmActions": ",".join(f"arn:aws:sns:{LONGEST_REGION}:111122223333:{number}{'a' * 255}" for number in range(5)),
    "AlertEmail": f"{'a' * 64}@{'b' * 181}.example",
    "AlertsKey": f"111122223333:key/mrk-{'0' * 32}",
    "AccountAlias": "a" * 20,
    "AlertVersion": "ocsf",
    "OwnerTag": "o" * 20,
    "RunbookUrl": f"https://{'a' * 63}.example/{'b' * 40}",
    "AlertsTopic": f"111122223333:{'a' * 48}",
    "BaselineWebAclArn": f"arn:aws:wafv2:{LONGEST_REGION}:111122223333:regional/webacl/{'a' * 128}/0f3c1b0e-7e8c-4f6e-8a60-7f9b2f1f3a11",
    "BreakGlass": ",".join(f"role/{'a' * 57}{number:02}*" for number in range(6)),
    "CanaryVpc": "vpc-0123456789abcdef0",
    "BucketKmsKey": f"arn:aws:kms:{LONGEST_REGION}:111122223333:key/mrk-{'0' * 32}",
    "FlowLogBucket": f"arn:aws:s3:::{'a' * 63}/{'b' * 200}",
    "GuardedAlarms": ",".join(f"{'a' * 60}{number:03}" for number in range(20)),
    "Guardrails": ",".join(f"p-{'a' * 8}{number:02}:ou-{'a' * 4}-{'b' * 8}" for number in range(52)),
    "LbLogBucket": "a" * 63,
    "LogBucket": "a" * 63,
    "NeverBlock": ",".join(f"255.255.{number:03}.255/32" for number in range(94)),
    "OrganizationId": f"o-{'a' * 32}",
    "ReadTags": "opt-in",
    "SwitchedOff": ",".join(handler.remediation.name for handler in FIXERS),
    "SlackChannel": f"{'T' * 255}/{'C' * 255}",
    "TeamsChannel": f"0f3c1b0e-7e8c-4f6e-8a60-7f9b2f1f3a11/0f3c1b0e-7e8c-4f6e-8a60-7f9b2f1f3a11/19%3a{'a' * 236}%40thread.tacv2",
    "ResolveFindings": "on",
    "ThirdPartyAccounts": ",".join(f"{number:012}" for number in range(16)),
    "TlsPolicy": "ELBSecurityPolicy-TLS13-1-2-Ext2-FIPS-2023-04",
    "TrustedAccounts": ACCOUNTS,
    "Mode": "enforce",
    "DisruptiveMode": "preview",
    "SnapStart": "PublishedVersions",
    "PythonRuntime": "python3.13",
    "Tracing": "PassThrough",
}
_BIGGEST = {name: str(one.get("MaxValue", 36_500)) for name, one in source()["Parameters"].items() if one["Type"] == "Number" and "AllowedValues" not in one}

LONG_NAME = "snapback-for-the-whole-platform"
STACK_SET = "StackSet-security-tools-0f3c1b0e-7e8c-4f6e-8a60-7f9b2f1f3a11"

DEPLOYMENTS = [
    _of_samconfig("dev"),
    _of_samconfig("prod"),
    Deployment("longest", Place(stack=LONG_NAME, region=LONGEST_REGION), {**LONGEST, **_BIGGEST}),
    Deployment("longest, nothing off", Place(stack=LONG_NAME, region=LONGEST_REGION), {**LONGEST, **_BIGGEST, "SwitchedOff": "none"}),
    Deployment("longest at home", Place(stack=LONG_NAME, region="us-east-1"), {**LONGEST, **_BIGGEST}),
    Deployment("stack set", Place(stack=STACK_SET, region=LONGEST_REGION), {}, is_stack_set=True),
    Deployment(
        "stack set, longest, with a channel",
        Place(stack=STACK_SET, region="us-gov-west-1", partition="aws-us-gov"),
        {**LONGEST, **_BIGGEST, "AlertsTopic": ""},  # a topic of its own, as there is no channel without: its role's policy names every function
        is_stack_set=True,
    ),
    Deployment("few rules", Place(region="af-south-1"), {}),
]


@cache
def _written(*, is_stack_set: bool) -> Mapping[str, Any]:
    return for_stacksets(packaged(), "example-snapback", "security-tools") if is_stack_set else transformed(source())


@cache
def made(name: str) -> Mapping[str, Mapping[str, Any]]:
    """Return all that CloudFormation makes in that deployment."""
    [deployment] = [one for one in DEPLOYMENTS if one.name == name]
    return resources(deployment.parameters, deployment.place, _written(is_stack_set=deployment.is_stack_set))


def compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def without_space(value: object) -> str:
    return re.sub(r"\s", "", json.dumps(value))


Sizes = Iterator[tuple[str, int]]
Resources = Mapping[str, Mapping[str, Any]]


def _of(found: Resources, kind: str) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    for logical, one in found.items():
        if one["Type"] == kind:
            yield logical, one["Properties"], str(one["Name"])


def _patterns(found: Resources) -> Sizes:
    return ((logical, len(compact(rule["EventPattern"]))) for logical, rule, _ in _of(found, "AWS::Events::Rule") if "EventPattern" in rule)


def _inline_policies(found: Resources) -> Sizes:
    yield from (
        (logical, sum(len(without_space(one["PolicyDocument"])) for one in role.get("Policies", []))) for logical, role, _ in _of(found, "AWS::IAM::Role")
    )
    yield from ((logical, len(without_space(policy["PolicyDocument"]))) for logical, policy, _ in _of(found, "AWS::IAM::Policy"))


def _trust_policies(found: Resources) -> Sizes:
    return ((logical, len(without_space(role["AssumeRolePolicyDocument"]))) for logical, role, _ in _of(found, "AWS::IAM::Role"))


def _managed_policies(found: Resources) -> Sizes:
    return ((logical, len(without_space(policy["PolicyDocument"]))) for logical, policy, _ in _of(found, "AWS::IAM::ManagedPolicy"))


def _attached_policies(found: Resources) -> Sizes:
    return ((logical, len(role.get("ManagedPolicyArns", []))) for logical, role, _ in _of(found, "AWS::IAM::Role"))


def _environments(found: Resources) -> Sizes:
    return ((logical, len(compact(function["Environment"]["Variables"]).encode())) for logical, function, _ in _of(found, "AWS::Lambda::Function"))


def _resource_policies(found: Resources) -> Sizes:
    """Return about what Lambda writes for each function's permissions: a statement with principal, action, resource and the source as condition."""
    sizes: Counter[str] = Counter()
    for _, permission, name in _of(found, "AWS::Lambda::Permission"):
        sizes[compact(permission["FunctionName"])] += len(
            compact({**permission, "Sid": name, "Effect": "Allow", "Condition": {"ArnLike": {"AWS:SourceArn": ""}}})
        )
    yield from sizes.items()


def _queue_policies(found: Resources) -> Sizes:
    return ((logical, len(compact(policy["PolicyDocument"]))) for logical, policy, _ in _of(found, "AWS::SQS::QueuePolicy"))


def _texts(kind: str, part: str) -> Callable[[Resources], Sizes]:
    return lambda found: ((logical, len(properties.get(part, ""))) for logical, properties, _ in _of(found, kind))


def _names(kind: str) -> Callable[[Resources], Sizes]:
    """Return the names that the template gives; those that CloudFormation makes it cuts itself."""
    parts = ("AlarmName", "DashboardName", "LogGroupName", "Name", "FunctionName", "RoleName", "QueueName", "TopicName")
    return lambda found: ((logical, len(next((properties[part] for part in parts if part in properties), ""))) for logical, properties, _ in _of(found, kind))


def _alarm_actions(found: Resources) -> Sizes:
    return ((logical, len(alarm.get("AlarmActions", []))) for logical, alarm, _ in _of(found, "AWS::CloudWatch::Alarm"))


def _wildcards(found: Resources) -> Sizes:
    yield "all", sum('"wildcard"' in compact(rule.get("EventPattern")) for _, rule, _ in _of(found, "AWS::Events::Rule"))


def _targets(found: Resources) -> Sizes:
    return ((logical, len(rule["Targets"])) for logical, rule, _ in _of(found, "AWS::Events::Rule"))


def _target_ids(found: Resources) -> Sizes:
    return ((logical, max(len(target["Id"]) for target in rule["Targets"])) for logical, rule, _ in _of(found, "AWS::Events::Rule"))


IAM_QUOTAS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"
LAMBDA_QUOTAS = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
EVENTBRIDGE_QUOTAS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"
CREATE_FUNCTION = "https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html"
PUBLISH_VERSION = "https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html"
PUBLISH_LAYER = "https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html"
PUT_ALARM = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"
PUT_FILTER = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html"
CREATE_LOG_GROUP = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html"
CREATE_IP_SET = "https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateIPSet.html"
SQS_QUOTAS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html"
PUT_DASHBOARD = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html"
TARGET = "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html"


class Quota(NamedTuple):
    """One of AWS's default quotas, and how what we have of it is measured."""

    most: int
    sizes: Callable[[Resources], Sizes]
    page: str


QUOTAS: Mapping[str, Quota] = {
    "characters of a pattern": Quota(2_000, _patterns, EVENTBRIDGE_QUOTAS),  # 2,048: so they stay under 1,800
    "characters of a role's inline policies": Quota(10_240, _inline_policies, IAM_QUOTAS),
    "characters of a role's trust policy": Quota(2_048, _trust_policies, IAM_QUOTAS),
    "characters of a managed policy": Quota(6_144, _managed_policies, IAM_QUOTAS),
    "managed policies of a role": Quota(10, _attached_policies, IAM_QUOTAS),
    "bytes of a function's environment": Quota(4_096, _environments, LAMBDA_QUOTAS),
    "bytes of a function's resource policy": Quota(20_480, _resource_policies, LAMBDA_QUOTAS),
    "bytes of a queue's policy": Quota(8_192, _queue_policies, SQS_QUOTAS),
    "characters of a layer's description": Quota(256, _texts("AWS::Lambda::LayerVersion", "Description"), PUBLISH_LAYER),
    "characters of a version's description": Quota(256, _texts("AWS::Lambda::Version", "Description"), PUBLISH_VERSION),
    "characters of a function's description": Quota(256, _texts("AWS::Lambda::Function", "Description"), CREATE_FUNCTION),
    "characters of an alarm's description": Quota(1_024, _texts("AWS::CloudWatch::Alarm", "AlarmDescription"), PUT_ALARM),
    "characters of an alarm's name": Quota(255, _names("AWS::CloudWatch::Alarm"), PUT_ALARM),
    "characters of a dashboard's name": Quota(255, _names("AWS::CloudWatch::Dashboard"), PUT_DASHBOARD),
    "characters of a log group's name": Quota(512, _names("AWS::Logs::LogGroup"), CREATE_LOG_GROUP),
    "characters of an IP set's name": Quota(128, _names("AWS::WAFv2::IPSet"), CREATE_IP_SET),
    "characters of a function's name": Quota(64, _names("AWS::Lambda::Function"), CREATE_FUNCTION),
    "characters of a role's name": Quota(64, _names("AWS::IAM::Role"), IAM_QUOTAS),
    "characters of a rule's name": Quota(64, _names("AWS::Events::Rule"), TARGET.replace("Target", "PutRule")),
    "characters of a queue's name": Quota(80, _names("AWS::SQS::Queue"), SQS_QUOTAS.replace("policies", "queues")),
    "characters of a topic's name": Quota(256, _names("AWS::SNS::Topic"), "https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html"),
    "characters of a metric filter's pattern": Quota(1_024, _texts("AWS::Logs::MetricFilter", "FilterPattern"), PUT_FILTER),
    "rules with wildcards on a bus": Quota(30, _wildcards, EVENTBRIDGE_QUOTAS),
    "targets of a rule": Quota(5, _targets, EVENTBRIDGE_QUOTAS),
}
"""What is counted -> the default quota, how it is measured, and AWS's page."""

FULL: Mapping[str, Quota] = {
    "an alarm's actions": Quota(5, _alarm_actions, PUT_ALARM),
    "characters of a target's id": Quota(64, _target_ids, TARGET),
}
"""The same for what is no quota that something grows towards: all of it may be used."""


@pytest.mark.parametrize("deployment", [one.name for one in DEPLOYMENTS])
@pytest.mark.parametrize("counted", QUOTAS)
def test_it_stays_a_tenth_below_the_quota(counted: str, deployment: str) -> None:
    quota = QUOTAS[counted]
    over = {which: size for which, size in quota.sizes(made(deployment)) if size > quota.most * ROOM}
    assert over == {}, f"of {quota.most} {counted} ({quota.page})"


@pytest.mark.parametrize("deployment", [one.name for one in DEPLOYMENTS])
@pytest.mark.parametrize("counted", FULL)
def test_it_is_not_over_the_limit(counted: str, deployment: str) -> None:
    limit = FULL[counted]
    assert {which: size for which, size in limit.sizes(made(deployment)) if size > limit.most} == {}, limit.page


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=[one.name for one in DEPLOYMENTS])
def test_the_rules_fit_on_the_regions_bus(deployment: Deployment) -> None:
    most = 100 if deployment.place.region in FEW_RULES else 300  # EVENTBRIDGE_QUOTAS
    assert sum(one["Type"] == "AWS::Events::Rule" for one in made(deployment.name).values()) <= most * ROOM


CLOUDFORMATION_QUOTAS = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"


@pytest.mark.parametrize("is_stack_set", [False, True], ids=["stack", "stack set"])
def test_the_template_itself_is_far_from_what_cloudformation_takes(*, is_stack_set: bool) -> None:
    written = _written(is_stack_set=is_stack_set)
    assert len(written["Resources"]) < 460, "of 500"
    assert len(written["Parameters"]) <= 200 * ROOM
    assert len(written["Outputs"]) <= 200 * ROOM
    assert len(json.dumps(written)) <= 1_000_000 * ROOM, "bytes that are passed by S3"
    assert len(text()) <= 1_000_000 * ROOM
    assert all(len(one.get("Description", "")) <= 4_000 * ROOM for one in written["Parameters"].values())
    assert all(len(name) <= 255 for name in itertools.chain(written["Resources"], written["Parameters"])), CLOUDFORMATION_QUOTAS


def test_a_stack_set_gives_each_parameter_at_most_what_cloudformation_takes() -> None:
    assert {name: len(value) for name, value in LONGEST.items() if len(value) > 4_096 * ROOM} == {}, "bytes of a parameter's value"


@pytest.mark.parametrize("name", LONGEST)
def test_the_longest_value_is_one_that_the_parameter_takes(name: str) -> None:
    parameter, value = source()["Parameters"][name], LONGEST[name]
    values = value.split(",") if parameter["Type"] == "CommaDelimitedList" else [value]
    assert all(re.fullmatch(parameter.get("AllowedPattern", ".*"), one) for one in values)
    assert len(value) <= parameter.get("MaxLength", len(value))
    assert value in map(str, parameter.get("AllowedValues", [value]))


def test_every_text_that_can_be_long_has_its_limit_and_is_measured_at_it() -> None:
    texts = {name: one for name, one in source()["Parameters"].items() if one["Type"] == "String" and "AllowedValues" not in one}
    assert texts.keys() - LONGEST.keys() == {"EndpointUrl"}, "which is empty on AWS"
    unbounded = {name for name, one in texts.items() if re.search(r"[*+](?![^\[]*\])", re.sub(r"\\.", "", one.get("AllowedPattern", "*")))}
    assert {name for name in unbounded if "MaxLength" not in texts[name]} == set()
    assert {name: len(value) for name, value in LONGEST.items() if name in unbounded and len(value) < 0.5 * texts[name]["MaxLength"]} == {}
