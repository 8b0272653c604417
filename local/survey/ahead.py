"""Many answers by one call, where AWS can: kept for the looks that would ask for them one by one.

Answers are kept in the form of the single call; of what one leaves out the layer says that it is missing, and nothing is concluded.
Where the call for many is refused, each is asked for by itself.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, Final

from botocore.exceptions import ClientError

from local.survey.reading import Reader
from snapback.engine.clients import aws
from snapback.engine.listing import Lister

_AT_ONCE: Final = 100
"""Names in one call; EC2 takes 200 values in a filter (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html)."""

Keep = Callable[[str, str, Mapping[str, Any], Mapping[str, Any]], None]
"""Keeps an answer: service, operation, parameters, and the answer itself."""


def listed(kind: str, lister: Lister, reader: Reader) -> Iterator[str]:
    """Yield the names of everything of a type, with the answers about each kept when its turn comes."""
    if kind == "AWS::IAM::Policy":
        yield from _places_of_policies(lister, reader.keep)
        return
    prepare = _BY_NAMES.get(kind)
    if not prepare:
        yield from lister()
        return
    names = iter(lister())
    while some := list(islice(names, _AT_ONCE)):
        with suppress(ClientError):  # one of them is gone meanwhile, or it is not allowed: then whoever looks hears it
            prepare(some, reader.keep)
        yield from some


def _instances(ids: Sequence[str], keep: Keep) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html ."""
    for page in aws("ec2").get_paginator("describe_instances").paginate(InstanceIds=list(ids)):
        for reservation in page["Reservations"]:
            for one in reservation["Instances"]:
                keep("ec2", "DescribeInstances", {"InstanceIds": [one["InstanceId"]]}, {"Reservations": [{**reservation, "Instances": [one]}]})


def _groups(ids: Sequence[str], keep: Keep) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroupRules.html ."""
    rules: dict[str, list[Any]] = {one: [] for one in ids}
    by_group: Any = [{"Name": "group-id", "Values": list(ids)}]
    for page in aws("ec2").get_paginator("describe_security_group_rules").paginate(Filters=by_group):
        for rule in page["SecurityGroupRules"]:
            rules[rule["GroupId"]].append(rule)
    for one in aws("ec2").describe_security_groups(GroupIds=list(ids))["SecurityGroups"]:
        keep("ec2", "DescribeSecurityGroups", {"GroupIds": [one["GroupId"]]}, {"SecurityGroups": [one]})
        asked = {"Filters": [{"Name": "group-id", "Values": [one["GroupId"]]}]}
        keep("ec2", "DescribeSecurityGroupRules", asked, {"SecurityGroupRules": rules[one["GroupId"]]})


_BY_NAMES: Final[Mapping[str, Callable[[Sequence[str], Keep], None]]] = {"AWS::EC2::Instance": _instances, "AWS::EC2::SecurityGroup": _groups}


def _places_of_policies(lister: Lister, keep: Keep) -> Iterator[str]:
    """Yield users, groups, roles and the account's own managed policies, with their policies: a thousand by one call.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
    """
    kinds: Any = ["User", "Group", "Role", "LocalManagedPolicy"]
    pages: Iterator[Any] = iter(aws("iam").get_paginator("get_account_authorization_details").paginate(Filter=kinds, PaginationConfig={"PageSize": 1000}))
    try:
        page = next(pages, None)
    except ClientError:  # not allowed, or not known there
        yield from lister()
        return
    while page is not None:
        for kind in ("User", "Group", "Role"):
            for one in page[f"{kind}DetailList"]:
                _keep_holder(kind, one, keep)
                yield f"{kind.lower()}/{one[f'{kind}Name']}"
        for policy in page["Policies"]:
            _keep_policy(policy, keep)
            yield policy["Arn"]
        page = next(pages, None)


def _keep_holder(kind: str, one: Mapping[str, Any], keep: Keep) -> None:
    name, inline = {f"{kind}Name": one[f"{kind}Name"]}, one.get(f"{kind}PolicyList", [])  # who has none has no list
    keep("iam", f"ListAttached{kind}Policies", name, {"AttachedPolicies": one["AttachedManagedPolicies"], "IsTruncated": False})
    keep("iam", f"List{kind}Policies", name, {"PolicyNames": [policy["PolicyName"] for policy in inline], "IsTruncated": False})
    if kind == "User":
        groups = [{"GroupName": group} for group in one.get("GroupList", [])]  # of a group, no more than its name is asked
        keep("iam", "ListGroupsForUser", name, {"Groups": groups, "IsTruncated": False})
    for policy in inline:
        keep("iam", f"Get{kind}Policy", {**name, "PolicyName": policy["PolicyName"]}, {**name, **policy})


def _keep_policy(policy: Mapping[str, Any], keep: Keep) -> None:
    own = {part: value for part, value in policy.items() if part != "PolicyVersionList"}
    keep("iam", "GetPolicy", {"PolicyArn": policy["Arn"]}, {"Policy": own})
    for version in policy["PolicyVersionList"]:
        keep("iam", "GetPolicyVersion", {"PolicyArn": policy["Arn"], "VersionId": version["VersionId"]}, {"PolicyVersion": version})
