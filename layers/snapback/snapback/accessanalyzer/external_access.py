"""Words for access from outside, to resources of many types: a table that says for each type how it is read, cut down and brought back.

Outside is everybody who is not of the trusted accounts (`policies.verdicts.outsiders`). Access Analyzer names a resource by its ARN; what the calls of each
type need of it is found there. Types that are not in the table are left to people.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-resources.html
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError

from snapback.awslambda.lambda_functions import add_permissions, function_policy, permission_of_layer, remove_permissions, wrong_permissions
from snapback.ec2.disk_shares import is_outside
from snapback.engine.clients import aws
from snapback.engine.errors import OnlyPeople
from snapback.engine.fixes import Evidence
from snapback.engine.names import shown
from snapback.engine.refusals import all_or_each, is_gone, none_if, sharing_with_everybody, try_each
from snapback.kms import kms_keys
from snapback.policies.documents import statements
from snapback.policies.openings import as_it_was, closed, openings
from snapback.policies.principals import account_of, own_account, trusted_accounts
from snapback.policies.verdicts import denials_of, doubtful, outsiders
from snapback.s3 import buckets
from snapback.s3.log_delivery import outsiders_of_bucket
from snapback.secretsmanager import secrets


@dataclass(frozen=True)
class Kind:
    """How one type of resource is handled; each function gets what the type's calls know it by."""

    setting: Callable[[str], Any]
    """Who has access, as a whole."""
    wrong: Callable[[str], Evidence]
    """The access that outsiders have. Raises `OnlyPeople` for what surely is theirs and cannot be taken back exactly."""
    cut_down: Callable[[str, Any], object]
    bring_back: Callable[[str, Any], object]
    doubt: Callable[[str], str] = lambda _: ""
    """What else lets in somebody of whom only Access Analyzer says that they are outsiders; nothing if there is nothing like that."""


def kind_of(arn: str) -> tuple[Kind, str]:
    """Return how the resource is handled and what its calls know it by; raise `OnlyPeople` if it is of a type that is not."""
    for form, kind in _KINDS.items():
        if found := re.fullmatch(form, arn):
            return kind, found[1]
    raise OnlyPeople(f"it can be reached from outside. Look at the finding and at {shown(arn)}, and take away what is not meant")


def access(arn: str) -> Any:  # noqa: ANN401 - a policy's text, or a list
    """Return who has access to the resource, as a whole."""
    kind, name = kind_of(arn)
    return kind.setting(name)


def outside_access(arn: str) -> Evidence:
    """Return the access that outsiders have."""
    kind, name = kind_of(arn)
    return kind.wrong(name)


def take_away(arn: str, wrong: Evidence) -> None:
    """Take just that away."""
    kind, name = kind_of(arn)
    kind.cut_down(name, wrong)


def give_back(arn: str, wrong: Evidence) -> None:
    """Undo `take_away`."""
    kind, name = kind_of(arn)
    kind.bring_back(name, wrong)


def doubtful_access(arn: str) -> str:
    """Return why it may be that outsiders have access, where nobody can tell but Access Analyzer, which has found some; nothing if nothing speaks for it."""
    kind, name = kind_of(arn)
    return kind.doubt(name)


def _doubt(document: str | None) -> str:
    """Return what to say of a policy of which nobody can tell whether it lets in outsiders: the finding is there, so it may."""
    denials = denials_of(document)
    if not any(doubtful(statement, denials) for statement in statements(document or "{}")):
        return ""
    return (
        "it lets in everybody from an organisation, network or resource of which Snapback cannot tell whether it is yours: "
        "if it is, archive the finding (and set OrganizationId, if it is your organisation); if it is not, take it out of the policy"
    )


def _of_key(key: str) -> Evidence:
    """Return the key's policy if it lets in outsiders; raise `OnlyPeople` if only a grant does: one that is revoked cannot be given again as it was."""
    found = openings(kms_keys.key_policy(key), outsiders)
    strangers = [] if found else [name for name in kms_keys.grantees(key) if account_of(name) not in {"", *trusted_accounts()}]
    if strangers:
        raise OnlyPeople(
            f"a grant lets {shown(', '.join(strangers))} use the key: if that is not meant, revoke it (kms:RevokeGrant), which cannot be taken back"
        )
    return found


