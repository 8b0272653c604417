"""`make look` leaves out nothing but what the local account cannot answer."""

from local import first_look
from local.cli.stack import remediation_of
from local.demo_stories import STORIES
from local.survey.subjects import surveyed, why_not


def test_all_that_is_broken_for_it_can_be_found_by_what_it_looks_with() -> None:
    looks = {one.name for one in surveyed() if not why_not(one)} - {*first_look._UNANSWERED}  # noqa: SLF001 - what it leaves out
    assert {*first_look._UNANSWERED} <= {one.name for one in surveyed()}  # noqa: SLF001
    assert {remediation_of(story.function) for story in STORIES} <= looks
