"""Network ACLs as AWS answers about what is not there, and about what is too much: moto's own lies about it, put right at this one place.

moto crashes (StopIteration) where AWS says InvalidNetworkAclEntry.NotFound, and has the wrong word for an ACL that does not exist.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html

An ACL has 20 entries at most in each direction, IPv4 and IPv6 by themselves, with those that deny the rest at the end; a higher quota can be asked for.
https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
"""

from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.network_acls import NetworkAclBackend

_MOST = 20

_create = NetworkAclBackend.create_network_acl_entry
_delete = NetworkAclBackend.delete_network_acl_entry
_describe = NetworkAclBackend.describe_network_acls


def as_on_aws() -> None:
    """Let AWS's own errors say what is missing."""
    NetworkAclBackend.create_network_acl_entry = _create_if_there_is_room  # type: ignore[method-assign,assignment]
    NetworkAclBackend.delete_network_acl_entry = _delete_if_there  # type: ignore[method-assign,assignment]  # in the place of moto's own
    NetworkAclBackend.describe_network_acls = _describe_if_there  # type: ignore[method-assign,assignment]


def _create_if_there_is_room(backend: Any, network_acl_id: str, *others: Any, **named: Any) -> Any:  # noqa: ANN401 - moto's
    made = _create(backend, network_acl_id, *others, **named)
    entries = backend.get_network_acl(network_acl_id).network_acl_entries
    alike = [one for one in entries if str(one.egress) == str(made.egress) and bool(one.ipv6_cidr_block) is bool(made.ipv6_cidr_block)]
    if len(alike) > _MOST:
        entries.remove(made)
        raise EC2ClientError("NetworkAclEntryLimitExceeded", f"The maximum number of network acl entries has been reached: {_MOST}")
    return made


def _delete_if_there(backend: Any, network_acl_id: str, rule_number: int, egress: Any) -> Any:  # noqa: ANN401 - moto's
    try:
        return _delete(backend, network_acl_id, rule_number, egress)
    except StopIteration as nothing:
        raise EC2ClientError("InvalidNetworkAclEntry.NotFound", f"The entry {rule_number} does not exist") from nothing


def _describe_if_there(backend: Any, network_acl_ids: list[str] | None = None, filters: Any = None) -> Any:  # noqa: ANN401
    for acl in network_acl_ids or []:
        backend.get_network_acl(acl)
    return _describe(backend, network_acl_ids, filters)
