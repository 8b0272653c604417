"""An instance's metadata options as AWS keeps them: moto's own lie about them, put right at this one place.

moto resets every option that a change does not name. AWS's ModifyInstanceMetadataOptions says of them: "If this parameter is not specified, the existing
state is maintained." https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceMetadataOptions.html
"""

from typing import Any

from moto.ec2.models.instances import InstanceBackend

_modify = InstanceBackend.modify_instance_metadata_options


def as_on_aws() -> None:
    """Let a change keep what it does not name."""
    InstanceBackend.modify_instance_metadata_options = _keep_the_others  # type: ignore[method-assign,assignment]  # in the place of moto's own


def _keep_the_others(backend: Any, instance_id: str, **named: Any) -> Any:  # noqa: ANN401 - moto's
    now = backend.get_instance(instance_id).metadata_options
    kept = {
        "http_tokens": now.http_tokens,
        "hop_limit": now.http_put_response_hop_limit,
        "http_endpoint": now.http_endpoint,
        "http_protocol": now.http_protocol_ipv6,
        "metadata_tags": now.instance_metadata_tags,
    }
    return _modify(backend, instance_id, **{**kept, **{name: value for name, value in named.items() if value is not None}})
