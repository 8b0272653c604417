"""What resources are called, and the check that a name is one.

A name comes out of an event, and nothing an event says is trusted: before a name reaches an API call, an ARN or a message it must have the form that
AWS gives to names of its type.
"""

import re
from collections.abc import Mapping
from typing import Final

from snapback.engine.errors import UnreadableEvent

CANARY: Final = "Snapback's canary"
"""The description of the rule by which the canary opens its group."""

_LOAD_BALANCING = r"arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:"
_DATABASES = r"arn:aws[a-z-]*:rds:[a-z0-9-]+:\d{12}:(db|cluster):"

_FORMS: Final[Mapping[str, str]] = {
    "AWS::::Account": r"\d{12}",
    "AWS::CloudFront::Distribution": r"[A-Z0-9]{5,32}",
    "AWS::Cognito::IdentityPool": r"[a-z0-9-]{1,32}:[0-9a-f-]{1,55}",
    "AWS::AccessAnalyzer::Finding": r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12})?:[\w+=,.@:/$!-]{1,1000}",  # the ARN of what it is about
    "AWS::CloudTrail::Trail": r"(arn:aws[a-z-]*:cloudtrail:[a-z0-9-]+:\d{12}:trail/)?[A-Za-z0-9._-]{3,128}",
    # Any text without control characters (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html), as long as a command can
    # name it: a `*` at its end would stand for more, and a space there would be lost. No message of SNS holds the last ones, which are no characters.
    "AWS::CloudWatch::Alarm": r"(?u:(?!\s)[^\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]{1,255}(?<![\s*]))",
    "AWS::DynamoDB::Table": r"[A-Za-z0-9_.-]{3,255}",
    "AWS::CertificateManager::Certificate": r"arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[A-Za-z0-9-]{1,64}",
    "AWS::EC2::Image": r"ami-[0-9a-f]{8,17}",
    "AWS::EC2::Instance": r"i-[0-9a-f]{8,17}",
    "AWS::EC2::NetworkAcl": r"acl-[0-9a-f]{8,17}",
    "AWS::EC2::SecurityGroup": r"(sg|vpc)-[0-9a-f]{8,17}",  # a default group may be named by its VPC
    "AWS::EC2::Snapshot": r"snap-[0-9a-f]{8,17}",
    "AWS::ECS::Task": r"arn:aws[a-z-]*:ecs:[a-z0-9-]+:\d{12}:task/[A-Za-z0-9_-]{1,255}/[0-9a-f-]{32,36}",
    "AWS::EKS::Cluster": r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}",
    "AWS::ElastiCache::ReplicationGroup": r"[a-z0-9-]{1,40}",
    "AWS::ElasticLoadBalancingV2::Listener": rf"{_LOAD_BALANCING}listener/(app|gwy|net)/[A-Za-z0-9-]{{1,32}}/[0-9a-f]{{8,32}}/[0-9a-f]{{8,32}}",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": rf"{_LOAD_BALANCING}loadbalancer/(app|gwy|net)/[A-Za-z0-9-]{{1,32}}/[0-9a-f]{{8,32}}",
    "AWS::EC2::Subnet": r"subnet-[0-9a-f]{8,17}",
    "AWS::EC2::VPC": r"vpc-[0-9a-f]{8,17}",
    "AWS::EC2::SnapshotBlockPublicAccess": r"\d{12}",
    "AWS::EC2::TransitGateway": r"tgw-[0-9a-f]{8,17}",
    "AWS::EC2::VPCEndpoint": r"vpce-[0-9a-f]{8,17}",
    "AWS::EC2::VPCEndpointService": r"vpce-svc-[0-9a-f]{8,17}",
    "AWS::GuardDuty::Filter": r"[0-9a-f]{32}/[A-Za-z0-9._-]{3,64}",  # in its detector
    "AWS::IAM::AccessKey": r"[A-Z0-9]{16,128}",
    # Where a policy can be: in a user, group or role, or by itself (managed).
    "AWS::IAM::Policy": r"(user|group|role)/[\w+=,.@-]{1,128}|arn:aws[a-z-]*:iam::\d{12}:policy/[\w+=,.@/-]{1,640}",
    "AWS::IAM::Role": r"[\w+=,.@-]{1,64}",
    "AWS::IAM::RoleSessions": r"[\w+=,.@-]{1,64}/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",  # those of a role, up to a time; see denials
    "AWS::IAM::User": r"[\w+=,.@-]{1,64}",
    "AWS::KMS::Key": r"[A-Za-z0-9-]{1,256}",
    "AWS::SSM::Document": r"[A-Za-z0-9_.-]{3,128}",
    "AWS::SSM::Parameter": r"[A-Za-z0-9_./-]{1,1011}",
    "AWS::SecretsManager::Secret": r"(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:)?[A-Za-z0-9/_+=.@!-]{1,519}",
    # By its name, or by the id that it never loses: db-ABC…, cluster-ABC….
    "AWS::RDS::DBInstance": rf"{_DATABASES}[a-z0-9-]{{1,63}}|({_DATABASES})?(db|cluster)-[A-Z0-9]{{16,40}}",
    "AWS::RDS::DBSnapshot": r"arn:aws[a-z-]*:rds:[a-z0-9-]+:\d{12}:(snapshot|cluster-snapshot):[a-z0-9:-]{1,255}",
    "AWS::Lambda::Function": r"[A-Za-z0-9._-]{1,140}(:[A-Za-z0-9$._-]{1,128})?",  # with a version or alias, where it is about one
    "AWS::Logs::LogGroup": r"(arn:aws[a-z-]*:logs:[a-z0-9-]+:\d{12}:log-group:)?[A-Za-z0-9._/#-]{1,512}(:\*)?",
    "AWS::WAFv2::IPSet": r"[0-9a-f.:]{2,45}",  # an address in it
    "AWS::Shield::Protection": r"[A-Za-z0-9-]{36}",  # exactly: https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_DescribeProtection.html
    # Buckets of us-east-1 made before 2018 may have capitals, underscores and up to 255 characters.
    "AWS::S3::Bucket": r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]",
}
"""Resource type -> the form of its names, compiled when it is asked for (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-template-resource-type-ref.html)."""

