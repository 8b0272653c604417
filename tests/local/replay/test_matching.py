import copy
import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ministack.services import eventbridge

from local.replay.matching import PatternError, compiled, matches
from local.replay.rules import rules
from tests.harness.discovery import HANDLERS, ROOT
from tests.harness.rules import rules as every_rule

Event = Mapping[str, Any]

CORPUS = ROOT.parent / "shared" / "corpus" / "real-events.jsonl.gz"


def asked(value: object, *allowed: object) -> bool:
    """Tell whether a field with that value matches where the pattern allows those; a value of ... is a field that is not there."""
    return matches({"detail": {"field": list(allowed)}}, {"detail": {} if value is ... else {"field": value}})


YES: list[tuple[object, object]] = [
    ("running", "running"),
    ("", ""),
    (None, None),
    (True, True),
    (300, 300),
    (["stopped", "running"], "running"),
    ([["stopped"], [["running"]]], "running"),
    ("2017-10-02T18:43:48Z", {"prefix": "2017-10-02"}),
    ("", {"prefix": ""}),
    ("EVENTBridge", {"prefix": {"equals-ignore-case": "eventb"}}),
    ("a.png", {"suffix": ".png"}),
    ("a.PNG", {"suffix": {"equals-ignore-case": ".png"}}),
    ("AliCe", {"equals-ignore-case": "alice"}),
    ("STRASSE", {"equals-ignore-case": "straße"}),
    ("dir/a/b.png", {"wildcard": "dir/*.png"}),
    ("dir/.png", {"wildcard": "dir/*.png"}),
    ("aXbXb", {"wildcard": "a*b"}),
    ("anything\nat all", {"wildcard": "*"}),
    ("a*b", {"wildcard": r"a\*b"}),
    ("a\\b", {"wildcard": r"a\\b"}),
    ("x/y/z", {"wildcard": "*/y/*"}),
    ("running", {"anything-but": "initializing"}),
    (5, {"anything-but": "initializing"}),
    (None, {"anything-but": "initializing"}),
    (["initializing", "running"], {"anything-but": "initializing"}),
    (124, {"anything-but": [123, 125]}),
    ("eu-west-1", {"anything-but": {"prefix": "us-"}}),
    ("a.txt", {"anything-but": {"suffix": [".png", ".jpg"]}}),
    ("RUNNING", {"anything-but": {"equals-ignore-case": ["initializing", "stopped"]}}),
    ("a/src/b", {"anything-but": {"wildcard": "*/lib/*"}}),
    (5, {"numeric": [">", 0, "<=", 5]}),
    (100.0, {"numeric": ["=", 100]}),
    ("10.0.0.33", {"cidr": "10.0.0.0/24"}),
    ("2001:db8::1", {"cidr": "2001:db8::/32"}),
    ("", {"exists": True}),
    (None, {"exists": True}),
    (..., {"exists": False}),
    ([], {"exists": False}),
    ({}, {"exists": False}),
    ({"inner": "object"}, {"exists": False}),
]

NO: list[tuple[object, object]] = [
    ("Running", "running"),
    (..., ""),
    (..., None),
    ("", None),
    (None, ""),
    ("null", None),
    ("true", True),
    (1, True),
    (True, 1),
    ("300", 300),
    (300.0, 300),
    ({"running": "running"}, "running"),
    (..., {"prefix": ""}),
    (5, {"prefix": "5"}),
    ("b", {"prefix": "a"}),
    ("a.png.txt", {"suffix": ".png"}),
    ("Alice ", {"equals-ignore-case": "alice"}),
    ("other/a.png", {"wildcard": "dir/*.png"}),
    ("ab", {"wildcard": "ab*b"}),
    ("axb", {"wildcard": r"a\*b"}),
    ("a?c", {"wildcard": "a.c"}),
    (5, {"wildcard": "*"}),
    ("initializing", {"anything-but": "initializing"}),
    (..., {"anything-but": "initializing"}),
    (["initializing"], {"anything-but": "initializing"}),
    ("us-east-1", {"anything-but": {"prefix": "us-"}}),
    ("a.JPG", {"anything-but": {"equals-ignore-case": "a.jpg"}}),
    ("a/lib/b", {"anything-but": {"wildcard": "*/lib/*"}}),
    (0, {"numeric": [">", 0, "<=", 5]}),
    ("5", {"numeric": [">", 0]}),
    (True, {"numeric": [">", 0]}),
    (6e9, {"numeric": [">", 0]}),
    ("10.0.1.33", {"cidr": "10.0.0.0/24"}),
    ("::1", {"cidr": "10.0.0.0/24"}),
    ("nowhere", {"cidr": "10.0.0.0/24"}),
    (167772161, {"cidr": "10.0.0.0/24"}),
    (..., {"exists": True}),
    ({"inner": "object"}, {"exists": True}),
    (None, {"exists": False}),
]


