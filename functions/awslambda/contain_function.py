"""Stop a Lambda function that GuardDuty accuses.

Problem: GuardDuty accuses a Lambda function. Severity: high.

Why it matters: a compromised function attacks others and sends data out, with its role's permissions, whenever somebody invokes it.

Wrong when: GuardDuty has a finding of High severity (7 or more) about what the function connects to, and the function's reserved concurrency is not 0.
Fix: sets it to 0, so that no new invocation begins. Lambda allows that only once nothing is provisioned, so provisioned concurrency of its versions and aliases
is taken away first. Undo sets what was reserved, or takes the setting away where there was none, and provisions what was provisioned.
Taken off: who reserves something else for a function that was stopped so, otherwise than by undo, is told as high, and it is stopped again, or asked about, by
the mode.
Leaves alone: invocations that run already (15 minutes at most), its code, versions, triggers and role: events that wait for it may be lost once they are too
old. Reported only: Snapback's own functions, which have to go on working.
Class: disruptive, because nothing that calls the function is served any more.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from snapback import Remediation
from snapback.awslambda.lambda_functions import provision, provision_no_more, provisioned_concurrency, reserved_concurrency, set_reserved_concurrency
from snapback.engine import own_stack
from snapback.engine.errors import OnlyPeople
from snapback.engine.events import calls
from snapback.engine.refusals import try_each

RESERVED = "ReservedConcurrentExecutions"
TAKEN_OFF_BY = ("DeleteFunctionConcurrency", "PutFunctionConcurrency")


def violation(function: str) -> Sequence[Mapping[str, Any]]:
    """Return the concurrency as it is, provisioned and reserved, if the reserved one is not 0: with 0 nothing can be provisioned."""
    if own_stack.is_part(function):
        raise OnlyPeople("it is one of Snapback's own functions: compare its code and layer with what you deployed, and deploy it again")
    before = reserved_concurrency(function)
    return [] if before == 0 else [*provisioned_concurrency(function), {RESERVED: before}]


def fix(function: str, before: Sequence[Mapping[str, Any]]) -> None:
    """Let nobody invoke it."""
    # The reserved concurrency last, and tried even if one of the others is refused: Lambda itself says whether it takes it then.
    steps = [partial(provision_no_more, function, item) for item in before if RESERVED not in item]
    try_each([*steps, partial(set_reserved_concurrency, function, 0)], lambda step: step())


def undo(function: str, before: Sequence[Mapping[str, Any]]) -> None:
    """Let it be invoked as before."""
    # First reserve, as no more can be provisioned than is reserved.
    try_each(reversed(before), lambda item: set_reserved_concurrency(function, item[RESERVED]) if RESERVED in item else provision(function, item))


remediation = Remediation(
    resource="AWS::Lambda::Function",
    named_by={"GuardDuty Finding": "resource.lambdaDetails.functionName", **calls("requestParameters.functionName", *TAKEN_OFF_BY)},
    taken_off_by=TAKEN_OFF_BY,
    violation=violation,
    fix=fix,
    contained="Stopped",
    undo=undo,
    setting=reserved_concurrency,
    disruptive=True,
)
handler = remediation.handler
