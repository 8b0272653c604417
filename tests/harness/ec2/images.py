"""Asking EC2 for an attribute of an image that does not exist, at which moto crashes.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from typing import Any

from moto.ec2.exceptions import InvalidAMIIdError
from moto.ec2.responses import EC2Response

_describe: Any = EC2Response.describe_image_attribute


def as_on_aws() -> None:
    """Let moto say InvalidAMIID.NotFound."""
    response: Any = EC2Response
    response.describe_image_attribute = _describe_if_there


def _describe_if_there(response: Any) -> Any:  # noqa: ANN401 - moto's
    image = response._get_param("ImageId")  # noqa: SLF001 - as moto's own do
    if image not in response.ec2_backend.amis:
        raise InvalidAMIIdError(image)
    return _describe(response)
