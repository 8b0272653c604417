"""Switch Security Hub on again where it was switched off.

Problem: Security Hub is off or has lost its standards. Severity: high.

Why it matters: without the hub no control is checked, and the findings of all other services reach nobody.

Wrong when: Security Hub (CSPM, as AWS calls it now that there is a second service of the name) is off in a region in which it was on, or on without any of the
standards that it had.
Fix: enables it, with the standards that the last hourly sweep saw and no others. Undo disables it, or the standards alone, if no
standard was added or taken since.
Leaves alone: regions in which it was never seen on, the choice of standards as long as there is one, and what went with the hub (which single controls were
off, insights, automation rules, old findings); also the newer Security Hub (EnableSecurityHubV2), and rules that suppress findings: report_tampering tells
of both. The standards that no sweep has seen are left to people. Whoever wants it off exempts the account first.
Class: safe, because Security Hub only reads, and disruptive where CloudFormation made the call: a stack that is deleted or replaces what it owns would find
it back.
"""

from snapback.engine.events import by_stack
from snapback.engine.switches import KeptOn
from snapback.securityhub.hubs import hub, switch_off, switch_on, what_is_off

remediation = KeptOn(
    declared_in=__name__,
    switched_off_by=("BatchDisableStandards", "DisableSecurityHub"),
    is_on=hub,
    state=hub,
    what_is_off=what_is_off,
    switch_on=switch_on,
    switch_off=switch_off,
    setting=lambda _: hub(),  # to switch it off, or its standards, would take those as well that somebody has added since
    disruptive=by_stack,
)
handler = remediation.handler
