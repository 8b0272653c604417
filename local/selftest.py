"""Try whether a deployed stack hears and is heard, now, and in earnest: open its canary's group, and wait until that is closed and told.

    make selftest STACK=snapback

It takes minutes, as CloudTrail does, and at most ten. The stack needs the parameter CanaryVpc. The exit code is 0 if the canary was heard.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.cli.stack import Stack, StackError
from snapback.engine.names import shown

_PATIENCE = 660
"""Seconds to wait for the function, which may take 600."""


def run(client: Callable[..., Any], name: str) -> int:
    """Send the canary and print how it went; return the exit code. Raises what boto3 raises, and `StackError` if the stack has no canary."""
    stack = Stack(client, name)
    function = dict(stack.resources("AWS::Lambda::Function")).get("SendCanary")
    if not function:
        raise StackError("it has no canary. Give it the parameter CanaryVpc, any VPC of this region: sam deploy --parameter-overrides CanaryVpc=vpc-...")
    print(f"{function} opens a port that nothing uses. Whether that is closed and told takes some minutes to see ...", flush=True)
    patient = Config(read_timeout=_PATIENCE, retries={"total_max_attempts": 1})
    answer = client("lambda", config=patient).invoke(FunctionName=function, Payload=b"{}")
    body = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        why = [shown(body[part], 500) for part in ("errorType", "errorMessage") if body.get(part)]  # after a timeout there is no type
        print(f"The canary itself failed: {': '.join(why)}")
        return 1
    if body["outcome"] == "HEARD":
        print(f"All is well: after {body['seconds']} seconds it was closed, and told.")
        return 0
    verdict = "Snapback hears, and does not put right what it hears of" if body.get("answer") else "Snapback may be deaf"
    print(f"{verdict}: after {body['seconds']} seconds {' and '.join(map(shown, body['missing']))}. What to look at stands in docs/runbook.md.")
    return 1


def main(arguments: list[str]) -> int:
    """Run it for the stack that is named."""
    if not arguments or not arguments[0]:
        print("Of which stack? make selftest STACK=snapback", file=sys.stderr)
        return 2
    try:
        return run(boto3.Session().client, arguments[0])
    except (BotoCoreError, ClientError, StackError) as error:
        print(f"{arguments[0]} cannot be tried: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
