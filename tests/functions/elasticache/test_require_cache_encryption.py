"""require_cache_encryption: a cache takes encrypted connections beside the others; what cannot be switched on is told with what to do."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from functions.elasticache.require_cache_encryption import remediation
from tests.harness.account import Account, ApiCall
from tests.harness.discovery import Handler
from tests.harness.elasticache import caches
from tests.harness.elasticache.caches import backend, group, make_group
from tests.harness.scenario import Scenario

caches.as_on_aws()

SWITCHED = ("TransitEncryptionEnabled", "TransitEncryptionMode")


def broken() -> str:
    make_group("another")
    return make_group("sessions")


def state(name: str) -> dict[str, Any]:
    live = group(name)
    nodes = boto3.client("elasticache").describe_cache_clusters()["CacheClusters"]
    return {
        "in transit": [live.pop(part, None) for part in SWITCHED],
        "rest": live,
        "another": group("another"),
        "nodes": [[node["CacheClusterId"], node["EngineVersion"], node["CacheClusterStatus"]] for node in nodes],
    }


scenario = Scenario(sample="sessions", broken=broken, state=state, touched=frozenset({"in transit"}), environment={})


def sample(name: str = "require_cache_encryption") -> dict[str, Any]:
    return Handler("elasticache", "require_cache_encryption").samples[name]


def test_it_takes_encrypted_connections_and_goes_on_taking_others(account: Account) -> None:
    broken()
    assert account.deliver(remediation, sample()) == ["FIXED"]
    assert [group("sessions").get(part) for part in SWITCHED] == [True, "preferred"]
    [call] = account.writes
    assert call.parameters.keys() == {"ReplicationGroupId", "ApplyImmediately", *SWITCHED}


@pytest.mark.parametrize("mode", ["preferred", "required"])
def test_an_encrypted_cache_is_left_alone_in_whichever_mode(account: Account, mode: str) -> None:
    make_group("sessions", TransitEncryptionEnabled=True, TransitEncryptionMode=mode)
    assert account.deliver(remediation, sample()) == ["ALREADY_OK"]


@pytest.mark.parametrize(("version", "outcome"), [("6.2.6", "REPORTED"), ("7.0.4", "REPORTED"), ("7.0.5", "FIXED"), ("7.1.0", "FIXED"), ("10.0.0", "FIXED")])
def test_redis_can_be_switched_from_the_version_on_that_can_do_it(account: Account, version: str, outcome: str) -> None:
    make_group("sessions", engine="redis", version=version)
    assert account.deliver(remediation, sample()) == [outcome]
    if outcome == "REPORTED":
        assert account.writes == []
        assert "too old" in account.alerts()[0]["reason"]


def test_what_is_not_encrypted_at_rest_is_told_with_what_to_do(account: Account) -> None:
    make_group("sessions", TransitEncryptionEnabled=True, TransitEncryptionMode="required", AtRestEncryptionEnabled=False)
    assert account.deliver(remediation, sample()) == ["REPORTED"]
    assert account.writes == []
    assert "Make a new cache from a backup" in account.alerts()[0]["reason"]


def test_storage_that_is_encrypted_although_the_flag_says_no_is_not_wrong(account: Account) -> None:
    make_group("sessions", TransitEncryptionEnabled=True, TransitEncryptionMode="required", AtRestEncryptionEnabled=False)
    backend().replication_groups["sessions"].storage_encryption_type = "sse-elasticache"
    assert account.deliver(remediation, sample()) == ["ALREADY_OK"]


def test_where_both_are_missing_one_is_put_right_the_other_told_and_the_first_can_be_taken_back(account: Account) -> None:
    make_group("sessions", AtRestEncryptionEnabled=False)
    assert account.deliver(remediation, sample()) == ["PARTIAL"]
    assert account.deliver(remediation, {**sample(), "id": "another event"}) == ["REPORTED"]
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDONE"
    assert group("sessions")["TransitEncryptionEnabled"] is False


def test_an_undo_takes_nothing_back_once_people_have_taken_the_second_step(account: Account) -> None:
    broken()
    account.deliver(remediation, sample())
    account.forget()
    backend().replication_groups["sessions"].transit_encryption_mode = "required"
    answer = account.invoke(remediation, {"undo": account.alerts()[0]["id"]})
    assert answer["outcome"] == "UNDO_REFUSED"
    assert "first set the mode to preferred" in answer["reason"]
    assert account.writes == []


Interference = Callable[[ApiCall, int, Callable[[], Any]], Any]


def waiting(operation: str, key: str, changes: object) -> Interference:
    """Return an interference in which these changes wait for the maintenance window, as AWS describes it."""
    return described_with(operation, key, {"PendingModifiedValues": changes})


def described_with(operation: str, key: str, parts: Any) -> Interference:  # noqa: ANN401 - parts of any type
    """Return an interference in which what AWS describes has these parts."""

    def described(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        answer = really()
        for live in answer[key] if call.operation == operation else []:
            live.update(parts)
        return answer

    return described


@pytest.mark.parametrize(
    "interference",
    [
        waiting("DescribeReplicationGroups", "ReplicationGroups", {"ClusterMode": "compatible"}),
        waiting("DescribeCacheClusters", "CacheClusters", {"EngineVersion": "8.1"}),
    ],
    ids=["for the group", "for a node"],
)
def test_where_something_else_waits_for_the_maintenance_window_it_is_left_to_people(account: Account, interference: Any) -> None:  # noqa: ANN401
    broken()
    with account.interfered(interference):
        assert account.deliver(remediation, sample()) == ["REPORTED"]
    assert account.writes == []
    assert "would be changed along with it" in account.alerts()[0]["reason"]


def test_nothing_that_waits_does_not_count_as_something(account: Account) -> None:
    broken()
    with account.interfered(waiting("DescribeCacheClusters", "CacheClusters", {})):
        assert account.deliver(remediation, sample()) == ["FIXED"]


def test_a_member_of_a_global_datastore_is_left_to_people(account: Account) -> None:
    broken()
    datastore = {"GlobalReplicationGroupId": "abcde-shop", "GlobalReplicationGroupMemberRole": "PRIMARY"}
    with account.interfered(described_with("DescribeReplicationGroups", "ReplicationGroups", {"GlobalReplicationGroupInfo": datastore})):
        assert account.deliver(remediation, sample()) == ["REPORTED"]
    assert account.writes == []


def test_a_cache_that_elasticache_is_at_work_on_is_tried_again(account: Account) -> None:
    broken()
    backend().replication_groups["sessions"].status = "snapshotting"
    with pytest.raises(ClientError, match="InvalidReplicationGroupState"):
        account.invoke(remediation, sample())
    backend().replication_groups["sessions"].status = "available"
    account.clock.pause(60)
    assert account.deliver(remediation, sample()) == ["FIXED"]


@pytest.mark.parametrize("status", ["creating", "create-failed"])
def test_a_cache_that_is_still_being_created_or_could_not_be_is_told(account: Account, status: str) -> None:
    """ElastiCache refuses to change either, with the code with which it refuses while it is at work on one."""
    broken()
    backend().replication_groups["sessions"].status = status
    assert account.deliver(remediation, sample()) == ["REPORTED"]
    assert account.dead_letters == []


def test_a_change_that_elasticache_lists_as_pending_is_made(account: Account) -> None:
    broken()
    sent: list[str] = []

    def slowly(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        answer = really()
        sent.extend([call.operation] if call.operation == "ModifyReplicationGroup" else [])
        for live in answer["ReplicationGroups"] if call.operation == "DescribeReplicationGroups" and sent else []:
            pending = {"TransitEncryptionEnabled": True, "TransitEncryptionMode": "preferred"}
            live |= {"Status": "modifying", "TransitEncryptionEnabled": False, "PendingModifiedValues": pending}
        return answer

    with account.interfered(slowly):
        assert account.deliver(remediation, sample()) == ["FIXED"]
    assert len(sent) == 1


def test_a_preview_does_not_wait_for_elasticache(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    broken()
    backend().replication_groups["sessions"].status = "modifying"
    assert account.deliver(remediation, sample()) == ["WOULD_FIX"]


@pytest.mark.parametrize("status", [None, "deleting"])
def test_a_cache_that_is_gone_or_going_is_an_outcome(account: Account, status: str | None) -> None:
    if status:
        broken()
        backend().replication_groups["sessions"].status = status
    assert account.deliver(remediation, sample()) == ["GONE"]


def test_a_name_in_capitals_means_the_cache_that_elasticache_keeps_in_lower_case(account: Account) -> None:
    broken()
    event = sample()
    event["detail"]["requestParameters"]["replicationGroupId"] = "Sessions"
    assert account.deliver(remediation, event) == ["FIXED"]
