"""restrict_db_instance: a public instance becomes private, nothing else of it changes, and RDS gets the time it takes."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from functions.rds.enable_db_protection import remediation as protection
from functions.rds.restrict_db_instance import remediation
from tests.harness.account import Account, ApiCall, operations
from tests.harness.discovery import Handler
from tests.harness.rds import databases
from tests.harness.rds.databases import PREFIX, instance, make_cluster, make_instance, put_into_multi_az_cluster, put_into_state
from tests.harness.scenario import Scenario

databases.as_on_aws()

ARN = f"{PREFIX}:db:orders"


def broken() -> str:
    make_instance("another", PubliclyAccessible=True)
    return make_instance("orders", PubliclyAccessible=True)


def state(arn: str) -> dict[str, Any]:
    live = instance(arn)
    live.pop("DBInstanceStatus")  # passes from modifying to available by itself
    return {"public": live.pop("PubliclyAccessible"), "rest": live, "another": instance(f"{PREFIX}:db:another")}


scenario = Scenario(sample=ARN, broken=broken, state=state, touched=frozenset({"public"}), environment={})


def sample(name: str = "restrict_db_instance") -> dict[str, Any]:
    return Handler("rds", "restrict_db_instance").samples[name]


def test_a_private_instance_is_left_alone(account: Account) -> None:
    make_instance("orders", PubliclyAccessible=False)
    assert account.deliver(remediation, sample()) == ["ALREADY_OK"]


def test_it_asks_for_nothing_but_this_so_that_what_waits_for_the_maintenance_window_goes_on_waiting(account: Account) -> None:
    broken()
    assert account.deliver(remediation, sample()) == ["FIXED"]
    [call] = account.writes
    assert call.parameters == {"DBInstanceIdentifier": "orders", "PubliclyAccessible": False}


def test_a_public_member_of_a_cluster_is_put_right_itself(account: Account) -> None:
    make_cluster("shop", "orders")
    boto3.client("rds").modify_db_instance(DBInstanceIdentifier="orders", PubliclyAccessible=True)
    account.clock.pause(60)
    assert account.deliver(remediation, sample("restrict_db_instance-guardduty")) == ["FIXED"]
    assert instance(ARN)["PubliclyAccessible"] is False


@pytest.mark.parametrize("mode", ["enforce", "preview"])
def test_a_public_member_of_a_multi_az_cluster_is_left_to_people(account: Account, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", mode)
    put_into_multi_az_cluster(broken())
    assert account.deliver(remediation, sample()) == ["REPORTED"]
    assert account.writes == []
    assert "RDS takes no change of a single one" in account.alerts()[0]["reason"]


def test_an_instance_that_rds_is_at_work_on_is_tried_again_until_it_can_be_changed(account: Account) -> None:
    broken()
    put_into_state(ARN, "modifying")
    with pytest.raises(ClientError, match="InvalidDBInstanceState"):
        account.invoke(remediation, sample())
    put_into_state(ARN, "available")
    account.clock.pause(60)
    assert account.deliver(remediation, sample()) == ["FIXED"]


def test_a_preview_does_not_wait_for_rds(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    broken()
    put_into_state(ARN, "modifying")
    assert account.deliver(remediation, sample()) == ["WOULD_FIX"]


@pytest.mark.parametrize(("status", "outcome", "told"), [("creating", "NO_CHANGE", []), ("stopped", "REPORTED", ["REPORTED"])])
def test_an_instance_that_cannot_be_changed_for_long_is_put_right_when_rds_says_that_it_is_there(
    account: Account, status: str, outcome: str, told: list[str]
) -> None:
    """Of one that is being created nobody need hear: three functions would tell of it, minutes before each of them puts it right."""
    broken()
    put_into_state(ARN, status)
    assert account.deliver(remediation, sample("restrict_db_instance-create")) == [outcome]
    assert account.dead_letters == []
    put_into_state(ARN, "available")
    assert account.deliver(remediation, sample("restrict_db_instance-created")) == ["FIXED"]
    assert account.outcomes() == [*told, "FIXED"]


def test_an_instance_that_is_not_there_yet_though_rds_says_so_is_tried_again(account: Account) -> None:
    broken()
    put_into_state(ARN, "creating")
    assert account.deliver(remediation, sample("restrict_db_instance-created")) == []
    assert "still being created" in account.dead_letters[0][1]


def test_of_an_engine_of_which_rds_does_not_tell_people_hear_while_it_is_being_created(account: Account) -> None:
    make_instance("orders", PubliclyAccessible=True, Engine="neptune")
    put_into_state(ARN, "creating")
    assert account.deliver(remediation, sample("restrict_db_instance-create")) == ["REPORTED"]


def test_a_change_that_rds_takes_a_while_for_is_told_as_fixed_once_it_is_to_be_seen_and_sent_once(account: Account) -> None:
    broken()
    sent: list[float] = []

    def slowly(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        """Answer as RDS does: the old setting at first, then the state `modifying`, and the new setting after a minute."""
        answer = really()
        if call.operation == "ModifyDBInstance":
            sent.append(account.clock.time)
        if call.operation == "DescribeDBInstances" and sent and (age := account.clock.time - sent[0]) < 50:
            [live] = answer["DBInstances"]
            live |= {"PubliclyAccessible": True, "DBInstanceStatus": "modifying" if age > 5 else "available"}
        return answer

    with account.interfered(slowly):
        assert account.deliver(remediation, sample()) == ["FIXED"]
        assert operations(account.writes) == ["rds:ModifyDBInstance"]
    assert account.outcomes() == ["FIXED"]
    assert account.dead_letters == []


@pytest.mark.parametrize("seconds", [30, 90, 170])
def test_however_late_rds_shows_a_change_it_is_never_told_as_a_failure(seconds: int, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "BEGINS", seconds / 2)
    monkeypatch.setattr(databases, "ENDS", seconds)
    broken()
    assert account.deliver(remediation, sample()) == ["FIXED"]
    assert account.outcomes() == ["FIXED"]
    assert account.dead_letters == []
    assert instance(ARN)["PubliclyAccessible"] is False


def test_a_change_that_rds_never_shows_is_kept_as_a_dead_letter_that_says_it_was_accepted(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "BEGINS", 10_000)
    broken()
    assert account.deliver(remediation, sample()) == []
    assert "AWS has accepted the change" in account.dead_letters[0][1]
    assert account.outcomes() == []


def test_functions_that_hear_the_same_call_wait_for_each_other(account: Account) -> None:
    """While RDS makes the instance private it refuses the others' changes; each is tried until it takes."""
    broken()
    boto3.client("rds").modify_db_instance(DBInstanceIdentifier="orders", PubliclyAccessible=False)
    account.clock.pause(databases.BEGINS)
    event = Handler("rds", "enable_db_protection").samples["enable_db_protection"]
    assert account.deliver(protection, event) == ["FIXED"]
    assert account.dead_letters == []


@pytest.mark.parametrize("status", ["failed", "inaccessible-encryption-credentials", "incompatible-network"])
def test_an_instance_in_a_state_that_people_must_end_is_left_to_them(status: str, account: Account) -> None:
    broken()
    put_into_state(ARN, status)
    assert account.deliver(remediation, sample()) == ["REPORTED"]
    assert status in account.alerts()[0]["reason"]


@pytest.mark.parametrize("status", [None, "deleting"])
def test_an_instance_that_is_gone_or_going_is_an_outcome(account: Account, status: str | None) -> None:
    if status:
        broken()
        put_into_state(ARN, status)
    assert account.deliver(remediation, sample()) == ["GONE"]


def test_a_cluster_is_not_taken_for_an_instance(account: Account) -> None:
    make_cluster("orders", "orders-1")
    with pytest.raises(Exception, match="name one of the cluster's members instead"):
        account.invoke(remediation, {"preview": f"{PREFIX}:cluster:orders"})
