"""Block an address for a day.

It answers a threat, and takes itself back.
"""

from collections.abc import Mapping

from snapback import Remediation
from snapback.engine.clients import aws


def is_listed(address: str) -> bool:
    return address in aws("wafv2").get_ip_set(Name="Attackers", Scope="REGIONAL", Id=address)["IPSet"]["Addresses"]


def violation(address: str) -> list[Mapping[str, str]]:
    return [] if is_listed(address) else [{"Address": address}]


def fix(address: str, _: object) -> None:
    aws("wafv2").update_ip_set(Name="Attackers", Scope="REGIONAL", Id=address, Addresses=[address], LockToken="-")


def undo(address: str, _: object) -> None:
    aws("wafv2").update_ip_set(Name="Attackers", Scope="REGIONAL", Id=address, Addresses=[], LockToken="-")


remediation = Remediation(
    resource="AWS::WAFv2::IPSet",
    named_by={"GuardDuty Finding": "name"},
    violation=violation,
    fix=fix,
    undo=undo,
    setting=is_listed,
    expires_after=lambda: 24 * 3600,
)
