"""Encrypt every new EBS volume and snapshot of the account by default.

Why it matters: whoever gets hold of an unencrypted volume or snapshot reads it; with the default on, nobody can forget to encrypt one.

Wrong when: EBS encryption by default is off for the account in this region.
Fix: switches it on. Undo switches it off.
Leaves alone: volumes and snapshots that are there already, and the default key.
"""

from collections.abc import Sequence

from snapback import Remediation, aws
from snapback.engine.events import account_calls


def violation(_: str) -> Sequence[dict[str, bool]]:
    """Return the default, if it is off."""
    return [] if aws("ec2").get_ebs_encryption_by_default()["EbsEncryptionByDefault"] else [{"EbsEncryptionByDefault": False}]


def fix(_: str, __: object) -> None:
    """Switch it on."""
    aws("ec2").enable_ebs_encryption_by_default()


def undo(_: str, __: object) -> None:
    """Switch it off."""
    aws("ec2").disable_ebs_encryption_by_default()


remediation = Remediation(
    resource="AWS::::Account",
    named_by=account_calls("DisableEbsEncryptionByDefault"),
    violation=violation,
    fix=fix,
    undo=undo,
)
handler = remediation.handler
