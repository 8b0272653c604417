"""Words for the services that an account switches on in a region, or off: GuardDuty, Security Hub, Inspector, Macie and the like."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from botocore.exceptions import EndpointConnectionError

from snapback.engine import memory, settings
from snapback.engine.events import ACCOUNT, NamedBy, account_calls
from snapback.engine.fixes import Evidence
from snapback.engine.remediation import Shape

Found = TypeVar("Found")


Recall = Callable[[], Any]
"""Returns the state in which the last good sweep saw the service, None if none did. It is a call to the journal, made by whoever needs it."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class KeptOn(Shape):
    """A service that watches over the account and should stay on where it was on: a handler says how to see what is off, and how to switch it on and off.

    Violation: what is off, by the state that the hourly sweep has seen. Fix: switches that on as it was. Undo: switches the same off again. Where the service
    never was seen on, nobody misses it.
    """

    switched_off_by: Sequence[str]
    """The calls that switch it off, or make it see less."""
    is_on: Callable[[], object]
    """Tells whether it is on now."""
    state: Callable[[], Any]
    """Returns how it is set up, as it is remembered; None if it is off."""
    what_is_off: Callable[[Recall], Evidence]
    switch_on: Callable[[Any, Recall], object]
    switch_off: Callable[[Any], object]
    resource: str = ACCOUNT
    named_by: NamedBy = field(init=False)

    def follows(self) -> Mapping[str, Any]:
        """Return violation, fix, undo, what is remembered, and which events name the account."""
        return {
            "violation": lambda account: self.what_is_off(self._recall_of(account)),
            "fix": lambda account, off: self.switch_on(off, self._recall_of(account)),
            "undo": lambda _, off: self.switch_off(off),
            "remember": lambda _: self.state(),
            "named_by": account_calls(*self.switched_off_by, sweep=lambda _: seen_on(self.name, now=self.is_on)),
        }

    def _recall_of(self, account: str) -> Recall:
        return lambda: memory.recall(self.name, account)


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
