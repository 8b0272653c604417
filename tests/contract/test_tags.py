"""With ReadTags on, a tag on the live resource can exempt it: with all fields, until its end, and never by default."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from functions.ec2.revoke_open_ingress import remediation
from tests.contract.conftest import Broken, broken_by
from tests.functions.acm.test_report_expiring_certificate import AMAZON, DNS, described, waiting
from tests.harness.account import FAULTS, Account, ApiCall
from tests.harness.chance import BEGINNING
from tests.harness.discovery import Handler

UNTIL = (datetime.fromtimestamp(BEGINNING, UTC) + timedelta(days=60)).date().isoformat()
GOOD = f"remediation=revoke-open-ingress owner=jo@example.com until={UNTIL} reason=test of a vendor"


@pytest.fixture
def tagged(account: Account, monkeypatch: pytest.MonkeyPatch) -> Broken:
    monkeypatch.setenv("READ_TAGS", "on")
    return broken_by(Handler("ec2", "revoke_open_ingress"), account, monkeypatch)


def tag(broken: Broken, key: str, value: str) -> None:
    boto3.client("ec2").create_tags(Resources=[broken.resource], Tags=[{"Key": key, "Value": value}])


def test_a_tag_with_all_fields_exempts_the_resource(tagged: Broken) -> None:
    tag(tagged, "snapback:exempt", GOOD)
    assert tagged.deliver() == ["EXEMPT"]
    assert tagged.state() == tagged.before


@pytest.mark.parametrize("value", [GOOD.replace(UNTIL, "2020-01-31"), GOOD.replace("revoke-open", "another")], ids=["ended", "for another remediation"])
def test_a_tag_that_has_ended_or_is_for_another_remediation_exempts_nothing(tagged: Broken, value: str) -> None:
    tag(tagged, "snapback:exempt", value)
    assert tagged.deliver() == ["FIXED"]


@pytest.mark.parametrize(
    "value", ["", "yes", GOOD.replace("owner", "own"), GOOD.replace(UNTIL, "soon"), GOOD.replace(UNTIL, "2099-01-31"), GOOD.replace(UNTIL, "9999-12-31")]
)
def test_a_tag_that_cannot_be_read_or_has_too_late_an_end_exempts_nothing_and_is_told_with_what_is_wrong(tagged: Broken, value: str) -> None:
    tag(tagged, "snapback:exempt", value)
    assert tagged.deliver() == ["FIXED"]
    [alert] = tagged.account.alerts()
    assert "It is not exempt: " in alert["reason"]
    assert "the tag snapback:exempt" in alert["text"]


def test_where_aws_refuses_to_show_the_tags_nothing_is_changed_and_people_hear_its_own_sentence(tagged: Broken) -> None:
    def deny(call: ApiCall, _: int, really: Callable[[], object]) -> object:
        return FAULTS["denied"](call, really) if call.operation == "GetResources" else really()

    with tagged.account.interfered(deny):
        assert tagged.deliver() == ["HELD"]
    assert tagged.state() == tagged.before
    [alert] = tagged.account.alerts()
    assert "AccessDeniedException: made by a test" in alert["reason"]
    assert tagged.account.dead_letters == []


def test_a_tag_silences_no_report(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READ_TAGS", "on")
    expiring = Handler("acm", "report_expiring_certificate")
    tag = {"Key": "snapback:exempt", "Value": GOOD.replace("revoke-open-ingress", "report-expiring-certificate")}

    def tagged_so(call: ApiCall, _: int, really: Callable[[], object]) -> object:
        if call.operation == "GetResources":
            return {"ResourceTagMappingList": [{"ResourceARN": "arn", "Tags": [tag]}]}
        return certificate(call, _, really) if call.service == "acm" else really()

    certificate = described({**AMAZON, **waiting(DNS)})
    with account.interfered(tagged_so):
        assert account.deliver(expiring.remediation, expiring.sample("")) == ["REPORTED"]


def test_an_exemption_by_tag_is_told_once_when_it_is_first_seen(tagged: Broken) -> None:
    tag(tagged, "snapback:exempt", GOOD)
    for number in range(3):
        assert tagged.deliver(tagged.event(event_id=str(number))) == ["EXEMPT"]
        tagged.account.clock.pause(3 * 24 * 3600)
    [alert] = tagged.account.alerts()
    assert alert["outcome"] == "EXEMPTED"
    assert "jo@example.com" in alert["reason"]


def test_without_read_tags_the_tag_is_only_a_tag(tagged: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READ_TAGS", "off")
    tag(tagged, "snapback:exempt", GOOD)
    assert tagged.deliver() == ["FIXED"]


def test_the_alert_names_the_stack_that_the_resource_belongs_to(tagged: Broken) -> None:
    tag(tagged, "aws:cloudformation:stack-name", "network")
    assert remediation.name == "revoke-open-ingress"
    tagged.deliver()
    assert tagged.account.alerts()[0]["stack"] == "network"
