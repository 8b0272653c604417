"""What resources are called, and the check that a name is one.

A name comes out of an event, and nothing an event says is trusted: before a name reaches an API call, an ARN or a message it must have the form that
AWS gives to names of its type.
"""

import re
from collections.abc import Mapping
from typing import Final

from snapback.errors import UnreadableEvent

_FORMS: Final[Mapping[str, re.Pattern[str]]] = {
    "AWS::::Account": re.compile(r"\d{12}"),
    "AWS::CloudTrail::Trail": re.compile(r"(arn:aws[a-z-]*:cloudtrail:[a-z0-9-]+:\d{12}:trail/)?[A-Za-z0-9._-]{3,128}"),
    "AWS::CloudWatch::Alarm": re.compile(r"[\w.-]{1,255}", re.ASCII),
    "AWS::EC2::Instance": re.compile(r"i-[0-9a-f]{8,17}"),
    "AWS::EC2::SecurityGroup": re.compile(r"sg-[0-9a-f]{8,17}"),
    "AWS::EC2::Snapshot": re.compile(r"snap-[0-9a-f]{8,17}"),
    "AWS::IAM::AccessKey": re.compile(r"[A-Z0-9]{16,128}"),
    # Where a policy can be: in a user, group or role, or by itself (managed).
    "AWS::IAM::Policy": re.compile(r"(user|group|role)/[\w+=,.@-]{1,128}|arn:aws[a-z-]*:iam::\d{12}:policy/[\w+=,.@/-]{1,640}", re.ASCII),
    "AWS::IAM::RoleSessions": re.compile(r"[\w+=,.@-]{1,64}/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII),  # those of a role, up to a time; see denials
    "AWS::IAM::User": re.compile(r"[\w+=,.@-]{1,64}", re.ASCII),
    "AWS::KMS::Key": re.compile(r"[A-Za-z0-9-]{1,256}"),
    "AWS::WAFv2::IPSet": re.compile(r"[0-9a-f.:]{2,45}"),  # an address in it
    # Buckets of us-east-1 made before 2018 may have capitals, underscores and up to 255 characters.
    "AWS::S3::Bucket": re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]"),
}
"""Resource type -> the form of its names (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-template-resource-type-ref.html)."""

_NAMED_BY_ARN = frozenset({"AWS::CloudTrail::Trail", "AWS::IAM::Policy"})
"""Types whose ARN says more than their name: the region to act in, the path."""

_ARNS: Final[Mapping[str, str]] = {
    "AWS::EC2::Instance": "arn:{partition}:ec2:{region}:{account}:instance/{name}",
    "AWS::EC2::SecurityGroup": "arn:{partition}:ec2:{region}:{account}:security-group/{name}",
    "AWS::EC2::Snapshot": "arn:{partition}:ec2:{region}:{account}:snapshot/{name}",
    "AWS::KMS::Key": "arn:{partition}:kms:{region}:{account}:key/{name}",
    "AWS::S3::Bucket": "arn:{partition}:s3:::{name}",
}
"""Resource type -> the form of its ARNs, for types that can be tagged."""

_ANY_NAME = re.compile(r"[\w+=,.@:/*-]{1,512}", re.ASCII)

_MOST_SHOWN = 120


def checked(resource_type: str, name: object) -> str:
    """Return `name` if it is a well-formed name of that type; raise `UnreadableEvent` otherwise."""
    form = _FORMS.get(resource_type, _ANY_NAME)
    if not isinstance(name, str) or not form.fullmatch(name):
        raise UnreadableEvent(f"{shown(name)} is not a name that a resource of type {resource_type} can have")
    return name


def name_in(resource_type: str, given: object) -> object:
    """Return the name in what an event gives: the last part of an ARN (`arn:aws:iam::1:user/path/jo` -> `jo`), and a name as it is."""
    if not isinstance(given, str):
        return given
    if given.startswith("arn:") and resource_type not in _NAMED_BY_ARN:
        return re.split(r"[/:]", given)[-1]
    return given.removeprefix("AWS::::Account:")


def partition_of(region: str) -> str:
    """Return the partition of a region: `aws`, `aws-cn` or `aws-us-gov`."""
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"


def arn_of(resource_type: str, name: str, *, account: str, region: str) -> str:
    """Return the ARN of a resource whose name was checked, or nothing if its type has no form of ARN here."""
    if name.startswith("arn:"):
        return name
    return _ARNS.get(resource_type, "").format(partition=partition_of(region), region=region, account=account, name=name)


def finding_type(resource_type: str) -> str:
    """Return how Security Hub spells a type: `AWS::EC2::SecurityGroup` -> `AwsEc2SecurityGroup`."""
    _, service, kind = resource_type.split("::")
    return f"Aws{service.capitalize()}{kind}"


def shown(value: object, most: int = _MOST_SHOWN) -> str:
    """Return an untrusted value for use in a message: one line, printable ASCII, cut to `most` characters, escaped so that it cannot pass for markup."""
    raw = value if isinstance(value, str) else repr(value)[: most * 4]
    line = raw[: most + 1].encode("unicode_escape").decode("ascii").replace("<", "\\x3c").replace(">", "\\x3e")
    return line if len(line) <= most else f"{line[: most - 3]}..."
