"""A function's role may do exactly what its handler does, on no more resources than AWS allows to say."""

from collections.abc import Sequence

import botocore.session
import pytest

from tests.contract.situations import all_calls, calls_there_and_back
from tests.harness.account import Account, ApiCall
from tests.harness.discovery import HANDLERS, Handler
from tests.harness.permissions import ALSO_CHECKED, AlsoChecked, Grant, Wide, actions, grants, is_action, resource_types, statements, wide_resources
from tests.harness.template import functions, switches

SHARED = "Shared"

WIDEST = dict.fromkeys(switches(), "on")

DEFAULT = "by default"

SETTINGS = {DEFAULT: {}, "with all switched on": WIDEST}

Calls = Sequence[ApiCall]

_calls: dict[tuple[Handler, str], Calls] = {}
"""Kept from one setting and test to the next, as it takes a while."""


def _calls_of(handler: Handler, setting: str, account: Account, monkeypatch: pytest.MonkeyPatch) -> Calls:
    if (handler, setting) not in _calls:
        _calls[handler, setting] = all_calls(handler, account, monkeypatch) if setting == DEFAULT else _calls_of(handler, DEFAULT, account, monkeypatch)
        with monkeypatch.context() as patch:
            for parameter, value in SETTINGS[setting].items():
                patch.setenv(switches()[parameter], value)
            _calls[handler, setting] = [*_calls[handler, setting], *calls_there_and_back(handler, account, patch)]
    return _calls[handler, setting]


def _needed(calls: Calls, *, own: bool) -> set[str]:
    return {action for call in calls if call.own is own for action in actions(call)}


def _granted(owner: str, setting: str) -> set[str]:
    return {grant.action for grant in grants(owner, SETTINGS[setting])}


@pytest.fixture(params=[handler for handler in HANDLERS if handler is handler.together[0]], ids=str)
def handler(request: pytest.FixtureRequest) -> Handler:
    found = request.param
    assert isinstance(found, Handler)
    return found


def test_a_function_is_granted_what_it_calls_and_nothing_else(handler: Handler, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in SETTINGS:
        calls = [call for one in handler.together for call in _calls_of(one, setting, account, monkeypatch)]
        needed, granted = _needed(calls, own=False), _granted(handler.logical_id, setting)
        assert not needed - granted, f"called {setting}, and not granted"
        assert not granted - needed, f"granted {setting}, and never called; or the test lacks a function all_calls(account) that leads there: see situations.py"
        assert not _needed(calls, own=True) - _granted(SHARED, setting)


@pytest.mark.parametrize("setting", SETTINGS)
def test_nothing_is_shared_that_no_function_calls(setting: str, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    never = _granted(SHARED, setting)
    # Those that wait for what was just made, and resolve findings in both forms, call nearly all of it.
    for handler in sorted(HANDLERS, key=lambda one: not (one.remediation.settles and f"{one.stem}-securityhub-v2" in one.samples)):
        if never:  # a few are enough, not all of them
            never -= _needed(_calls_of(handler, setting, account, monkeypatch), own=True)
    assert not never


@pytest.mark.parametrize("function", functions())
def test_all_that_a_function_may_do_stands_in_its_block_and_the_shared_policy(function: str) -> None:
    policies = functions()[function]["Properties"]["Policies"]
    assert [policy for policy in policies if "Statement" not in policy] == [{"Ref": SHARED}], "no SAM policy template, no policy of AWS's"


@pytest.mark.parametrize("owner", [SHARED, *functions()])
def test_statements_say_what_is_allowed_and_nothing_backwards(owner: str) -> None:
    for statement in statements(owner, WIDEST):
        assert statement.keys() - {"Condition"} == {"Sid", "Effect", "Action", "Resource"}
        assert statement["Effect"] == "Allow"


GRANTS = [pytest.param(grant, id=f"{owner}-{grant}") for owner in [SHARED, *functions()] for grant in grants(owner, WIDEST)]


@pytest.mark.parametrize("grant", GRANTS)
def test_a_granted_action_is_one_that_iam_knows(grant: Grant) -> None:
    assert is_action(grant.action), "spelled out, without wildcards"


@pytest.mark.parametrize("grant", GRANTS)
def test_an_action_that_can_be_narrowed_to_resources_is(grant: Grant) -> None:
    if resource_types(grant.action):
        assert "*" not in grant.resources


@pytest.mark.parametrize("grant", GRANTS)
def test_a_granted_resource_is_of_a_type_that_the_action_is_for(grant: Grant) -> None:
    types = resource_types(grant.action)
    wrong = [resource for resource in grant.resources if resource != "*" and not any(one.fits(resource) for one in types)]
    assert not wrong, f"{grant.action} is for {[one.form for one in types] or '* only'}"


@pytest.mark.parametrize("grant", GRANTS)
def test_a_grant_covers_every_type_of_resource_without_which_aws_denies_the_action(grant: Grant) -> None:
    types = resource_types(grant.action)
    fitting = {one.family for one in types if any(one.fits(resource) for resource in grant.resources)}
    missing = [one.form for one in types if one.is_required and one.family not in fitting]
    assert "*" in grant.resources or not missing


@pytest.mark.parametrize("wide", wide_resources(), ids=str)
def test_a_resource_as_wide_as_a_star_gives_its_reason_on_its_line(wide: Wide) -> None:
    assert len(wide.reason.split()) > 2, wide.written


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        pytest.param("s3", "DeletePublicAccessBlock", {}, {"s3:PutBucketPublicAccessBlock"}, id="taking away is an action named Put"),
        pytest.param("s3control", "GetPublicAccessBlock", {}, {"s3:GetAccountPublicAccessBlock"}, id="one service under two names"),
        pytest.param("cloudwatch", "PutMetricAlarm", {}, {"cloudwatch:PutMetricAlarm"}, id="a service signed under another name"),
        pytest.param(
            "dynamodb", "TransactWriteItems", {"TransactItems": [{"Put": {}}, {"Update": {}}]}, {"dynamodb:PutItem", "dynamodb:UpdateItem"}, id="parts"
        ),
        pytest.param("ec2", "CreateFlowLogs", {"TagSpecifications": [{}]}, {"ec2:CreateFlowLogs", "ec2:CreateTags"}, id="tags of what is made"),
        pytest.param(
            "config",
            "PutConfigurationRecorder",
            {"ConfigurationRecorder": {"roleARN": "arn:aws:iam::111122223333:role/config"}},
            {"config:PutConfigurationRecorder", "iam:PassRole"},
            id="a role handed on",
        ),
    ],
)
def test_a_call_is_known_by_the_actions_that_iam_asks_for(service: str, operation: str, parameters: dict[str, object], expected: set[str]) -> None:
    assert actions(ApiCall(service, operation, parameters, own=False)) == expected


