"""detach_admin_policy: three kinds of holders, three kinds of fix, and nobody locked out."""

import json
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import boto3
import pytest

from functions.iam.detach_admin_policy import remediation
from tests.harness.account import Account, ApiCall, Interference, operations
from tests.harness.discovery import Handler
from tests.harness.iam import boundaries
from tests.harness.scenario import ACCOUNT, Scenario

boundaries.as_on_aws()

EVERYTHING = {"Sid": "Everything", "Effect": "Allow", "Action": "*", "Resource": "*"}
READ = {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def managed(name: str, *statements: dict[str, Any]) -> str:
    return boto3.client("iam").create_policy(PolicyName=name, PolicyDocument=document(*statements))["Policy"]["Arn"]


def broken() -> str:
    iam = boto3.client("iam")
    iam.create_user(UserName="alice")
    iam.attach_user_policy(UserName="alice", PolicyArn=managed("everything", EVERYTHING))
    iam.attach_user_policy(UserName="alice", PolicyArn=managed("reader", READ))
    iam.put_user_policy(UserName="alice", PolicyName="mixed", PolicyDocument=document(READ, EVERYTHING, {**READ, "Sid": "Last"}))
    iam.put_user_policy(UserName="alice", PolicyName="only", PolicyDocument=document(EVERYTHING))
    return "user/alice"


def state(_: str) -> dict[str, Any]:
    iam = boto3.client("iam")
    attached = sorted(policy["PolicyName"] for policy in iam.list_attached_user_policies(UserName="alice")["AttachedPolicies"])
    inline = {
        name: iam.get_user_policy(UserName="alice", PolicyName=name)["PolicyDocument"] for name in iam.list_user_policies(UserName="alice")["PolicyNames"]
    }
    others = {name: [one for one in policy["Statement"] if one != EVERYTHING] for name, policy in inline.items()}  # type: ignore[index]
    return {
        "attached": attached,
        "inline": {name: inline[name] for name in sorted(inline)},
        "other policies": [name for name in attached if name != "everything"],
        "other statements": {name: others[name] for name in others if others[name]},
    }


scenario = Scenario(
    sample="user/alice",
    broken=broken,
    state=state,
    touched=frozenset({"attached", "inline"}),
    environment={"BREAK_GLASS": "role/BreakGlass,user/emergency-*"},
)


@pytest.fixture(autouse=True)
def break_glass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BREAK_GLASS", "role/BreakGlass,user/emergency-*")
    monkeypatch.setenv("DISRUPTIVE_MODE", "enforce")


def event(name: str, parameters: dict[str, str]) -> dict[str, Any]:
    sample = Handler("iam", "detach_admin_policy").samples["detach_admin_policy"]
    return {**sample, "detail": {**sample["detail"], "eventName": name, "requestParameters": parameters}}


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_users_groups_and_roles_lose_it_and_get_it_back(account: Account, kind: str) -> None:
    iam: Any = boto3.client("iam")
    named = {f"{kind.capitalize()}Name": "somebody"}
    getattr(iam, f"create_{kind}")(**named, **({"AssumeRolePolicyDocument": TRUST} if kind == "role" else {}))
    arn = managed("admin", EVERYTHING)
    getattr(iam, f"attach_{kind}_policy")(**named, PolicyArn=arn)
    getattr(iam, f"put_{kind}_policy")(**named, PolicyName="mixed", PolicyDocument=document(EVERYTHING, READ))
    answer = account.invoke(remediation, event(f"Attach{kind.capitalize()}Policy", {f"{kind}Name": "somebody", "policyArn": arn}))
    assert [outcome["outcome"] for outcome in answer["outcomes"]] == ["FIXED"]
    assert getattr(iam, f"list_attached_{kind}_policies")(**named)["AttachedPolicies"] == []
    assert getattr(iam, f"get_{kind}_policy")(**named, PolicyName="mixed")["PolicyDocument"]["Statement"] == [READ]
    account.invoke(remediation, {"undo": answer["outcomes"][0]["id"]})
    assert len(getattr(iam, f"list_attached_{kind}_policies")(**named)["AttachedPolicies"]) == 1
    assert getattr(iam, f"get_{kind}_policy")(**named, PolicyName="mixed")["PolicyDocument"]["Statement"] == [EVERYTHING, READ]


@pytest.mark.parametrize("name", ["emergency-1", "emergency-2"])
def test_break_glass_principals_keep_it(account: Account, name: str) -> None:
    boto3.client("iam").create_user(UserName=name)
    boto3.client("iam").attach_user_policy(UserName=name, PolicyArn=managed("admin", EVERYTHING))
    assert account.deliver(remediation, event("AttachUserPolicy", {"userName": name})) == ["ALREADY_OK"]


def test_a_policy_that_became_one_goes_back_to_its_latest_harmless_version(account: Account) -> None:
    iam = boto3.client("iam")
    arn = managed("growing", READ)
    for statement in (EVERYTHING, READ, EVERYTHING):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(statement), SetAsDefault=True)
    answer = account.invoke(remediation, event("CreatePolicyVersion", {"policyArn": arn}))
    assert answer["outcomes"][0]["outcome"] == "FIXED"
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v3"
    account.invoke(remediation, {"undo": answer["outcomes"][0]["id"]})
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v4"


