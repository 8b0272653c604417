"""`snapback apply --from survey.json`: what a survey has found is put right by the deployed functions, if it is still so; nothing in the file is trusted."""

import json
import re
import shlex
import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.cli import applying
from local.survey import pages, running
from local.survey.running import Access
from tests.harness.account import REGION, error
from tests.local.test_cli import Operator, operator
from tests.local.test_survey import _reader, plan

__all__ = ["operator"]

ALL = ("--remediation", "revoke-open-ingress")


def open_groups(number: int) -> list[str]:
    """Make security groups that the internet can administer; return their ids."""
    ec2 = boto3.client("ec2")
    made = [ec2.create_security_group(GroupName=f"open {one}", Description="-")["GroupId"] for one in range(number)]
    for one in made:
        ec2.authorize_security_group_ingress(GroupId=one, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")
    return sorted(made)


def open_ports(group: str) -> list[int]:
    rules = boto3.client("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    return [rule["FromPort"] for rule in rules if not rule["IsEgress"] and rule.get("CidrIpv4") == "0.0.0.0/0"]


Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def surveyed(operator: Operator, tmp_path: Path) -> Callable[..., list[str]]:
    """Return what surveys the account, changes the file, and returns the words that apply what it has found."""
    operator.broken.account.make_storm_queue()

    def of(change: Change = lambda _: None) -> list[str]:
        what = plan(remediations=["revoke-open-ingress"])
        running.begin(tmp_path, what)
        for file in (tmp_path / "lines").iterdir():
            file.unlink()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(running, "Reader", lambda _, region: _reader(region))
            for name in what.settings:
                patch.setenv(name, "")  # so that what a survey sets is taken back
            running.run(tmp_path, what, Access(keys=("key", "secret", None)), jobs=1, progress=lambda *_: None)
        pages.write(tmp_path, what, lambda: running.lines(tmp_path), is_whole=True)
        file = tmp_path / "survey.json"
        said = json.loads(file.read_text())
        change(said)
        file.write_text(json.dumps(said))
        return ["apply", "--from", str(file)]

    return of


Surveyed = Callable[..., list[str]]


def test_all_that_one_remediation_has_found_is_put_right_told_together_and_can_be_taken_back(operator: Operator, surveyed: Surveyed) -> None:
    groups = sorted([*open_groups(3), operator.broken.resource])
    status, out, err = operator.types(*surveyed(), *ALL, "--yes")
    assert status == 0
    assert [line.split()[:4] for line in out.splitlines()[:4]] == [[f"{n}/4", "FIXED", "revoke-open-ingress", one] for n, one in enumerate(groups, 1)]
    assert "4 FIXED of 4." in out
    assert f"revoke-open-ingress  {groups[0]}" in err
    assert "ec2.RevokeSecurityGroupIngress" in err
    assert not [port for group in groups for port in open_ports(group) if port == 22]
    assert operator.broken.account.outcomes() == [], "no message each"
    told = operator.broken.account.put_off()
    assert [(one["outcome"], one["resource"]["name"]) for one in told] == [("FIXED", one) for one in groups]
    assert "an operator's apply" in told[0]["trigger"]["from"]
    assert operator.types("undo", told[0]["id"], "--reason", "it is needed")[0] == 0
    assert 22 in open_ports(groups[0])


def test_given_again_it_changes_nothing_and_all_is_well(operator: Operator, surveyed: Surveyed) -> None:
    words = [*surveyed(), *ALL, "--yes"]
    assert operator.types(*words)[0] == 0
    operator.broken.account.forget()
    status, out, _ = operator.types(*words)
    assert (status, operator.broken.account.writes) == (0, [])
    assert "ALREADY_OK" in out


def test_what_was_put_right_and_is_broken_again_can_be_surveyed_and_applied_again(operator: Operator, surveyed: Surveyed) -> None:
    words = [*surveyed(), *ALL, "--yes"]
    for _ in range(2):
        assert operator.types(*words)[0] == 0
        assert 22 not in open_ports(operator.broken.resource)
        operator.broken.account.put_off()
        boto3.client("ec2").authorize_security_group_ingress(
            GroupId=operator.broken.resource, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        )
        words = [*surveyed(), *ALL, "--yes"]


def test_one_resource_is_told_alone_and_the_others_stay_as_they_are(operator: Operator, surveyed: Surveyed) -> None:
    [other] = open_groups(1)
    status, out, _ = operator.types(*surveyed(), "--resource", operator.broken.resource, "--yes", "--json")
    answer = json.loads(out)
    assert status == 0
    assert [(one["resource"], one["outcome"]) for one in answer] == [(operator.broken.resource, "FIXED")]
    assert operator.broken.account.outcomes() == ["FIXED"]
    assert open_ports(other) == [22]


def rewritten(said: dict[str, Any]) -> None:
    """Have the file show other rules than there are."""
    said["findings"][0]["evidence"][0]["SecurityGroupRuleId"] = "sgr-0123456789abcdef0"


def other_calls(said: dict[str, Any]) -> None:
    said["findings"][0]["calls"][0]["parameters"]["GroupId"] = "sg-0123456789abcdef0"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (rewritten, "it is not as the survey showed it"),
        (other_calls, "it is not as the survey showed it"),
        (lambda said: said["findings"][0].update({"class": "safe"}), "its class is disruptive, and not safe, as it was shown"),
        (lambda said: said["findings"][0].update(severity="low"), "its severity is high, and not low, as it was shown"),
    ],
)
def test_what_the_file_shows_and_the_resource_does_not_is_not_applied(operator: Operator, surveyed: Surveyed, change: Change, why: str) -> None:
    words = surveyed(change)
    operator.broken.account.forget()
    status, out, _ = operator.types(*words, *ALL, "--yes")
    assert (status, operator.broken.account.writes) == (1, [])
    assert "NOT_APPLIED" in out
    assert why in out


