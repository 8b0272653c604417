"""Let a GuardDuty filter that archives findings by itself only filter.

Why it matters: what a filter archives reaches nobody, so whoever wants to stay unseen makes one.

Wrong when: a filter's action is ARCHIVE (a suppression rule).
Fix: its action becomes NOOP, so that its findings are told again; the filter with its criteria stays, as to delete it could not be taken back. Undo makes the
action ARCHIVE again.
Leaves alone: filters that only filter, and what report_tampering tells: findings that are archived by hand, and lists of trusted addresses and entities,
about which GuardDuty makes no findings at all. Many suppression rules are wanted, and a team may drown in findings without them, so this follows
DisruptiveMode, which by default tells of the filter and changes nothing. Exempt those that are wanted.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Remediation, aws
from snapback.guardduty.finding_filters import FILTER, filter_named_in, if_it_exists, parts_of


def violation(name: str) -> Sequence[dict[str, str]]:
    """Return the action, if it archives."""
    found: Mapping[str, Any] = aws("guardduty").get_filter(**parts_of(name))
    return [{"Action": "ARCHIVE"}] if found["Action"] == "ARCHIVE" else []


def fix(name: str, _: object) -> None:
    """Archive no more."""
    aws("guardduty").update_filter(**parts_of(name), Action="NOOP")


def undo(name: str, _: object) -> None:
    """Archive again."""
    aws("guardduty").update_filter(**parts_of(name), Action="ARCHIVE")


remediation = Remediation(
    resource=FILTER,
    named_by=dict.fromkeys(("CreateFilter", "UpdateFilter"), filter_named_in),
    violation=violation,
    fix=fix,
    undo=undo,
    disruptive=True,
    resolve=if_it_exists,
)
handler = remediation.handler
