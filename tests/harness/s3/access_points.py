"""S3's access points, of which moto keeps policies but has no list.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListAccessPoints.html
"""

import json
from typing import Any

import boto3
from moto.core.responses import ActionResult
from moto.s3control.responses import S3ControlResponse

from tests.harness.scenario import ACCOUNT, REGION


def as_on_aws() -> None:
    """Let access points be listed, one at a time: whoever reads only the first page misses some."""
    response: Any = S3ControlResponse
    response.list_access_points = _listed


def access_point(name: str, bucket: str, *statements: dict[str, Any]) -> None:
    """Make an access point, with a policy if there are statements for it."""
    client = boto3.client("s3control")
    client.create_access_point(AccountId=ACCOUNT, Name=name, Bucket=bucket)
    on_it = [{**one, "Resource": f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/{name}/object/*"} for one in statements]
    if on_it:
        client.put_access_point_policy(AccountId=ACCOUNT, Name=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": on_it}))


def _listed(self: Any) -> ActionResult:  # noqa: ANN401 - moto's
    bucket, start = self._get_param("Bucket"), int(self._get_param("NextToken") or 0)
    found = [one for one in self.backend.access_points[ACCOUNT].values() if bucket in (None, one.bucket)]
    page = [{"Name": one.name, "Bucket": one.bucket, "NetworkOrigin": one.network_origin, "AccessPointArn": one.arn} for one in found[start : start + 1]]
    return ActionResult({"AccessPointList": page, **({"NextToken": str(start + 1)} if start + 1 < len(found) else {})})
