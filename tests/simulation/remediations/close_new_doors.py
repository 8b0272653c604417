"""Close doors that are open to the world, of what was just made once it has settled.

As close_doors does, but for the time.
"""

from collections.abc import Mapping

from snapback import Remediation
from tests.simulation.remediations import close_doors


def violation(group: str) -> list[Mapping[str, str]]:
    return close_doors.violation(group)


remediation = Remediation(
    resource="AWS::EC2::SecurityGroup",
    named_by={"CreateDoors": "requestParameters.name", "OpenDoor": "requestParameters.name"},
    settles=("CreateDoors",),
    violation=violation,
    fix=close_doors.fix,
    undo=close_doors.undo,
)
