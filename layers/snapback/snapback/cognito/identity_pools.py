"""Words for Cognito's identity pools, which give AWS credentials to the users of apps.

UpdateIdentityPool replaces the whole pool: whatever is left out is lost.
https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_UpdateIdentityPool.html
"""

from collections.abc import Mapping
from typing import Any

from snapback.engine.clients import aws
from snapback.engine.tags import is_aws_own


def guests(pool_id: str) -> Mapping[str, bool]:
    """Return whether the pool gives credentials to whoever asks, without any sign-in.

    https://docs.aws.amazon.com/cognito/latest/developerguide/identity-pools.html#authenticated-and-unauthenticated-identities
    """
    return {"AllowUnauthenticatedIdentities": bool(_pool(pool_id)["AllowUnauthenticatedIdentities"])}


def set_guests(pool_id: str, wanted: Mapping[str, bool]) -> None:
    """Set that one switch; everything else of the pool is given as it is."""
    aws("cognito-identity").update_identity_pool(**{**_pool(pool_id), **wanted})


def _pool(pool_id: str) -> dict[str, Any]:
    """Return the pool as it is given to the call that updates it: without the tags that AWS gives itself, as to the pools that CloudFormation makes.

    https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_DescribeIdentityPool.html
    """
    pool: dict[str, Any] = dict(aws("cognito-identity").describe_identity_pool(IdentityPoolId=pool_id))
    pool.pop("ResponseMetadata", None)  # boto3's, not the pool's
    if tags := pool.get("IdentityPoolTags"):
        pool["IdentityPoolTags"] = {key: value for key, value in tags.items() if not is_aws_own(key)}
    return pool