_NAMED_BY_ARN = frozenset(
    {
        "AWS::AccessAnalyzer::Finding",
        "AWS::CertificateManager::Certificate",
        "AWS::CloudTrail::Trail",
        "AWS::ECS::Task",
        "AWS::ElasticLoadBalancingV2::Listener",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "AWS::IAM::Policy",
        "AWS::Logs::LogGroup",
        "AWS::RDS::DBInstance",
        "AWS::RDS::DBSnapshot",
        "AWS::SecretsManager::Secret",
    }
)
"""Types whose ARN says more than their name: the region to act in, the path, the kind."""

_TOGETHER: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::CertificateManager::Certificate": ("AWS::ACM::Certificate",),  # Config's word for it
    "AWS::EC2::SnapshotBlockPublicAccess": ("AWS::::Account",),
    "AWS::RDS::DBInstance": ("AWS::RDS::DBCluster",),
    "AWS::RDS::DBSnapshot": ("AWS::RDS::DBClusterSnapshot",),
}
"""Resource type -> further types that are named the same way: their ARN tells which of them it is."""

_ARNS: Final[Mapping[str, str]] = {
    "AWS::CloudFront::Distribution": "arn:{partition}:cloudfront::{account}:distribution/{name}",
    "AWS::Cognito::IdentityPool": "arn:{partition}:cognito-identity:{region}:{account}:identitypool/{name}",
    "AWS::DynamoDB::Table": "arn:{partition}:dynamodb:{region}:{account}:table/{name}",
    "AWS::EC2::Image": "arn:{partition}:ec2:{region}:{account}:image/{name}",
    "AWS::EC2::Instance": "arn:{partition}:ec2:{region}:{account}:instance/{name}",
    "AWS::EC2::NetworkAcl": "arn:{partition}:ec2:{region}:{account}:network-acl/{name}",
    "AWS::EC2::SecurityGroup": "arn:{partition}:ec2:{region}:{account}:security-group/{name}",
    "AWS::EC2::Snapshot": "arn:{partition}:ec2:{region}:{account}:snapshot/{name}",
    "AWS::EKS::Cluster": "arn:{partition}:eks:{region}:{account}:cluster/{name}",
    "AWS::ElastiCache::ReplicationGroup": "arn:{partition}:elasticache:{region}:{account}:replicationgroup:{name}",
    "AWS::EC2::Subnet": "arn:{partition}:ec2:{region}:{account}:subnet/{name}",
    "AWS::EC2::VPC": "arn:{partition}:ec2:{region}:{account}:vpc/{name}",
    "AWS::EC2::TransitGateway": "arn:{partition}:ec2:{region}:{account}:transit-gateway/{name}",
    "AWS::EC2::VPCEndpoint": "arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{name}",
    "AWS::EC2::VPCEndpointService": "arn:{partition}:ec2:{region}:{account}:vpc-endpoint-service/{name}",
    "AWS::KMS::Key": "arn:{partition}:kms:{region}:{account}:key/{name}",
    "AWS::Lambda::Function": "arn:{partition}:lambda:{region}:{account}:function:{name}",
    "AWS::Logs::LogGroup": "arn:{partition}:logs:{region}:{account}:log-group:{name}",
    "AWS::S3::Bucket": "arn:{partition}:s3:::{name}",
    "AWS::SSM::Document": "arn:{partition}:ssm:{region}:{account}:document/{name}",
}
"""Resource type -> the form of its ARNs, for types that can be tagged."""

