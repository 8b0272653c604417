"""Several remediations in one function: one event, one look, one change; and each is told, chosen, exempt and taken back by itself."""

import itertools
import json
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from functions.dynamodb import set_table
from functions.elbv2 import enable_lb_logs
from functions.rds import enable_db_backups, set_database
from local.remediations import ROOT, SEVERAL, logical_id
from snapback.engine import clients
from snapback.engine.clients import aws
from snapback.engine.errors import CommandError, SnapbackError
from snapback.engine.wording import buttons_of
from tests.harness.account import FAULTS, Account, ApiCall, error, fault_at
from tests.harness.discovery import HANDLERS, Handler
from tests.harness.rds import databases
from tests.harness.rds.databases import PREFIX, instance, make_instance
from tests.harness.rules import rules
from tests.harness.scheduler import schedules

databases.as_on_aws()

FUNCTION = set_database.together
ARN = f"{PREFIX}:db:orders"
ALL = {"DBInstanceIdentifier": "orders", "BackupRetentionPeriod": 7, "ApplyImmediately": True, "DeletionProtection": True, "PubliclyAccessible": False}


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIN_BACKUP_DAYS", "7")
    monkeypatch.setenv("MAX_FIXES_PER_RESOURCE", "9")


@pytest.fixture
def wrong(account: Account) -> dict[str, Any]:
    make_instance("another", BackupRetentionPeriod=0, PubliclyAccessible=True, DeletionProtection=False)
    make_instance("orders", BackupRetentionPeriod=0, PubliclyAccessible=True, DeletionProtection=False)
    account.forget()
    return settings_of(ARN)


def settings_of(arn: str) -> dict[str, Any]:
    live: dict[str, Any] = instance(arn)
    live.pop("DBInstanceStatus")  # passes from modifying to available by itself
    return live


def sample(name: str = "restrict_db_instance", stem: str = "restrict_db_instance") -> dict[str, Any]:
    return Handler("rds", stem).samples[name]


def give(account: Account, **command: object) -> Mapping[str, Any]:
    return account.invoke(FUNCTION, command)


def told(account: Account) -> dict[str, dict[str, Any]]:
    return {alert["remediation"]: alert for alert in account.alerts()}


def test_one_event_is_one_look_and_one_change_and_each_remediation_tells_its_own_fix(account: Account, wrong: dict[str, Any]) -> None:
    assert account.deliver(FUNCTION, sample()) == ["FIXED", "FIXED", "FIXED"]
    [write] = account.writes
    assert write.parameters == ALL
    before = account.calls[: account.calls.index(write)]
    assert [call.operation for call in before if not call.own] == ["DescribeDBInstances"]
    alerts = told(account)
    assert alerts.keys() == {"enable-db-backups", "enable-db-protection", "restrict-db-instance"}
    assert alerts["enable-db-backups"]["before"] == [{"BackupRetentionPeriod": 0}]
    assert [alert["calls"] for alert in alerts.values()] == [[{"service": "rds", "operation": "ModifyDBInstance", "parameters": ALL}]] * 3
    assert settings_of(f"{PREFIX}:db:another")["PubliclyAccessible"] is True
    assert wrong["PubliclyAccessible"] is True


def test_each_is_taken_back_by_itself_and_the_others_stay(account: Account, wrong: dict[str, Any]) -> None:
    account.deliver(FUNCTION, sample())
    account.forget()
    commands = [given_in(alert["commands"]["undo"]) for alert in account.alerts()]
    give(account, **commands[1])
    now = settings_of(ARN)
    assert (now["DeletionProtection"], now["PubliclyAccessible"], now["BackupRetentionPeriod"]) == (False, False, 7)
    for command in (commands[0], commands[2]):
        give(account, undo=command["undo"])  # an id is one remediation's: it need not be named
    assert settings_of(ARN) == wrong


def given_in(command: str) -> dict[str, Any]:
    """Return the payload of a command of an alert."""
    words = shlex.split(command)
    payload: dict[str, Any] = json.loads(words[words.index("--payload") + 1])
    return payload


