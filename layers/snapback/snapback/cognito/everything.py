"""Everything of Cognito's type, by name."""

from collections.abc import Mapping
from typing import Final

from snapback.engine.clients import aws
from snapback.engine.listing import Lister, each

_AT_ONCE: Final = 60
"""Pools in one page: the call asks how many there are to be, and takes no more."""

ALL: Final[Mapping[str, Lister]] = {
    "AWS::Cognito::IdentityPool": lambda: each(
        aws("cognito-identity"), "list_identity_pools", "IdentityPools", "IdentityPoolId", PaginationConfig={"PageSize": _AT_ONCE}
    )
}
