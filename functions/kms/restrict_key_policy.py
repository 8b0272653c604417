"""Take everybody out of the policy of a KMS key.

Why it matters: whoever may use a key, in whatever account, can read what was encrypted with it, or manage it.

Wrong when: a statement of the key policy allows `*`, and no condition narrows that down to an account, organisation, resource or network, nor does a
statement of the policy that denies: what no stranger gets past is not open.
Fix: takes `*` out of the statement, which goes if it lets in nobody else. Undo puts the policy back as it was, unless it was changed since. Users and roles
that were deleted go from both, as AWS takes no policy that names one; the alert lists them.
Leaves alone: every other statement, accounts that are named, and grants: of one to a stranger remove_external_access tells, where Access Analyzer is on.
CreateGrant is not heard, as services make grants all day. Reported only: a key that nobody in the account could manage any more.
Told once: everybody, or an account that is not trusted, was let in, for a moment only, and somebody else has taken that back before Snapback looked.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Remediation
from snapback.engine.events import request_of
from snapback.engine.exemptions import OUTSIDE_ACCESS
from snapback.kms.kms_keys import key_policy, put_key_policy, still_managed
from snapback.policies.openings import Opening, as_it_was, closed, let_in_by, openings, shut_in
from snapback.policies.verdicts import everybody, outsiders


def violation(key_id: str) -> Sequence[Opening]:
    """Return the policy, if it lets in everybody."""
    return openings(key_policy(key_id), everybody)


def opened(record: Mapping[str, Any]) -> Sequence[Opening]:
    """Return whom the policy that a call has put lets in: everybody, and accounts that are not trusted."""
    return let_in_by(request_of(record).get("policy"), outsiders)


def shut(key_id: str, opened: Sequence[Opening]) -> Sequence[Opening]:
    """Return whom of them the live policy lets in no more."""
    return shut_in(key_policy(key_id), opened, outsiders)


def fix(key_id: str, seen: Sequence[Opening]) -> None:
    """Take everybody out of it."""
    put_key_policy(key_id, still_managed(closed(key_policy, key_id, seen, everybody)))


def undo(key_id: str, seen: Sequence[Opening]) -> None:
    """Put it back."""
    put_key_policy(key_id, as_it_was(seen))


remediation = Remediation(
    resource="AWS::KMS::Key",
    named_by={"PutKeyPolicy": "requestParameters.keyId", "CreateKey": "responseElements.keyMetadata.keyId"},
    problem=OUTSIDE_ACCESS,
    violation=violation,
    fix=fix,
    undo=undo,
    opened=opened,
    shut=shut,
    also_shut_by=["remove-external-access"],
    setting=key_policy,
    lags=True,
)
handler = remediation.handler
