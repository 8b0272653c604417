"""Security groups of network interfaces as AWS keeps them: moto's own lie about them, put right at this one place.

moto answers the groups with which the instance was launched beside those of the interface, for all of its interfaces and for ever. AWS's
ModifyNetworkInterfaceAttribute says: "The new set of groups you specify replaces the current set", and an instance has the groups of its primary interface.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyNetworkInterfaceAttribute.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html
"""

from typing import Any

from moto.ec2.models.elastic_network_interfaces import NetworkInterface, NetworkInterfaceBackend

_modify = NetworkInterfaceBackend.modify_network_interface_attribute


def as_on_aws() -> None:
    """Let every interface have its own groups, and every instance those of its primary interface."""
    NetworkInterface.group_set = property(_groups)  # type: ignore[method-assign,assignment]  # in the place of moto's own
    NetworkInterfaceBackend.modify_network_interface_attribute = _replace_groups  # type: ignore[method-assign,assignment]


def _groups(interface: Any) -> list[Any]:  # noqa: ANN401 - moto's
    return list(interface._group_set)  # noqa: SLF001 - where moto keeps what was set


def _replace_groups(backend: Any, eni_id: str, group_ids: list[str], *others: Any, **named: Any) -> None:  # noqa: ANN401
    _modify(backend, eni_id, group_ids, *others, **named)
    interface = backend.get_network_interface(eni_id)
    if group_ids and interface.instance and interface.device_index == 0:
        interface.instance.security_groups = _groups(interface)
