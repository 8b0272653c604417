"""Switch the account's public access block for S3 fully on.

Problem: The account's S3 public access block is not all on. Severity: medium.

Why it matters: it holds for every bucket and access point of the account, those of tomorrow included, whatever their own settings say.

Wrong when: one of the account's four block settings is off, or the account has none.
Fix: all four on. Undo puts the four settings back, or removes the block where there was none.
Leaves alone: the blocks, policies and ACLs of the buckets. They stay as they are and only lose their public effect: an account that is meant to have a public
bucket has to be exempted. Where a policy of the organisation rules over the block, AWS refuses the change, which is told.
Class: disruptive, because every public website and download of the account stops at once, whichever bucket it is in, and with it whoever a policy that lets
in everybody lets in besides: other accounts by name, CloudFront by OAI, the accounts of load balancers that write logs.
"""

from snapback import Setting
from snapback.engine.events import account_calls
from snapback.s3.buckets import FULL_BLOCK, account_public_access_block, set_account_public_access_block

remediation = Setting(
    declared_in=__name__,
    resource="AWS::::Account",
    named_by=account_calls("PutAccountPublicAccessBlock", "DeleteAccountPublicAccessBlock"),
    reader=lambda account: {"PublicAccessBlock": account_public_access_block(account)},
    wanted={"PublicAccessBlock": FULL_BLOCK},
    writer=lambda account, wanted: set_account_public_access_block(account, wanted["PublicAccessBlock"]),
    lags=True,
    disruptive=True,
)
handler = remediation.handler
