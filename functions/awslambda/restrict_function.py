"""Take back everybody's permission to invoke a Lambda function.

Why it matters: whoever may invoke a function uses its permissions, its data and your money.

Wrong when: a statement of the policy of the function, version or alias allows `*`, and no condition narrows that down to an account, organisation or resource,
nor does a statement of the policy that denies.
Fix: removes that statement. Undo adds it again; it then stands last. While the policy names a user or role that was deleted, Lambda adds nothing to it: the
undo then says what to remove first.
Leaves alone: every other statement, and what counts only for a URL without authentication (`require_url_auth` is for those). AWS services, too, though
Security Hub also counts S3 without SourceAccount: without its permission a bucket no longer reaches its function.
"""

from collections.abc import Sequence

from snapback import Remediation
from snapback.exemptions import OUTSIDE_ACCESS
from snapback.lambda_functions import add_permissions, named_function, remove_permissions, wrong_permissions
from snapback.policies.documents import Statement
from snapback.policies.verdicts import everybody


def violation(function: str) -> Sequence[Statement]:
    """Return the statements that let everybody invoke it."""
    return wrong_permissions(function, everybody)


def fix(function: str, public: Sequence[Statement]) -> None:
    """Remove them, if every one of them can be brought back."""
    remove_permissions(function, public)


def undo(function: str, public: Sequence[Statement]) -> None:
    """Add them again."""
    add_permissions(function, public)


remediation = Remediation(
    resource="AWS::Lambda::Function",
    named_by={"AddPermission": named_function},
    problem=OUTSIDE_ACCESS,
    violation=violation,
    fix=fix,
    undo=undo,
)
handler = remediation.handler
