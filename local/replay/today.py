"""What is wrong today with what the past would have called for: the survey's own look, at just those resources."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from local.replay.history import History, Whole
from local.survey import looking, subjects
from local.survey.looking import Line, Place
from local.survey.reading import Reader
from local.survey.subjects import Subject, Surveyed

MOST: Final = 500
"""Resources of one remediation in one region at which is looked: those that were changed last."""

Making = Callable[[str], Reader]
"""Makes the reader of a region."""


def why_not(one: Surveyed) -> str:
    """Return why there is nothing to look at for a remediation; nothing if there is. What cannot be listed can be looked at here: the past has named it."""
    return subjects.why_not(one) if one.remediation.remember or one.remediation.answers_threats else ""


def looks(whole: Whole, account: str, regions: Iterable[str]) -> list[tuple[str, Surveyed]]:
    """Return where is to be looked, and for what: region by region."""
    known = [one for one in subjects.surveyed() if one.name in whole.figures and whole.figures[one.name].looks and not why_not(one)]
    return [(region, one) for region in regions if (account, region) in whole.accounts for one in known]


def wrong(history: History, where: Place, one: Surveyed, reader: Reader) -> Iterator[Line]:
    """Yield a survey's lines about the resources of one remediation in a region, by the settings in the environment.

    Raises `looking.Ended` if the credentials have expired.
    """
    named = [seen.resource for seen in history.latest(one.name, where.account, where.region, MOST)]
    if named:
        subject = Subject(one.service, one.remediation.resource, lambda: named, [one], one.name)
        yield from looking.look(subject, where, reader)
