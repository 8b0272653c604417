"""Permissions boundaries as IAM keeps them: moto knows none of users, and leaves them out of a policy's entities.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html
"""

from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.iam.models import User
from moto.iam.responses import IamResponse

_list = IamResponse.list_entities_for_policy


def as_on_aws() -> None:
    """Let users have boundaries, and let a policy's entities be those that it bounds as well, unless only the others are asked for."""
    response: Any = IamResponse
    response.list_entities_for_policy = _entities
    response.put_user_permissions_boundary = _put
    response.delete_user_permissions_boundary = _delete
    User.permissions_boundary = None  # type: ignore[attr-defined]  # what a user has none of is left out of the answer


def _entities(self: Any) -> ActionResult:  # noqa: ANN401 - moto's
    found: Any = _list(self)._result  # noqa: SLF001 - moto's
    arn, usage = self._get_param("PolicyArn"), self._get_param("PolicyUsageFilter")
    bounded = {"PolicyUsers": self.backend.users.values(), "PolicyRoles": self.backend.roles.values()}
    for kind, everybody in bounded.items():
        granted = [] if usage == "PermissionsBoundary" else found[kind]
        ours = [one for one in everybody if usage != "PermissionsPolicy" and (one.permissions_boundary or {}).get("PermissionsBoundaryArn") == arn]
        found[kind] = [*granted, *(one for one in ours if one not in granted)]
    return ActionResult({**found, **({"PolicyGroups": []} if usage == "PermissionsBoundary" else {})})


def _put(self: Any) -> EmptyResult:  # noqa: ANN401
    user = self.backend.get_user(self._get_param("UserName"))
    user.permissions_boundary = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": self._get_param("PermissionsBoundary")}
    return EmptyResult()


def _delete(self: Any) -> EmptyResult:  # noqa: ANN401
    self.backend.get_user(self._get_param("UserName")).permissions_boundary = None
    return EmptyResult()
