"""Switch a protection on.

One setting of which more than one state is right, so an undo compares it with what the fix left.
"""

from collections.abc import Iterable, Mapping

from snapback import Remediation
from snapback.engine.clients import aws


def setting(vpc: str) -> int:
    return int(aws("ec2").describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["State"])


def violation(vpc: str) -> list[Mapping[str, int]]:
    now = setting(vpc)
    return [{"Level": now}] if now == 0 else []


def fix(vpc: str, _: object) -> None:
    aws("ec2").modify_vpc_tenancy(VpcId=vpc, InstanceTenancy="1")  # type: ignore[arg-type]  # the world's levels


def undo(vpc: str, wrong: Iterable[Mapping[str, int]]) -> None:
    for was in wrong:
        aws("ec2").modify_vpc_tenancy(VpcId=vpc, InstanceTenancy=str(was["Level"]))  # type: ignore[arg-type]  # the world's levels


remediation = Remediation(resource="AWS::EC2::VPC", named_by={"Switched Off": "name"}, violation=violation, fix=fix, undo=undo, setting=setting)
