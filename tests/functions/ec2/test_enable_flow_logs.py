"""enable_flow_logs: a VPC without a flow log gets one, and only that one is ever taken away again."""

from typing import Any

import boto3
import pytest
from moto.ec2.models import ec2_backends
from moto.ec2.models.vpcs import VPC

from functions.ec2.enable_flow_logs import remediation
from tests.harness.account import ACCOUNT, REGION, Account, ApiCall, paged
from tests.harness.discovery import Handler
from tests.harness.scenario import Scenario

SAMPLE = "vpc-0123456789abcdef0"
STEM = "enable_flow_logs"
BUCKET = "arn:aws:s3:::flow-logs"


def log(resource: str, kind: Any = "VPC", bucket: str = "another-bucket") -> str:  # noqa: ANN401 - a resource type
    made = boto3.client("ec2").create_flow_logs(
        ResourceType=kind, ResourceIds=[resource], TrafficType="REJECT", LogDestinationType="s3", LogDestination=f"arn:aws:s3:::{bucket}"
    )
    return made["FlowLogIds"][0]


def broken() -> str:
    ec2 = boto3.client("ec2")
    for bucket in ("flow-logs", "another-bucket"):
        boto3.client("s3").create_bucket(Bucket=bucket)
    for vpc in ec2.describe_vpcs()["Vpcs"]:
        log(vpc["VpcId"])
    neighbour, own = (ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"] for _ in range(2))
    log(neighbour)
    log(ec2.create_subnet(VpcId=own, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"], "Subnet")
    return own


def state(vpc: str) -> dict[str, Any]:
    logs = boto3.client("ec2").describe_flow_logs()["FlowLogs"]
    return {
        "its logs": [{part: value for part, value in one.items() if part not in ("FlowLogId", "CreationTime")} for one in logs if one["ResourceId"] == vpc],
        "other logs": [one for one in logs if one["ResourceId"] != vpc],
        "networks": boto3.client("ec2").describe_vpcs()["Vpcs"],
    }


scenario = Scenario(sample=SAMPLE, broken=broken, state=state, touched=frozenset({"its logs"}), environment={"FLOW_LOG_BUCKET": BUCKET})


@pytest.fixture(autouse=True)
def bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOW_LOG_BUCKET", BUCKET)


def event(vpc: str, name: str = STEM) -> dict[str, Any]:
    return scenario.event(Handler("ec2", STEM).samples[name], vpc)


def test_the_flow_log_is_of_all_traffic_into_the_bucket_and_says_whose_it_is(account: Account) -> None:
    vpc = broken()
    account.deliver(remediation, event(vpc))
    [made] = state(vpc)["its logs"]
    assert (made["TrafficType"], made["LogDestination"]) == ("ALL", BUCKET)
    assert made["Tags"] == [{"Key": "snapback:made-by", "Value": "enable-flow-logs"}]


def test_without_a_bucket_it_is_reported_and_nothing_is_made(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOW_LOG_BUCKET", "")
    vpc = broken()
    assert account.deliver(remediation, event(vpc)) == ["REPORTED"]
    assert account.writes == []
    assert "FlowLogBucket" in account.alerts()[0]["reason"]


def test_what_aws_answers_as_unsuccessful_is_told_as_failed(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOW_LOG_BUCKET", "arn:aws:s3:::no-such-bucket")
    vpc = broken()
    assert account.deliver(remediation, event(vpc)) == ["FAILED"]
    assert state(vpc)["its logs"] == []


def test_a_flow_log_that_is_not_active_is_none(account: Account) -> None:
    vpc = broken()
    ec2_backends[ACCOUNT][REGION].flow_logs[log(vpc)].flow_log_status = "INACTIVE"
    assert account.deliver(remediation, event(vpc)) == ["FIXED"]


def test_after_a_deletion_every_vpc_without_a_flow_log_gets_one_however_many_pages_there_are(account: Account) -> None:
    first = broken()
    second = boto3.client("ec2").create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    with account.interfered(paged("DescribeFlowLogs", "FlowLogs", 1)):
        assert account.deliver(remediation, event(first, f"{STEM}-delete")) == ["FIXED", "FIXED"]
        assert account.deliver(remediation, event(first, f"{STEM}-delete")) == ["ALREADY_OK"]
    assert [len(state(vpc)["its logs"]) for vpc in (first, second)] == [1, 1]


def test_a_vpc_that_another_account_shares_is_theirs_to_log(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = broken()
    monkeypatch.setattr(VPC, "owner_id", property(lambda vpc: "444455556666" if vpc.id == shared else ACCOUNT))
    assert account.deliver(remediation, event(shared, f"{STEM}-delete")) == ["ALREADY_OK"]


def test_undo_keeps_the_flow_logs_that_others_have_made_meanwhile(account: Account) -> None:
    vpc = broken()
    account.deliver(remediation, event(vpc))
    others = log(vpc)
    account.invoke(remediation, {"undo": account.alerts()[0]["id"]})
    [left] = boto3.client("ec2").describe_flow_logs(Filters=[{"Name": "resource-id", "Values": [vpc]}])["FlowLogs"]
    assert left["FlowLogId"] == others


def test_an_undo_whose_answer_says_unsuccessful_is_not_called_undone(account: Account) -> None:
    vpc = broken()
    account.deliver(remediation, event(vpc))

    def refuse(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401 - any answer
        if call.operation != "DeleteFlowLogs":
            return really()
        refused = {"Code": "UnauthorizedOperation", "Message": "A policy of the organisation denies it"}
        return {"Unsuccessful": [{"ResourceId": one, "Error": refused} for one in call.parameters["FlowLogIds"]]}

    with account.interfered(refuse):
        undone = account.invoke(remediation, {"undo": account.alerts()[0]["id"]})
    assert undone["outcome"] == "UNDO_REFUSED"
    assert "A policy of the organisation denies it" in undone["reason"]
    assert len(state(vpc)["its logs"]) == 1


def test_a_vpc_that_is_gone_is_an_outcome(account: Account) -> None:
    assert account.deliver(remediation, event(SAMPLE)) == ["GONE"]


@pytest.mark.parametrize(
    ("sample", "outcome"), [(STEM, "WOULD_FIX"), (f"{STEM}-default-vpc", "WOULD_FIX"), (f"{STEM}-delete", "FIXED"), (f"{STEM}-securityhub", "FIXED")]
)
def test_a_vpc_that_was_just_made_may_get_its_own_flow_log_so_it_is_asked_about(
    account: Account, sample: str, outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    assert account.deliver(remediation, event(broken(), sample)) == [outcome]
