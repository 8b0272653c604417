"""Buttons in chat: what the notification carries, what the custom actions make of it, and what Snapback makes of the command."""

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from jsonschema import Draft7Validator
from moto.sns.models import sns_backends

from snapback.engine import decisions, wording
from snapback.engine.errors import CommandError
from tests.contract.conftest import Broken
from tests.harness import template
from tests.harness.chat import BUTTONS, PLACES, RESOURCES, shown
from tests.harness.discovery import HANDLERS
from tests.harness.scenario import ACCOUNT, REGION

KINDS = ("AWS::Chatbot::SlackChannelConfiguration", "AWS::Chatbot::MicrosoftTeamsChannelConfiguration", "AWS::Chatbot::CustomAction")
NOTIFICATION = Draft7Validator(
    {
        "type": "object",
        "required": ["version", "source", "content"],
        "properties": {
            "version": {"const": "1.0"},
            "source": {"const": "custom"},
            "id": {"type": "string"},
            "content": {
                "type": "object",
                "required": ["description"],
                "additionalProperties": False,
                "properties": {
                    "textType": {"const": "client-markdown"},
                    "title": {"type": "string"},
                    "description": {"type": "string"},
                    "nextSteps": {"type": "array", "items": {"type": "string"}},
                    "keywords": {"type": "array", "items": {"type": "string"}},
                },
            },
            "metadata": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "threadId": {"type": "string"},
                    "summary": {"type": "string"},
                    "eventType": {"type": "string"},
                    "relatedResources": {"type": "array", "items": {"type": "string"}},
                    "additionalContext": {"type": "object", "additionalProperties": {"type": "string"}},
                    "enableCustomActions": {"type": "boolean"},
                },
            },
        },
    }
)
"""What a custom notification looks like: https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html."""