def _doubt_about_bucket(bucket: str) -> str:
    """Return what to say of a bucket whose ACL or access points let in others."""
    if said := _doubt(buckets.bucket_policy(bucket)):
        return said
    if buckets.is_shared_by_acl(bucket):
        return "its ACL gives access to others than its owner: take that out, or switch ACLs off (BucketOwnerEnforced)"
    for point, document in buckets.access_point_policies(bucket).items():
        denials = denials_of(document)
        if any(judge(statement, denials) for statement in statements(document) for judge in (outsiders, doubtful)):
            return f"the policy of its access point {shown(point)} lets in others: take out of it whom it is not meant for"
    return ""


def _by_policy(read: Callable[[str], str | None], put: Callable[[str, str | None], object]) -> Kind:
    """Return how a resource is handled whose policy is read and put as a whole."""
    return Kind(
        setting=read,
        wrong=lambda name: openings(read(name), outsiders),
        cut_down=lambda name, seen: put(name, closed(read, name, seen, outsiders)),
        bring_back=lambda name, seen: put(name, as_it_was(seen)),
        doubt=lambda name: _doubt(read(name)),
    )


def _queue_policy(name: str) -> str | None:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html."""
    answer = aws("sqs").get_queue_attributes(QueueUrl=_queue_url(name), AttributeNames=["Policy"])
    return answer.get("Attributes", {}).get("Policy")


def _put_queue_policy(name: str, document: str | None) -> None:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html."""
    aws("sqs").set_queue_attributes(QueueUrl=_queue_url(name), Attributes={"Policy": document or ""})  # nothing removes it


def _queue_url(name: str) -> str:
    return aws("sqs").get_queue_url(QueueName=name)["QueueUrl"]


def _repository_policy(name: str) -> str | None:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetRepositoryPolicy.html."""
    return none_if("RepositoryPolicyNotFoundException", lambda: aws("ecr").get_repository_policy(repositoryName=name)["policyText"])


def _put_repository_policy(name: str, document: str | None) -> None:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html."""
    if document is None:
        aws("ecr").delete_repository_policy(repositoryName=name)
    else:
        aws("ecr").set_repository_policy(repositoryName=name, policyText=document)


def _topic_policy(arn: str) -> str | None:
    """https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html."""
    return aws("sns").get_topic_attributes(TopicArn=arn)["Attributes"].get("Policy")


