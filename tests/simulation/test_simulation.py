"""Several act at once, anything may go wrong between any two calls: what Snapback promises is kept."""

import pytest

from snapback.engine import journal
from tests.simulation import choices
from tests.simulation.__main__ import PLAYS
from tests.simulation.choices import Choices
from tests.simulation.plays import CLOCKED, SMALL, Play
from tests.simulation.runs import Run, one_by_one, random_runs, random_runs_of, shortest

_MOST = 60
"""Runs of a kind that `make test` makes of each play; `make simulate` makes as many as there is time for."""


def _keeps_every_promise(runs: list[Run]) -> None:
    broken = next((told for told in runs if told.broken), None)
    assert not broken, str(shortest(broken))


@pytest.mark.parametrize("play", SMALL, ids=lambda play: play.name)
def test_whatever_one_thing_goes_wrong_every_promise_is_kept(play: Play) -> None:
    _keeps_every_promise(list(one_by_one(play, faults=1, switches=0, most=_MOST)))


@pytest.mark.parametrize("play", SMALL, ids=lambda play: play.name)
def test_in_whatever_order_they_act_every_promise_is_kept(play: Play) -> None:
    _keeps_every_promise(list(one_by_one(play, faults=0, switches=1, most=_MOST // 2)))


@pytest.mark.parametrize("play", SMALL, ids=lambda play: play.name)
def test_whatever_several_things_go_wrong_in_whatever_order_every_promise_is_kept(play: Play) -> None:
    _keeps_every_promise(list(random_runs(play, range(20))))


@pytest.mark.parametrize("play", CLOCKED, ids=lambda play: play.name)
def test_whatever_becomes_of_a_schedule_every_promise_is_kept(play: Play) -> None:
    """One thing goes wrong, in each part of the story; then several, in whatever order they act."""
    _keeps_every_promise([*one_by_one(play, faults=1, switches=0, most=_MOST // 2), *random_runs(play, range(10))])


@pytest.mark.parametrize("plays", PLAYS[1:], ids=lambda plays: plays[0].name.partition(":")[0])
def test_the_real_remediations_keep_every_promise(plays: list[Play]) -> None:
    _keeps_every_promise(list(random_runs_of(plays, range(1))))


def test_the_same_seed_tells_the_same_story() -> None:
    one, other = (list(random_runs(SMALL[4], range(5))) for _ in range(2))
    assert [str(told) for told in one] == [str(told) for told in other]
    assert len({str(told) for told in one}) > 1


def test_a_guard_that_is_taken_away_is_found_and_told_as_a_short_story(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_exemption", lambda *_: None)
    play = next(play for play in SMALL if play.name == "an exemption meanwhile")
    found = next(told for told in random_runs(play, range(1000)) if told.broken)
    story = shortest(found)
    assert any("though it was exempt" in one for one in story.broken)
    assert len(story.story) <= len(found.story)


def test_two_equal_items_that_one_call_puts_right_are_told_as_fixed_and_can_be_taken_back() -> None:
    play = next(play for play in SMALL if play.name == "two equal doors, and an undo")
    [told] = one_by_one(play, faults=0, switches=0, most=0)
    assert not told.broken
    ends = [line.partition(": ends as ")[2].split()[0] for line in told.story if ": ends as " in line]
    assert ends == ["FIXED", "UNDONE"]


def test_all_rows_of_choices_are_tried_once() -> None:
    rows = list(choices.all_of(lambda choose: (choose(2), choose(3))))
    assert rows == [(one, other) for one in range(2) for other in range(3)]


def test_the_shortest_row_of_choices_has_nothing_in_it_that_the_story_does_not_need() -> None:
    def needs(row: list[int]) -> bool:
        return len(row) > 3 and row[3] >= 2

    assert choices.shortest([1, 4, 0, 5, 7, 0, 2], lambda row: needs(list(row))) == [0, 0, 0, 2]


def test_a_choice_beyond_the_options_is_the_last_of_them() -> None:
    assert Choices([9])(3) == 2
