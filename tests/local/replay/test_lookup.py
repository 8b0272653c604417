"""CloudTrail's event history is asked as seldom as can be, at AWS's pace, and never twice for the same."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.replay import lookup
from local.replay.envelope import Sieve
from local.replay.lookup import WRITES, Asking, Brought, Kept, Lookup, Questions, Span, Stopped
from local.survey.looking import Ended
from snapback.engine import clock
from tests.harness.cloudtrail.event_history import EventHistory, record, refused
from tests.harness.discovery import ROOT
from tests.local.replay.conftest import JUDGE

NOW = 1_790_000_000
"""2026-09-21."""
DAY = 24 * 3600
SPAN = Span(NOW - 90 * DAY, NOW - DAY)
MOST_NAMES = 600
"""Two a second: five minutes for a region, before there is anything on a second page."""


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    with closing(Kept(tmp_path / "us-east-1.sqlite")) as file:
        yield file


def asking(history: EventHistory, kept: Kept, **more: Any) -> Asking:  # noqa: ANN401 - its other parts
    return Asking(history, kept, more.pop("stop", Event()), wait=history.wait, clock=history.clock, **more)


def questions(*names: str) -> Questions:
    return Questions([Lookup("EventName", name) for name in names], [], [])


@cache
def all_questions() -> Questions:
    """Return what the template's rules ask for: of some services all calls that boto3 knows, which takes a second to read."""
    return lookup.questions(JUDGE.rules)


def _told(region: str, lookups: int, oldest: int, *, is_done: bool) -> None:
    assert region
    assert lookups or is_done
    assert oldest


def ids(kept: Kept, span: Span = SPAN) -> list[str]:
    return [json.loads(one)["eventID"] for one in kept.records(span)]


@cache
def busy(each: int, days: int = 89, names: tuple[str, ...] = ("RunInstances",)) -> Sequence[Any]:
    """Return so many calls of each day."""
    return tuple(record(names[number % len(names)], NOW - (day + 1) * DAY - number * 60, number) for day in range(1, days) for number in range(each))


def test_a_quiet_region_takes_one_lookup_however_many_names_there_are(kept: Kept) -> None:
    history = EventHistory([*busy(1, 40)])
    asking(history, kept).bring(questions(*(f"Call{n}" for n in range(300))), SPAN, NOW)
    assert len(history.asked) == 1
    assert len(ids(kept)) == 39


def test_a_busy_region_is_asked_by_name_once_that_is_seen_to_be_shorter(kept: Kept) -> None:
    history = EventHistory([*busy(60, names=("Chatter",)), *busy(1, names=("RunInstances",))])
    asked = asking(history, kept)
    assert asked.bring(questions("RunInstances", "StopLogging"), SPAN, NOW), "some of it by name"
    assert len(history.asked) <= 2 + 2 + 2, "as many pages as there are names, and then those"
    assert {json.loads(one)["eventID"] for one in kept.records(SPAN) if json.loads(one)["eventName"] == "RunInstances"} == {
        one["eventID"] for one in history.records if one["eventName"] == "RunInstances"
    }


