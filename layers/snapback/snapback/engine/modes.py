"""What a person has chosen for one remediation, in the place of its class's `Mode` or `DisruptiveMode`: docs/adr/0015-modes.md.

It stands in the row of the journal that has the exemptions, which every claim asks for: so a choice holds from the next claim on.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from snapback.engine.names import shown

OFF, PREVIEW, ENFORCE = "off", "preview", "enforce"
DEFAULT = "default"
"""The word that ends a choice: then the class's mode holds again."""
WORDS = (OFF, PREVIEW, ENFORCE, DEFAULT)


class Choice(NamedTuple):
    """One."""

    mode: str = ""
    """off, preview or enforce; empty if nothing was chosen."""
    by: str = ""
    at: str = ""
    trouble: str = ""
    """Why it cannot be read: then fixes are only shown, and that is told."""

    def __str__(self) -> str:
        """Return `preview since 2026-11-26 03:10:00 UTC, by Jo`."""
        return f"{self.mode} since {shown(self.at)}, by {shown(self.by, 300) or 'somebody who did not say'}"


def chosen_in(row: Mapping[str, Any] | None, remediation: str) -> Choice:
    """Return what the row says was chosen for the remediation; preview, if it says what Snapback did not write."""
    try:
        kept = json.loads(row["modes"]["S"]).get(remediation) if row and "modes" in row else None
        choice = Choice(**kept) if kept is not None else Choice()
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        return Choice(PREVIEW, trouble=f"what was chosen for {remediation} cannot be read ({shown(str(error))}), so fixes are only shown")
    if choice.mode not in ("", OFF, PREVIEW, ENFORCE):
        return Choice(PREVIEW, trouble=f"{shown(choice.mode)} was chosen for {remediation}, which is no mode, so fixes are only shown")
    return choice


def with_choice(row: Mapping[str, Any] | None, remediation: str, choice: Choice) -> str:
    """Return the choices in the row with this one, as they are kept; without the remediation's if the class's mode is to hold again."""
    try:
        kept = json.loads(row["modes"]["S"]) if row and "modes" in row else {}
        kept = {name: one for name, one in kept.items() if name != remediation}
    except (ValueError, TypeError, AttributeError, KeyError):  # what cannot be read only shows, and is replaced
        kept = {}
    return json.dumps(kept if choice.mode == DEFAULT else {**kept, remediation: {"mode": choice.mode, "by": choice.by, "at": choice.at}}, sort_keys=True)
