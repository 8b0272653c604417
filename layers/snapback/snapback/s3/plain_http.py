"""Words for who may ask a bucket over plain HTTP, by its policy: what is signed comes from AWS's SDKs and services, which use TLS."""

from collections.abc import Mapping
from typing import Final

from snapback.policies.documents import Statement
from snapback.policies.principals import EVERYBODY, let_in

_OF_THE_SIGNER: Final = "aws:principal"
"""How the condition keys begin that are there only if a request is signed, but for those of AWS's services
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html)."""

_HOLDS_WITHOUT: Final = ("Not", "IfExists", "ForAllValues", "Null")
"""Parts of the names of operators that may hold where the key is not there."""


def lets_in_unsigned(statement: Statement) -> bool:
    """Tell whether the statement may let in requests that nobody has signed: a browser's, or a package manager's within its own network.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html
    """
    return any(name == EVERYBODY for _, name in let_in(statement)) and not _asks_for_the_signer(statement.get("Condition"))


def may_be_cloudfront(statement: Statement) -> bool:
    """Tell whether the statement lets in CloudFront, by origin access control or identity: it asks S3 in the protocol that its viewer has used.

    Nowhere does AWS say that an origin access control always asks by HTTPS, so both count. An identity may stand there as a canonical id, which says of nobody
    who it is.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-cloudfront-to-s3-origin.html
    """
    return any(kind == "CanonicalUser" or "cloudfront" in name.lower() for kind, name in let_in(statement))


def _asks_for_the_signer(condition: object) -> bool:
    if not isinstance(condition, Mapping):
        return False
    return any(
        str(key).lower().startswith(_OF_THE_SIGNER)
        for operator, asked in condition.items()
        if isinstance(asked, Mapping) and not any(part in str(operator) for part in _HOLDS_WITHOUT)
        for key in asked
    )
