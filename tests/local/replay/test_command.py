"""`snapback replay` as a program: pages that nothing in an account can break, what is wrong today, and one line for what went wrong."""

import csv
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import NoCredentialsError

from local.cli.__main__ import main
from local.replay import athena, command, lookup, policy
from local.replay.envelope import Candidate, Sieve, Unread
from snapback.engine import clock
from tests.harness.account import ACCOUNT, Account
from tests.harness.cloudtrail.event_history import EventHistory, refused
from tests.local.replay.conftest import written
from tests.local.replay.test_past import DAY, TERRAFORM, group, opened
from tests.local.test_survey import _one_reader, _reader  # noqa: F401 - fixtures: one reader for all

NOW = 1_790_000_000


@pytest.fixture
def history(account: Account, monkeypatch: pytest.MonkeyPatch) -> EventHistory:
    """An account, with an event history in one region."""
    assert account
    one, really = EventHistory(), boto3.Session.client
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(lookup, "PER_SECOND", 1e9)
    monkeypatch.setattr(EventHistory, "paced", False)
    monkeypatch.setattr(command, "Reader", lambda _, region: _reader(region))
    monkeypatch.setattr(boto3.Session, "client", lambda self, name, *given, **more: one if name == "cloudtrail" else really(self, name, *given, **more))
    return one


def replay(out: Path, *more: str) -> int:
    return main(["replay", "--regions", "us-east-1", "--out", str(out), *more])


def answer(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "replay.json").read_text())
    return found


def test_what_is_wrong_today_is_looked_at_for_just_what_was_changed(history: EventHistory, account: Account, tmp_path: Path) -> None:
    ec2 = boto3.client("ec2")
    ids = [ec2.create_security_group(GroupName=f"g{number}", Description="x")["GroupId"] for number in range(3)]
    for one in ids[:2]:
        ec2.authorize_security_group_ingress(
            GroupId=one, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        )
    history.remember([opened(ids[0], NOW - DAY), opened(ids[2], NOW - DAY, 1), opened(group(9), NOW - DAY, 2)])
    account.forget()
    assert replay(tmp_path, "--remediation", "revoke-open-ingress") == 0
    found = answer(tmp_path)
    assert [(one["resource"], one["calls"][0]["operation"]) for one in found["wrong_today"]] == [(ids[0], "RevokeSecurityGroupIngress")]
    [one] = found["remediations"]
    assert (one["called"], one["resources"], one["wrong_today"]) == (3, 3, 1)
    assert all(call.is_read for call in account.calls)
    assert ids[1] not in str(account.calls), "nobody has changed it"


