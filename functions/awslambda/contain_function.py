"""Stop a Lambda function that GuardDuty accuses.

Why it matters: a compromised function attacks others and sends data out, with its role's permissions, whenever somebody invokes it.

Wrong when: GuardDuty has a finding of High severity (7 or more) about what the function connects to, and the function's reserved concurrency is not 0.
Fix: sets it to 0, so that no new invocation begins. Undo sets what was there before, or takes the setting away where there was none.
Leaves alone: invocations that run already (15 minutes at most), its code, versions, triggers and role: events that wait for it may be lost once they are too
old. Reported only: Snapback's own functions, which have to go on working.
"""

from collections.abc import Sequence

from snapback import Remediation, settings
from snapback.errors import OnlyPeople
from snapback.lambda_functions import reserved_concurrency, set_reserved_concurrency


def violation(function: str) -> Sequence[dict[str, int | None]]:
    """Return the reserved concurrency as it is, if it is not 0."""
    if function.startswith(settings.text("OWN_PREFIX")):
        raise OnlyPeople("it is one of Snapback's own functions: compare its code and layer with what you deployed, and deploy it again")
    before = reserved_concurrency(function)
    return [] if before == 0 else [{"ReservedConcurrentExecutions": before}]


def fix(function: str, _: object) -> None:
    """Let nobody invoke it."""
    set_reserved_concurrency(function, 0)


def undo(function: str, before: Sequence[dict[str, int | None]]) -> None:
    """Let it be invoked as before."""
    set_reserved_concurrency(function, before[0]["ReservedConcurrentExecutions"])


remediation = Remediation(
    resource="AWS::Lambda::Function",
    named_by={"GuardDuty Finding": "resource.lambdaDetails.functionName"},
    violation=violation,
    fix=fix,
    undo=undo,
    setting=reserved_concurrency,
    disruptive=True,
)
handler = remediation.handler
