"""restore_trail: what a trail lost comes back as it was remembered, what its owners changed otherwise stays."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from functions.cloudtrail.restore_trail import remediation
from snapback.cloudtrail.trail_states import state_of
from snapback.engine import memory
from tests.harness.account import Account, ApiCall, operations
from tests.harness.cloudtrail import trails
from tests.harness.discovery import Handler
from tests.harness.scenario import ACCOUNT, REGION, Scenario

trails.as_on_aws()

NAME = "management-events"
ARN = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{NAME}"
SETTINGS: Any = {
    "S3BucketName": "a-bucket-for-trails",
    "S3KeyPrefix": "audit",
    "IncludeGlobalServiceEvents": True,
    "IsMultiRegionTrail": True,
    "EnableLogFileValidation": True,
    "CloudWatchLogsLogGroupArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:trail:*",
    "CloudWatchLogsRoleArn": f"arn:aws:iam::{ACCOUNT}:role/TrailToLogs",
    "KmsKeyId": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
}
SELECTORS: Any = {
    "EventSelectors": [
        {
            "ReadWriteType": "All",
            "IncludeManagementEvents": True,
            "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::secrets/"]}],
            "ExcludeManagementEventSources": [],
        }
    ]
}
WRITES_ONLY: Any = [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True, "DataResources": [], "ExcludeManagementEventSources": []}]
WEAK: Any = {
    "IncludeGlobalServiceEvents": False,
    "IsMultiRegionTrail": False,
    "EnableLogFileValidation": False,
    "CloudWatchLogsLogGroupArn": "",
    "CloudWatchLogsRoleArn": "",
    "KmsKeyId": "",
}


def set_up(name: str = NAME, region: str = REGION, **settings: Any) -> str:  # noqa: ANN401 - settings of a trail
    """Make a trail that logs; return its ARN."""
    boto3.client("s3").create_bucket(Bucket="a-bucket-for-trails")
    cloudtrail = boto3.client("cloudtrail", region_name=region)
    arn = cloudtrail.create_trail(Name=name, **{**SETTINGS, **settings})["TrailARN"]
    cloudtrail.put_event_selectors(TrailName=arn, **SELECTORS)
    cloudtrail.start_logging(Name=arn)
    return arn


def remembered(**settings: Any) -> str:  # noqa: ANN401
    set_up("of-europe", "eu-west-1")
    arn = set_up(**settings)
    memory.learn(remediation.name, {arn: state_of(arn)})
    return arn


def broken() -> str:
    arn = remembered()
    boto3.client("cloudtrail").update_trail(Name=arn, **WEAK)
    boto3.client("cloudtrail").put_event_selectors(TrailName=arn, EventSelectors=WRITES_ONLY)
    return arn


def deleted() -> str:
    arn = remembered()
    boto3.client("cloudtrail").delete_trail(Name=NAME)
    return arn


def state(_: str) -> dict[str, Any]:
    found: dict[str, Any] = {"this": None}
    for name, region in ((NAME, REGION), ("of-europe", "eu-west-1")):
        cloudtrail = boto3.client("cloudtrail", region_name=region)
        for trail in cloudtrail.describe_trails(includeShadowTrails=False)["trailList"]:
            arn = trail["TrailARN"]
            selectors = cloudtrail.get_event_selectors(TrailName=arn)
            about = [trail, selectors.get("EventSelectors"), selectors.get("AdvancedEventSelectors"), cloudtrail.get_trail_status(Name=arn)["IsLogging"]]
            found["this" if name == NAME else name] = about
    return found


scenario = Scenario(sample=ARN, broken=broken, state=state, touched=frozenset({"this"}), environment={})


variants = {"deleted": replace(scenario, broken=deleted)}


def event(sample: str = "restore_trail") -> dict[str, Any]:
    return Handler("cloudtrail", "restore_trail").samples[sample]


def all_calls(account: Account) -> None:
    """Put a deleted trail back and delete it again; then start one that its owners made again and did not start. Look how long a good one's files stay."""
    set_up("of-another-team")
    account.deliver(remediation, event("restore_trail-lifecycle"))
    deleted()
    [outcome] = account.invoke(remediation, event("restore_trail-delete"))["outcomes"]
    account.invoke(remediation, {"undo": outcome["id"]})
    account.invoke(remediation, {"unexempt": ARN})
    boto3.client("cloudtrail").create_trail(Name=NAME, **SETTINGS)
    boto3.client("cloudtrail").put_event_selectors(TrailName=NAME, **SELECTORS)
    account.clock.pause(7200)
    [outcome] = account.invoke(remediation, {**event("restore_trail-delete"), "id": "another"})["outcomes"]
    account.invoke(remediation, {"undo": outcome["id"]})


