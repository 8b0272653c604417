"""Network ACLs as AWS answers about what is not there: moto's own lies about it, put right at this one place.

moto crashes (StopIteration) where AWS says InvalidNetworkAclEntry.NotFound, and has the wrong word for an ACL that does not exist.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.network_acls import NetworkAclBackend

_delete = NetworkAclBackend.delete_network_acl_entry
_describe = NetworkAclBackend.describe_network_acls


def as_on_aws() -> None:
    """Let AWS's own errors say what is missing."""
    NetworkAclBackend.delete_network_acl_entry = _delete_if_there  # type: ignore[method-assign,assignment]  # in the place of moto's own
    NetworkAclBackend.describe_network_acls = _describe_if_there  # type: ignore[method-assign,assignment]


def _delete_if_there(backend: Any, network_acl_id: str, rule_number: int, egress: Any) -> Any:  # noqa: ANN401 - moto's
    try:
        return _delete(backend, network_acl_id, rule_number, egress)
    except StopIteration as nothing:
        raise EC2ClientError("InvalidNetworkAclEntry.NotFound", f"The entry {rule_number} does not exist") from nothing


def _describe_if_there(backend: Any, network_acl_ids: list[str] | None = None, filters: Any = None) -> Any:  # noqa: ANN401
    for acl in network_acl_ids or []:
        backend.get_network_acl(acl)
    return _describe(backend, network_acl_ids, filters)