def test_a_policy_without_a_harmless_version_is_detached_from_all_but_break_glass(account: Account) -> None:
    iam = boto3.client("iam")
    arn = managed("admin", EVERYTHING)
    iam.create_role(RoleName="BreakGlass", AssumeRolePolicyDocument=TRUST)
    iam.attach_role_policy(RoleName="BreakGlass", PolicyArn=arn)
    iam.create_user(UserName="bob")
    iam.attach_user_policy(UserName="bob", PolicyArn=arn)
    assert account.deliver(remediation, event("SetDefaultPolicyVersion", {"policyArn": arn})) == ["FIXED"]
    entities = iam.list_entities_for_policy(PolicyArn=arn)
    assert ([role["RoleName"] for role in entities["PolicyRoles"]], entities["PolicyUsers"]) == (["BreakGlass"], [])


def test_a_policy_that_nobody_has_is_not_wrong(account: Account) -> None:
    assert account.deliver(remediation, event("CreatePolicyVersion", {"policyArn": managed("unused", EVERYTHING)})) == ["ALREADY_OK"]
    assert ACCOUNT


def alice(*statements: dict[str, Any], boundary: str = "") -> None:
    iam = boto3.client("iam")
    iam.create_user(UserName="alice")
    if statements:
        iam.put_user_policy(UserName="alice", PolicyName="mixed", PolicyDocument=document(*statements))
    if boundary:
        iam.put_user_permissions_boundary(UserName="alice", PermissionsBoundary=boundary)


@pytest.mark.parametrize(("verb", "replacement"), [("Delete", None), ("Put", EVERYTHING)])
@pytest.mark.parametrize("kind", ["user", "role"])
def test_what_a_boundary_kept_from_counting_counts_once_it_is_lifted(account: Account, kind: str, verb: str, replacement: dict[str, Any] | None) -> None:
    iam: Any = boto3.client("iam")
    named = {f"{kind.capitalize()}Name": "alice"}
    getattr(iam, f"create_{kind}")(**named, **({"AssumeRolePolicyDocument": TRUST} if kind == "role" else {}))
    getattr(iam, f"put_{kind}_policy")(**named, PolicyName="all", PolicyDocument=document(EVERYTHING))
    getattr(iam, f"put_{kind}_permissions_boundary")(**named, PermissionsBoundary=managed("bound", READ))
    assert account.deliver(remediation, event(f"Put{kind.capitalize()}Policy", {f"{kind}Name": "alice"})) == ["ALREADY_OK"]
    more = {"PermissionsBoundary": managed("all", replacement)} if replacement else {}
    getattr(iam, f"{verb.lower()}_{kind}_permissions_boundary")(**named, **more)
    lifted = event(f"{verb}{kind.capitalize()}PermissionsBoundary", {f"{kind}Name": "alice"})
    assert account.deliver(remediation, lifted) == ["FIXED"]


def test_a_policy_that_is_only_a_boundary_is_not_judged(account: Account) -> None:
    iam = boto3.client("iam")
    arn = managed("bound", READ)
    alice(boundary=arn)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(EVERYTHING), SetAsDefault=True)
    assert account.deliver(remediation, event("CreatePolicyVersion", {"policyArn": arn})) == ["ALREADY_OK"]
    assert account.writes == []


def test_who_is_bounded_by_a_policy_is_not_among_those_who_lose_it(account: Account) -> None:
    iam = boto3.client("iam")
    arn = managed("admin", EVERYTHING)
    alice(boundary=arn)
    iam.create_user(UserName="bob")
    iam.attach_user_policy(UserName="bob", PolicyArn=arn)
    assert account.deliver(remediation, event("SetDefaultPolicyVersion", {"policyArn": arn})) == ["FIXED"]
    assert [call.parameters["UserName"] for call in account.writes] == ["bob"]


def test_who_joins_a_group_of_administrators_leaves_it_and_comes_back_with_an_undo(account: Account) -> None:
    iam = boto3.client("iam")
    alice()
    for group in ("admins", "readers"):
        iam.create_group(GroupName=group)
        iam.add_user_to_group(UserName="alice", GroupName=group)
    iam.attach_group_policy(GroupName="admins", PolicyArn=managed("admin", EVERYTHING))
    joined = event("AddUserToGroup", {"userName": "alice", "groupName": "admins"})
    assert account.deliver(remediation, joined) == ["FIXED"]
    assert [group["GroupName"] for group in iam.list_groups_for_user(UserName="alice")["Groups"]] == ["readers"]
    account.invoke(remediation, {"undo": account.alerts()[0]["id"]})
    assert {group["GroupName"] for group in iam.list_groups_for_user(UserName="alice")["Groups"]} == {"admins", "readers"}


