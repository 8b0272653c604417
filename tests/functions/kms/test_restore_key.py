"""restore_key: a customer's key can be used again, and an undo never brings its end nearer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto.kms.models import kms_backends

from functions.kms.restore_key import remediation
from snapback.engine import clock
from tests.harness.account import Account, ApiCall, error, operations
from tests.harness.discovery import Handler
from tests.harness.kms import kms_keys
from tests.harness.scenario import ACCOUNT, REGION, Scenario

kms_keys.as_on_aws()

SAMPLE = "1234abcd-12ab-34cd-56ef-1234567890ab"
DAY = timedelta(days=1)


def key(days: int | None = None) -> str:
    """Make a key; if days are given, one whose deletion was scheduled a minute ago."""
    kms = boto3.client("kms")
    key_id = kms.create_key(Description="made by a test")["KeyMetadata"]["KeyId"]
    if days:
        kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=days)
        a_minute_ago = datetime.fromtimestamp(clock.now(), UTC).replace(tzinfo=None) - timedelta(minutes=1)
        kms_backends[ACCOUNT][REGION].keys[key_id].deletion_date = a_minute_ago + days * DAY
    return key_id


def disabled() -> str:
    key_id = key()
    boto3.client("kms").disable_key(KeyId=key_id)
    return key_id


def days_left(described: Any) -> int | None:  # noqa: ANN401 - KMS's KeyMetadata
    """Return the days until the deletion, counted in whole days as KMS counts them."""
    return round((described["DeletionDate"] - datetime.fromtimestamp(clock.now(), UTC)) / DAY) if "DeletionDate" in described else None


def broken() -> str:
    key(30)
    disabled()
    key_id = key(12)
    boto3.client("kms").create_alias(AliasName="alias/orders", TargetKeyId=key_id)
    return key_id


def state(key_id: str) -> dict[str, Any]:
    kms = boto3.client("kms")
    described = {one["KeyId"]: kms.describe_key(KeyId=one["KeyId"])["KeyMetadata"] for one in kms.list_keys()["Keys"]}
    this = described.pop(key_id)
    return {
        "use": (this["KeyState"], this["Enabled"], days_left(this), this.get("PendingDeletionWindowInDays")),
        "key": {name: value for name, value in this.items() if name not in ("KeyState", "Enabled", "DeletionDate", "PendingDeletionWindowInDays")},
        "aliases": kms.list_aliases(KeyId=key_id)["Aliases"],
        "policy": kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"],
        "others": described,
    }


def primary(days: int = 9) -> str:
    """Make a multi-Region primary key with a replica, whose deletion was scheduled: it waits for the replica's."""
    kms = boto3.client("kms")
    key_id: str = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.replicate_key(KeyId=key_id, ReplicaRegion="eu-west-1")
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=days)
    return key_id


scenario = Scenario(sample=SAMPLE, broken=broken, state=state, touched=frozenset({"use"}), environment={})

variants = {"a primary key that waits for its replicas": replace(scenario, broken=primary)}


def all_calls(account: Account) -> None:
    """A key that was only disabled is disabled again by an undo."""
    fix_and_undo(account, disabled())


def event(key_id: str) -> dict[str, Any]:
    return scenario.event(Handler("kms", "restore_key").samples["restore_key"], key_id)


def fix_and_undo(account: Account, key_id: str) -> None:
    [outcome] = account.invoke(remediation, event(key_id))["outcomes"]
    assert outcome["outcome"] == "FIXED"
    assert account.invoke(remediation, {"undo": outcome["id"]})["outcome"] == "UNDONE"


@pytest.mark.parametrize("make", [disabled, lambda: key(12), primary], ids=["disabled", "pending deletion", "pending deletion after its replicas"])
def test_undo_brings_the_key_back_to_where_it_was(account: Account, make: Any) -> None:  # noqa: ANN401 - a function
    key_id = make()
    before = state(key_id)
    fix_and_undo(account, key_id)
    assert state(key_id) == before


def test_a_disabled_key_is_only_enabled(account: Account) -> None:
    key_id = disabled()
    account.forget()
    assert account.deliver(remediation, event(key_id)) == ["FIXED"]
    assert operations(account.writes) == ["kms:EnableKey"]


@pytest.mark.parametrize(
    ("window", "days_later", "expected"),
    [
        pytest.param(30, 0, 30, id="at once"),
        pytest.param(30, 9.5, 21, id="a part of a day counts as a whole, so that the key does not go sooner"),
        pytest.param(7, 5, 7, id="KMS waits for seven days at least"),
    ],
)
def test_an_undo_days_later_deletes_the_key_on_the_former_date_or_as_soon_after_it_as_kms_allows(
    account: Account, window: int, days_later: float, expected: int
) -> None:
    key_id = key(window)
    [outcome] = account.invoke(remediation, event(key_id))["outcomes"]
    account.clock.pause(days_later * 24 * 3600)
    account.forget()
    account.invoke(remediation, {"undo": outcome["id"]})
    assert [call.parameters.get("PendingWindowInDays") for call in account.writes] == [expected]


def test_a_crash_between_the_two_calls_continues_with_the_second(account: Account) -> None:
    key_id = key(12)

    def once(call: ApiCall, number: int, really: Any) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "EnableKey" and sum(one.operation == "EnableKey" for one in account.calls[: number + 1]) == 1:
            raise error("ThrottlingException", 400, call.operation)
        return really()

    with account.interfered(once):
        assert account.deliver(remediation, event(key_id)) == ["FIXED"]
    assert operations(account.writes) == ["kms:CancelKeyDeletion", "kms:EnableKey", "kms:EnableKey"]
    [alert] = account.alerts()
    assert [*alert["before"][0], *alert["before"][1]] == ["PendingDeletion", "Disabled"]


def test_a_primary_key_that_waits_for_its_replicas_can_be_used_again(account: Account) -> None:
    key_id = primary()
    assert boto3.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "PendingReplicaDeletion"
    account.forget()
    assert account.deliver(remediation, event(key_id)) == ["FIXED"]
    assert operations(account.writes) == ["kms:CancelKeyDeletion", "kms:EnableKey"]
    assert boto3.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "Enabled"


@pytest.mark.parametrize("waiting", ["Creating", "PendingImport", "Unavailable", "Updating"])
def test_a_key_that_waits_for_something_else_is_left_alone(account: Account, waiting: str) -> None:
    key_id = disabled()
    kms_backends[ACCOUNT][REGION].keys[key_id].key_state = waiting
    assert account.deliver(remediation, event(key_id)) == ["ALREADY_OK"]
    assert account.writes == []


def test_a_key_of_aws_is_left_alone(account: Account) -> None:
    key_id = disabled()
    kms_backends[ACCOUNT][REGION].keys[key_id].key_manager = "AWS"
    assert account.deliver(remediation, event(key_id)) == ["ALREADY_OK"]


def test_a_key_that_is_gone_is_an_outcome(account: Account) -> None:
    assert account.deliver(remediation, event(SAMPLE)) == ["GONE"]


def test_the_evidence_says_in_utc_when_the_key_would_have_gone(account: Account) -> None:
    key_id = key(12)
    [pending, _] = remediation.violation(key_id)
    date = datetime.fromisoformat(pending["PendingDeletion"])
    assert date.utcoffset() == timedelta(0)
    assert abs(date - datetime.fromtimestamp(account.clock.time, UTC) - 12 * DAY) < timedelta(minutes=2)
