"""remove_external_access: each type of resource by its own calls, and what is of no known type goes to people."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest

from functions.accessanalyzer.remove_external_access import remediation
from snapback.accessanalyzer.external_access import access
from tests.harness.account import Account
from tests.harness.awslambda import lambda_functions
from tests.harness.discovery import Handler
from tests.harness.ec2 import images
from tests.harness.events import buses
from tests.harness.iam.deleted_principals import GONE, refused
from tests.harness.s3 import access_points
from tests.harness.s3.access_points import access_point
from tests.harness.scenario import ACCOUNT, REGION, Scenario, saying

access_points.as_on_aws()
buses.as_on_aws()
images.as_on_aws()
lambda_functions.as_on_aws()

FRIEND, STRANGER = "222233334444", "999999999999"
SETTINGS = {"TRUSTED_ACCOUNTS": FRIEND, "ORGANIZATION_ID": "o-abcdefghij"}
PLACE = f"{REGION}:{ACCOUNT}"


def allow(principal: object, action: str, sid: str = "Other", **more: object) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **more}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=1)


def queue(*statements: dict[str, Any], name: str = "orders") -> str:
    boto3.client("sqs").create_queue(QueueName=name, Attributes={"Policy": document(*statements)} if statements else {})
    return f"arn:aws:sqs:{PLACE}:{name}"


def key(*statements: dict[str, Any]) -> str:
    root = allow({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:*", "Root")
    return boto3.client("kms").create_key(Policy=document(root, *statements))["KeyMetadata"]["Arn"]


def secret(*statements: dict[str, Any]) -> str:
    client = boto3.client("secretsmanager")
    arn = client.create_secret(Name="prod/db", SecretString="hush")["ARN"]
    client.put_resource_policy(SecretId=arn, ResourcePolicy=document(*statements))
    return arn


def repository(*statements: dict[str, Any]) -> str:
    client = boto3.client("ecr")
    client.create_repository(repositoryName="snapback/sample")
    without_resource = [{part: value for part, value in one.items() if part != "Resource"} for one in statements]  # ECR wants none
    client.set_repository_policy(repositoryName="snapback/sample", policyText=document(*without_resource))
    return f"arn:aws:ecr:{PLACE}:repository/snapback/sample"


def bucket(*statements: dict[str, Any], name: str = "shared-data") -> str:
    client = boto3.client("s3")
    client.create_bucket(Bucket=name)
    client.delete_public_access_block(Bucket=name)
    on_it = [{**one, "Resource": f"arn:aws:s3:::{name}/*"} for one in statements]
    if on_it:
        client.put_bucket_policy(Bucket=name, Policy=document(*on_it))
    return f"arn:aws:s3:::{name}"


def function(*statements: dict[str, Any]) -> str:
    lambda_functions.function("snapback-sample-function")
    for statement in statements:
        principal = statement["Principal"] if statement["Principal"] == "*" else statement["Principal"]["AWS"]
        boto3.client("lambda").add_permission(
            FunctionName="snapback-sample-function", StatementId=statement["Sid"], Action=statement["Action"], Principal=principal
        )
    return f"arn:aws:lambda:{PLACE}:function:snapback-sample-function"


def snapshot(*users: str, groups: tuple[str, ...] = ()) -> str:
    ec2 = boto3.client("ec2")
    volume = ec2.create_volume(Size=1, AvailabilityZone=f"{REGION}a")["VolumeId"]
    name = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    shared: Any = {"SnapshotId": name, "Attribute": "createVolumePermission", "OperationType": "add"}
    ec2.modify_snapshot_attribute(**shared, UserIds=users, GroupNames=groups)
    return f"arn:aws:ec2:{REGION}::snapshot/{name}"


def database_snapshot(*accounts: str) -> str:
    rds = boto3.client("rds")
    rds.create_db_instance(DBInstanceIdentifier="orders", DBInstanceClass="db.t3.micro", Engine="mysql", MasterUsername="admin", MasterUserPassword="hush-hush")
    rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="snapback-sample-snapshot")
    rds.modify_db_snapshot_attribute(DBSnapshotIdentifier="snapback-sample-snapshot", AttributeName="restore", ValuesToAdd=list(accounts))
    return f"arn:aws:rds:{PLACE}:snapshot:snapback-sample-snapshot"


def cluster_snapshot(*accounts: str) -> str:
    rds = boto3.client("rds")
    rds.create_db_cluster(DBClusterIdentifier="orders", Engine="aurora-mysql", MasterUsername="admin", MasterUserPassword="hush-hush")
    rds.create_db_cluster_snapshot(DBClusterIdentifier="orders", DBClusterSnapshotIdentifier="snapback-sample-snapshot")
    rds.modify_db_cluster_snapshot_attribute(DBClusterSnapshotIdentifier="snapback-sample-snapshot", AttributeName="restore", ValuesToAdd=list(accounts))
    return f"arn:aws:rds:{PLACE}:cluster-snapshot:snapback-sample-snapshot"


def open_to(action: str) -> list[dict[str, Any]]:
    """Return a statement for two accounts of which one is trusted, one for everybody, and one for a service."""
    two = {"AWS": [f"arn:aws:iam::{FRIEND}:root", f"arn:aws:iam::{STRANGER}:root"]}
    return [allow(two, action, "Two"), allow("*", action, "All"), allow({"Service": "sns.amazonaws.com"}, action, "Service")]


def image(*users: str, groups: tuple[str, ...] = (), organization: str = "") -> str:
    ec2 = boto3.client("ec2")
    instance = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    name = ec2.create_image(InstanceId=instance, Name=f"image of {instance}")["ImageId"]
    others: Any = [*({"UserId": user} for user in users), *({"Group": group} for group in groups)]
    others += [{"OrganizationArn": organization}] if organization else []
    ec2.modify_image_attribute(ImageId=name, LaunchPermission={"Add": others})
    return f"arn:aws:ec2:{REGION}::image/{name}"


def topic(*statements: dict[str, Any], name: str = "snapback-sample-topic") -> str:
    sns = boto3.client("sns")
    arn = sns.create_topic(Name=name)["TopicArn"]
    if statements:
        sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=document(*({**one, "Resource": arn} for one in statements)))
    return arn


def bus(*statements: dict[str, Any], name: str = "snapback-sample-bus") -> str:
    events = boto3.client("events")
    arn = events.create_event_bus(Name=name)["EventBusArn"]
    if statements:
        events.put_permission(EventBusName=name, Policy=document(*({**one, "Resource": arn} for one in statements)))
    return arn


def layer(*principals: str, organization: str = "") -> str:
    client = boto3.client("lambda")
    version = client.publish_layer_version(LayerName="snapback-sample-layer", Content={"ZipFile": lambda_functions.code()})["Version"]
    named: Any = {"LayerName": "snapback-sample-layer", "VersionNumber": version}
    for principal in principals:
        narrowed: Any = {"OrganizationId": organization} if principal == "*" and organization else {}
        client.add_layer_version_permission(**named, StatementId=f"To{principal.strip('*')}", Action="lambda:GetLayerVersion", Principal=principal, **narrowed)
    return f"arn:aws:lambda:{PLACE}:layer:snapback-sample-layer:{version}"


def broken() -> str:
    queue(allow("*", "sqs:*"), name="another")
    key(allow({"AWS": STRANGER}, "kms:Decrypt"))
    secret(allow({"AWS": STRANGER}, "secretsmanager:GetSecretValue"))
    bucket(allow({"AWS": f"arn:aws:iam::{STRANGER}:root"}, "s3:GetObject"))
    stranger = {"AWS": f"arn:aws:iam::{STRANGER}:root"}
    snapshot(STRANGER)
    image(STRANGER)
    database_snapshot(STRANGER)
    cluster_snapshot(STRANGER)
    repository(allow(stranger, "ecr:BatchGetImage"))
    topic(allow(stranger, "SNS:Subscribe"))
    bus(allow(stranger, "events:PutEvents"))
    function(allow({"AWS": STRANGER}, CALL, "Partner"))
    layer(STRANGER)
    boto3.client("kms").create_grant(KeyId=key(), GranteePrincipal=f"arn:aws:iam::{STRANGER}:role/Reader", Operations=["Decrypt"])
    return queue(*open_to("sqs:SendMessage"), name="snapback-sample-queue")


def state(arn: str) -> dict[str, Any]:
    sqs = boto3.client("sqs")
    attributes = sqs.get_queue_attributes(QueueUrl=sqs.get_queue_url(QueueName=arn.rsplit(":", maxsplit=1)[-1])["QueueUrl"], AttributeNames=["All"])[
        "Attributes"
    ]
    policy = attributes.pop("Policy")
    attributes.pop("LastModifiedTimestamp", None)
    return {
        "policy": policy,
        "service": [one for one in json.loads(policy)["Statement"] if one["Sid"] == "Service"],
        "queue": attributes,
        "others": [access(other) for other in (f"arn:aws:sqs:{PLACE}:another", the_key(), the_secret(), "arn:aws:s3:::shared-data")],
    }


def the_key(*, granted: bool = False) -> str:
    """Return the key that is open by its policy, or by a grant."""
    kms = boto3.client("kms")
    keys = [one["KeyArn"] for one in kms.list_keys()["Keys"]]
    return next(one for one in keys if bool(kms.list_grants(KeyId=one)["Grants"]) is granted)


def the_secret() -> str:
    return boto3.client("secretsmanager").describe_secret(SecretId="prod/db")["ARN"]


scenario = Scenario(
    sample=f"arn:aws:sqs:{PLACE}:snapback-sample-queue",
    broken=broken,
    state=state,
    touched=frozenset({"policy"}),
    environment=SETTINGS,
    only_told=frozenset(f"remove_external_access-{kind}" for kind in ("filesystem", "grant", "table", "vault")),
    also_named=lambda _: {
        "snapback-sample-bucket": "shared-data",
        "1234abcd-12ab-34cd-56ef-1234567890ab": the_key().rpartition("/")[2],
        "9876fedc-98fe-76dc-54ba-0987654321fe": the_key(granted=True).rpartition("/")[2],
        "ami-0123456789abcdef0": boto3.client("ec2").describe_images(Owners=["self"])["Images"][0]["ImageId"],
        "snap-0123456789abcdef0": boto3.client("ec2").describe_snapshots(OwnerIds=["self"])["Snapshots"][0]["SnapshotId"],
        f"arn:aws:secretsmanager:{PLACE}:secret:snapback/sample-a1B2c3": the_secret(),
    },
)


def shared(arn: str) -> dict[str, Any]:
    """Return who has access; in which order a policy says so means nothing."""
    found = access(arn)
    return {"access": sorted(json.loads(found)["Statement"], key=repr) if isinstance(found, str) else found}


def several(broken: Callable[[], str]) -> Scenario:
    return replace(scenario, broken=broken, state=shared, touched=frozenset({"access"}), also_named=lambda _: {})


variants = {
    "a snapshot shared with several": several(lambda: snapshot(FRIEND, STRANGER, "888888888888", groups=("all",))),
    "a DB snapshot shared with several": several(lambda: database_snapshot(FRIEND, STRANGER, "all")),
    "a function shared with several": several(
        lambda: function(*(allow({"AWS": account}, "lambda:InvokeFunction", f"To{account}") for account in (STRANGER, "888888888888")))
    ),
}


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "enforce")
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


def event(arn: str) -> dict[str, Any]:
    found = Handler("accessanalyzer", "remove_external_access").samples["remove_external_access"]
    found["detail"]["resource"] = arn
    return found


@dataclass(frozen=True)
class Case:
    """A resource of one type that is open, with what is left of its access after the fix."""

    make: Callable[[], str]
    left: Callable[[Any], object]
    """What to compare of the access as a whole."""
    expected: object


def sids_and_names(policy: str) -> list[tuple[str, object]]:
    return [(one["Sid"], one["Principal"]) for one in json.loads(policy)["Statement"] if one["Sid"] != "Root"]


REST = [("Two", {"AWS": [f"arn:aws:iam::{FRIEND}:root"]}), ("Service", {"Service": "sns.amazonaws.com"})]
CALL = "lambda:InvokeFunction"
CASES = {
    "queue": Case(lambda: queue(*open_to("sqs:SendMessage")), sids_and_names, REST),
    "key": Case(lambda: key(*open_to("kms:Decrypt")), sids_and_names, REST),
    "secret": Case(lambda: secret(*open_to("secretsmanager:GetSecretValue")), sids_and_names, REST),
    "bucket": Case(lambda: bucket(*open_to("s3:GetObject")), sids_and_names, REST),
    "repository": Case(lambda: repository(*open_to("ecr:BatchGetImage")), sids_and_names, REST),
    "topic": Case(lambda: topic(*open_to("SNS:Subscribe")), sids_and_names, REST),
    "topic open and nothing else": Case(lambda: topic(allow("*", "SNS:Publish")), sids_and_names, [("Owner", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"})]),
    "bus": Case(lambda: bus(*open_to("events:PutEvents")), sids_and_names, REST),
    "bus open and nothing else": Case(lambda: bus(allow("*", "events:PutEvents")), lambda policy: policy, None),
    "layer": Case(lambda: layer(FRIEND, STRANGER, "*"), sids_and_names, [(f"To{FRIEND}", {"AWS": f"arn:aws:iam::{FRIEND}:root"})]),
    "layer shared with a stranger alone": Case(lambda: layer(STRANGER), lambda policy: policy, None),
    "image": Case(lambda: image(FRIEND, STRANGER, groups=("all",)), list, [{"UserId": FRIEND}]),
    "function": Case(
        lambda: function(allow({"AWS": FRIEND}, CALL, "friend"), allow({"AWS": STRANGER}, CALL, "stranger"), allow("*", CALL, "all")),
        sids_and_names,
        [("friend", {"AWS": f"arn:aws:iam::{FRIEND}:root"})],
    ),
    "snapshot": Case(lambda: snapshot(FRIEND, STRANGER, groups=("all",)), list, [{"UserId": FRIEND}]),
    "snapshot shared with accounts": Case(lambda: snapshot(FRIEND, STRANGER), list, [{"UserId": FRIEND}]),
    "database snapshot": Case(lambda: database_snapshot(FRIEND, STRANGER, "all"), list, [FRIEND]),
    "cluster snapshot": Case(lambda: cluster_snapshot(FRIEND, STRANGER), list, [FRIEND]),
    "queue open and nothing else": Case(lambda: queue(allow("*", "sqs:*")), lambda policy: policy or None, None),
    "secret open and nothing else": Case(lambda: secret(allow("*", "secretsmanager:*")), lambda policy: policy, None),
    "repository open and nothing else": Case(lambda: repository(allow("*", "ecr:*")), lambda policy: policy, None),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_only_outsiders_lose_access_and_get_it_back_with_an_undo(account: Account, case: Case) -> None:
    arn = case.make()
    before = access(arn)
    assert account.deliver(remediation, event(arn)) == ["FIXED"]
    assert case.left(access(arn)) == case.expected
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDONE"
    assert access(arn) == before


DELEGATED = allow("*", "s3:*", "Delegated", Condition={"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}})


@pytest.mark.parametrize(
    ("statements", "outcome"),
    [
        pytest.param([allow({"AWS": f"arn:aws:iam::{STRANGER}:root"}, "s3:GetObject")], "REPORTED", id="a stranger"),
        pytest.param([allow("*", "s3:GetObject")], "REPORTED", id="everybody"),
        pytest.param([allow("*", "s3:GetObject", Condition={"StringEquals": {"aws:SourceVpc": "vpc-0123456789abcdef0"}})], "REPORTED", id="whoever is there"),
        pytest.param([allow({"AWS": f"arn:aws:iam::{FRIEND}:root"}, "s3:GetObject")], "ALREADY_OK", id="a friend"),
        pytest.param([], "ALREADY_OK", id="no policy"),
    ],
)
def test_what_an_access_point_of_a_bucket_lets_in_is_told(account: Account, statements: list[dict[str, Any]], outcome: str) -> None:
    arn = bucket(DELEGATED)
    access_point("first", "shared-data")
    access_point("second", "shared-data", *statements)
    assert account.deliver(remediation, event(arn)) == [outcome]
    assert account.writes == []
    assert ("access point second" in str(account.alerts())) is (outcome == "REPORTED")


WITH_POLICIES = {
    "queue": queue,
    "key": key,
    "secret": secret,
    "repository": repository,
    "bucket": bucket,
}


@pytest.mark.parametrize("make", WITH_POLICIES.values(), ids=WITH_POLICIES)
def test_a_principal_that_was_deleted_is_left_out_by_fix_and_undo_and_told_of(account: Account, make: Callable[..., str]) -> None:
    arn = make(allow({"AWS": ["*", GONE, FRIEND]}, "*", "Mixed"), allow({"AWS": GONE}, "*", "Gone"))
    with account.interfered(refused):
        assert account.deliver(remediation, event(arn)) == ["FIXED"]
        assert sids_and_names(access(arn)) == [("Mixed", {"AWS": [FRIEND]})]
        [alert] = account.alerts()
        assert alert["before"][0]["Deleted"] == [GONE]
        assert account.invoke(remediation, {"undo": alert["id"]})["outcome"] == "UNDONE"
    assert sids_and_names(access(arn)) == [("Mixed", {"AWS": ["*", FRIEND]})]


def all_calls(account: Account) -> None:
    """Lead to the calls for every type of resource."""
    for case in CASES.values():
        [outcome] = account.invoke(remediation, event(case.make()))["outcomes"]
        account.invoke(remediation, {"undo": outcome["id"]})
        account.tear_down()
        account.set_up()
    account.invoke(remediation, event(function()))
    shared = bucket(DELEGATED)
    access_point("first", "shared-data")
    account.invoke(remediation, event(shared))


FINE = {
    "a trusted account": lambda: queue(allow({"AWS": FRIEND}, "sqs:SendMessage")),
    "a service": lambda: queue(allow({"Service": "sns.amazonaws.com"}, "sqs:SendMessage")),
    "everybody of an organisation": lambda: queue(allow("*", "sqs:*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}})),
    "no policy": queue,
    "a snapshot of one's own": lambda: snapshot(FRIEND),
}


@pytest.mark.parametrize("make", FINE.values(), ids=FINE)
def test_what_is_meant_is_left_alone(account: Account, make: Callable[[], str]) -> None:
    assert account.deliver(remediation, event(make())) == ["ALREADY_OK"]
    assert account.writes == []


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:sqs:{PLACE}:nothing",
        f"arn:aws:kms:{PLACE}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        f"arn:aws:ecr:{PLACE}:repository/nothing",
        f"arn:aws:lambda:{PLACE}:function:nothing",
        f"arn:aws:secretsmanager:{PLACE}:secret:nothing-a1B2c3",
        f"arn:aws:ec2:{REGION}::image/ami-0123456789abcdef0",
        f"arn:aws:ec2:{REGION}::snapshot/snap-0123456789abcdef0",
        f"arn:aws:events:{PLACE}:event-bus/nothing",
        f"arn:aws:lambda:{PLACE}:layer:nothing:1",
        f"arn:aws:sns:{PLACE}:nothing",
        f"arn:aws:rds:{PLACE}:snapshot:nothing",
        f"arn:aws:rds:{PLACE}:cluster-snapshot:nothing",
    ],
)
def test_what_is_gone_is_gone(account: Account, arn: str) -> None:
    assert account.deliver(remediation, event(arn)) == ["GONE"]


@pytest.mark.parametrize("arn", [f"arn:aws:dynamodb:{PLACE}:table/orders", f"arn:aws:elasticfilesystem:{PLACE}:file-system/fs-0123"])
def test_what_is_of_another_type_is_left_to_people_who_are_told_where(account: Account, arn: str) -> None:
    assert account.deliver(remediation, event(arn)) == ["REPORTED"]
    assert arn in account.alerts()[0]["reason"]
    assert account.writes == []


def test_a_grant_of_a_key_to_a_stranger_is_told(account: Account) -> None:
    arn = key()
    kms = boto3.client("kms")
    kms.create_grant(KeyId=arn, GranteePrincipal=f"arn:aws:iam::{FRIEND}:role/x", Operations=["Decrypt"])
    assert account.deliver(remediation, event(arn)) == ["ALREADY_OK"]
    kms.create_grant(KeyId=arn, GranteePrincipal=f"arn:aws:iam::{STRANGER}:role/x", Operations=["Decrypt"])
    assert account.deliver(remediation, {**event(arn), "id": "another"}) == ["REPORTED"]
    assert f"arn:aws:iam::{STRANGER}:role/x" in account.alerts()[0]["reason"]
    assert account.writes == []


def test_a_bucket_that_is_shared_by_its_acl_is_told(account: Account) -> None:
    arn = bucket()
    s3 = boto3.client("s3")
    s3.put_bucket_ownership_controls(Bucket="shared-data", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    s3.delete_public_access_block(Bucket="shared-data")
    s3.put_bucket_acl(Bucket="shared-data", GrantRead="uri=http://acs.amazonaws.com/groups/global/AuthenticatedUsers")
    assert account.deliver(remediation, event(arn)) == ["REPORTED"]
    assert "ACL" in account.alerts()[0]["reason"]


LOAD_BALANCING = "127311923021"
"""The account with which Elastic Load Balancing writes access logs in us-east-1."""


@pytest.mark.parametrize("action", ["s3:PutObject", ["s3:PutObject*", "s3:Abort*"]])
def test_a_bucket_that_load_balancers_write_their_logs_into_keeps_them(account: Account, action: object) -> None:
    arn = bucket(allow({"AWS": f"arn:aws:iam::{LOAD_BALANCING}:root"}, "s3:PutObject") | {"Action": action})
    assert account.deliver(remediation, event(arn)) == ["ALREADY_OK"]
    assert account.writes == []


def test_a_stranger_goes_from_beside_the_account_that_writes_logs(account: Account) -> None:
    both = {"AWS": [f"arn:aws:iam::{LOAD_BALANCING}:root", f"arn:aws:iam::{STRANGER}:root"]}
    arn = bucket(allow(both, "s3:PutObject", "Logs"))
    assert account.deliver(remediation, event(arn)) == ["FIXED"]
    assert sids_and_names(access(arn)) == [("Logs", {"AWS": [f"arn:aws:iam::{LOAD_BALANCING}:root"]})]


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:*", "s3:Put*"])
def test_the_account_that_writes_logs_may_do_nothing_else(account: Account, action: str) -> None:
    arn = bucket(allow({"AWS": f"arn:aws:iam::{LOAD_BALANCING}:root"}, action), allow({"AWS": ACCOUNT}, "s3:GetObject", "Ours"))
    assert account.deliver(remediation, event(arn)) == ["FIXED"]
    assert [sid for sid, _ in sids_and_names(access(arn))] == ["Ours"]


def test_the_account_by_which_cloudfront_delivers_its_logs_stays_in_an_acl_and_is_not_told_of(account: Account) -> None:
    arn = bucket()
    s3 = boto3.client("s3")
    s3.put_bucket_ownership_controls(Bucket="shared-data", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]})
    s3.put_bucket_acl(Bucket="shared-data", GrantFullControl="id=c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0")
    assert account.deliver(remediation, event(arn)) == ["ALREADY_OK"]


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}},
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}},
    ],
)
def test_what_nobody_can_place_is_told_and_not_swallowed(account: Account, condition: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ORGANIZATION_ID")
    assert account.deliver(remediation, event(queue(allow("*", "sqs:*", Condition=condition)))) == ["REPORTED"]
    assert account.writes == []


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalOrgID": "o-zyxwvutsrq"}},
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}},
    ],
)
def test_a_named_stranger_on_a_condition_of_whoever_s_goes(account: Account, condition: dict[str, Any]) -> None:
    assert account.deliver(remediation, event(queue(allow({"AWS": STRANGER}, "sqs:*", Condition=condition)))) == ["FIXED"]


def test_everybody_of_whom_all_but_ours_are_denied_stays(account: Account) -> None:
    ours = {**allow("*", "sqs:*"), "Effect": "Deny", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}}
    assert account.deliver(remediation, event(queue(allow("*", "sqs:*"), ours))) == ["ALREADY_OK"]


def test_a_key_that_nobody_could_manage_any_more_is_left_to_people(account: Account) -> None:
    kms = boto3.client("kms")
    arn = kms.create_key(Policy=document(allow({"AWS": STRANGER}, "kms:*")))["KeyMetadata"]["Arn"]
    assert account.deliver(remediation, event(arn)) == ["REPORTED"]
    assert account.writes == []


CALLED = {name: sample for name, sample in Handler("accessanalyzer", "remove_external_access").samples.items() if "eventName" in sample["detail"]}


def without_names(name: str, *names: tuple[str, str]) -> dict[str, Any]:
    """Return the record of a sample's call with other principals in the place of the stranger."""
    text = json.dumps(CALLED[name])
    for old, new in names:
        text = text.replace(old, new)
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.mark.parametrize("name", CALLED)
@pytest.mark.parametrize("whom", [FRIEND, ACCOUNT])
def test_a_call_that_lets_in_nobody_from_outside_is_left_without_a_look(account: Account, name: str, whom: str) -> None:
    assert account.deliver(remediation, without_names(name, (STRANGER, whom))) == ["ALREADY_OK"]
    assert account.calls == []