def test_a_deleted_trail_is_made_again_as_it_was_and_starts(account: Account) -> None:
    remembered()
    before = state(ARN)
    boto3.client("cloudtrail").delete_trail(Name=NAME)
    assert account.deliver(remediation, event("restore_trail-delete")) == ["FIXED"]
    assert operations(account.writes) == ["cloudtrail:CreateTrail", "cloudtrail:PutEventSelectors", "cloudtrail:StartLogging"]
    assert state(ARN) == before


def test_a_deleted_trail_that_nobody_remembers_is_told_to_people(account: Account) -> None:
    assert account.deliver(remediation, event("restore_trail-delete")) == ["REPORTED"]
    assert "make it again by hand" in account.alerts()[0]["reason"]


def test_a_trail_that_is_blinded_minutes_after_the_deployment_is_put_back_as_it_was_then(account: Account) -> None:
    arn = set_up()
    assert account.deliver(remediation, event("restore_trail-deployed")) == ["ALREADY_OK"]
    boto3.client("cloudtrail").put_event_selectors(TrailName=arn, EventSelectors=WRITES_ONLY)
    account.clock.pause(300)
    assert account.deliver(remediation, event()) == ["FIXED"]
    assert boto3.client("cloudtrail").get_event_selectors(TrailName=arn)["EventSelectors"] == SELECTORS["EventSelectors"]


def test_a_weak_trail_that_nobody_remembers_as_stronger_is_left_alone(account: Account) -> None:
    boto3.client("cloudtrail").update_trail(Name=set_up(), **WEAK)
    assert account.deliver(remediation, event()) == ["ALREADY_OK"]
    assert account.writes == []


def test_a_move_to_another_bucket_stays_and_is_told_until_somebody_accepts_it(account: Account) -> None:
    remembered()
    boto3.client("s3").create_bucket(Bucket="another-bucket")
    boto3.client("cloudtrail").update_trail(Name=NAME, S3BucketName="another-bucket")
    assert account.deliver(remediation, event()) == ["REPORTED"]
    assert account.deliver(remediation, event("restore_trail-sweep")) == ["REPORTED"]
    [alert] = account.alerts()
    assert alert["before"] == [{"Changed": "Trail.S3BucketName", "Was": SETTINGS["S3BucketName"], "Is": "another-bucket"}]
    assert memory.recall(remediation.name, ARN)["Trail"]["S3BucketName"] == SETTINGS["S3BucketName"]
    assert account.writes == []
    assert account.invoke(remediation, {"accept": ARN, "reason": "moved"})["outcome"] == "ACCEPTED"
    assert account.deliver(remediation, {**event("restore_trail-sweep"), "id": "the next"}) == ["ALREADY_OK"]
    assert memory.recall(remediation.name, ARN)["Trail"]["S3BucketName"] == "another-bucket"
    assert account.outcomes() == ["REPORTED", "ACCEPTED"]


def test_a_stopped_trail_is_left_to_restart_trail_and_is_not_what_is_remembered(account: Account) -> None:
    remembered()
    boto3.client("cloudtrail").stop_logging(Name=ARN)
    assert account.deliver(remediation, event("restore_trail-sweep")) == ["REPORTED"]
    assert account.writes == []
    assert memory.recall(remediation.name, ARN)["Logging"] is True


def test_a_trail_that_was_made_stronger_is_remembered_so_without_a_word(account: Account) -> None:
    remembered()
    boto3.client("cloudtrail").put_event_selectors(TrailName=ARN, EventSelectors=ALL)
    assert account.deliver(remediation, event("restore_trail-sweep")) == ["ALREADY_OK"]
    assert memory.recall(remediation.name, ARN)["Selectors"] == {"EventSelectors": ALL}


