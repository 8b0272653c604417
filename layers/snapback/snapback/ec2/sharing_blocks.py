"""Words for the blocks of public sharing: EC2's, which an account has for its snapshots and for its images, one each per region, and what any block forbids.

https://docs.aws.amazon.com/ebs/latest/userguide/block-public-access-snapshots.html
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-public-access-to-amis.html
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import ClientError

from snapback.engine.clients import is_refused, said_by
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


@contextmanager
def sharing_with_everybody(thing: str, *, blocked_by: str) -> Iterator[None]:
    """Share the thing with everybody in here; where AWS refuses, raise `OnlyPeople` with its sentence and which fix to take back first.

    Not by the code: for images it is OperationNotPermitted, for snapshots and documents AWS documents none.
    """
    try:
        yield
    except ClientError as error:
        if not is_refused(error):
            raise
        why = f"AWS refuses to share {thing} with everybody again: {said_by(error)}"
        raise OnlyPeople(f"{why}. If that is because public sharing is blocked, take back {blocked_by} first") from error
