"""A door that was open for a moment: people hear of it once, though nothing is wrong any more when Snapback looks; unless Snapback shut it, and told that."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from tests.contract.conftest import Broken, broken_by
from tests.contract.test_laws import SCHEMA
from tests.harness.account import Account, ApiCall
from tests.harness.discovery import FIXERS, Handler
from tests.harness.scenario import ACCOUNT, saying

DOORS = [handler for handler in FIXERS if handler.remediation.opened]
WATCHED = {
    *("block-public-bucket", "detach-admin-policy", "restrict-db-snapshot", "restrict-document", "restrict-function", "restrict-image", "restrict-key-policy"),
    "remove-external-access",
    *("restrict-role-trust", "restrict-secret-policy", "restrict-snapshot", "revoke-open-ingress"),
}


OF_OTHERS = {
    "restrict_db_snapshot-cluster",
    *(f"remove_external_access-{kind}" for kind in ("bucketpolicy", "bus", "filesystem", "grant", "layer", "newtopic")),
    *(f"remove_external_access-{kind}" for kind in ("repository", "table", "topic", "topicpermission", "vault")),
}
"""Samples that name another resource of the scenario than the one that the test shuts."""


def opening_samples(handler: Handler) -> list[str]:
    """Return the samples that say themselves that a door was opened."""
    calls = {name: sample for name, sample in handler.samples.items() if sample["detail-type"] == "AWS API Call via CloudTrail" and name not in OF_OTHERS}
    assert handler.remediation.opened
    return [name for name, sample in calls.items() if handler.remediation.opened(sample["detail"])]


def test_every_remediation_that_closes_a_door_which_a_call_opens_at_once_tells_when_it_was_open_for_a_moment() -> None:
    assert {handler.remediation.name for handler in DOORS} == WATCHED


@pytest.fixture(params=DOORS, ids=str)
def door(request: pytest.FixtureRequest, account: Account, monkeypatch: pytest.MonkeyPatch) -> Broken:
    handler: Handler = request.param
    monkeypatch.setenv("ADMIN_PORTS", "22,3389")
    return broken_by(handler, account, monkeypatch)


def shut(door: Broken) -> None:
    """Shut it as somebody else does: with the same calls, and nothing in the journal."""
    door.remediation.fix(door.resource, door.remediation.violation(door.resource))
    assert not door.remediation.violation(door.resource)
    door.account.forget()


def test_what_was_opened_and_is_shut_again_is_told_once_for_each_event(door: Broken) -> None:
    samples = opening_samples(door.handler)
    assert samples, "at least one sample opens it"
    shut(door)
    for number, sample in enumerate(samples):
        event = {**door.event(sample, event_id=f"opening {number}")}
        door.account.clock.pause(40)
        assert [door.deliver(event), door.deliver(event)] == [["REPORTED"]] * 2
        assert door.account.writes == []
        assert door.account.outcomes() == ["REPORTED"] * (number + 1)
        alert = door.account.alerts()[-1]
        SCHEMA.validate({part: value for part, value in alert.items() if part not in ("subject", "text")})
        assert alert["before"], "what was opened"
        assert "\n\nWHAT WAS FOUND\n" in alert["text"], "and not what is wrong: it is shut"
        assert sample != door.handler.stem or alert["resource"]["name"] == door.resource
        assert "was open for 4" in alert["reason"]
        assert alert["actor"], "and by whom"
        assert set(alert["commands"]) <= {"exempt", "accept"}


def test_its_own_change_and_a_failed_one_opened_nothing(door: Broken) -> None:
    shut(door)
    event = door.event(opening_samples(door.handler)[0])
    role = f"arn:aws:iam::{ACCOUNT}:role/snapback-function"
    own = {"type": "AssumedRole", "arn": f"{role}/x", "sessionContext": {"sessionIssuer": {"type": "Role", "arn": role}}}
    assert door.deliver({**event, "detail": {**event["detail"], "userIdentity": own}}) == ["OWN_CHANGE"]
    assert door.deliver({**event, "detail": {**event["detail"], "errorCode": "AccessDenied"}}) == ["NO_CHANGE"]
    assert door.account.outcomes() == []


@pytest.mark.parametrize(("handler", "sample"), [pytest.param(handler, sample, id=sample) for handler in DOORS for sample in handler.samples])
def test_what_snapback_has_shut_is_told_by_its_fix_alone_whichever_event_comes_next(
    handler: Handler, sample: str, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = broken_by(handler, account, monkeypatch)
    if sample not in opening_samples(handler):
        return
    assert door.deliver(door.event(sample, event_id="first")) == ["FIXED"]
    account.forget()
    assert door.deliver(door.event(sample, event_id="second")) == ["ALREADY_OK"]
    assert account.outcomes() == ["FIXED"]
    assert [call.operation for call in account.calls if call.own] == ["GetItem"] * 3, "is the event known? who had the resource last? and what was that for?"


def test_what_was_opened_after_the_fix_and_shut_by_another_is_told(door: Broken) -> None:
    sample = opening_samples(door.handler)[0]
    assert door.deliver(door.event(sample, event_id="first")) == ["FIXED"]
    door.account.clock.pause(120)
    assert door.deliver(door.event(sample, event_id="second")) == ["REPORTED"]
    assert door.account.outcomes() == ["FIXED", "REPORTED"]


def test_of_an_exempt_resource_nothing_is_told(door: Broken) -> None:
    if door.remediation.resolve:
        return
    shut(door)
    exemption = {"resource": door.resource, "owner": "Jo", "reason": "migration", "until": "2026-12-31"}
    door.account.invoke(door.remediation, {"exempt": exemption})
    assert door.deliver(door.event(opening_samples(door.handler)[0])) == ["EXEMPT"]
    assert door.account.outcomes() == ["EXEMPTED"]


def test_a_quiet_look_at_a_call_that_opened_nothing_costs_what_every_other_does(door: Broken) -> None:
    shut(door)
    opens_nothing = replace(door.remediation, opened=lambda _: [])
    assert door.account.deliver(opens_nothing, door.event()) == ["ALREADY_OK"]
    assert [call.operation for call in door.account.calls if call.own] == ["GetItem"]


def test_somebody_who_shuts_it_between_the_look_and_the_fix_does_not_make_it_silent(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    door = broken_by(Handler("ec2", "revoke_open_ingress"), account, monkeypatch)
    event = door.event(event_id="opening")

    def shut_before_the_write(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401 - any answer
        if call.is_write and door.is_wrong:
            account.interference = None
            boto3.client("ec2").revoke_security_group_ingress(GroupId=door.resource, SecurityGroupRuleIds=call.parameters["SecurityGroupRuleIds"])
        return really()

    with account.interfered(shut_before_the_write):
        assert door.deliver(event) == ["REPORTED"]
    assert account.outcomes() == ["REPORTED"]
    assert "somebody else shut it first" in account.alerts()[0]["reason"]
    assert door.deliver({**event, "id": "another"}) == ["ALREADY_OK"]
    assert account.outcomes() == ["REPORTED"]


def test_a_resource_that_was_opened_and_deleted_is_told(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = Handler("ec2", "restrict_snapshot")
    door = broken_by(handler, account, monkeypatch)
    boto3.client("ec2").delete_snapshot(SnapshotId=door.resource)
    assert door.deliver() == ["REPORTED"]
    assert door.deliver() == ["REPORTED"]
    assert account.outcomes() == ["REPORTED"]


def test_a_sibling_that_shut_it_has_told_it(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    vpc = boto3.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    [group] = boto3.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]  # type: ignore[arg-type]
    boto3.client("ec2").authorize_security_group_ingress(GroupId=group["GroupId"], IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")
    ingress, default = Handler("ec2", "revoke_open_ingress"), Handler("ec2", "empty_default_security_group")
    monkeypatch.setenv("ADMIN_PORTS", "22,3389")
    event = ingress.scenario.event(ingress.samples["revoke_open_ingress"], group["GroupId"])
    event["time"] = datetime.fromtimestamp(account.clock.time, UTC).isoformat()
    assert account.deliver(default.remediation, event) == ["FIXED"]
    assert account.deliver(ingress.remediation, event) == ["ALREADY_OK"]
    assert account.outcomes() == ["FIXED"]


STRANGER, TRUSTED = "999999999999", "444455556666"


@pytest.mark.parametrize("handler", [Handler("ec2", "restrict_snapshot"), Handler("ec2", "restrict_image")], ids=str)
def test_a_stranger_who_is_let_in_for_a_moment_is_told_and_one_who_stays_in_or_is_trusted_is_not(
    handler: Handler, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = broken_by(handler, account, monkeypatch)
    monkeypatch.setenv("TRUSTED_ACCOUNTS", TRUSTED)
    shut(door)
    what = "createVolumePermission" if handler.stem == "restrict_snapshot" else "launchPermission"

    def shared_with(other: str) -> dict[str, Any]:
        return saying(door.event(event_id=f"shared with {other}"), **{what: {"add": {"items": [{"userId": other}]}}})

    assert door.deliver(shared_with(TRUSTED)) == ["ALREADY_OK"]
    assert door.deliver(shared_with(STRANGER)) == ["REPORTED"]
    assert account.alerts()[0]["before"] == [{"UserId": STRANGER}]
    if handler.stem == "restrict_snapshot":
        boto3.client("ec2").modify_snapshot_attribute(
            SnapshotId=door.resource, Attribute="createVolumePermission", OperationType="add", UserIds=["888888888888"]
        )
        assert door.deliver(shared_with("888888888888")) == ["ALREADY_OK"], "Access Analyzer tells of what stays shared"
    assert account.outcomes() == ["REPORTED"]


def granted_to(group: str) -> dict[str, Any]:
    return {"AccessControlPolicy": {"AccessControlList": {"Grant": {"Grantee": {"URI": f"http://acs.amazonaws.com/groups/{group}"}}}}}


OPENING_PUTS = [
    {"x-amz-acl": ["public-read"]},
    granted_to("global/AllUsers"),
    {"accessControlList": {"x-amz-grant-read": "uri=http://acs.amazonaws.com/groups/global/AllUsers"}},
]
HARMLESS_PUTS = [
    {"x-amz-acl": ["private"]},
    granted_to("s3/LogDelivery"),
    {"bucketPolicy": {"Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "s3:*", "Resource": "*"}]}},
]


@pytest.mark.parametrize(("request_of_it", "outcome"), [*((one, "REPORTED") for one in OPENING_PUTS), *((one, "ALREADY_OK") for one in HARMLESS_PUTS)])
def test_acls_and_policies_are_read_as_cloudtrail_records_them(
    request_of_it: dict[str, Any], outcome: str, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = broken_by(Handler("s3", "block_public_bucket"), account, monkeypatch)
    shut(door)
    event = door.event("block_public_bucket-acl")
    event["detail"]["requestParameters"] = {"bucketName": door.resource, **request_of_it}
    assert door.deliver(event) == [outcome]


def permission(protocol: str, first: int, last: int, **ranges: Any) -> dict[str, Any]:  # noqa: ANN401 - as CloudTrail has them
    return {"ipPermissions": {"items": [{"ipProtocol": protocol, "fromPort": first, "toPort": last, "ipRanges": {}, "ipv6Ranges": {}, **ranges}]}}


EVERYWHERE = {"items": [{"cidrIp": "0.0.0.0/0"}]}
CHANGED = {"SecurityGroupRuleId": "sgr-1", "SecurityGroupRule": {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv6": "::/0"}}
OPENING_RULES = [
    permission("6", 20, 30, ipv6Ranges={"items": [{"cidrIpv6": "::/0"}]}),
    {"ipPermissions": {"items": [{"ipProtocol": "-1", "ipRanges": EVERYWHERE}]}},
    {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIp": "0.0.0.0/0", "ipPermissions": {}},
    {"SecurityGroupRule": [CHANGED]},
]
HARMLESS_RULES = [permission("tcp", 443, 443, ipRanges=EVERYWHERE), permission("tcp", 22, 22, ipRanges={"items": [{"cidrIp": "10.0.0.0/8"}]})]


@pytest.mark.parametrize(("request_of_it", "outcome"), [*((one, "REPORTED") for one in OPENING_RULES), *((one, "ALREADY_OK") for one in HARMLESS_RULES)])
def test_rules_are_read_as_cloudtrail_records_them(request_of_it: dict[str, Any], outcome: str, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    door = broken_by(Handler("ec2", "revoke_open_ingress"), account, monkeypatch)
    shut(door)
    event = door.event()
    event["detail"]["requestParameters"] = {"groupId": door.resource, **request_of_it}
    assert door.deliver(event) == [outcome]
