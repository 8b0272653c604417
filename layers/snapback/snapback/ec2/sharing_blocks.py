"""Words for the blocks of public sharing: EC2's, which an account has for its snapshots and for its images, one each per region.

https://docs.aws.amazon.com/ebs/latest/userguide/block-public-access-snapshots.html
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-public-access-to-amis.html
"""

from collections.abc import Mapping
from typing import Any, Final

from snapback.engine.clients import aws
from snapback.engine.errors import OnlyPeople

IMAGES_BLOCKED: Final = {"State": "block-new-sharing"}
"""The only block that there is for images: those that are public already stay so."""

SNAPSHOTS_BLOCKED: Final = {"State": "block-all-sharing"}
"""The stronger of the two blocks for snapshots: those that are public already are treated as private, too."""


def images_block(_: str) -> Mapping[str, str]:
    """Return the `State` of the block for images. Raises `OnlyPeople` if it is off and the organisation holds it.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetImageBlockPublicAccessState.html
    """
    answer = aws("ec2").get_image_block_public_access_state()
    return _ours(answer, {"State": answer["ImageBlockPublicAccessState"]}, IMAGES_BLOCKED)


def set_images_block(_: str, wanted: Mapping[str, str]) -> None:
    """Switch the block for images on or off."""
    if wanted == IMAGES_BLOCKED:
        aws("ec2").enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
    else:
        aws("ec2").disable_image_block_public_access()


def snapshots_block(_: str) -> Mapping[str, str]:
    """Return the `State` of the block for snapshots. Raises `OnlyPeople` if it is not the stronger one and the organisation holds it.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetSnapshotBlockPublicAccessState.html
    """
    answer = aws("ec2").get_snapshot_block_public_access_state()
    return _ours(answer, {"State": answer["State"]}, SNAPSHOTS_BLOCKED)


def set_snapshots_block(_: str, wanted: Any) -> None:  # noqa: ANN401 - what `snapshots_block` returns
    """Switch the block for snapshots to that state, or off."""
    if wanted["State"] == "unblocked":
        aws("ec2").disable_snapshot_block_public_access()
    else:
        aws("ec2").enable_snapshot_block_public_access(**wanted)


def _ours(answer: Mapping[str, object], found: Mapping[str, str], blocked: Mapping[str, str]) -> Mapping[str, str]:
    """Return what was found, if the account itself may change it or need not.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_declarative.html
    """
    if found != blocked and answer.get("ManagedBy") == "declarative-policy":
        raise OnlyPeople(f"the block is {found['State']} because a declarative policy of the organisation says so: change it there")
    return found
