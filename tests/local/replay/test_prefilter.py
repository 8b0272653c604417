"""What the predicate in SQL must never do is to lose a match. It may pass more, but not much more."""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.replay.envelope import Judge, NoRecord
from local.replay.files import Sifter
from local.replay.matching import PatternError, parsed
from local.replay.prefilter import COLUMNS, predicate
from local.replay.rules import FROM_TRAILS, Rule, rules
from tests.local.replay.conftest import JUDGE, RECORD, numbered
from tests.local.replay.test_matching import CORPUS, SAMPLES, mutated

RULES = rules()
RECORDS = [event["detail"] for event in SAMPLES.values() if event["detail-type"] in FROM_TRAILS]


def passed(records: Sequence[object], rules: Sequence[Rule] = RULES) -> set[int]:
    """Return which of the records DuckDB lets through."""
    [found] = Sifter(rules).sift([json.dumps({"Records": records}).encode()])
    assert found is not None
    assert found.records == len(records)
    return {number - 1 for number, _ in found.passed}


def wanted(records: Sequence[object], judge: Judge = JUDGE) -> set[int]:
    """Return which of them a rule matches."""
    found = set()
    for number, record in enumerate(records):
        try:
            found |= {number} if judge.candidate(record) else set()
        except NoRecord:
            continue
    return found


def is_lost(records: Sequence[object]) -> list[object]:
    return [records[number] for number in wanted(records) - passed(records)]


def test_no_sample_is_lost_and_none_that_was_changed() -> None:
    changed = [record for one in RECORDS[::9] for record in mutated(one)]
    assert len(wanted([*RECORDS, *changed])) > len(RECORDS)
    assert is_lost([*RECORDS, *changed]) == []


@pytest.mark.skipif(not CORPUS.exists(), reason="real events are not here")
def test_no_real_record_is_lost_and_few_are_passed_in_vain() -> None:
    with gzip.open(CORPUS, "rt") as lines:
        records = [json.loads(line)["detail"] for line in lines]
    assert is_lost(records) == []
    assert len(wanted(records)) <= len(passed(records)) < len(records) / 4


NAMES = sorted({record["eventName"] for record in RECORDS} | {"GetSessionToken", "GetRole", "DescribeInstances", "InvokeModel", "DeleteDBCluster", "Other"})
SOURCES = sorted({record["eventSource"] for record in RECORDS} | {"sts.amazonaws.com", "other.amazonaws.com", "ec2"})
ODD: st.SearchStrategy[Any] = st.sampled_from([None, [], {}, "", 5, True, ["AccessDenied"], "[", "AccessDeniedException", "it's 100% '"])
DRAWN = st.fixed_dictionaries(
    {"eventSource": st.sampled_from(SOURCES) | ODD, "eventName": st.sampled_from(NAMES) | ODD},
    optional={
        "errorCode": st.sampled_from(["AccessDenied", "Client.UnauthorizedOperation"]) | ODD,
        "eventType": st.sampled_from(["AwsApiCall", "AwsConsoleSignIn", "AwsServiceEvent", "AwsCloudTrailInsight", "Other"]) | ODD,
        "eventCategory": st.sampled_from(["Management", "Data"]) | ODD,
        "readOnly": st.sampled_from([True, False, "true", "false"]) | ODD,
        "userIdentity": st.fixed_dictionaries({"type": st.sampled_from(["Root", "IAMUser"]) | ODD}) | ODD | st.just([{"type": "Root"}]),
    },
)


@settings(max_examples=10, deadline=None)
@given(st.lists(DRAWN, min_size=80, max_size=80))
def test_no_record_that_is_made_up_is_lost(drawn: list[dict[str, Any]]) -> None:
    base = {name: RECORD[name] for name in ("eventTime", "awsRegion", "recipientAccountId", "requestParameters")}
    assert is_lost([base | one for one in drawn]) == []


