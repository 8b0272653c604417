"""Words for the policies of VPC endpoints: who may call a service through the endpoint, on top of what their own permissions say.

https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from snapback.engine.clients import aws
from snapback.engine.errors import OnlyPeople, StillChanging
from snapback.engine.names import partition_of
from snapback.policies.documents import Statement, listed, statements
from snapback.policies.globs import matches
from snapback.policies.openings import deleted, puttable
from snapback.policies.verdicts import Denials, denials_of, reaches_out

Wrong = Mapping[str, Any]
"""An open policy: {"PolicyDocument": its text, "Service": com.amazonaws.us-east-1.s3, "Account": the endpoint's owner, and if there are any "Deleted": ids
of principals that do not exist any more}."""

_OF_AWS: Final = re.compile(r"(cn\.)?com\.amazonaws\.(?!vpce\.)")
"""Services of AWS itself. Those of others (`com.amazonaws.vpce.…`) have no policies."""

_EVERYTHING: Final = re.compile(r"\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:\*(/\*)?")

_REPLICATION: Final = ("mgn-clients", "mgn-internal", "application-migration-service", "drs-clients", "drs-internal", "elastic-disaster-recovery")
"""Buckets of Application Migration and Elastic Disaster Recovery, between `aws-` and the region; each has one more for its hashes."""

_FIPS: Final = "-fips"
"""The end of a service's name at an endpoint that uses validated cryptography: it is the same service."""

_UNSIGNED: Final = "aws:PrincipalType"

_EXCEPTIONS: Final[Sequence[Mapping[str, Mapping[str, str]]]] = (
    {"Bool": {"aws:PrincipalIsAWSService": "true"}},
    {"StringEquals": {_UNSIGNED: "Anonymous"}},
)
"""Callers that have neither an account nor an organisation: services of AWS, and whoever does not sign (package mirrors in public buckets)."""


def policy_of(endpoint: str) -> str | None:
    """Return the text of the endpoint's policy, or None if it has none.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpoints.html
    """
    return _described(endpoint).get("PolicyDocument")


def open_policy(endpoint: str) -> list[Wrong]:
    """Return the policy, if it lets principals of any account reach any resource.

    Raises `StillChanging` while the endpoint is being made, and `OnlyPeople` where no condition is right for all that an account does.
    """
    found = _described(endpoint)
    document = found.get("PolicyDocument")
    if not document:  # there are no policies at endpoints for services that do not support them; nor is there one where there is no endpoint
        return []
    service, state = found["ServiceName"], found["State"].lower()
    if not _OF_AWS.match(service) or found.get("RequesterManaged") or state not in ("available", "partial", "pending"):
        return []
    denials = denials_of(document)
    if not any(_is_open(statement, denials) for statement in statements(document)):
        return []
    if state == "pending":
        raise StillChanging(f"{endpoint} is still being made")
    if _is_for("sts", service):
        raise OnlyPeople("whoever signs in with a web identity (pods of EKS) or SAML has no account yet when it calls STS: write this policy by hand")
    gone = deleted(document)
    return [{"PolicyDocument": document, "Service": service, "Account": found["OwnerId"], **({"Deleted": gone} if gone else {})}]


def restricted(wrong: Wrong, organization: str) -> str:
    """Return the policy in which every open statement is for the account's own principals, or for those of its organisation.

    Besides them stay services of AWS, unsigned calls, and through an endpoint for S3 the buckets to which services of AWS hand out links that accounts of
    theirs have signed: to read (https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html,
    https://docs.aws.amazon.com/mgn/latest/ug/Network-Requirements.html) and to answer CloudFormation, whose stack waits for it
    (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-vpce-bucketnames.html).
    """
    limit = {"StringEquals": {"aws:PrincipalOrgID": organization} if organization else {"aws:PrincipalAccount": wrong["Account"]}}
    document = json.loads(wrong["PolicyDocument"])
    denials = denials_of(wrong["PolicyDocument"])
    changed: list[Statement] = []
    for statement in statements(wrong["PolicyDocument"]):
        if not _is_open(statement, denials):
            changed.append(statement)
            continue
        nameless = {key: value for key, value in statement.items() if key != "Sid"}  # an Sid may stand only once
        others = [exception for exception in _EXCEPTIONS if _UNSIGNED not in str(statement.get("Condition")) or _UNSIGNED not in str(exception)]
        changed += [_with_condition(statement, limit), *(_with_condition(nameless, exception) for exception in others)]
        if _is_for("s3", wrong["Service"]):
            linked = {key: value for key, value in nameless.items() if key not in ("NotAction", "NotResource")}
            links = _links(wrong["Service"].split(".")[-2])
            changed += [{**linked, "Action": action, "Resource": objects} for action, objects in links.items() if _is_about(statement, action)]
    return json.dumps({**document, "Statement": changed})


def write_policy(endpoint: str, document: str) -> None:
    """Replace the endpoint's policy; without principals that do not exist any more, as AWS would refuse it.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpoint.html
    """
    aws("ec2").modify_vpc_endpoint(VpcEndpointId=endpoint, PolicyDocument=puttable(document) or document)


def _links(region: str) -> dict[str, list[str]]:
    """Return what is done by links that services of AWS have signed, and with which objects.

    ECR's image layers and the replication agents are read; what a custom resource or a wait condition answers is written, in the first case into a bucket
    whose name has the region without dashes.
    """
    replication = [f"aws-{bucket}{suffix}-{region}" for bucket in _REPLICATION for suffix in ("", "-hashes")]
    buckets = {
        "s3:GetObject": [f"prod-{region}-starport-layer-bucket", *replication, f"amazon-ssm-{region}"],
        "s3:PutObject": [f"cloudformation-custom-resource-response-{region.replace('-', '')}", f"cloudformation-waitcondition-{region}"],
    }
    return {action: [f"arn:{partition_of(region)}:s3:::{bucket}/*" for bucket in names] for action, names in buckets.items()}


def _is_about(statement: Statement, action: str) -> bool:
    """Tell whether the statement allows the action, by whatever pattern."""
    is_named = any(matches(str(one).lower(), action.lower()) for one in listed(statement.get("Action", statement.get("NotAction"))))
    return is_named is ("Action" in statement)


def _is_for(service: str, name: str) -> bool:
    """Tell whether an endpoint service of that name (`com.amazonaws.us-east-1.sts-fips`) is the service's."""
    return name.rpartition(".")[2].removesuffix(_FIPS) == service


def _described(endpoint: str) -> Mapping[str, Any]:
    return next(iter(aws("ec2").describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"]), {})


def _is_open(statement: Statement, denials: Denials) -> bool:
    """Tell whether the statement allows anybody to reach any resource. One for named resources (the buckets of a package mirror) was written with care."""
    is_about_all = "NotResource" in statement or any(_EVERYTHING.fullmatch(str(one)) for one in listed(statement.get("Resource")))
    return is_about_all and reaches_out(statement, denials)


def _with_condition(statement: Statement, more: Mapping[str, Mapping[str, str]]) -> Statement:
    condition = dict(statement.get("Condition") or {})
    for operator, keys in more.items():
        condition[operator] = {**condition.get(operator, {}), **keys}
    return {**statement, "Condition": condition}
