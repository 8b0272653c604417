"""Asking EC2 for the snapshots of an owner that everybody may use, which moto does not narrow down: it answers all that there are.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSnapshots.html
"""

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.responses import EC2Response


def as_on_aws() -> None:
    """Let moto heed OwnerIds and RestorableByUserIds."""
    response: Any = EC2Response
    response.describe_snapshots = _describe


def _describe(response: Any) -> ActionResult:  # noqa: ANN401 - moto's
    found = response.ec2_backend.describe_snapshots(
        snapshot_ids=response._get_param("SnapshotIds", []),  # noqa: SLF001 - as moto's own do
        filters=response._filters_from_querystring(),  # noqa: SLF001
    )
    owners = [response.current_account if owner == "self" else owner for owner in response._get_param("OwnerIds", [])]  # noqa: SLF001
    users = response._get_param("RestorableByUserIds", [])  # noqa: SLF001
    if owners:
        found = [snapshot for snapshot in found if snapshot.owner_id in owners]
    if "all" in users:
        found = [snapshot for snapshot in found if "all" in snapshot.create_volume_permission_groups]
    return ActionResult({"Snapshots": found})