ONLY_TOLD = ("filesystem", "table", "vault")
ELSEWHERE_CLOSED = ("bucketpolicy", "dbclustersnapshot", "dbsnapshot", "function", "image", "keypolicy", "newkey", "secretpolicy", "snapshot")


@pytest.mark.parametrize("name", [name for name in CALLED if not name.endswith("grant")])
def test_what_a_call_opens_to_everybody_is_left_where_another_remediation_closes_it_at_once(account: Account, name: str) -> None:
    kind = name.partition("-")[2]
    group = (f'"userId": "{STRANGER}"', '"group": "all"')
    everybody = "all" if "db" in kind else "*"
    event = without_names(name, group, (f"arn:aws:iam::{STRANGER}:root", everybody), (f'"{STRANGER}"', f'"{everybody}"'))
    outcomes = account.deliver(remediation, event)
    assert outcomes == (["ALREADY_OK"] if kind in ELSEWHERE_CLOSED else ["REPORTED"]), "it is gone, and was open for a moment"
    assert bool([call for call in account.calls if not call.own]) is (kind not in (*ELSEWHERE_CLOSED, *ONLY_TOLD))


def test_a_grant_that_a_service_makes_in_somebodys_name_is_left(account: Account) -> None:
    event = CALLED["remove_external_access-grant"]
    made: dict[str, Any] = {**event, "detail": {**event["detail"], "userIdentity": {**event["detail"]["userIdentity"], "invokedBy": "rds.amazonaws.com"}}}
    assert account.deliver(remediation, made) == ["ALREADY_OK"]
    assert account.calls == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("queue", {"attributes": {"VisibilityTimeout": "100"}}),
        ("queue", {"attributes": {"Policy": ""}}),
        ("topic", {"attributeName": "DisplayName", "attributeValue": "Alarms"}),
        ("function", {"principal": "s3.amazonaws.com"}),
        ("function", {"principal": "*", "functionUrlAuthType": "NONE"}),
        ("layer", {"principal": "*", "organizationId": "o-abcdefghij"}),
        ("bus", {"principal": "*", "condition": {"type": "StringEquals", "key": "aws:PrincipalOrgID", "value": "o-abcdefghij"}}),
    ],
)
def test_a_call_that_changes_something_else_or_lets_in_ours_is_left_without_a_look(account: Account, name: str, said: dict[str, Any]) -> None:
    assert account.deliver(remediation, saying(CALLED[f"remove_external_access-{name}"], **said)) == ["ALREADY_OK"]
    assert account.calls == []


