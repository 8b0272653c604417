import copy
from collections.abc import Mapping
from typing import Any

import pytest

from local.replay.envelope import Judge, NoRecord, envelope, only_reads
from local.replay.rules import FROM_TRAILS, rules
from tests.harness.discovery import HANDLERS
from tests.harness.rules import rules as every_rule
from tests.local.replay.conftest import JUDGE, RECORD

RECORDS = [event for handler in HANDLERS for event in handler.samples.values() if event["detail-type"] in FROM_TRAILS and "Signin" not in event["detail-type"]]


@pytest.mark.parametrize("event", RECORDS, ids=lambda event: f"{event['detail']['eventName']}-{event['id'][:8]}")
def test_around_a_samples_record_the_same_event_is_made(event: Mapping[str, Any]) -> None:
    made = envelope(event["detail"])
    for name in ("source", "detail-type", "account", "region", "detail"):
        assert made[name] == event[name], name


def test_what_is_made_of_a_record_wakes_whom_the_sample_wakes() -> None:
    every = every_rule()
    for event in RECORDS:
        found = JUDGE.candidate(event["detail"])
        woken = {f"{rule.function}{rule.name}" for rule in every if rule.matches(event)}
        assert {rule.name for rule in found.rules} == woken if found else woken == set(), event["detail"]["eventName"]


@pytest.mark.parametrize(
    ("kind", "detail_type"),
    [
        ("AwsApiCall", "AWS API Call via CloudTrail"),
        ("AwsConsoleSignIn", "AWS Console Sign In via CloudTrail"),
        ("AwsConsoleAction", "AWS Console Action via CloudTrail"),
        ("AwsServiceEvent", "AWS Service Event via CloudTrail"),
        ("AwsVpceEvents", "AWS Network Activity Event via CloudTrail"),
        ("AwsVpceEvent", "AWS Network Activity Event via CloudTrail"),
    ],
)
def test_the_kind_of_a_record_is_the_detail_type(kind: str, detail_type: str) -> None:
    assert envelope({**RECORD, "eventType": kind})["detail-type"] == detail_type


def test_a_record_of_insights_has_neither_source_nor_name_of_its_own() -> None:
    record = {name: RECORD[name] for name in ("eventID", "eventTime", "awsRegion", "recipientAccountId")} | {"eventType": "AwsCloudTrailInsight"}
    assert (envelope(record)["source"], envelope(record)["detail-type"]) == ("aws.cloudtrail", "AWS Insight via CloudTrail")


def test_the_account_is_the_trails_or_else_the_callers() -> None:
    record = copy.deepcopy(dict(RECORD)) | {"userIdentity": {"accountId": "444455556666"}}
    assert envelope(record)["account"] == "111122223333"
    del record["recipientAccountId"]
    assert envelope(record)["account"] == "444455556666"
    assert envelope({**record, "userIdentity": None})["account"] == ""


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ("text", "no object"),
        (None, "no object"),
        ([RECORD], "no object"),
        ({}, "no eventTime"),
        ({**RECORD, "eventSource": ""}, "no eventSource"),
        ({**RECORD, "eventName": None}, "no eventName"),
        ({**RECORD, "awsRegion": 5}, "no awsRegion"),
        ({**RECORD, "eventType": "AwsOther"}, "eventType is 'AwsOther'"),
        ({**RECORD, "eventType": ["AwsApiCall"]}, "eventType is"),
        ({**RECORD, "eventTime": "yesterday"}, "'yesterday', which is no time"),
        ({**RECORD, "eventTime": "1969-12-31T23:59:59Z"}, "no CloudTrail then"),
        ({**RECORD, "eventTime": "2030-01-01T00:00:00Z"}, "still to come"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_record_is_refused_with_the_reason(record: object, why: str) -> None:
    with pytest.raises(NoRecord, match=why):
        envelope(record)


@pytest.mark.parametrize("text", ["2026-09-01T12:00:00", "2026-09-01 12:00:00", "2026-09-01T14:00:00+02:00", "20260901T120000Z"])
def test_a_time_that_was_rewritten_is_the_same_second_in_event_and_record(text: str) -> None:
    event = envelope({**RECORD, "eventTime": text})
    assert (event["time"], event["detail"]) == ("2026-09-01T12:00:00Z", RECORD)


def _nested(levels: int) -> object:
    inner: object = "text"
    for _ in range(levels):
        inner = [inner]
    return inner


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"eventID": "\ud800"}, r"half a character in it: '\\ud800'"),
        ({"requestParameters": {"groupId": {"\udfff": 1}}}, "half a character"),
        ({"recipientAccountId": "\ud83d"}, "half a character"),
        ({"requestParameters": _nested(2_000)}, "nested too deep"),
    ],
    ids=["id", "a name", "account", "nested"],
)
def test_what_cannot_be_written_down_is_refused_before_it_is(change: Mapping[str, Any], why: str) -> None:
    with pytest.raises(NoRecord, match=why):
        JUDGE.candidate({**RECORD, **change})
    assert JUDGE.candidate({**RECORD, "requestParameters": {"text": "\U0001f600", "nested": _nested(30)}})


@pytest.mark.parametrize(
    ("change", "reads"),
    [
        ({"eventName": "DescribeInstances"}, True),
        ({"eventName": "GetRole"}, True),
        ({"eventName": "ListBuckets"}, True),
        ({"eventName": "GetSessionToken"}, False),
        ({"eventName": "GetObject", "eventCategory": "Data", "managementEvent": False}, False),
        ({"eventName": "GetObject", "eventType": "AwsVpceEvent", "eventCategory": "NetworkActivity"}, False),
        ({"eventName": "TestEventPattern"}, False),
    ],
    ids=lambda value: value.get("eventName") if isinstance(value, dict) else "",
)
def test_what_only_reads_goes_by_the_name_of_management_calls(change: Mapping[str, Any], reads: bool) -> None:  # noqa: FBT001 - what is expected
    assert only_reads(envelope({**RECORD, **change})) is reads


def test_a_read_reaches_only_rules_that_are_for_all_calls() -> None:
    [reader, *_] = [rule for rule in rules() if rule.hears_reads]
    every = {"source": [{"prefix": "aws."}]}
    judge = Judge([reader._replace(pattern=every), reader._replace(pattern=every, hears_reads=False, name="Changes")])
    read, change = (judge.candidate({**RECORD, "eventName": name}) for name in ("DescribeInstances", "StopInstances"))
    assert read
    assert [rule.name for rule in read.rules] == [reader.name]
    assert change
    assert [rule.name for rule in change.rules] == [reader.name, "Changes"]


def test_a_rule_that_is_deployed_once_hears_nothing_of_other_regions() -> None:
    home_only = next(rule for rule in rules() if rule.is_home_only)._replace(pattern={"source": ["aws.ec2"]})
    assert Judge([home_only]).candidate({**RECORD, "awsRegion": "eu-west-1"}) is None
    assert Judge([home_only]).candidate(RECORD)
