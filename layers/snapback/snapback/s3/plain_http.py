"""Words for who may ask a bucket over plain HTTP, by its policy: what is signed comes from AWS's SDKs and services, which use TLS."""

from collections.abc import Mapping
from typing import Final

from snapback.policies.conditions import Values, requirements
from snapback.policies.documents import Statement
from snapback.policies.principals import EVERYBODY, let_in

_OF_THE_SIGNER: Final = "aws:principal"
"""How the condition keys begin that are there only if a request is signed, but for those of AWS's services
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html)."""

_OF_NOBODY: Final[Mapping[str, Values]] = {"aws:principalaccount": ("anonymous",), "aws:principaltype": ("Anonymous",)}
"""Those of them that are always there, with what they say where nobody has signed."""


def lets_in_unsigned(statement: Statement) -> bool:
    """Tell whether the statement may let in requests that nobody has signed: a browser's, or a package manager's within its own network.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html
    """
    return any(name == EVERYBODY for _, name in let_in(statement)) and not _asks_for_the_signer(statement)


def may_be_cloudfront(statement: Statement) -> bool:
    """Tell whether the statement lets in CloudFront, by origin access control or identity: it asks S3 in the protocol that its viewer has used.

    Nowhere does AWS say that an origin access control always asks by HTTPS, so both count. An identity may stand there as a canonical id, which says of nobody
    who it is.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-cloudfront-to-s3-origin.html
    """
    return any(kind == "CanonicalUser" or "cloudfront" in name.lower() for kind, name in let_in(statement))


def _asks_for_the_signer(statement: Statement) -> bool:
    asked = [one for one in requirements(statement) if one.key.startswith(_OF_THE_SIGNER)]
    return not all(one.holds(_OF_NOBODY.get(one.key, ())) for one in asked)