@pytest.mark.parametrize(
    ("arn", "outcome"),
    [
        ("arn:aws:organizations::999999999999:organization/o-zyxwvutsrq", "FIXED"),
        ("arn:aws:organizations::999999999999:ou/o-zyxwvutsrq/ou-ab12-cd34ef56", "FIXED"),
        ("arn:aws:organizations::999999999999:organization/o-abcdefghij", "ALREADY_OK"),
        (f"arn:aws:organizations::{FRIEND}:organization/o-zyxwvutsrq", "ALREADY_OK"),
    ],
)
def test_an_image_that_is_shared_with_another_organisation_is_shared_no_more(account: Account, arn: str, outcome: str) -> None:
    member = "organizationArn" if ":organization/" in arn else "organizationalUnitArn"
    name = image(organization=arn).rpartition("/")[2]
    event = saying(CALLED["remove_external_access-image"], imageId=name, launchPermission={"add": {"items": [{member: arn}]}})
    assert account.deliver(remediation, event) == [outcome]


def test_an_organisation_of_which_nobody_can_tell_whose_it_is_keeps_the_image(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ORGANIZATION_ID")
    arn = "arn:aws:organizations::999999999999:organization/o-zyxwvutsrq"
    name = image(organization=arn)
    assert account.deliver(remediation, event(name)) == ["ALREADY_OK"]


def test_of_what_only_access_analyzer_can_place_no_call_makes_people_hear(account: Account) -> None:
    arn = queue(allow("*", "sqs:*", Condition={"StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}}), name="snapback-sample-queue")
    assert account.deliver(remediation, saying(CALLED["remove_external_access-queue"], attributes={"Policy": access(arn)})) == ["ALREADY_OK"]
    assert account.invoke(remediation, {"preview": arn})["calls"] == []
    assert account.outcomes() == []
    assert account.deliver(remediation, event(arn)) == ["REPORTED"]


def test_a_policy_that_is_no_json_is_a_dead_letter_that_says_so(account: Account) -> None:
    account.deliver(remediation, saying(CALLED["remove_external_access-repository"], policyText="{not json"))
    [(_, reason)] = account.dead_letters
    assert "does not have the form" in reason


SHUT_AGAIN: dict[str, tuple[Callable[[], str], str]] = {
    "bucketpolicy": (bucket, f"arn:aws:iam::{STRANGER}:root"),
    "bus": (bus, f"arn:aws:iam::{STRANGER}:root"),
    "grant": (key, f"arn:aws:iam::{STRANGER}:role/Reader"),
    "layer": (layer, f"arn:aws:iam::{STRANGER}:root"),
    "topic": (topic, f"arn:aws:iam::{STRANGER}:root"),
    "topicpermission": (topic, f"arn:aws:iam::{STRANGER}:root"),
}


@pytest.mark.parametrize("name", SHUT_AGAIN)
def test_whoever_was_let_in_for_a_moment_is_told(account: Account, name: str) -> None:
    make, stranger = SHUT_AGAIN[name]
    arn = make()
    named = {"snapback-sample-bucket": "shared-data", "9876fedc-98fe-76dc-54ba-0987654321fe": arn.rpartition("/")[2]}
    assert account.deliver(remediation, without_names(f"remove_external_access-{name}", *named.items())) == ["REPORTED"]
    [alert] = account.alerts()
    assert alert["before"] == [{"LetsIn": [stranger]}]
    assert "it was open for" in alert["reason"]


def test_what_another_remediation_tells_is_told_once(account: Account) -> None:
    arn = key()
    name = without_names("remove_external_access-keypolicy", ("1234abcd-12ab-34cd-56ef-1234567890ab", arn.rpartition("/")[2]))
    assert account.deliver(remediation, name) == ["ALREADY_OK"]
    assert account.outcomes() == []
