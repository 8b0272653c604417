"""Put back the analyzer that finds access from outside the account.

Why it matters: without an analyzer nobody hears that a bucket, key, role or queue was opened to others.

Wrong when: the region has no analyzer of type ACCOUNT or ORGANIZATION.
Fix: makes the account's analyzer as the last hourly sweep saw it, with its archive rules. Undo deletes it again, unless analyzers were changed since.
Leaves alone: analyzers of unused and of internal access, archive rules of an analyzer that is there, and what no sweep has seen yet: only people can decide on
that. An analyzer that was put back has lost its tags and its findings; it finds what is still open anew, also what people had archived one by one.
Class: safe, because an analyzer only reads policies, and disruptive where CloudFormation made the call: a stack that is deleted or replaces what it owns
would find it back.
"""

from collections.abc import Sequence

from snapback import Remediation
from snapback.accessanalyzer.analyzers import analyzers, analyzers_now, as_made, delete_all, make
from snapback.engine import memory, switches
from snapback.engine.events import account_calls, by_stack


def violation(_: str) -> Sequence[dict[str, str]]:
    """Return that there is none."""
    return [] if analyzers() else [{"Missing": "Analyzer"}]


def fix(account: str, _: object) -> None:
    """Make it as it was remembered."""
    make(memory.recall(remediation.name, account))


def undo(_: str, __: object) -> None:
    """Delete it again."""
    delete_all()


def sweep(_: object) -> list[str]:
    """Return the account, if an analyzer is or was seen here."""
    return switches.seen_on(remediation.name, now=analyzers)


remediation = Remediation(
    resource="AWS::::Account",
    named_by=account_calls("DeleteAnalyzer", sweep=sweep),
    violation=violation,
    fix=fix,
    undo=undo,
    setting=lambda _: analyzers_now(),
    remember=lambda _: as_made(),
    disruptive=by_stack,
)
handler = remediation.handler
