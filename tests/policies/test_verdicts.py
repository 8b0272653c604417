"""verdicts: a table of policies, whom they let in, and what AWS itself says of that where a page of its documentation does.

Each row is tried as it stands; where AWS's own measure differs from ours, the row says both. To call a policy open that is not takes something from somebody
who needs it; to call one fine that is open is what Snapback is there to prevent: so there are rows for either mistake.
"""

from dataclasses import dataclass
from typing import Any

import pytest

from snapback.engine.errors import OnlyPeople
from snapback.policies.documents import statements, with_statement
from snapback.policies.verdicts import denials_of, doubtful, everybody, outsiders, reaches_out

OWN, FRIEND, STRANGER, OTHER = "111122223333", "222233334444", "999999999999", "888888888888"
ORG, FOREIGN_ORG = "o-abcdefghij", "o-zyxwvutsrq"
VPCE, VPC = "vpce-0123456789abcdef0", "vpc-0123456789abcdef0"

KEYS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"
OPERATORS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"
MULTIPLE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html"
VARIABLES = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html"
PRINCIPALS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
NOT_PRINCIPAL = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html"
LOGIC = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"
PUBLIC = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status"
KMS = "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html"


@dataclass(frozen=True)
class Row:
    """A policy in one context, and whom it lets in."""

    policy: list[dict[str, Any]]
    verdict: str
    """`public`, `stranger` (one who is named, or `*` narrowed to somebody foreign), `doubt` (nobody can tell whose it is), or `fine`."""
    aws: str = ""
    """AWS's own verdict, where it documents one: `public` or `not public`, `lets in` or `keeps out`."""
    page: str = ""
    organization: str = ""
    """The parameter OrganizationId."""


def allow(principal: object = "*", action: object = "sqs:SendMessage", resource: object = "*", **condition: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource, **({"Condition": condition} if condition else {})}


def deny(principal: object = "*", action: object = "sqs:*", resource: object = "*", **condition: object) -> dict[str, Any]:
    return {**allow(principal, action, resource, **condition), "Effect": "Deny"}


def when(operator: str, key: str, *values: object) -> dict[str, Any]:
    """Return a statement for everybody on this condition."""
    return allow(**{operator: {key: list(values)}})


def denied_unless(operator: str, key: str, *values: object, **more: object) -> list[dict[str, Any]]:
    """Return a policy for everybody, with a denial of those who have another value of the key."""
    return [allow(), deny(**{operator: {key: list(values)}}, **more)]


def stranger(operator: str, key: str, *values: object) -> dict[str, Any]:
    """Return a statement for a named account that is not trusted, on this condition."""
    return allow({"AWS": f"arn:aws:iam::{STRANGER}:root"}, **{operator: {key: list(values)}})


WITHOUT_SID = {part: value for part, value in allow().items() if part != "Principal"}
ROOT = f"arn:aws:iam::{OWN}:root"
AN_OWN_ROLE = f"arn:aws:iam::{OWN}:role/App"

