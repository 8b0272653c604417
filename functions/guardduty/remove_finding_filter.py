"""Let a GuardDuty filter that archives findings by itself only filter.

Problem: A filter hides GuardDuty's findings. Severity: high.

Why it matters: what a filter archives reaches nobody, so whoever wants to stay unseen makes one.

Wrong when: a filter's action is ARCHIVE (a suppression rule).
Fix: its action becomes NOOP, so that its findings are told again; the filter with its criteria stays, as to delete it could not be taken back. Undo makes the
action ARCHIVE again.
Leaves alone: filters that only filter, and what report_tampering tells: findings that are archived by hand, and lists of trusted addresses and entities,
about which GuardDuty makes no findings at all. Exempt the suppression rules that are wanted.
Class: disruptive, because many suppression rules are wanted, and a team may drown in findings without them.
At once, because findings go unheard from the moment that the filter is there.
"""

from snapback import Setting
from snapback.guardduty.finding_filters import FILTER, action, filter_named_in, if_it_exists, set_action

remediation = Setting(
    declared_in=__name__,
    resource=FILTER,
    named_by=dict.fromkeys(("CreateFilter", "UpdateFilter"), filter_named_in),
    reader=action,
    wrong={"Action": "ARCHIVE"},
    wanted={"Action": "NOOP"},
    writer=set_action,
    disruptive=True,
    resolve=if_it_exists,
)
handler = remediation.handler