def test_the_only_trail_that_was_stopped_and_deleted_is_back_after_the_next_sweep_though_no_event_told_of_it(account: Account) -> None:
    remembered()
    before = state(ARN)
    boto3.client("cloudtrail").stop_logging(Name=ARN)
    boto3.client("cloudtrail").delete_trail(Name=NAME)
    assert account.deliver(remediation, event("restore_trail-sweep")) == ["FIXED"]
    assert state(ARN) == before


def test_a_trail_whose_deletion_was_accepted_is_not_looked_for_any_more(account: Account) -> None:
    remembered()
    boto3.client("cloudtrail").delete_trail(Name=NAME)
    assert account.invoke(remediation, {"accept": ARN, "reason": "replaced"})["outcome"] == "ACCEPTED"
    assert account.deliver(remediation, event("restore_trail-sweep")) == ["ALREADY_OK"]
    assert memory.names(remediation.name) == []


def test_only_the_setting_that_was_lost_is_given_back(account: Account) -> None:
    remembered()
    boto3.client("cloudtrail").update_trail(Name=ARN, KmsKeyId="")
    assert account.deliver(remediation, event()) == ["FIXED"]
    assert [dict(call.parameters) for call in account.writes] == [{"Name": ARN, "KmsKeyId": SETTINGS["KmsKeyId"]}]


