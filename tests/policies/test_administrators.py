"""administrators: policies of identities that make an administrator by whichever door, and those that only look so."""

from typing import Any

import pytest

from snapback.policies.administrators import OF_AWS, admin_statements

OWN = "111122223333"


def allow(action: object = "*", resource: object = "*", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - conditions
    return {"Effect": "Allow", "Action": action, "Resource": resource, **({"Condition": more} if more else {})}


def all_but(action: object, **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "NotAction": action, "Resource": "*", **more}


def deny(action: object = "*", resource: object = "*", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {**allow(action, resource, **more), "Effect": "Deny"}


ALL_SIX = [f"iam:{verb}{kind}Policy" for verb in ("Attach", "Put") for kind in ("Group", "Role", "User")]

ADMINISTRATORS = {
    "everything": [allow()],
    "everything, as service and action": [allow("*:*")],
    "everything among others": [allow(["s3:*", "*"], ["*"])],
    "everything with more stars": [allow("**", "**")],
    "all of IAM": [allow("iam:*")],
    "all of IAM, in another case": [allow("IAM:*")],
    "services that begin with an i": [allow("i*:*")],
    "services with a mark": [allow("ia?:*")],
    "all of IAM, by a pattern of actions": [allow(["iam:A*", "iam:P*"])],
    "the calls that give permissions": [allow(ALL_SIX)],
    "those in two statements": [allow(ALL_SIX[:3]), allow(ALL_SIX[3:])],
    "everything but one action": [all_but("s3:DeleteBucket")],
    "everything but a part of IAM": [all_but(["iam:Create*", "iam:AttachUserPolicy"])],
    "everything but nothing": [all_but([])],
    "on all but one resource": [{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::b"}],
    "on all that is IAM's": [allow("iam:*", f"arn:aws:iam::{OWN}:*")],
    "on all that is IAM's of whatever account": [allow("*", "arn:aws:iam::*:*")],
    "on IAM's in another partition": [allow("iam:*", f"arn:aws-us-gov:iam::{OWN}:*")],
    "on each kind": [allow("*", [f"arn:aws:iam::{OWN}:{kind}/*" for kind in ("user", "role", "group")])],
    "with TLS": [allow(Bool={"aws:SecureTransport": "true"})],
    "for whatever user": [allow(StringLike={"aws:username": "*"})],
    "from the whole world": [allow(IpAddress={"aws:SourceIp": ["0.0.0.0/0", "::/0"]})],
    "since a time that is over": [allow(DateGreaterThan={"aws:CurrentTime": "2020-01-01T00:00:00Z"})],
    "for all but another account": [allow(StringNotEquals={"aws:PrincipalAccount": "999999999999"})],
    "for our own account": [allow(StringEquals={"aws:PrincipalAccount": OWN})],
    "if a tag is there, which it is not": [allow(StringEqualsIfExists={"aws:RequestTag/team": "blue"})],
    "for all values of what is not there": [allow(**{"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}})],
    "where a role is passed to certain services only": [allow(StringEqualsIfExists={"iam:PassedToService": "ec2.amazonaws.com"})],
    "a denial of something else": [allow(), deny("s3:DeleteBucket")],
    "a denial of a part of IAM": [allow(), deny("iam:CreateUser")],
    "a denial on one name": [allow(), deny("iam:*", f"arn:aws:iam::{OWN}:role/Audit")],
    "a denial that never holds": [allow(), deny("*", Bool={"aws:SecureTransport": "false"})],
}

NONE = {
    "a service": [allow("s3:*")],
    "all of IAM that reads": [allow(["iam:Get*", "iam:List*"])],
    "one call that gives permissions": [allow("iam:PutRolePolicy")],
    "those that give roles permissions": [allow(["iam:AttachRolePolicy", "iam:PutRolePolicy"])],
    "everything but IAM, as PowerUserAccess": [all_but(["iam:*", "organizations:*", "account:*"]), allow(["iam:CreateServiceLinkedRole", "iam:ListRoles"])],
    "everything but IAM, in another case": [all_but("IAM:*")],
    "everything on one bucket": [allow("*", "arn:aws:s3:::b")],
    "all of IAM on certain roles": [allow("iam:*", f"arn:aws:iam::{OWN}:role/app-*")],
    "on all but IAM": [{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:iam::*:*"}],
    "of another account": [allow("iam:*", "arn:aws:iam::999999999999:*")],
    "a denial alone": [deny()],
    "everything, and a denial of IAM": [allow(), deny("iam:*")],
    "everything, and a denial of everything": [allow(), deny()],
    "everything, and a denial without a second factor": [allow(), deny("*", BoolIfExists={"aws:MultiFactorAuthPresent": "false"})],
    "with a second factor": [allow(Bool={"aws:MultiFactorAuthPresent": "true"})],
    "from an address": [allow(IpAddress={"aws:SourceIp": "203.0.113.0/24"})],
    "in one region": [allow(StringEquals={"aws:RequestedRegion": "eu-west-1"})],
    "until a time that is over": [allow(DateLessThan={"aws:CurrentTime": "2020-01-01T00:00:00Z"})],
    "within a boundary": [allow("iam:*", StringEquals={"iam:PermissionsBoundary": f"arn:aws:iam::{OWN}:policy/bound"})],
    "where a role is passed": [allow("iam:*", StringEquals={"iam:PassedToService": "ec2.amazonaws.com"})],
    "for one user": [allow(StringEquals={"aws:username": "emergency"})],
}


@pytest.fixture(autouse=True)
def us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLE_ARN", f"arn:aws:iam::{OWN}:role/snapback-function")


@pytest.mark.parametrize("policy", ADMINISTRATORS.values(), ids=ADMINISTRATORS)
def test_a_policy_makes_an_administrator_by_whichever_door(policy: list[dict[str, Any]]) -> None:
    assert admin_statements({"Statement": policy})


@pytest.mark.parametrize("policy", NONE.values(), ids=NONE)
def test_a_policy_that_only_looks_so_makes_none(policy: list[dict[str, Any]]) -> None:
    assert admin_statements({"Statement": policy}) == []


def test_only_the_statements_that_do_it_are_named() -> None:
    wide, narrow = allow(), allow(ALL_SIX[0])
    assert admin_statements({"Statement": [narrow, wide, allow("s3:*")]}) == [wide]
    assert admin_statements({"Statement": wide}) == [wide]
    assert admin_statements({}) == []


def test_of_aws_s_own_policies_those_two_do_it() -> None:
    import json  # noqa: PLC0415 - only here

    from moto.iam.aws_managed_policies import aws_managed_policies_data  # noqa: PLC0415 - two megabytes

    found = {name for name, policy in json.loads(aws_managed_policies_data).items() if admin_statements(policy["Document"])}
    assert found == OF_AWS
