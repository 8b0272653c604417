"""encrypt_parameter: secrets are told from what is none, encrypted with all that belongs to them, and never repeated anywhere."""

import json
from typing import Any

import boto3
import pytest

from functions.ssm.encrypt_parameter import remediation
from snapback.ssm.parameters import looks_secret
from tests.harness.account import Account, ApiCall, error, operations
from tests.harness.discovery import Handler
from tests.harness.scenario import Scenario

NAME, OTHER = "/shop/prod/db-password", "/shop/prod/db-host"
SECRET = "correct horse battery staple"
POLICIES = [{"Type": "NoChangeNotification", "Version": "1.0", "Attributes": {"After": "20", "Unit": "Days"}}]


def parameter(value: str = SECRET, name: str = NAME, **more: Any) -> str:  # noqa: ANN401 - as PutParameter takes them
    ssm = boto3.client("ssm")
    ssm.put_parameter(**{"Name": name, "Value": value, "Type": "String", "Description": "of the shop", "AllowedPattern": "^[ -~]+$", **more})
    ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId=name, Tags=[{"Key": "team", "Value": "blue"}])
    return name


def broken() -> str:
    parameter("db.internal", OTHER)
    return parameter()


def kept(name: str) -> dict[str, Any]:
    """Return all of a parameter but its type, and what every write changes."""
    ssm = boto3.client("ssm")
    found = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    [described] = ssm.describe_parameters(ParameterFilters=[{"Key": "Name", "Option": "Equals", "Values": [name]}])["Parameters"]
    return {
        "value": found["Value"],
        "tags": ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"],
        **{part: described.get(part) for part in ("Description", "AllowedPattern", "Tier", "DataType", "Policies")},
    }


def kind(name: str) -> str:
    return boto3.client("ssm").get_parameter(Name=name)["Parameter"]["Type"]


def state(name: str) -> dict[str, Any]:
    return {"type": kind(name), "parameter": kept(name), "other": (kind(OTHER), kept(OTHER))}


scenario = Scenario(sample="/snapback/sample/password", broken=broken, state=state, touched=frozenset({"type"}), environment={})


def event(name: str = NAME) -> dict[str, Any]:
    return scenario.event(Handler("ssm", "encrypt_parameter").samples["encrypt_parameter"], name)


def fixed(account: Account) -> str:
    [outcome] = account.invoke(remediation, event())["outcomes"]
    assert outcome["outcome"] == "FIXED"
    return str(outcome["id"])


