"""The AWS CLI, as far as docs/runbook.md uses it: `aws <service> <operation> --flags` becomes a boto3 call.

The CLI itself does not install beside the SAM CLI. Flags are read from the same service models that it reads them from, so that one it would refuse is refused.
"""

import json
import sys
from pathlib import Path
from typing import Any

import boto3
import jmespath
from botocore import xform_name
from botocore.model import ServiceModel, Shape


def main(arguments: list[str]) -> None:
    """Make the call and print its answer."""
    service, operation, *rest = arguments
    client = boto3.client(service)  # type: ignore[call-overload]  # any service
    model: ServiceModel = client.meta.service_model
    [name] = [one for one in model.operation_names if xform_name(one, "-") == operation]
    shape = model.operation_model(name).input_shape
    members = {f"--{xform_name(member, '-')}": (member, of) for member, of in shape.members.items()} if shape else {}
    parameters: dict[str, Any] = {}
    given = {"--query": "", "--output": "json", "--cli-binary-format": "base64", "--cli-read-timeout": "60"}
    places: list[str] = []
    while rest:
        flag = rest.pop(0)
        if flag in given:
            given[flag] = rest.pop(0)
        elif flag in members:
            member, of = members[flag]
            parameters[member] = value_of(of, rest.pop(0))
        elif flag.startswith("--"):
            sys.exit(f"aws {service} {operation}: unknown option {flag}")
        else:
            places.append(flag)
    if "--payload" in arguments and given["--cli-binary-format"] != "raw-in-base64-out":
        sys.exit("the AWS CLI would take the payload for base64")
    if operation == "invoke" and given["--cli-read-timeout"] != "0":
        sys.exit("the AWS CLI would send it again after a minute, while the function is at work")
    answer = getattr(client, xform_name(name))(**parameters)
    answer.pop("ResponseMetadata", None)
    if "Payload" in answer:
        Path(places.pop()).write_bytes(answer.pop("Payload").read())
        print()  # noqa: T201 - a program
    if places:
        sys.exit(f"aws {service} {operation}: unknown arguments {places}")
    show(jmespath.search(given["--query"], answer) if given["--query"] else answer, given["--output"])


def value_of(shape: Shape, text: str) -> Any:  # noqa: ANN401 - any parameter
    """Read a flag's value: JSON, the CLI's shorthand for one structure (`Name=…,Values=…`), or a scalar."""
    if shape.type_name in ("structure", "list", "map"):
        if text[0] in "[{":
            return json.loads(text)
        pairs = dict(pair.split("=", 1) for pair in text.split(","))
        return [{name: [value] if name == "Values" else value for name, value in pairs.items()}]
    if shape.type_name in ("integer", "long"):
        return int(text)
    return text.encode() if shape.type_name == "blob" else text


def show(answer: Any, output: str) -> None:  # noqa: ANN401 - any answer
    """Print it as the CLI does."""
    if output == "json":
        text = json.dumps(answer, indent=4, default=str) if answer else ""
    else:
        lines = answer if isinstance(answer, list) and any(isinstance(one, list) for one in answer) else [answer]
        text = "\n".join("\t".join(map(str, line)) if isinstance(line, list) else str(line) for line in lines)
    if text:
        print(text)  # noqa: T201 - a program


if __name__ == "__main__":
    main(sys.argv[1:])
