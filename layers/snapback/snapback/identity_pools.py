"""Words for Cognito's identity pools, which give AWS credentials to the users of apps.

UpdateIdentityPool replaces the whole pool: whatever is left out is lost.
https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_UpdateIdentityPool.html
"""

from typing import TYPE_CHECKING

from snapback.clients import aws

if TYPE_CHECKING:
    from mypy_boto3_cognito_identity.type_defs import IdentityPoolTypeDef


def gives_guests_credentials(pool_id: str) -> bool:
    """Tell whether the pool gives credentials to whoever asks, without any sign-in.

    https://docs.aws.amazon.com/cognito/latest/developerguide/identity-pools.html#authenticated-and-unauthenticated-identities
    """
    return _pool(pool_id)["AllowUnauthenticatedIdentities"]


def let_guests_in(pool_id: str, *, allowed: bool) -> None:
    """Set that one switch; everything else of the pool is given as it is."""
    pool = _pool(pool_id)
    aws("cognito-identity").update_identity_pool(**{**pool, "AllowUnauthenticatedIdentities": allowed})  # type: ignore[arg-type]  # the same members


def _pool(pool_id: str) -> "IdentityPoolTypeDef":
    pool = aws("cognito-identity").describe_identity_pool(IdentityPoolId=pool_id)
    del pool["ResponseMetadata"]  # type: ignore[misc]  # boto3's, not the pool's
    return pool
