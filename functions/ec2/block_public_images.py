"""Block public sharing of machine images in the account.

Why it matters: one call makes an image public, and with it its disks; the block makes that call fail, for everybody in the account.

Wrong when: the region's block is off.
Fix: block-new-sharing. Undo switches the block off again.
Leaves alone: sharing with named accounts, and images that are public already (restrict_image is for those). Reported only: a state that a declarative
policy of the organisation holds.

AWS takes up to ten minutes to switch the block on or off, and until then answers the former state. So a block that was just switched off is found by the
sweep every quarter of an hour, and a fix that does not show yet is told as UNVERIFIED, never as FIXED.
"""

from snapback import Evidence, Remediation, aws
from snapback.ec2.sharing_blocks import IMAGES_BLOCKED, ours
from snapback.engine.events import account_calls


def violation(_: str) -> Evidence:
    """Return the state, if it is not blocked."""
    answer = aws("ec2").get_image_block_public_access_state()
    state = answer["ImageBlockPublicAccessState"]
    return [] if state == IMAGES_BLOCKED else [{"State": ours(answer, state)}]


def fix(_: str, __: object) -> None:
    """Block new sharing."""
    aws("ec2").enable_image_block_public_access(ImageBlockPublicAccessState=IMAGES_BLOCKED)


def undo(_: str, __: object) -> None:
    """Switch the block off."""
    aws("ec2").disable_image_block_public_access()


remediation = Remediation(
    resource="AWS::::Account",
    named_by=account_calls("DisableImageBlockPublicAccess", sweep="account"),
    violation=violation,
    fix=fix,
    undo=undo,
    lags=True,
)
handler = remediation.handler
