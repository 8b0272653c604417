"""Stop sharing a Systems Manager document with everybody.

Why it matters: a document tells how machines are run, and often holds names, addresses and passwords that nobody outside should read.

Wrong when: the document is shared with `all` accounts.
Fix: takes `all` out. Undo shares the same version of the document with all again, unless its sharing has been changed since; while block_public_documents
holds, AWS refuses that, and the answer says so.
Leaves alone: accounts that the document is shared with by their number, and copies that others have made already (nobody can take those back).
Told once: everybody, or an account that is not trusted, was let in, for a moment only, and somebody else has taken that back before Snapback looked.
Class: safe, because only strangers come in this way: whoever is named, this account's own principals and AWS services go on as before.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Remediation, aws
from snapback.engine.events import request_of
from snapback.engine.refusals import sharing_with_everybody
from snapback.policies.principals import trusted_accounts
from snapback.ssm.shared_documents import EVERYBODY, share_with_everybody, sharing


def violation(document: str) -> Sequence[dict[str, str]]:
    """Return the sharing with all, and the version that is shared."""
    return [one for one in sharing(document) if one["AccountId"] == EVERYBODY]


def opened(record: Mapping[str, Any]) -> Sequence[dict[str, str]]:
    """Return whom a call has shared it with: all, and accounts that are not trusted."""
    added = request_of(record).get("accountIdsToAdd") or []
    return [{"AccountId": one.lower()} for one in added if isinstance(one, str) and one not in trusted_accounts()]


def shut(document: str, opened: Sequence[dict[str, str]]) -> Sequence[dict[str, str]]:
    """Return with whom of them it is shared no more."""
    still = [one["AccountId"] for one in sharing(document)]
    return [one for one in opened if one["AccountId"] not in still]


def fix(document: str, _: object) -> None:
    """Take it out."""
    aws("ssm").modify_document_permission(Name=document, PermissionType="Share", AccountIdsToRemove=[EVERYBODY])


def undo(document: str, shared: Sequence[dict[str, str]]) -> None:
    """Put it back."""
    with sharing_with_everybody("the document", blocked_by="block_public_documents"):
        share_with_everybody(document, shared[0]["SharedDocumentVersion"])


remediation = Remediation(
    resource="AWS::SSM::Document",
    named_by={"ModifyDocumentPermission": "requestParameters.name"},
    violation=violation,
    fix=fix,
    undo=undo,
    opened=opened,
    shut=shut,
    setting=sharing,
)
handler = remediation.handler