def test_the_value_is_in_no_evidence_journal_log_or_alert(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    parameter()
    told = account.invoke(remediation, {"preview": NAME})
    account.invoke(remediation, {"undo": fixed(account)})
    account.deliver(remediation, event())
    everywhere = json.dumps([told, account.alerts(), account.journal()], default=str) + capsys.readouterr().out
    assert "(hidden)" in everywhere
    assert SECRET not in everywhere
    assert account.alerts()[0]["before"] == [{"Type": "String", "Version": 1}]


def test_the_value_is_in_no_dead_letter_or_reason_even_where_aws_repeats_it(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    parameter()

    def repeat(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "PutParameter":
            refusal = error("ValidationException", 400, call.operation)
            refusal.response["Error"]["Message"] = f"Value '{SECRET}' at 'value' failed to satisfy constraint"
            raise refusal
        return really()

    with account.interfered(repeat):
        assert account.deliver(remediation, event()) == ["FAILED"]
    assert SECRET not in json.dumps([account.alerts(), account.journal(), account.dead_letters], default=str) + capsys.readouterr().out


def test_policies_and_tier_stay(account: Account) -> None:
    parameter(Tier="Advanced", Policies=json.dumps(POLICIES))

    def as_text(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401 - moto gives an object where AWS gives text
        answer = really()
        if call.operation == "DescribeParameters":
            answer["Parameters"][0]["Policies"] = [{"PolicyText": json.dumps(policy), "PolicyType": policy["Type"]} for policy in POLICIES]
        return answer

    with account.interfered(as_text):
        assert account.deliver(remediation, event()) == ["FIXED"]
        [call] = account.writes
    assert (call.parameters["Tier"], json.loads(call.parameters["Policies"])) == ("Advanced", POLICIES)


def test_an_undo_is_refused_if_somebody_has_written_it_since(account: Account) -> None:
    parameter()
    fix = fixed(account)
    boto3.client("ssm").put_parameter(Name=NAME, Value="a newer one", Type="SecureString", Overwrite=True)
    assert account.invoke(remediation, {"undo": fix})["outcome"] == "UNDO_REFUSED"
    assert (kind(NAME), kept(NAME)["value"]) == ("SecureString", "a newer one")


def test_what_somebody_writes_between_the_look_and_the_write_is_kept(account: Account) -> None:
    parameter()

    def overtaken(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "PutParameter" and call.parameters["Value"] == SECRET:
            boto3.client("ssm").put_parameter(Name=NAME, Value="a newer one", Type="String", Overwrite=True)
        return really()

    with account.interfered(overtaken):
        assert account.deliver(remediation, event()) == ["FIXED"]
    assert (kind(NAME), kept(NAME)["value"]) == ("SecureString", "a newer one")


def test_where_aws_does_not_change_the_type_it_is_reported_and_nothing_is_deleted(account: Account) -> None:
    parameter()

    def refuse(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401 - any answer
        if call.operation == "PutParameter":
            raise error("HierarchyTypeMismatchException", 400, call.operation)
        return really()

    with account.interfered(refuse):
        assert account.deliver(remediation, event()) == ["REPORTED"]
        assert set(operations(account.writes)) == {"ssm:PutParameter"}
    assert "make a new one" in account.alerts()[0]["reason"]
    assert kind(NAME) == "String"


def test_it_is_only_shown_by_default(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISRUPTIVE_MODE", "preview")
    parameter()
    assert account.deliver(remediation, event()) == ["WOULD_FIX"]


@pytest.mark.parametrize(
    ("name", "more"),
    [
        pytest.param(NAME, {"Type": "SecureString"}, id="encrypted already"),
        pytest.param(NAME, {"Type": "StringList"}, id="a list"),
        pytest.param(NAME, {"DataType": "aws:ec2:image"}, id="an image id"),
        pytest.param("/cdk-bootstrap/hnb659fds/secret", {}, id="of the CDK"),
    ],
)
def test_what_is_no_plain_text_of_the_customers_is_left_alone(account: Account, name: str, more: Any) -> None:  # noqa: ANN401
    parameter(name=name, **more)
    assert account.deliver(remediation, event(name)) == ["ALREADY_OK"]


def test_what_cloudformation_has_made_is_left_alone(account: Account) -> None:
    parameter()
    boto3.client("ssm").add_tags_to_resource(ResourceType="Parameter", ResourceId=NAME, Tags=[{"Key": "aws:cloudformation:stack-name", "Value": "shop"}])
    assert account.deliver(remediation, event()) == ["ALREADY_OK"]


def test_a_parameter_that_is_gone_is_an_outcome(account: Account) -> None:
    assert account.deliver(remediation, event()) == ["GONE"]


RANDOM = "vT3kQ9zXbL2mWr7YpN5sHd8FcJ4gAeUo/6Ki1B0q"  # made up, in the form of a secret access key


@pytest.mark.parametrize(
    "name",
    ["/shop/db-password", "DB_PASSWORD", "dbPassword", "github/token", "apiKey", "stripe-api-key", "SLACK_CLIENT_SECRET", "private.key", "user-password"],
)
def test_a_name_can_tell_a_secret(name: str) -> None:
    assert looks_secret(name, "hunter2")


@pytest.mark.parametrize(
    "value",
    [
        "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE",
        "postgres://shop:hunter2@db.internal/shop",
        "Server=db.internal;User=shop;Password=hunter2;",
        "gh" + "p_" + "a1B2c3" * 6,
        "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "c2lnbmF0dXJlb2Zh",
        RANDOM,
    ],
)
def test_the_form_of_a_value_can_tell_a_secret(value: str) -> None:
    assert looks_secret("/shop/setting", value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("/shop/db-host", "db.internal"),
        ("/shop/token-url", "https://login.example.com/token"),
        ("/shop/password-length", "16"),
        ("/shop/access-key-id", "AKIAIOSFODNN7EXAMPLE"),
        ("/shop/secret", "arn:aws:secretsmanager:us-east-1:111122223333:secret:shop-a1b2c3"),
        ("/shop/token", "{{resolve:secretsmanager:shop}}"),
        ("/shop/secret", "/shop/prod/database"),
        ("/shop/password", "changeme"),
        ("/secrets/shop/colour", "blue"),
        ("/shop/keyboard", "qwerty"),
        ("/shop/monkey", "bananas"),
        ("/shop/commit", "9fceb02d0ae598e95dc970b74767f19372d61af8"),
        ("/shop/job", "3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
        ("/shop/user-pool", "us-east-1_AbCdEf123"),
        ("/shop/table", "shop-prod-OrdersTable-1AB2CD3EF4GH5"),
        ("/shop/function", "shop-NotificationServiceHandler2-1AB2CD3EF4GH5"),
        ("/shop/image-digest", RANDOM),
        ("/shop/config", '{"colour": "blue", "size": 3, "Features": ["A1", "B2", "C3"]}'),
        ("/shop/url", "https://shop.example.com/path?query=AbCdEf123456"),
        ("/shop/certificate", "-----BEGIN CERTIFICATE-----\nMIIE"),
        ("/shop/text", "The quick brown fox jumps over the lazy dog 42 times"),
    ],
)
def test_what_only_looks_like_a_secret_is_none(name: str, value: str) -> None:
    assert not looks_secret(name, value)
