"""EC2's blocks of public sharing, which moto lacks: a state each for snapshots and for images, kept where moto's own account can be reset.

A change of the images' block may take up to ten minutes, in which AWS answers the former state; a change of the snapshots' block shows at once.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableSnapshotBlockPublicAccess.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableImageBlockPublicAccess.html

While a block is on, nothing can be shared with everybody. For images AWS's code and sentence are known; for snapshots it is documented that AWS refuses, not
how.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-public-access-to-amis.html
https://docs.aws.amazon.com/ebs/latest/userguide/block-public-access-snapshots-work.html
"""

from dataclasses import dataclass
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import ec2_backends
from moto.ec2.models.amis import AmiBackend
from moto.ec2.models.elastic_block_store import EBSBackend
from moto.ec2.responses import EC2Response

from snapback.engine import clock
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


_share_image = AmiBackend.modify_image_attribute
_share_snapshot = EBSBackend.add_create_volume_permission


def as_on_aws() -> None:
    """Let moto answer the six calls, and refuse what a block forbids."""
    AmiBackend.modify_image_attribute = _share_image_unless_blocked  # type: ignore[method-assign,assignment]  # in the place of moto's own
    EBSBackend.add_create_volume_permission = _share_snapshot_unless_blocked  # type: ignore[method-assign,assignment]
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


def _share_image_unless_blocked(backend: Any, ami_id: str, launch_permissions_to_add: list[dict[str, str]], launch_permissions_to_remove: Any) -> None:  # noqa: ANN401 - moto's
    if {"Group": "all"} in launch_permissions_to_add and blocks().images_shown != "unblocked":
        raise EC2ClientError(
            "OperationNotPermitted",
            "You can\u2019t publicly share this image because block public access for AMIs is enabled for this account. "
            "To publicly share the image, you must call the DisableImageBlockPublicAccess API.",
        )
    _share_image(backend, ami_id, launch_permissions_to_add, launch_permissions_to_remove)


def _share_snapshot_unless_blocked(backend: Any, snapshot_id: str, user_ids: list[str], groups: list[str]) -> None:  # noqa: ANN401 - moto's
    if "all" in groups and blocks().snapshots != "unblocked":
        raise EC2ClientError("OperationNotPermitted", "Block public access for snapshots is enabled")
    _share_snapshot(backend, snapshot_id, user_ids, groups)
