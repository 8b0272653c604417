"""quarantine_user: a denial beside everything that the user has, and only for users."""

import json
from typing import Any

import boto3
import pytest

from functions.iam.quarantine_user import remediation
from snapback.iam.denials import EVERYTHING, QUARANTINE
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.iam import iam_quotas
from tests.harness.scenario import Scenario

iam_quotas.as_on_aws()

READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


def broken() -> str:
    iam = boto3.client("iam")
    arn = iam.create_policy(PolicyName="reader", PolicyDocument=json.dumps(READ))["Policy"]["Arn"]
    for name in ("alice", "bob"):
        iam.create_user(UserName=name, Path="/engineering/")
        iam.put_user_policy(UserName=name, PolicyName="reader", PolicyDocument=json.dumps(READ))
        iam.attach_user_policy(UserName=name, PolicyArn=arn)
        iam.create_access_key(UserName=name)
    return "alice"


def inline(user: str) -> dict[str, Any]:
    iam = boto3.client("iam")
    return {name: iam.get_user_policy(UserName=user, PolicyName=name)["PolicyDocument"] for name in iam.list_user_policies(UserName=user)["PolicyNames"]}


def attached(user: str) -> list[str]:
    return sorted(one["PolicyName"] for one in boto3.client("iam").list_attached_user_policies(UserName=user)["AttachedPolicies"])


def full() -> None:
    """Let alice's inline policies have no room for another."""
    broken()
    boto3.client("iam").put_user_policy(UserName="alice", PolicyName="reader", PolicyDocument=iam_quotas.filling("user", room=20))


def state(user: str) -> dict[str, Any]:
    iam = boto3.client("iam")
    written = inline(user)
    return {
        "quarantine": written.pop(QUARANTINE, None),
        "policies": written,
        "attached": attached(user),
        "keys": [key["Status"] for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]],
        "bob": (inline("bob"), attached("bob")),
    }


scenario = Scenario(sample="alice", broken=broken, state=state, touched=frozenset({"quarantine"}), environment={})


@pytest.fixture(autouse=True)
def enforce(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "enforce")


def finding(**changes: object) -> dict[str, Any]:
    event = Handler("iam", "quarantine_user").samples["quarantine_user"]
    resource = event["detail"]["resource"]
    return {**event, "detail": {**event["detail"], "resource": {**resource, "accessKeyDetails": {**resource["accessKeyDetails"], **changes}}}}


def test_a_policy_of_that_name_which_denies_less_is_replaced_and_comes_back(account: Account) -> None:
    broken()
    boto3.client("iam").put_user_policy(UserName="alice", PolicyName=QUARANTINE, PolicyDocument=json.dumps(READ))
    [outcome] = account.invoke(remediation, finding())["outcomes"]
    assert (outcome["outcome"], inline("alice")[QUARANTINE]) == ("FIXED", EVERYTHING)
    assert account.invoke(remediation, {"undo": outcome["id"]})["outcome"] == "UNDONE"
    assert inline("alice") == {"reader": READ, QUARANTINE: READ}


@pytest.mark.parametrize("kind", ["AssumedRole", "Root", "FederatedUser", "AWSAccount"])
def test_a_finding_about_anybody_but_a_user_reaches_people_and_denies_nothing(account: Account, kind: str) -> None:
    broken()
    assert account.deliver(remediation, finding(userType=kind)) == []
    assert "does not name a resource" in account.dead_letters[0][1]
    assert account.writes == []


def test_the_key_in_a_finding_about_a_cluster_is_not_the_offenders(account: Account) -> None:
    broken()
    event = finding()
    event["detail"]["resource"]["resourceType"] = "EKSCluster"
    assert account.deliver(remediation, event) == []
    assert account.writes == []


def test_a_sample_finding_denies_nothing(account: Account) -> None:
    broken()
    event = finding()
    event["detail"] = {**event["detail"], "service": {**event["detail"]["service"], "additionalInfo": {"sample": True}}}
    assert account.deliver(remediation, event) == ["NO_CHANGE"]


def test_what_was_seen_of_a_user_who_is_gone_is_told(account: Account) -> None:
    assert account.deliver(remediation, finding()) == ["REPORTED"]


def test_a_user_whose_inline_policies_have_no_room_gets_awss_own_denial_and_loses_it_by_an_undo(account: Account) -> None:
    full()
    before = state("alice")
    [outcome] = account.invoke(remediation, finding())["outcomes"]
    assert (outcome["outcome"], attached("alice")) == ("FIXED", ["AWSDenyAll", "reader"])
    assert account.deliver(remediation, {**finding(), "id": "another"}) == ["ALREADY_OK"]
    assert account.invoke(remediation, {"undo": outcome["id"]})["outcome"] == "UNDONE"
    assert state("alice") == before


def test_awss_own_denial_counts_whoever_attached_it(account: Account) -> None:
    full()
    remediation.fix("alice", [])
    account.forget()
    assert account.deliver(remediation, finding()) == ["ALREADY_OK"]
    assert account.writes == []


def test_a_user_who_has_no_room_for_any_policy_is_told_with_what_to_do(account: Account) -> None:
    full()
    for number in range(9):
        arn = boto3.client("iam").create_policy(PolicyName=f"p{number}", PolicyDocument=json.dumps(READ))["Policy"]["Arn"]
        boto3.client("iam").attach_user_policy(UserName="alice", PolicyArn=arn)
    assert account.deliver(remediation, finding()) == ["REPORTED"]
    [alert] = account.alerts()
    assert alert["severity"] == "high"
    assert "PoliciesPerUser: 10" in alert["reason"]
    assert "deactivate all of its access keys and delete its password now" in alert["reason"]


def all_calls(account: Account) -> None:
    """Lead to the calls for a user who has no room for an inline policy."""
    full()
    [outcome] = account.invoke(remediation, finding())["outcomes"]
    account.invoke(remediation, {"undo": outcome["id"]})


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({}, True),
        ({"type": "AssumedRole"}, False),
        ({"account": {"uid": "999999999999"}}, False),
        ({"account": {}}, True),
        ({"name": None}, False),
    ],
)
def test_of_an_attack_sequence_only_users_of_this_account_are_quarantined(account: Account, said: dict[str, Any], named: bool) -> None:  # noqa: FBT001 - a case
    user = broken()
    event = scenario.event(Handler("iam", "quarantine_user").samples["quarantine_user-sequence"], user)
    event["detail"]["service"]["detection"]["sequence"]["actors"][0]["user"] |= said
    assert account.deliver(remediation, event) == (["FIXED"] if named else [])
    assert named or "does not name a resource" in account.dead_letters[0][1]


def test_an_undo_does_not_take_away_the_denial_that_a_responder_has_given_instead(account: Account) -> None:
    user = broken()
    [outcome] = account.invoke(remediation, finding())["outcomes"]
    iam = boto3.client("iam")
    iam.attach_user_policy(UserName=user, PolicyArn="arn:aws:iam::aws:policy/AWSDenyAll")
    iam.delete_user_policy(UserName=user, PolicyName=QUARANTINE)
    before = state(user)
    answer = account.invoke(remediation, {"undo": outcome["id"], "reason": "a false alarm"})
    assert answer["outcome"] == "UNDO_REFUSED"
    assert "AWSDenyAll" in answer["reason"]
    assert state(user) == before
