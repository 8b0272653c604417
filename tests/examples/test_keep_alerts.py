import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from samcli.yamlhelper import yaml_parse

from examples.athena.src import keep_alerts
from examples.athena.src.keep_alerts import NoAlertError, handler, row_of
from tests.examples.alerts import SCHEMA, alert, brought
from tests.harness.quickly import really_sign

TEMPLATE = yaml_parse((Path(keep_alerts.__file__).parents[1] / "template.yaml").read_text())
TABLE = TEMPLATE["Resources"]["Table"]["Properties"]["TableInput"]

Deliver = Callable[..., list[str]]


@pytest.fixture
def deliver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deliver]:
    monkeypatch.setattr("botocore.signers.RequestSigner.sign", really_sign)  # by which moto knows in which form a body comes
    with mock_aws(config={"core": {"reset_boto3_session": False, "mock_credentials": False}}):
        boto3.client("s3").create_bucket(Bucket="kept")
        for name, value in {**TEMPLATE["Resources"]["KeepAlerts"]["Properties"]["Environment"]["Variables"], "BUCKET": "kept"}.items():
            monkeypatch.setenv(name, value)
        yield lambda *alerts: handler(brought(*alerts), None)


def kept() -> dict[str, list[dict[str, Any]]]:
    """Return the files' names and lines."""
    s3 = boto3.client("s3")
    names = [one["Key"] for one in s3.list_objects_v2(Bucket="kept").get("Contents", [])]
    return {name: [json.loads(line) for line in s3.get_object(Bucket="kept", Key=name)["Body"].read().splitlines()] for name in names}


def test_an_alert_is_one_line_in_the_folder_of_its_day_with_a_value_for_every_column(deliver: Deliver) -> None:
    deliver(alert())
    [(name, [line])] = kept().items()
    assert name.startswith("alerts/day=2026-11-24/")
    assert {column["Name"] for column in TABLE["StorageDescriptor"]["Columns"]} == line.keys()
    assert line["resource"] == "sg-0123456789abcdef0"
    assert line["needs_person"] is True
    assert json.loads(line["alert"]) == alert()


def test_the_same_alert_twice_is_kept_once_and_each_other_one_by_itself(deliver: Deliver) -> None:
    deliver(alert(), alert())
    deliver(alert())
    assert len(kept()) == 1
    deliver(alert("FIXED", at="2026-11-25T03:10:00Z"), alert(dedup_key="another"))
    assert len(kept()) == 3
    assert {name.split("/")[1] for name in kept()} == {"day=2026-11-24", "day=2026-11-25"}


def test_an_alert_within_an_ocsf_event_has_the_same_columns_and_is_kept_as_it_came(deliver: Deliver) -> None:
    event = {"class_uid": 7001, "unmapped": alert()}
    deliver(event)
    [[line]] = kept().values()
    assert json.loads(line["alert"]) == event
    assert {**line, "alert": ""} == {**row_of(json.dumps(alert())), "alert": ""}


def test_an_alert_is_one_line_whatever_is_in_it(deliver: Deliver) -> None:
    deliver(alert(reason='a\nb\r\n"c" \u2028 {}'))
    [[line]] = kept().values()
    assert line["reason"] == 'a\nb\r\n"c" \u2028 {}'


@pytest.mark.parametrize("message", ["", "no JSON", "[]", "{}", '{"AlarmName": "x"}', '{"unmapped": 1}'])
def test_what_is_no_alert_is_raised_and_becomes_a_dead_letter(message: str, deliver: Deliver) -> None:
    with pytest.raises(NoAlertError):
        deliver(message)
    assert kept() == {}


@pytest.mark.parametrize("told_at", ["", None, "../../x", "yesterday"])
def test_a_day_that_is_none_makes_no_folder(told_at: str | None, deliver: Deliver) -> None:
    with pytest.raises(NoAlertError):
        deliver(json.dumps(alert() | {"told_at": told_at}))
    assert kept() == {}


def test_what_s3_refuses_is_raised_so_that_lambda_tries_again(deliver: Deliver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUCKET", "gone")
    with pytest.raises(ClientError):
        deliver(alert())


def test_the_columns_are_members_of_alerts_of_the_tables_types() -> None:
    kinds = {"string": {"string", "null"}, "boolean": {"boolean"}}
    for column in TABLE["StorageDescriptor"]["Columns"]:
        if column["Name"] in keep_alerts.COLUMNS:
            said = SCHEMA["properties"][column["Name"]]
            allowed = said.get("type", "string" if all(isinstance(one, str) for one in said.get("enum", [])) else "")
            assert set([allowed] if isinstance(allowed, str) else allowed) <= kinds[column["Type"]], column["Name"]


def test_the_tables_days_are_the_folders_that_the_function_writes() -> None:
    template = TABLE["Parameters"]["storage.location.template"]["Fn::Sub"]
    assert template == "s3://${Alerts}/alerts/day=${!day}"
    assert TABLE["Parameters"]["projection.day.format"] == "yyyy-MM-dd"
    assert TEMPLATE["Resources"]["KeepAlerts"]["Properties"]["Environment"]["Variables"]["PREFIX"] == "alerts"