WORDS: Sequence[object] = [
    "AccessDenied",
    "it's",
    None,
    True,
    5,
    {"prefix": "Access"},
    {"prefix": "100%_|"},
    {"prefix": {"equals-ignore-case": "ACCESS"}},
    {"suffix": "Denied"},
    {"equals-ignore-case": "accessdenied"},
    {"wildcard": "A*D*d"},
    {"wildcard": r"100\%"[:3] + "*"},
    {"anything-but": "AccessDenied"},
    {"anything-but": ["a", "b"]},
    {"anything-but": {"prefix": "Access"}},
    {"numeric": [">", 1]},
    {"cidr": "10.0.0.0/8"},
    {"exists": True},
    {"exists": False},
]
VALUES: Sequence[object] = ["AccessDenied", "accessdenied", "Access", "it's", "100%_|x", "", None, True, 5, 1.5, ["AccessDenied"], [], {}, "10.1.2.3", ...]


@pytest.mark.parametrize("place", ["errorCode", "userIdentity.type", "eventName"])
def test_whatever_a_pattern_asks_of_a_column_is_not_lost(place: str) -> None:
    """Every word of patterns, against values of all kinds, in every column."""
    outer, _, inner = place.partition(".")
    records = []
    for number, value in enumerate(VALUES):
        record = numbered(number)
        if value is ... and not inner:
            record.pop(outer, None)
        elif inner:
            record[outer] = {} if value is ... else {inner: value}
        else:
            record[outer] = value
        records.append(record)
    for word in WORDS:
        pattern = {"detail": {outer: {inner: [word]} if inner else [word]}}
        rule = RULES[0]._replace(pattern=pattern, hears_reads=False, is_home_only=False)
        lost = wanted(records, Judge([rule])) - passed(records, [rule])
        assert [(word, VALUES[number]) for number in lost] == []


def test_what_is_no_record_is_passed_so_that_somebody_can_say_so() -> None:
    wrong: list[object] = ["text", None, 5, [], {}, numbered(1, eventName=None), numbered(2, eventSource=["a"]), numbered(3, eventType="Other")]
    assert passed([*wrong, numbered(9, eventName="OfNobodys", eventSource="other.amazonaws.com")]) == set(range(len(wrong)))


def test_of_a_source_alone_only_its_records_are_passed() -> None:
    rule = RULES[0]._replace(pattern={"source": ["aws.ecs", "aws.ec2"], "detail-type": ["AWS API Call via CloudTrail"]}, hears_reads=False)
    records = [numbered(number, eventSource=f"{name}.amazonaws.com") for number, name in enumerate(("ec2", "s3", "ecs", "ecs2"))]
    assert passed(records, [rule]) == {0, 2}


def test_reads_are_passed_for_rules_that_hear_them_only() -> None:
    rule = RULES[0]._replace(pattern={"source": ["aws.ec2"]}, hears_reads=False)
    records = [numbered(1, eventName="DescribeInstances"), numbered(2, eventName="DescribeInstances", eventCategory="Data"), numbered(3)]
    assert passed(records, [rule]) == {1, 2}
    assert passed(records, [rule._replace(hears_reads=True)]) == {0, 1, 2}


def columns_of(records: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str | None, ...]]:
    for record in records:
        flat = {**record, "userIdentity.type": (record.get("userIdentity") or {}).get("type")}
        yield tuple(None if flat.get(name) is None else value if isinstance(value := flat[name], str) else json.dumps(value) for name in COLUMNS)


def test_the_long_form_passes_no_more_and_loses_nothing_either() -> None:
    """The long form, for Athena, over a table with a column each."""
    names = {name: f'"{name.lower()}"' for name in COLUMNS}
    database = duckdb.connect()
    database.execute(f"CREATE TABLE trail (number INTEGER, {', '.join(f'{name} VARCHAR' for name in names.values())})")
    row = ", ".join("?" * (1 + len(names)))
    database.executemany(f"INSERT INTO trail VALUES ({row})", [(number, *row) for number, row in enumerate(columns_of(RECORDS))])  # noqa: S608 - question marks
    found = {number for (number,) in database.execute(f"SELECT number FROM trail WHERE {predicate(RULES, names)}").fetchall()}  # noqa: S608 - the predicate itself
    assert wanted(RECORDS) <= found <= passed(RECORDS)


def test_a_pattern_that_is_none_is_an_error() -> None:
    with pytest.raises(PatternError):
        predicate([RULES[0]._replace(pattern={"a": "text"})], dict.fromkeys(COLUMNS, "x"))
    assert parsed(RULES[0].pattern)
