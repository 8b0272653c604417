"""Amazon Q Developer in chat applications, as far as buttons go: which ones stand below a notification, and what each of them runs.

https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-actions.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.harness import template

PLACES = {
    "SlackChannel": "T0123ABCDE/C0123ABCDE",
    "TeamsChannel": "0f3c1b0e-7e8c-4f6e-8a60-7f9b2f1f3a11/1f3c1b0e-7e8c-4f6e-8a60-7f9b2f1f3a11/19%3aab6ef35dc342%40thread.tacv2",
}
"""Parameters that make a channel of each kind."""

RESOURCES = template.resources(PLACES)
BUTTONS = {one["Properties"]["Attachments"][0]["ButtonText"]: one["Properties"] for one in RESOURCES.values() if one["Type"] == "AWS::Chatbot::CustomAction"}


class Invocation(NamedTuple):
    """What a button's command does."""

    function: str
    region: str
    payload: Mapping[str, Any]


def shown(notification: Mapping[str, Any]) -> dict[str, Invocation]:
    """Return the buttons below a notification, each with what it runs: AWS puts the values of variables in, and no shell has a part in it."""
    found = {}
    for text, action in BUTTONS.items() if notification["metadata"]["enableCustomActions"] else ():
        [attachment] = action["Attachments"]
        variables = {name: at for name, path in attachment["Variables"].items() if (at := _value_at(path, notification))}
        if all(one["Operator"] == "HAS_VALUE" and one["VariableName"] in variables for one in attachment["Criteria"]):
            found[text] = _read(_put_in(variables, action["Definition"]["CommandText"]))
    return found


def _value_at(path: str, notification: Mapping[str, Any]) -> str:
    found: Any = {"event": notification}
    for part in path.split("."):
        found = found.get(part, {})
    return found or ""


def _put_in(variables: Mapping[str, str], command: str) -> str:
    return re.sub(r"\$(\w+)", lambda name: variables[name[1]], command)


def _read(command: str) -> Invocation:
    found = re.fullmatch(r"lambda invoke --function-name (\S+) --region (\S+) --payload (\{.*\})", command)
    assert found, command
    return Invocation(found[1], found[2], json.loads(found[3]))
