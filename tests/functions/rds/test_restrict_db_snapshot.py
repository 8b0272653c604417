"""restrict_db_snapshot: `all` goes, accounts that were named stay, and a snapshot of an instance is never taken for one of a cluster."""

from typing import Any

import boto3
import pytest

from functions.rds.restrict_db_snapshot import remediation
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.rds.databases import PREFIX, make_cluster, make_instance
from tests.harness.scenario import ACCOUNT, Scenario, saying

NAME = "orders-before-migration"
ARN = f"{PREFIX}:snapshot:{NAME}"
OF_CLUSTER = f"{PREFIX}:cluster-snapshot:{NAME}"
BOTH = ["all", "222233334444"]


def broken() -> str:
    """Make two snapshots of the same name, of an instance and of a cluster, both of them public."""
    rds = boto3.client("rds")
    make_instance("orders")
    make_cluster("orders-cluster", "orders-1")
    rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier=NAME)
    rds.create_db_cluster_snapshot(DBClusterIdentifier="orders-cluster", DBClusterSnapshotIdentifier=NAME)
    rds.modify_db_snapshot_attribute(DBSnapshotIdentifier=NAME, AttributeName="restore", ValuesToAdd=BOTH)
    rds.modify_db_cluster_snapshot_attribute(DBClusterSnapshotIdentifier=NAME, AttributeName="restore", ValuesToAdd=BOTH)
    return ARN


def shared_with(arn: str) -> list[str]:
    rds = boto3.client("rds")
    if ":cluster-snapshot:" in arn:
        of_cluster = rds.describe_db_cluster_snapshot_attributes(DBClusterSnapshotIdentifier=NAME)["DBClusterSnapshotAttributesResult"]
        return sorted(of_cluster["DBClusterSnapshotAttributes"][0]["AttributeValues"])
    return sorted(rds.describe_db_snapshot_attributes(DBSnapshotIdentifier=NAME)["DBSnapshotAttributesResult"]["DBSnapshotAttributes"][0]["AttributeValues"])


def state(arn: str) -> dict[str, Any]:
    other = OF_CLUSTER if arn == ARN else ARN
    return {
        "public": "all" in shared_with(arn),
        "accounts": [one for one in shared_with(arn) if one != "all"],
        "the other of that name": shared_with(other),
        "snapshots": sorted(one["DBSnapshotIdentifier"] for one in boto3.client("rds").describe_db_snapshots()["DBSnapshots"]),
    }


scenario = Scenario(sample=ARN, broken=broken, state=state, touched=frozenset({"public"}), environment={"TRUSTED_ACCOUNTS": ""})


def sample(name: str = "restrict_db_snapshot") -> dict[str, Any]:
    return Handler("rds", "restrict_db_snapshot").samples[name]


def test_the_snapshot_of_a_cluster_is_put_right_and_back_and_the_instances_of_that_name_is_not_touched(account: Account) -> None:
    broken()
    [outcome] = account.invoke(remediation, sample("restrict_db_snapshot-cluster"))["outcomes"]
    assert (outcome["outcome"], outcome["resource"]) == ("FIXED", OF_CLUSTER)
    assert (shared_with(OF_CLUSTER), shared_with(ARN)) == (["222233334444"], ["222233334444", "all"])
    account.invoke(remediation, {"undo": outcome["id"]})
    assert shared_with(OF_CLUSTER) == ["222233334444", "all"]


def all_calls(account: Account) -> None:
    """Take back what was done to the snapshot of a cluster."""
    test_the_snapshot_of_a_cluster_is_put_right_and_back_and_the_instances_of_that_name_is_not_touched(account)


@pytest.mark.usefixtures("account")
def test_sharing_with_named_accounts_is_not_wrong() -> None:
    broken()
    boto3.client("rds").modify_db_snapshot_attribute(DBSnapshotIdentifier=NAME, AttributeName="restore", ValuesToRemove=["all"])
    assert remediation.violation(ARN) == []


def test_a_name_in_capitals_means_the_snapshot_that_rds_keeps_in_lower_case(account: Account) -> None:
    broken()
    event = sample()
    event["detail"]["requestParameters"]["dBSnapshotIdentifier"] = "Orders-Before-Migration"
    assert account.deliver(remediation, event) == ["FIXED"]


@pytest.mark.parametrize("name", ["restrict_db_snapshot", "restrict_db_snapshot-cluster"])
def test_a_snapshot_that_is_gone_is_an_outcome(account: Account, name: str) -> None:
    assert account.deliver(remediation, saying(sample(name), valuesToAdd=[ACCOUNT])) == ["GONE"]


def test_a_snapshot_of_another_region_is_left_to_the_function_there(account: Account) -> None:
    broken()
    arn = ARN.replace("us-east-1", "eu-west-1")
    event = sample("restrict_db_snapshot-securityhub")
    event["detail"]["findings"][0]["Resources"][0]["Id"] = arn
    assert account.deliver(remediation, event) == ["ELSEWHERE"]
    assert account.calls == []


@pytest.mark.parametrize("name", ["orders", f"{PREFIX}:db:orders", f"{ARN};x"])
def test_what_does_not_say_which_kind_of_snapshot_it_is_reaches_no_call(account: Account, name: str) -> None:
    event = sample("restrict_db_snapshot-securityhub")
    event["detail"]["findings"][0]["Resources"][0]["Id"] = name
    assert account.deliver(remediation, event) == []
    assert "is not a name" in account.dead_letters[0][1]
    assert account.calls == []
