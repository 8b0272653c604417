"""Everything of IAM's types, by name."""

from collections.abc import Iterator, Mapping
from typing import Final

from snapback.engine.clients import aws
from snapback.engine.listing import Lister, each

_AT_ONCE: Final[Mapping[str, int]] = {"PageSize": 1000}
"""Names in one page; IAM gives a hundred unless it is asked for more (https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html)."""


def users() -> Iterator[str]:
    """Yield all users."""
    return each(aws("iam"), "list_users", "Users", "UserName", PaginationConfig=_AT_ONCE)


def roles() -> Iterator[str]:
    """Yield all roles, those that AWS keeps for itself included."""
    return each(aws("iam"), "list_roles", "Roles", "RoleName", PaginationConfig=_AT_ONCE)


def places_of_policies() -> Iterator[str]:
    """Yield where a policy can be: every user, group and role (`user/alice`), and the ARN of every managed policy of the account's own."""
    yield from (f"user/{name}" for name in users())
    yield from (f"group/{name}" for name in each(aws("iam"), "list_groups", "Groups", "GroupName", PaginationConfig=_AT_ONCE))
    yield from (f"role/{name}" for name in roles())
    yield from each(aws("iam"), "list_policies", "Policies", "Arn", Scope="Local", PaginationConfig=_AT_ONCE)


ALL: Final[Mapping[str, Lister]] = {"AWS::IAM::Policy": places_of_policies, "AWS::IAM::Role": roles, "AWS::IAM::User": users}
