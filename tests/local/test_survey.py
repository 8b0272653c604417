"""The survey as a program: it is taken up where it was left, says once what it could not see, and writes pages that nothing in an account can break."""

import csv
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from local.cli.__main__ import main
from local.survey import looking, pages, running, subjects
from local.survey.looking import DONE, FINDING, NOT_LOOKED_AT, Ended, Line
from local.survey.reading import Reader
from local.survey.running import Access, Changed, Plan, Task
from local.survey.template import environment
from snapback.engine.errors import ConfigurationError
from tests.harness.account import ACCOUNT, REGION, Account, ApiCall
from tests.harness.template import functions, resolved

TWO = ("block-public-bucket", "require-mfa")


@cache
def _reader(region: str) -> Reader:
    return Reader(region=region)


@pytest.fixture(autouse=True)
def _one_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all tests of a process share one: its clients take longer to make than all else."""
    monkeypatch.setattr(running, "Reader", lambda _, region: _reader(region))
    for name, value in environment({}, account=ACCOUNT, partition="aws").items():
        monkeypatch.setenv(name, value)  # so that what a survey sets is taken back


def plan(**other: Any) -> Plan:  # noqa: ANN401 - fields of a plan
    settings = environment({}, account=ACCOUNT, partition="aws")
    return Plan(**{"account": ACCOUNT, "partition": "aws", "regions": [REGION], "remediations": TWO, "settings": settings, **other})


def survey(out: Path, what: Plan | None = None) -> list[Line]:
    running.begin(out, what or plan())
    running.run(out, what or plan(), Access(), jobs=1, progress=lambda *_: None)
    return list(running.lines(out))


def buckets(*names: str) -> None:
    for name in names:
        boto3.client("s3").create_bucket(Bucket=name)
        boto3.client("s3").delete_public_access_block(Bucket=name)


def refusing(operation: str, code: str, message: str = "") -> Callable[[ApiCall, int, Callable[[], Any]], Any]:
    def interfere(call: ApiCall, number: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        if call.operation == operation:
            said = f"{message}, encoded {number}" if message else ""
            raise ClientError({"Error": {"Code": code, "Message": said}}, operation)
        return really()

    return interfere


def of_kind(kind: str, lines: list[Line]) -> list[Line]:
    return [line for line in lines if line["kind"] == kind]


def test_what_is_refused_is_said_once_for_a_type_with_awss_own_sentence(account: Account, tmp_path: Path) -> None:
    buckets("one", "two", "three")
    with account.interfered(refusing("GetPublicAccessBlock", "AccessDenied", "not authorized")):
        lines = survey(tmp_path)
    [line] = of_kind(NOT_LOOKED_AT, lines)
    assert (line["region"], line["type"], line["remediation"], line["resources"]) == (REGION, "AWS::S3::Bucket", "block-public-bucket", 3)
    assert line["because"].startswith("GetPublicAccessBlock says AccessDenied: not authorized")
    assert len(of_kind(DONE, lines)) == 2, "everything else was looked at"


def test_a_list_that_is_refused_leaves_the_other_types_to_be_looked_at(account: Account, tmp_path: Path) -> None:
    buckets("one")
    with account.interfered(refusing("ListUsers", "AccessDenied", "not authorized")):
        lines = survey(tmp_path)
    [line] = of_kind(NOT_LOOKED_AT, lines)
    assert (line["type"], line["resources"]) == ("AWS::IAM::User", 0)
    assert [one["resource"] for one in of_kind(FINDING, lines)] == ["one"]


def test_what_only_people_can_put_right_is_a_finding_that_says_how_and_is_of_no_class(account: Account, tmp_path: Path) -> None:
    assert account
    vpc = boto3.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    [found] = [line for line in of_kind(FINDING, survey(tmp_path, plan(remediations=["enable-flow-logs"]))) if line["resource"] == vpc]
    assert (found["class"], found["calls"]) == ("only people", [])
    assert "FlowLogBucket" in found["only_people"]


def test_what_is_gone_meanwhile_is_nothing(account: Account, tmp_path: Path) -> None:
    buckets("one")
    with account.interfered(refusing("GetPublicAccessBlock", "NoSuchBucket")):
        assert {line["kind"] for line in survey(tmp_path)} == {DONE}


def test_a_defect_of_one_look_is_a_line_and_keeps_back_no_other(account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert account
    buckets("one")
    boto3.client("iam").create_user(UserName="jo")
    monkeypatch.setattr("snapback.iam.keys.aws", lambda _: None)
    lines = survey(tmp_path)
    [line] = of_kind(NOT_LOOKED_AT, lines)
    assert line["because"].startswith("a defect of Snapback: AttributeError")
    assert [one["resource"] for one in of_kind(FINDING, lines)] == ["one"]


def test_what_was_done_before_the_credentials_expired_is_not_asked_again(account: Account, tmp_path: Path) -> None:
    buckets("one")
    boto3.client("iam").create_user(UserName="jo")
    with account.interfered(refusing("GetPublicAccessBlock", "ExpiredToken")), pytest.raises(Ended):
        survey(tmp_path)
    assert [one["subject"] for one in of_kind(DONE, list(running.lines(tmp_path)))] == ["iam AWS::IAM::User"]
    account.forget()
    lines = survey(tmp_path)
    assert {call.service for call in account.calls} == {"s3"}
    assert [one["resource"] for one in of_kind(FINDING, lines)] == ["one"]
    account.forget()
    assert survey(tmp_path) == lines
    assert not account.calls


class Refusing(Reader):
    """A region in which every service says that it does not know the credentials, or that there is no way to it."""

    error: Exception
    who: Exception | None

    def _sent(self, *_: object) -> Any:  # noqa: ANN401 - never
        raise self.error

    def ask_who_asks(self) -> None:
        if self.who:
            raise self.who


def refuse_in(region: str, monkeypatch: pytest.MonkeyPatch, error: Exception, who: Exception | None) -> None:
    """Let the region refuse with that error, and its STS with the other one; and let STS know the credentials elsewhere."""
    refusing = Refusing(region=region)
    refusing.error, refusing.who = error, who
    monkeypatch.setattr(running, "Reader", lambda _, asked: refusing if asked == region else _reader(REGION))


def unknown(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "The security token included in the request is invalid"}}, "DescribeSecurityGroups")


@pytest.mark.parametrize("code", ["AuthFailure", "InvalidClientTokenId", "UnrecognizedClientException"])
def test_a_region_that_alone_does_not_know_the_credentials_is_one_line_and_is_asked_again_the_next_time(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    assert account
    boto3.client("ec2").create_security_group(GroupName="one", Description="one")
    both = plan(regions=["eu-south-1", REGION], remediations=["empty-default-security-group", "require-imdsv2", "restrict-function"])
    with monkeypatch.context() as patch:
        refuse_in("eu-south-1", patch, unknown(code), unknown("InvalidClientTokenId"))
        lines = survey(tmp_path, both)
        [line] = of_kind(NOT_LOOKED_AT, lines)
        assert (line["region"], code in line["because"], "is it switched on?" in line["because"]) == ("eu-south-1", True, True)
        assert {line["region"] for line in of_kind(DONE, lines)} == {line["region"] for line in of_kind(FINDING, lines)} == {REGION}
        with pytest.raises(Ended, match="eu-south-1 could not be looked at"):
            survey(tmp_path / "alone", plan(regions=["eu-south-1"]))
    lines = survey(tmp_path, both)
    assert not of_kind(NOT_LOOKED_AT, lines)
    assert {line["region"] for line in of_kind(DONE, lines)} == {"eu-south-1", REGION}


EC2 = "https://ec2.eu-south-1.amazonaws.com"


@pytest.mark.parametrize(
    ("error", "status"),
    [(unknown("AuthFailure"), 2), (ReadTimeoutError(endpoint_url=EC2), 2), (EndpointConnectionError(endpoint_url=EC2), 0)],
    ids=["refused", "no answer", "no such service, so nothing of it"],
)
def test_what_one_service_says_of_credentials_or_its_way_is_a_line_where_sts_knows_them(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    assert account
    refuse_in("eu-south-1", monkeypatch, error, None)
    lines = survey(tmp_path, plan(regions=["eu-south-1"], remediations=["empty-default-security-group"]))
    assert [line["type"] for line in of_kind(NOT_LOOKED_AT, lines)] == ["AWS::EC2::SecurityGroup"]
    assert pages.Figures(lambda: lines).status("low") == status
    assert of_kind(DONE, lines)


def test_without_a_way_to_sts_or_to_a_service_it_ends_and_says_so(account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert account
    gone = EndpointConnectionError(endpoint_url="https://ec2.eu-south-1.amazonaws.com")
    refuse_in("eu-south-1", monkeypatch, gone, gone)
    with pytest.raises(Ended, match="is there a way to it from here"):
        survey(tmp_path, plan(regions=["eu-south-1"]))
    [line] = running.lines(tmp_path)
    assert (line["kind"], line["region"]) == (NOT_LOOKED_AT, "eu-south-1"), "nothing is done, so all of it is asked again"


def test_what_was_cut_off_in_the_middle_is_looked_at_again_and_stands_there_once(account: Account, tmp_path: Path) -> None:
    assert account
    buckets("one", "two")
    whole = survey(tmp_path)
    file = tmp_path / "lines" / f"{REGION}.s3.jsonl"
    for cut, end in ((0, ""), (1, ""), (2, ""), (1, "\n"), (1, "5\n")):
        written = file.read_text().splitlines(keepends=True)
        file.write_text("".join(written[:cut]) + written[cut][: 0 if end == "5\n" else 20] + end)
        list(running.lines(tmp_path))  # what is there can be read
        assert [{**line, "seconds": 0} for line in survey(tmp_path) if "calls" in line] == [{**line, "seconds": 0} for line in whole if "calls" in line]


def test_a_directory_holds_one_survey(account: Account, tmp_path: Path) -> None:
    assert account
    running.begin(tmp_path, plan())
    running.begin(tmp_path, plan())
    with pytest.raises(Changed):
        running.begin(tmp_path, plan(account="444455556666"))


def test_global_services_are_looked_at_in_one_region_only() -> None:
    everywhere = plan(remediations=[one.name for one in subjects.surveyed()], regions=["eu-central-1", REGION])
    tasks = running.tasks(everywhere)
    assert Task(REGION, "iam") in tasks
    assert Task("eu-central-1", "iam") not in tasks
    assert Task("eu-central-1", "cloudfront") not in tasks
    assert Task("eu-central-1", "ec2") in tasks
    per_region = [{one.key for one in subjects.subjects(everywhere.remediations, is_home=is_home)} for is_home in (True, False)]
    assert "s3 AWS::::Account block-public-account" in per_region[0] - per_region[1]


def test_every_remediation_is_looked_at_or_it_is_said_why_not() -> None:
    known = {one.name: one for one in subjects.surveyed()}
    looked_at = [look.name for subject in subjects.subjects(known, is_home=True) for look in subject.looks]
    assert len(looked_at) == len(set(looked_at)), "once"
    assert {*looked_at} == {name for name, one in known.items() if not subjects.why_not(one)}
    keys = [subject.key for subject in subjects.subjects(known, is_home=True)]
    assert len(keys) == len(set(keys))


def test_settings_are_those_that_the_template_gives_each_function() -> None:
    given = environment({"TrustedAccounts": "444455556666"}, account=ACCOUNT, partition="aws")
    for one in subjects.surveyed():
        own = functions()[one.logical_id]["Properties"].get("Environment", {}).get("Variables", {})
        expected = {
            name: str(resolved(value, {"TrustedAccounts": "444455556666"}))
            for name, value in own.items()
            if name not in ("MODE", "ROLE_ARN", "STACK_ID", "SWITCHED_OFF")
        }
        if not subjects.why_not(one):
            assert expected.items() <= given.items(), one.name


@pytest.mark.parametrize("wrong", [("TrustedAcounts", "1"), ("TrustedAccounts", "1"), ("MaxKeyAge", "0"), ("MaxKeyAge", "soon"), ("Mode", "loud")])
def test_a_setting_that_no_deployment_could_have_is_refused(wrong: tuple[str, str]) -> None:
    with pytest.raises(ConfigurationError, match=wrong[0]):
        environment(dict([wrong]), account=ACCOUNT, partition="aws")


HOSTILE = '=cmd|"/c calc"!A1</script><script>alert(1)</script>\u202e'


def finding(**other: Any) -> Line:  # noqa: ANN401 - parts of the line
    call = {"service": "s3", "operation": "PutPublicAccessBlock", "parameters": {"Bucket": HOSTILE}}
    known = {
        "account": ACCOUNT,
        "region": REGION,
        "arn": "",
        "severity": "high",
        "class": "safe",
        "wrong": HOSTILE,
        "controls": ["S3.8"],
        "frameworks": [],
        "owner": HOSTILE,
    }
    asked = {"controls": ["S3.8"], "frameworks": ["PCI DSS v4.0.1"]}
    about = {"remediation": "block-public-bucket", "service": "s3", "type": "AWS::S3::Bucket", "resource": HOSTILE}
    return {"kind": FINDING, **known, **about, "evidence": [{"Said": HOSTILE}], "calls": [call], "only_people": HOSTILE, **asked, **other}


def test_nothing_in_an_account_gets_into_the_pages_as_anything_but_text(tmp_path: Path) -> None:
    lines = [finding(), {**finding(severity="low"), "resource": "two"}]
    (tmp_path / "survey.csv").write_text("a former one, for all to read")
    pages.write(tmp_path, plan(), lambda: lines, is_whole=False)
    assert {file.stat().st_mode & 0o077 for file in tmp_path.iterdir()} == {0}, "what is wrong in an account is for nobody else on the machine"
    page = (tmp_path / "survey.html").read_text()
    assert "<script>alert" not in page
    assert page.count("<script>") == 1
    assert page.count("<summary>Frameworks that ask for it (1)</summary>") == 2, "folded: of many findings they are a wall"
    assert "default-src 'none'" in page
    assert "\u202e" not in page
    assert "was stopped before its end" in page
    with (tmp_path / "survey.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["resource"][:5] for row in rows] == ["'=cmd", "two"]
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    read = json.loads((tmp_path / "survey.json").read_text())
    assert [one["resource"] for one in read["findings"]] == [HOSTILE, "two"]
    assert (read["complete"], read["not_looked_at"], read["by_severity"]) == (False, [], {"high": 1, "low": 1})


@pytest.mark.parametrize(("severity", "fails_on"), [("high", ["high", "medium", "low"]), ("medium", ["medium", "low"]), ("informational", [])])
def test_the_exit_status_is_by_what_is_so_severe_or_more(severity: str, fails_on: list[str]) -> None:
    figures = pages.Figures(lambda: [finding(severity=severity)])
    assert [least for least in ("critical", "high", "medium", "low") if figures.status(least)] == fails_on
    assert figures.status(None) == 0


@pytest.mark.parametrize(
    ("hides", "status"), [(["high"], 2), (["medium"], 0), ([], 0)], ids=["AWS refused", "AWS refused what is less severe", "a deployed Snapback alone can"]
)
def test_whoever_asks_for_a_status_hears_if_a_part_could_not_be_looked_at(hides: list[str], status: int) -> None:
    line = looking.unseen(region=REGION, because="AccessDenied", hides=hides)
    figures = pages.Figures(lambda: [line, finding(severity="low")])
    assert (figures.status("high"), figures.status("low"), figures.status(None)) == (status, 1, 0)


def test_the_command_writes_all_three_and_ends_with_the_status(account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert account
    buckets("one")
    given = ["survey", "--regions", REGION, "--remediation", *TWO, "restore_trail", "--jobs", "1", "--out", str(tmp_path), "--fail-on", "low"]
    assert main(given) == 1
    said = capsys.readouterr()
    assert said.out.startswith("1 finding (")
    assert f"2/2 {REGION} s3" in said.err or f"2/2 {REGION} iam" in said.err
    read = json.loads((tmp_path / "survey.json").read_text())
    assert [one["remediation"] for one in read["findings"]] == ["block-public-bucket"]
    assert [one["remediation"] for one in read["not_looked_at"]] == ["restore-trail"]
    assert read["complete"]
    page = (tmp_path / "survey.html").read_text()
    assert page.index('href="#not-looked-at"') < page.index('id="not-looked-at"') < page.index("restore-trail: only a deployed Snapback")
    assert 'href="#remediation=block-public-bucket"' in page


def test_what_is_in_a_region_that_was_not_asked_for_is_named_and_a_status_of_it_is_not_known(account: Account, tmp_path: Path) -> None:
    assert account
    given = ["survey", "--regions", "eu-central-1", "--remediation", *TWO, "--jobs", "1", "--out", str(tmp_path)]
    assert [main([*given, *asked]) for asked in ([], ["--fail-on", "critical"], ["--fail-on", "low"])] == [0, 0, 2]
    [line] = json.loads((tmp_path / "survey.json").read_text())["not_looked_at"]
    assert (line["remediation"], line["hides"]) == ("require-mfa", ["medium"])
    assert "require-mfa: it is about what there is once" in (tmp_path / "survey.html").read_text()


def test_a_survey_answers_programs_in_its_file_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("survey", "replay"):
        assert main([command, "--json"]) == 2
        said = capsys.readouterr()
        assert f"{command}.json stands in the directory --out" in json.loads(said.err)["error"]
        assert not said.out


def test_what_cannot_be_asked_is_one_line_and_status_2(account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert account
    (tmp_path / "file").touch()
    for wrong, said in (
        (["--remediation", "block_public_buckets"], "do you mean block-public-bucket"),
        (["--service", "clodtrail"], "do you mean cloudtrail"),
        (["--set", "MaxKeyAge"], "--set takes NAME=VALUE"),
        (["--set", "MaxKeyAge=0"], "MaxKeyAge cannot be"),
        (["--regions", "eu-centrl-1,us-east-1"], "do you mean eu-central-1"),
        (["--regions", "us-east-1\x1b[2J"], r"there is no region us-east-1\x1b[2J"),
        (["--regions", ","], "--regions takes names"),
        (["--regions", "me-south-1"], "me-south-1 is not switched on"),
        (["--remediation", "revoke-open-ingress", "--service", "s3"], "leave nothing: revoke-open-ingress is of ec2"),
        (["--remediation", "isolate-instance", "--fail-on", "low"], "nothing can be looked at for isolate-instance: it answers a threat"),
        (["--remediation", "require-mfa", "--regions", "eu-central-1"], "require-mfa: it is about what there is once, which is looked at in us-east-1 alone"),
        (["--out", str(tmp_path / "file")], "file cannot be written: File exists"),
    ):
        assert main(["survey", "--regions", REGION, "--out", str(tmp_path), *wrong]) == 2
        [line] = capsys.readouterr().err.splitlines()
        assert said in line


def test_processes_of_a_survey_do_not_hear_ctrl_c_which_is_the_first_ones_to_answer() -> None:
    former = signal.getsignal(signal.SIGINT)
    ask = [sys.executable, "-S", "-c", "import signal; print(signal.getsignal(signal.SIGINT) == signal.SIG_IGN)"]
    with running.left_to_the_first_process():
        assert subprocess.check_output(ask) == b"True\n"  # noqa: S603 - words of its own
    assert signal.getsignal(signal.SIGINT) == former


def test_jobs_are_a_number_of_processes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["survey", "--jobs", "0"])
    assert "jobs are a whole number from 1" in capsys.readouterr().err


MANY = ("revoke-open-ingress", "require-imdsv2", "detach-admin-policy")
ADMIN = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def of_everything(count: int) -> None:
    """Make so many of each, half of them wrong."""
    ec2: Any = boto3.client("ec2")
    iam = boto3.client("iam")
    for number in range(count):
        group = ec2.create_security_group(GroupName=f"group-{number}", Description="one")["GroupId"]
        port = 22 if number % 2 else 443
        ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=port, ToPort=port, CidrIp="0.0.0.0/0")
        ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, MetadataOptions={"HttpTokens": "optional" if number % 2 else "required"})
        iam.create_user(UserName=f"user-{number}")
        if number % 2:
            iam.put_user_policy(UserName=f"user-{number}", PolicyName="all", PolicyDocument=ADMIN)


def test_many_are_asked_for_at_once_and_one_by_one_where_that_is_refused_with_the_same_findings(account: Account, tmp_path: Path) -> None:
    of_everything(6)
    account.forget()
    at_once = of_kind(FINDING, survey(tmp_path / "at once", plan(remediations=MANY)))
    few = len(account.calls)

    def one_by_one(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        asked = json.dumps([*call.parameters.values()])
        if call.operation == "GetAccountAuthorizationDetails" or asked.count('"i-') > 1 or asked.count('"sg-') > 1:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, call.operation)
        return really()

    with account.interfered(one_by_one):
        assert of_kind(FINDING, survey(tmp_path / "one by one", plan(remediations=MANY))) == at_once
    assert len(at_once) == 9
    assert few < len(account.calls) / 2


def test_the_owner_is_whom_the_tag_of_the_resource_names(account: Account, tmp_path: Path) -> None:
    assert account
    buckets("one", "two")
    boto3.client("s3").put_bucket_tagging(Bucket="one", Tagging={"TagSet": [{"Key": "team", "Value": "shop"}]})
    boto3.client("iam").create_user(UserName="jo", Tags=[{"Key": "team", "Value": "desk"}])
    boto3.client("iam").create_login_profile(UserName="jo", Password="Long-enough-1-and-more")
    lines = of_kind(FINDING, survey(tmp_path, plan(owner_tag="team")))
    assert {line["resource"]: line["owner"] for line in lines} == {"one": "shop", "two": "", "jo": "desk"}
