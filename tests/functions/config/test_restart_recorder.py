"""restart_recorder: a recorder that was stopped runs again, and one that was deleted is put back as it was."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from functions.config.restart_recorder import remediation
from snapback.config import recorders
from snapback.engine import memory
from tests.harness.account import ACCOUNT, Account, ApiCall, operations
from tests.harness.discovery import Handler
from tests.harness.scenario import Scenario

RECORDER: Any = {
    "name": "default",
    "roleARN": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
    "recordingGroup": {
        "allSupported": False,
        "includeGlobalResourceTypes": False,
        "resourceTypes": [],
        "exclusionByResourceTypes": {"resourceTypes": ["AWS::EC2::Instance"]},
        "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
    },
}
NARROWED: Any = {**RECORDER, "recordingGroup": {"allSupported": False, "includeGlobalResourceTypes": False, "resourceTypes": ["AWS::EC2::Volume"]}}
CHANNEL: Any = {
    "name": "default",
    "s3BucketName": "a-bucket-for-config",
    "s3KeyPrefix": "audit",
    "s3KmsKeyArn": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "snsTopicARN": f"arn:aws:sns:us-east-1:{ACCOUNT}:config",
    "configSnapshotDeliveryProperties": {"deliveryFrequency": "Six_Hours"},
}


def set_up() -> None:
    """Let AWS Config record."""
    config = boto3.client("config")
    config.put_configuration_recorder(ConfigurationRecorder=RECORDER)
    config.put_delivery_channel(DeliveryChannel=CHANNEL)
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    config.put_configuration_aggregator(ConfigurationAggregatorName="all", AccountAggregationSources=[{"AccountIds": [ACCOUNT], "AllAwsRegions": True}])


def stop(*deleted: str) -> str:
    """Stop the recorder, and delete these parts."""
    config = boto3.client("config")
    config.stop_configuration_recorder(ConfigurationRecorderName="default")
    if "DeliveryChannel" in deleted:
        config.delete_delivery_channel(DeliveryChannelName="default")
    if "ConfigurationRecorder" in deleted:
        config.delete_configuration_recorder(ConfigurationRecorderName="default")
    return ACCOUNT


def remembered_and_deleted(*parts: str) -> str:
    """Remember how AWS Config records, then stop it and delete these parts of it."""
    set_up()
    memory.learn(remediation.name, {ACCOUNT: recorders.parts()})
    return stop(*parts)


def state(_: str) -> dict[str, Any]:
    config = boto3.client("config")
    return {
        "recording": [status["recording"] for status in config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]],
        "recorder": config.describe_configuration_recorders()["ConfigurationRecorders"],
        "channel": config.describe_delivery_channels()["DeliveryChannels"],
        "aggregators": config.describe_configuration_aggregators()["ConfigurationAggregators"],
    }


scenario = Scenario(sample=ACCOUNT, broken=remembered_and_deleted, state=state, touched=frozenset({"recording"}), environment={})


BOTH = ("ConfigurationRecorder", "DeliveryChannel")


def when_deleted(*parts: str) -> Scenario:
    touched = frozenset({"recording", "recorder", "channel"})
    return Scenario(sample=ACCOUNT, broken=lambda: remembered_and_deleted(*parts), state=state, touched=touched, environment={})


variants = {f"{' and '.join(parts)} deleted": when_deleted(*parts) for parts in (BOTH, BOTH[:1], BOTH[1:])}


def all_calls(account: Account) -> None:
    """Put back what was deleted, and delete it again."""
    remembered_and_deleted(*BOTH)
    [outcome] = account.invoke(remediation, event())["outcomes"]
    account.invoke(remediation, {"undo": outcome["id"]})


def event(sample: str = "restart_recorder") -> dict[str, Any]:
    return Handler("config", "restart_recorder").samples[sample]


def sweep() -> dict[str, Any]:
    return event("restart_recorder-sweep")


@pytest.mark.parametrize("parts", [BOTH, BOTH[:1], BOTH[1:]])
def test_what_was_deleted_is_put_back_as_it_was_and_starts(parts: tuple[str, ...], account: Account) -> None:
    stopped = {"recorder": [RECORDER], "channel": [CHANNEL], "recording": [True]}
    remembered_and_deleted(*parts)
    assert account.deliver(remediation, event()) == ["FIXED"]
    assert {part: value for part, value in state(ACCOUNT).items() if part in stopped} == stopped


def test_it_is_put_back_in_the_order_that_aws_asks_for_and_taken_away_in_the_opposite_one(account: Account) -> None:
    all_calls(account)
    assert operations(account.writes) == [
        "config:PutConfigurationRecorder",
        "config:PutDeliveryChannel",
        "config:StartConfigurationRecorder",
        "config:StopConfigurationRecorder",
        "config:DeleteDeliveryChannel",
        "config:DeleteConfigurationRecorder",
    ]


def test_a_channel_to_another_place_is_told_and_is_put_back_so_only_once_it_is_accepted(account: Account) -> None:
    set_up()
    account.deliver(remediation, sweep())
    later: Any = {**CHANNEL, "s3KeyPrefix": "audit-2"}
    boto3.client("config").put_delivery_channel(DeliveryChannel=later)
    assert account.deliver(remediation, {**sweep(), "id": "the next"}) == ["REPORTED"]
    assert account.writes == []
    account.invoke(remediation, {"accept": ACCOUNT, "reason": "moved"})
    stop(*BOTH)
    assert account.deliver(remediation, event()) == ["FIXED"]
    assert state(ACCOUNT)["channel"] == [later]


def test_a_recorder_that_is_made_to_record_one_type_is_told_and_not_remembered(account: Account) -> None:
    set_up()
    account.deliver(remediation, sweep())
    boto3.client("config").put_configuration_recorder(ConfigurationRecorder=NARROWED)
    assert account.deliver(remediation, {**sweep(), "id": "the next"}) == ["REPORTED"]
    assert memory.recall(remediation.name, ACCOUNT)["ConfigurationRecorder"] == RECORDER


def test_a_recorder_that_is_made_to_record_less_is_told_by_that_call(account: Account) -> None:
    set_up()
    account.deliver(remediation, sweep())
    boto3.client("config").put_configuration_recorder(ConfigurationRecorder=NARROWED)
    assert account.deliver(remediation, event("restart_recorder-narrowed")) == ["REPORTED"]
    assert "INCLUSION_BY_RESOURCE_TYPES" in json.dumps(account.alerts()[-1])
    assert memory.recall(remediation.name, ACCOUNT)["ConfigurationRecorder"] == RECORDER


def test_who_sets_config_up_is_not_told_what_is_missing_still(account: Account) -> None:
    boto3.client("config").put_configuration_recorder(ConfigurationRecorder=NARROWED)
    assert account.deliver(remediation, event("restart_recorder-narrowed")) == ["ALREADY_OK"]
    assert account.alerts() == []


def test_where_config_never_was_on_a_sweep_writes_and_tells_nothing(account: Account) -> None:
    assert account.deliver(remediation, sweep()) == ["ALREADY_OK"]
    assert account.alerts() == []
    assert [call for call in account.calls if call.own and not call.is_recall] == []


def test_the_sweep_starts_a_recorder_whose_stop_was_missed_and_remembers_nothing_broken(account: Account) -> None:
    set_up()
    stop()
    assert account.deliver(remediation, sweep()) == ["FIXED"]
    assert memory.recall(remediation.name, ACCOUNT) is None


def test_parts_that_go_while_the_sweep_looks_do_not_replace_the_good_memory(account: Account) -> None:
    set_up()
    account.deliver(remediation, sweep())
    good = memory.recall(remediation.name, ACCOUNT)

    def deleted_after_the_verdict(call: ApiCall, number: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        looks = [one for one in account.calls[: number + 1] if one.operation == "DescribeConfigurationRecorders"]
        if call.operation == "DescribeConfigurationRecorders" and len(looks) == 2:
            stop(*BOTH)
        return really()

    with account.interfered(deleted_after_the_verdict):
        assert account.deliver(remediation, {**sweep(), "id": "the next sweep"}) == ["FIXED"], "at Lambda's next try"
    assert memory.recall(remediation.name, ACCOUNT) == good
    assert state(ACCOUNT)["recorder"] == [RECORDER]


def test_what_nobody_remembers_is_left_to_people_in_clear_words(account: Account) -> None:
    set_up()
    stop(*BOTH)
    before = state(ACCOUNT)
    account.forget()
    assert account.deliver(remediation, event()) == ["REPORTED"]
    [alert] = account.alerts()
    assert "set up its recorder and its delivery channel by hand" in alert["reason"]
    assert account.writes == []
    assert state(ACCOUNT) == before


def test_a_stopped_recorder_is_started_without_any_memory(account: Account) -> None:
    set_up()
    stop()
    assert account.deliver(remediation, event()) == ["FIXED"]


def test_a_recorder_that_somebody_made_meanwhile_is_kept_and_started(account: Account) -> None:
    remembered_and_deleted(*BOTH)
    another: Any = {**RECORDER, "name": "another"}
    boto3.client("config").put_configuration_recorder(ConfigurationRecorder=another)
    account.forget()
    assert account.deliver(remediation, event()) == ["FIXED"]
    assert operations(account.writes) == ["config:PutDeliveryChannel", "config:StartConfigurationRecorder"]
    assert [recorder["name"] for recorder in state(ACCOUNT)["recorder"]] == ["another"]


def test_what_aws_adds_to_a_recorder_is_not_given_back_to_it(account: Account) -> None:
    set_up()

    def described(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        answer = really()
        for recorder in answer["ConfigurationRecorders"] if call.operation == "DescribeConfigurationRecorders" else []:
            recorder |= {"arn": f"arn:aws:config:us-east-1:{ACCOUNT}:configuration-recorder/default/abc", "recordingScope": "PAID"}
        return answer

    with account.interfered(described):
        account.deliver(remediation, sweep())
    assert memory.recall(remediation.name, ACCOUNT)["ConfigurationRecorder"] == RECORDER


def test_an_undo_does_not_delete_a_recorder_that_somebody_has_set_up_otherwise_since(account: Account) -> None:
    remembered_and_deleted(*BOTH)
    [outcome] = account.invoke(remediation, event())["outcomes"]
    boto3.client("config").put_configuration_recorder(ConfigurationRecorder=NARROWED)
    before = state(ACCOUNT)
    assert account.invoke(remediation, {"undo": outcome["id"], "reason": "it costs too much"})["outcome"] == "UNDO_REFUSED"
    assert state(ACCOUNT) == before
