"""With ReadTags on, a tag on the live resource can exempt it: with all fields, until its end, and never by default."""

import boto3
import pytest

from functions.ec2.revoke_open_ingress import remediation
from tests.contract.conftest import Broken, broken_by
from tests.harness.account import Account
from tests.harness.discovery import Handler

GOOD = "remediation=revoke-open-ingress owner=jo@example.com until=2099-01-31 reason=test of a vendor"


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


@pytest.mark.parametrize("value", [GOOD.replace("2099", "2020"), GOOD.replace("revoke-open", "another")], ids=["ended", "for another remediation"])
def test_a_tag_that_has_ended_or_is_for_another_remediation_exempts_nothing(tagged: Broken, value: str) -> None:
    tag(tagged, "snapback:exempt", value)
    assert tagged.deliver() == ["FIXED"]


@pytest.mark.parametrize("value", ["", "yes", GOOD.replace("owner", "own"), GOOD.replace("2099-01-31", "soon")])
def test_a_tag_that_cannot_be_read_stops_the_fix_and_is_told(tagged: Broken, value: str) -> None:
    tag(tagged, "snapback:exempt", value)
    assert tagged.deliver() == ["HELD"]
    assert tagged.account.told() == ["HELD"]
    assert tagged.state() == tagged.before


def test_without_read_tags_the_tag_is_only_a_tag(tagged: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READ_TAGS", "off")
    tag(tagged, "snapback:exempt", GOOD)
    assert tagged.deliver() == ["FIXED"]


def test_the_alert_names_the_stack_that_the_resource_belongs_to(tagged: Broken) -> None:
    tag(tagged, "aws:cloudformation:stack-name", "network")
    assert remediation.name == "revoke-open-ingress"
    tagged.deliver()
    assert tagged.account.heard()[0]["stack"] == "network"
