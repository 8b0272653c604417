"""The bridges refuse as AWS does: what docs/emulators.md promises of them."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.s3.models import s3_backends

from snapback.engine import clients
from tests.harness.iam import iam_quotas
from tests.harness.s3 import buckets
from tests.harness.scenario import ACCOUNT

buckets.as_on_aws()
iam_quotas.as_on_aws()

BUCKET = "a-bucket-of-a-test"
EVERYBODY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::a-bucket-of-a-test/*"}]}'


def refusal(call: Any, **parameters: Any) -> str:  # noqa: ANN401 - one of boto3's methods
    """Return code and sentence with which the call is refused."""
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return f"{refused.value.response['Error']['Code']}: {refused.value.response['Error']['Message']}"


@pytest.mark.usefixtures("account")
def test_a_new_bucket_is_closed_encrypted_and_its_owners() -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    assert set(s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"].values()) == {True}
    [rule] = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert refusal(s3.put_bucket_acl, Bucket=BUCKET, ACL="private") == "AccessControlListNotSupported: The bucket does not allow ACLs"


@pytest.mark.usefixtures("account")
def test_a_bucket_that_was_made_before_the_bridge_was_there_is_encrypted_as_well() -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3_backends[ACCOUNT]["aws"].get_bucket(BUCKET).encryption = None  # as moto makes them
    [rule] = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
    assert (rule["ApplyServerSideEncryptionByDefault"], rule["BucketKeyEnabled"]) == ({"SSEAlgorithm": "AES256"}, False)


@pytest.mark.parametrize("of", ["bucket", "account"])
@pytest.mark.usefixtures("account")
def test_public_policies_and_acls_are_refused_while_a_block_is_on(of: str) -> None:
    s3, control = boto3.client("s3"), boto3.client("s3control")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_ownership_controls(Bucket=BUCKET, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    if of == "account":
        s3.delete_public_access_block(Bucket=BUCKET)
        full: Any = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
        control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=full)
    assert "AccessDenied: User: " in (refused := refusal(s3.put_bucket_policy, Bucket=BUCKET, Policy=EVERYBODY))
    assert refused.endswith("because public policies are blocked by the BlockPublicPolicy block public access setting.")
    assert "(ACLs) are blocked by the BlockPublicAcls" in refusal(s3.put_bucket_acl, Bucket=BUCKET, ACL="public-read")
    s3.put_bucket_policy(Bucket=BUCKET, Policy=EVERYBODY.replace("Allow", "Deny"))
    s3.put_bucket_acl(Bucket=BUCKET, ACL="private")


@pytest.mark.parametrize(
    ("condition", "public"),
    [
        ("", True),
        ('"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}', False),
        ('"StringLike": {"aws:PrincipalOrgID": "o-*"}', True),
        ('"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}', False),
        ('"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}', True),
        ('"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}', True),
        ('"Bool": {"aws:SecureTransport": "true"}', True),
    ],
)
def test_a_condition_makes_a_policy_private_only_with_a_fixed_value(condition: str, *, public: bool) -> None:
    assert buckets.is_public(EVERYBODY.replace("}]}", f', "Condition": {{{condition}}}}}]}}')) is public


@pytest.mark.parametrize(
    ("service", "call", "parameters", "code"),
    [
        ("ec2", "create_tags", {"Resources": ["vpc-1a2b3c4d"], "Tags": [{"Key": "aws:x", "Value": ""}]}, "InvalidParameterValue"),
        (
            "ec2",
            "create_vpc",
            {"CidrBlock": "10.0.0.0/16", "TagSpecifications": [{"Tags": [{"Key": "AWS:x"}]}]},
            "InvalidParameterValue",
        ),
        ("lambda", "tag_resource", {"Resource": "arn:aws:lambda:us-east-1:111122223333:function:f", "Tags": {"aws:x": ""}}, "ValidationException"),
        ("s3", "put_bucket_tagging", {"Bucket": BUCKET, "Tagging": {"TagSet": [{"Key": "aws:x", "Value": ""}]}}, "InvalidTag"),
    ],
)
@pytest.mark.usefixtures("account")
def test_snapback_cannot_give_a_tag_that_begins_with_aws(service: Any, call: str, parameters: dict[str, Any], code: str) -> None:  # noqa: ANN401 - a service's name
    assert refusal(getattr(clients.aws(service), call), **parameters).startswith(f"{code}: ")


@pytest.mark.usefixtures("account")
def test_what_is_too_long_or_too_many_for_iam_is_refused() -> None:
    iam = boto3.client("iam")
    iam.create_user(UserName="alice")
    iam.put_user_policy(UserName="alice", PolicyName="one", PolicyDocument=iam_quotas.filling("user"))
    more = iam_quotas.filling("user", room=1900)
    assert refusal(iam.put_user_policy, UserName="alice", PolicyName="two", PolicyDocument=more).startswith("LimitExceeded: Maximum policy size of 2048")
    iam.put_user_policy(UserName="alice", PolicyName="one", PolicyDocument=more)
    long = iam_quotas.filling("role")
    assert refusal(iam.create_policy, PolicyName="long", PolicyDocument=long) == "LimitExceeded: Cannot exceed quota for PolicySize: 6144"
    assert "ACLSizePerRole: 2048" in refusal(iam.create_role, RoleName="long", AssumeRolePolicyDocument=long)
    arns = [iam.create_policy(PolicyName=f"p{number}", PolicyDocument=more)["Policy"]["Arn"] for number in range(11)]
    for arn in arns[:10]:
        iam.attach_user_policy(UserName="alice", PolicyArn=arn)
    assert "PoliciesPerUser: 10" in refusal(iam.attach_user_policy, UserName="alice", PolicyArn=arns[10])
