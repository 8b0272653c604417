"""revoke_role_sessions: sessions from before the finding, of roles into which one can write."""

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from functions.iam.revoke_role_sessions import remediation
from snapback.iam.denials import REVOKED_SESSIONS
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.iam import iam_quotas
from tests.harness.scenario import Scenario

iam_quotas.as_on_aws()

SEEN = "2026-11-24T03:05:00Z"
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
WRITE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}]}


def role(name: str = "deploy", path: str = "/") -> str:
    iam = boto3.client("iam")
    iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName=name, PolicyName="writer", PolicyDocument=json.dumps(WRITE))
    return f"{name}/{SEEN}"


def broken() -> str:
    role("other")
    return role()


def inline(name: str) -> dict[str, Any]:
    iam = boto3.client("iam")
    return {policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"] for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]}


def state(_: str) -> dict[str, Any]:
    written = inline("deploy")
    trust = boto3.client("iam").get_role(RoleName="deploy")["Role"]["AssumeRolePolicyDocument"]
    return {"revoked": written.pop(REVOKED_SESSIONS, None), "policies": written, "trust": trust, "other": inline("other")}


scenario = Scenario(sample=f"deploy/{SEEN}", broken=broken, state=state, touched=frozenset({"revoked"}), environment={})


@pytest.fixture(autouse=True)
def enforce(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "enforce")


def finding(event_id: str = "", last_seen: str = "2026-11-24T03:05:00.000Z", **changes: object) -> dict[str, Any]:
    event = scenario.event(Handler("iam", "revoke_role_sessions").samples["revoke_role_sessions"], scenario.sample, event_id=event_id)
    event["detail"]["resource"]["accessKeyDetails"].update(changes)
    event["detail"]["service"]["eventLastSeen"] = last_seen
    return event


def revoking(until: str, **other: object) -> str:
    statement = {"Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Condition": {"DateLessThan": {"aws:TokenIssueTime": until}}, **other}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def revoked_until() -> str:
    return str(inline("deploy")[REVOKED_SESSIONS]["Statement"][0]["Condition"]["DateLessThan"]["aws:TokenIssueTime"])


def test_sessions_from_before_now_are_denied_and_newer_ones_are_not(account: Account) -> None:
    broken()
    assert account.deliver(remediation, finding()) == ["FIXED"]
    until = datetime.fromisoformat(revoked_until()).timestamp()
    assert revoked_until() >= SEEN
    assert abs(until - max(account.clock.time, datetime.fromisoformat(SEEN).timestamp())) < 60


def test_credentials_that_are_misused_later_are_revoked_again_and_an_older_finding_changes_nothing(account: Account) -> None:
    broken()
    [first] = account.invoke(remediation, finding())["outcomes"]
    earlier = revoked_until()
    later = datetime.fromtimestamp(datetime.fromisoformat(earlier).timestamp() + 3600, UTC).strftime("%Y-%m-%dT%H:%M:%S.500Z")
    account.clock.pause(60)
    assert account.deliver(remediation, finding("later", later)) == ["FIXED"]
    assert revoked_until() > earlier
    assert account.deliver(remediation, finding("older")) == ["ALREADY_OK"]
    assert account.invoke(remediation, {"undo": first["id"]})["outcome"] == "UNDO_REFUSED", "or the later revocation would go with it"
    assert account.invoke(remediation, {"undo": account.alerts()[1]["id"]})["outcome"] == "UNDONE"
    assert revoked_until() == earlier


def test_what_was_taken_back_is_not_revoked_again_by_news_of_the_finding_until_a_person_wants_that(account: Account) -> None:
    broken()
    account.invoke(remediation, finding())
    [told] = account.alerts()
    assert "exempt 'deploy/*'" in told["text"]
    account.clock.pause(600)
    assert account.invoke(remediation, {"undo": told["id"]})["outcome"] == "UNDONE"
    account.clock.pause(600)
    assert account.deliver(remediation, finding("later", "2026-11-24T03:35:00.000Z")) == ["EXEMPT"]
    assert account.invoke(remediation, {"retry": told["id"]})["outcomes"][-1]["outcome"] == "FIXED"


@pytest.mark.parametrize(
    ("policy", "outcome"),
    [
        pytest.param(revoking("2026-11-24T03:05:01Z"), "ALREADY_OK", id="revoked in the console since"),
        pytest.param(revoking("2026-11-24T03:04:59Z"), "FIXED", id="revoked in the console before"),
        pytest.param(revoking("2026-11-25T00:00:00Z", Action=["s3:*"]), "FIXED", id="denies less"),
        pytest.param(revoking("2026-11-25T00:00:00Z", Effect="Allow"), "FIXED", id="allows"),
    ],
)
def test_only_what_denies_everything_since_the_finding_counts_as_revoked(account: Account, policy: str, outcome: str) -> None:
    broken()
    boto3.client("iam").put_role_policy(RoleName="deploy", PolicyName="AWSRevokeOlderSessions", PolicyDocument=policy)
    assert account.deliver(remediation, finding()) == [outcome]


@pytest.mark.parametrize("path", ["/aws-service-role/config.amazonaws.com/", "/aws-reserved/sso.amazonaws.com/"])
def test_a_role_that_nobody_can_write_into_is_told(account: Account, path: str) -> None:
    role("theirs", path)
    assert account.deliver(remediation, finding(userName="theirs")) == ["REPORTED"]
    assert account.writes == []


@pytest.mark.parametrize("kind", ["IAMUser", "Root"])
def test_a_finding_about_no_session_reaches_people(account: Account, kind: str) -> None:
    broken()
    assert account.deliver(remediation, finding(userType=kind)) == []
    assert account.writes == []


def test_what_was_seen_of_a_role_that_is_gone_is_told(account: Account) -> None:
    assert account.deliver(remediation, finding()) == ["REPORTED"]


def test_a_role_whose_inline_policies_have_no_room_is_told_with_what_to_do(account: Account) -> None:
    broken()
    boto3.client("iam").put_role_policy(RoleName="deploy", PolicyName="writer", PolicyDocument=iam_quotas.filling("role", room=20))
    assert account.deliver(remediation, finding()) == ["REPORTED"]
    [alert] = account.alerts()
    assert "Maximum policy size of 10240 bytes exceeded for role deploy" in alert["reason"]
    assert "make one of its inline policies a managed one" in alert["reason"]
