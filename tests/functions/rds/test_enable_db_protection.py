"""enable_db_protection: the protection of an instance or a cluster goes on, and what a cluster protects is left to the cluster."""

from typing import Any

import pytest

from functions.rds.enable_db_protection import remediation
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.rds import databases
from tests.harness.rds.databases import PREFIX, cluster, give_id, instance, make_cluster, make_instance, put_into_state
from tests.harness.scenario import Scenario

databases.as_on_aws()

ARN = f"{PREFIX}:db:orders"
CLUSTER = f"{PREFIX}:cluster:orders"


def broken() -> str:
    """Make an instance and a cluster of the same name, neither of them protected."""
    make_cluster("orders", "orders-1", DeletionProtection=False)
    return make_instance("orders", DeletionProtection=False)


def state(arn: str) -> dict[str, Any]:
    live = instance(arn)
    return {"protected": live.pop("DeletionProtection"), "rest": live, "cluster": cluster(CLUSTER), "member": instance(f"{PREFIX}:db:orders-1")}


scenario = Scenario(sample=ARN, broken=broken, state=state, touched=frozenset({"protected"}), environment={})


def sample(name: str = "enable_db_protection") -> dict[str, Any]:
    return Handler("rds", "enable_db_protection").samples[name]


def test_a_cluster_is_put_right_and_back_and_the_instance_of_that_name_is_not_touched(account: Account) -> None:
    broken()
    [outcome] = account.invoke(remediation, sample("enable_db_protection-cluster"))["outcomes"]
    assert (outcome["outcome"], outcome["resource"]) == ("FIXED", CLUSTER)
    assert (cluster(CLUSTER)["DeletionProtection"], instance(ARN)["DeletionProtection"]) == (True, False)
    account.invoke(remediation, {"undo": outcome["id"]})
    assert cluster(CLUSTER)["DeletionProtection"] is False


def all_calls(account: Account) -> None:
    """Take back what was done to a cluster."""
    test_a_cluster_is_put_right_and_back_and_the_instance_of_that_name_is_not_touched(account)


@pytest.mark.parametrize("before", ["orders-before", "orders"], ids=["renamed by now", "not renamed yet"])
def test_a_database_that_the_call_renames_is_found_under_either_name(account: Account, before: str) -> None:
    broken()
    event = sample()
    event["detail"]["requestParameters"] |= {"dBInstanceIdentifier": before, "newDBInstanceIdentifier": "orders" if before != "orders" else "orders-after"}
    assert sorted(account.deliver(remediation, event)) == ["FIXED", "GONE"]


@pytest.mark.parametrize(("arn", "identity"), [(ARN, "db-EXAMPLE1EXAMPLE2EXAMPLE3"), (CLUSTER, "cluster-EXAMPLE1EXAMPLE2")])
@pytest.mark.parametrize("begins", ["", "arn"])
def test_a_database_that_is_named_by_the_id_which_it_never_loses_is_found(arn: str, identity: str, begins: str, account: Account) -> None:
    broken()
    give_id(arn, identity)
    event = sample("enable_db_protection-securityhub")
    event["detail"]["findings"][0]["Resources"][0]["Id"] = f"{arn.rpartition(':')[0]}:{identity}" if begins else identity
    [outcome] = account.invoke(remediation, event)["outcomes"]
    assert (outcome["outcome"], outcome["resource"]) == ("FIXED", arn)
    event["detail"]["findings"][0]["Resources"][0]["Id"] = f"{identity}0"
    assert account.deliver(remediation, {**event, "id": "another"}) == ["GONE"]


def test_a_member_of_a_cluster_is_left_to_the_cluster(account: Account) -> None:
    make_cluster("shop", "orders")
    assert account.deliver(remediation, sample()) == ["ALREADY_OK"]
    assert account.writes == []


def test_a_protected_database_is_left_alone(account: Account) -> None:
    make_instance("orders", DeletionProtection=True)
    make_cluster("orders", "orders-1", DeletionProtection=True)
    for name in ("enable_db_protection", "enable_db_protection-cluster"):
        assert account.deliver(remediation, sample(name)) == ["ALREADY_OK"]


@pytest.mark.parametrize(("kind", "arn", "outcome", "told"), [("", ARN, "NO_CHANGE", []), ("-cluster", CLUSTER, "REPORTED", ["REPORTED"])])
def test_a_new_database_is_put_right_when_rds_says_that_it_is_there(account: Account, kind: str, arn: str, outcome: str, told: list[str]) -> None:
    """Of clusters that are restored AWS does not say that it tells, so people hear of each one."""
    broken()
    put_into_state(arn, "creating")
    assert account.deliver(remediation, sample(f"enable_db_protection{kind}-create")) == [outcome]
    assert account.outcomes() == told
    put_into_state(arn, "available")
    assert account.deliver(remediation, sample(f"enable_db_protection{kind}-created")) == ["FIXED"]


@pytest.mark.parametrize("name", ["enable_db_protection", "enable_db_protection-cluster"])
def test_a_database_that_is_gone_is_an_outcome(account: Account, name: str) -> None:
    assert account.deliver(remediation, sample(name)) == ["GONE"]
