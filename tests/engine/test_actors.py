"""actors: who did it, from whatever a CloudTrail record says or leaves out."""

from typing import Any

import pytest

from snapback.engine.actors import Actor

ROLE = {
    "type": "AssumedRole",
    "arn": "arn:aws:sts::111122223333:assumed-role/Deploy/jo@example.com",
    "sessionContext": {"sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::111122223333:role/Deploy", "userName": "Deploy"}},
}


@pytest.mark.parametrize(
    ("record", "text", "is_pipeline"),
    [
        ({"userIdentity": {"type": "IAMUser", "userName": "alice"}, "sourceIPAddress": "198.51.100.7"}, "alice from 198.51.100.7", False),
        ({"userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::1:user/bob"}}, "arn:aws:iam::1:user/bob", False),
        ({"userIdentity": {"type": "Root", "accountId": "111122223333"}}, "the root user of account 111122223333", False),
        ({"userIdentity": ROLE, "userAgent": "aws-cli/2.31.0"}, "role Deploy (session jo@example.com) with the AWS CLI", False),
        ({"userIdentity": {**ROLE, "invokedBy": "cloudformation.amazonaws.com"}}, "role Deploy (session jo@example.com) with CloudFormation", True),
        ({"userIdentity": {"type": "IAMUser", "userName": "ci"}, "userAgent": "APN/1.0 HashiCorp/1.0 Terraform/1.9.8"}, "ci with Terraform", True),
        ({"userIdentity": {"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"}}, "the service autoscaling.amazonaws.com", False),
        ({"userIdentity": {"type": "AWSAccount", "accountId": "999999999999"}}, "account 999999999999", False),
        ({"userIdentity": {}}, "somebody unknown", False),
        ({"userIdentity": "null"}, "somebody unknown", False),
        ({}, "somebody unknown", False),
    ],
)
def test_the_actor_is_named_as_people_know_them(record: dict[str, Any], text: str, *, is_pipeline: bool) -> None:
    actor = Actor.of(record)
    assert (str(actor), actor.is_pipeline) == (text, is_pipeline)