@pytest.mark.parametrize(("value", "allowed"), YES, ids=repr)
def test_a_value_that_a_pattern_asks_for_matches(value: object, allowed: object) -> None:
    assert asked(value, allowed)
    assert asked(value, "something else", allowed)


@pytest.mark.parametrize(("value", "allowed"), NO, ids=repr)
def test_a_value_that_a_pattern_does_not_ask_for_does_not(value: object, allowed: object) -> None:
    assert not asked(value, allowed)
    assert not asked(value, "something else", allowed)


DIFFERS = [(300.0, 300), (6e9, {"numeric": [">", 0]})]
"""Where AWS's page wins over the emulator; docs/emulators.md says how."""


@pytest.mark.parametrize(("value", "allowed"), [one for one in YES + NO if one not in DIFFERS], ids=repr)
def test_the_local_account_says_the_same_of_such_a_value(value: object, allowed: object) -> None:
    detail = {} if value is ... else {"field": value}
    assert says_the_local_account({"detail": {"field": [allowed]}}, {"detail": detail}) is asked(value, allowed)


def says_the_local_account(pattern: Mapping[str, Any], event: Event) -> bool:
    verdict: bool = eventbridge._matches_pattern(json.dumps(pattern), eventbridge._event_from_test_payload(dict(event)))  # noqa: SLF001 - another's judgement
    return verdict


def test_what_is_asked_of_an_array_of_objects_one_of_them_has_to_have_alone() -> None:
    pattern = {"findings": {"Status": ["FAILED"], "State": ["ACTIVE"], "Resource": {"Type": ["Bucket"]}}}
    whole = {"Status": "FAILED", "State": "ACTIVE", "Resource": [{"Type": "User"}, {"Type": "Bucket"}]}
    assert matches(pattern, {"findings": [{}, "text", whole]})
    assert matches(pattern, {"findings": [[whole], []]})
    assert matches(pattern, {"findings": whole})
    for missing, value in whole.items():
        without = {name: whole[name] for name in whole if name != missing}
        assert not matches(pattern, {"findings": [without, {missing: value}]}), missing


def test_one_part_of_an_or_is_enough_and_what_stands_beside_it_is_asked_all_the_same() -> None:
    pattern = {"source": ["aws.ec2"], "$or": [{"detail": {"a": [1]}}, {"detail": {"b": [2], "$or": [{"c": [3]}, {"d": [4]}]}}]}
    assert matches(pattern, {"source": "aws.ec2", "detail": {"a": 1}})
    assert matches(pattern, {"source": "aws.ec2", "detail": {"b": 2, "d": 4}})
    assert not matches(pattern, {"source": "aws.ec2", "detail": {"b": 2}})
    assert not matches(pattern, {"source": "aws.ec2", "detail": {"c": 3}})
    assert not matches(pattern, {"source": "aws.s3", "detail": {"a": 1}})


def test_of_a_field_that_is_no_object_nothing_inside_exists() -> None:
    for value in ("text", None, 1, [], ["text"], ...):
        event = {"detail": {} if value is ... else {"field": value}}
        assert matches({"detail": {"field": {"inner": [{"exists": False}]}}}, event)
        assert not matches({"detail": {"field": {"inner": [{"anything-but": "a"}]}}}, event)


