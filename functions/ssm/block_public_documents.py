"""Block the public sharing of Systems Manager documents in this region.

Problem: Documents may be shared with everybody. Severity: critical.

Why it matters: while it is allowed, one wrong click shares a document, and all that it tells of how machines are run, with every AWS account there is.

Wrong when: the account's setting for the public sharing of documents is not Disable.
Fix: Disable. Undo puts the former value back, or AWS's own default where nobody had set one.
Leaves alone: documents that are public already (see restrict_document), and sharing with accounts by their number, which goes on.
Class: safe, because documents that are public stay so, and accounts that are named go on as before: only new sharing with everybody is refused.
"""

from snapback import Setting
from snapback.engine.events import account_calls
from snapback.ssm.shared_documents import public_sharing, set_public_sharing

remediation = Setting(
    declared_in=__name__,
    resource="AWS::::Account",
    named_by=account_calls("UpdateServiceSetting", "ResetServiceSetting"),
    reader=public_sharing,
    wanted={"SettingValue": "Disable"},
    writer=set_public_sharing,
)
handler = remediation.handler
