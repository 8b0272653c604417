"""Switch the account's public access block for S3 fully on.

Why it matters: it holds for every bucket and access point of the account, those of tomorrow included, whatever their own settings say.

Wrong when: one of the account's four block settings is off, or the account has none.
Fix: all four on. Undo puts the four settings back, or removes the block where there was none.
Leaves alone: the blocks, policies and ACLs of the buckets. They stay as they are and only lose their public effect: an account that is meant to have a public
bucket has to be exempted. Where a policy of the organisation rules over the block, AWS refuses the change, which is told.
Class: disruptive, because every public website and download of the account stops at once, whichever bucket it is in.
"""

from collections.abc import Sequence
from typing import Any

from snapback import Remediation
from snapback.engine.events import account_calls
from snapback.s3.buckets import FULL_BLOCK, account_public_access_block, set_account_public_access_block


def violation(account: str) -> Sequence[dict[str, Any]]:
    """Return the block as it is, if it is not fully on."""
    block = account_public_access_block(account)
    return [] if block == FULL_BLOCK else [{"PublicAccessBlock": block}]


def fix(account: str, _: object) -> None:
    """Switch all four settings on."""
    set_account_public_access_block(account, FULL_BLOCK)


def undo(account: str, before: Sequence[dict[str, Any]]) -> None:
    """Put the former settings back, or remove the block where there was none."""
    set_account_public_access_block(account, before[0]["PublicAccessBlock"])


remediation = Remediation(
    resource="AWS::::Account",
    named_by=account_calls("PutAccountPublicAccessBlock", "DeleteAccountPublicAccessBlock"),
    violation=violation,
    fix=fix,
    undo=undo,
    lags=True,
    disruptive=True,
)
handler = remediation.handler
