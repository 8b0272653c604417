"""Every GuardDuty finding ends in a remediation that can read it, or in exactly one alert: none is lost, whatever its type."""

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from local.guardduty import PAGE, render
from snapback.engine.findings import ANSWERS, answered_by
from tests.contract.test_patterns import can_read
from tests.harness.account import Account
from tests.harness.discovery import HANDLERS, Handler
from tests.harness.guardduty.finding_types import FAMILIES, Shape, shapes
from tests.harness.rules import rules

LOW, MEDIUM, HIGH = 2, 5, 8

BY_NAME = {handler.remediation.name: handler for handler in HANDLERS}

REPORT = BY_NAME["report-finding"]

RULES = [rule for rule in rules() if rule.pattern is not None and "guardduty" in str(rule.pattern)]

TYPES = [kind for family in FAMILIES for kind in family.types]

UNKNOWN = ["NewPurpose:NewService/NewThreat", "NewPurpose:EC2/NewThreat", "NewPurpose:IAMUser/NewThreat", "Backdoor:Runtime/NewThreat", ""]

EVERY_SHAPE = list({shape.about + str(shape.resource): shape for _, shape in shapes()}.values())


def handlers_for(event: Mapping[str, Any]) -> list[Handler]:
    """Return the functions that the event wakes and that can read it."""
    woken = {rule.function for rule in RULES if rule.matches(event)}
    return [handler for handler in HANDLERS if handler.logical_id in woken and can_read(handler, dict(event))]


def assert_one_end(account: Account, shape: Shape, kind: str, severity: float) -> None:
    """Deliver the finding, and an update of it, to everybody who hears of it."""
    finding_id = str(account.clock.time)
    event = shape.event(kind, severity, finding_id=finding_id, event_id=f"first {finding_id}")
    handlers = handlers_for(event)
    answers = set(answered_by(event["detail"]))
    here = {handler.remediation.name for handler in handlers}
    where = f"{kind} about {shape.about}, severity {severity}"
    assert answers == here & ANSWERS.keys(), f"{where}: what is said to answer it is woken by it, and the other way round"
    assert (REPORT in handlers) is (severity >= 4), where
    account.clock.pause(600)  # so that not too many are told within an hour
    if REPORT not in handlers:
        return
    update = copy.deepcopy(event)
    update["id"], update["detail"]["service"]["count"] = f"second {finding_id}", 2
    before = len(account.outcomes())
    outcomes = [account.deliver(REPORT.remediation, event), account.deliver(REPORT.remediation, update)]
    assert outcomes == ([["ALREADY_OK"]] * 2 if answers else [["REPORTED"], ["HANDLED"]]), where
    assert len(account.outcomes()) - before == (0 if answers else 1), where


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_ends_in_a_remediation_that_can_read_it_or_in_exactly_one_alert(account: Account, kind: str) -> None:
    forms = next(family.types[kind] for family in FAMILIES if kind in family.types)
    for shape in forms:
        for severity in (LOW, MEDIUM, HIGH):
            assert_one_end(account, shape, kind, severity)


@pytest.mark.parametrize("kind", UNKNOWN)
def test_a_type_that_nobody_knows_yet_is_not_lost_whatever_it_is_about(account: Account, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", str(len(EVERY_SHAPE)))
    for shape in EVERY_SHAPE:
        assert_one_end(account, shape, kind, HIGH)


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_is_a_remediation_and_answers_something(name: str) -> None:
    assert name in BY_NAME
    assert any(name in answered_by(shape.event(kind, HIGH)["detail"]) for kind, shape in shapes())


def test_the_page_says_what_becomes_of_each_type() -> None:
    assert PAGE.read_text() == render(), "run: make catalogue"


def test_no_type_is_listed_twice() -> None:
    assert len(TYPES) == len(set(TYPES))
