"""The events of a CloudFormation stack, as DescribeStackEvents gives them: moto makes a stack at once, and in the time of the machine.

The latest comes first, a page at a time; of a resource that is made, the first event has no physical id yet.
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackEvent.html
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.harness.account import ApiCall, error

_ON_A_PAGE = 100


class StackEvents:
    """What a stack says of itself; an interference of the account."""

    def __init__(self, stack_id: str) -> None:
        self._stack_id = stack_id
        self._events: list[dict[str, Any]] = []
        self.asked = 0
        """How often it was read."""

    def say(self, at: float, status: str, logical: str, kind: str, physical: str) -> None:
        self._events.insert(
            0,
            {
                "StackId": self._stack_id,
                "StackName": self._stack_id.split("/")[1],
                "EventId": f"{logical}-{status}-{len(self._events)}",
                "LogicalResourceId": logical,
                "PhysicalResourceId": physical,
                "ResourceType": kind,
                "ResourceStatus": status,
                "Timestamp": datetime.fromtimestamp(at, UTC),
            },
        )

    def __call__(self, call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation != "DescribeStackEvents":
            return really()
        self.asked += 1
        if call.parameters["StackName"] != self._stack_id:
            raise error("ValidationError", 400, call.operation)
        start = int(call.parameters.get("NextToken", 0))
        more = {"NextToken": str(start + _ON_A_PAGE)} if start + _ON_A_PAGE < len(self._events) else {}
        return {"StackEvents": self._events[start : start + _ON_A_PAGE], **more}