ROWS = {
    # Who is named.
    "everybody": Row([allow()], "public", "public", PUBLIC),
    "everybody, of kind AWS": Row([allow({"AWS": "*"})], "public", "public", PRINCIPALS),
    "everybody, beside our own": Row([allow({"AWS": [ROOT, "*"]})], "public", "public", PRINCIPALS),
    "everybody, of kind Federated": Row([allow({"Federated": "*"})], "public"),
    "everybody, beside a service": Row([allow({"Service": "sns.amazonaws.com", "AWS": ["*"]})], "public", "public", PRINCIPALS),
    "all but somebody": Row([{**WITHOUT_SID, "NotPrincipal": {"AWS": OWN}}], "public", "public", NOT_PRINCIPAL),
    "all but a stranger": Row([{**WITHOUT_SID, "NotPrincipal": {"AWS": STRANGER}}], "public", "public", NOT_PRINCIPAL),
    "nobody, as it denies": Row([deny()], "fine", "keeps out", LOGIC),
    "our own account": Row([allow({"AWS": OWN})], "fine", "not public", PUBLIC),
    "our own root": Row([allow({"AWS": ROOT})], "fine", "not public", PUBLIC),
    "a trusted account": Row([allow({"AWS": FRIEND})], "fine", "not public", PUBLIC),
    "a trusted account's role": Row([allow({"AWS": f"arn:aws:iam::{FRIEND}:role/x"})], "fine", "not public", PUBLIC),
    "a stranger's account": Row([allow({"AWS": STRANGER})], "stranger", "not public", PUBLIC),
    "a stranger's root": Row([allow({"AWS": f"arn:aws:iam::{STRANGER}:root"})], "stranger", "not public", PUBLIC),
    "a stranger's user": Row([allow({"AWS": f"arn:aws:iam::{STRANGER}:user/x"})], "stranger", "not public", PUBLIC),
    "a stranger's session": Row([allow({"AWS": f"arn:aws:sts::{STRANGER}:assumed-role/x/y"})], "stranger", "not public", PUBLIC),
    "a stranger in China": Row([allow({"AWS": f"arn:aws-cn:iam::{STRANGER}:root"})], "stranger"),
    "a stranger beside ours": Row([allow({"AWS": [OWN, STRANGER, FRIEND]})], "stranger", "not public", PUBLIC),
    "a service": Row([allow({"Service": "sns.amazonaws.com"})], "fine", "not public", PUBLIC),
    "a principal that was deleted": Row([allow({"AWS": "AIDACKCEVSQ6C2EXAMPLE"})], "fine", "keeps out", PRINCIPALS),
    "an origin access identity": Row([allow({"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1EXAMPLE"})], "fine"),
    "a provider of identities of ours": Row([allow({"Federated": f"arn:aws:iam::{OWN}:saml-provider/Okta"})], "fine"),
    # What narrows everybody down, by AWS's measure.
    "an organisation": Row([when("StringEquals", "aws:PrincipalOrgID", ORG)], "doubt", "not public", PUBLIC),
    "our organisation": Row([when("StringEquals", "aws:PrincipalOrgID", ORG)], "fine", "not public", PUBLIC, organization=ORG),
    "another organisation than ours": Row([when("StringEquals", "aws:PrincipalOrgID", FOREIGN_ORG)], "stranger", "not public", PUBLIC, organization=ORG),
    "our organisation and another": Row([when("StringEquals", "aws:PrincipalOrgID", ORG, FOREIGN_ORG)], "stranger", "not public", organization=ORG),
    "paths in our organisation": Row([when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", f"{ORG}/*")], "fine", "keeps out", KEYS, organization=ORG),
    "paths in an organisation": Row([when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", f"{ORG}/r-ab12/*")], "doubt", "keeps out", KEYS),
    "paths in another organisation": Row([when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", f"{FOREIGN_ORG}/*")], "stranger", organization=ORG),
    "accounts as sources": Row([when("StringEquals", "AWS:SourceAccount", OWN, FRIEND)], "fine", "not public", PUBLIC),
    "our account as owner of the source": Row([when("StringEquals", "aws:SourceOwner", OWN)], "fine", "not public", PUBLIC),
    "a stranger's account as source": Row([when("StringEquals", "aws:SourceAccount", STRANGER)], "stranger", "not public", PUBLIC),
    "a stranger's account as source beside ours": Row([when("StringEquals", "aws:SourceAccount", OWN, STRANGER)], "stranger", "not public", PUBLIC),
    "a trusted account as source": Row([when("StringEquals", "aws:SourceAccount", FRIEND)], "fine", "not public", PUBLIC),
    "our organisation as source": Row([when("StringEquals", "aws:SourceOrgID", ORG)], "fine", "keeps out", KEYS, organization=ORG),
    "an organisation as source": Row([when("StringEquals", "aws:SourceOrgID", ORG)], "doubt", "keeps out", KEYS),
    "paths of sources in our organisation": Row([when("ForAnyValue:StringLike", "aws:SourceOrgPaths", f"{ORG}/*")], "fine", organization=ORG),
    "a topic of ours": Row([when("ArnLike", "aws:SourceArn", f"arn:aws:sns:us-east-1:{OWN}:orders")], "fine", "not public", PUBLIC),
    "all topics of ours, anywhere": Row([when("ArnLike", "aws:SourceArn", f"arn:aws:sns:*:{OWN}:*")], "fine", "keeps out", KEYS),
    "all topics of ours, compared as text": Row([when("StringLike", "aws:SourceArn", f"arn:aws:sns:*:{OWN}:*")], "fine", "keeps out", KEYS),
    "all that is ours": Row([when("ArnLike", "aws:SourceArn", f"arn:*:*:*:{OWN}:*")], "fine", "keeps out", KEYS),
    "a stranger's topic": Row([when("ArnEquals", "aws:SourceArn", f"arn:aws:sns:us-east-1:{STRANGER}:x")], "stranger", "not public", PUBLIC),
    "a bucket": Row([when("ArnLike", "aws:SourceArn", "arn:aws:s3:::one-bucket")], "doubt", "not public", PUBLIC),
    "a bucket, with stars where buckets have nothing": Row([when("ArnLike", "aws:SourceArn", "arn:aws:s3:*:*:one-bucket")], "doubt"),
    "roles of ours": Row([when("StringLike", "aws:PrincipalArn", f"arn:aws:iam::{OWN}:role/*")], "fine", "keeps out", KEYS),
    "a role of ours": Row([when("ArnEquals", "aws:PrincipalArn", AN_OWN_ROLE)], "fine", "keeps out", KEYS),
    "a stranger's roles": Row([when("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{STRANGER}:role/*")], "stranger", "lets in", KEYS),
    "principals of ours": Row([when("StringEquals", "aws:PrincipalAccount", OWN)], "fine", "keeps out", KEYS),
    "principals of ours, if there is an account, and there always is": Row(
        [when("StringEqualsIfExists", "aws:PrincipalAccount", OWN)], "fine", "keeps out", KEYS
    ),
    "principals of no account": Row([when("StringEquals", "aws:PrincipalAccount", "anonymous")], "public", "lets in", KEYS),
    "a user of no account": Row([when("StringEquals", "aws:userid", "anonymous")], "public", "lets in", KEYS),
    "principals of a stranger": Row([when("StringEquals", "aws:PrincipalAccount", STRANGER)], "stranger", "lets in", KEYS),
    "principals of ours, in another case": Row([when("stringequals", "AWS:PRINCIPALACCOUNT", OWN)], "fine", "keeps out", OPERATORS),
    "callers of a key of ours": Row([allow(action="kms:*", StringEquals={"kms:CallerAccount": OWN})], "fine", "keeps out", KMS),
    "callers of a key from elsewhere": Row([allow(action="kms:*", StringEquals={"kms:CallerAccount": STRANGER})], "stranger", "lets in", KMS),
    "callers of a key of ours, through a service": Row(
        [allow(action="kms:*", StringEquals={"kms:CallerAccount": OWN, "kms:ViaService": "s3.us-east-1.amazonaws.com"})], "fine", "keeps out", KMS
    ),
    "an endpoint": Row([when("StringEquals", "aws:sourceVpce", VPCE)], "doubt", "not public", PUBLIC),
    "endpoints in a list": Row([when("StringEquals", "aws:SourceVpce", VPCE, VPCE[:-1] + "1")], "doubt", "not public", PUBLIC),
    "a network": Row([when("StringEquals", "aws:SourceVpc", VPC)], "doubt", "not public", PUBLIC),
    "a network by its ARN, ours": Row([when("ArnLike", "aws:SourceVpcArn", f"arn:aws:ec2:us-east-1:{OWN}:vpc/{VPC}")], "fine", "keeps out", KEYS),
    "networks of ours by ARN": Row([when("ArnLike", "aws:SourceVpcArn", f"arn:aws:ec2:*:{OWN}:vpc/*")], "fine", "keeps out", KEYS),
    "a network by its ARN, a stranger's": Row([when("ArnLike", "aws:SourceVpcArn", f"arn:aws:ec2:us-east-1:{STRANGER}:vpc/{VPC}")], "stranger"),
    "endpoints of our account": Row([when("StringEquals", "aws:VpceAccount", OWN)], "fine", "keeps out", KEYS),
    "endpoints of a stranger's account": Row([when("StringEquals", "aws:VpceAccount", STRANGER)], "stranger", "lets in", KEYS),
    "endpoints of our organisation": Row([when("StringEquals", "aws:VpceOrgID", ORG)], "fine", "keeps out", KEYS, organization=ORG),
    "endpoints of an organisation": Row([when("StringEquals", "aws:VpceOrgID", ORG)], "doubt", "keeps out", KEYS),
    "endpoints in paths of our organisation": Row([when("ForAnyValue:StringLike", "aws:VpceOrgPaths", f"{ORG}/r-ab12/*")], "fine", organization=ORG),
    "addresses": Row([when("IpAddress", "aws:SourceIp", "203.0.113.0/24")], "doubt", "not public", PUBLIC),
    "one address": Row([when("IpAddress", "aws:SourceIp", "203.0.113.7")], "doubt", "not public", PUBLIC),
    "addresses of version 6": Row([when("IpAddress", "aws:SourceIp", "2001:db8::/32")], "doubt", "not public", PUBLIC),
    "a network as wide as is allowed": Row([when("IpAddress", "aws:SourceIp", "10.0.0.0/8")], "doubt", "not public", PUBLIC),
    "an access point of ours": Row([allow(action="s3:GetObject", StringEquals={"s3:DataAccessPointAccount": OWN})], "fine", "not public", PUBLIC),
    "an access point of a stranger's": Row([allow(action="s3:*", StringEquals={"s3:DataAccessPointAccount": STRANGER})], "stranger", "not public", PUBLIC),
    "access points of ours by ARN": Row(
        [allow(action="s3:*", StringLike={"s3:DataAccessPointArn": f"arn:aws:s3:us-east-1:{OWN}:accesspoint/*"})], "fine", "not public", PUBLIC
    ),
    "the id of a user": Row([when("StringEquals", "aws:userid", "AIDACKCEVSQ6C2EXAMPLE")], "doubt", "not public", PUBLIC),
    "the id of a role with its sessions": Row([when("StringLike", "aws:userId", "AROACKCEVSQ6C2EXAMPLE:*")], "doubt", "public", PUBLIC),
    "only services of AWS": Row([when("Bool", "aws:PrincipalIsAWSService", "true")], "fine", "keeps out", KEYS),
    "one service of AWS": Row([when("StringEquals", "aws:PrincipalServiceName", "cloudtrail.amazonaws.com")], "fine", "keeps out", KEYS),
    "one service of AWS in its list": Row([when("ForAnyValue:StringEquals", "aws:PrincipalServiceNamesList", "logs.amazonaws.com")], "fine", "keeps out", KEYS),
    "TLS and our account": Row([allow(Bool={"aws:SecureTransport": "true"}, StringEquals={"kms:CallerAccount": OWN})], "fine", "keeps out", KMS),
    "the resource's account by a variable": Row([when("StringEquals", "aws:PrincipalAccount", "${aws:ResourceAccount}")], "fine", "public", PUBLIC),
    "the resource's organisation by a variable": Row(
        [when("StringEquals", "aws:PrincipalOrgID", "${aws:ResourceOrgID}")], "fine", "public", PUBLIC, organization=ORG
    ),
    "the resource's account by a variable, among sources": Row([when("StringEquals", "aws:SourceAccount", "${aws:ResourceAccount}")], "fine", "public", PUBLIC),
    # What narrows nothing down.
    "TLS": Row([when("Bool", "aws:SecureTransport", "true")], "public", "public", PUBLIC),
    "a service in between": Row([allow(action="kms:*", StringEquals={"kms:ViaService": "s3.us-east-1.amazonaws.com"})], "public", "lets in", KMS),
    "an encryption context": Row([allow(action="kms:*", StringEquals={"kms:EncryptionContext:app": "x"})], "public", "lets in", KMS),
    "a second factor": Row([when("Bool", "aws:MultiFactorAuthPresent", "true")], "public"),
    "a user agent": Row([when("StringEquals", "aws:UserAgent", "hush")], "public", "lets in", KEYS),
    "a referer": Row([when("StringLike", "aws:Referer", "https://www.example.com/*")], "public", "lets in", KEYS),
    "a tag of the principal": Row([when("StringEquals", "aws:PrincipalTag/team", "blue")], "public", "lets in", KEYS),
    "the name of a user": Row([when("StringEquals", "aws:username", "alice")], "public", "lets in", KEYS),
    "a kind of principal": Row([when("StringEquals", "aws:PrincipalType", "AssumedRole")], "public", "lets in", KEYS),
    "a region": Row([when("StringEquals", "aws:RequestedRegion", "us-east-1")], "public", "lets in", KEYS),
    "an address within a network, of whichever network": Row([when("IpAddress", "aws:VpcSourceIp", "10.0.0.0/8")], "public", "lets in", KEYS),
    "a time": Row([when("DateGreaterThan", "aws:CurrentTime", "2020-01-01T00:00:00Z")], "public", "public", PUBLIC),
    "a number": Row([allow(action="s3:ListBucket", NumericLessThanEquals={"s3:max-keys": "10"})], "public", "public", PUBLIC),
    "a prefix": Row([allow(action="s3:ListBucket", StringLike={"s3:prefix": "public/*"})], "public", "public", PUBLIC),
    "a key that is not known": Row([when("StringEquals", "aws:SomethingNew", OWN)], "public"),
    "the resource's own account": Row([when("StringEquals", "aws:ResourceAccount", OWN)], "public", "lets in", KEYS),
    "the resource's own organisation": Row([when("StringEquals", "aws:ResourceOrgID", ORG)], "public", "lets in", KEYS, organization=ORG),
    "an organisation if the request has one": Row([when("StringEqualsIfExists", "aws:PrincipalOrgID", ORG)], "public", "lets in", OPERATORS),
    "an endpoint if the request comes by one": Row([when("StringEqualsIfExists", "aws:SourceVpce", VPCE)], "public", "lets in", OPERATORS),
    "an account as source if there is one": Row([when("StringEqualsIfExists", "aws:SourceAccount", OWN)], "public", "lets in", OPERATORS),
    "paths for all values, of which there may be none": Row(
        [when("ForAllValues:StringLike", "aws:PrincipalOrgPaths", f"{ORG}/*")], "public", "lets in", MULTIPLE
    ),
    "an organisation for all values": Row([when("ForAllValues:StringEquals", "aws:PrincipalOrgID", ORG)], "public", "lets in", MULTIPLE),
    "all values, and that there is one": Row(
        [allow(**{"ForAllValues:StringEquals": {"aws:PrincipalOrgID": ORG}, "Null": {"aws:PrincipalOrgID": "false"}})],
        "fine",
        "keeps out",
        MULTIPLE,
        organization=ORG,
    ),
    "if the request has one, and it has": Row(
        [allow(StringEqualsIfExists={"aws:PrincipalOrgID": ORG}, Null={"aws:PrincipalOrgID": "false"})], "fine", "keeps out", OPERATORS, organization=ORG
    ),
    "that there is an organisation": Row([when("Null", "aws:PrincipalOrgID", "false")], "public", "lets in", OPERATORS),
    "that there is an endpoint": Row([when("Null", "aws:SourceVpce", "false")], "public", "lets in", OPERATORS),
    "that there is no endpoint": Row([when("Null", "aws:SourceVpce", "true")], "public", "lets in", OPERATORS),
    "all accounts but a stranger's": Row([when("StringNotEquals", "aws:PrincipalAccount", STRANGER)], "public", "lets in", OPERATORS),
    "all accounts but ours": Row([when("StringNotEquals", "aws:PrincipalAccount", OWN)], "public", "lets in", OPERATORS),
    "all addresses but some": Row([when("NotIpAddress", "aws:SourceIp", "203.0.113.0/24")], "public", "lets in", OPERATORS),
    "any organisation": Row([when("StringLike", "aws:PrincipalOrgID", "*")], "public", "public", PUBLIC),
    "organisations that begin so": Row([when("StringLike", "aws:PrincipalOrgID", "o-abc*")], "public", "public", PUBLIC),
    "a star among accounts, compared as a pattern": Row([when("StringLike", "aws:PrincipalAccount", OWN, "*")], "public", "public", PUBLIC),
    "a star among accounts, compared as it is": Row([when("StringEquals", "aws:PrincipalAccount", OWN, "*")], "fine", "keeps out", OPERATORS),
    "accounts that begin as ours does": Row([when("StringLike", "aws:PrincipalAccount", "1111*")], "public", "public", PUBLIC),
    "our account, with a star for nothing": Row([when("StringLike", "aws:PrincipalAccount", f"{OWN}*")], "fine", "public", PUBLIC),
    "accounts of twelve digits": Row([when("StringLike", "aws:PrincipalAccount", "?" * 12)], "public", "public", PUBLIC),
    "no account at all": Row([when("StringEquals", "aws:PrincipalAccount")], "public"),
    "a variable that anybody fills": Row([when("StringEquals", "aws:SourceAccount", "${aws:PrincipalAccount}")], "public", "public", PUBLIC),
    "a variable with a default": Row([when("StringEquals", "aws:PrincipalOrgID", "${aws:PrincipalTag/org, 'o-abcdefghij'}")], "public", "public", PUBLIC),
    "buckets of whatever name": Row([when("ArnLike", "aws:SourceArn", "arn:aws:s3:::*")], "public", "public", PUBLIC),
    "buckets that begin so": Row([when("ArnLike", "aws:SourceArn", "arn:aws:s3:::orders-*")], "public", "public", PUBLIC),
    "topics of whatever account": Row([when("ArnLike", "aws:SourceArn", "arn:aws:sns:us-east-1:*:orders")], "public", "public", PUBLIC),
    "topics of whatever account, compared as text": Row([when("StringLike", "aws:SourceArn", "arn:aws:sns:us-east-1:*:orders")], "public", "public", PUBLIC),
    "anything": Row([when("ArnLike", "aws:SourceArn", "*")], "public", "public", PUBLIC),
    "roles of one name in whatever account": Row([when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/Deploy")], "public", "public", PUBLIC),
    "ARNs with our account somewhere": Row([when("StringLike", "aws:PrincipalArn", f"*{OWN}*")], "public", "public", PUBLIC),
    "any endpoint": Row([when("StringLike", "aws:SourceVpce", "vpce-*")], "public", "public", PUBLIC),
    "any id": Row([when("StringLike", "aws:userid", "*")], "public", "public", PUBLIC),
    "sessions of one name": Row([when("StringLike", "aws:userid", "*:alice")], "public", "public", PUBLIC),
    "the world": Row([when("IpAddress", "aws:SourceIp", "0.0.0.0/0")], "public", "public", PUBLIC),
    "the world in version 6": Row([when("IpAddress", "aws:SourceIp", "::/0")], "public", "public", PUBLIC),
    "more than a network may be": Row([when("IpAddress", "aws:SourceIp", "10.0.0.0/7")], "public", "public", PUBLIC),
    "the two halves of the world": Row([when("IpAddress", "aws:SourceIp", "0.0.0.0/1", "128.0.0.0/1")], "public", "public", PUBLIC),
    "an address and the world": Row([when("IpAddress", "aws:SourceIp", "203.0.113.7", "0.0.0.0/0")], "public", "public", PUBLIC),
    "what is no address": Row([when("IpAddress", "aws:SourceIp", "not an address")], "public"),
    "not a service of AWS": Row([when("Bool", "aws:PrincipalIsAWSService", "false")], "public", "lets in", KEYS),
    "access points of whatever account": Row(
        [allow(action="s3:*", StringLike={"s3:DataAccessPointArn": "arn:aws:s3:*:*:accesspoint/*"})], "public", "public", PUBLIC
    ),
    # One key under two operators, and several keys.
    "one key twice, of which one narrows": Row(
        [allow(StringLike={"aws:PrincipalAccount": "*"}, StringEquals={"aws:PrincipalAccount": OWN})], "fine", "keeps out", OPERATORS
    ),
    "one key twice, of which the other narrows": Row(
        [allow(StringEquals={"aws:PrincipalAccount": OWN}, StringLike={"aws:PrincipalAccount": "*"})], "fine", "keeps out", OPERATORS
    ),
    "one key twice, of which none narrows": Row(
        [allow(StringLike={"aws:PrincipalOrgID": "o-*"}, StringNotEquals={"aws:PrincipalOrgID": FOREIGN_ORG})], "public", "lets in", OPERATORS
    ),
    "two keys, of which one narrows": Row([allow(StringEquals={"aws:UserAgent": "x", "aws:SourceAccount": OWN})], "fine", "keeps out", OPERATORS),
    "what contradicts itself": Row(
        [allow(StringEquals={"aws:PrincipalAccount": STRANGER}, StringNotEquals={"aws:PrincipalAccount": STRANGER})], "fine", "keeps out", OPERATORS
    ),
    # Strangers who are named, on conditions.
    "a stranger from an address": Row([stranger("IpAddress", "aws:SourceIp", "203.0.113.7")], "stranger", "lets in", KEYS),
    "a stranger from an endpoint": Row([stranger("StringEquals", "aws:SourceVpce", VPCE)], "stranger", "lets in", KEYS),
    "a stranger from a network": Row([stranger("StringEquals", "aws:SourceVpc", VPC)], "stranger", "lets in", KEYS),
    "a stranger of an organisation": Row([stranger("StringEquals", "aws:PrincipalOrgID", ORG)], "stranger", "lets in", KEYS),
    "a stranger of another organisation": Row([stranger("StringEquals", "aws:PrincipalOrgID", FOREIGN_ORG)], "stranger", "lets in", KEYS, organization=ORG),
    "an account of our organisation": Row([stranger("StringEquals", "aws:PrincipalOrgID", ORG)], "fine", "keeps out", KEYS, organization=ORG),
    "an account of a path in our organisation": Row(
        [stranger("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", f"{ORG}/r-ab12/*")], "fine", "keeps out", KEYS, organization=ORG
    ),
    "a stranger of the resource's organisation": Row(
        [stranger("StringEquals", "aws:PrincipalOrgID", "${aws:ResourceOrgID}")], "fine", "keeps out", VARIABLES, organization=ORG
    ),
    "a stranger with TLS": Row([stranger("Bool", "aws:SecureTransport", "true")], "stranger", "lets in", KEYS),
    "a stranger with a password": Row([stranger("StringEquals", "sts:ExternalId", "hush")], "stranger", "lets in", KEYS),
    "a stranger's one role": Row([stranger("ArnEquals", "aws:PrincipalArn", f"arn:aws:iam::{STRANGER}:role/x")], "stranger", "lets in", KEYS),
    "a stranger whose role is ours": Row([stranger("ArnEquals", "aws:PrincipalArn", AN_OWN_ROLE)], "fine", "keeps out", KEYS),
    "a stranger whose role is another stranger's": Row([stranger("ArnEquals", "aws:PrincipalArn", f"arn:aws:iam::{OTHER}:role/x")], "fine", "keeps out", KEYS),
    "a stranger whose account is ours": Row([stranger("StringEquals", "aws:PrincipalAccount", OWN)], "fine", "keeps out", KEYS),
    "a stranger whose account is theirs": Row([stranger("StringEquals", "aws:PrincipalAccount", STRANGER)], "stranger", "lets in", KEYS),
    "a stranger by our endpoints": Row([stranger("StringEquals", "aws:VpceAccount", OWN)], "fine", "keeps out", KEYS),
    "a stranger by their own endpoints": Row([stranger("StringEquals", "aws:VpceAccount", STRANGER)], "stranger", "lets in", KEYS),
    "a stranger by any network but one": Row([stranger("StringNotEquals", "aws:SourceVpc", VPC)], "stranger", "lets in", OPERATORS),
    "a stranger's id": Row([stranger("StringLike", "aws:userid", "AROACKCEVSQ6C2EXAMPLE:*")], "stranger", "lets in", KEYS),
    "a stranger who is a service": Row([stranger("Bool", "aws:PrincipalIsAWSService", "true")], "fine", "keeps out", KEYS),
    "a stranger who is none": Row([stranger("Bool", "aws:PrincipalIsAWSService", "false")], "stranger", "lets in", KEYS),
    "a stranger in our account's name, if there is one": Row([stranger("StringEqualsIfExists", "aws:SourceAccount", OWN)], "stranger", "lets in", OPERATORS),
    # Denials.
    "all denied who are not of our organisation": Row(
        denied_unless("StringNotEquals", "aws:PrincipalOrgID", ORG), "fine", "keeps out", LOGIC, organization=ORG
    ),
    "all denied who are not of an organisation": Row(denied_unless("StringNotEquals", "aws:PrincipalOrgID", ORG), "doubt", "keeps out", LOGIC),
    "all denied who are not of another organisation": Row(
        denied_unless("StringNotEquals", "aws:PrincipalOrgID", FOREIGN_ORG), "stranger", "keeps out", LOGIC, organization=ORG
    ),
    "all denied who are not of our account": Row(denied_unless("StringNotEquals", "aws:PrincipalAccount", OWN), "fine", "keeps out", LOGIC),
    "all denied who are not of our account or a stranger's": Row(
        denied_unless("StringNotEquals", "aws:PrincipalAccount", OWN, STRANGER), "stranger", "keeps out", LOGIC
    ),
    "all denied who do not come by an endpoint": Row(denied_unless("StringNotEquals", "aws:SourceVpce", VPCE), "doubt", "keeps out", LOGIC),
    "all denied who do not come by our endpoints": Row(denied_unless("StringNotEquals", "aws:VpceAccount", OWN), "fine", "keeps out", LOGIC),
    "all denied from elsewhere": Row(denied_unless("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"), "doubt", "keeps out", LOGIC),
    "all denied from elsewhere than the world": Row(denied_unless("NotIpAddress", "aws:SourceIp", "0.0.0.0/0", "::/0"), "public", "lets in", LOGIC),
    "all denied who are not certain ids": Row(denied_unless("StringNotLike", "aws:userId", "AROACKCEVSQ6C2EXAMPLE:*", OWN), "doubt", "keeps out", LOGIC),
    "all denied whose ARN is not of ours": Row(denied_unless("ArnNotLike", "aws:PrincipalArn", f"arn:aws:iam::{OWN}:role/*"), "fine", "keeps out", LOGIC),
    "all denied but some principals of ours": Row(
        [allow(), {**deny(), "NotPrincipal": {"AWS": [ROOT, AN_OWN_ROLE]}, "Principal": None}], "fine", "keeps out", NOT_PRINCIPAL
    ),
    "all denied but everybody": Row([allow(), {**deny(), "NotPrincipal": {"AWS": "*"}, "Principal": None}], "public", "lets in", NOT_PRINCIPAL),
    "all denied but a stranger, who is allowed": Row(
        [allow({"AWS": STRANGER}), {**deny(), "NotPrincipal": {"AWS": [ROOT, f"arn:aws:iam::{STRANGER}:root"]}, "Principal": None}],
        "stranger",
        "lets in",
        NOT_PRINCIPAL,
    ),
    "a stranger allowed, and all denied but ours": Row(
        [allow({"AWS": STRANGER}), {**deny(), "NotPrincipal": {"AWS": [ROOT, AN_OWN_ROLE]}, "Principal": None}], "fine", "keeps out", NOT_PRINCIPAL
    ),
    "everybody denied": Row([allow(), deny()], "fine", "keeps out", LOGIC),
    "everybody denied before they are allowed": Row([deny(), allow()], "fine", "keeps out", LOGIC),
    "a stranger denied beside everybody allowed": Row([allow(), deny({"AWS": STRANGER})], "public", "lets in", LOGIC),
    "a stranger allowed and denied": Row([allow({"AWS": STRANGER}), deny({"AWS": f"arn:aws:iam::{STRANGER}:root"})], "fine", "keeps out", LOGIC),
    "a stranger allowed and only their role denied": Row(
        [allow({"AWS": STRANGER}), deny({"AWS": f"arn:aws:iam::{STRANGER}:role/x"})], "stranger", "lets in", LOGIC
    ),
    "a stranger's role allowed and their account denied": Row(
        [allow({"AWS": f"arn:aws:iam::{STRANGER}:role/x"}), deny({"AWS": STRANGER})], "fine", "keeps out", LOGIC
    ),
    "a stranger allowed and another denied": Row([allow({"AWS": STRANGER}), deny({"AWS": OTHER})], "stranger", "lets in", LOGIC),
    "a stranger allowed and all but our organisation denied": Row(
        [allow({"AWS": STRANGER}), deny(StringNotEquals={"aws:PrincipalOrgID": ORG})], "fine", "keeps out", LOGIC, organization=ORG
    ),
    "a stranger allowed and all but an organisation denied": Row(
        [allow({"AWS": STRANGER}), deny(StringNotEquals={"aws:PrincipalOrgID": ORG})], "stranger", "lets in", LOGIC
    ),
    "denied without TLS": Row([allow(), deny(Bool={"aws:SecureTransport": "false"})], "public", "lets in", LOGIC),
    "another action denied": Row([allow(), deny(action="sqs:DeleteQueue")], "public", "lets in", LOGIC),
    "a part of the actions denied": Row([allow(action="sqs:*"), deny(action="sqs:Delete*")], "public", "lets in", LOGIC),
    "all actions denied": Row([allow(action=["sqs:SendMessage", "SQS:ReceiveMessage"]), deny(action="*")], "fine", "keeps out", LOGIC),
    "one of two actions denied": Row([allow(action=["sqs:SendMessage", "sqs:ReceiveMessage"]), deny(action="sqs:send*")], "public", "lets in", LOGIC),
    "each of two actions denied": Row(
        [allow(action=["sqs:SendMessage", "sqs:ReceiveMessage"]), deny(action="sqs:send*"), deny(action="sqs:receive*")], "fine", "keeps out", LOGIC
    ),
    "all denied but other actions": Row([allow(), {**deny(), "NotAction": "sqs:ReceiveMessage", "Action": None}], "fine", "keeps out", LOGIC),
    "all denied but this action": Row([allow(), {**deny(), "NotAction": "sqs:Send*", "Action": None}], "public", "lets in", LOGIC),
    "denied on another resource": Row([allow(resource="arn:aws:s3:::b/*"), deny(resource="arn:aws:s3:::b/private/*")], "public", "lets in", LOGIC),
    "denied on this resource": Row([allow(resource="arn:aws:s3:::b/x/*"), deny(resource="arn:aws:s3:::b/*")], "fine", "keeps out", LOGIC),
    "denied on all other resources": Row(
        [allow(resource="arn:aws:s3:::b/x"), {**deny(), "NotResource": "arn:aws:s3:::b/y*", "Resource": None}], "fine", "keeps out", LOGIC
    ),
    "denied but on this resource": Row(
        [allow(resource="arn:aws:s3:::b/x"), {**deny(), "NotResource": "arn:aws:s3:::b/*", "Resource": None}], "public", "lets in", LOGIC
    ),
    "denied to whom our organisation is missing, if it is there": Row(
        denied_unless("StringNotEqualsIfExists", "aws:PrincipalOrgID", ORG), "fine", "keeps out", OPERATORS, organization=ORG
    ),
    "denied to any path elsewhere, and some have none": Row(
        denied_unless("ForAnyValue:StringNotLike", "aws:PrincipalOrgPaths", f"{ORG}/*"), "public", "lets in", MULTIPLE, organization=ORG
    ),
    "denied to whom all paths are elsewhere": Row(
        denied_unless("ForAllValues:StringNotLike", "aws:PrincipalOrgPaths", f"{ORG}/*"), "fine", "keeps out", MULTIPLE, organization=ORG
    ),
    "a data perimeter, services excepted": Row(
        denied_unless("StringNotEqualsIfExists", "aws:PrincipalOrgID", ORG, BoolIfExists={"aws:PrincipalIsAWSService": "false"}),
        "fine",
        "keeps out",
        KEYS,
        organization=ORG,
    ),
    "a data perimeter that forgets unsigned requests": Row(
        denied_unless("StringNotEquals", "aws:PrincipalOrgID", ORG, Bool={"aws:PrincipalIsAWSService": "false"}), "public", "lets in", KEYS, organization=ORG
    ),
    "the same where nothing is unsigned": Row(
        [
            allow(action="kms:Decrypt"),
            deny(action="kms:*", StringNotEquals={"aws:PrincipalOrgID": ORG}, Bool={"aws:PrincipalIsAWSService": "false"}),
        ],
        "fine",
        "keeps out",
        KEYS,
        organization=ORG,
    ),
    "two denials that leave ours together": Row(
        [allow(), deny(StringNotEquals={"aws:PrincipalAccount": [OWN, STRANGER]}), deny(StringEquals={"aws:PrincipalAccount": STRANGER})],
        "fine",
        "keeps out",
        LOGIC,
    ),
    "a denial on two keys, of which a stranger may pass one": Row(
        [allow(), deny(StringNotEquals={"aws:PrincipalOrgID": ORG}, NotIpAddress={"aws:SourceIp": "0.0.0.0/1"})], "public", "lets in", LOGIC, organization=ORG
    ),
    "a denial on two keys that are both ours": Row(
        [allow(), deny(StringNotEquals={"aws:PrincipalOrgID": ORG, "aws:VpceAccount": OWN})], "fine", "keeps out", LOGIC, organization=ORG
    ),
    "a denial to what a variable names": Row(
        denied_unless("StringNotEquals", "aws:PrincipalAccount", "${aws:ResourceAccount}"), "fine", "keeps out", VARIABLES
    ),
    "a denial to those of our organisation": Row([allow(), deny(StringEquals={"aws:PrincipalOrgID": ORG})], "public", "lets in", LOGIC, organization=ORG),
    "a denial where there is no organisation": Row([allow(), deny(Null={"aws:PrincipalOrgID": "true"})], "public", "lets in", OPERATORS),
    "a denial until a time": Row([allow(), deny(DateLessThan={"aws:CurrentTime": "2099-01-01T00:00:00Z"})], "public", "lets in", LOGIC),
}
"""What each policy is in its context."""


def document_of(policy: list[dict[str, Any]]) -> str:
    document: str | None = None
    for statement in policy:
        document = with_statement(document, {part: value for part, value in statement.items() if value is not None})
    assert document
    return document


def verdict_on(document: str) -> str:
    denials = denials_of(document)
    found = statements(document)
    if any(everybody(one, denials) for one in found):
        return "public"
    if any(outsiders(one, denials) for one in found):
        return "stranger"
    return "doubt" if any(doubtful(one, denials) for one in found) else "fine"


@pytest.fixture(autouse=True)
def us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLE_ARN", f"arn:aws:iam::{OWN}:role/snapback-function")
    monkeypatch.setenv("TRUSTED_ACCOUNTS", FRIEND)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_policy_lets_in_whom_it_lets_in(row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORGANIZATION_ID", row.organization)
    assert verdict_on(document_of(row.policy)) == row.verdict


def test_where_aws_has_a_verdict_ours_says_the_same_or_there_is_a_reason() -> None:
    """The differences, all of them: AWS takes no variable and no star for fixed, and nobody whom it knows for a stranger."""
    ours_and_its = {(row.verdict, row.aws) for row in ROWS.values() if row.aws}
    differing = {name for name, row in ROWS.items() if (row.verdict == "public") != (row.aws in ("public", "lets in")) and row.aws}
    assert ("public", "not public") not in ours_and_its
    assert ("public", "keeps out") not in ours_and_its
    named = {name for name in differing if ROWS[name].verdict == "stranger"}
    assert differing - named == {
        "our account, with a star for nothing",
        "the id of a role with its sessions",
        "the resource's account by a variable",
        "the resource's account by a variable, among sources",
        "the resource's organisation by a variable",
    }


def test_the_table_is_long_and_leads_to_the_pages() -> None:
    assert len(ROWS) >= 150
    assert all(row.page.startswith("https://docs.aws.amazon.com/") for row in ROWS.values() if row.aws and row.page)
    assert {"public", "stranger", "doubt", "fine"} == {row.verdict for row in ROWS.values()}


def test_a_policy_that_denies_in_a_thousand_ways_is_left_to_people() -> None:
    never_passed = deny(action="kms:*", StringLike={"aws:PrincipalAccount": "*", "kms:CallerAccount": "*", "aws:PrincipalArn": "*"})
    ways = [deny(action="kms:*", StringEquals={f"aws:PrincipalTag/{number}": "x", "aws:UserAgent": "x"}) for number in range(20)]
    with pytest.raises(OnlyPeople):
        verdict_on(document_of([allow(action="kms:*"), never_passed, *ways]))


def endpoint(resource: object = "*", **condition: object) -> dict[str, Any]:
    return allow(action="*", resource=resource, **condition)


THROUGH_AN_ENDPOINT = {
    "anybody to anything": ([endpoint()], True),
    "of an account": ([endpoint(StringEquals={"aws:PrincipalAccount": STRANGER})], False),
    "of our account": ([endpoint(StringEquals={"aws:PrincipalAccount": OWN})], False),
    "of an organisation": ([endpoint(StringEquals={"aws:PrincipalOrgID": ORG})], False),
    "of any organisation": ([endpoint(StringLike={"aws:PrincipalOrgID": "*"})], True),
    "to resources of an account": ([endpoint(StringEquals={"aws:ResourceAccount": OWN})], False),
    "to resources of an organisation": ([endpoint(StringEquals={"aws:ResourceOrgID": ORG})], False),
    "to resources of any account": ([endpoint(StringLike={"aws:ResourceAccount": "*"})], True),
    "to resources of the caller's own account": ([endpoint(StringEquals={"aws:ResourceAccount": "${aws:PrincipalAccount}"})], True),
    "from a network, as all are": ([endpoint(StringEquals={"aws:SourceVpc": VPC})], True),
    "by an endpoint, as all are": ([endpoint(StringEquals={"aws:SourceVpce": VPCE})], True),
    "services of AWS": ([endpoint(Bool={"aws:PrincipalIsAWSService": "true"})], False),
    "unsigned requests": ([endpoint(StringEquals={"aws:PrincipalType": "Anonymous"})], False),
    "users": ([endpoint(StringEquals={"aws:PrincipalType": "User"})], True),
    "all denied who are not of our organisation": ([endpoint(), deny(action="*", StringNotEquals={"aws:PrincipalOrgID": ORG})], False),
    "all denied if the organisation is there and another": ([endpoint(), deny(action="*", StringNotEqualsIfExists={"aws:PrincipalOrgID": ORG})], False),
    "all denied to resources elsewhere": ([endpoint(), deny(action="*", StringNotEquals={"aws:ResourceOrgID": ORG})], False),
    "one action denied": ([endpoint(), deny(action="s3:PutObject", StringNotEquals={"aws:PrincipalOrgID": ORG})], True),
    "named principals": ([allow({"AWS": STRANGER}, "*")], False),
}


@pytest.mark.parametrize(("policy", "expected"), THROUGH_AN_ENDPOINT.values(), ids=THROUGH_AN_ENDPOINT)
def test_an_endpoint_s_policy_lets_out_to_whom_it_lets_out(policy: list[dict[str, Any]], *, expected: bool) -> None:
    document = document_of(policy)
    assert any(reaches_out(one, denials_of(document)) for one in statements(document)) is expected
