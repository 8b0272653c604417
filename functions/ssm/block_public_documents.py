"""Block the public sharing of Systems Manager documents in this region.

Why it matters: while it is allowed, one wrong click shares a document, and all that it tells of how machines are run, with every AWS account there is.

Wrong when: the account's setting for the public sharing of documents is not Disable.
Fix: Disable. Undo puts the former value back, or AWS's own default where nobody had set one.
Leaves alone: documents that are public already (see restrict_document), and sharing with accounts by their number, which goes on.
"""

from collections.abc import Sequence

from snapback import Remediation, aws
from snapback.engine.events import account_calls
from snapback.ssm.shared_documents import PUBLIC_SHARING, public_sharing


def violation(_: str) -> Sequence[dict[str, str]]:
    """Return the setting as it is, if it does not block."""
    setting = public_sharing()
    return [] if setting["SettingValue"] == "Disable" else [setting]


def fix(_: str, __: object) -> None:
    """Block."""
    aws("ssm").update_service_setting(SettingId=PUBLIC_SHARING, SettingValue="Disable")


def undo(_: str, before: Sequence[dict[str, str]]) -> None:
    """Put the former value or the default back."""
    if before[0]["Status"] == "Default":
        aws("ssm").reset_service_setting(SettingId=PUBLIC_SHARING)
    else:
        aws("ssm").update_service_setting(SettingId=PUBLIC_SHARING, SettingValue=before[0]["SettingValue"])


remediation = Remediation(
    resource="AWS::::Account",
    named_by=account_calls("UpdateServiceSetting", "ResetServiceSetting"),
    violation=violation,
    fix=fix,
    undo=undo,
)
handler = remediation.handler
