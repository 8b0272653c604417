"""Words for services that accept a change first and make it later: a database, a cache.

Such a service begins a little after it has answered, and shows the new setting later still; some settings are not even listed as pending until then. While it
is at work, on this change or on somebody else's, it refuses every other one, in words that `clients` knows as passing.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.ApplyImmediately.html
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from snapback.engine import clock
from snapback.engine.errors import StillChanging
from snapback.engine.refusals import code_of

Live = Mapping[str, Any]
"""A live resource as AWS describes it, with what is on its way to be its settings. Its `Status` is always there."""

_LATER: Final = (0.0, 1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 10.0)
"""Seconds to wait before each look or try; with all else that a fix takes, less than the minute that a function has. Then Lambda tries it again."""

_AT_WORK: Final = frozenset({"InvalidDBClusterStateFault", "InvalidDBInstanceState", "InvalidReplicationGroupState"})


def change(send: Callable[[], bool], look: Callable[[], Live], wanted: Mapping[str, Any]) -> None:
    """Send a change as soon as the service takes it, and wait until the resource shows what is wanted of it. `send` says whether anything was sent.

    Raises `StillChanging` if the change was accepted and is not to be seen when the patience is at its end, and the service's refusal if it was not accepted by
    then: both are tried again, and nothing is called wrong that may only be late.
    """
    waits = iter(_LATER)
    while True:
        try:
            if send():
                _until_seen(look, wanted, waits)
        except ClientError as error:
            wait = next(waits, None)
            if code_of(error) not in _AT_WORK or wait is None:
                raise
            clock.pause(wait)
            if wanted.items() <= look().items():  # an earlier attempt's change has taken in the meantime
                return
        else:
            return


def _until_seen(look: Callable[[], Live], wanted: Mapping[str, Any], waits: Iterator[float]) -> None:
    for wait in waits:
        clock.pause(wait)
        try:
            live = look()
        except ClientError:  # the change was accepted; what came of it, the look after the fix tells
            return
        if wanted.items() <= live.items():
            return
    raise StillChanging("AWS has accepted the change, and does not show it yet")
