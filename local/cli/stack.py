"""A deployed stack of Snapback, as an operator's own credentials see it."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any


class StackError(Exception):
    """The stack is not one of Snapback."""


class Stack:
    """One stack, found by its name in the session's account and region."""

    def __init__(self, client: Callable[..., Any], name: str) -> None:
        """Take `boto3.Session.client` and look the stack up; raise what boto3 raises if it is not there."""
        self.client = client
        self.name = name
        [stack] = client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        _, _, _, self.region, self.account, _ = stack["StackId"].split(":", 5)
        self.status: str = stack["StackStatus"]
        self.parameters: dict[str, str] = {one["ParameterKey"]: one["ParameterValue"] for one in stack.get("Parameters", [])}
        self._outputs: dict[str, str] = {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}

    @property
    def switched_off(self) -> frozenset[str]:
        """Return what the deployment has switched off, as its parameter names it."""
        return frozenset(self.parameters.get("SwitchedOff", "none").split(",")) - {"", "none"}

    def output(self, name: str) -> str:
        """Return one of the stack's outputs; raise `StackError` if it has none of the name."""
        if name not in self._outputs:
            raise StackError(f"the stack {self.name} has no output {name}: it is not one of Snapback")
        return self._outputs[name]

    def optional_output(self, name: str) -> str:
        """Return one of the stack's outputs; nothing if it has none of the name."""
        return self._outputs.get(name, "")

    def resources(self, kind: str) -> Iterator[tuple[str, str]]:
        """Yield the resources of a type: the name in the template, and the name in the account."""
        for page in self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=self.name):
            for one in page["StackResourceSummaries"]:
                if one["ResourceType"] == kind and one.get("PhysicalResourceId"):
                    yield one["LogicalResourceId"], one["PhysicalResourceId"]

    def functions(self) -> dict[str, str]:
        """Return remediation -> function: `revoke-open-ingress` -> `snapback-RevokeOpenIngress-968ADEC7D7ACB`; of several that share one, each."""
        several = several_in(self.optional_output("Together"))
        found = {remediation_of(logical): physical for logical, physical in self.resources("AWS::Lambda::Function")}
        return {remediation: physical for name, physical in found.items() for remediation in several.get(name, [name])}

    def journal(self) -> list[Mapping[str, Any]]:
        """Return the journal's fixes and exemptions, as DynamoDB gives them."""
        pages = (
            self.client("dynamodb")
            .get_paginator("scan")
            .paginate(
                TableName=self.output("JournalTable"),
                ConsistentRead=True,
                FilterExpression="begins_with(pk, :fix) OR begins_with(pk, :exempt)",
                ExpressionAttributeValues={":fix": {"S": "FIX#"}, ":exempt": {"S": "EXEMPT#"}},
            )
        )
        return [row for page in pages for row in page["Items"]]


def remediation_of(logical_id: str) -> str:
    """Return how the journal and the alerts name a function of the template: `RevokeOpenIngress` -> `revoke-open-ingress`."""
    return re.sub("(?<=.)(?=[A-Z])", "-", logical_id).lower()


def several_in(output: str) -> dict[str, list[str]]:
    """Return which functions have several remediations, as the stack's output `Together` says: `set-table: enable-table-backups, ...; set-...`."""
    return {name.strip(): some.strip().split(", ") for name, is_there, some in (one.partition(":") for one in output.split(";")) if is_there}
