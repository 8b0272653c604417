"""enable_db_backups: backups begin, or are kept for longer, and nothing that waits for the maintenance window comes along with that."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from functions.rds.enable_db_backups import remediation
from tests.harness.account import Account, ApiCall
from tests.harness.discovery import Handler
from tests.harness.rds import databases
from tests.harness.rds.databases import PREFIX, back_up_with_aws_backup, instance, make_cluster, make_instance, put_into_state
from tests.harness.scenario import Scenario

databases.as_on_aws()

ARN = f"{PREFIX}:db:orders"


def broken() -> str:
    make_instance("another", BackupRetentionPeriod=0)
    return make_instance("orders", BackupRetentionPeriod=0)


def state(arn: str) -> dict[str, Any]:
    live = instance(arn)
    return {"days": live.pop("BackupRetentionPeriod"), "rest": live, "another": instance(f"{PREFIX}:db:another")}


scenario = Scenario(sample=ARN, broken=broken, state=state, touched=frozenset({"days"}), environment={"MIN_BACKUP_DAYS": "7"})


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIN_BACKUP_DAYS", "7")


def sample(name: str = "enable_db_backups") -> dict[str, Any]:
    return Handler("rds", "enable_db_backups").samples[name]


def waiting(**changes: Any) -> Callable[[ApiCall, int, Callable[[], Any]], Any]:  # noqa: ANN401 - settings of any type
    """Return an interference in which these changes wait for the instance's maintenance window, as AWS describes it."""

    def described(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        answer = really()
        for live in answer["DBInstances"] if call.operation == "DescribeDBInstances" else []:
            live["PendingModifiedValues"] = changes
        return answer

    return described


def test_to_begin_with_backups_does_not_wait_for_the_maintenance_window(account: Account) -> None:
    broken()
    account.deliver(remediation, sample())
    [call] = account.writes
    assert call.parameters == {"DBInstanceIdentifier": "orders", "BackupRetentionPeriod": 7, "ApplyImmediately": True}


def test_to_keep_them_for_longer_needs_no_haste_so_nothing_else_is_hastened(account: Account) -> None:
    make_instance("orders", BackupRetentionPeriod=3)
    with account.interfered(waiting(EngineVersion="17.1")):
        assert account.deliver(remediation, sample()) == ["FIXED"]
    [call] = account.writes
    assert call.parameters == {"DBInstanceIdentifier": "orders", "BackupRetentionPeriod": 7}
    account.invoke(remediation, {"undo": account.alerts()[0]["id"]})
    assert instance(ARN)["BackupRetentionPeriod"] == 3


def test_where_something_else_waits_for_the_maintenance_window_it_is_left_to_people(account: Account) -> None:
    broken()
    with account.interfered(waiting(EngineVersion="17.1", MasterUserPassword="****")):
        assert account.deliver(remediation, sample()) == ["REPORTED"]
    assert account.writes == []
    assert "EngineVersion, MasterUserPassword would be changed along with it" in account.alerts()[0]["reason"]


@pytest.mark.parametrize("mode", ["enforce", "preview"])
def test_where_aws_backup_sets_the_days_it_is_left_to_people(account: Account, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", mode)
    make_instance("orders", BackupRetentionPeriod=3)
    back_up_with_aws_backup(ARN)
    assert account.deliver(remediation, sample()) == ["REPORTED"]
    assert account.writes == []
    assert "let the backup plan keep them for 7 days" in account.alerts()[0]["reason"]


def test_days_that_are_on_their_way_count_as_set(account: Account) -> None:
    broken()
    with account.interfered(waiting(BackupRetentionPeriod=7)):
        assert account.deliver(remediation, sample()) == ["ALREADY_OK"]


@pytest.mark.parametrize("days", [7, 35])
def test_enough_days_are_left_alone(account: Account, days: int) -> None:
    make_instance("orders", BackupRetentionPeriod=days)
    assert account.deliver(remediation, sample()) == ["ALREADY_OK"]


def test_an_undo_is_refused_if_somebody_has_set_other_days_since(account: Account) -> None:
    broken()
    account.deliver(remediation, sample())
    boto3.client("rds").modify_db_instance(DBInstanceIdentifier="orders", BackupRetentionPeriod=14)
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDO_REFUSED"
    assert instance(ARN)["BackupRetentionPeriod"] == 14


def test_a_member_of_a_cluster_is_left_to_the_cluster(account: Account) -> None:
    make_cluster("shop", "orders", BackupRetentionPeriod=1)
    assert instance(ARN)["BackupRetentionPeriod"] == 1
    assert account.deliver(remediation, sample()) == ["ALREADY_OK"]


def test_a_read_replica_is_left_alone(account: Account) -> None:
    make_instance("source", BackupRetentionPeriod=7)
    boto3.client("rds").create_db_instance_read_replica(DBInstanceIdentifier="orders", SourceDBInstanceIdentifier="source")
    boto3.client("rds").modify_db_instance(DBInstanceIdentifier="orders", BackupRetentionPeriod=0)
    assert instance(ARN)["BackupRetentionPeriod"] == 0
    assert account.deliver(remediation, sample()) == ["ALREADY_OK"]


def test_a_new_instance_is_put_right_when_rds_says_that_it_is_there(account: Account) -> None:
    broken()
    put_into_state(ARN, "creating")
    assert account.deliver(remediation, sample("enable_db_backups-create")) == ["NO_CHANGE"]
    assert account.outcomes() == []
    put_into_state(ARN, "available")
    assert account.deliver(remediation, sample("enable_db_backups-created")) == ["FIXED"]


def test_an_instance_that_is_gone_is_an_outcome(account: Account) -> None:
    assert account.deliver(remediation, sample()) == ["GONE"]
