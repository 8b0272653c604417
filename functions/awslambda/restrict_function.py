"""Take back everybody's permission to invoke a Lambda function.

Problem: Everybody may invoke a Lambda function. Severity: critical.

Why it matters: whoever may invoke a function uses its permissions, its data and your money.

Wrong when: a statement of the policy of the function, version or alias allows `*`, and no condition narrows that down to an account, organisation or resource,
nor does a statement of the policy that denies.
Fix: removes that statement. Undo adds it again; it then stands last. While the policy names a user or role that was deleted, Lambda adds nothing to it: the
undo then says what to remove first.
Leaves alone: every other statement, and what counts only for a URL without authentication (`require_url_auth` is for those). AWS services, too, though
Security Hub also counts S3 without SourceAccount: without its permission a bucket no longer reaches its function. Reported only: a statement that
PutResourcePolicy has put and AddPermission cannot bring back (several actions or principals, other conditions, no Sid).
Told once: everybody, or an account that is not trusted, was let in, for a moment only, and somebody else has taken that back before Snapback looked.
Class: safe, because only strangers come in this way: services and accounts that a condition names keep their statements. Whoever of this account has no right
to invoke it otherwise, and a service of AWS's that is named nowhere, came in as strangers do and is kept out with them: Lambda adds no statement that is for
one account's principals alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Remediation
from snapback.awslambda.lambda_functions import add_permissions, added_permissions, named_function, remove_permissions, removed_since, wrong_permissions
from snapback.engine.exemptions import OUTSIDE_ACCESS
from snapback.policies.documents import Statement
from snapback.policies.openings import still_let_in
from snapback.policies.verdicts import everybody, outsiders


def violation(function: str) -> Sequence[Statement]:
    """Return the statements that let everybody invoke it."""
    return wrong_permissions(function, everybody)


def opened(record: Mapping[str, Any]) -> Sequence[Statement]:
    """Return the statements that a call has added and that let in everybody or an account that is not trusted."""
    return added_permissions(record, outsiders)


def shut(function: str, opened: Sequence[Statement]) -> Sequence[Statement]:
    """Return those that are there no more."""
    return removed_since(function, opened)


def fix(function: str, public: Sequence[Statement]) -> None:
    """Remove them, if every one of them can be brought back."""
    remove_permissions(function, public)


def undo(function: str, public: Sequence[Statement]) -> None:
    """Add them again."""
    add_permissions(function, public)


remediation = Remediation(
    resource="AWS::Lambda::Function",
    named_by={"AddPermission": named_function, "PutResourcePolicy": "requestParameters.resourceArn"},
    problem=OUTSIDE_ACCESS,
    violation=violation,
    fix=fix,
    undo=undo,
    opened=opened,
    shut=shut,
    also_shut_by=["remove-external-access"],
    stays=lambda function: still_let_in([{"LetsIn": outsiders(one)} for one in wrong_permissions(function, outsiders)]),
)
handler = remediation.handler
