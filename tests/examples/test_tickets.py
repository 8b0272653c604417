import json
import logging
import re
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws
from samcli.yamlhelper import yaml_parse

from examples.tickets.src import tickets
from examples.tickets.src.tickets import BusyError, Memory, TicketError, UnreadableError, Web, handler, read
from tests.examples.alerts import alert, brought
from tests.examples.trackers import FakeTracker, serving

TEMPLATE = yaml_parse((Path(tickets.__file__).parents[1] / "template.yaml").read_text())
TOKEN = "s3cr3t-t0k3n"

Deliver = Callable[..., list[str]]


@pytest.fixture(params=["jira", "servicenow"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def tracker() -> FakeTracker:
    return FakeTracker()


@pytest.fixture
def deliver(kind: str, tracker: FakeTracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deliver]:
    """Give alerts to the function as Lambda does: each with a request id of its own, or with that of the attempt before."""
    with mock_aws(config={"core": {"reset_boto3_session": False, "mock_credentials": False}}), serving(tracker, tmp_path) as url:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        properties = TEMPLATE["Resources"]["Memory"]["Properties"]
        given = {name: properties[name] for name in ("BillingMode", "AttributeDefinitions", "KeySchema")}
        boto3.client("dynamodb").create_table(TableName="memory", **given)
        boto3.client("secretsmanager").create_secret(Name="tracker", SecretString=json.dumps({"user": "bot@example.com", "token": TOKEN}))
        environment = {"TRACKER": kind, "URL": url, "TOKEN_SECRET": "tracker", "PROJECT": "SEC", "ISSUE_TYPE": "Task", "CLOSE_CODE": "Solution provided"}
        for name, value in {**environment, "MEMORY": "memory"}.items():
            monkeypatch.setenv(name, value)

        def send(*alerts: dict[str, Any] | str, request: str = "") -> list[str]:
            return handler(brought(*alerts), SimpleNamespace(aws_request_id=request or str(uuid.uuid4())))

        yield send


def test_a_ticket_is_made_when_a_person_is_needed_updated_while_that_is_so_and_closed_when_it_is_settled(deliver: Deliver, tracker: FakeTracker) -> None:
    assert deliver(alert("FAILED"))[0].startswith("made ")
    [ticket] = tracker.tickets
    assert "sg-0123456789abcdef0" in json.dumps(ticket.fields)
    assert deliver(alert("HELD", at="2026-11-24T04:00:00Z", title="NOT fixed: held"))[0].startswith("updated ")
    assert ticket.is_open
    assert "NOT fixed: held" in ticket.fields.values()
    assert len(ticket.notes) == 1
    assert deliver(alert("FIXED", at="2026-11-24T05:00:00Z"))[0].startswith("closed ")
    assert not ticket.is_open
    assert len(ticket.notes) == 2
    assert len(tracker.tickets) == 1


def test_the_same_alert_twice_makes_one_ticket_and_one_note(deliver: Deliver, tracker: FakeTracker) -> None:
    deliver(alert())
    assert deliver(alert()) == ["known"]
    assert len(tracker.tickets) == 1
    assert tracker.tickets[0].notes == []


def test_an_alert_that_comes_late_reopens_nothing(deliver: Deliver, tracker: FakeTracker) -> None:
    deliver(alert("FAILED"))
    deliver(alert("FIXED", at="2026-11-24T05:00:00Z"))
    assert deliver(alert("HELD", at="2026-11-24T04:00:00Z")) == ["late"]
    assert [one.is_open for one in tracker.tickets] == [False]


def test_what_needs_nobody_makes_no_ticket(deliver: Deliver, tracker: FakeTracker) -> None:
    for outcome in ("FIXED", "UNDONE", "EXEMPTED", "CHOSEN"):
        deliver(alert(outcome, dedup_key=outcome))
    assert tracker.tickets == []


def test_a_threat_that_was_contained_keeps_its_ticket_until_somebody_closes_it(deliver: Deliver, tracker: FakeTracker) -> None:
    deliver(alert("FIXED", needs_person=True, threat=True))
    deliver(alert("FIXED", needs_person=True, threat=True, at="2026-11-24T05:00:00Z"))
    [ticket] = tracker.tickets
    assert ticket.is_open


def test_an_exemption_settles_a_matter_when_it_begins_and_its_end_does_not(deliver: Deliver, tracker: FakeTracker) -> None:
    deliver(alert("REPORTED", threat=True))
    deliver(alert("EXEMPTED", at="2026-11-24T04:00:00Z", commands={}))
    [ticket] = tracker.tickets
    assert ticket.is_open, "that the exemption of a threat has ended says nothing of the threat"
    deliver(alert("EXEMPTED", at="2026-11-24T05:00:00Z", commands={"unexempt": "aws lambda invoke ..."}))
    assert not ticket.is_open


def test_the_same_matter_a_second_time_gets_a_ticket_of_its_own(deliver: Deliver, tracker: FakeTracker) -> None:
    deliver(alert("FAILED"))
    deliver(alert("FIXED", at="2026-11-24T05:00:00Z"))
    deliver(alert("FAILED", at="2026-11-25T05:00:00Z"))
    assert [one.is_open for one in tracker.tickets] == [False, True]


def test_a_ticket_that_a_person_has_closed_is_left_closed(deliver: Deliver, tracker: FakeTracker) -> None:
    deliver(alert("FAILED"))
    tracker.tickets[0].is_open = False
    deliver(alert("FIXED", at="2026-11-24T05:00:00Z"))
    assert tracker.tickets[0].notes == []
    deliver(alert("FAILED", at="2026-11-25T05:00:00Z"))
    assert [one.is_open for one in tracker.tickets] == [False, True]


def test_what_an_event_says_is_text_to_the_tracker_and_nothing_else(deliver: Deliver, tracker: FakeTracker, kind: str) -> None:
    evil = '[code]<a href="https://evil.example">see</a>[/CODE] [~admin] @all'
    deliver(alert(reason=evil))
    deliver(alert("HELD", at="2026-11-24T04:00:00Z", reason=evil))
    deliver(alert("FIXED", at="2026-11-24T05:00:00Z", reason=evil))
    [ticket] = tracker.tickets
    if kind == "jira":
        kinds = {found for document in (json.dumps(ticket.fields["description"]), *ticket.notes) for found in re.findall(r'"type": "(\w+)"', document)}
        assert kinds == {"doc", "codeBlock", "text"}
    else:
        assert [said for said in (ticket.fields["description"], *ticket.notes) if re.search(r"(?i)\[/?code\]", said)] == []
    assert all("evil.example" in said for said in (json.dumps(ticket.fields), *ticket.notes))


def test_matters_do_not_get_each_others_tickets(deliver: Deliver, tracker: FakeTracker) -> None:
    deliver(alert("FAILED", dedup_key="one"))
    deliver(alert("FAILED", dedup_key="other"))
    deliver(alert("FIXED", dedup_key="one", at="2026-11-24T05:00:00Z"))
    assert [one.is_open for one in tracker.tickets] == [False, True]


@pytest.mark.parametrize("status", [301, 401, 429, 503])
def test_what_the_tracker_refuses_is_raised_so_that_lambda_tries_again_and_the_next_attempt_makes_one_ticket(
    status: int, deliver: Deliver, tracker: FakeTracker
) -> None:
    tracker.answers, tracker.moved_to = [status], "https://127.0.0.1:9/elsewhere"
    with pytest.raises(TicketError, match=f"the tracker answered {status}"):
        deliver(alert())
    assert tracker.tickets == []
    deliver(alert())
    assert len(tracker.tickets) == 1


def test_an_attempt_that_was_cut_off_after_it_had_made_the_ticket_is_followed_by_one_that_finds_it(deliver: Deliver, tracker: FakeTracker) -> None:
    tracker.cut_off_after_making = True
    with pytest.raises(TicketError):
        deliver(alert(), request="r-1")
    assert len(tracker.tickets) == 1
    assert deliver(alert(), request="r-1")[0].startswith("updated ")
    assert len(tracker.tickets) == 1


def test_two_alerts_about_one_matter_at_once_make_one_ticket(deliver: Deliver, tracker: FakeTracker, monkeypatch: pytest.MonkeyPatch) -> None:
    read_ = read(json.dumps(alert()))
    Memory("memory").begin(read_.key, "the other one", time.time())
    with pytest.raises(BusyError):
        deliver(alert())
    assert tracker.tickets == []
    later = time.time() + tickets.LEASE + 1
    monkeypatch.setattr("examples.tickets.src.tickets.time.time", lambda: later)
    deliver(alert())
    assert len(tracker.tickets) == 1, "the other one was cut off, and its lease has run out"


def test_lambdas_own_second_try_need_not_wait_for_the_lease(deliver: Deliver, tracker: FakeTracker) -> None:
    Memory("memory").begin(read(json.dumps(alert())).key, "r-1", time.time())
    deliver(alert(), request="r-1")
    assert len(tracker.tickets) == 1


def test_the_token_goes_to_the_tracker_and_into_no_log_and_no_error(deliver: Deliver, tracker: FakeTracker, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    deliver(alert())
    tracker.answers = [401]
    with pytest.raises(TicketError) as refused:
        deliver(alert("HELD", at="2026-11-24T04:00:00Z"))
    assert len(tracker.authorizations) == 1
    [sent] = tracker.authorizations
    assert sent.startswith("Basic ")
    own = [record.getMessage() for record in caplog.records if record.name == tickets.logger.name]
    for said in (*own, str(refused.value), repr(refused.value.__cause__)):
        assert TOKEN not in said
        assert sent.removeprefix("Basic ") not in said


@pytest.mark.parametrize("url", ["http://example.atlassian.net", "http://127.0.0.1:8080", "ftp://example.com", "example.com", "https://", ""])
def test_the_token_is_sent_over_tls_only(url: str) -> None:
    with pytest.raises(TicketError, match="https://"):
        Web(url, {"token": TOKEN})


def test_a_server_with_a_certificate_that_nobody_vouches_for_gets_nothing(deliver: Deliver, tracker: FakeTracker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(TicketError, match="SSLCertVerificationError"):
        deliver(alert())
    assert tracker.asked == []


@pytest.mark.parametrize("secret", ["", "a token", "[]", "{}", '{"token": null, "user": 1}', '{"token": "a\\nb"}', '"x"'])
def test_a_secret_of_another_form_is_said_and_not_shown(secret: str, deliver: Deliver) -> None:
    boto3.client("secretsmanager").put_secret_value(SecretId="tracker", SecretString=secret or " ")
    with pytest.raises(TicketError) as refused:
        deliver(alert())
    assert "a token" not in str(refused.value).replace("or only a token", "")


@pytest.mark.parametrize(
    "message", ["", "no JSON", "[]", "{}", '{"AlarmName": "x"}', '{"version": "2.0"}', '{"unmapped": 1}', json.dumps(alert() | {"version": "1.0"})]
)
def test_what_is_no_alert_is_raised_and_becomes_a_dead_letter(message: str) -> None:
    with pytest.raises(UnreadableError):
        read(message)


def test_an_alert_within_an_ocsf_event_is_read_as_by_itself() -> None:
    assert read(json.dumps({"class_uid": 7001, "unmapped": alert()})) == read(json.dumps(alert()))


def test_the_function_may_call_what_it_calls_and_outlives_no_lease() -> None:
    function = TEMPLATE["Resources"]["Tickets"]["Properties"]
    actions = [one["Action"] for one in function["Policies"][0]["Statement"]]
    assert actions == ["secretsmanager:GetSecretValue", "dynamodb:UpdateItem"]
    assert function["Timeout"] < tickets.LEASE
    assert TEMPLATE["Resources"]["Memory"]["Properties"]["TimeToLiveSpecification"]["AttributeName"] == "expires"
