"""require_mfa: only who has a password and no device, and only without a second factor."""

import json
from typing import Any

import boto3
import pytest

from functions.iam.require_mfa import remediation
from snapback.iam.denials import CONSOLE_WITHOUT_MFA, MFA_REQUIRED
from tests.harness.account import Account
from tests.harness.discovery import Handler
from tests.harness.iam import iam_quotas
from tests.harness.scenario import Scenario

iam_quotas.as_on_aws()

READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


def user(name: str, *, password: bool = True) -> str:
    iam = boto3.client("iam")
    iam.create_user(UserName=name, Path="/engineering/")
    iam.put_user_policy(UserName=name, PolicyName="reader", PolicyDocument=json.dumps(READ))
    if password:
        iam.create_login_profile(UserName=name, Password="correct horse battery staple")
    return name


def register(name: str) -> str:
    """Let the user register a virtual device; return its serial number."""
    iam = boto3.client("iam")
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(UserName=name, SerialNumber=serial, AuthenticationCode1="234567", AuthenticationCode2="987654")
    return serial


@pytest.mark.parametrize("request_parameters", [{"userName": "AWS ROOT USER", "serialNumber": "arn:aws:iam::111122223333:mfa/root"}, {"serialNumber": "x"}])
def test_a_device_of_the_root_user_is_nothing_that_a_policy_could_answer(account: Account, request_parameters: dict[str, str]) -> None:
    event = Handler("iam", "require_mfa").samples["require_mfa-deactivate"]
    event["detail"] |= {"requestParameters": request_parameters, "userIdentity": {"type": "Root", "accountId": "111122223333"}}
    assert account.deliver(remediation, event) == ["ALREADY_OK"]


def broken() -> str:
    user("bob")
    return user("alice")


def inline(name: str) -> dict[str, Any]:
    iam = boto3.client("iam")
    return {policy: iam.get_user_policy(UserName=name, PolicyName=policy)["PolicyDocument"] for policy in iam.list_user_policies(UserName=name)["PolicyNames"]}


def state(name: str) -> dict[str, Any]:
    written = inline(name)
    return {
        "denial": written.pop(MFA_REQUIRED, None),
        "policies": written,
        "password": boto3.client("iam").get_login_profile(UserName=name)["LoginProfile"]["CreateDate"].isoformat(),
        "bob": inline("bob"),
    }


scenario = Scenario(sample="alice", broken=broken, state=state, touched=frozenset({"denial"}), environment={})


@pytest.fixture(autouse=True)
def enforce(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "enforce")


def sample(name: str = "require_mfa") -> dict[str, Any]:
    return scenario.event(Handler("iam", "require_mfa").samples[name], "alice")


def test_a_user_without_a_password_is_left_alone(account: Account) -> None:
    user("alice", password=False)
    assert account.deliver(remediation, sample("require_mfa-securityhub-v2")) == ["ALREADY_OK"]


def test_a_user_with_a_device_is_left_alone_until_it_is_taken_off(account: Account) -> None:
    user("alice")
    serial = register("alice")
    assert account.deliver(remediation, sample()) == ["ALREADY_OK"]
    boto3.client("iam").deactivate_mfa_device(UserName="alice", SerialNumber=serial)
    assert account.deliver(remediation, sample("require_mfa-deactivate")) == ["FIXED"]


def test_the_denial_stays_when_the_user_has_registered_and_can_still_be_taken_back(account: Account) -> None:
    user("alice")
    [outcome] = account.invoke(remediation, sample())["outcomes"]
    register("alice")
    assert account.deliver(remediation, sample("require_mfa-securityhub")) == ["ALREADY_OK"]
    assert inline("alice")[MFA_REQUIRED] == CONSOLE_WITHOUT_MFA
    assert account.invoke(remediation, {"undo": outcome["id"]})["outcome"] == "UNDONE"
    assert inline("alice") == {"reader": READ}


def test_a_policy_of_that_name_which_denies_less_is_replaced_and_comes_back(account: Account) -> None:
    user("alice")
    boto3.client("iam").put_user_policy(UserName="alice", PolicyName=MFA_REQUIRED, PolicyDocument=json.dumps(READ))
    [outcome] = account.invoke(remediation, sample())["outcomes"]
    assert (outcome["outcome"], inline("alice")[MFA_REQUIRED]) == ("FIXED", CONSOLE_WITHOUT_MFA)
    account.invoke(remediation, {"undo": outcome["id"]})
    assert inline("alice")[MFA_REQUIRED] == READ


def test_requests_signed_with_an_access_key_are_not_denied() -> None:
    """They carry no aws:MultiFactorAuthPresent: Bool then does not match, BoolIfExists would."""
    [statement] = CONSOLE_WITHOUT_MFA["Statement"]
    assert statement["Condition"] == {"Bool": {"aws:MultiFactorAuthPresent": "false"}}


def test_who_takes_off_their_own_device_without_naming_themselves_is_found(account: Account) -> None:
    user("alice")
    event = sample("require_mfa-deactivate")
    event["detail"]["requestParameters"] = {"serialNumber": "arn:aws:iam::111122223333:mfa/alice"}
    event["detail"]["userIdentity"]["userName"] = "alice"
    assert account.deliver(remediation, event) == ["FIXED"]


def test_a_user_who_is_gone_is_an_outcome(account: Account) -> None:
    assert account.deliver(remediation, sample()) == ["GONE"]


def test_a_user_whose_inline_policies_have_no_room_is_told_with_what_to_do(account: Account) -> None:
    broken()
    boto3.client("iam").put_user_policy(UserName="alice", PolicyName="reader", PolicyDocument=iam_quotas.filling("user", room=20))
    assert account.deliver(remediation, sample()) == ["REPORTED"]
    assert "Maximum policy size of 2048 bytes exceeded for user alice" in account.alerts()[0]["reason"]