def test_a_region_that_is_read_takes_a_lookup_for_fifty_calls(kept: Kept) -> None:
    history = EventHistory([*busy(20)], empty=12)  # CloudTrail's pages may be empty, and say nothing then of how busy it is
    assert not asking(history, kept).bring(questions(*(f"Call{n}" for n in range(300))), SPAN, NOW), "nothing by name"
    assert len(history.asked) == 12 + -(-len(history.records) // 50)
    assert len(ids(kept)) == len(set(ids(kept))) == len(history.records)


def test_two_lookups_a_second_are_never_exceeded(kept: Kept) -> None:
    history = EventHistory([*busy(20)])
    asking(history, kept).bring(questions(*(f"Call{n}" for n in range(300))), SPAN, NOW)
    assert len(history.asked) / 2 - 1 <= history.now <= len(history.asked) / 2 + 1, (
        "the history refuses a third one in a second, and nobody waits longer than needed"
    )


def test_whoever_is_throttled_all_the_same_waits_and_goes_on(kept: Kept) -> None:
    history = EventHistory([*busy(1)], refuses={0: refused("ThrottlingException"), 1: refused("ThrottlingException")})
    asking(history, kept).bring(questions("RunInstances"), SPAN, NOW)
    assert len(ids(kept)) == len(history.records)
    assert history.now >= 2 + 5


@pytest.mark.parametrize("at", [0, 1, 7])
def test_what_was_cut_off_is_gone_on_with_where_it_was(kept: Kept, at: int) -> None:
    history = EventHistory([*busy(20)], refuses={at: refused("AccessDenied")})
    many = questions(*(f"Call{n}" for n in range(300)))
    with pytest.raises(ClientError):
        asking(history, kept).bring(many, SPAN, NOW)
    assert len(ids(kept)) == at * 50
    asking(history, kept).bring(many, SPAN, NOW)
    assert sorted(ids(kept)) == sorted(one["eventID"] for one in history.records)
    assert len(history.asked) <= -(-len(history.records) // 50) + 2


def test_ctrl_c_ends_it_after_the_lookup_that_is_under_way(kept: Kept) -> None:
    history, stop = EventHistory([*busy(20)]), Event()
    with pytest.raises(Stopped):
        asking(history, kept, stop=stop, told=lambda *_: stop.set()).bring(questions(*"abcdefghijkl"), SPAN, NOW)
    assert len(history.asked) == 1
    assert len(ids(kept)) == 50


def test_more_events_in_a_second_than_a_page_has_are_all_there_after_a_cut(kept: Kept) -> None:
    history = EventHistory([record("RunInstances", NOW - 2 * DAY, number) for number in range(130)], refuses={1: refused("AccessDenied")})
    many = questions(*(f"Call{n}" for n in range(300)))
    with pytest.raises(ClientError):
        asking(history, kept).bring(many, SPAN, NOW)
    asking(history, kept).bring(many, SPAN, NOW)
    assert len(ids(kept)) == 130


def test_a_later_run_asks_only_for_what_is_new(kept: Kept) -> None:
    history = EventHistory([*busy(20)])
    many = questions(*(f"Call{n}" for n in range(300)))
    asking(history, kept).bring(many, SPAN, NOW)
    history.asked.clear()
    history.wait(1)
    asking(history, kept).bring(many, SPAN, NOW)
    assert not history.asked
    history.remember([record("RunInstances", NOW - 1000, 7)])
    asking(history, kept).bring(many, Span(NOW - 89 * DAY, NOW), NOW)
    assert [(one["StartTime"], one["EndTime"]) for one in history.asked] == [(SPAN.stop + 1, NOW)]
    assert len(ids(kept, Span(0, NOW))) == len(history.records)


def test_what_comes_late_is_asked_for_again_the_next_time(kept: Kept) -> None:
    history = EventHistory([])
    span = Span(NOW - DAY, NOW)
    asking(history, kept).bring(questions("RunInstances"), span, NOW)
    history.remember([record("RunInstances", NOW - 600)])  # five minutes are CloudTrail's average, not its promise
    asking(history, kept).bring(questions("RunInstances"), Span(NOW - DAY, NOW + 60), NOW + 60)
    assert len(ids(kept, Span(0, NOW))) == 1


def test_what_was_asked_by_name_is_not_read_again(kept: Kept) -> None:
    history = EventHistory([*busy(60, names=("Chatter",)), *busy(1, names=("RunInstances",))])
    asking(history, kept).bring(questions("RunInstances", "StopLogging"), SPAN, NOW)
    history.asked.clear()
    assert asking(history, kept).bring(questions("RunInstances", "StopLogging"), SPAN, NOW)
    assert not history.asked
    asking(history, kept).bring(questions("RunInstances", "StopLogging", "DeleteTrail"), SPAN, NOW)
    assert {one["LookupAttributes"][0]["AttributeValue"] for one in history.asked} <= {"false", "DeleteTrail"}, "a rule that is new asks for what is its own"


def test_calls_that_cloudtrail_calls_reads_are_asked_for_by_name(kept: Kept) -> None:
    history = EventHistory([record("GetFederationToken", NOW - 2 * DAY, source="sts", readOnly=True)])
    asking(history, kept).bring(Questions([], [Lookup("EventName", "GetFederationToken")], []), SPAN, NOW)
    assert len(ids(kept)) == 1


def test_all_samples_are_found_in_each_way() -> None:
    asked, found = all_questions(), 0
    for file in sorted((ROOT / "events").glob("*/*.json")):
        event = json.loads(file.read_text())
        one = event["detail"] if isinstance(event.get("detail"), dict) else {}
        if event.get("detail-type", "").endswith("via CloudTrail") and (candidate := JUDGE.candidate({**one, "eventTime": "2026-01-01T00:00:00Z"})):
            by = {Lookup("EventName", one["eventName"]), Lookup("Username", "root" if one["userIdentity"].get("type") == "Root" else "")}
            names_none = {rule.name for rule in candidate.rules} <= set(asked.only_read)
            assert by & set(asked.by_name) or names_none, file
            assert str(one.get("readOnly")).lower() != "true" or by & set(asked.besides), f"{file}: reading what writes does not find it"
            found += 1
    assert found > 150


def test_only_what_watches_over_snapback_itself_names_no_call() -> None:
    asked = all_questions()
    assert {name for name in asked.only_read if not name.startswith("ReportTampering")} == set()
    assert 300 < len(asked.by_name) < MOST_NAMES
    assert len(asked.besides) < MOST_NAMES // 20


def test_a_call_by_a_part_of_its_name_is_asked_for_by_all_names_that_the_service_has() -> None:
    asked = all_questions()
    for name in (
        "ReplaceIamInstanceProfileAssociation",
        "DeleteDBCluster",
        "CreateExportTask",
        "SendSSHPublicKey",
        "InvokeModelWithResponseStream",
        "CreateFunction20150331",
        "UpdateFunctionConfiguration20150331v2",
    ):
        assert Lookup("EventName", name) in asked.by_name


@pytest.mark.parametrize("code", ["AccessDeniedException", "UnrecognizedClientException"])
def test_a_region_that_refuses_is_a_line_and_the_others_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """One that has to be switched on takes no tokens of STS's global endpoint, which the others take."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    histories = {"eu-south-1": EventHistory(refuses={0: refused(code, "not authorized")}), "us-east-1": EventHistory([*busy(1, 5)])}
    brought: dict[str, Brought] = {}
    lookup.bring(histories, tmp_path, "111122223333", questions("RunInstances"), SPAN, _told, brought)
    assert "not authorized" in brought["eu-south-1"].trouble
    assert brought["us-east-1"].trouble == ""
    assert (tmp_path / "111122223333" / "us-east-1.sqlite").stat().st_mode & 0o077 == 0, "it is the account's history: nobody else's to read"


@pytest.mark.parametrize("code", ["ExpiredTokenException", "UnrecognizedClientException"])
def test_credentials_that_expire_or_that_no_region_knows_end_it_and_leave_what_came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(lookup, "PER_SECOND", 1e9)
    history, brought = EventHistory([*busy(1, 5)], refuses={1: refused(code)}), dict[str, Brought]()
    with pytest.raises(Ended):
        lookup.bring(
            {"us-east-1": history},
            tmp_path,
            "111122223333",
            Questions([Lookup("EventName", "RunInstances")], [Lookup("EventName", "GetFederationToken")], []),
            SPAN,
            _told,
            brought,
        )
    assert brought["us-east-1"].lookups == 2
    assert len(list(lookup.candidates(tmp_path, "111122223333", ["us-east-1"], SPAN, Sieve(JUDGE)))) == 4


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (('"us-east-1"', '""'), "awsRegion"),
        (('"responseElements": null', f'"responseElements": {"5" * 5_000}'), "it cannot be read: Exceeds the limit"),
        (('"responseElements": null', f'"responseElements": {"[" * 20_000}'), "it cannot be read: maximum recursion depth"),
    ],
    ids=["no region", "a number of 5,000 digits", "nested"],
)
def test_what_is_no_record_is_a_line(change: tuple[str, str], why: str, tmp_path: Path) -> None:
    text = json.dumps(record("RunInstances", NOW - 2 * DAY)).replace(*change)
    with closing(Kept(tmp_path / "111122223333" / "us-east-1.sqlite")) as here:
        here.keep(WRITES, [{"EventId": "1", "EventTime": datetime.fromtimestamp(NOW - 2 * DAY, UTC), "CloudTrailEvent": text}], SPAN)
    [one] = lookup.candidates(tmp_path, "111122223333", ["us-east-1", "eu-central-1"], SPAN, Sieve(JUDGE))
    assert why in str(one)


@pytest.mark.parametrize(
    ("covered", "left"),
    [
        ([], [(0, 100)]),
        ([(0, 100)], []),
        ([(40, 60)], [(61, 100), (0, 39)]),
        ([(40, 60), (61, 100)], [(0, 39)]),
        ([(50, 200), (0, 20)], [(21, 49)]),
        ([(0, 20), (10, 50), (90, 95)], [(96, 100), (51, 89)]),
    ],
)
def test_what_is_covered_is_known_to_the_second(kept: Kept, covered: list[tuple[int, int]], left: list[tuple[int, int]]) -> None:
    for one in covered:
        kept.keep(WRITES, [], Span(*one))
    assert kept.gaps(WRITES, Span(0, 100)) == [Span(*one) for one in left]
