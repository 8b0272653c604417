"""restrict_endpoint_policy: strangers are out, whatever the account itself does goes on, and the former policy comes back as it was."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from functions.ec2.restrict_endpoint_policy import remediation
from snapback.ec2.endpoint_policies import restricted
from tests.harness.account import ACCOUNT, Account, ApiCall, Interference
from tests.harness.discovery import Handler
from tests.harness.ec2.records import without_wrappers
from tests.harness.iam.deleted_principals import GONE, refused
from tests.harness.scenario import Scenario

OPEN = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
MIRROR = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::al2023-repos-us-east-1-de612dc2/*"}
NO_DELETE = {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": "*"}
OWN = {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}
SERVICES = {"Bool": {"aws:PrincipalIsAWSService": "true"}}
UNSIGNED = {"StringEquals": {"aws:PrincipalType": "Anonymous"}}
SIGNED_BY_AWS = [  # of ECR, Application Migration and Elastic Disaster Recovery
    "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*",
    "arn:aws:s3:::aws-mgn-clients-us-east-1/*",
    "arn:aws:s3:::aws-mgn-clients-hashes-us-east-1/*",
    "arn:aws:s3:::aws-mgn-internal-us-east-1/*",
    "arn:aws:s3:::aws-mgn-internal-hashes-us-east-1/*",
    "arn:aws:s3:::aws-application-migration-service-us-east-1/*",
    "arn:aws:s3:::aws-application-migration-service-hashes-us-east-1/*",
    "arn:aws:s3:::aws-drs-clients-us-east-1/*",
    "arn:aws:s3:::aws-drs-clients-hashes-us-east-1/*",
    "arn:aws:s3:::aws-drs-internal-us-east-1/*",
    "arn:aws:s3:::aws-drs-internal-hashes-us-east-1/*",
    "arn:aws:s3:::aws-elastic-disaster-recovery-us-east-1/*",
    "arn:aws:s3:::aws-elastic-disaster-recovery-hashes-us-east-1/*",
    "arn:aws:s3:::amazon-ssm-us-east-1/*",
]
LINKS = {**OPEN, "Action": "s3:GetObject", "Resource": SIGNED_BY_AWS}
ANSWERS = {  # of custom resources and wait conditions, for which a stack waits
    **OPEN,
    "Action": "s3:PutObject",
    "Resource": ["arn:aws:s3:::cloudformation-custom-resource-response-useast1/*", "arn:aws:s3:::cloudformation-waitcondition-us-east-1/*"],
}


def policy(*statements: Any) -> str:  # noqa: ANN401 - statements
    """Write a policy with spaces of its own."""
    return json.dumps({"Version": "2008-10-17", "Statement": list(statements)}, indent=1)


def endpoint(document: str = "", service: str = "com.amazonaws.us-east-1.s3") -> str:
    ec2 = boto3.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    tables = [table["RouteTableId"] for table in ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]]
    given: Any = {"PolicyDocument": document} if document else {}
    return ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=service, RouteTableIds=tables, VpcEndpointType="Gateway", **given)["VpcEndpoint"]["VpcEndpointId"]


def described(name: str) -> Any:  # noqa: ANN401 - an endpoint
    return boto3.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[name])["VpcEndpoints"][0]


def state(name: str) -> dict[str, Any]:
    found = described(name)
    return {"policy": found["PolicyDocument"], "tables": found["RouteTableIds"], "service": found["ServiceName"]}


def broken() -> str:
    """Make an endpoint whose policy fits into an alert; one for S3 gets too long for that."""
    table = {**OPEN, "Action": "dynamodb:GetItem", "Resource": f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/public"}
    return endpoint(policy(table, {"Sid": "All", **OPEN}, {**OPEN, "Effect": "Deny", "Action": "dynamodb:DeleteTable"}), "com.amazonaws.us-east-1.dynamodb")


def answered(**members: object) -> Interference:
    """Return an interference in which AWS describes the endpoint with these members; one that is None is not there."""

    def interfere(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        answer = really()
        if call.operation == "DescribeVpcEndpoints":
            answer["VpcEndpoints"] = [{key: value for key, value in {**one, **members}.items() if value is not None} for one in answer["VpcEndpoints"]]
        return answer

    return interfere


scenario = Scenario(sample="vpce-0123456789abcdef0", broken=broken, state=state, touched=frozenset({"policy"}), environment={"ORGANIZATION_ID": ""})


@pytest.fixture(autouse=True)
def no_organization(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORGANIZATION_ID", "")


def event(name: str) -> dict[str, Any]:
    return scenario.event(Handler("ec2", "restrict_endpoint_policy").samples["restrict_endpoint_policy"], name)


def fixed(account: Account, name: str) -> Any:  # noqa: ANN401 - statements
    assert account.deliver(remediation, event(name)) == ["FIXED"]
    return json.loads(described(name)["PolicyDocument"])["Statement"]


def test_only_the_open_statement_changes_and_services_and_unsigned_calls_and_images_stay(account: Account) -> None:
    assert fixed(account, endpoint(policy(MIRROR, {"Sid": "All", **OPEN}, NO_DELETE))) == [
        MIRROR,
        {"Sid": "All", **OPEN, "Condition": OWN},
        {**OPEN, "Condition": SERVICES},
        {**OPEN, "Condition": UNSIGNED},
        LINKS,
        ANSWERS,
        NO_DELETE,
    ]


def test_the_policy_that_aws_gives_by_default_is_open(account: Account) -> None:
    assert {**OPEN, "Condition": OWN} in fixed(account, endpoint())


def test_the_organization_of_the_parameter_takes_the_place_of_the_account(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORGANIZATION_ID", "o-abcdefghij")
    assert {**OPEN, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}} in fixed(account, endpoint())


def test_conditions_that_were_there_stay_beside_the_new_one(account: Account) -> None:
    before = {"StringEquals": {"aws:SourceVpc": "vpc-1"}, "IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}
    first, *_ = fixed(account, endpoint(policy({**OPEN, "Condition": before})))
    assert first["Condition"] == {"StringEquals": {"aws:SourceVpc": "vpc-1", **OWN["StringEquals"]}, "IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}


def test_an_exception_never_lets_in_whom_the_former_condition_kept_out(account: Account) -> None:
    users = {"StringEquals": {"aws:PrincipalType": "User"}}
    changed = fixed(account, endpoint(policy({**OPEN, "Condition": users})))
    assert all(statement["Condition"]["StringEquals"]["aws:PrincipalType"] == "User" for statement in changed)


def test_a_service_other_than_s3_gets_no_statement_about_buckets(account: Account) -> None:
    assert len(fixed(account, endpoint(service="com.amazonaws.us-east-1.dynamodb"))) == 3


@pytest.mark.parametrize(
    ("actions", "links"),
    [
        ({"Action": ["s3:Get*", "s3:List*"]}, [LINKS]),
        ({"Action": "S3:putobject"}, [ANSWERS]),
        ({"NotAction": "s3:DeleteBucket"}, [LINKS, ANSWERS]),
        ({"NotAction": ["s3:Put*"]}, [LINKS]),
        ({"Action": "s3:ListBucket"}, []),
    ],
)
def test_links_of_aws_go_on_for_what_the_statement_allowed_by_whatever_pattern(account: Account, actions: dict[str, Any], links: list[Any]) -> None:
    everything = {key: value for key, value in OPEN.items() if key != "Action"}
    assert fixed(account, endpoint(policy({**everything, **actions})))[3:] == links


@pytest.mark.parametrize(
    ("region", "put"),
    [
        (
            "cn-north-1",
            ["arn:aws-cn:s3:::cloudformation-custom-resource-response-cnnorth1/*", "arn:aws-cn:s3:::cloudformation-waitcondition-cn-north-1/*"],
        ),
        (
            "us-gov-west-1",
            ["arn:aws-us-gov:s3:::cloudformation-custom-resource-response-usgovwest1/*", "arn:aws-us-gov:s3:::cloudformation-waitcondition-us-gov-west-1/*"],
        ),
    ],
)
@pytest.mark.usefixtures("account")
def test_the_buckets_of_other_partitions_have_their_arns(region: str, put: list[str]) -> None:
    for service in (f"com.amazonaws.{region}.s3", f"cn.com.amazonaws.{region}.s3"):
        changed = json.loads(restricted({"PolicyDocument": policy(OPEN), "Service": service, "Account": ACCOUNT}, ""))
        assert [one["Resource"] for one in changed["Statement"] if one["Action"] == "s3:PutObject"] == [put]


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["arn:aws:iam::111122223333:root", "*"]}])
@pytest.mark.parametrize("resource", ["*", ["arn:aws:s3:::*", "arn:aws:s3:::*/*"]])
@pytest.mark.usefixtures("account")
def test_every_spelling_of_everybody_and_everything_is_open(principal: object, resource: object) -> None:
    assert remediation.violation(endpoint(policy({**OPEN, "Principal": principal, "Resource": resource})))


@pytest.mark.parametrize(
    "condition",
    [
        {"StringNotEquals": {"aws:PrincipalAccount": "999999999999"}},
        {"StringLike": {"aws:PrincipalOrgID": "*"}},
        {"StringEquals": {"aws:SourceVpc": "vpc-1"}},
    ],
)
@pytest.mark.usefixtures("account")
def test_a_condition_that_keeps_no_stranger_out_does_not_count(condition: object) -> None:
    assert remediation.violation(endpoint(policy({**OPEN, "Condition": condition})))


@pytest.mark.parametrize(
    "statements",
    [
        [MIRROR],
        [{**OPEN, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}],
        [{**OPEN, "Condition": {"StringEquals": {"aws:principalorgid": "o-abcdefghij"}}}],
        [{**OPEN, "Condition": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}}],
        [{**OPEN, "Condition": {"StringEquals": {"aws:ResourceAccount": [ACCOUNT]}}}],
        [OPEN, {**OPEN, "Effect": "Deny", "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-abcdefghij"}}}],
        [NO_DELETE],
    ],
)
@pytest.mark.usefixtures("account")
def test_what_is_limited_already_is_right(statements: list[Any]) -> None:
    assert remediation.violation(endpoint(policy(*statements))) == []


@pytest.mark.parametrize(
    "members",
    [
        {"PolicyDocument": None},
        {"RequesterManaged": True},
        {"ServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"},
        {"State": "deleting"},
    ],
    ids=str,
)
def test_endpoints_that_have_no_policy_of_ours_are_left_alone(account: Account, members: dict[str, object]) -> None:
    name = endpoint()
    with account.interfered(answered(**members)):
        assert account.deliver(remediation, event(name)) == ["ALREADY_OK"]


def test_an_endpoint_that_answers_in_some_of_its_subnets_only_is_put_right_like_any_other(account: Account) -> None:
    name = endpoint()
    with account.interfered(answered(State="Partial")):
        assert account.deliver(remediation, event(name)) == ["FIXED"]


def test_an_endpoint_that_is_being_made_is_looked_at_again(account: Account) -> None:
    name = endpoint()
    with account.interfered(answered(State="pending")):
        assert account.deliver(remediation, event(name)) == []
    assert "is still being made" in account.dead_letters[0][1]
    assert account.deliver(remediation, event(name)) == ["FIXED"]


def test_a_principal_that_was_deleted_is_left_out_by_fix_and_undo_and_told_of(account: Account) -> None:
    mixed = {**OPEN, "Sid": "Mixed", "Principal": {"AWS": ["*", GONE]}}
    name = endpoint(policy(mixed, {**MIRROR, "Principal": {"AWS": GONE}}), "com.amazonaws.us-east-1.dynamodb")
    with account.interfered(refused):
        assert fixed(account, name)[0] == {**mixed, "Principal": {"AWS": ["*"]}, "Condition": OWN}
        assert account.alerts()[0]["before"][0]["Deleted"] == [GONE]
        assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDONE"
    assert json.loads(described(name)["PolicyDocument"])["Statement"] == [{**mixed, "Principal": {"AWS": ["*"]}}]


@pytest.mark.parametrize("service", ["com.amazonaws.us-east-1.sts", "com.amazonaws.us-east-1.sts-fips", "cn.com.amazonaws.cn-north-1.sts"])
def test_an_endpoint_for_sts_is_left_to_people(account: Account, service: str) -> None:
    name = endpoint()
    with account.interfered(answered(ServiceName=service)):
        assert account.deliver(remediation, event(name)) == ["REPORTED"]
    assert account.writes == []


def test_an_undo_is_refused_if_the_policy_was_changed_since(account: Account) -> None:
    name = broken()
    fixed(account, name)
    boto3.client("ec2").modify_vpc_endpoint(VpcEndpointId=name, PolicyDocument=policy(MIRROR))
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDO_REFUSED"


@pytest.mark.parametrize("sample", ["restrict_endpoint_policy", "restrict_endpoint_policy-create"])
def test_a_record_without_the_wrapper_is_read_too(account: Account, sample: str) -> None:
    record = without_wrappers(scenario.event(Handler("ec2", "restrict_endpoint_policy").samples[sample], broken()))
    assert account.deliver(remediation, record) == ["FIXED"]
