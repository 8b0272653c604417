"""Tags of the live resource: an exemption (`snapback:exempt`), consent (`snapback:enforce`), its CloudFormation stack, and those that can be given back.

Nothing is read of tags unless the parameter ReadTags is on or opt-in: it costs a call per problem found, and it lets whoever may tag a resource exempt it.
The value of `snapback:exempt` holds the same fields as any exemption, in the characters that AWS allows in tags:

    remediation=revoke-open-ingress owner=jo@example.com until=2027-01-31 reason=test of a vendor

With opt-in a fix is only made of what has the tag `snapback:enforce`, and of all else it is shown (docs/adr/0021-opt-in.md). Its value is `on`, or the names of
remediations with spaces between them.
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from snapback.engine.clients import platform
from snapback.engine.errors import CommandError
from snapback.engine.exemptions import LONGEST, Exemption, UnreadableExemptions
from snapback.engine.names import arn_of, is_named_by_arn, shown

EXEMPT = "snapback:exempt"
ENFORCE = "snapback:enforce"
STACK = "aws:cloudformation:stack-name"

_ROLE = ":role/"
"""In the ARN of a role, which Access Analyzer finds among other things."""

_FIELD = re.compile(r"(remediation|owner|until|reason)=(.*?)(?=\s+(?:remediation|owner|until|reason)=|$)")


def tags_of(resource_type: str, name: str, *, account: str, region: str) -> Mapping[str, str]:
    """Return the resource's tags; none for a type that cannot be asked for by its ARN.

    The tagging API knows all types but users and roles: https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
    """
    if resource_type == "AWS::IAM::User":
        return {tag["Key"]: tag["Value"] for tag in platform("iam").list_user_tags(UserName=name)["Tags"]}
    if resource_type == "AWS::IAM::Role" or _ROLE in name:
        return {tag["Key"]: tag["Value"] for tag in platform("iam").list_role_tags(RoleName=name.rpartition("/")[2])["Tags"]}
    if resource_type == "AWS::Lambda::Function":  # its versions and aliases have no tags of their own
        name = name.partition(":")[0]
    arn = arn_of(resource_type, name, account=account, region=region)
    if not arn:
        return {}
    found = platform("resourcegroupstaggingapi").get_resources(ResourceARNList=[arn])["ResourceTagMappingList"]
    return {tag["Key"]: tag["Value"] for resource in found for tag in resource["Tags"]}


def can_be_read(resource_type: str, name: str) -> bool:
    """Tell whether `tags_of` can know tags of such a resource: the whole account has none, and some types cannot be asked for by their ARN."""
    return resource_type in ("AWS::IAM::Role", "AWS::IAM::User") or bool(arn_of(resource_type, name, account="", region=""))


def can_opt_in(resource_type: str) -> bool:
    """Tell whether tags of resources of that type can be read at all."""
    return can_be_read(resource_type, "-") or is_named_by_arn(resource_type)


def not_opted_in(tags: Mapping[str, str], remediation: str) -> str:
    """Return why the tags do not let the remediation change the resource; nothing if they do."""
    if ENFORCE not in tags:
        return f"It is not opted in by its tags: there is no {ENFORCE}."
    value = tags[ENFORCE].split()
    if value == ["on"] or remediation in value:
        return ""
    return f"It is not opted in by its tags: {ENFORCE} is {shown(tags[ENFORCE], 300)!r}, which is not on and does not name {remediation}."


def given_by_people(tags: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the tags without AWS's own: nobody else may give those, so what is made again is made without them."""
    return [tag for tag in tags if not is_aws_own(tag["Key"])]


def is_aws_own(key: str) -> bool:
    """Tell whether it is the key of a tag that AWS gives itself, and refuses from everybody else.

    https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
    """
    return key.lower().startswith("aws:")


def exemption_in(tags: Mapping[str, str], *, remediation: str, resource: str, now: float) -> Exemption | None:
    """Return the exemption that the tag grants now from this remediation, or None.

    Raises `UnreadableExemptions` if the tag is there and any of its fields is missing or wrong: then it exempts nothing.
    """
    if EXEMPT not in tags:
        return None
    fields = {name: value.strip() for name, value in _FIELD.findall(tags[EXEMPT])}
    missing = {"remediation", "owner", "until", "reason"} - fields.keys()
    if missing:
        raise UnreadableExemptions(f"the tag {EXEMPT} of {shown(resource)} lacks {', '.join(sorted(missing))}")
    exemption = Exemption(resource, fields["owner"], fields["reason"], fields["until"])
    try:
        ends = exemption.ends
    except CommandError as error:
        raise UnreadableExemptions(f"in the tag {EXEMPT} of {shown(resource)}, {error}") from error
    if ends > now + LONGEST.total_seconds():
        raise UnreadableExemptions(f"the tag {EXEMPT} of {shown(resource)} has an end that is more than {LONGEST.days} days ahead")
    return exemption if fields["remediation"] == remediation and ends > now else None
