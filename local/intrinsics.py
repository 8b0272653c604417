"""CloudFormation's intrinsic functions, as far as template.yaml uses them: what stands in the template, resolved as it would be deployed somewhere."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple


class Place(NamedTuple):
    """Where a stack is, and what it is called: that is what the names of its parts are made of."""

    stack: str = "snapback"
    region: str = "us-east-1"
    account: str = "111122223333"
    """By default the one of all samples."""
    partition: str = "aws"


_RANDOM = "0A1B2C3D4E5F"
"""What CloudFormation puts behind a name, which differs for each resource."""
_UUID = "0f3c1b0e-7e8c-4f6e-8a60-7f9b2f1f3a11"

_LONGEST_NAMES = {
    "AWS::DynamoDB::Table": 255,
    "AWS::Events::Rule": 64,
    "AWS::IAM::ManagedPolicy": 128,
    "AWS::IAM::Role": 64,
    "AWS::Lambda::Function": 64,
    "AWS::Logs::MetricFilter": 512,
    "AWS::SNS::Topic": 256,
    "AWS::Scheduler::Schedule": 64,
    "AWS::Scheduler::ScheduleGroup": 64,
    "AWS::SQS::Queue": 80,
    "AWS::Serverless::Function": 64,
}
"""Characters that the service takes: CloudFormation cuts a name that it makes up to them."""

_ARNS = {
    "AWS::CloudWatch::Alarm": "arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}",
    "AWS::DynamoDB::Table": "arn:{partition}:dynamodb:{region}:{account}:table/{name}",
    "AWS::Events::Rule": "arn:{partition}:events:{region}:{account}:rule/{name}",
    "AWS::IAM::ManagedPolicy": "arn:{partition}:iam::{account}:policy/{name}",
    "AWS::IAM::Role": "arn:{partition}:iam::{account}:role/{name}",
    "AWS::Lambda::Function": "arn:{partition}:lambda:{region}:{account}:function:{name}",
    "AWS::Lambda::LayerVersion": "arn:{partition}:lambda:{region}:{account}:layer:{logical}:1",
    "AWS::SNS::Topic": "arn:{partition}:sns:{region}:{account}:{name}",
    "AWS::Scheduler::ScheduleGroup": "arn:{partition}:scheduler:{region}:{account}:schedule-group/{name}",
    "AWS::SQS::Queue": "arn:{partition}:sqs:{region}:{account}:{name}",
    "AWS::Serverless::Function": "arn:{partition}:lambda:{region}:{account}:function:{name}",
    "AWS::Serverless::LayerVersion": "arn:{partition}:lambda:{region}:{account}:layer:{logical}0123456789:1",
    "AWS::WAFv2::IPSet": "arn:{partition}:wafv2:{region}:{account}:regional/ipset/{name}/{uuid}",
}

_REFERS_TO_ARN = frozenset({"AWS::IAM::ManagedPolicy", "AWS::Lambda::LayerVersion", "AWS::SNS::Topic", "AWS::Serverless::LayerVersion"})
_OTHER_REFS = {
    "AWS::Lambda::EventSourceMapping": "{uuid}",
    "AWS::SQS::Queue": "https://sqs.{region}.amazonaws.com/{account}/{name}",
    "AWS::WAFv2::IPSet": "{name}|{uuid}|REGIONAL",
}
"""What `Ref` gives where it is not the name."""
_GIVEN_NAMES = ("AlarmName", "DashboardName", "LogGroupName", "Name")


def physical_name(kind: str, logical: str, stack: str) -> str:
    """Return the name that CloudFormation makes up for a resource without one: stack, logical id and twelve characters, cut to what the service takes.

    Cut are first the stack's name and the logical id, each to half of the room, or less if the other one leaves more.
    (Seen: `MyStackDev-MyNestedApplicatio-MyLambdaFunctionName-1U44TLUZ7OR55`, 64 characters; AWS documents only that names are made up.)
    """
    room = _LONGEST_NAMES.get(kind, 255) - len(_RANDOM) - 2
    if len(stack) + len(logical) > room:
        half = room // 2
        stack, logical = stack[: max(half, room - len(logical))], logical[: max(half, room - len(stack))]
    return f"{stack}-{logical}-{_RANDOM}"


class Resolver:
    """CloudFormation's intrinsic functions, as far as the template uses them."""

    def __init__(self, parameters: Mapping[str, str], place: Place, template: Mapping[str, Any]) -> None:
        """`parameters`: those that are not at their defaults."""
        self._place, self._template = place, template
        given = {name: str(parameter["Default"]) for name, parameter in template["Parameters"].items()} | dict(parameters)
        lists = {name for name, parameter in template["Parameters"].items() if parameter["Type"] == "CommaDelimitedList"}
        self._known: dict[str, Any] = {
            "AWS::AccountId": place.account,
            "AWS::NoValue": None,
            "AWS::Partition": place.partition,
            "AWS::Region": place.region,
            "AWS::StackId": f"arn:{place.partition}:cloudformation:{place.region}:{place.account}:stack/{place.stack}/{_UUID}",
            "AWS::StackName": place.stack,
            "AWS::URLSuffix": "amazonaws.com",
            **{name: value.split(",") if name in lists else value for name, value in given.items()},
        }

    def resolve(self, value: Any) -> Any:  # noqa: ANN401 - any part of a template
        """Return the value as it would be deployed."""
        if isinstance(value, list):
            return [inner for inner in map(self.resolve, value) if inner is not None]
        if not isinstance(value, Mapping):
            return value
        if "Ref" in value or any(key.startswith("Fn::") for key in value):
            return self._intrinsic(value)
        return {key: inner for key, inner in ((key, self.resolve(inner)) for key, inner in value.items()) if inner is not None}

    def _intrinsic(self, function: Mapping[str, Any]) -> Any:  # noqa: ANN401, PLR0911 - one for each function
        match function:
            case {"Ref": name}:
                return self._named(name)
            case {"Fn::GetAtt": [name, attribute]}:
                return self._named(f"{name}.{attribute}")
            case {"Fn::Sub": [str(pattern), values]}:
                own = self.resolve(values)
                return re.sub(r"\$\{([\w:.]+)}", lambda found: str(own[found[1]] if found[1] in own else self._named(found[1])), pattern)
            case {"Fn::Sub": str(pattern)}:
                return self._intrinsic({"Fn::Sub": [pattern, {}]})
            case {"Fn::Join": [glue, parts]}:
                return glue.join(self.resolve(parts))
            case {"Fn::Split": [glue, text]}:
                return self.resolve(text).split(glue)
            case {"Fn::Select": [number, parts]}:
                return self.resolve(parts)[int(number)]
            case {"Fn::If": [condition, then, otherwise]}:
                return self.resolve(then if self._holds(self._template["Conditions"][condition]) else otherwise)
            case _:
                raise AssertionError(f"teach local/intrinsics.py to resolve {function}")

    def _holds(self, condition: Mapping[str, Any]) -> bool:
        match condition:
            case {"Fn::Equals": [one, other]}:
                return bool(self.resolve(one) == self.resolve(other))
            case {"Fn::Not": [inner]}:
                return not self._holds(inner)
            case {"Fn::Or": inners}:
                return any(map(self._holds, inners))
            case {"Fn::And": inners}:
                return all(map(self._holds, inners))
            case {"Condition": name}:
                return self._holds(self._template["Conditions"][name])
            case _:
                raise AssertionError(f"teach local/intrinsics.py to resolve {condition}")

    def is_made(self, logical: str) -> bool:
        """Tell whether the resource exists with these parameters in this place."""
        condition = self._template["Resources"][logical].get("Condition")
        return condition is None or self._holds(self._template["Conditions"][condition])

    def _named(self, reference: str) -> Any:  # noqa: ANN401 - a text; a list for a parameter that is one; None for no value at all
        """Return what `Ref`, `Fn::GetAtt` and `${…}` give."""
        if reference in self._known:
            return self._known[reference]
        logical, _, attribute = reference.partition(".")
        resource = self._template["Resources"].get(logical, {})
        kind = resource.get("Type")
        if not kind and logical.removesuffix("Role") in self._template["Resources"]:
            kind = "AWS::IAM::Role"  # SAM makes a role for each function
        if not kind:
            raise AssertionError(f"the template has no {logical}")
        given = next((resource["Properties"][one] for one in _GIVEN_NAMES if one in resource.get("Properties", {})), None)
        name = self.resolve(given) if given else physical_name(kind, logical, self._place.stack)
        words = {**self._place._asdict(), "name": name, "logical": logical, "uuid": _UUID}
        if attribute == "Arn" or (not attribute and kind in _REFERS_TO_ARN):
            return _ARNS[kind].format(**words)
        if attribute == "Id":
            return _UUID
        return _OTHER_REFS.get(kind, "{name}").format(**words) if not attribute else name
