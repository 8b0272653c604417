"""Words for the calls by which outsiders get access: which resource a record names, and whom it lets in, by what it says itself.

Access Analyzer finds out within half an hour, where there is one; the record of the call comes within seconds. Whoever hears every call that puts a policy has
to know soon that nearly all of them let in nobody: so the record is asked first, and only what it shares with outsiders is looked at.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from snapback.awslambda.lambda_functions import named_function
from snapback.ec2 import disk_shares
from snapback.engine import settings
from snapback.engine.errors import NothingLeft
from snapback.engine.events import request_of, spelled_alike, without_date, without_wrappers
from snapback.engine.names import name_in, partition_of
from snapback.policies.documents import listed
from snapback.policies.openings import Judge, let_in_by
from snapback.policies.principals import EVERYBODY, account_of, own_account, trusted_accounts
from snapback.policies.verdicts import outsiders
from snapback.rds import databases
from snapback.s3.log_delivery import outsiders_of_bucket

Record = Mapping[str, Any]
"""A CloudTrail record, as the tables of the handlers spell it."""


class Call(NamedTuple):
    """How one call that may share a resource is read."""

    resource: Callable[[Record], str]
    """Returns the resource's part of its ARN, from the service on: `sqs:us-east-1:111122223333:orders`."""
    let_in: Callable[[Record], Sequence[str]]
    """Returns the outsiders whom the call lets in, by its record."""
    leaves_everybody: bool = False
    """Another remediation closes the same resource to everybody, at once and from the same record: only those who are named are left to this one."""


def shared_with_outsiders(record: Record) -> str:
    """Return the ARN of the resource that the call shares with somebody outside; raise `NothingLeft` if it shares nothing with anybody outside.

    Of a record without its request nobody can tell, so the resource is looked at, if the record names it all the same.
    """
    call = _call(record)
    arn = f"arn:{partition_of(record['awsRegion'])}:{call.resource(record)}"
    if _is_made_by_a_service(record) or (_has_request(record) and not let_in(record)):
        raise NothingLeft("it lets in nobody from outside")
    return arn


def let_in(record: Record) -> list[str]:
    """Return the outsiders whom the call lets in, as policies name them, by its record; without everybody, where that is another remediation's."""
    call = _call(record)
    return [_as_policies_name(one) for one in call.let_in(record) if one != EVERYBODY or not call.leaves_everybody]


def opened(record: Record) -> list[dict[str, Any]]:
    """Return whom a call let in from outside, as a part of the evidence, where no other remediation tells that a resource was open for a moment."""
    spelled = {**without_wrappers(str(record["eventName"]), spelled_alike(record))}
    told_by_another = _call(spelled).leaves_everybody and "bucketPolicy" not in (spelled.get("requestParameters") or {})
    if told_by_another or _is_made_by_a_service(spelled) or not _has_request(spelled):
        return []
    found = let_in(spelled)
    return [{"LetsIn": found}] if found else []


def _as_policies_name(principal: str) -> str:
    """Return the root of an account, for its number alone."""
    return f"arn:{settings.text('ROLE_ARN').split(':')[1]}:iam::{principal}:root" if re.fullmatch(r"\d{12}", principal) else principal


def _call(record: Record) -> Call:
    service = str(record["eventSource"]).split(".", maxsplit=1)[0]
    return _CALLS[service][without_date(str(record["eventName"]))]


def _has_request(record: Record) -> bool:
    request = record.get("requestParameters")
    return isinstance(request, Mapping) and not request.get("omitted")


def _is_made_by_a_service(record: Record) -> bool:
    """Tell whether a service of AWS has made a grant in somebody's name, as it does all day for the keys that it is to use.

    https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#grant-concepts
    """
    return record["eventName"] == "CreateGrant" and bool((record.get("userIdentity") or {}).get("invokedBy"))


def _here(record: Record) -> str:
    return f"{record['awsRegion']}:{own_account()}"


def _part(arn_or_name: str, separator: str = ":") -> str:
    return arn_or_name.rsplit(separator, 1)[-1]


def _by_policy(path: str, judge: Judge = outsiders) -> Callable[[Record], list[str]]:
    """Return what reads whom the policy lets in that stands at that place of a request: a text, or in S3's records an object."""

    def read(record: Record) -> list[str]:
        found: Any = request_of(record)
        for step in path.split("."):
            found = (found or {}).get(step)
        document = json.dumps(_as_written(found)) if isinstance(found, Mapping) else found
        return [name for one in let_in_by(document, judge) for name in one["LetsIn"]]

    return read


