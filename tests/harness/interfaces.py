"""Security groups of network interfaces as AWS keeps them: moto's own lie about them, put right at this one place.

moto answers the groups with which the instance was launched beside those of the interface, for all of its interfaces and for ever. AWS's
ModifyNetworkInterfaceAttribute says: "The new set of groups you specify replaces the current set", and an instance has the groups of its primary interface.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyNetworkInterfaceAttribute.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html
"""

from typing import Any

from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.instances import Instance


def as_on_aws() -> None:
    """Let every interface have its own groups, and every instance those of its primary interface."""
    NetworkInterface.group_set = property(_groups_of_interface)
    Instance.dynamic_group_list = property(_groups_of_instance)


def _groups_of_interface(interface: Any) -> list[Any]:  # noqa: ANN401 - moto's
    return list(interface._group_set)  # noqa: SLF001 - where moto keeps what was set


def _groups_of_instance(instance: Any) -> list[Any]:  # noqa: ANN401
    primary = instance.nics.get(0)
    return _groups_of_interface(primary) if primary else list(instance.security_groups)