def test_what_is_right_already_is_not_changed_along_with_the_rest(account: Account) -> None:
    make_instance("orders", BackupRetentionPeriod=14, PubliclyAccessible=True, DeletionProtection=False)
    account.forget()
    assert sorted(account.deliver(FUNCTION, sample())) == ["ALREADY_OK", "FIXED", "FIXED"]
    assert [call.parameters for call in account.writes] == [{"DBInstanceIdentifier": "orders", "DeletionProtection": True, "PubliclyAccessible": False}]


def test_what_is_off_or_only_shown_is_not_changed_along_with_the_rest(account: Account, wrong: dict[str, Any]) -> None:
    give(account, mode="off", remediation="enable-db-backups")
    give(account, mode="preview", remediation="enable-db-protection")
    assert account.deliver(FUNCTION, sample()) == ["OFF", "WOULD_FIX", "FIXED"]
    assert [call.parameters for call in account.writes] == [{"DBInstanceIdentifier": "orders", "PubliclyAccessible": False}]
    shown = told(account)["enable-db-protection"]
    assert [call["parameters"] for call in shown["calls"]] == [{"DBInstanceIdentifier": "orders", "DeletionProtection": True}]
    account.forget()
    give(account, **given_in(shown["commands"]["apply"]) | {"by": "Jo"})
    assert [call.parameters for call in account.writes] == [{"DBInstanceIdentifier": "orders", "DeletionProtection": True}]
    assert wrong["BackupRetentionPeriod"] == settings_of(ARN)["BackupRetentionPeriod"]