ALL: Any = [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}]
ADVANCED: Any = [
    {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
    {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object", "AWS::Lambda::Function"]}]},
]
SPLIT: Any = [{**SELECTORS["EventSelectors"][0], "ReadWriteType": kind} for kind in ("ReadOnly", "WriteOnly")]
WITHOUT_KMS: Any = [{**SELECTORS["EventSelectors"][0], "ExcludeManagementEventSources": ["kms.amazonaws.com"]}]


def basic(*buckets: str, **more: Any) -> Any:  # noqa: ANN401 - selectors
    """Return basic selectors for what happens in these buckets."""
    data = [{"Type": "AWS::S3::Object", "Values": [f"arn:aws:s3:::{bucket}/" for bucket in buckets]}]
    return {"EventSelectors": [{**SELECTORS["EventSelectors"][0], "DataResources": data, **more}]}


def advanced(*buckets: str) -> Any:  # noqa: ANN401 - selectors
    """Return advanced selectors for management events, and for what happens in these buckets."""
    arns = [f"arn:aws:s3:::{bucket}/" for bucket in buckets]
    of_type = [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}]
    return {"AdvancedEventSelectors": [ADVANCED[0], {"FieldSelectors": [*of_type, {"Field": "resources.ARN", "StartsWith": arns}]}]}


@pytest.mark.parametrize("selectors", [{"EventSelectors": ALL}, {"AdvancedEventSelectors": ADVANCED}, {"EventSelectors": SPLIT}])
def test_selectors_that_take_at_least_as_much_are_left_alone(selectors: Any, account: Account) -> None:  # noqa: ANN401
    remembered()
    boto3.client("cloudtrail").put_event_selectors(TrailName=ARN, **selectors)
    assert account.deliver(remediation, event("restore_trail-selectors")) == ["ALREADY_OK"]


@pytest.mark.parametrize(
    "selectors",
    [{"EventSelectors": SPLIT[:1]}, {"EventSelectors": WITHOUT_KMS}, {"AdvancedEventSelectors": ADVANCED[:1]}],
)
def test_selectors_that_lose_any_event_are_put_back_and_undone(selectors: Any, account: Account) -> None:  # noqa: ANN401
    remembered()
    boto3.client("cloudtrail").put_event_selectors(TrailName=ARN, **selectors)
    before = state(ARN)
    [outcome] = account.invoke(remediation, event("restore_trail-selectors"))["outcomes"]
    assert outcome["outcome"] == "FIXED"
    assert boto3.client("cloudtrail").get_event_selectors(TrailName=ARN)["EventSelectors"] == SELECTORS["EventSelectors"]
    assert account.invoke(remediation, {"undo": outcome["id"]})["outcome"] == "UNDONE"
    assert state(ARN) == before


@pytest.mark.parametrize(
    ("former", "since", "both"),
    [
        (basic("secrets"), basic("payroll", "customers"), basic("payroll", "customers", "secrets")),
        (
            basic("secrets", ExcludeManagementEventSources=["kms.amazonaws.com"]),
            basic("payroll", ExcludeManagementEventSources=["rdsdata.amazonaws.com"]),
            basic("payroll", "secrets"),
        ),
        (basic("secrets", IncludeManagementEvents=False), basic("secrets-too", "secrets/of-all"), basic("secrets-too", "secrets")),
        (
            basic("secrets"),
            basic("payroll", ReadWriteType="WriteOnly"),
            {"EventSelectors": [basic("payroll", ReadWriteType="WriteOnly")["EventSelectors"][0], basic("secrets")["EventSelectors"][0]]},
        ),
        (
            advanced("secrets"),
            advanced("payroll"),
            {"AdvancedEventSelectors": [*advanced("payroll")["AdvancedEventSelectors"], advanced("secrets")["AdvancedEventSelectors"][1]]},
        ),
    ],
)
def test_what_selectors_take_besides_by_now_is_still_taken_when_what_they_lost_is_put_back(former: Any, since: Any, both: Any, account: Account) -> None:  # noqa: ANN401
    set_up()
    boto3.client("cloudtrail").put_event_selectors(TrailName=ARN, **former)
    memory.learn(remediation.name, {ARN: state_of(ARN)})
    boto3.client("cloudtrail").put_event_selectors(TrailName=ARN, **since)
    before = state(ARN)
    assert account.deliver(remediation, event("restore_trail-selectors")) == ["FIXED"]
    found: Any = state_of(ARN)
    assert found["Selectors"] == both
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDONE"
    assert state(ARN) == before


@pytest.mark.parametrize(
    ("former", "since"),
    [
        (basic("secrets"), advanced("payroll")),
        (basic(*map(str, range(200))), basic(*map(str, range(100, 351)))),
        (advanced(*map(str, range(400))), advanced(*map(str, range(300, 500)))),
    ],
)
def test_selectors_that_no_trail_can_have_together_are_left_to_people_and_what_else_was_lost_is_put_back(former: Any, since: Any, account: Account) -> None:  # noqa: ANN401
    set_up()
    boto3.client("cloudtrail").put_event_selectors(TrailName=ARN, **former)
    memory.learn(remediation.name, {ARN: state_of(ARN)})
    boto3.client("cloudtrail").put_event_selectors(TrailName=ARN, **since)
    assert account.deliver(remediation, event("restore_trail-selectors")) == ["REPORTED"]
    assert "put selectors that take both, or accept the trail as it is" in account.alerts()[0]["reason"]
    assert account.writes == []
    boto3.client("cloudtrail").update_trail(Name=ARN, KmsKeyId="")
    account.forget()
    assert account.deliver(remediation, event()) == ["PARTIAL"]
    assert [dict(call.parameters) for call in account.writes] == [{"Name": ARN, "KmsKeyId": SETTINGS["KmsKeyId"]}]


def test_an_organisations_own_trail_is_told_to_people_with_what_it_lost(account: Account) -> None:
    remembered(IsOrganizationTrail=True)
    boto3.client("cloudtrail").update_trail(Name=ARN, KmsKeyId="")
    assert account.deliver(remediation, event()) == ["REPORTED"]
    assert account.writes == []


@pytest.mark.parametrize("foreign", [f"arn:aws:cloudtrail:{REGION}:999999999999:trail/x-y", f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/of-europe"])
def test_trails_of_other_accounts_and_regions_are_put_back_from_there(foreign: str, account: Account) -> None:
    sample = event("restore_trail-delete")
    assert account.deliver(remediation, {**sample, "detail": {**sample["detail"], "requestParameters": {"name": foreign}}}) == ["ELSEWHERE"]
    assert account.writes == []


def test_an_operator_may_name_a_trail_by_its_bare_name(account: Account) -> None:
    broken()
    assert len(account.invoke(remediation, {"preview": NAME})["wrong"]) == len(WEAK) + len(["selectors"])


def with_status(**parts: object) -> Callable[[ApiCall, int, Callable[[], Any]], Any]:
    """Return what lets CloudTrail say more of each trail's status."""

    def interfere(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        return {**really(), **parts} if call.operation == "GetTrailStatus" else really()

    return interfere


def test_a_trail_that_cannot_write_into_its_bucket_is_told_once_a_day_until_it_can(account: Account) -> None:
    remembered()
    before = datetime.fromtimestamp(account.clock.now() - 3700, tz=UTC)
    with account.interfered(with_status(LatestDeliveryError="AccessDenied", LatestDeliveryTime=before, LatestCloudWatchLogsDeliveryError="")):
        for hour in range(3):
            assert account.deliver(remediation, {**event("restore_trail-sweep"), "id": f"hour {hour}"}) == ["REPORTED"]
        [alert] = account.alerts()
        assert "the trail logs, and CloudTrail says that it cannot write to its bucket (AccessDenied)" in alert["reason"]
        account.clock.pause(86_400)
        account.deliver(remediation, {**event("restore_trail-sweep"), "id": "the next day"})
    assert len(account.alerts()) == 1
    assert account.deliver(remediation, {**event("restore_trail-sweep"), "id": "put right"}) == ["ALREADY_OK"]
    assert account.writes == []


def test_an_error_that_stands_there_from_before_the_latest_delivery_is_not_told(account: Account) -> None:
    remembered()
    written = datetime.fromtimestamp(account.clock.now() - 1800, tz=UTC)
    with account.interfered(with_status(LatestDeliveryError="AccessDenied", LatestDeliveryTime=written)):
        assert account.deliver(remediation, event("restore_trail-sweep")) == ["ALREADY_OK"]
        account.clock.pause(3600)
        assert account.deliver(remediation, {**event("restore_trail-sweep"), "id": "an hour later"}) == ["REPORTED"]


def test_a_trail_that_is_stopped_is_not_told_for_what_it_could_not_write(account: Account) -> None:
    set_up()
    boto3.client("cloudtrail").stop_logging(Name=NAME)
    with account.interfered(with_status(LatestDeliveryError="NoSuchBucket")):
        assert account.deliver(remediation, event("restore_trail-sweep")) == ["ALREADY_OK"]


def expire(days: int, bucket: str = "a-bucket-for-trails", **rule: Any) -> dict[str, Any]:  # noqa: ANN401
    """Give the bucket a lifecycle rule, and return the event of it."""
    rules: Any = [{"ID": "tidy", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": days}, **rule}]
    boto3.client("s3").put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    sample = event("restore_trail-lifecycle")
    return {**sample, "detail": {**sample["detail"], "requestParameters": {**sample["detail"]["requestParameters"], "bucketName": bucket}}}


def test_a_rule_by_which_a_trails_bucket_forgets_its_files_within_days_is_told(account: Account) -> None:
    remembered()
    assert account.deliver(remediation, expire(1)) == ["REPORTED"]
    [alert] = account.alerts()
    assert "a lifecycle rule of its bucket a-bucket-for-trails deletes files before they are 90 days old: tidy" in alert["reason"]
    assert account.writes == []


def test_a_rule_that_keeps_the_files_long_is_off_or_is_another_buckets_is_not_told(account: Account) -> None:
    remembered()
    boto3.client("s3").create_bucket(Bucket="another-bucket")
    assert account.deliver(remediation, expire(90)) == ["ALREADY_OK"]
    assert account.deliver(remediation, {**expire(1, Status="Disabled"), "id": "2"}) == ["ALREADY_OK"]
    assert account.deliver(remediation, {**expire(1, "another-bucket"), "id": "3"}) == ["ALREADY_OK"]
    assert account.alerts() == []


def test_a_bucket_of_another_account_shows_its_rules_to_nobody_and_nothing_is_told(account: Account) -> None:
    remembered()

    def denied(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        if call.operation == "GetBucketLifecycleConfiguration":
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, call.operation)
        return really()

    with account.interfered(denied):
        assert account.deliver(remediation, expire(1)) == ["ALREADY_OK"]


def test_an_undo_does_not_put_weak_selectors_over_what_a_team_has_extended_since(account: Account) -> None:
    arn = remembered()
    client = boto3.client("cloudtrail")
    client.put_event_selectors(TrailName=arn, EventSelectors=WRITES_ONLY)
    [outcome] = account.invoke(remediation, event("restore_trail-selectors"))["outcomes"]
    assert outcome["outcome"] == "FIXED"
    [selector] = SELECTORS["EventSelectors"]
    more: Any = {**selector, "DataResources": [*selector["DataResources"], {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::payroll/"]}]}
    client.put_event_selectors(TrailName=arn, EventSelectors=[more])
    extended = state(arn)
    assert account.invoke(remediation, {"undo": outcome["id"], "reason": "it costs too much"})["outcome"] == "UNDO_REFUSED"
    assert state(arn) == extended
