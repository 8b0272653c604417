"""links: right for each partition and region, and nothing that an event says leads out of the console."""

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from snapback.engine import links
from snapback.engine.outcomes import TOLD, Outcome
from tests.contract.conftest import broken_by
from tests.engine.test_alerts import forms
from tests.harness.account import Account
from tests.harness.discovery import HANDLERS, ROOT, Handler

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
    anchors = {re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-") for line in runbook.splitlines() if line.startswith("#")}
    for outcome in {*TOLD, Outcome.DIGEST}:
        _, _, anchor = links.of_runbook(outcome.value).partition("#")
        assert not anchor or anchor in anchors, anchor


def test_the_links_stand_in_every_form_that_has_room_and_the_log_is_that_of_this_run(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_LOG_GROUP_NAME", "/snapback/snapback")
    monkeypatch.setenv("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/27/[$LATEST]0a1b")
    broken_by(Handler("ec2", "revoke_open_ingress"), account, monkeypatch).deliver()
    told = forms()
    found = json.loads(told["default"])["links"]
    assert "log-group/$252Fsnapback$252Fsnapback/log-events/2026$252F11$252F27$252F$255B$2524LATEST$255D0a1b" in found["log"]
    chat = json.loads(told["https"])["content"]["description"]
    assert all(link in told["email"] for link in found.values())
    assert all(link in chat for name, link in found.items() if name != "runbook")