@pytest.mark.usefixtures("wrong")
def test_one_that_the_deployment_has_switched_off_is_left_out_and_the_others_go_on(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCHED_OFF", ",enable-db-protection,")
    assert account.deliver(FUNCTION, sample()) == ["FIXED", "OFF", "FIXED"]
    assert [call.parameters for call in account.writes] == [{key: value for key, value in ALL.items() if key != "DeletionProtection"}]
    with pytest.raises(CommandError, match="enable-db-protection is off by the deployment"):
        give(account, mode="enforce", remediation="enable-db-protection")


def refusing(code: str, is_refused: Callable[[ApiCall], bool]) -> Callable[[ApiCall, int, Callable[[], Any]], Any]:
    def interfere(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        if call.is_write and is_refused(call):
            raise error(code, 400, call.operation)
        return really()

    return interfere


@pytest.mark.usefixtures("wrong")
def test_where_aws_refuses_the_one_call_each_makes_its_own_and_what_is_refused_is_told(account: Account) -> None:
    with account.interfered(refusing("InvalidParameterCombination", lambda call: "BackupRetentionPeriod" in call.parameters)):
        assert account.deliver(FUNCTION, sample()) == ["FAILED", "FIXED", "FIXED"]
    alerts = told(account)
    assert "InvalidParameterCombination" in alerts["enable-db-backups"]["reason"]
    assert alerts["enable-db-protection"]["calls"][0]["parameters"] == {"DBInstanceIdentifier": "orders", "DeletionProtection": True}


@pytest.mark.parametrize("kind", FAULTS)
def test_whatever_single_call_goes_wrong_each_outcome_is_true_and_none_is_lost(account: Account, kind: str, wrong: dict[str, Any]) -> None:
    begin_again = account.keep()
    for number in itertools.count():
        begin_again()
        with account.interfered(fault_at(number, kind)):
            account.deliver(FUNCTION, sample())
        if number >= len(account.calls):
            break
        call = account.calls[number]
        where = f"{kind} at {number}, {call.service}:{call.operation}"
        assert settings_of(f"{PREFIX}:db:another")["PubliclyAccessible"] is True, where
        for one in FUNCTION.remediations:
            of_it = [alert["outcome"] for alert in account.alerts() if alert["remediation"] == one.name]
            assert of_it or account.dead_letters, f"{where}: somebody hears of {one.name}"
            is_wrong = bool(one.violation(ARN))
            assert "FIXED" not in of_it or not is_wrong, f"{where}: FIXED of {one.name} is true"
            assert not is_wrong or {"FAILED", "PARTIAL", "UNVERIFIED"} & {*of_it} or account.dead_letters, f"{where}: a person hears that {one.name} is wrong"
        if not account.dead_letters and kind != "denied":
            assert settings_of(ARN)["BackupRetentionPeriod"] == 7, where
    assert number > len(["look", "claim", "claim", "claim", "fix"]), wrong


@pytest.mark.usefixtures("wrong")
def test_a_read_is_not_answered_from_memory_once_something_was_written(account: Account) -> None:
    with clients.asked_once():
        before = aws("rds").describe_db_instances()
        assert aws("rds").describe_db_instances() is before
        assert len(account.calls) == 1
        aws("rds").modify_db_instance(DBInstanceIdentifier="orders", DeletionProtection=True)
        assert aws("rds").describe_db_instances() is not before
    assert len(account.calls) == 3


def test_a_command_says_which_remediation_is_meant_and_is_refused_where_it_does_not(account: Account) -> None:
    make_instance("orders")
    for command in ({"mode": "off"}, {"preview": ARN}, {"release": ARN}, {"undo": "sb-0123456789abcdef"}):
        with pytest.raises(CommandError, match="enable-db-backups, enable-db-protection, restrict-db-instance"):
            give(account, **command)
    with pytest.raises(CommandError, match="has no remediation encrypt-bucket"):
        give(account, mode="off", remediation="encrypt-bucket")
    with pytest.raises(CommandError, match="this is the function of enable-lb-logs, not of another"):
        account.invoke(enable_lb_logs.remediation, {"mode": "off", "remediation": "another"})


def test_a_misspelled_command_is_refused_with_the_nearest(account: Account) -> None:
    with pytest.raises(SnapbackError, match="is 'undo' meant"):
        give(account, undoo="sb-0123456789abcdef")


@pytest.mark.usefixtures("wrong")
def test_the_commands_of_an_alert_and_the_buttons_in_chat_reach_the_remediation_that_told_it(account: Account) -> None:
    account.deliver(FUNCTION, sample())
    commands = told(account)["enable-db-protection"]["commands"]
    assert given_in(commands["exempt"])["remediation"] == "enable-db-protection"
    buttons = buttons_of(commands)
    give(account, exempt=buttons["exempt"], by="chat", **{"for": "1d"})
    give(account, undo=buttons["undo"], by="chat")
    account.forget()
    assert sorted(account.deliver(FUNCTION, {**sample(), "id": "another"})) == ["ALREADY_OK", "ALREADY_OK", "EXEMPT"]


@pytest.mark.usefixtures("wrong")
def test_a_finding_is_for_the_remediation_whose_control_has_found_it(account: Account) -> None:
    for name, stem in (("enable_db_protection-securityhub", "enable_db_protection"), ("enable_db_backups-securityhub-v2", "enable_db_backups")):
        answer = account.invoke(FUNCTION, sample(name, stem))
        assert [(one["remediation"], one["outcome"]) for one in answer["outcomes"]] == [(stem.replace("_", "-"), "FIXED")]


def test_of_an_event_with_findings_of_several_controls_each_remediation_answers_its_own_and_resolves_no_other(
    account: Account, wrong: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESOLVE_FINDINGS", "on")
    event, other = sample("restrict_db_instance-securityhub"), sample("enable_db_protection-securityhub", "enable_db_protection")
    event["detail"]["findings"] += other["detail"]["findings"]
    give(account, mode="preview", remediation="enable-db-protection")
    resolved: list[Any] = []

    def interfere(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        if call.operation != "BatchUpdateFindings":
            return really()
        resolved.extend(call.parameters["FindingIdentifiers"])
        return {"ProcessedFindings": [], "UnprocessedFindings": []}

    with account.interfered(interfere):
        assert account.deliver(FUNCTION, event) == ["WOULD_FIX", "FIXED"]
    assert [one["Id"] for one in resolved] == [sample("restrict_db_instance-securityhub")["detail"]["findings"][0]["Id"]]
    assert settings_of(ARN)["DeletionProtection"] == wrong["DeletionProtection"]


@pytest.mark.usefixtures("wrong")
def test_a_defect_of_one_stops_no_other(account: Account) -> None:
    def broken(*_: object) -> None:
        raise KeyError("a defect")

    object.__setattr__(enable_db_backups.remediation, "fix", broken)
    try:
        assert account.deliver(FUNCTION, sample()) == []
    finally:
        object.__setattr__(enable_db_backups.remediation, "fix", enable_db_backups.fix)
    assert sorted(account.outcomes()) == ["FIXED", "FIXED"]
    assert "1 of 3" in account.dead_letters[0][1]


def test_a_young_change_is_looked_for_in_aws_and_not_in_memory(account: Account) -> None:
    table = set_table.together
    boto3.client("dynamodb").create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        DeletionProtectionEnabled=False,
    )
    event = Handler("dynamodb", "enable_table_protection").samples["enable_table_protection"]
    reads = itertools.count()

    def late(call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401
        answer = really()
        if call.operation == "DescribeTable" and next(reads) < 2:
            return {**answer, "Table": {**answer["Table"], "DeletionProtectionEnabled": True}}
        return answer

    account.forget()
    text = json.dumps(event).replace(Handler("dynamodb", "enable_table_protection").scenario.sample, "orders")
    with account.interfered(late):
        assert "FIXED" in account.deliver(table, json.loads(text))


@pytest.mark.parametrize("handler", [handler for handler in HANDLERS if len(handler.together) > 1], ids=str)
def test_each_hears_its_own_samples_and_its_controls_are_those_of_its_findings(handler: Handler) -> None:
    assert [name for name, event in handler.samples.items() if not handler.hears(event)] == []


@pytest.mark.parametrize("file", SEVERAL, ids=lambda file: file.stem)
def test_a_function_of_several_has_a_sample_of_its_name_that_wakes_it_and_that_each_of_them_hears(file: Path) -> None:
    event = json.loads((ROOT / "events" / file.parent.name / f"{file.stem}.json").read_text())
    assert [rule.function for rule in rules() if rule.matches(event)].count(logical_id(file.stem)) == 1
    for stem in SEVERAL[file]:
        handler = Handler(file.parent.name, stem)
        assert handler.hears(event), stem
        assert handler.scenario.sample in json.dumps(event), stem


def test_an_event_that_none_of_them_knows_is_a_dead_letter_with_the_reason(account: Account) -> None:
    event = sample()
    event["detail"]["eventName"] = "RebootDBInstance"
    assert account.deliver(FUNCTION, event) == []
    assert "does not know the event RebootDBInstance" in account.dead_letters[0][1]


@pytest.mark.usefixtures("wrong")
def test_a_later_look_is_for_the_remediation_that_has_put_it_off(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    schedules.switch_on(monkeypatch)
    event = sample("restrict_db_instance-create")
    outcomes = account.deliver(FUNCTION, event)
    assert sorted(outcomes) == ["DEFERRED", "DEFERRED", "FIXED"], "what anybody can reach does not wait"
    looks = [json.loads(one.target["Input"]) for one in schedules.schedules()]
    assert sorted(look["remediation"] for look in looks) == ["enable-db-backups", "enable-db-protection"]
    account.clock.pause(600)
    for look in looks:
        answer = account.invoke(FUNCTION, look)
        assert [(one["remediation"], one["outcome"]) for one in answer["outcomes"]] == [(look["remediation"], "FIXED")]


def test_every_function_of_several_has_more_than_one_and_they_have_one_resource_type() -> None:
    for file, stems in SEVERAL.items():
        assert len({Handler(file.parent.name, stem).remediation.resource for stem in stems}) == 1, file
        assert len(stems) > 1, file
