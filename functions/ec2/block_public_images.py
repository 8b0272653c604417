"""Block public sharing of machine images in the account.

Problem: Machine images may be shared with everybody. Severity: medium.

Why it matters: one call makes an image public, and with it its disks; the block makes that call fail, for everybody in the account.

Wrong when: the region's block is off.
Fix: block-new-sharing. Undo switches the block off again.
Leaves alone: sharing with named accounts, and images that are public already (restrict_image is for those). Reported only: a state that a declarative
policy of the organisation holds.

AWS takes up to ten minutes to switch the block on or off, and until then answers the former state. So a block that was just switched off is found by the
sweep every quarter of an hour, and a fix that does not show yet is told as UNVERIFIED, never as FIXED.
Class: safe, because images that are public stay so, and accounts that are named go on as before: only new sharing with everybody is refused. Disruptive
while the account has a public image, as whoever publishes images could publish no other: where restrict_image has closed it, the next sweep goes on.
"""

from snapback import Setting
from snapback.ec2.sharing_blocks import IMAGES_BLOCKED, images_block, publishes, set_images_block
from snapback.engine.events import account_calls

remediation = Setting(
    declared_in=__name__,
    resource="AWS::::Account",
    named_by=account_calls("DisableImageBlockPublicAccess", sweep="account"),
    reader=images_block,
    wanted=IMAGES_BLOCKED,
    writer=set_images_block,
    disruptive=publishes,
    lags=True,
)
handler = remediation.handler