def test_a_group_of_break_glass_may_be_joined(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BREAK_GLASS", "group/admins")
    iam = boto3.client("iam")
    alice()
    iam.create_group(GroupName="admins")
    iam.add_user_to_group(UserName="alice", GroupName="admins")
    iam.attach_group_policy(GroupName="admins", PolicyArn=managed("admin", EVERYTHING))
    assert account.deliver(remediation, event("AddUserToGroup", {"userName": "alice", "groupName": "admins"})) == ["ALREADY_OK"]


def test_a_statement_by_a_side_door_goes_and_its_neighbours_stay(account: Account) -> None:
    side_door = {"Effect": "Allow", "NotAction": "s3:DeleteBucket", "Resource": "*", "Condition": {"StringLike": {"aws:username": "*"}}}
    alice(READ, side_door)
    assert account.deliver(remediation, event("PutUserPolicy", {"userName": "alice"})) == ["FIXED"]
    policy: Any = boto3.client("iam").get_user_policy(UserName="alice", PolicyName="mixed")["PolicyDocument"]
    assert policy["Statement"] == [READ]


ANY_POLICY = {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}


def one_write_late() -> Interference:
    """Return an interference in which IAM answers once, after each write, what it would have answered before that."""
    late: list[Any] = []

    def interfere(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation in ("PutUserPolicy", "DeleteUserPolicy"):
            late[:] = [boto3.client("iam").get_user_policy(UserName="alice", PolicyName="mixed")]
        return late.pop() if call.operation == "GetUserPolicy" and late else really()

    return interfere


@pytest.mark.parametrize("statements", [(EVERYTHING, READ, ANY_POLICY), (READ, ANY_POLICY, EVERYTHING, ANY_POLICY), (ANY_POLICY, ANY_POLICY)])
def test_all_statements_of_a_policy_go_and_come_back_by_one_write_though_iam_answers_late(account: Account, statements: Sequence[dict[str, Any]]) -> None:
    alice(*statements)
    before = state("")["inline"]
    with account.interfered(one_write_late()):
        assert account.deliver(remediation, event("PutUserPolicy", {"userName": "alice"})) == ["FIXED"]
    assert operations(account.writes) == ["iam:PutUserPolicy" if READ in statements else "iam:DeleteUserPolicy"]
    assert [policy["Statement"] for policy in state("")["inline"].values()] == ([[READ]] if READ in statements else [])
    account.forget()
    late = one_write_late() if READ in statements else None
    with account.interfered(late) if late else nullcontext():
        assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDONE"
    assert operations(account.writes) == ["iam:PutUserPolicy"]
    assert state("")["inline"] == before


def test_an_undo_that_brings_only_a_part_back_is_not_told_as_undone(account: Account) -> None:
    alice(EVERYTHING, READ, ANY_POLICY)
    account.deliver(remediation, event("PutUserPolicy", {"userName": "alice"}))

    def half(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        answer = really()
        if call.operation == "PutUserPolicy":
            boto3.client("iam").put_user_policy(UserName="alice", PolicyName="mixed", PolicyDocument=document(READ, ANY_POLICY))
        return answer

    with account.interfered(half):
        assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNVERIFIED"


def all_calls(account: Account) -> None:
    """Lead to the calls for all three kinds of holders, and for versions."""
    iam: Any = boto3.client("iam")
    arn = managed("admin", EVERYTHING)
    for kind in ("group", "role"):
        named = {f"{kind.capitalize()}Name": "somebody"}
        getattr(iam, f"create_{kind}")(**named, **({"AssumeRolePolicyDocument": TRUST} if kind == "role" else {}))
        getattr(iam, f"attach_{kind}_policy")(**named, PolicyArn=arn)
        getattr(iam, f"put_{kind}_policy")(**named, PolicyName="only", PolicyDocument=document(EVERYTHING))
        answer = account.invoke(remediation, event(f"Attach{kind.capitalize()}Policy", {f"{kind}Name": "somebody", "policyArn": arn}))
        account.invoke(remediation, {"undo": answer["outcomes"][0]["id"]})
    test_a_policy_that_became_one_goes_back_to_its_latest_harmless_version(account)
    account.tear_down()
    account.set_up()
    test_who_joins_a_group_of_administrators_leaves_it_and_comes_back_with_an_undo(account)
    account.tear_down()
    account.set_up()
    test_what_a_boundary_kept_from_counting_counts_once_it_is_lifted(account, "role", "Delete", None)


def test_an_undo_does_not_make_the_version_count_that_somebody_has_replaced_since(account: Account) -> None:
    alice()
    arn = managed("grown", READ)
    iam = boto3.client("iam")
    iam.attach_user_policy(UserName="alice", PolicyArn=arn)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(EVERYTHING), SetAsDefault=True)
    [outcome] = account.invoke(remediation, event("CreatePolicyVersion", {"policyArn": arn}))["outcomes"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document({**READ, "Resource": "arn:aws:s3:::theirs/*"}), SetAsDefault=True)
    answer = account.invoke(remediation, {"undo": outcome["id"], "reason": "it was needed"})
    assert answer["outcome"] == "UNDO_REFUSED"
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v3"
