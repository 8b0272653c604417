"""Exemptions: somebody answers, until a date, for leaving a resource as it is.

All five fields are required. One that has ended exempts nothing; a list that cannot be read stops the fix (fail closed) and is told.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Self

from snapback.engine.errors import CommandError, SnapbackError
from snapback.engine.names import shown

LONGEST = timedelta(days=366)

OUTSIDE_ACCESS = "access-from-outside"
"""The problem that Access Analyzer's remediation shares with those that hear of the call: who has undone or exempted one means the other, too."""

FINDING = "finding:"
"""Before a finding's type or id, in the place of a resource: reports of it are silenced. A resource is exempt from a fix, never from being heard of."""


NOBODY, NO_REASON = "YOUR NAME", "WHY"
"""What stands in an alert's commands where a person puts their name, and why they do it."""

_PLACEHOLDER = r"<.*>|\[.*\]|\{.*\}|\$\{?\w+\}?|\.{3}|\u2026|your name|why|owner|reason|name"
_STANDS_FOR = r"<.*>|\$\{?\w+\}?|(sb-)?(\.{3}|\u2026|<.*>|$)|ID|RESOURCE|REMEDIATION|ARN|NAME|FINDING"


def from_now(period: object, now: float) -> str:
    """Return when so long a time is over; raise `CommandError` if it is none."""
    found = re.fullmatch(r"(\d{1,4})([hdw])", period) if isinstance(period, str) else None
    if not found:
        raise CommandError(f"'for' must be a number and h, d or w, such as 7d, not {shown(period)}")
    seconds = int(found[1]) * {"h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}[found[2]]
    return datetime.fromtimestamp(now + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_placeholder(text: object) -> bool:
    """Tell whether it only stands for what a person should have said."""
    return isinstance(text, str) and bool(re.fullmatch(_PLACEHOLDER, text.strip(), re.IGNORECASE))


def stands_for_another(given: object) -> bool:
    """Tell whether it stands in documentation for an id or a name, and is none. A user who is really called ID can be named by the ARN."""
    return isinstance(given, str) and bool(re.fullmatch(_STANDS_FOR, given.strip()))


def refuse_placeholder(given: object, what: str) -> None:
    """Raise `CommandError` if it stands for an id or a resource, and is none."""
    if stands_for_another(given):
        raise CommandError(f"{shown(given) or 'nothing'} stands for {what}: put the real one in its place. Nothing was changed")


class UnreadableExemptions(SnapbackError):  # noqa: N818
    """What is stored as exemptions is not what Snapback wrote."""


class Exemption(NamedTuple):
    """One exemption from one remediation."""

    resource: str
    """The resource's name, or the beginning of one followed by `*`."""
    owner: str
    reason: str
    until: str
    """UTC, `2027-01-31` or `2027-01-31T12:00:00Z`; a date alone means the end of that day."""

    @classmethod
    def granted(cls, wish: Mapping[str, Any], now: float) -> Self:
        """Read an operator's wish; raise `CommandError` if a field is missing or as in the alert, or the end is past or more than a year away.

        In the place of `until` it may have `for`: so long from now, `12h`, `1d` or `2w`.
        """
        if "for" in wish and "until" not in wish:
            wish = {**wish, "until": from_now(wish["for"], now)}
        for part in ("resource", "owner", "reason", "until"):
            if not isinstance(wish.get(part), str) or not wish[part].strip():
                raise CommandError(f"an exemption needs {part!r}: resource, owner, reason and until are all required")
            if part in ("owner", "reason") and is_placeholder(wish[part]):
                raise CommandError(f"{part!r} is still {shown(wish[part].strip())!r}, as in the alert: say who answers for it, and why")
        exemption = cls(**{part: wish[part].strip()[:512] for part in ("resource", "owner", "reason", "until")})
        if exemption.resource.strip("*") == "":
            raise CommandError("an exemption of everything is switching the remediation off: that is the command 'mode'")
        latest = now + LONGEST.total_seconds()
        if not now < exemption.ends <= latest:
            raise CommandError(f"'until' must lie ahead and within {LONGEST.days} days, not {shown(exemption.until)}")
        return exemption

    @property
    def ends(self) -> float:
        """Return the end in seconds since 1970; raise `CommandError` if it is not a date."""
        try:
            end = datetime.fromisoformat(self.until)
            if "T" not in self.until and " " not in self.until:
                end += timedelta(days=1)
            return (end if end.tzinfo else end.replace(tzinfo=UTC)).timestamp()
        except (OverflowError, ValueError) as error:  # past the last day that there is: people write 9999-12-31 for never
            raise CommandError(f"'until' must be a date such as 2027-01-31 or 2027-01-31T12:00:00Z, not {shown(self.until)}") from error

    @property
    def is_silence(self) -> bool:
        """Tell whether it is for a finding: people are not told of it."""
        return self.resource.startswith(FINDING)

    def covers(self, resource: str) -> bool:
        """Tell whether the resource is meant, or with `finding:` before it, the finding."""
        if resource.startswith(FINDING) is not self.is_silence:
            return False
        return resource.startswith(self.resource[:-1]) if self.resource.endswith("*") else resource == self.resource

    def as_json(self) -> dict[str, str]:
        """Return it as it is stored."""
        return self._asdict()

    def __str__(self) -> str:
        """Return `exempt until 2027-01-31 (Jo: migration)`."""
        return f"exempt until {shown(self.until)} ({shown(self.owner)}: {shown(self.reason, 300)})"


def parse(stored: str) -> list[Exemption]:
    """Read the stored list; raise `UnreadableExemptions` if any of it is not readable."""
    try:
        exemptions = [Exemption(**one) for one in json.loads(stored)]
        for exemption in exemptions:
            _ = exemption.ends
    except (ValueError, TypeError, CommandError) as error:
        raise UnreadableExemptions(shown(str(error))) from error
    return exemptions


def exempting(resource: str, exemptions: Iterable[Exemption], now: float) -> Exemption | None:
    """Return the exemption that covers the resource now, or None."""
    return next((one for one in exemptions if one.covers(resource) and one.ends > now), None)


def ended(resource: str) -> Exemption:
    """Return what takes the place of an exemption or a silence that is over."""
    return Exemption(resource, owner="-", reason="ended", until="1970-01-01")