@pytest.mark.parametrize("row", ALSO_CHECKED, ids=lambda row: ", ".join(f"{service}:{name}" for service, name in sorted(row.operations)))
def test_what_aws_checks_besides_is_about_calls_and_actions_that_there_are_and_says_where_it_is_known_from(row: AlsoChecked) -> None:
    for service, operation in row.operations:
        assert operation in botocore.session.get_session().get_service_model(service).operation_names
    assert all(is_action(action) for action in row.actions)
    assert row.page.startswith(("https://docs.aws.amazon.com/", "not on a page: "))


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, set()),
        ({"WebACLId": "arn:aws:wafv2:us-east-1:111122223333:global/webacl/shop/1"}, {"wafv2:GetWebACL"}),
        ({"WebACLId": "473e64fd-f30b-4765-81a0-62ad96dd167a"}, {"waf:GetWebACL"}),
        ({"WebACLId": "", "Logging": {"Enabled": False, "Bucket": ""}}, set()),
        ({"Logging": {"Enabled": True, "Bucket": "logs.s3.amazonaws.com"}}, {"s3:GetBucketAcl", "s3:PutBucketAcl"}),
        ({"CacheBehaviors": {"Items": [{"LambdaFunctionAssociations": {"Items": [{}]}}]}}, {"lambda:GetFunction", "lambda:EnableReplication*"}),
        ({"Origins": {"Items": [{"VpcOriginConfig": {"VpcOriginId": "vo_1"}}]}}, {"cloudfront:GetVpcOrigin"}),
    ],
)
def test_a_changed_distribution_needs_access_to_what_it_points_to_and_to_nothing_else(config: dict[str, object], expected: set[str]) -> None:
    call = ApiCall("cloudfront", "UpdateDistribution", {"DistributionConfig": {"DefaultCacheBehavior": {}, **config}}, own=False)
    assert actions(call) == {"cloudfront:UpdateDistribution", *expected}


def test_a_call_whose_action_is_not_known_is_not_passed_over() -> None:
    with pytest.raises(AssertionError, match="needs an action of another name"):
        actions(ApiCall("s3", "ListObjectsV2", {}, own=False))
