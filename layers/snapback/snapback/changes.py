"""Words for services that accept a change first and make it later: a database, a cache.

Such a service takes no other change while it is at work, begins a little after it has answered, and shows the new setting later still.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.ApplyImmediately.html
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from snapback import clock
from snapback.errors import ResourceBusy

Live = Mapping[str, Any]
"""A live resource as AWS describes it, with what is on its way to be its settings. Its `Status` is always there."""

_LATER: Final = (0.0, 1.0, 2.0, 4.0, 6.0, 8.0)
"""Seconds to wait before each look after a change was accepted."""


def unless_at_work(live: Live, at_work: Collection[str]) -> None:
    """Raise `ResourceBusy` if the resource is in a state that passes by itself and in which it takes no change."""
    if live["Status"] in at_work:
        raise ResourceBusy(f"AWS is at work on it (it is {live['Status']}) and takes no change until that is done")


def until_seen(look: Callable[[], Live], wanted: Mapping[str, Any], at_work: Collection[str]) -> None:
    """Wait until the resource shows what is wanted of it. Raises `ResourceBusy` if AWS is still at work on it when the patience is at its end."""
    live: Live = {"Status": ""}
    for wait in _LATER:
        clock.pause(wait)
        try:
            live = look()
        except ClientError:  # the change was accepted; what came of it, the look after the fix tells
            return
        if wanted.items() <= live.items():
            return
    unless_at_work(live, at_work)
