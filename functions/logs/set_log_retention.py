"""Give a log group that keeps its events for ever an end to that.

Problem: A log group keeps its events for ever. Severity: low.

Why it matters: logs that nobody ever deletes cost more every month, and hold personal data for longer than anybody may keep it.

Wrong when: the group has no retention.
Fix: keeps events for RetentionDays, while the group is so young that none of its events can be older: so nothing that is there is deleted, and there are months
in which to undo it. Undo keeps them for ever again.
Leaves alone: groups with a retention of any length, shorter or longer (to shorten one deletes events), and those of the class DELIVERY, which keep events for a
day and take no other retention. Told only: a group that may hold older events, which the retention would delete within days; its owners have to decide that.
Class: safe, because writing to the group goes on, and nothing that is in it is old enough to be deleted.
"""

from snapback import Evidence, Remediation, aws, settings
from snapback.engine.errors import OnlyPeople
from snapback.logs.log_groups import may_hold_older_than, name_of_group, retention


def violation(group: str) -> Evidence:
    """Return that the group has no retention."""
    return [] if retention(group) else [{"RetentionInDays": None}]


def fix(group: str, _: object) -> None:
    """Set one, if it deletes nothing."""
    days = settings.number("RETENTION_DAYS")
    if may_hold_older_than(group, days):
        raise OnlyPeople(f"a retention of {days} days could delete events that are there: export what must stay, then set a retention by hand")
    aws("logs").put_retention_policy(logGroupName=group, retentionInDays=days)


def undo(group: str, _: object) -> None:
    """Keep events for ever again."""
    aws("logs").delete_retention_policy(logGroupName=group)


remediation = Remediation(
    resource="AWS::Logs::LogGroup",
    named_by=dict.fromkeys(("CreateLogGroup", "DeleteRetentionPolicy"), "requestParameters.logGroupName"),
    settles=("CreateLogGroup",),
    violation=violation,
    fix=fix,
    undo=undo,
    setting=retention,
    resolve=name_of_group,
)
handler = remediation.handler
