"""Encrypt every new EBS volume and snapshot of the account by default.

Problem: New volumes are not encrypted by default. Severity: medium.

Why it matters: whoever gets hold of an unencrypted volume or snapshot reads it; with the default on, nobody can forget to encrypt one.

Wrong when: EBS encryption by default is off for the account in this region.
Fix: switches it on. Undo switches it off.
Leaves alone: volumes and snapshots that are there already, and the default key.
Class: disruptive, because images and snapshots made from then on with AWS's own key cannot be shared: pipelines that hand them to other accounts fail.
"""

from collections.abc import Mapping

from snapback import Setting, aws
from snapback.engine.events import account_calls


def reader(_: str) -> Mapping[str, bool]:
    """Return the default."""
    return {"EbsEncryptionByDefault": aws("ec2").get_ebs_encryption_by_default()["EbsEncryptionByDefault"]}


def writer(_: str, wanted: Mapping[str, bool]) -> None:
    """Switch it on or off."""
    if wanted["EbsEncryptionByDefault"]:
        aws("ec2").enable_ebs_encryption_by_default()
    else:
        aws("ec2").disable_ebs_encryption_by_default()


remediation = Setting(
    declared_in=__name__,
    resource="AWS::::Account",
    named_by=account_calls("DisableEbsEncryptionByDefault"),
    reader=reader,
    wanted={"EbsEncryptionByDefault": True},
    writer=writer,
    disruptive=True,
)
handler = remediation.handler
