"""A word for the services that an account switches on in a region, or off: GuardDuty, Security Hub, Inspector and Macie."""

from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import EndpointConnectionError

from snapback.engine import memory, settings

Found = TypeVar("Found")


def seen_on(remediation: str, *, now: Callable[[], object]) -> list[str]:
    """Return this account if the service is on now, or if a sweep of the remediation has seen it on: where it never was, nobody misses it."""
    account = settings.own_account()
    is_on = where_there_is_one(now, seen=lambda: memory.recall(remediation, account) is not None)
    return [account] if is_on or memory.recall(remediation, account) else []


def where_there_is_one(look: Callable[[], Found], *, seen: Callable[[], object]) -> Found | None:
    """Return what `look` finds, and None in a region that does not have the service: its endpoint has no address there.

    Macie is in two regions of three, Shield Advanced in no region of GovCloud. If a sweep has `seen` something here, the service is only out of reach: raises.
    https://docs.aws.amazon.com/general/latest/gr/rande.html
    """
    try:
        return look()
    except EndpointConnectionError:
        if seen():
            raise
        return None
