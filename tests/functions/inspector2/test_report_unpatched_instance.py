"""report_unpatched_instance: one alert for each weakness, with what a person has to do, and no command sent."""

from typing import Any

import pytest

from functions.inspector2.report_unpatched_instance import remediation
from tests.harness.account import FAULTS, Account, ApiCall
from tests.harness.discovery import Handler
from tests.harness.inspector2 import patching

patching.answer()

INSTANCE = "i-0123456789abcdef0"
INSTALL = (
    f"aws ssm send-command --region us-east-1 --document-name AWS-RunPatchBaseline --instance-ids {INSTANCE} "
    "--parameters Operation=Install,RebootOption=NoReboot"
)
MISSING = {"MissingCount": 3, "FailedCount": 1}
RESTART = {"InstalledPendingRebootCount": 2, "MissingCount": 0, "FailedCount": 0}


def event(event_id: str = "one", **changes: object) -> dict[str, Any]:
    found = Handler("inspector2", "report_unpatched_instance").samples["report_unpatched_instance"]
    return {**found, "id": event_id, "detail": {**found["detail"], **changes}}


def all_told(account: Account) -> dict[str, Any]:
    assert account.deliver(remediation, event()) == ["REPORTED"]
    assert account.writes == []
    [fact] = account.alerts()[0]["before"]
    assert isinstance(fact, dict)
    return fact


@pytest.fixture(autouse=True)
def managed(request: pytest.FixtureRequest) -> None:
    if "account" in request.fixturenames:
        request.getfixturevalue("account")
        patching.manage("i-0ffffffffffffffff", running="of-another-instance")


def test_the_alert_says_what_is_weak_and_what_to_update(account: Account) -> None:
    fact = all_told(account)
    assert fact["Weakness"] == "CVE-2026-00001 - linux-image-aws"
    assert fact["Packages"] == ["linux-image-aws 6.8.0, fixed in 0:6.8.0-1026.30"]


@pytest.mark.parametrize(
    ("instance", "known", "to_do"),
    [
        ({"patches": MISSING}, {"SystemsManager": "Online", "Missing": 3, "Failed": 1, "WaitForRestart": 0}, INSTALL),
        ({"patches": None}, {"SystemsManager": "Online", "Patches": "never scanned"}, INSTALL),
        ({"patches": RESTART}, {"SystemsManager": "Online", "WaitForRestart": 2}, "wait for a restart of the instance. Then, if the finding stays open: aws"),
        ({"patches": MISSING, "running": "a-command"}, {"SystemsManager": "Online"}, "being installed by the command a-command"),
        ({"ping": "ConnectionLost", "patches": MISSING}, {"SystemsManager": "ConnectionLost"}, "does not answer. Then: " + INSTALL),
        (None, {"SystemsManager": "does not manage it"}, "let Systems Manager manage it"),
    ],
)
def test_the_alert_says_what_is_known_of_the_instance_and_what_a_person_has_to_do(
    instance: Any,  # noqa: ANN401 - what there is
    known: dict[str, Any],
    to_do: str,
    account: Account,
) -> None:
    if instance is not None:
        patching.manage(INSTANCE, **instance)
    fact = all_told(account)
    assert known.items() <= fact.items()
    assert to_do in fact["ToDo"]
    assert (INSTALL in fact["ToDo"]) is not (instance is None or "running" in instance), "never where it would run twice, or nowhere"


def all_calls(account: Account) -> None:
    """Look at an instance that is managed."""
    patching.manage(INSTANCE, patches=MISSING)
    account.deliver(remediation, event())


def test_a_finding_is_told_once_for_as_long_as_inspector_goes_on_about_it(account: Account) -> None:
    outcomes = []
    for number in range(3):
        outcomes += account.deliver(remediation, event(str(number), updatedAt=f"update {number}"))
        account.clock.pause(12 * 3600)
    assert outcomes == ["REPORTED", "ALREADY_OK", "ALREADY_OK"]
    another = f"{event()['detail']['findingArn'][:-1]}0"
    assert account.deliver(remediation, event("another", findingArn=another)) == ["REPORTED"]
    account.clock.pause(49 * 3600)
    assert account.deliver(remediation, event("much later", updatedAt="much later")) == ["REPORTED"]


def test_an_instance_of_which_systems_manager_may_not_speak_is_told_anyway(account: Account) -> None:
    def denied(call: ApiCall, _: int, really: Any) -> Any:  # noqa: ANN401 - any answer
        return FAULTS["denied"](call, really) if call.service == "ssm" else really()

    with account.interfered(denied):
        assert account.deliver(remediation, event()) == ["REPORTED"]
    [fact] = account.alerts()[0]["before"]
    assert fact["SystemsManager"] == "not known: DescribeInstanceInformation says AccessDeniedException"
    assert INSTALL in fact["ToDo"]


def test_an_instance_of_another_account_is_left_to_the_snapback_there(account: Account) -> None:
    assert account.deliver(remediation, event(awsAccountId="999999999999")) == ["ELSEWHERE"]
    assert account.outcomes() == []


def test_a_name_that_no_instance_can_have_does_not_get_into_the_command(account: Account) -> None:
    resources = [{**event()["detail"]["resources"][0], "id": "i-0123456789abcdef0; reboot"}]
    assert account.deliver(remediation, event(resources=resources)) == []
    assert "UnreadableEvent" in account.dead_letters[0][1]