def _put_topic_policy(arn: str, document: str | None) -> None:
    """Put the policy; where nothing is left of it, one that lets in this account alone, as nothing removes it.

    https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html
    """
    actions = "AddPermission DeleteTopic GetTopicAttributes ListSubscriptionsByTopic Publish RemovePermission SetTopicAttributes Subscribe"
    owner = {
        "Sid": "Owner",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{arn.split(':')[1]}:iam::{own_account()}:root"},
        "Action": [f"SNS:{action}" for action in actions.split()],
        "Resource": arn,
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": [owner]}) if document is None else document
    aws("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=text)


def _bus_policy(name: str) -> str | None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeEventBus.html."""
    return aws("events").describe_event_bus(Name=name).get("Policy")


def _put_bus_policy(name: str, document: str | None) -> None:
    """Put the policy as a whole, or remove it where nothing is left of it.

    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html
    """
    if document is None:
        aws("events").remove_permission(EventBusName=name, RemoveAllPermissions=True)
    else:
        aws("events").put_permission(EventBusName=name, Policy=document)


def _launchers(image: str) -> list[dict[str, str]]:
    """Return who may launch the image: `Group`, `UserId`, `OrganizationArn` or `OrganizationalUnitArn` each.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchPermission.html
    """
    found = aws("ec2").describe_image_attribute(ImageId=image, Attribute="launchPermission")["LaunchPermissions"]
    return sorted(({part: str(value) for part, value in one.items()} for one in found), key=lambda one: sorted(one.items()))


def _launch(operation: str, image: str, others: Sequence[dict[str, str]]) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyImageAttribute.html."""
    permission: Any = {operation: list(others)}
    aws("ec2").modify_image_attribute(ImageId=image, LaunchPermission=permission)


def _let_launch_again(image: str, others: Sequence[dict[str, str]]) -> None:
    """Let the accounts launch it, and apart from them everybody: that may be blocked."""

    def share_with(some: Sequence[dict[str, str]]) -> None:
        if "Group" not in some[0]:
            all_or_each(some, lambda few: _launch("Add", image, few))
            return
        with sharing_with_everybody("the image", blocked_by="block_public_images"):
            _launch("Add", image, some)

    kinds = [[one for one in others if ("Group" in one) is is_everybody] for is_everybody in (False, True)]
    try_each([some for some in kinds if some], share_with)


def _layer_policy(layer: str) -> str | None:
    """Return the text of the policy of a layer's version (`tools:3`). https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersionPolicy.html."""
    try:
        return aws("lambda").get_layer_version_policy(**_of_layer(layer))["Policy"]
    except ClientError as error:
        if not is_gone(error):
            raise
        aws("lambda").get_layer_version(**_of_layer(layer))  # of a missing policy Lambda says what it says of a missing version
        return None


def _of_layer(layer: str) -> Any:  # noqa: ANN401 - the parameters that name a version in every call
    name, _, version = layer.rpartition(":")
    return {"LayerName": name, "VersionNumber": int(version)}


def _of_layer_version(layer: str) -> Evidence:
    """Return the statements that let in outsiders, each as it has to be added again; raise `OnlyPeople` if one of them could not be."""
    denials = denials_of(document := _layer_policy(layer))
    return [permission_of_layer(one) for one in statements(document or "{}") if outsiders(one, denials)]


def _share_layer_no_more(layer: str, others: Sequence[Any]) -> None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_RemoveLayerVersionPermission.html."""
    try_each(others, lambda one: aws("lambda").remove_layer_version_permission(**_of_layer(layer), StatementId=one["StatementId"]))


def _share_layer_again(layer: str, others: Sequence[Any]) -> None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_AddLayerVersionPermission.html."""
    there = {one.get("Sid") for one in statements(_layer_policy(layer) or "{}")}
    missing = [one for one in others if one["StatementId"] not in there]
    try_each(missing, lambda one: aws("lambda").add_layer_version_permission(**_of_layer(layer), **one))


def _shared_with(snapshot: str) -> list[dict[str, str]]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSnapshotAttribute.html."""
    answer = aws("ec2").describe_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")
    found = [{"Group": str(one["Group"])} if "Group" in one else {"UserId": one["UserId"]} for one in answer["CreateVolumePermissions"]]
    return sorted(found, key=lambda one: sorted(one.items()))


def _share(operation: Any, snapshot: str, others: Sequence[dict[str, str]]) -> None:  # noqa: ANN401 - add or remove
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySnapshotAttribute.html."""
    groups, users = ([one[key] for one in others if key in one] for key in ("Group", "UserId"))
    parts: dict[str, Any] = {**({"GroupNames": groups} if groups else {}), **({"UserIds": users} if users else {})}
    aws("ec2").modify_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission", OperationType=operation, **parts)


def _share_no_more(snapshot: str, others: Sequence[dict[str, str]]) -> None:
    all_or_each(others, lambda some: _share("remove", snapshot, some))


def _share_again(snapshot: str, others: Sequence[dict[str, str]]) -> None:
    """Share it with the accounts, and apart from them with everybody: that may be blocked."""

    def share_with(some: Sequence[dict[str, str]]) -> None:
        if "UserId" in some[0]:
            all_or_each(some, lambda few: _share("add", snapshot, few))
            return
        with sharing_with_everybody("the snapshot", blocked_by="block_public_snapshots"):
            _share("add", snapshot, some)

    kinds = [[one for one in others if kind in one] for kind in ("UserId", "Group")]
    try_each([some for some in kinds if some], share_with)


def _database_snapshot(what: str) -> Kind:
    """Return how a snapshot of a DB instance (`DBSnapshot`) or cluster (`DBClusterSnapshot`) is handled; the calls for the two are alike but for the name.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBSnapshotAttribute.html
    """
    call = what.replace("DB", "db_").replace("ClusterSnapshot", "cluster_snapshot").replace("Snapshot", "snapshot")

    def restorers(name: str) -> list[str]:
        result = getattr(aws("rds"), f"describe_{call}_attributes")(**{f"{what}Identifier": name})[f"{what}AttributesResult"]
        return sorted(value for one in result[f"{what}Attributes"] if one["AttributeName"] == "restore" for value in one["AttributeValues"])

    def modify(direction: str, name: str, others: Sequence[dict[str, str]]) -> None:
        send = partial(getattr(aws("rds"), f"modify_{call}_attribute"), **{f"{what}Identifier": name}, AttributeName="restore")
        all_or_each(others, lambda some: send(**{f"ValuesTo{direction}": [one["MayRestore"] for one in some]}))

    return Kind(
        setting=restorers,
        wrong=lambda name: [{"MayRestore": value} for value in restorers(name) if value not in trusted_accounts()],
        cut_down=partial(modify, "Remove"),
        bring_back=partial(modify, "Add"),
    )


_KEY = Kind(
    setting=kms_keys.key_policy,
    wrong=_of_key,
    cut_down=lambda key, seen: kms_keys.put_key_policy(key, kms_keys.still_managed(closed(kms_keys.key_policy, key, seen, outsiders))),
    bring_back=lambda key, seen: kms_keys.put_key_policy(key, as_it_was(seen)),
    doubt=lambda key: _doubt(kms_keys.key_policy(key)),
)

_BUCKET = Kind(
    setting=buckets.bucket_policy,
    wrong=lambda bucket: openings(buckets.bucket_policy(bucket), outsiders_of_bucket),
    cut_down=lambda bucket, seen: buckets.put_policy(bucket, closed(buckets.bucket_policy, bucket, seen, outsiders_of_bucket)),
    bring_back=lambda bucket, seen: buckets.put_policy(bucket, as_it_was(seen)),
    doubt=_doubt_about_bucket,
)

_FUNCTION = Kind(
    setting=function_policy,
    wrong=lambda function: wrong_permissions(function, outsiders),
    cut_down=remove_permissions,
    bring_back=add_permissions,
)

_SNAPSHOT = Kind(
    setting=_shared_with,
    wrong=lambda snapshot: [one for one in _shared_with(snapshot) if one.get("UserId") not in trusted_accounts()],
    cut_down=_share_no_more,
    bring_back=_share_again,
)

_IMAGE = Kind(
    setting=_launchers,
    wrong=lambda image: [one for one in _launchers(image) if is_outside(one)],
    cut_down=lambda image, others: all_or_each(others, lambda some: _launch("Remove", image, some)),
    bring_back=_let_launch_again,
)

_LAYER = Kind(setting=_layer_policy, wrong=_of_layer_version, cut_down=_share_layer_no_more, bring_back=_share_layer_again)

_KINDS: Final = {
    r"arn:aws[a-z-]*:ec2:[^:]*:[^:]*:image/(.+)": _IMAGE,
    r"arn:aws[a-z-]*:ec2:[^:]*:[^:]*:snapshot/(.+)": _SNAPSHOT,
    r"arn:aws[a-z-]*:ecr:[^:]*:[^:]*:repository/(.+)": _by_policy(_repository_policy, _put_repository_policy),
    r"arn:aws[a-z-]*:events:[^:]*:[^:]*:event-bus/(.+)": _by_policy(_bus_policy, _put_bus_policy),
    r"arn:aws[a-z-]*:kms:[^:]*:[^:]*:key/(.+)": _KEY,
    r"arn:aws[a-z-]*:lambda:[^:]*:[^:]*:function:(.+)": _FUNCTION,
    r"arn:aws[a-z-]*:lambda:[^:]*:[^:]*:layer:(.+:[0-9]+)": _LAYER,
    r"arn:aws[a-z-]*:rds:[^:]*:[^:]*:cluster-snapshot:(.+)": _database_snapshot("DBClusterSnapshot"),
    r"arn:aws[a-z-]*:rds:[^:]*:[^:]*:snapshot:(.+)": _database_snapshot("DBSnapshot"),
    r"arn:aws[a-z-]*:s3:::([^/]+)": _BUCKET,
    r"(arn:aws[a-z-]*:secretsmanager:[^:]*:[^:]*:secret:.+)": _by_policy(secrets.secret_policy, secrets.put_secret_policy),
    r"(arn:aws[a-z-]*:sns:[^:]*:[^:]*:[^:]+)": _by_policy(_topic_policy, _put_topic_policy),
    r"arn:aws[a-z-]*:sqs:[^:]*:[^:]*:([^:/]+)": _by_policy(_queue_policy, _put_queue_policy),
}
"""Form of an ARN, with the part that its calls need -> how resources of this type are handled."""