_FINDING_SERVICES: Final[Mapping[str, str]] = {"ElasticLoadBalancing": "Elb", "ElasticLoadBalancingV2": "Elbv2"}
"""Services that Security Hub calls otherwise than CloudFormation does."""

_EC2_ID = re.compile(r"[a-z-]{1,10}-[0-9a-fA-F]{8,17}", re.ASCII)

_ANY_NAME = r"[\w+=,.@:/*-]{1,512}"

_ABBREVIATION = re.compile(r"[A-Z]{2,}(?![a-z](?!\d))")
"""Capitals in a row that are not the beginning of a word: `EC2`, `DB` of `DBInstance`, `WAF` of `WAFv2`."""
_MOST_SHOWN = 120


def checked(resource_type: str, name: object) -> str:
    """Return `name` if it is a well-formed name of that type; raise `UnreadableEvent` otherwise."""
    if not isinstance(name, str) or not form(resource_type).fullmatch(name):
        raise UnreadableEvent(f"{shown(name)} is not a name that a resource of type {resource_type} can have")
    return name


def form(resource_type: str) -> re.Pattern[str]:
    """Return what the whole of such a name matches."""
    return re.compile(_FORMS.get(resource_type, _ANY_NAME), re.ASCII)


def name_in(resource_type: str, given: object) -> object:
    """Return the name in what an event gives: the last part of an ARN (`arn:aws:iam::1:user/path/jo` -> `jo`), and a name as it is.

    EC2 gives its ids small letters; a record has them as the caller spelled them, or as whoever has passed it on.
    """
    if not isinstance(given, str):
        return given
    if resource_type == "AWS::Lambda::Function":  # what stands behind its name is a version or alias, and is part of it
        return re.sub(r"^(.*?:)?function:", "", given)
    if resource_type == "AWS::Cognito::IdentityPool":  # its name has a colon itself
        return re.sub(r"^arn:.*:identitypool/", "", given)
    if resource_type == "AWS::CloudWatch::Alarm":  # its name may have any of the characters that an ARN is made of
        return re.sub(r"^arn:[^:]*:cloudwatch:[^:]*:\d{12}:alarm:", "", given)
    if given.startswith("arn:") and resource_type not in _NAMED_BY_ARN:
        given = re.split(r"[/:]", given)[-1]
    if resource_type.startswith("AWS::EC2::") and _EC2_ID.fullmatch(given):
        return given.lower()
    return given.removeprefix(f"{resource_type}:")  # AWS::::Account:111122223333


