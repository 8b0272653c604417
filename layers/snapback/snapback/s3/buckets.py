"""Words for S3 buckets."""

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from snapback.engine.clients import aws
from snapback.engine.errors import OnlyPeople
from snapback.engine.events import NamedBy, calls
from snapback.engine.names import partition_of, shown
from snapback.engine.refusals import code_of, none_if
from snapback.engine.settings import optional, own_account
from snapback.policies.documents import Statement, listed, statements
from snapback.policies.openings import deleted, let_in_by, openings, still_shared_with
from snapback.policies.principals import EVERYBODY, Ours, account_of, let_in
from snapback.policies.verdicts import Denials, denials_of, doubtful, everybody, outsiders
from snapback.s3.log_delivery import CLOUDFRONT, outsiders_of_bucket

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import PublicAccessBlockConfigurationTypeDef as Block

FULL_BLOCK: "Final[Block]" = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
"""The block that lets nothing be public (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html)."""


def bucket_calls(*event_names: str) -> dict[str, str]:
    """Return the entries of `named_by` for S3 calls: all of them name the bucket the same way."""
    return calls("requestParameters.bucketName", *event_names)


BUCKET_FINDINGS: Final[NamedBy] = {
    "GuardDuty Finding": "resource.s3BucketDetails[].name",  # Policy:S3/… has the resourceType AccessKey, and the bucket here
    "Macie Finding": "resourcesAffected.s3Bucket.name",
    "Access Analyzer Finding": "resource",
}


def public_access_block(bucket: str) -> "Block | None":
    """Return the bucket's four block settings, or None if it has none at all."""
    return none_if("NoSuchPublicAccessBlockConfiguration", lambda: aws("s3").get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"])


def set_public_access_block(bucket: str, block: "Block | None") -> None:
    """Put the bucket's four block settings, or remove them where there are to be none."""
    if block is None:
        aws("s3").delete_public_access_block(Bucket=bucket)
    else:
        aws("s3").put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)


def account_public_access_block(account: str) -> "Block | None":
    """Return the account's four block settings, or None if it has none at all.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetPublicAccessBlock.html
    """
    s3control = aws("s3control")
    return none_if("NoSuchPublicAccessBlockConfiguration", lambda: s3control.get_public_access_block(AccountId=account)["PublicAccessBlockConfiguration"])


def set_account_public_access_block(account: str, block: "Block | None") -> None:
    """Put the account's four block settings, or remove them where there are to be none.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutPublicAccessBlock.html
    """
    if block is None:
        aws("s3control").delete_public_access_block(AccountId=account)
    else:
        aws("s3control").put_public_access_block(AccountId=account, PublicAccessBlockConfiguration=block)


def own_log_buckets() -> list[str]:
    """Return the buckets that the stack's parameters name for logs; the one for flow logs is given as an ARN, perhaps with a folder in it."""
    return [optional(name).rpartition(":")[2].partition("/")[0] for name in ("LOG_BUCKET", "LB_LOG_BUCKET", "FLOW_LOG_BUCKET")]


def is_website(bucket: str) -> bool:
    """Tell whether the bucket has a website configuration: its endpoint serves everybody, over plain HTTP only.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html
    """
    try:
        aws("s3").get_bucket_website(Bucket=bucket)
    except ClientError as error:
        if code_of(error) != "NoSuchWebsiteConfiguration":
            raise
        return False
    return True


def versioning(bucket: str) -> dict[str, str]:
    """Return the bucket's versioning: `Status` (Enabled or Suspended) and `MFADelete`, each only if it was ever set.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html
    """
    answer = aws("s3").get_bucket_versioning(Bucket=bucket)
    return {name: str(value) for name, value in answer.items() if name in ("Status", "MFADelete")}


def access_log(bucket: str) -> Any:  # noqa: ANN401 - a LoggingEnabled, as it goes into the journal
    """Return where S3 writes the bucket's access log, or None if it writes none.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLogging.html
    """
    return aws("s3").get_bucket_logging(Bucket=bucket).get("LoggingEnabled")


