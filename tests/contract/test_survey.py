"""A survey sees what a deployed Snapback would see: the same evidence, the same calls, nothing once it is put right; and it cannot write."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from botocore.client import BaseClient
from moto import mock_aws

from local.survey import policy, subjects
from local.survey.looking import FINDING, Place, look
from local.survey.reading import Reader, WriteRefused, is_read
from snapback.engine import clients, journal
from snapback.engine.disclosure import disclosed, known_by
from tests.contract.conftest import SITUATIONS, Broken
from tests.contract.test_commands import give
from tests.harness.account import ACCOUNT, REGION
from tests.harness.discovery import ROOT
from tests.harness.permissions import actions

KNOWN = {one.name: one for one in subjects.surveyed()}
ASKED = [one for one in SITUATIONS if not subjects.why_not(KNOWN[one.remediation.name])]
ALLOWED = frozenset(policy.actions()) | {"sts:GetCallerIdentity"}


@cache
def reader() -> Reader:
    """Return the one reader of this process: its clients take longer to make than all else."""
    return Reader(region=REGION)


def lines(broken: Broken) -> Iterator[dict[str, Any]]:
    for subject in subjects.subjects([broken.remediation.name], is_home=True):
        yield from look(subject, Place(ACCOUNT, REGION), reader())


def found(broken: Broken) -> list[dict[str, Any]]:
    return [line for line in lines(broken) if line["kind"] == FINDING and line["resource"] == broken.resource]


@pytest.mark.parametrize("broken", ASKED, ids=str, indirect=True)
def test_a_survey_finds_once_what_a_preview_would_show_with_the_same_calls_and_nothing_once_it_is_put_right(
    broken: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken.account.forget()
    [finding] = found(broken)
    sent = list(broken.account.calls)
    assert not [call for call in sent if call.is_write or call.own]
    assert {action for call in sent for action in actions(call)} <= ALLOWED
    for mode in ("MODE", "DISRUPTIVE_MODE"):
        monkeypatch.setenv(mode, "preview")
    assert broken.deliver() == ["WOULD_FIX"]
    [*_, alert] = broken.account.alerts()
    shown = journal.read(alert["id"])
    assert shown
    assert (finding["evidence"], finding["calls"]) == (json.loads(json.dumps(disclosed(shown.evidence))), shown.calls)
    for mode in ("MODE", "DISRUPTIVE_MODE"):
        monkeypatch.setenv(mode, "enforce")
    shown_by_function(broken, finding)
    broken.account.forget()
    [applied] = give(broken, apply=named(finding), together=True)["outcomes"]
    assert (applied["outcome"], applied["calls"]) == ("FIXED", finding["calls"])
    assert [(call.service, call.operation) for call in broken.account.writes] == [(call["service"], call["operation"]) for call in finding["calls"]]
    assert broken.scenario.neighbours(broken.state()) == broken.scenario.neighbours(broken.before)
    assert [alert["outcome"] for alert in broken.account.put_off() if alert["id"] == applied["id"]] == ["FIXED"]
    assert not found(broken)
    assert give(broken, apply=named(finding))["outcomes"][0]["outcome"] in ("ALREADY_OK", "GONE")


def named(finding: Mapping[str, Any]) -> dict[str, str]:
    """Return what a command says of a finding of the survey's file."""
    return {"resource": finding["resource"], "shown": known_by(finding["evidence"], finding["calls"])}


def shown_by_function(broken: Broken, finding: Mapping[str, Any]) -> None:
    """See that the deployed function's survey shows the same, with its calls, that it writes nothing in enforce mode, and that it shows it once."""
    broken.account.make_storm_queue()
    broken.account.forget()
    first, second = (give(broken, survey=True) for _ in range(2))
    assert not broken.account.writes
    [one] = [one for one in first["outcomes"] if one["resource"] == finding["resource"]]
    assert (one["outcome"], one["calls"]) == ("WOULD_FIX", finding["calls"])
    assert (second["found"], second["outcomes"]) == ({"HANDLED": first["found"]["WOULD_FIX"]}, [])
    told = [alert["resource"]["name"] for alert in broken.account.put_off()]
    assert sorted(told) == sorted(one["resource"] for one in first["outcomes"])


@pytest.mark.parametrize("broken", ASKED, ids=str, indirect=True)
def test_no_fix_gets_a_write_past_the_guard(broken: Broken) -> None:
    evidence = list(broken.remediation.violation(broken.resource))
    broken.account.forget()
    with reader().here(), pytest.raises(WriteRefused):
        broken.remediation.fix(broken.resource, evidence)
    assert not [call for call in broken.account.calls if call.is_write]


@mock_aws
def test_nothing_that_writes_leaves_the_process_whoever_calls_it() -> None:
    with reader().here():
        ec2: Any = clients.aws("ec2")
        with pytest.raises(WriteRefused, match=r"ec2\.CreateVpc"):
            BaseClient._make_api_call(ec2, "CreateVpc", {"CidrBlock": "10.0.0.0/16"})  # type: ignore[attr-defined]  # noqa: SLF001 - past all but the guard


def test_of_all_that_the_layer_may_call_only_reads_pass_and_one_that_makes_a_report() -> None:
    known = [operation for some in json.loads((ROOT / "layers" / "snapback" / "operations.json").read_text()).values() for operation in some]
    odd = {one for one in known if is_read(one) and not one.startswith(("Describe", "Get", "List", "Head", "BatchGet"))}
    assert odd == {"GenerateCredentialReport"}


def test_the_policy_that_a_survey_needs_is_the_one_in_the_documentation() -> None:
    assert policy.POLICY.read_text() == policy.render(), "run: make catalogue"
    assert all(is_read(action.partition(":")[2]) for action in policy.actions())
    assert len(json.dumps(json.loads(policy.render()), separators=(",", ":"))) < 6144, "it is to fit into one managed policy"
