"""Words for the blocks of public sharing: EC2's, which an account has for its snapshots and for its images, one each per region.

https://docs.aws.amazon.com/ebs/latest/userguide/block-public-access-snapshots.html
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-public-access-to-amis.html
"""

from collections.abc import Mapping
from typing import Final

from snapback.engine.errors import OnlyPeople

IMAGES_BLOCKED: Final = "block-new-sharing"
"""The only block that there is for images: those that are public already stay so."""

SNAPSHOTS_BLOCKED: Final = "block-all-sharing"
"""The stronger of the two blocks for snapshots: those that are public already are treated as private, too."""


def ours(answer: Mapping[str, object], state: str) -> str:
    """Return the state if the account itself may change it; raise `OnlyPeople` if the organisation holds it.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_declarative.html
    """
    if answer.get("ManagedBy") == "declarative-policy":
        raise OnlyPeople(f"the block is {state} because a declarative policy of the organisation says so: change it there")
    return state
