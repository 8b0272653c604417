"""Words for the blocks of public sharing: EC2's, which an account has for its snapshots and for its images, one each per region.

https://docs.aws.amazon.com/ebs/latest/userguide/block-public-access-snapshots.html
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-public-access-to-amis.html
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from snapback.ec2.disk_shares import public_snapshots
from snapback.engine.clients import aws
from snapback.engine.errors import OnlyPeople

IMAGES_BLOCKED: Final = {"State": "block-new-sharing"}
"""The only block that there is for images: those that are public already stay so."""

SNAPSHOTS_BLOCKED: Final = {"State": "block-all-sharing"}
"""The stronger of the two blocks for snapshots: those that are public already are treated as private, too."""


_ENOUGH: Final = 5
"""Public ones that people are told of: that there are some is what counts."""


def images_block(_: str) -> Mapping[str, Any]:
    """Return the `State` of the block for images, and as `Public` those that everybody may launch while it is off.

    Raises `OnlyPeople` if it is off and the organisation holds it.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetImageBlockPublicAccessState.html
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html
    """
    answer = aws("ec2").get_image_block_public_access_state()
    found = _ours(answer, {"State": answer["ImageBlockPublicAccessState"]}, IMAGES_BLOCKED)
    if found == IMAGES_BLOCKED:
        return found
    pages = aws("ec2").get_paginator("describe_images").paginate(Owners=["self"], Filters=[{"Name": "is-public", "Values": ["true"]}])
    return _with_public(found, [image["ImageId"] for page in pages for image in page["Images"]])


def set_images_block(_: str, wanted: Mapping[str, Any]) -> None:
    """Switch the block for images on or off."""
    if wanted == IMAGES_BLOCKED:
        aws("ec2").enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
    else:
        aws("ec2").disable_image_block_public_access()


def snapshots_block(_: str) -> Mapping[str, Any]:
    """Return the `State` of the block for snapshots, and as `Public` those that everybody may restore while it is not the stronger one.

    Raises `OnlyPeople` if it is not, and the organisation holds it.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetSnapshotBlockPublicAccessState.html
    """
    answer = aws("ec2").get_snapshot_block_public_access_state()
    found = _ours(answer, {"State": answer["State"]}, SNAPSHOTS_BLOCKED)
    if found == SNAPSHOTS_BLOCKED:
        return found
    return _with_public(found, public_snapshots())


def set_snapshots_block(_: str, wanted: Mapping[str, Any]) -> None:
    """Switch the block for snapshots to that state, or off."""
    if wanted["State"] == "unblocked":
        aws("ec2").disable_snapshot_block_public_access()
    else:
        aws("ec2").enable_snapshot_block_public_access(State=wanted["State"])


def publishes(found: Mapping[str, Any], _: object) -> bool:
    """Tell whether the account has public ones, so that somebody may go on to publish others: `disruptive` of both blocks."""
    return "Public" in found


def _with_public(found: Mapping[str, str], public: Sequence[str]) -> Mapping[str, Any]:
    return {**found, "Public": sorted(public)[:_ENOUGH]} if public else found


def _ours(answer: Mapping[str, object], found: Mapping[str, str], blocked: Mapping[str, str]) -> Mapping[str, str]:
    """Return what was found, if the account itself may change it or need not.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_declarative.html
    """
    if found != blocked and answer.get("ManagedBy") == "declarative-policy":
        raise OnlyPeople(f"the block is {found['State']} because a declarative policy of the organisation says so: change it there")
    return found
