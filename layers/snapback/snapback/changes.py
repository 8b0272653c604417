"""Words for services that accept a change first and make it later: a database, a cache.

Such a service begins a little after it has answered, and shows the new setting later still. While it is at work it refuses every other change, in words
that `clients` knows as passing.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.ApplyImmediately.html
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from snapback import clock
from snapback.errors import ResourceBusy

Live = Mapping[str, Any]
"""A live resource as AWS describes it, with what is on its way to be its settings. Its `Status` is always there."""

_LATER: Final = (0.0, 1.0, 2.0, 4.0, 6.0, 8.0)
"""Seconds to wait before each look after a change was accepted."""


def until_seen(look: Callable[[], Live], wanted: Mapping[str, Any]) -> None:
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
    if live["Status"] == "modifying":
        raise ResourceBusy("AWS has accepted the change and is still at work on it")