def _as_written(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a policy that stands in a record as an object with its elements as IAM spells them; the keys of conditions are read in any case."""
    if isinstance(value, Mapping):
        return {f"{key[:1].upper()}{key[1:]}": _as_written(inner) for key, inner in value.items()}
    return [_as_written(inner) for inner in value] if isinstance(value, list) else value


def _strangers(names: object) -> list[str]:
    """Return those of accounts and principals that are not of the trusted accounts; what names no account is everybody, or a service."""
    given = [str(one) for one in listed(names)]
    return [one for one in given if one == EVERYBODY or account_of(one) not in {"", *trusted_accounts()}]


def _by_accounts(*members: str) -> Callable[[Record], list[str]]:
    return lambda record: [one for member in members for one in _strangers(request_of(record).get(member) or [])]


def _by_statement(record: Record) -> list[str]:
    """Return whom a permission lets in that is added to a function, layer or bus: a principal, and perhaps the organisation it is narrowed down to."""
    request = request_of(record)
    if request.get("policy"):
        return _by_policy("policy")(record)
    principal = request.get("principal")
    given = request.get("condition") or {}
    organization = request.get("principalOrgID") or request.get("organizationId") or (given.get("value") if isinstance(given, Mapping) else None)
    asked = {
        "StringEquals": {
            **({"aws:PrincipalOrgID": organization} if organization else {}),
            **({"aws:SourceAccount": request["sourceAccount"]} if request.get("sourceAccount") else {}),
        },
        "ArnLike": {"aws:SourceArn": request["sourceArn"]} if request.get("sourceArn") else {},
        "Bool": {"lambda:InvokedViaFunctionUrl": "true"} if request.get("invokedViaFunctionUrl") else {},
    }
    if request.get("functionUrlAuthType") == "NONE" or request.get("invokedViaFunctionUrl"):
        return []  # it counts only for the URL, which require_url_auth closes
    statement = {
        "Effect": "Allow",
        "Principal": EVERYBODY if principal == EVERYBODY else {"AWS": principal},
        "Action": request.get("action", "*"),
        "Condition": {operator: keys for operator, keys in asked.items() if keys},
    }
    return list(outsiders(statement))


def _by_disk(permission: str) -> Callable[[Record], list[str]]:
    return lambda record: [EVERYBODY if one == disk_shares.EVERYBODY else next(iter(one.values())) for one in disk_shares.strangers_added(record, permission)]


def _by_database(record: Record) -> list[str]:
    return [EVERYBODY if one == databases.EVERYBODY else one["Restore"] for one in databases.strangers_added(record)]


def _key(record: Record) -> str:
    """Return the key; CreateKey names it only in its answer."""
    name = (record.get("responseElements") or {}).get("keyMetadata", {}).get("keyId") if "CreateKey" in record["eventName"] else None
    return f"kms:{_here(record)}:key/{_part(name or record['requestParameters']['keyId'], '/')}"


def _queue(record: Record) -> str:
    """Return the queue, by its URL: `https://sqs.us-east-1.amazonaws.com/111122223333/orders`."""
    request, answer = (record.get(part) or {} for part in ("requestParameters", "responseElements"))
    url = request.get("queueUrl") or answer.get("queueUrl") or f"{own_account()}/{request['queueName']}"
    return f"sqs:{record['awsRegion']}:{':'.join(url.split('/')[-2:])}"


def _topic(record: Record) -> str:
    request, answer = (record.get(part) or {} for part in ("requestParameters", "responseElements"))
    arn = request.get("topicArn") or answer.get("topicArn")
    return str(arn).split(":", 2)[2] if arn else f"sns:{_here(record)}:{request['name']}"


def _secret(record: Record) -> str:
    """Return the secret: by the answer, as a request may name it by its name alone."""
    arn = (record.get("responseElements") or {}).get("aRN") or (record.get("responseElements") or {}).get("arn")
    named: str = arn or record["requestParameters"]["secretId"]
    return named.split(":", 2)[2] if named.startswith("arn:") else f"secretsmanager:{_here(record)}:secret:{named}"


def _function(record: Record) -> str:
    request = record["requestParameters"]
    named = request["resourceArn"] if "resourceArn" in request else named_function(record)
    return f"lambda:{_here(record)}:function:{name_in('AWS::Lambda::Function', named)}"


def _layer(record: Record) -> str:
    request = record["requestParameters"]
    return f"lambda:{_here(record)}:layer:{_part(request['layerName'])}:{request['versionNumber']}"


def _bus(record: Record) -> str:
    """Return the bus; a request that names none is about the default one."""
    request = record["requestParameters"]
    named = request["eventBusName"] if request.get("omitted") else request.get("eventBusName")
    return f"events:{_here(record)}:event-bus/{_part(named or 'default', '/')}"


def _database_snapshot(member: str, kind: str) -> Callable[[Record], str]:
    """Return what reads the snapshot, which may be named by its ARN; names have colons of their own: `rds:orders-2026-11-24`."""
    return lambda record: f"rds:{_here(record)}:{kind}:{re.sub(rf'^arn:.*?:{kind}:', '', record['requestParameters'][member])}"


def _by_topic_attribute(record: Record) -> list[str]:
    request = request_of(record)
    return _by_policy("attributeValue")(record) if request.get("attributeName") == "Policy" else []


_POLICY_OF_ATTRIBUTES: Final = _by_policy("attributes.policy")

_CALLS: Final[Mapping[str, Mapping[str, Call]]] = {
    "backup": {
        "PutBackupVaultAccessPolicy": Call(
            lambda record: f"backup:{_here(record)}:backup-vault:{record['requestParameters']['backupVaultName']}", _by_policy("policy")
        ),
    },
    "dynamodb": {"PutResourcePolicy": Call(lambda record: record["requestParameters"]["resourceArn"].split(":", 2)[2], _by_policy("policy"))},
    "ec2": {
        "ModifyImageAttribute": Call(
            lambda record: f"ec2:{record['awsRegion']}::image/{record['requestParameters']['imageId']}", _by_disk("launchPermission"), leaves_everybody=True
        ),
        "ModifySnapshotAttribute": Call(
            lambda record: f"ec2:{record['awsRegion']}::snapshot/{record['requestParameters']['snapshotId']}",
            _by_disk("createVolumePermission"),
            leaves_everybody=True,
        ),
    },
    "ecr": {
        "SetRepositoryPolicy": Call(lambda record: f"ecr:{_here(record)}:repository/{record['requestParameters']['repositoryName']}", _by_policy("policyText")),
    },
    "elasticfilesystem": {
        "PutFileSystemPolicy": Call(
            lambda record: f"elasticfilesystem:{_here(record)}:file-system/{_part(record['requestParameters']['fileSystemId'], '/')}", _by_policy("policy")
        ),
    },
    "events": {"PutPermission": Call(_bus, _by_statement)},
    "kms": {
        "CreateGrant": Call(_key, _by_accounts("granteePrincipal")),
        "CreateKey": Call(_key, _by_policy("policy"), leaves_everybody=True),
        "PutKeyPolicy": Call(_key, _by_policy("policy"), leaves_everybody=True),
    },
    "lambda": {
        "AddLayerVersionPermission": Call(_layer, _by_statement),
        "AddPermission": Call(_function, _by_statement, leaves_everybody=True),
        "PutResourcePolicy": Call(_function, _by_policy("policy"), leaves_everybody=True),
    },
    "rds": {
        "ModifyDBClusterSnapshotAttribute": Call(_database_snapshot("dBClusterSnapshotIdentifier", "cluster-snapshot"), _by_database, leaves_everybody=True),
        "ModifyDBSnapshotAttribute": Call(_database_snapshot("dBSnapshotIdentifier", "snapshot"), _by_database, leaves_everybody=True),
    },
    "s3": {
        "PutBucketPolicy": Call(
            lambda record: f"s3:::{record['requestParameters']['bucketName']}", _by_policy("bucketPolicy", outsiders_of_bucket), leaves_everybody=True
        ),
    },
    "secretsmanager": {"PutResourcePolicy": Call(_secret, _by_policy("resourcePolicy"), leaves_everybody=True)},
    "sns": {
        "AddPermission": Call(_topic, _by_accounts("aWSAccountId", "aWSAccountIds")),
        "CreateTopic": Call(_topic, _POLICY_OF_ATTRIBUTES),
        "SetTopicAttributes": Call(_topic, _by_topic_attribute),
    },
    "sqs": {
        "AddPermission": Call(_queue, _by_accounts("aWSAccountId", "aWSAccountIds")),
        "CreateQueue": Call(_queue, _POLICY_OF_ATTRIBUTES),
        "SetQueueAttributes": Call(_queue, _POLICY_OF_ATTRIBUTES),
    },
}
"""Service -> call -> how its record is read. Where no real record was seen, the members are called after the API's; test_shapes.py reads each in every form."""

CALLS: Final = tuple(sorted({name for calls in _CALLS.values() for name in calls}))