def test_the_policy_that_a_replay_needs_is_the_one_in_the_documentation(history: EventHistory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert policy.POLICY.read_text() == policy.render(), "run: make catalogue"
    sent: list[str] = []
    really = BaseClient._make_api_call  # type: ignore[attr-defined]  # noqa: SLF001 - all calls go through it

    def noted(client: Any, operation: str, parameters: Any) -> Any:  # noqa: ANN401 - botocore's own
        sent.append(f"{client.meta.service_model.signing_name}:{operation}")
        return really(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", noted)
    assert main(["replay", "--out", str(tmp_path), "--no-look"]) == 0
    assert history.asked
    assert {*sent, "cloudtrail:LookupEvents"} == {*policy.ACTIONS, "sts:GetCallerIdentity"}


def test_no_look_asks_for_nothing_but_the_past(history: EventHistory, account: Account, tmp_path: Path) -> None:
    history.remember([opened(group(1), NOW - DAY)])
    account.forget()
    assert replay(tmp_path, "--no-look") == 0
    assert not account.calls
    assert answer(tmp_path)["remediations"][0]["wrong_today"] == ""


def test_what_is_told_is_written_down_in_three_forms(history: EventHistory, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    history.remember([opened(group(1), NOW - DAY - number * 3600, number, userAgent=TERRAFORM) for number in range(5)])
    assert replay(tmp_path, "--no-look") == 0
    assert "5 events in 90 days would have called 2 remediations 10 times; at most 10 messages" in capsys.readouterr().out
    assert {(tmp_path / f"replay.{form}").stat().st_mode & 0o777 for form in ("html", "json", "csv")} == {0o600}, "it is the account's history"
    with (tmp_path / "replay.csv").open() as file:
        rows = {row["remediation"]: row for row in csv.DictReader(file)}
    assert (rows["revoke-open-ingress"]["called"], rows["revoke-open-ingress"]["by_pipelines"], rows["revoke-open-ingress"]["resources"]) == ("5", "5", "1")
    page = (tmp_path / "replay.html").read_text()
    for said in ("What would have happened", "5 events would have called 2 remediations", "0.1 calls a day", "Terraform", "no violation", "from a trail only"):
        assert said in page
    assert "GuardDuty Finding" in page, "what no trail has is said"


class _Page(HTMLParser):
    """What of a page could be dangerous."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts, self.handlers, self.loads = 0, list[str](), list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.loads += [value or "" for name, value in attrs if name in ("src", "href") and not (value or "").startswith(("#", "data:", "https://"))]


def test_nothing_that_an_event_says_gets_into_the_page_or_the_table_as_anything_but_text(history: EventHistory, tmp_path: Path) -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    who = {"type": "IAMUser", "userName": evil, "arn": evil, "accountId": ACCOUNT}
    history.remember([opened(evil, NOW - DAY, 1), opened(group(1), NOW - DAY, 2, userAgent=f"=HYPERLINK({evil})", userIdentity=who)])
    assert replay(tmp_path, "--no-look") == 0
    page = _Page()
    page.feed((tmp_path / "replay.html").read_text())
    assert (page.scripts, page.handlers, page.loads) == (1, [], [])
    assert not re.search(r"^[=+@-]", (tmp_path / "replay.csv").read_text(), re.MULTILINE)


def test_a_past_in_which_nothing_was_heard_is_a_page_that_says_so(history: EventHistory, tmp_path: Path) -> None:
    assert not history.records
    assert replay(tmp_path) == 0
    assert "No rule would have heard" in (tmp_path / "replay.html").read_text()


@pytest.mark.parametrize(("regions", "status"), [("us-east-1", 2), ("us-east-1,eu-central-1", 0)])
def test_a_region_that_refuses_is_said_and_if_all_do_it_could_not_be_asked(  # noqa: PLR0913, PLR0917 - what both have
    history: EventHistory, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, regions: str, status: int
) -> None:
    monkeypatch.setattr(lookup, "_AT_ONCE", 1)
    history.refuses[0] = refused("AccessDeniedException", "not authorized to perform cloudtrail:LookupEvents")
    assert replay(tmp_path, "--no-look", "--remediation", "restart-trail", "--regions", regions) == status
    said = "us-east-1 was not read to its end, because LookupEvents says AccessDeniedException: not authorized"
    assert said in (tmp_path / "replay.html").read_text()
    assert said in capsys.readouterr().err
    assert not answer(tmp_path)["complete"]


def test_credentials_that_expire_end_it_with_what_was_seen(history: EventHistory, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    history.remember([opened(group(1), NOW - DAY)])
    history.refuses[1] = refused("ExpiredTokenException")
    assert replay(tmp_path) == 2
    err = capsys.readouterr().err
    assert "the credentials have expired" in err
    assert "us-east-1 was not read to its end" in err
    assert "it goes on where it was" in err
    assert not answer(tmp_path)["complete"]
    assert answer(tmp_path)["remediations"]
    assert replay(tmp_path, "--no-look") == 0
    assert answer(tmp_path)["complete"]


def test_ctrl_c_keeps_what_is_there(history: EventHistory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history.remember([opened(group(1), NOW - DAY)])

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(lookup.Asking, "bring", stopped)
        assert replay(tmp_path) == 130
    assert not answer(tmp_path)["complete"]
    assert replay(tmp_path, "--no-look") == 0


def test_what_is_kept_and_damaged_is_said_in_a_line(history: EventHistory, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not history.records
    (tmp_path / "lookups" / ACCOUNT).mkdir(parents=True)
    (tmp_path / "lookups" / ACCOUNT / "us-east-1.sqlite").write_bytes(b"no database" * 500)
    assert replay(tmp_path, "--no-look") == 2
    assert "cannot be used (file is not a database): name another directory" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["--remediation", "revoke-open-ingres"], "do you mean revoke-open-ingress"),
        (["--set", "MaxFixesPerHour=none"], "MaxFixesPerHour cannot be"),
        (["--set", "MaxFixes"], "--set takes NAME=VALUE"),
        (["--trail", "trail", "--athena", "trail"], "two sources"),
        (["--account", ACCOUNT], "--account takes some of a trail's accounts"),
        (["--trail", "tests/local/replay", "none"], "there is no none"),
        (["--trail", "no\x1b[2Jne"], r"there is no no\x1b[2Jne"),
        (["--regions", "eu-centrl-1"], "do you mean eu-central-1"),
        (["--trail", "tests/local/replay", "--regions", "us-esat-1"], "there is no region us-esat-1 that this boto3 knows: do you mean us-west-1 or us-east-1"),
        (["--trail", "tests/local/replay", "--regions", ","], "--regions takes names"),
        (["--trail", "tests/local/replay", "--account", "11112222333"], "an account is 12 digits, not 11112222333"),
        (["--service", "s3", "--remediation", "revoke-open-ingress"], "leave nothing: revoke-open-ingress is of ec2"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_line(history: EventHistory, tmp_path: Path, capsys: pytest.CaptureFixture[str], typed: list[str], said: str) -> None:
    assert replay(tmp_path, *typed) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "records" not in err, "nothing was read"
    assert not history.asked


@pytest.mark.parametrize("days", ["many", "0", "-1", "9999999", "9" * 5_000])
def test_days_are_a_number_that_there_can_have_been(capsys: pytest.CaptureFixture[str], days: str) -> None:
    with pytest.raises(SystemExit):
        main(["replay", "--days", days])
    assert "days are a whole number" in capsys.readouterr().err


def test_a_trails_files_are_replayed_without_credentials_for_all_accounts_that_are_there(
    history: EventHistory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def signed_out(*_: object, **__: object) -> None:
        raise NoCredentialsError

    monkeypatch.setattr(boto3.Session, "client", signed_out)
    other = opened(group(2), NOW - DAY, 2, recipientAccountId="444455556666")
    written(tmp_path / "trail" / "a.json.gz", [opened(group(1), NOW - DAY, 1), opened(group(1), NOW - DAY, 1), other])
    (tmp_path / "trail" / "b.json.gz").write_bytes(b"no trail")
    assert main(["replay", "--trail", str(tmp_path / "trail"), "--out", str(tmp_path / "out")]) == 0
    found, said = answer(tmp_path / "out"), capsys.readouterr()
    assert "2 events would have called" in said.out, "in how many days nobody knows"
    assert "not read: 1 thing," in said.err
    assert (found["events_twice"], found["days"]) == (1, None)
    assert not history.asked
    assert {one["account"] for one in found["accounts"]} == {ACCOUNT, "444455556666"}
    assert [Path(one["where"]).name for one in found["unread"]] == ["b.json.gz"]
    assert {one["remediation"]: one["called"] for one in found["remediations"]}["revoke-open-ingress"] == 2
    assert "b.json.gz" in (tmp_path / "out" / "replay.html").read_text()
    assert main(["replay", "--trail", str(tmp_path / "trail"), "--account", ACCOUNT, "--out", str(tmp_path / "out")]) == 0
    assert {one["account"] for one in answer(tmp_path / "out")["accounts"]} == {ACCOUNT}
    assert "1 candidate of account 444455556666" in (tmp_path / "out" / "replay.html").read_text()
    capsys.readouterr()
    assert main(["replay", "--trail", str(tmp_path / "trail"), "--account", "777788889999", "--out", str(tmp_path / "out")]) == 2
    assert f"nothing there is of the accounts and regions that were asked for, but of {ACCOUNT} in us-east-1" in capsys.readouterr().err


def test_a_trail_that_is_not_there_is_said_in_a_line(history: EventHistory, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not history.records
    assert main(["replay", "--trail", str(tmp_path / "none"), "--out", str(tmp_path / "out")]) == 2
    assert f"there is no {tmp_path / 'none'}" in capsys.readouterr().err


def test_athena_is_asked_by_the_rules_that_are_meant_and_the_question_can_be_seen_first(
    history: EventHistory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not history.records
    typed = ["--athena", "audit.trail", "--athena-day", "timestamp", "--days", "30", "--account", ACCOUNT, "--remediation", "restart-trail"]
    assert main(["replay", *typed, "--sql", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    for part in ("FROM trail", "'StopLogging'", f"recipientaccountid IN ('{ACCOUNT}')", '"timestamp" >='):
        assert part in said
    assert "AuthorizeSecurityGroupIngress" not in said
    assert main(["replay", "--sql"]) == 2
    assert "--athena" in capsys.readouterr().err
    assert main(["replay", "--athena", "trail;drop", "--sql"]) == 2
    assert "is no name" in capsys.readouterr().err


def test_what_athena_brings_home_is_replayed_even_if_it_does_not_come_to_its_end(
    history: EventHistory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not history.records
    asked: list[Any] = []

    def candidates(table: athena.Table, sieve: Sieve, _: object) -> Iterator[Candidate | Unread]:
        asked.append(table)
        if len(asked) < 3:
            sieve.tally.records += 1
            found = sieve.take(opened(group(1), NOW - DAY), "a row")
            assert found
            yield found
        if len(asked) > 1:
            raise athena.NoAnswer("Athena says FAILED")

    monkeypatch.setattr(athena, "candidates", candidates)
    assert main(["replay", "--athena", "audit.trail", "--athena-output", "s3://results/", "--no-look", "--out", str(tmp_path)]) == 0
    assert asked == [athena.Table("trail", "audit", "primary", "s3://results/", "")]
    assert {one["remediation"] for one in answer(tmp_path)["remediations"]} == {"revoke-open-ingress", "empty-default-security-group"}
    typed = ["--athena", "trail", "--no-look", "--days", "30", "--remediation", "revoke-open-ingress", "--out", str(tmp_path)]
    assert main(["replay", *typed]) == 2
    assert "Athena says FAILED. What was read so far stands there; with the same command all is read once more" in capsys.readouterr().err
    assert (answer(tmp_path)["complete"], answer(tmp_path)["events"], answer(tmp_path)["days"]) == (False, 1, None)
    assert main(["replay", *typed, "--out", str(tmp_path / "none")]) == 2, "there is nothing to tell of"
    assert not (tmp_path / "none" / "replay.html").exists()