def is_named_by_arn(resource_type: str) -> bool:
    """Tell whether resources of that type are known by their ARN, and not by the name in it."""
    return resource_type in _NAMED_BY_ARN


def partition_of(region: str) -> str:
    """Return the partition of a region: `aws`, `aws-cn` or `aws-us-gov`."""
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"


def arn_of(resource_type: str, name: str, *, account: str, region: str) -> str:
    """Return the ARN of a resource whose name was checked, or nothing if its type has no form of ARN here."""
    if name.startswith("arn:"):
        return name
    return _ARNS.get(resource_type, "").format(partition=partition_of(region), region=region, account=account, name=name)


_SHARED_WITH_OTHERS: Final[Mapping[str, str]] = {
    "AWS::EC2::Image": "arn:{partition}:ec2:{region}::image/{name}",
    "AWS::EC2::Snapshot": "arn:{partition}:ec2:{region}::snapshot/{name}",  # Access Analyzer names no account
    "AWS::KMS::Key": "arn:{partition}:kms:{region}:{account}:key/{name}",
    "AWS::Lambda::Function": "arn:{partition}:lambda:{region}:{account}:function:{name}",
}
"""Resource type -> its ARN as Access Analyzer writes it, where another remediation knows the resource by its name."""


def public_arn(resource_type: str, name: str, *, account: str, region: str) -> str:
    """Return the ARN by which everybody knows the resource; nothing where its name does not tell it: those of users and roles have a path."""
    if resource_type == "AWS::CloudWatch::Alarm":
        return f"arn:{partition_of(region)}:cloudwatch:{region}:{account}:alarm:{name}"
    if resource_type == "AWS::SSM::Parameter":
        return f"arn:{partition_of(region)}:ssm:{region}:{account}:parameter/{name.removeprefix('/')}"
    shared = other_names(resource_type, name, account=account, region=region) if not name.startswith("arn:") else []
    return next(iter(shared), "") or arn_of(resource_type, name, account=account, region=region)


def other_names(resource_type: str, name: str, *, account: str, region: str) -> list[str]:
    """Return the names by which other remediations know the resource: its ARN, or the name in it."""
    partition = partition_of(region)
    if resource_type != "AWS::AccessAnalyzer::Finding":
        form = _SHARED_WITH_OTHERS.get(resource_type)
        return [form.format(partition=partition, region=region, account=account, name=name)] if form else []
    found = [form.format(partition=partition, region=region, account=account, name="") for form in _SHARED_WITH_OTHERS.values()]
    return [name.removeprefix(beginning) for beginning in found if name.startswith(beginning)]


def finding_type(resource_type: str) -> str:
    """Return how Security Hub spells a type, abbreviations as words: `AWS::RDS::DBInstance` -> `AwsRdsDbInstance`.

    https://docs.aws.amazon.com/securityhub/latest/userguide/asff-resources.html
    """
    words = [_FINDING_SERVICES.get(word, word) for word in resource_type.split("::")]
    return "".join(_ABBREVIATION.sub(lambda found: found[0].capitalize(), word) for word in words)


def is_of_type(resource_type: str, given: object) -> bool:
    """Tell whether a finding's resource is of that type, or of one that is named the same way, however Security Hub spells it."""
    return any(given in (one, finding_type(one)) for one in (resource_type, *_TOGETHER.get(resource_type, ())))


def shown(value: object, most: int = _MOST_SHOWN) -> str:
    """Return an untrusted value for use in a message: one line, printable ASCII, cut to `most` characters, escaped so that it cannot pass for markup."""
    raw = value if isinstance(value, str) else repr(value)[: most * 4]
    line = raw[: most + 1].encode("unicode_escape").decode("ascii").replace("<", "\\x3c").replace(">", "\\x3e").replace("`", "\\x60")
    return line if len(line) <= most else f"{line[: most - 3]}..."
