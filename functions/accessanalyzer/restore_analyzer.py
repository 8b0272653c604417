"""Put back the analyzer that finds access from outside the account.

Problem: No analyzer watches for access from outside. Severity: medium.

Why it matters: without an analyzer nobody hears that a bucket, key, role or queue was opened to others.

Wrong when: the region has no analyzer of type ACCOUNT or ORGANIZATION.
Fix: makes the account's analyzer as the last hourly sweep saw it, with its archive rules. Undo deletes it again, unless analyzers were changed since.
Leaves alone: analyzers of unused and of internal access, archive rules of an analyzer that is there, and what no sweep has seen yet: only people can decide on
that. An analyzer that was put back has lost its tags and its findings; it finds what is still open anew, also what people had archived one by one.
Class: safe, because an analyzer only reads policies, and disruptive where CloudFormation made the call: a stack that is deleted or replaces what it owns
would find it back.
"""

from snapback.accessanalyzer.analyzers import analyzers, analyzers_now, as_made, delete_all, make, what_is_off
from snapback.engine.events import by_stack
from snapback.engine.switches import KeptOn

remediation = KeptOn(
    declared_in=__name__,
    switched_off_by=["DeleteAnalyzer"],
    is_on=analyzers,
    state=as_made,
    what_is_off=what_is_off,
    switch_on=make,
    switch_off=delete_all,
    setting=analyzers_now,
    disruptive=by_stack,
)
handler = remediation.handler
