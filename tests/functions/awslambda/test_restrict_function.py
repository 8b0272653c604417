"""restrict_function: one statement out of a policy that can only be changed statement by statement, and back again."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from functions.awslambda.restrict_function import remediation
from snapback.awslambda.lambda_functions import permission
from snapback.engine.errors import OnlyPeople
from snapback.engine.names import name_in
from tests.harness.account import Account, operations
from tests.harness.awslambda import lambda_functions
from tests.harness.discovery import Handler
from tests.harness.scenario import ACCOUNT, REGION, Scenario

lambda_functions.as_on_aws()

NAME = "orders"
INVOKE = "lambda:InvokeFunction"
BUCKET = {"StatementId": "bucket", "Action": INVOKE, "Principal": "s3.amazonaws.com", "SourceArn": "arn:aws:s3:::a-bucket", "SourceAccount": ACCOUNT}
PARTNER = {"StatementId": "partner", "Action": INVOKE, "Principal": "999999999999"}
ANYBODY = {"StatementId": "anybody", "Action": INVOKE, "Principal": "*"}
OPEN_URL = {"StatementId": "FunctionURLAllowPublicAccess", "Action": "lambda:InvokeFunctionUrl", "Principal": "*", "FunctionUrlAuthType": "NONE"}
VIA_URL = {"StatementId": "FunctionURLAllowInvoke", "Action": INVOKE, "Principal": "*", "InvokedViaFunctionUrl": True}


def allow(*permissions: dict[str, Any], **qualifier: Any) -> None:  # noqa: ANN401 - a Qualifier or nothing
    for one in permissions:
        boto3.client("lambda").add_permission(FunctionName=NAME, **one, **qualifier)


def policy_of(**qualifier: str) -> str | None:
    try:
        return boto3.client("lambda").get_policy(FunctionName=NAME, **qualifier)["Policy"]
    except ClientError:
        return None


def broken() -> str:
    lambda_functions.function(NAME, alias="PROD")
    allow(BUCKET, PARTNER, OPEN_URL, ANYBODY)
    allow(PARTNER, ANYBODY, Qualifier="PROD")
    return NAME


def state(_: str) -> dict[str, Any]:
    policy = policy_of()
    configuration = boto3.client("lambda").get_function_configuration(FunctionName=NAME)
    return {
        "policy": policy,
        "others": [one for one in json.loads(policy or "{}").get("Statement", []) if one["Sid"] != "anybody"],
        "alias": policy_of(Qualifier="PROD"),
        "function": {key: value for key, value in configuration.items() if key != "ResponseMetadata"},
    }


scenario = Scenario(
    sample="snapback-sample-function", broken=broken, state=state, touched=frozenset({"policy"}), environment={"TRUSTED_ACCOUNTS": "", "ORGANIZATION_ID": ""}
)


def event(name: str = NAME, **parameters: str) -> dict[str, Any]:
    found = scenario.event(Handler("awslambda", "restrict_function").samples["restrict_function"], name)
    found["detail"]["requestParameters"] |= parameters
    return found


def added(statement: dict[str, Any], name: str = NAME) -> dict[str, Any]:
    """Return the event of a call that has added this statement."""
    found = event(name)
    return {**found, "detail": {**found["detail"], "responseElements": {"statement": json.dumps(statement)}}}


def test_a_policy_that_is_empty_afterwards_comes_back_byte_for_byte(account: Account) -> None:
    lambda_functions.function(NAME)
    allow(ANYBODY)
    before = policy_of()
    assert account.deliver(remediation, event()) == ["FIXED"]
    assert policy_of() is None
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDONE"
    assert policy_of() == before


@pytest.mark.parametrize(
    "form", [NAME, f"{NAME}:PROD", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{NAME}", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{NAME}:PROD"]
)
def test_an_alias_has_a_policy_of_its_own_and_the_functions_stays_as_it_is(account: Account, form: str) -> None:
    broken()
    before, alias_before = policy_of(), policy_of(Qualifier="PROD")
    assert account.deliver(remediation, event(form, qualifier="PROD")) == ["FIXED"]
    assert (policy_of(), "anybody" in str(policy_of(Qualifier="PROD"))) == (before, False)
    assert account.alerts()[0]["resource"]["name"] == f"{NAME}:PROD"
    account.invoke(remediation, {"undo": account.alerts()[0]["id"]})
    assert policy_of(Qualifier="PROD") == alias_before


@pytest.mark.parametrize("more", [{"PrincipalOrgID": "o-abcdefghij"}, {"SourceAccount": ACCOUNT}, {"SourceArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:orders"}])
def test_a_condition_that_narrows_it_down_counts(account: Account, more: dict[str, str]) -> None:
    lambda_functions.function(NAME)
    allow({**ANYBODY, **more})
    assert account.deliver(remediation, event()) == ["ALREADY_OK"]


@pytest.mark.parametrize("more", [{"SourceArn": "arn:aws:s3:::*"}, {"FunctionUrlAuthType": "AWS_IAM"}, {"EventSourceToken": "amzn1.ask.skill.x"}])
def test_a_condition_that_anybody_can_meet_does_not_and_comes_back_with_the_statement(account: Account, more: dict[str, str]) -> None:
    lambda_functions.function(NAME)
    allow(PARTNER, {**ANYBODY, **more})
    before = policy_of()
    assert account.deliver(remediation, event()) == ["FIXED"]
    account.invoke(remediation, {"undo": account.alerts()[0]["id"]})
    assert policy_of() == before


@pytest.mark.parametrize("other", [BUCKET, {**BUCKET, "SourceAccount": "999999999999"}, PARTNER, OPEN_URL, VIA_URL])
def test_services_accounts_and_open_urls_are_left_alone(account: Account, other: dict[str, Any]) -> None:
    lambda_functions.function(NAME)
    allow(other)
    [statement] = json.loads(policy_of() or "")["Statement"]
    assert account.deliver(remediation, added(statement)) == ["ALREADY_OK"]
    assert account.writes == []


def test_what_others_have_added_since_stays_when_it_is_undone(account: Account) -> None:
    broken()
    account.deliver(remediation, event())
    allow({**PARTNER, "StatementId": "later"})
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDONE"
    assert [one["Sid"] for one in json.loads(policy_of() or "")["Statement"]][-2:] == ["later", "anybody"]


def test_an_undo_that_a_deleted_user_in_the_policy_forbids_says_what_to_remove_first(account: Account) -> None:
    broken()
    assert account.deliver(remediation, event()) == ["FIXED"]
    lambda_functions.delete_principal(NAME, "partner")
    undone = account.invoke(remediation, {"undo": account.alerts()[0]["id"]})
    assert undone["outcome"] == "UNDO_REFUSED"
    assert "The provided principal was invalid" in undone["reason"]
    assert "remove those statements" in undone["reason"]
    boto3.client("lambda").remove_permission(FunctionName=NAME, StatementId="partner")
    assert account.invoke(remediation, {"undo": account.alerts()[0]["id"]})["outcome"] == "UNDONE"


def test_several_go_one_by_one(account: Account) -> None:
    lambda_functions.function(NAME)
    allow(ANYBODY, {**ANYBODY, "StatementId": "anybody-2"})
    assert account.deliver(remediation, event()) == ["FIXED"]
    assert operations(account.writes) == ["lambda:RemovePermission"] * 2


def test_a_function_without_a_policy_is_right_and_one_that_is_gone_is_gone(account: Account) -> None:
    lambda_functions.function(NAME)
    assert account.deliver(remediation, added({})) == ["ALREADY_OK"]
    assert account.deliver(remediation, added({}, "another")) == ["GONE"]


def put(*statements: dict[str, Any], name: str = NAME) -> dict[str, Any]:
    """Return the event of a PutResourcePolicy with these statements."""
    found = scenario.event(Handler("awslambda", "restrict_function").samples["restrict_function-policy"], name)
    found["detail"]["requestParameters"] = {
        "resourceArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}",
        "policy": json.dumps({"Version": "2012-10-17", "Statement": statements}),
    }
    return found


@pytest.mark.parametrize("event_name", ["PutResourcePolicy", "PutResourcePolicy20260709"])
def test_a_policy_that_was_put_as_a_whole_is_heard_of(account: Account, event_name: str) -> None:
    broken()
    found = put(name=f"{NAME}:PROD")
    found["detail"]["eventName"] = event_name
    assert account.deliver(remediation, found) == ["FIXED"]
    assert account.alerts()[0]["resource"]["name"] == f"{NAME}:PROD"
    assert "anybody" not in str(policy_of(Qualifier="PROD"))


@pytest.mark.parametrize("sid", [{"Sid": "anybody"}, {}], ids=["with a Sid", "without one"])
def test_a_policy_that_was_open_for_a_moment_is_told(account: Account, sid: dict[str, str]) -> None:
    lambda_functions.function(NAME)
    allow(PARTNER)
    assert account.deliver(remediation, put({**sid, "Effect": "Allow", "Principal": "*", "Action": INVOKE, "Resource": "x"})) == ["REPORTED"]
    assert "it is shut again" in account.alerts()[0]["reason"]


def test_denials_of_a_policy_that_was_put_are_weighed(account: Account) -> None:
    lambda_functions.function(NAME)
    everybody = {"Sid": "all", "Effect": "Allow", "Principal": "*", "Action": INVOKE, "Resource": "x"}
    all_but_ours = {**everybody, "Sid": "not", "Effect": "Deny", "Condition": {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}}
    assert account.deliver(remediation, put(everybody, all_but_ours)) == ["ALREADY_OK"]


STATEMENT = {"Sid": "s", "Effect": "Allow", "Principal": "*", "Action": INVOKE, "Resource": "x"}


@pytest.mark.parametrize(
    "statement",
    [
        {**STATEMENT, "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {**STATEMENT, "Principal": {"AWS": ["*", "999999999999"]}},
        {**STATEMENT, "Action": [INVOKE, "lambda:GetFunction"]},
        {**STATEMENT, "Sid": "with.a.dot"},
        {**STATEMENT, "Action": "lambda:Invoke*"},
        {**STATEMENT, "Resource": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders*"},
        {key: value for key, value in STATEMENT.items() if key != "Sid"},
    ],
)
def test_what_could_not_be_brought_back_is_left_to_people(statement: dict[str, Any]) -> None:
    with pytest.raises(OnlyPeople, match="remove it by hand"):
        permission(statement)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("orders", "orders"),
        ("function", "function"),
        (f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:function:PROD", "function:PROD"),
        (f"{ACCOUNT}:function:orders", "orders"),
        (f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders:$LATEST", "orders:$LATEST"),
    ],
)
def test_a_function_is_known_by_its_name_and_qualifier(given: str, name: str) -> None:
    assert name_in("AWS::Lambda::Function", given) == name
