"""EC2's blocks of public sharing, which moto lacks: a state each for snapshots and for images, kept where moto's own account can be reset.

A change of the images' block may take up to ten minutes, in which AWS answers the former state; a change of the snapshots' block shows at once.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableSnapshotBlockPublicAccess.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableImageBlockPublicAccess.html
"""

from dataclasses import dataclass
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.ec2.responses import EC2Response

from snapback import clock
from tests.harness.scenario import ACCOUNT, REGION


@dataclass
class Blocks:
    """What is set in one account and region."""

    snapshots: str = "unblocked"
    images: str = "unblocked"
    managed_by: str = "account"
    delay: float = 0
    """Seconds that a change of the images' block takes."""
    coming: tuple[float, str] = (0, "")
    """When the next state of the images' block shows, and which."""

    @property
    def images_shown(self) -> str:
        when, state = self.coming
        if state and clock.now() >= when:
            self.images, self.coming = state, (0, "")
        return self.images

    def set_images(self, state: str) -> ActionResult:
        wait = self.delay if state != self.images_shown else 0
        self.coming = (clock.now() + wait, state)
        return ActionResult({"ImageBlockPublicAccessState": state})

    def set_snapshots(self, state: str) -> ActionResult:
        self.snapshots = state
        return ActionResult({"State": state})


def blocks() -> Blocks:
    """Return the account's blocks; they begin afresh whenever moto's account does."""
    backend: Any = ec2_backends[ACCOUNT][REGION]
    if not hasattr(backend, "sharing_blocks"):
        backend.sharing_blocks = Blocks()
    found = backend.sharing_blocks
    assert isinstance(found, Blocks)
    return found


def as_on_aws() -> None:
    """Let moto answer the six calls."""
    answers: dict[str, Any] = {
        "get_snapshot_block_public_access_state": lambda _: ActionResult({"State": blocks().snapshots, "ManagedBy": blocks().managed_by}),
        "enable_snapshot_block_public_access": lambda response: blocks().set_snapshots(response._get_param("State")),  # noqa: SLF001 - as moto's own do
        "disable_snapshot_block_public_access": lambda _: blocks().set_snapshots("unblocked"),
        "get_image_block_public_access_state": lambda _: ActionResult({"ImageBlockPublicAccessState": blocks().images_shown, "ManagedBy": blocks().managed_by}),
        "enable_image_block_public_access": lambda _: blocks().set_images("block-new-sharing"),
        "disable_image_block_public_access": lambda _: blocks().set_images("unblocked"),
    }
    for name, answer in answers.items():
        setattr(EC2Response, name, answer)