def default_encryption(bucket: str) -> Any:  # noqa: ANN401 - a ServerSideEncryptionConfiguration, as it goes into the journal
    """Return the bucket's default encryption as a whole, or None if it has none."""
    missing = "ServerSideEncryptionConfigurationNotFoundError"
    return none_if(missing, lambda: aws("s3").get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"])


def is_with_kms(encryption: Any) -> bool:  # noqa: ANN401 - what `default_encryption` returns
    """Tell whether the default encryption uses KMS, once or twice (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingDSSEncryption.html)."""
    rules = encryption.get("Rules", []) if encryption else []
    return [rule.get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm") for rule in rules] in (["aws:kms"], ["aws:kms:dsse"])


def with_kms(encryption: Any, key: str) -> Any:  # noqa: ANN401 - the same
    """Return the default encryption with that KMS key, or AWS's own for S3 if it is empty, and with an S3 Bucket Key, which keeps KMS calls few.

    Whatever else the rule says stays, as what kinds of encryption it refuses (BlockedEncryptionTypes): the rule is put as a whole.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionRule.html
    """
    default = {"SSEAlgorithm": "aws:kms", **({"KMSMasterKeyID": key} if key else {})}
    former = (encryption or {}).get("Rules") or [{}]  # there is one rule at most
    return {**(encryption or {}), "Rules": [{**former[0], "ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}]}


def set_default_encryption(bucket: str, encryption: Any) -> None:  # noqa: ANN401 - the same
    """Put the bucket's default encryption as a whole, or remove it where there is to be none."""
    if encryption:
        aws("s3").put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=encryption)
    else:
        aws("s3").delete_bucket_encryption(Bucket=bucket)


def bucket_policy(bucket: str) -> str | None:
    """Return the bucket's policy as the text that was put, or None if it has none."""
    return none_if("NoSuchBucketPolicy", lambda: aws("s3").get_bucket_policy(Bucket=bucket)["Policy"])


def access_point_policies(bucket: str) -> dict[str, str]:
    """Return the access points that this account has made for the bucket and that have a policy, each with its text.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListAccessPoints.html
    """
    s3control, found = aws("s3control"), {}
    more: Any = {}
    while True:
        answer = s3control.list_access_points(AccountId=own_account(), Bucket=bucket, **more)
        for point in answer["AccessPointList"]:
            try:
                found[point["Name"]] = s3control.get_access_point_policy(AccountId=own_account(), Name=point["Name"])["Policy"]
            except ClientError as error:
                if code_of(error) not in ("NoSuchAccessPoint", "NoSuchAccessPointPolicy"):
                    raise
        if not (token := answer.get("NextToken")):
            return found
        more = {"NextToken": token}


def is_shared_by_acl(bucket: str) -> bool:
    """Tell whether the bucket's ACL gives others than its owner something. Those who deliver the access logs of S3 and of CloudFront are AWS itself.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
    """
    acl = aws("s3").get_bucket_acl(Bucket=bucket)
    grantees = [grant.get("Grantee", {}) for grant in acl.get("Grants", [])]
    not_others = {acl["Owner"]["ID"], *CLOUDFRONT}
    return any(one.get("ID", "") not in not_others and not one.get("URI", "").endswith("/s3/LogDelivery") for one in grantees)


def is_open_by_acl(bucket: str) -> bool:
    """Tell whether the bucket's ACL lets in everybody, or everybody with an account at AWS.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#specifying-grantee-predefined-groups
    """
    grants = aws("s3").get_bucket_acl(Bucket=bucket).get("Grants", [])
    return any(_EVERYBODYS_GROUP.search(grant.get("Grantee", {}).get("URI", "")) for grant in grants)


def opened_to_everybody(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return by what a call that put a bucket policy, or an ACL of the bucket or of an object in it, let in everybody.

    S3 refuses such a call while the bucket's or the account's block forbids it, so one that went through let them in.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
    """
    request = record.get("requestParameters") or {}
    if let_in := let_in_by(json.dumps(request.get("bucketPolicy") or {}), everybody):
        return [{"Policy": let_in[0]}]
    texts = [text for part in _ACL_PARTS for text in _texts(request.get(part))]
    if any(text in _OPEN_ACLS or _EVERYBODYS_GROUP.search(text) for text in texts):
        return [{"Acl": "everybody", **({"Key": request["key"]} if "key" in request else {})}]
    return []


_ACL_PARTS: Final = ("x-amz-acl", "accessControlList", "AccessControlPolicy")
_OPEN_ACLS: Final = ("public-read", "public-read-write", "authenticated-read")
_EVERYBODYS_GROUP: Final = re.compile(r"acs\.amazonaws\.com/groups/global/(AllUsers|AuthenticatedUsers)")


def _texts(value: object) -> list[str]:
    """Return all texts in a part of a request, however S3 nests it."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else []
    return [text for one in inner for text in _texts(one)]


def shut_out_with_everybody(document: str | None) -> list[str]:
    """Return whom a policy that lets in everybody lets in besides, from outside the account: those who are named, and `*` for whoever meets a condition.

    While RestrictPublicBuckets is on, S3 shuts them out with everybody else, trusted or not: only this account's own and service principals get in by a policy
    that is public in one of its statements. An origin access identity of CloudFront and the account of a load balancer that writes logs are no services here.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PublicAccessBlockConfiguration.html
    """
    if not let_in_by(document, everybody):
        return []
    denials, gone = denials_of(document), deleted(document)
    account = own_account()
    found = [
        name
        for statement in statements(document or "{}")
        for kind, name in let_in(statement)
        if kind in ("AWS", "CanonicalUser") and name not in gone
        if (account_of(name) != account if name != EVERYBODY else _lets_in_others_on_condition(statement, denials, account))
    ]
    return list(dict.fromkeys(found))


def _lets_in_others_on_condition(statement: Statement, denials: Denials, account: str) -> bool:
    """Tell whether a statement for `*` lets in some of other accounts, or who has not signed; not everybody, nor this account's own alone."""
    alone = Ours(account, frozenset({account}))
    try:
        return not everybody(statement, denials) and bool(outsiders(statement, denials, we=alone) or doubtful(statement, denials, we=alone))
    except OnlyPeople:  # it denies in so many ways that nobody can tell
        return True


def lets_in_still(bucket: str) -> str:
    """Say whom from outside the bucket's policy lets in by name, after a fix that was not for them; nothing if there is nobody.

    Where the policy lets in everybody as well, that depends on the block, the bucket's or the account's.
    """
    policy = bucket_policy(bucket)
    if others := shut_out_with_everybody(policy):
        whom = shown(", ".join("whoever meets a condition of it" if name == EVERYBODY else name for name in others), 1000)
        return (
            f"Its policy lets in everybody, and besides {whom}. RestrictPublicBuckets shuts them out, too, while it is on: to let them in and nobody else, "
            "take out of the policy what lets in everybody."
        )
    found = openings(policy, outsiders_of_bucket)
    return still_shared_with([name for one in found for name in one["LetsIn"] if name != EVERYBODY])


def put_policy(bucket: str, document: str | None) -> None:
    """Put the policy, or remove it where nothing is left of it."""
    if document is None:
        aws("s3").delete_bucket_policy(Bucket=bucket)
    else:
        aws("s3").put_bucket_policy(Bucket=bucket, Policy=document)


def put_policy_again(bucket: str, document: str | None, way_out: str) -> None:
    """Put the bucket's policy with another Deny in it or without one, or remove it; raise `OnlyPeople`, with the way out, where AWS refuses that.

    AWS takes no policy that lets everybody in while the bucket's or the account's block forbids it, though one that is there already stays: it cannot be put
    again, not even with a Deny more. Asked before, so that a preview does not promise it, and after, as somebody may switch the block on meanwhile.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    refusal = f"the bucket's policy lets everybody in, and the public access block forbids putting such a policy again: {way_out}"
    if document and _is_put_forbidden(bucket):
        raise OnlyPeople(refusal)
    try:
        put_policy(bucket, document)
    except ClientError as error:
        if document and code_of(error) == "AccessDenied" and _is_put_forbidden(bucket):
            raise OnlyPeople(refusal) from error
        raise


def _is_put_forbidden(bucket: str) -> bool:
    return _is_policy_public(bucket) and any(
        block and block.get("BlockPublicPolicy") for block in (public_access_block(bucket), account_public_access_block(own_account()))
    )


def _is_policy_public(bucket: str) -> bool:
    """Tell whether S3 calls the bucket's policy public; False if it has none.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicyStatus.html
    """
    try:
        return aws("s3").get_bucket_policy_status(Bucket=bucket)["PolicyStatus"].get("IsPublic", False)
    except ClientError as error:
        if code_of(error) == "NoSuchBucketPolicy":
            return False
        raise


def deny_without_tls(bucket: str, sid: str) -> Statement:
    """Return the statement that denies every request that is not encrypted in transit.

    https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-ssl-requests-only.html
    """
    arn = f"arn:{partition_of(aws('s3').meta.region_name)}:s3:::{bucket}"
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def denies_without_tls(statement: Statement, bucket: str) -> bool:
    """Tell whether the statement denies everybody every request without TLS, to the bucket and all its objects."""
    wanted = deny_without_tls(bucket, "")
    condition = statement.get("Condition")
    asked = condition.get("Bool") if isinstance(condition, Mapping) and len(condition) == 1 else None
    # The name of a key is the same in capitals: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
    found = {str(key).lower(): value for key, value in asked.items()} if isinstance(asked, Mapping) else {}
    resources = listed(statement.get("Resource"))
    return (
        statement.get("Effect") == "Deny"
        and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        and any(action in ("*", "s3:*") for action in listed(statement.get("Action")))
        and found in [{"aws:securetransport": value} for value in ("false", False, ["false"])]
        and ("*" in resources or all(arn in resources for arn in wanted["Resource"]))
    )
