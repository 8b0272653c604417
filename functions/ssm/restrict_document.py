"""Stop sharing a Systems Manager document with everybody.

Problem: A document is shared with everybody. Severity: critical.

Why it matters: a document tells how machines are run, and often holds names, addresses and passwords that nobody outside should read.

Wrong when: the document is shared with `all` accounts.
Fix: takes `all` out. Undo shares the same version of the document with all again, unless its sharing has been changed since; while block_public_documents
holds, AWS refuses that, and the answer says so.
Leaves alone: accounts that the document is shared with by their number, and copies that others have made already (nobody can take those back).
Told once: everybody, or an account that is not trusted, was let in, for a moment only, and somebody else has taken that back before Snapback looked.
Class: safe, because only strangers come in this way: whoever is named, this account's own principals and AWS services go on as before.
"""

from snapback.policies.shares import Sharing
from snapback.ssm.shared_documents import EVERYBODY, share, sharing, strangers_added, unshare

remediation = Sharing(
    declared_in=__name__,
    resource="AWS::SSM::Document",
    named_by={"ModifyDocumentPermission": "requestParameters.name"},
    shared_with=sharing,
    everybody=EVERYBODY,
    end=unshare,
    begin=share,
    opened=strangers_added,
    setting=sharing,
)
handler = remediation.handler
