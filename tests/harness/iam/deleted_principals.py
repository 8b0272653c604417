"""What AWS answers to a policy that names a principal by the id of one that was deleted: it refuses it, where moto takes it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html says that such an id is what is left of the principal's ARN, and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-bucket-user-policy-specifying-principal-intro.html that it can go without loss.
"""

import re
from collections.abc import Callable
from typing import Any

from tests.harness.account import ApiCall, error

GONE = "AIDACKCEVSQ6C2EXAMPLE"

_CODES = {
    "ModifyVpcEndpoint": "InvalidPolicyDocument",
    "PutBucketPolicy": "MalformedPolicy",
    "PutKeyPolicy": "MalformedPolicyDocumentException",
    "PutResourcePolicy": "MalformedPolicyDocumentException",
    "SetQueueAttributes": "InvalidAttributeValue",
    "SetRepositoryPolicy": "InvalidParameterException",
    "UpdateAssumeRolePolicy": "MalformedPolicyDocument",
}
"""The call -> its error's code. Of SQS, ECR and VPC endpoints neither code nor text is documented; that a deleted principal is no valid one is."""


def is_deleted(principal: object) -> bool:
    """Tell whether a policy's principal is, or has in it, what is left of one that was deleted."""
    return bool(re.search(r"A(GPA|IDA|NPA|ROA)[A-Z0-9]{12,}", str(principal)))


def refused(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
    """An interference in which such a policy is refused."""
    if call.operation in _CODES and is_deleted(call.parameters):
        raise error(_CODES[call.operation], 400, call.operation)
    return really()
