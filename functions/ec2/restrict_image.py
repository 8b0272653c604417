"""Stop letting everybody launch instances from a machine image.

Problem: Everybody may launch a machine image. Severity: critical.

Why it matters: whoever may launch an image has its disks, with every secret on them.

Wrong when: the group `all` may launch an image that this account owns.
Fix: removes that group. Undo gives it back; while block_public_images holds, AWS refuses that, and the answer says so.
Leaves alone: accounts, organisations and organisational units that the image is shared with by name, images of others, and what others have launched or
copied already (nobody can take that back).
Told once: everybody, or an account that is not trusted, was let in, for a moment only, and somebody else has taken that back before Snapback looked.
Class: safe, because only strangers come in this way: whoever is named, this account's own principals and AWS services go on as before.
At once, because an image that comes back from the bin is open again as it was.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from snapback import Remediation, aws
from snapback.ec2.disk_shares import EVERYBODY, Share, is_outside, shares, strangers_added
from snapback.engine.errors import BelongsElsewhere
from snapback.engine.refusals import sharing_with_everybody
from snapback.policies.openings import still_shared_with


def violation(image: str) -> Sequence[Share]:
    """Return the group `all`, if it may launch the image."""
    if not aws("ec2").describe_images(ImageIds=[image], Owners=["self"], IncludeDisabled=True)["Images"]:
        raise BelongsElsewhere(f"{image} is another account's image")
    return [one for one in shared_with(image) if one == EVERYBODY]


def shared_with(image: str) -> list[Share]:
    """Return who may launch it: groups and accounts."""
    allowed = aws("ec2").describe_image_attribute(ImageId=image, Attribute="launchPermission")["LaunchPermissions"]
    return shares(allowed)


def opened(record: Mapping[str, Any]) -> Sequence[Share]:
    """Return whom a call has let launch it: everybody, and accounts that are not trusted."""
    return strangers_added(record, "launchPermission")


def shut(image: str, opened: Sequence[Share]) -> Sequence[Share]:
    """Return who of them may launch it no more."""
    still = shared_with(image)
    return [one for one in opened if one not in still]


def fix(image: str, _: object) -> None:
    """Remove the group."""
    aws("ec2").modify_image_attribute(ImageId=image, LaunchPermission={"Remove": [{"Group": "all"}]})


def undo(image: str, _: object) -> None:
    """Give it back."""
    with sharing_with_everybody("the image", blocked_by="block_public_images"):
        aws("ec2").modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"Group": "all"}]})


remediation = Remediation(
    resource="AWS::EC2::Image",
    named_by=dict.fromkeys(("ModifyImageAttribute", "RestoreImageFromRecycleBin"), "requestParameters.imageId"),
    violation=violation,
    fix=fix,
    undo=undo,
    opened=opened,
    shut=shut,
    also_shut_by=["remove-external-access"],
    stays=lambda image: still_shared_with([one["UserId"] for one in shared_with(image) if "UserId" in one and is_outside(one)]),
)
handler = remediation.handler