@pytest.mark.parametrize(
    "pattern",
    [
        {},
        {"a": {}},
        {"a": []},
        {"a": "text"},
        {"a": [["text"]]},
        {"a.b": ["text"]},
        {"a": [{"begins-with": "text"}]},
        {"a": [{"exactly": "text"}]},
        {"a": [{"prefix": "a", "suffix": "b"}]},
        {"a": [{"prefix": 5}]},
        {"a": [{"prefix": ["a", "b"]}]},
        {"a": [{"suffix": {"prefix": "a"}}]},
        {"a": [{"wildcard": "a**b"}]},
        {"a": [{"wildcard": r"a\b"}]},
        {"a": [{"numeric": [">"]}]},
        {"a": [{"numeric": ["!=", 5]}]},
        {"a": [{"numeric": [">", "5"]}]},
        {"a": [{"numeric": [">", 6e9]}]},
        {"a": [{"cidr": "10.0.0.0"}]},
        {"a": [{"cidr": "10.0.0.0/99"}]},
        {"a": [{"exists": "true"}]},
        {"a": [{"anything-but": []}]},
        {"a": [{"anything-but": ["a", 1]}]},
        {"a": [{"anything-but": True}]},
        {"a": [{"anything-but": {"cidr": "10.0.0.0/8"}}]},
        {"a": [{"anything-but": {"prefix": 5}}]},
        {"$or": [{"a": [1]}]},
        {"$or": {"a": [1]}},
        {"$or": [{"a": [1]}, {}]},
    ],
    ids=json.dumps,
)
def test_what_is_no_pattern_is_an_error_and_no_mismatch(pattern: Mapping[str, Any]) -> None:
    with pytest.raises(PatternError, match="pattern"):
        matches(pattern, {"a": "text"})


def test_every_pattern_of_the_template_is_understood() -> None:
    patterns = [rule.pattern for rule in every_rule() if rule.pattern is not None]
    assert len([compiled(pattern) for pattern in patterns]) == len(patterns) > len(rules())


def mutated(event: Event) -> Iterator[Event]:
    """Yield the event with each of its fields, three levels deep, taken away, put into an array, and made another."""
    for change in (None, list, "other"):
        for path in _paths(event, 4):
            copied = copy.deepcopy(event)
            place: Any = copied
            for step in path[:-1]:
                place = place[step]
            if change is None:
                del place[path[-1]]
            else:
                place[path[-1]] = [place[path[-1]], "beside it"] if change is list else change
            yield copied


def _paths(value: object, depth: int, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(value, Mapping) and depth:
        for name, inner in value.items():
            yield (*before, name)
            yield from _paths(inner, depth - 1, (*before, name))


SAMPLES = {sample: event for handler in HANDLERS for sample, event in handler.samples.items()}


def verdicts(events: Iterator[Event] | list[Event]) -> Iterator[tuple[str, Event, bool, bool]]:
    """Yield the name of each rule, each event, what is judged here and what the local account judges."""
    every = [(str(rule), compiled(rule.pattern), json.dumps(rule.pattern)) for rule in every_rule() if rule.pattern is not None]
    for event in events:
        view = eventbridge._pattern_event_view(eventbridge._event_from_test_payload(dict(event)))  # noqa: SLF001 - another's judgement
        for name, judge, text in every:
            yield name, event, judge(event), eventbridge._matches_pattern_view(text, view)  # noqa: SLF001 - the same


def test_of_every_sample_and_every_rule_the_local_account_says_the_same() -> None:
    every = list(verdicts(list(SAMPLES.values())))
    assert [(name, event["id"]) for name, event, ours, theirs in every if ours is not theirs] == []
    assert sum(ours for *_, ours, _ in every) > len(SAMPLES) / 2


def test_of_samples_that_were_changed_the_local_account_says_the_same() -> None:
    every = verdicts(one for event in list(SAMPLES.values())[::80] for one in mutated(event))
    assert [(name, event) for name, event, ours, theirs in every if ours is not theirs] == []


@pytest.mark.skipif(not CORPUS.exists(), reason="real events are not here")
def test_of_real_events_the_local_account_says_the_same() -> None:
    with gzip.open(Path(CORPUS), "rt") as lines:
        events = [json.loads(line) for number, line in enumerate(lines) if number % 15 == 0]
    assert [(name, event["id"]) for name, event, ours, theirs in verdicts(events) if ours is not theirs] == []