def notified() -> dict[str, Any]:
    """Return the latest alert as a chat channel gets it, by HTTPS."""
    topic = sns_backends[ACCOUNT][REGION].topics[f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"]
    message: dict[str, Any] = json.loads(json.loads(topic.sent_notifications[-1][1])["https"])
    NOTIFICATION.validate({part: value for part, value in message.items() if part in ("version", "source", "content", "metadata")})
    return message


def press(broken: Broken, text: str) -> Mapping[str, Any]:
    """Run a button's command."""
    run = shown(notified())[text]
    assert (run.function, run.region) == (f"snapback-{broken.remediation.name}", REGION)
    return broken.account.invoke(broken.remediation, run.payload)


@pytest.mark.parametrize("given", [{}, {"SlackChannel": PLACES["SlackChannel"]}, {"TeamsChannel": PLACES["TeamsChannel"]}, PLACES], ids="+".join)
def test_nothing_of_chat_is_made_unless_a_channel_is_named_and_then_all_that_it_needs(given: dict[str, str]) -> None:
    made = template.resources(given)
    kinds = [one["Type"] for one in made.values() if one["Type"] in KINDS]
    assert kinds.count(KINDS[0]) == ("SlackChannel" in given)
    assert kinds.count(KINDS[1]) == ("TeamsChannel" in given)
    assert kinds.count(KINDS[2]) == (4 if given else 0)
    assert ({"ChatRole", "ChatPolicy"} <= set(made)) is bool(given)


def test_what_is_made_is_as_cloudformation_takes_it() -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_Chatbot.html."""
    checked = []
    for one in RESOURCES.values():
        if one["Type"] in KINDS:
            schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", one["Type"]).schema
            own = {name: {part: rule for part, rule in of.items() if part != "$ref"} for name, of in schema["properties"].items()}
            arns = [*one["Properties"].get("CustomizationResourceArns", []), *one["Properties"].get("GuardrailPolicies", [])]
            properties = {name: value for name, value in one["Properties"].items() if name not in ("CustomizationResourceArns", "GuardrailPolicies")}
            Draft7Validator({"properties": own, "required": schema["required"], "additionalProperties": False, "definitions": schema["definitions"]}).validate(
                properties
            )
            checked.append((one["Type"], len(arns)))
    assert sorted(checked) == sorted([(KINDS[0], 5), (KINDS[1], 5), *[(KINDS[2], 0)] * 4])


def test_each_action_keeps_to_the_limits_of_the_api_which_are_narrower_than_cloudformations() -> None:
    """https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CustomActionDefinition.html: 100 characters, where CloudFormation's page has 5,000."""
    model = boto3.client("chatbot").meta.service_model
    definition, attachment = (model.shape_for(f"CustomAction{part}").members for part in ("Definition", "Attachment"))
    for action in BUTTONS.values():
        [attached] = action["Attachments"]
        assert len(attached["ButtonText"]) <= 20, "https://docs.aws.amazon.com/chatbot/latest/adminguide/creating-custom-actions.html"
        assert len(action["Definition"]["CommandText"]) <= definition["CommandText"].metadata["max"]
        assert len(attached["Variables"]) <= attachment["Variables"].metadata["max"]
        assert len(attached["Criteria"]) <= attachment["Criteria"].metadata["max"]
        assert all(re.fullmatch(attachment["Variables"].key.metadata["pattern"], name) for name in attached["Variables"])
        assert len(action["ActionName"]) <= model.shape_for("CreateCustomActionRequest").members["ActionName"].metadata["max"]


def test_a_channel_hears_the_topic_and_may_invoke_the_functions_and_nothing_else() -> None:
    role, policy, commands = RESOURCES["ChatRole"], RESOURCES["ChatPolicy"], RESOURCES["ChatCommands"]["Properties"]
    [outer], [statement] = policy["Properties"]["PolicyDocument"]["Statement"], commands["PolicyDocument"]["Statement"]
    assert {(one["Effect"], one["Action"]) for one in (outer, statement)} == {("Allow", "lambda:InvokeFunction")}
    assert outer["Resource"] == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:snapback-*", "the guardrail"
    functions = {RESOURCES[handler.logical_id]["Name"] for handler in HANDLERS}
    assert sorted(statement["Resource"]) == sorted(f"arn:aws:lambda:*:*:function:{name}" for name in functions), "nothing that is only named like them"
    assert commands["Roles"] == [role["Name"]]
    assert {"Policies", "ManagedPolicyArns"} & role["Properties"].keys() == set()
    for name in ("SlackAlerts", "TeamsAlerts"):
        channel = RESOURCES[name]["Properties"]
        assert channel["GuardrailPolicies"] == [policy["Name"]], "AWS takes AdministratorAccess where none is named"
        assert channel["SnsTopicArns"] == [RESOURCES["Alerts"]["Name"]]
        assert channel["CustomizationResourceArns"] == [RESOURCES[f"{button}Button"]["Name"] for button in ("Apply", "Undo", "Exempt", "Release")]


def test_a_preview_is_applied_by_its_button(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    for mode in ("MODE", "DISRUPTIVE_MODE"):
        monkeypatch.setenv(mode, "preview")
    assert open_group.deliver() == ["WOULD_FIX"]
    assert list(shown(notified())) == ["Apply", "Exempt for a day"]
    assert press(open_group, "Apply")["outcomes"][0]["outcome"] == "FIXED"
    assert not open_group.is_wrong
    assert "by a person in the chat channel" in open_group.account.alerts()[-1]["trigger"]["from"]


def test_a_fix_is_taken_back_by_its_button(open_group: Broken) -> None:
    assert open_group.deliver() == ["FIXED"]
    assert list(shown(notified())) == ["Undo", "Exempt for a day"]
    assert press(open_group, "Undo")["outcome"] == "UNDONE"
    assert open_group.is_wrong
    assert "asked for in chat" in open_group.account.alerts()[-1]["reason"]


def test_a_resource_is_exempted_for_a_day_from_when_the_button_is_pressed(open_group: Broken) -> None:
    assert open_group.deliver() == ["FIXED"]
    open_group.account.clock.pause(3 * 24 * 3600)
    assert press(open_group, "Exempt for a day")["outcome"] == "EXEMPTED"
    [exemption] = decisions.exemptions_of("revoke-open-ingress")
    assert exemption.resource == open_group.resource
    assert exemption.ends == pytest.approx(open_group.account.clock.time + 24 * 3600, abs=1)


def test_what_is_held_is_released_by_its_button(open_group: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "1")
    open_group.deliver()
    open_group.break_again()
    open_group.account.clock.pause(60)
    assert open_group.deliver(open_group.event(event_id="another")) == ["HELD"]
    assert list(shown(notified())) == ["Exempt for a day", "Release"]
    assert press(open_group, "Release")["outcomes"][0]["outcome"] == "FIXED"


def test_an_alert_that_has_no_such_command_has_no_button(open_group: Broken) -> None:
    open_group.account.invoke(open_group.remediation, {"mode": "off", "by": "Jo"})
    notification = notified()
    assert notification["metadata"]["enableCustomActions"] is False
    assert shown(notification) == {}


@pytest.mark.parametrize("name", ["cpu --function-name others", 'cpu"', "cpu $function", "--cpu", "cpu\\", "cpu`", "cpu}", "a" * 1100])
def test_what_could_be_more_than_one_word_of_a_command_is_put_into_none(name: str) -> None:
    payload = shlex.quote(json.dumps({"exempt": {"resource": name}}))
    assert wording.buttons_of({"exempt": f"aws lambda invoke --function-name f --payload {payload} /dev/stdout"}) == {}


def test_every_button_says_of_every_remediation_just_what_its_alert_says(broken: Broken) -> None:
    broken.deliver()
    notification = notified()
    context, commands = notification["metadata"]["additionalContext"], broken.account.alerts()[-1]["commands"]
    if "undo" in commands:
        assert context["undo"] == broken.account.alerts()[-1]["id"]
    assert set(context) & {"apply", "undo", "exempt", "release"} <= set(commands)
    for text, run in shown(notification).items():
        assert run.payload["by"] == "chat", text


@pytest.mark.parametrize("period", ["", "1", "1y", "day", 1, None, "99999d", "0d"])
def test_an_exemption_for_no_time_is_refused(open_group: Broken, period: object) -> None:
    with pytest.raises(CommandError, match=r"'for' must be|'until' must lie ahead"):
        open_group.account.invoke(open_group.remediation, {"exempt": open_group.resource, "for": period, "owner": "Jo", "reason": "a test"})
    assert decisions.exemptions_of("revoke-open-ingress") == []
