"""With ReadTags=opt-in a fix is only made of what carries the tag snapback:enforce: of all else it is shown, but for threats, which wait for no tag."""

import contextlib
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import boto3
import pytest

from snapback.engine import tags
from snapback.engine.invocation import Invocation
from tests.contract.conftest import Broken, broken_by
from tests.harness import template
from tests.harness.account import FAULTS, Account, ApiCall, Context, Interference, Killed
from tests.harness.discovery import Handler

READS = ("GetResources", "ListRoleTags", "ListUserTags")
"""Calls that read tags."""


@pytest.fixture(autouse=True)
def opt_in(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - whose settings come first
    monkeypatch.setenv("READ_TAGS", "opt-in")


@pytest.fixture
def group(account: Account, monkeypatch: pytest.MonkeyPatch) -> Broken:
    return broken_by(Handler("ec2", "revoke_open_ingress"), account, monkeypatch)


def tagged(**values: str) -> Interference:
    """Return an interference in which every resource has these tags, whatever the emulator knows of its type."""
    given = [{"Key": f"snapback:{key}", "Value": value} for key, value in values.items()]

    def interfere(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "GetResources":
            return {"ResourceTagMappingList": [{"ResourceARN": arn, "Tags": given} for arn in call.parameters["ResourceARNList"]] if given else []}
        return {"Tags": given} if call.operation in READS and call.own else really()

    return interfere


def tag(broken: Broken, value: str) -> None:
    boto3.client("ec2").create_tags(Resources=[broken.resource], Tags=[{"Key": "snapback:enforce", "Value": value}])


def is_of_a_threat(broken: Broken) -> bool:
    return broken.remediation.read(broken.event(), Invocation.of(Context("snapback", "request"))).is_threat


def is_readable(broken: Broken) -> bool:
    [resource] = {alert["resource"]["name"] for alert in broken.account.alerts()}
    return tags.can_be_read(broken.remediation.resource, resource)


def test_what_has_not_opted_in_is_only_shown_and_says_why_but_a_threat_is_answered(broken: Broken) -> None:
    if is_of_a_threat(broken):
        with broken.account.interfered(tagged()):
            assert broken.deliver() == ["FIXED"]
        return
    with broken.account.interfered(tagged()):
        assert broken.deliver() == ["WOULD_FIX"]
    assert broken.account.writes == []
    assert broken.state() == broken.before
    [alert] = broken.account.alerts()
    readable = is_readable(broken)
    assert ("It is not opted in by its tags: there is no snapback:enforce." if readable else "It has no tags that could opt in") in alert["reason"]
    assert alert["calls"] != []
    assert "apply" in alert["commands"]
    assert len([call for call in broken.account.calls if call.operation in READS and call.own]) == (1 if readable else 0)
    with broken.account.interfered(tagged(enforce="on")):
        assert broken.deliver(broken.event(event_id="another")) == (["FIXED"] if readable else ["HANDLED"])
    if not readable:
        broken.account.invoke(broken.remediation, {"mode": "enforce", "by": "Jo"})
        assert broken.deliver(broken.event(event_id="a third")) == ["FIXED"]
    assert not broken.is_wrong


@pytest.mark.parametrize("value", ["on", " on ", "revoke-open-ingress", "encrypt-bucket revoke-open-ingress"])
def test_a_resource_opts_in_to_all_remediations_or_to_those_it_names(group: Broken, value: str) -> None:
    tag(group, value)
    assert group.deliver() == ["FIXED"]
    assert group.account.alerts()[0]["reason"] == ""


@pytest.mark.parametrize("value", ["", "off", "On?", "encrypt-bucket", "revoke-open-ingress,encrypt-bucket", "on off"])
def test_a_value_that_says_something_else_opts_in_to_nothing_and_is_told(group: Broken, value: str) -> None:
    tag(group, value)
    assert group.deliver() == ["WOULD_FIX"]
    assert "which is not on and does not name revoke-open-ingress" in group.account.alerts()[0]["reason"]
    assert group.is_wrong


def test_a_tag_that_exempts_counts_beside_one_that_opts_in(group: Broken) -> None:
    until = "2026-12-24"
    exempt = f"remediation=revoke-open-ingress owner=jo@example.com until={until} reason=test of a vendor"
    with group.account.interfered(tagged(enforce="on", exempt=exempt)):
        assert group.deliver() == ["EXEMPT"]


def test_what_was_shown_for_want_of_a_tag_is_made_by_apply(group: Broken) -> None:
    assert group.deliver() == ["WOULD_FIX"]
    shown = group.account.alerts()[0]["id"]
    assert [one["outcome"] for one in group.account.invoke(group.remediation, {"apply": shown})["outcomes"]] == ["FIXED"]


def test_in_preview_no_tag_is_read_for_it(group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    for mode in ("MODE", "DISRUPTIVE_MODE"):
        monkeypatch.setenv(mode, "preview")
    tag(group, "on")
    assert group.deliver() == ["WOULD_FIX"]
    assert group.account.alerts()[0]["reason"] == ""


def test_tags_that_aws_refuses_to_show_only_show_and_those_that_it_cannot_now_are_asked_again(group: Broken) -> None:
    def at_tags(kind: str, times: int) -> Interference:
        left = [kind] * times
        return lambda call, _, really: FAULTS[left.pop()](call, really) if call.operation in READS and left else really()

    tag(group, "on")
    with group.account.interfered(at_tags("denied", 9)):
        assert group.deliver() == ["WOULD_FIX"]
    assert "AWS refuses to show them" in group.account.alerts()[0]["reason"]
    with group.account.interfered(at_tags("throttled", 1)):
        assert group.deliver(group.event(event_id="another")) == ["FIXED"]


def test_work_that_was_cut_off_goes_on_only_as_long_as_the_tag_stands(group: Broken) -> None:
    def one_by_one(name: str, rules: Sequence[Mapping[str, Any]]) -> None:
        for rule in rules:
            group.remediation.fix(name, [rule])

    def kill(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        return FAULTS["killed just after"](call, really) if call.is_write else really()

    tag(group, "on")
    patient, event = dataclasses.replace(group.remediation, fix=one_by_one), group.event()
    with group.account.interfered(kill), contextlib.suppress(Killed):
        group.account.invoke(patient, event, request="one")
    boto3.client("ec2").delete_tags(Resources=[group.resource], Tags=[{"Key": "snapback:enforce"}])
    group.account.clock.pause(120)  # till the lease is over
    group.account.forget()
    [begun] = [key.removeprefix("FIX#") for key in group.account.table.rows if key.startswith("FIX#")]
    ended = group.account.invoke(patient, {"retry": begun})["outcomes"][0]
    assert ended["outcome"] == "PARTIAL"
    assert "It is not opted in by its tags" in ended["reason"]
    assert group.account.writes == []


@pytest.mark.parametrize("given", ["off", "on", "opt-in"])
def test_the_functions_may_read_tags_where_they_do(given: str) -> None:
    statements = template.resources({"ReadTags": given})["Shared"]["Properties"]["PolicyDocument"]["Statement"]
    allowed = {action for statement in statements for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])}
    assert ({"tag:GetResources", "iam:ListRoleTags", "iam:ListUserTags"} <= allowed) is (given != "off")


def test_the_canarys_group_opts_in() -> None:
    [tag] = template.resources({"CanaryVpc": "vpc-0123456789abcdef0"})["CanaryGroup"]["Properties"]["Tags"]
    assert tags.not_opted_in({tag["Key"]: tag["Value"]}, "revoke-open-ingress") == ""
