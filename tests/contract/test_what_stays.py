"""An alert never says that the problem was put right of a resource where somebody from outside is let in still, by something that the fix was not for."""

import json
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from functions.accessanalyzer.remove_external_access import remediation as removes
from snapback.engine import ocsf
from tests.contract.conftest import Broken, broken_by
from tests.harness.account import Account
from tests.harness.discovery import FIXERS, Handler

STRANGER = "999999999999"
SHARING = {name for name in removes.named_by if " " not in name}
HEAR_IT_TOO = [
    *(one for one in FIXERS if one.remediation is not removes and {*one.remediation.named_by} & SHARING and one.stem != "enable_key_rotation"),
    Handler("ssm", "restrict_document"),
]
"""The remediations that are woken by a call by which somebody from outside can be let in; of CreateKey all but the policy is another matter."""


def with_a_stranger(document: str, resource: str) -> str:
    policy = json.loads(document)
    policy["Statement"].append(
        {"Sid": "Partner", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{STRANGER}:root"}, "Action": "*", "Resource": resource}
    )
    return json.dumps(policy)


def let_in(broken: Broken) -> None:
    """Let in a stranger besides, by the resource's own calls."""
    name = broken.resource
    match broken.handler.service, broken.handler.stem:
        case "s3", _:
            s3 = boto3.client("s3")
            s3.put_bucket_policy(Bucket=name, Policy=with_a_stranger(_bucket_policy(name), f"arn:aws:s3:::{name}/*"))
        case "kms", _:
            kms = boto3.client("kms")
            kms.put_key_policy(KeyId=name, PolicyName="default", Policy=with_a_stranger(kms.get_key_policy(KeyId=name, PolicyName="default")["Policy"], "*"))
        case "secretsmanager", _:
            secrets = boto3.client("secretsmanager")
            secrets.put_resource_policy(SecretId=name, ResourcePolicy=with_a_stranger(secrets.get_resource_policy(SecretId=name)["ResourcePolicy"], "*"))
        case "awslambda", _:
            boto3.client("lambda").add_permission(FunctionName=name, StatementId="Partner", Action="lambda:InvokeFunction", Principal=STRANGER)
        case "ec2", "restrict_image":
            boto3.client("ec2").modify_image_attribute(ImageId=name, LaunchPermission={"Add": [{"UserId": STRANGER}]})
        case "ec2", "restrict_snapshot":
            sharing: Any = {"Attribute": "createVolumePermission", "OperationType": "add"}
            boto3.client("ec2").modify_snapshot_attribute(SnapshotId=name, UserIds=[STRANGER], **sharing)
        case "rds", _:
            rds = boto3.client("rds")
            rds.modify_db_snapshot_attribute(DBSnapshotIdentifier=name.rpartition(":")[2], AttributeName="restore", ValuesToAdd=[STRANGER])
        case "ssm", _:
            boto3.client("ssm").modify_document_permission(Name=name, PermissionType="Share", AccountIdsToAdd=[STRANGER])
        case other:
            pytest.fail(f"say here how a stranger is let in: {other}")


def _bucket_policy(name: str) -> str:
    try:
        return boto3.client("s3").get_bucket_policy(Bucket=name)["Policy"]
    except boto3.client("s3").exceptions.ClientError:
        return '{"Version": "2012-10-17", "Statement": []}'


@pytest.fixture(params=HEAR_IT_TOO, ids=str)
def broken(request: pytest.FixtureRequest, account: Account, monkeypatch: pytest.MonkeyPatch) -> Broken:
    return broken_by(request.param, account, monkeypatch)


def test_whoever_is_let_in_still_is_named_in_the_alert_of_the_fix(broken: Broken) -> None:
    let_in(broken)
    assert broken.deliver() == ["FIXED"]
    [alert] = broken.account.alerts()
    assert STRANGER in alert["reason"]
    assert not alert["text"].startswith("Fixed:")
    assert "something stays" in alert["text"].partition("\n")[0]
    assert alert["needs_person"], "nobody else takes it away"
    assert alert["text"].index("DO FIRST\n  Look at what stays") < alert["text"].index("snapback undo"), "and nobody is to bring back the rest"
    event = ocsf.event_of({part: value for part, value in alert.items() if part not in ("subject", "text")})
    assert event["status"] != "Resolved", "a tracker closes nothing"


def test_where_only_ours_are_let_in_the_problem_was_put_right(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_ACCOUNTS", "222233334444,444455556666,777788889999,999999999999")  # whoever is let in beside the problem in the scenarios
    assert broken.deliver() == ["FIXED"]
    [alert] = broken.account.alerts()
    assert alert["text"].startswith("Fixed:")
    assert alert["reason"] == ""


@pytest.mark.parametrize(("code", "outcomes"), [("AccessDenied", ["FIXED"]), ("Throttling", [])])
def test_that_it_cannot_be_seen_is_said_and_does_not_make_the_fix_doubtful(
    code: str, outcomes: list[str], account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = broken_by(Handler("s3", "block_public_bucket"), account, monkeypatch)

    def unseen(_: str) -> str:
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "GetBucketPolicy")

    assert account.deliver(replace(broken.remediation, stays=unseen), broken.event()) == outcomes
    if not outcomes:
        assert broken.deliver() == ["FIXED"], "the retry finds out"
    else:
        assert "cannot be seen" in account.alerts()[0]["reason"]
