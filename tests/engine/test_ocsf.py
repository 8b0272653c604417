"""ocsf: an alert as an event of OCSF has all that the schema requires, and nothing of a kind that it does not know."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from snapback.engine import ocsf
from snapback.engine.outcomes import TOLD, Outcome
from tests.contract.conftest import Broken, broken_by
from tests.engine.test_alerts import forms
from tests.harness.account import Account
from tests.harness.discovery import Handler

STRING, INTEGER, BOOLEAN, STRINGS = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}, {"type": "array", "items": {"type": "string"}}


def kind(required: tuple[str, ...], **attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object of OCSF with those attributes of it that Snapback fills, of the types that the schema gives them."""
    return {"type": "object", "required": list(required), "properties": attributes, "additionalProperties": False}


REMEDIATION = kind(("desc",), desc=STRING, references=STRINGS)
CLOUD = kind(
    ("provider",),
    provider=STRING,
    region=STRING,
    cloud_partition=STRING,
    account=kind((), uid=STRING, name=STRING, type=STRING, type_id={"const": 10}),
)
METADATA = kind(
    ("product", "version"),
    version={"const": "1.8.0"},
    product={**kind((), name=STRING, vendor_name=STRING, feature=kind((), name=STRING)), "anyOf": [{"required": ["name"]}, {"required": ["uid"]}]},
    profiles={"const": ["cloud"]},
    **dict.fromkeys(("uid", "correlation_uid", "log_name", "original_time", "original_event_uid", "tenant_uid"), STRING),
)
BASE: Mapping[str, Any] = {
    "activity_id": INTEGER,
    "activity_name": STRING,
    "category_name": STRING,
    "class_name": STRING,
    "cloud": CLOUD,
    "message": STRING,
    "metadata": METADATA,
    "severity": {"enum": ["Informational", "Low", "Medium", "High", "Critical"]},
    "severity_id": {"enum": [1, 2, 3, 4, 5]},
    **dict.fromkeys(("status", "status_code", "status_detail"), STRING),
    "status_id": INTEGER,
    "time": INTEGER,
    "type_uid": INTEGER,
    "observables": {"type": "array", "items": kind(("type_id",), name=STRING, type={"const": "Resource UID"}, type_id={"const": 10}, value=STRING)},
    "unmapped": {"type": "object"},
}
REQUIRED = ("activity_id", "category_uid", "class_uid", "cloud", "metadata", "severity_id", "time", "type_uid")
CLASSES = {
    2004: kind(
        (*REQUIRED, "finding_info"),
        **{
            **BASE,
            "class_uid": {"const": 2004},
            "category_uid": {"const": 2},
            "activity_id": {"enum": [0, 1, 2, 3, 99]},
            "status_id": {"enum": [0, 1, 2, 3, 4, 5, 6, 99]},
            "is_alert": BOOLEAN,
            "finding_info": kind(
                ("uid",),
                **dict.fromkeys(("uid", "title", "desc", "src_url"), STRING),
                analytic=kind(("type_id",), name=STRING, type=STRING, type_id={"enum": [*range(12), 99]}),
                created_time=INTEGER,
                types=STRINGS,
                data_sources=STRINGS,
            ),
            "resources": {
                "type": "array",
                "items": kind(
                    (),
                    **dict.fromkeys(("name", "type", "uid", "region", "cloud_partition", "role"), STRING),
                    role_id={"enum": [0, 1, 2, 3, 4, 99]},
                    owner=kind((), name=STRING),
                ),
            },
            "remediation": REMEDIATION,
        },
    ),
    7001: kind(
        (*REQUIRED, "command_uid"),
        **{
            **BASE,
            "class_uid": {"const": 7001},
            "category_uid": {"const": 7},
            "activity_id": {"enum": [0, 1, 2, 3, 4, 5, 6, 99]},
            "status_id": {"enum": [0, 1, 2, 3, 4, 5, 6, 99]},
            "command_uid": STRING,
            "remediation": REMEDIATION,
        },
    ),
}
"""Class -> what OCSF 1.8.0 requires and allows of what is filled here: its attributes, their types and enumerations, by the schema's own text.

https://schema.ocsf.io/1.8.0/classes/detection_finding and .../remediation_activity
"""


def checked(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the event if the schema's table takes it."""
    Draft202012Validator(CLASSES[event["class_uid"]]).validate(event)
    assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
    assert event["category_uid"] == event["class_uid"] // 1000
    return event


def told(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Any]:
    monkeypatch.setenv("ALERTS", "ocsf prod owner ")
    broken.deliver()
    event: Mapping[str, Any] = json.loads(forms()["default"])
    return checked(event)


@pytest.fixture
def instance(account: Account, monkeypatch: pytest.MonkeyPatch) -> Broken:
    return broken_by(Handler("ec2", "isolate_instance"), account, monkeypatch)


def test_what_contained_a_threat_is_a_remediation_activity_that_isolates(instance: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    event = told(instance, monkeypatch)
    assert (event["class_uid"], event["activity_name"], event["status"], event["severity"]) == (7001, "Isolate", "Success", "High")
    assert event["cloud"]["account"]["name"] == "prod"
    assert event["unmapped"]["finding"]["id"] == instance.event()["detail"]["id"]


def test_what_was_only_previewed_is_a_detection_finding_that_somebody_has_to_look_at(instance: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MODE", "DISRUPTIVE_MODE"):
        monkeypatch.setenv(name, "preview")
    event = told(instance, monkeypatch)
    assert (event["class_uid"], event["status"], event["is_alert"]) == (2004, "New", True)
    assert event["finding_info"]["uid"] == instance.event()["detail"]["arn"]


def test_a_finding_that_is_put_right_is_closed_under_the_uid_under_which_it_was_told(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    group = broken_by(Handler("ec2", "revoke_open_ingress"), account, monkeypatch)
    monkeypatch.setenv("ALERTS", "ocsf prod owner ")
    events = []
    for mode in ("preview", "enforce"):
        for name in ("MODE", "DISRUPTIVE_MODE"):
            monkeypatch.setenv(name, mode)
        assert group.deliver(group.event(event_id=mode)) == ["WOULD_FIX" if mode == "preview" else "FIXED"]
        events.append(checked(json.loads(forms()["default"])))
    account.invoke(group.remediation, {"undo": events[-1]["unmapped"]["id"], "reason": "a test", "by": "Jo"})
    events.append(checked(json.loads(forms()["default"])))
    assert [(event["activity_name"], event["status"]) for event in events] == [("Create", "New"), ("Close", "Resolved"), ("Update", "Suppressed")]
    assert len({event["finding_info"]["uid"] for event in events}) == 1


@pytest.mark.parametrize("outcome", [*sorted(TOLD), Outcome.DIGEST])
def test_every_outcome_has_its_class_and_is_as_the_schema_has_it(outcome: Outcome, instance: Broken) -> None:
    instance.deliver()
    facts = instance.account.alerts()[0]
    event = checked(ocsf.event_of({**{part: value for part, value in facts.items() if part not in ("subject", "text")}, "outcome": outcome.value}))
    assert event["status_code"] == outcome