def test_nothing_is_called_that_no_line_shows_however_many_there_are(operator: Operator, surveyed: Surveyed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "_MOST_ROWS", 1)
    open_groups(1)

    def other_service(said: dict[str, Any]) -> None:
        said["findings"][1]["calls"][0]["service"] = "iam"

    _, _, err = operator.types(*surveyed(other_service), *ALL, "--yes")
    assert "revoke-open-ingress  2         ec2.RevokeSecurityGroupIngress, iam.RevokeSecurityGroupIngress" in err


def test_what_ends_the_credentials_midway_loses_no_record_of_what_was_done(operator: Operator, surveyed: Surveyed) -> None:
    groups = sorted([*open_groups(2), operator.broken.resource])
    words = [*surveyed(), *ALL, "--yes", "--json"]
    really = operator.invoke

    def expires(**given: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's names
        if len(operator.payloads) == 1:
            operator.refusal = error("ExpiredTokenException", 403, "Invoke")
        return really(**given)

    operator.invoke = expires  # type: ignore[method-assign]
    status, out, err = operator.types(*words)
    assert status == 1
    assert [(one["resource"], one["outcome"]) for one in json.loads(out)] == [(groups[0], "FIXED"), (groups[1], "NOT_KNOWN")]
    assert "the same command goes on with what is left" in err
    assert "the credentials have expired" in out


def test_what_has_changed_since_the_survey_is_not_applied_and_the_rest_is(operator: Operator, surveyed: Surveyed) -> None:
    [other] = open_groups(1)
    words = surveyed()
    boto3.client("ec2").authorize_security_group_ingress(GroupId=other, IpProtocol="tcp", FromPort=3389, ToPort=3389, CidrIp="0.0.0.0/0")
    status, out, _ = operator.types(*words, *ALL, "--yes")
    assert status == 1
    assert "1 NOT_APPLIED" in out
    assert "1 FIXED" in out
    assert sorted(open_ports(other)) == [22, 3389]


def test_an_exemption_holds(operator: Operator, surveyed: Surveyed) -> None:
    words = surveyed()
    operator.types("exempt", operator.broken.resource, "--remediation", ALL[1], "--for", "7d", "--reason", "a migration")
    operator.broken.account.forget()
    status, out, _ = operator.types(*words, *ALL, "--yes")
    assert (status, operator.broken.account.writes) == (1, [])
    assert "EXEMPT" in out


def test_what_the_breaker_holds_is_said_with_how_to_go_on_and_that_goes_on(operator: Operator, surveyed: Surveyed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FIXES_PER_HOUR", "2")
    open_groups(4)
    words = [*surveyed(), *ALL, "--yes"]
    status, out, _ = operator.types(*words)
    assert status == 1
    assert [line.split()[1] for line in out.splitlines()[:5]] == ["FIXED", "FIXED", "HELD", "NOT_ASKED", "NOT_ASKED"]
    assert "revoke-open-ingress is held, and 3 of its are left" in out
    operator.broken.account.clock.pause(3601)
    status, out, _ = operator.types(*words)
    assert [line.split()[1] for line in out.splitlines()[:5]].count("FIXED") == 2
    assert status == 1


def test_it_is_asked_for_a_person_who_agrees(operator: Operator, surveyed: Surveyed, monkeypatch: pytest.MonkeyPatch) -> None:
    words = [*surveyed(), *ALL]
    status, _, err = operator.types(*words)
    assert (status, operator.payloads) == (2, [])
    assert "For programs there is --yes" in err
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    for said, expected in (("no\n", 2), ("yes\n", 0)):
        monkeypatch.setattr(sys.stdin, "readline", lambda said=said: said)
        assert operator.types(*words)[0] == expected
    assert len(operator.payloads) == 1


@pytest.mark.parametrize(
    ("change", "words", "expected"),
    [
        (lambda said: said.update(account="222233334444"), ALL, "is of account 222233334444"),
        (lambda said: [one.update(region="eu-west-1") for one in said["findings"]], ALL, "1 in eu-west-1 are left out"),
        (lambda said: [one.update(only_people="look", calls=[]) for one in said["findings"]], ALL, "only people can put them right"),
        (lambda said: said["findings"].append("\x1b[2J"), ALL, "is not the survey.json of a survey"),
        (lambda said: said.pop("parameters"), ALL, "or another version has written it: survey again"),
        (lambda said: said["findings"][0].update(arn=[5]), ("--resource", "sg-*"), "is not the survey.json of a survey"),
        (lambda said: said["findings"][0].update(owner=[5]), ("--owner", "-"), "is not the survey.json of a survey"),
        (lambda said: said["findings"][0].update(remediation="x\x1b[2J"), ("--all",), r"1 of x\x1b[2J are left out: the stack has no such function"),
        (lambda _: None, (), "name what: --remediation"),
        (lambda _: None, ("--remediation", "revoke-open-ingres"), "do you mean revoke-open-ingress?"),
        (lambda _: None, ("--severity", "low"), "nothing of the severity low"),
        (lambda _: None, ("--resource", "sg-0"), "found nothing of that"),
    ],
)
def test_what_cannot_be_applied_is_said_and_no_function_is_asked(
    operator: Operator, surveyed: Surveyed, change: Change, words: tuple[str, ...], expected: str
) -> None:
    status, out, err = operator.types(*surveyed(change), *words, "--yes")
    assert (status, out, operator.payloads) == (2, "", [])
    assert expected in err


def test_parameters_that_the_stack_has_otherwise_are_said(operator: Operator, surveyed: Surveyed, monkeypatch: pytest.MonkeyPatch) -> None:
    words = surveyed(lambda said: said["parameters"].update({"revoke-open-ingress": {"AdminPorts": "22,3389"}}))
    monkeypatch.setattr("local.cli.commands.Snapback.parameters", {"AdminPorts": "22", "Mode": "preview"})
    status, _, err = operator.types(*words, *ALL, "--yes")
    assert status == 0
    assert "AdminPorts is 22 in the stack, and was 22,3389 in the survey" in err


def test_a_survey_says_by_which_parameters_each_has_looked(surveyed: Surveyed) -> None:
    said: dict[str, Any] = {}
    surveyed(said.update)
    assert said["parameters"]["revoke-open-ingress"]["AdminPorts"]
    assert said["findings"][0]["region"] == REGION


def test_the_page_has_the_command_for_each_finding_and_for_all_of_them(operator: Operator, surveyed: Surveyed, tmp_path: Path) -> None:
    words = surveyed()
    typed = [shlex.split(unescape(one)) for one in re.findall(r'class="command"[^>]*>([^<]*)<', (tmp_path / "survey.html").read_text())]
    assert [one[:6] for one in typed] == [["snapback", *words, "--region", REGION]] * 2
    assert [one[6:] for one in typed] == [["--all"], ["--remediation", ALL[1], f"--resource={operator.broken.resource}"]]
    assert operator.types(*typed[1][1:], "--yes")[0] == 0
    assert not operator.broken.is_wrong
