"""links: right for each partition and region, and nothing that an event says leads out of the console; into the runbook where its owner shows it."""

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator

from snapback.engine import links
from snapback.engine.outcomes import TOLD, Outcome
from tests.contract.conftest import broken_by
from tests.engine.test_alerts import forms
from tests.harness.account import Account
from tests.harness.discovery import HANDLERS, ROOT, Handler
from tests.harness.template import source

HOSTS = {
    "us-east-1": "us-east-1.console.aws.amazon.com",
    "eu-central-1": "eu-central-1.console.aws.amazon.com",
    "cn-north-1": "cn-north-1.console.amazonaws.cn",
    "us-gov-west-1": "us-gov-west-1.console.amazonaws-us-gov.com",
}
NASTY = "x?a=b#/../\\..//evil.test/@evil.test:%0d%0a<script>'\"|`{region} \u202e"


@pytest.mark.parametrize("region", HOSTS)
def test_each_links_host_is_that_of_the_partition_and_region(region: str) -> None:
    made = [
        links.of_resource("AWS::EC2::SecurityGroup", "sg-1", region),
        links.of_finding("GuardDuty", "abc", region),
        links.of_finding("Security Hub", f"arn:aws:securityhub:{region}:1:finding/x", region),
        links.of_event("7f4c", region),
        links.of_log("/snapback/x", "2026/11/27/[7]0a", region, since=0),
    ]
    assert {urlsplit(link).netloc for link in made} == {HOSTS[region]}
    assert all(f"region={region}" in link for link in made)


@pytest.mark.parametrize("handler", HANDLERS, ids=str)
def test_nothing_in_a_name_leaves_its_place_in_a_link(handler: Handler) -> None:
    kind = handler.remediation.resource
    plain, nasty = (links.of_resource(kind, name, "us-east-1") for name in ("x", NASTY))
    assert re.fullmatch(r"(https://us-east-1\.console\.aws\.amazon\.com/[!-~]*)?", nasty)
    assert not set(nasty) & set("<>\"'`|\\ {}")
    for mark in "?#&":
        assert nasty.count(mark) == plain.count(mark)
    assert "//evil" not in nasty


@pytest.mark.parametrize("kind", sorted({handler.remediation.resource for handler in HANDLERS}))
def test_every_type_but_the_account_has_a_page(kind: str) -> None:
    assert bool(links.of_resource(kind, "x", "us-east-1")) is (kind != "AWS::::Account")


def test_what_access_analyzer_finds_has_the_page_of_the_thing_itself() -> None:
    assert links.of_resource("AWS::AccessAnalyzer::Finding", "arn:aws:s3:::data", "us-east-1") == links.of_resource("AWS::S3::Bucket", "data", "us-east-1")
    key = "arn:aws:kms:us-east-1:111122223333:key/1234"
    assert links.of_resource("AWS::AccessAnalyzer::Finding", key, "us-east-1") == links.of_resource("AWS::KMS::Key", "1234", "us-east-1")


def test_every_outcome_has_a_section_in_the_runbook() -> None:
    runbook = Path(ROOT / "docs" / "runbook.md").read_text()
    anchors = {re.sub(r"[^a-z0-9_ -]", "", line.lstrip("# ").lower()).replace(" ", "-") for line in runbook.splitlines() if line.startswith("#")}
    of_itself = ("report-alarm", "send-canary")
    found = [
        *(links.of_runbook(outcome.value) for outcome in {*TOLD, Outcome.DIGEST}),
        *(links.of_runbook(Outcome.REPORTED.value, remediation=one) for one in of_itself),
    ]
    assert {link.partition("#")[0] for link in found} == {"docs/runbook.md"}
    assert {link.partition("#")[2] for link in found} <= anchors
    assert len(set(found[-2:])) == len(of_itself), "each has a section of its own"


WIKI = "https://wiki.example/space/a%20page?view=1&by=ops"


@pytest.mark.parametrize("told_as", ["2.0  ", "2.0 prod team", "1.0 prod ", "ocsf  team"])
def test_where_the_operator_names_a_page_every_form_links_to_its_section(told_as: str, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERTS", f"{told_as} {WIKI}")
    broken_by(Handler("ec2", "revoke_open_ingress"), account, monkeypatch).deliver()
    told, link = forms(), f"{WIKI}#undo"
    assert f"\n  The runbook:\n  {link}\n" in told["email"]
    assert f"<{link}|runbook>" in json.loads(told["https"])["content"]["description"]
    program = json.loads(told["default"])
    if told_as.startswith("2.0"):
        assert program["links"]["runbook"] == link
        Draft202012Validator(json.loads((ROOT / "docs" / "alert.schema.json").read_text())).validate(program)
    elif told_as.startswith("ocsf"):
        assert program["remediation"]["references"] == [link]
        assert program["unmapped"]["links"]["runbook"] == link
    else:
        Draft202012Validator(json.loads((ROOT / "docs" / "alert-1.0.schema.json").read_text())).validate(program)


def test_nothing_in_the_runbooks_address_leaves_its_place_in_a_link() -> None:
    link = links.of_runbook("UNDONE", runbook="https://wiki.example/<b>'\"|`[x](y)\n#")
    assert link == "https://wiki.example/%3Cb%3E%27%22%7C%60%5Bx%5D%28y%29%0A%23#undo"
    takes = source()["Parameters"]["RunbookUrl"]["AllowedPattern"]
    assert re.fullmatch(takes, WIKI)
    assert links.of_runbook("UNDONE", runbook=WIKI) == f"{WIKI}#undo"
    refused = (
        "http://wiki.example/",
        "https://wiki.example/a b",
        "https://wiki.example/#x",
        "https://jo:secret@wiki.example/",
        "https://wiki.example/<x>",
        "wiki",
    )
    assert [one for one in refused if re.fullmatch(takes, one)] == []


def test_the_links_stand_in_every_form_that_has_room_and_the_log_is_that_of_this_run(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_LOG_GROUP_NAME", "/snapback/snapback")
    monkeypatch.setenv("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/27/[$LATEST]0a1b")
    broken_by(Handler("ec2", "revoke_open_ingress"), account, monkeypatch).deliver()
    told = forms()
    found = json.loads(told["default"])["links"]
    assert "log-group/$252Fsnapback$252Fsnapback/log-events/2026$252F11$252F27$252F$255B$2524LATEST$255D0a1b" in found["log"]
    chat = json.loads(told["https"])["content"]["description"]
    assert all(link in told["email"] for link in found.values())
    assert all((link in chat) is link.startswith("https://") for link in found.values()), "a path in the repository leads nowhere in chat"
